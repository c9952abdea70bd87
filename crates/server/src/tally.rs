//! Counts what runs at the same time, by whose it is.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts what each `K` has running. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Tally<K> {
    running: Arc<Mutex<HashMap<K, usize>>>,
    max: usize,
}

impl<K: Copy + Eq + Hash> Tally<K> {
    /// At most `max` of one.
    pub(crate) fn new(max: usize) -> Self {
        Self { running: Arc::default(), max }
    }

    /// Counts one more until the permit is dropped; none where as many run as may.
    pub(crate) fn enter(&self, whose: K) -> Option<Permit<K>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(whose).or_insert(0);
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Permit { running: Arc::clone(&self.running), whose, is_released: AtomicBool::new(false) })
    }
}

/// One that runs. Dropped when it is done, also when it is cut off or panics.
#[derive(Debug)]
pub(crate) struct Permit<K: Copy + Eq + Hash> {
    running: Arc<Mutex<HashMap<K, usize>>>,
    whose: K,
    is_released: AtomicBool,
}

impl<K: Copy + Eq + Hash> PartialEq for Permit<K> {
    /// Permits of one are alike.
    fn eq(&self, other: &Self) -> bool {
        self.whose == other.whose
    }
}

impl<K: Copy + Eq + Hash> Eq for Permit<K> {}

impl<K: Copy + Eq + Hash> Permit<K> {
    /// Counts it no more, although it is still there.
    pub(crate) fn release(&self) {
        if self.is_released.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = running.get_mut(&self.whose) {
            *count -= 1;
            // Who has nothing running is forgotten, or the map would grow with everybody who ever called.
            if *count == 0 {
                running.remove(&self.whose);
            }
        }
    }
}

impl<K: Copy + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_at_once() {
        let tally = Tally::new(2);
        let first = tally.enter(1).unwrap();
        let _second = tally.enter(1).unwrap();
        assert!(tally.enter(1).is_none());
        let _other = tally.enter(2).expect("another is not affected");
        drop(first);
        let _third = tally.enter(1).expect("one has ended");
    }

    #[test]
    fn one_that_is_released_is_not_counted_again_when_it_is_dropped() {
        let tally = Tally::new(2);
        let (first, _second) = (tally.enter(1).unwrap(), tally.enter(1).unwrap());
        first.release();
        let _third = tally.enter(1).expect("one has ended");
        drop(first);
        assert!(tally.enter(1).is_none());
    }

    #[test]
    fn who_has_nothing_running_is_forgotten() {
        let tally = Tally::new(1);
        drop(tally.enter(1).unwrap());
        assert!(tally.running.lock().unwrap().is_empty());
    }
}
