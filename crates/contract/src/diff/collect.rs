//! From facts to changes: judges each by the ways its value travels, and brings together what is
//! the same in many places.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::components::{Comparison, Compensated, Fact, Judged, Owner, Ways};
use super::place::Place;
use super::reach::{Ids, Operations, Reached, id, reached};
use super::rules::{self, Merge, Pair, Rule};
use super::{Change, Direction, OperationIds};

/// What makes two facts the same change.
type Key = (&'static str, Option<Direction>, String, Option<String>, Option<String>);

/// The changes, the gravest first.
pub(super) fn changes(mut comparison: Comparison<'_>) -> Vec<Change> {
    let facts = std::mem::take(&mut comparison.facts);
    let reached = reached(&comparison);
    let compensated = compensated(&comparison);
    let mut merged: IndexMap<Key, Gathered> = IndexMap::new();
    for fact in facts {
        if !is_made_up_for(&fact, &compensated) {
            add(&comparison, &reached, fact, &mut merged);
        }
    }
    let mut ids = Ids::default();
    let mut changes: Vec<Change> = merged
        .into_values()
        .map(|gathered| Change { operations: ids.of(&comparison, &gathered.operations), ..gathered.change })
        .collect();
    let order: HashMap<&str, usize> = rules::rules().enumerate().map(|(index, rule)| (rule.code, index)).collect();
    changes.sort_by_key(|change| (std::cmp::Reverse(change.rule.verdict), order.get(change.rule.code).copied()));
    changes
}

struct Gathered {
    change: Change,
    operations: Operations,
    /// The last set that was added, which most often comes again.
    last: Arc<Operations>,
    /// Subjects, pointers and operations of the places, of which each is named once.
    places: HashSet<(String, String, Option<String>)>,
}

/// For pairs of schemas, what every reference to them makes up for.
fn compensated(comparison: &Comparison<'_>) -> HashMap<usize, Compensated> {
    let mut all: HashMap<usize, Compensated> = HashMap::new();
    for edge in &comparison.edges {
        let known = all.entry(edge.pair).or_insert(edge.compensated);
        known.null &= edge.compensated.null;
        known.default &= edge.compensated.default;
    }
    all
}

/// Whether a change of a component is none wherever the component is used.
fn is_made_up_for(fact: &Fact, compensated: &HashMap<usize, Compensated>) -> bool {
    let (Owner::Schemas(pair), Judged::ByDirection(rule), true) = (fact.owner, fact.judged, fact.is_root) else {
        return false;
    };
    let is = |other: &'static Pair| std::ptr::eq(rule, other);
    compensated.get(&pair).is_some_and(|compensated| {
        (compensated.null && (is(&rules::BECAME_NULLABLE) || is(&rules::BECAME_NOT_NULLABLE)))
            || (compensated.default && is(&rules::DEFAULT_CHANGED))
    })
}

fn add(comparison: &Comparison<'_>, reached: &[Reached], fact: Fact, merged: &mut IndexMap<Key, Gathered>) {
    let (ways, operations, is_unused) = match fact.owner {
        Owner::Document => (fact.ways, Arc::default(), false),
        Owner::Operation(index) => (fact.ways, Arc::new(Operations::one(index)), false),
        Owner::Schemas(pair) => {
            let Reached { ways, operations } = &reached[pair];
            (ways.and(fact.ways), operations.clone(), *ways == Ways::NONE)
        }
    };
    let (rule, also, direction) = match fact.judged {
        Judged::Plainly(rule) => (rule, None, None),
        Judged::ByDirection(_) if is_unused => (&rules::UNUSED_SCHEMA_CHANGED, None, None),
        Judged::ByDirection(pair) => match judge(pair, ways) {
            Some(judged) => judged,
            // On its only way the value is not there: read-only in a request.
            None => return,
        },
    };
    let mut place = fact.place;
    if let Owner::Operation(index) = fact.owner {
        place.operation = Some(id(comparison, index));
    }
    let (base, revision) = if rule.is_summarised() { (None, None) } else { (fact.base, fact.revision) };
    let subject = if rule.merge == Merge::BySubject { place.subject.clone() } else { String::new() };
    let key_direction = if rule.is_summarised() { None } else { direction };
    let key = (rule.code, key_direction, subject, base.clone(), revision.clone());
    let gathered = merged.entry(key).or_insert_with(|| Gathered {
        change: Change {
            rule,
            also,
            direction,
            subject: place.subject.clone(),
            base,
            revision,
            places: Vec::new(),
            operations: OperationIds::default(),
        },
        operations: Operations::default(),
        last: Arc::default(),
        places: HashSet::new(),
    });
    if !Arc::ptr_eq(&gathered.last, &operations) {
        gathered.operations.extend(&operations);
        gathered.last = operations;
    }
    if gathered.places.insert((place.subject.clone(), place.pointer().to_owned(), place.operation.clone())) {
        gathered.change.places.push(place);
    }
}

/// The graver rule of those that apply, and the other one.
fn judge(pair: &'static Pair, ways: Ways) -> Option<(&'static Rule, Option<&'static Rule>, Option<Direction>)> {
    let (request, response) = (&pair.request, &pair.response);
    match (ways.has(Ways::REQUEST), ways.has(Ways::RESPONSE)) {
        (true, true) if request.verdict > response.verdict => Some((request, Some(response), Some(Direction::Both))),
        (true, true) => Some((response, Some(request), Some(Direction::Both))),
        (true, false) => Some((request, None, Some(Direction::Request))),
        (false, true) => Some((response, None, Some(Direction::Response))),
        (false, false) => None,
    }
}

impl Place {
    /// Where both sides are the same, one is enough.
    pub fn pointer(&self) -> &str {
        self.revision.as_ref().or(self.base.as_ref()).map_or("", |spot| &spot.pointer)
    }
}
