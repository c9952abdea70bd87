//! From facts to changes: judges each by the ways its value travels, and brings together what is
//! the same in many places.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::components::{Comparison, Fact, Judged, Owner, Ways};
use super::place::Place;
use super::rules::{self, Merge, Pair, Rule};
use super::{Change, Direction};

/// What makes two facts the same change.
type Key = (&'static str, Option<Direction>, String, Option<String>, Option<String>);

/// The changes, the gravest first.
pub(super) fn changes(mut comparison: Comparison<'_>) -> Vec<Change> {
    let facts = std::mem::take(&mut comparison.facts);
    let interesting: HashSet<usize> =
        facts.iter().filter_map(|fact| if let Owner::Schemas(pair) = fact.owner { Some(pair) } else { None }).collect();
    let reach = reach(&comparison, &interesting);
    let mut merged: IndexMap<Key, Gathered> = IndexMap::new();
    for fact in facts {
        add(&comparison, &reach, fact, &mut merged);
    }
    let mut changes: Vec<Change> = merged
        .into_values()
        .map(|gathered| {
            let ids = gathered.operations.iter().map(|index| id(&comparison, *index)).collect();
            Change { operations: ids, ..gathered.change }
        })
        .collect();
    let order: HashMap<&str, usize> = rules::rules().enumerate().map(|(index, rule)| (rule.code, index)).collect();
    changes.sort_by_key(|change| (std::cmp::Reverse(change.rule.verdict), order.get(change.rule.code).copied()));
    changes
}

struct Gathered {
    change: Change,
    operations: BTreeSet<usize>,
    /// Subjects, pointers and operations of the places, of which each is named once.
    places: HashSet<(String, String, Option<String>)>,
}

/// For a pair of schemas, the ways on which operations reach it, and which operations.
#[derive(Clone)]
struct Reached {
    ways: Ways,
    operations: BTreeSet<usize>,
}

/// Walks from every operation, on each way, along the references that were met.
fn reach(comparison: &Comparison<'_>, interesting: &HashSet<usize>) -> HashMap<usize, Reached> {
    let mut from_pairs: Vec<Vec<(usize, Ways)>> = vec![Vec::new(); comparison.pairs.len()];
    let mut from_operations: Vec<Vec<(usize, Ways)>> = vec![Vec::new(); comparison.operations.len()];
    let mut known = HashSet::new();
    for (owner, pair, ways) in &comparison.edges {
        for way in [Ways::REQUEST, Ways::RESPONSE].into_iter().filter(|way| ways.has(*way)) {
            if !known.insert((*owner, *pair, way == Ways::REQUEST)) {
                continue;
            }
            match owner {
                Owner::Document => {}
                Owner::Operation(index) => from_operations[*index].push((*pair, way)),
                Owner::Schemas(index) => from_pairs[*index].push((*pair, way)),
            }
        }
    }
    let mut reached: HashMap<usize, Reached> = HashMap::new();
    let mut seen = vec![usize::MAX; comparison.pairs.len()];
    for (operation, roots) in from_operations.iter().enumerate() {
        for (turn, way) in [Ways::REQUEST, Ways::RESPONSE].into_iter().enumerate() {
            let mark = operation * 2 + turn;
            let mut open: Vec<usize> = roots.iter().filter(|(_, ways)| *ways == way).map(|(pair, _)| *pair).collect();
            while let Some(pair) = open.pop() {
                if std::mem::replace(&mut seen[pair], mark) == mark {
                    continue;
                }
                if interesting.contains(&pair) {
                    let entry = reached
                        .entry(pair)
                        .or_insert_with(|| Reached { ways: Ways::NONE, operations: BTreeSet::new() });
                    entry.ways = entry.ways.or(way);
                    entry.operations.insert(operation);
                }
                open.extend(from_pairs[pair].iter().filter(|(_, ways)| *ways == way).map(|(next, _)| *next));
            }
        }
    }
    reached
}

fn add(comparison: &Comparison<'_>, reach: &HashMap<usize, Reached>, fact: Fact, merged: &mut IndexMap<Key, Gathered>) {
    let nowhere = Reached { ways: Ways::NONE, operations: BTreeSet::new() };
    let (ways, operations) = match fact.owner {
        Owner::Document => (fact.ways, BTreeSet::new()),
        Owner::Operation(index) => (fact.ways, BTreeSet::from([index])),
        Owner::Schemas(pair) => {
            let reached = reach.get(&pair).unwrap_or(&nowhere);
            (reached.ways.and(fact.ways), reached.operations.clone())
        }
    };
    let is_unused = matches!(fact.owner, Owner::Schemas(pair) if !reach.contains_key(&pair));
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
            operations: Vec::new(),
        },
        operations: BTreeSet::new(),
        places: HashSet::new(),
    });
    gathered.operations.extend(operations);
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

fn id(comparison: &Comparison<'_>, index: usize) -> String {
    let (base, revision) = comparison.operations[index];
    revision.or(base).map(|operation| operation.operation_id.clone()).unwrap_or_default()
}

impl Place {
    /// Where both sides are the same, one is enough.
    pub fn pointer(&self) -> &str {
        self.revision.as_ref().or(self.base.as_ref()).map_or("", |spot| &spot.pointer)
    }
}
