//! What may have held a session while a pickup passed over it.
//!
//! - A call about the session, of its customer for instance: it holds the session while it runs.
//! - A pickup that took the session and had to give it back. The service lets a transaction go to its end, also when its
//!   caller is gone: a connection that was cut takes nothing back. Only a [`Fault`](crate::history::Fault) does. An
//!   attempt holds one session at most, so it explains one at most.

use super::facts::{Facts, Operation};
use crate::history::{Call, Client, Event, Hit};

/// Microseconds that the server may work on a call whose client was told nothing.
const RUNS_ON: u64 = 2_000_000;

/// Microseconds until the database notices that a server is gone.
const NOTICED_AFTER: u64 = 2_000_000;

/// Attempts at pickups that faults may have taken back.
pub(super) struct Undone {
    attempts: Vec<Attempt>,
}

struct Attempt {
    user: i32,
    /// When it can have held a session.
    from: u64,
    until: u64,
}

impl Undone {
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        let attempt = |event: &Event| match (&event.call, event.client) {
            (Call::PickUp, Client::Agent(user)) => {
                Some(Attempt { user, from: event.start, until: taken_back(facts, event)? })
            }
            _ => None,
        };
        Self { attempts: facts.history.events.iter().filter_map(attempt).collect() }
    }

    /// The attempts, by number, that may have held a session of this topic at some time of the pickup.
    pub(super) fn holding(&self, facts: &Facts<'_>, topic: i32, pickup: &Operation<'_>) -> Vec<usize> {
        let (Some(from), Some(to)) = (pickup.earliest(), pickup.latest()) else { return Vec::new() };
        let may_hold = |held: &Attempt| held.from <= to && from <= held.until && facts.responds(held.user, topic);
        (0..self.attempts.len()).filter(|number| may_hold(&self.attempts[*number])).collect()
    }
}

/// When the last of the faults that can have taken an attempt back was noticed.
fn taken_back(facts: &Facts<'_>, event: &Event) -> Option<u64> {
    let until = may_run_until(event);
    let faults = facts.history.faults.iter().filter(|fault| {
        let hits = match fault.hit {
            // What was answered was committed before.
            Hit::Server(server) => server == event.server && event.outcome.is_unknown(),
            // Whatever is answered, the server may have had to try again.
            Hit::Database => true,
        };
        hits && event.start <= fault.end && fault.start <= until
    });
    faults.map(|fault| fault.end.saturating_add(NOTICED_AFTER)).max()
}

/// Whether a call about the session may have held it at some time of the pickup.
pub(super) fn by_own_call(facts: &Facts<'_>, session: i32, pickup: &Operation<'_>) -> bool {
    let (Some(from), Some(to)) = (pickup.earliest(), pickup.latest()) else { return false };
    let mut calls = facts.on_session(session).flat_map(|operation| &operation.attempts);
    calls.any(|event| event.start <= to && from <= may_run_until(event))
}

fn may_run_until(event: &Event) -> u64 {
    event.end.saturating_add(if event.outcome.is_unknown() { RUNS_ON } else { 0 })
}

/// Gives everybody one of the things that they can use, each to one of them. Who gets none, where as many as possible get
/// one.
pub(super) fn unserved(wishes: &[Vec<usize>]) -> Vec<usize> {
    let things = wishes.iter().flatten().max().map_or(0, |last| last + 1);
    let mut owners = vec![None; things];
    (0..wishes.len()).filter(|who| !serve(*who, wishes, &mut owners, &mut vec![false; things])).collect()
}

/// An augmenting path: whoever has what is wished for may get another one instead.
fn serve(who: usize, wishes: &[Vec<usize>], owners: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    for &thing in &wishes[who] {
        if std::mem::replace(&mut asked[thing], true) {
            continue;
        }
        if owners[thing].is_none_or(|owner| serve(owner, wishes, owners, asked)) {
            owners[thing] = Some(who);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_possible_are_served() {
        for (wishes, expected) in [
            (vec![], vec![]),
            (vec![vec![]], vec![0]),
            (vec![vec![0], vec![0]], vec![1]),
            // The first makes room.
            (vec![vec![0, 1], vec![0]], vec![]),
            (vec![vec![0, 1], vec![1, 2], vec![0]], vec![]),
            (vec![vec![0, 1], vec![1, 2], vec![0], vec![1]], vec![3]),
            (vec![vec![0, 1], vec![0, 1], vec![1, 0]], vec![2]),
        ] {
            assert_eq!(unserved(&wishes), expected, "{wishes:?}");
        }
    }
}
