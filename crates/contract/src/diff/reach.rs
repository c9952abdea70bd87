//! Which operations use a pair of schemas, and on which ways.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::OperationIds;
use super::components::{Comparison, Owner, Ways};

/// A set of operations, a bit each.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Operations(Vec<u64>);

impl Operations {
    pub(super) fn one(index: usize) -> Self {
        let mut set = Self::default();
        set.insert(index);
        set
    }

    fn insert(&mut self, index: usize) {
        if self.0.len() <= index / 64 {
            self.0.resize(index / 64 + 1, 0);
        }
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// Whether there were any new ones.
    pub(super) fn extend(&mut self, other: &Self) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grown = false;
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            grown |= *more & !*own != 0;
            *own |= more;
        }
        grown
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        })
    }
}

/// For a pair of schemas, the ways on which operations reach it, and which operations.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) ways: Ways,
    pub(super) operations: Arc<Operations>,
}

impl Reached {
    pub(super) fn nothing() -> Self {
        Self { ways: Ways::NONE, operations: Arc::default() }
    }
}

/// For each pair, what reaches it along the references that were met; nothing where nobody uses it.
pub(super) fn reached(comparison: &Comparison<'_>) -> Vec<Reached> {
    let mut reached = vec![Reached::nothing(); comparison.pairs.len()];
    let mut sets: HashMap<Operations, Arc<Operations>> = HashMap::new();
    let mut all: Vec<Operations> = vec![Operations::default(); comparison.pairs.len()];
    for way in [Ways::REQUEST, Ways::RESPONSE] {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); comparison.pairs.len()];
        let mut own: Vec<Option<Operations>> = vec![None; comparison.pairs.len()];
        let mut known = HashSet::new();
        for edge in comparison.edges.iter().filter(|edge| edge.ways.has(way)) {
            if !known.insert((edge.owner, edge.pair)) {
                continue;
            }
            match edge.owner {
                // Webhooks and the like: used, by no operation.
                Owner::Document => _ = own[edge.pair].get_or_insert_default(),
                Owner::Operation(index) => own[edge.pair].get_or_insert_default().insert(index),
                Owner::Schemas(index) => next[index].push(edge.pair),
            }
        }
        let mut open: VecDeque<usize> = (0..own.len()).filter(|pair| own[*pair].is_some()).collect();
        let mut is_open: Vec<bool> = own.iter().map(Option::is_some).collect();
        while let Some(pair) = open.pop_front() {
            is_open[pair] = false;
            let Some(set) = own[pair].clone() else { continue };
            for target in &next[pair] {
                let is_new = own[*target].is_none();
                if (own[*target].get_or_insert_default().extend(&set) || is_new) && !is_open[*target] {
                    is_open[*target] = true;
                    open.push_back(*target);
                }
            }
        }
        for (pair, set) in own.into_iter().enumerate() {
            if let Some(set) = set {
                reached[pair].ways = reached[pair].ways.or(way);
                all[pair].extend(&set);
            }
        }
    }
    for (pair, set) in all.into_iter().enumerate() {
        reached[pair].operations = sets.entry(set).or_insert_with_key(|set| Arc::new(set.clone())).clone();
    }
    reached
}

/// The ids of sets of operations, of which each is written once.
#[derive(Default)]
pub(super) struct Ids(HashMap<Operations, OperationIds>);

impl Ids {
    pub(super) fn of(&mut self, comparison: &Comparison<'_>, set: &Operations) -> OperationIds {
        if let Some(known) = self.0.get(set) {
            return known.clone();
        }
        let ids: OperationIds = set.iter().map(|index| id(comparison, index)).collect();
        self.0.insert(set.clone(), ids.clone());
        ids
    }
}

/// The id of an operation, in the revision if it is there.
pub(super) fn id(comparison: &Comparison<'_>, index: usize) -> String {
    let (base, revision) = comparison.operations[index];
    revision.or(base).map(|operation| operation.operation_id.clone()).unwrap_or_default()
}
