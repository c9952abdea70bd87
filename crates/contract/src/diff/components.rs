//! The comparison's state, and schemas that meet by where they are used.
//!
//! A place that refers to `A` in the base and to `B` in the revision pairs the two: they are
//! compared once, and what they refer to is paired in turn, to a fixed point. Which way a pair
//! travels, and for which operations, follows from where it was met.

use std::collections::{HashMap, HashSet, VecDeque};

use indexmap::IndexSet;

use super::Nullability;
use super::families::{self, Families};
use super::place::{At, Place, Side, Step};
use super::rules::{self, Pair, Rule};
use super::schema::{self, similar};
use super::security_schemes::Schemes;
use crate::model::{Contract, Operation, Schema};

/// A place that is a reference on one side only is looked into where it is used. Documents in which
/// that happens more often than this are built to nest without end.
const MOST_LOOKS: usize = 200_000;

/// The ways in which a value travels, as a set.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Ways(u8);

impl Ways {
    pub(super) const NONE: Self = Self(0);
    pub(super) const REQUEST: Self = Self(1);
    pub(super) const RESPONSE: Self = Self(2);
    pub(super) const BOTH: Self = Self(3);

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What a change of a component's root is made up for where it is referred to: it said before what
/// the component says now, or the other way round.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Compensated {
    /// Whether null is a value.
    pub(super) null: bool,
    /// The default.
    pub(super) default: bool,
}

/// Someone refers to a pair of schemas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) owner: Owner,
    pub(super) pair: usize,
    pub(super) ways: Ways,
    pub(super) compensated: Compensated,
}

/// What is being compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Owner {
    /// Neither of the following.
    Document,
    /// An operation, by its index in the list of pairs of operations.
    Operation(usize),
    /// A pair of schemas, by its index.
    Schemas(usize),
}

/// How a fact is judged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Judged {
    /// The same whichever way.
    Plainly(&'static Rule),
    /// By the ways in which the value travels.
    ByDirection(&'static Pair),
}

/// Something that differs, not yet judged.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) judged: Judged,
    pub(super) owner: Owner,
    /// Whether it is about a component as a whole.
    pub(super) is_root: bool,
    /// The ways that are left within the owner's.
    pub(super) ways: Ways,
    pub(super) base: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) place: Place,
}

/// Which sides have the place of a fact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sides {
    Base,
    Revision,
    Both,
}

/// Two contracts, and what is known of their differences so far.
pub(super) struct Comparison<'c> {
    pub(super) base: &'c Contract,
    pub(super) revision: &'c Contract,
    pub(super) facts: Vec<Fact>,
    /// Operations of both sides that are the same; either is `None` where one is gone or new.
    pub(super) operations: Vec<(Option<&'c Operation>, Option<&'c Operation>)>,
    /// Component schemas that met, by index.
    pub(super) pairs: IndexSet<(usize, usize)>,
    /// Who refers to which pair, on which ways.
    pub(super) edges: Vec<Edge>,
    /// Pairs that are still to be compared.
    queue: VecDeque<usize>,
    pub(super) owner: Owner,
    pub(super) ways: Ways,
    /// Components that are being looked into where they are used, so that nothing goes in circles.
    pub(super) looked_into: Vec<(bool, usize)>,
    /// How often something may still be looked into where it is used.
    pub(super) looks: usize,
    /// Combinations within others that were looked into, by who has them and on which ways: once
    /// says it all.
    pub(super) combinations: HashSet<(Owner, Ways, u64, u64)>,
    /// How many combinations the present one is within.
    pub(super) combining: usize,
    similar: HashMap<(usize, usize), bool>,
    pub(super) nullability: Nullability,
    /// Ways to sign in, on both sides.
    pub(super) security_schemes: Schemes,
    /// Which components are chosen by a discriminator, of both sides.
    pub(super) families: [Families; 2],
    /// Which components have met another.
    base_met: Vec<bool>,
    revision_met: Vec<bool>,
}

impl<'c> Comparison<'c> {
    pub(super) fn new(base: &'c Contract, revision: &'c Contract, nullability: Nullability) -> Self {
        Self {
            base,
            revision,
            facts: Vec::new(),
            operations: Vec::new(),
            pairs: IndexSet::new(),
            edges: Vec::new(),
            queue: VecDeque::new(),
            owner: Owner::Document,
            ways: Ways::NONE,
            looked_into: Vec::new(),
            looks: MOST_LOOKS,
            combinations: HashSet::new(),
            combining: 0,
            families: [Families::of(base), Families::of(revision)],
            similar: HashMap::new(),
            nullability,
            security_schemes: Schemes::default(),
            base_met: vec![false; base.schemas.len()],
            revision_met: vec![false; revision.schemas.len()],
        }
    }

    /// Notes a fact about a value.
    pub(super) fn value(&mut self, pair: &'static Pair, at: &At<'_>, base: Option<String>, revision: Option<String>) {
        self.note(Judged::ByDirection(pair), at, Sides::Both, (base, revision));
    }

    /// Notes a fact about anything else.
    pub(super) fn plain(
        &mut self,
        rule: &'static Rule,
        at: &At<'_>,
        sides: Sides,
        values: (Option<String>, Option<String>),
    ) {
        self.note(Judged::Plainly(rule), at, sides, values);
    }

    pub(super) fn note(
        &mut self,
        judged: Judged,
        at: &At<'_>,
        sides: Sides,
        (base, revision): (Option<String>, Option<String>),
    ) {
        let spot = |side: Side, but: Sides| (sides != but).then(|| at.spot(side));
        let place = Place {
            subject: at.subject(),
            base: spot(Side::Base, Sides::Revision),
            revision: spot(Side::Revision, Sides::Base),
            operation: None,
        };
        let is_root = matches!(self.owner, Owner::Schemas(_)) && at.is_component();
        self.facts.push(Fact { judged, owner: self.owner, is_root, ways: self.ways, base, revision, place });
    }

    /// Both sides refer to a component here.
    pub(super) fn meet(&mut self, base: usize, revision: usize, compensated: Compensated) {
        let pair = self.pair(base, revision);
        self.edges.push(Edge { owner: self.owner, pair, ways: self.ways, compensated });
    }

    /// A component was compared as a part of what it is used in: it is not unused.
    pub(super) fn looked_through(&mut self, name: &str) {
        let indexes = (self.base.schemas.get_index_of(name), self.revision.schemas.get_index_of(name));
        if let (Some(base), Some(revision)) = indexes {
            self.base_met[base] = true;
            self.revision_met[revision] = true;
        }
    }

    /// Whether two components have enough in common to be versions of one.
    pub(super) fn similar(&mut self, base: usize, revision: usize) -> bool {
        let (a, b) = (self.base.schemas.get_index(base), self.revision.schemas.get_index(revision));
        let (Some((a_name, a)), Some((b_name, b))) = (a, b) else { return false };
        if a_name == b_name {
            return true;
        }
        if let Some(known) = self.similar.get(&(base, revision)) {
            return *known;
        }
        let answer = similar::similar((self.base, a), (self.revision, b));
        self.similar.insert((base, revision), answer);
        answer
    }

    /// Compares what met until nothing new meets.
    fn drain(&mut self) {
        while let Some(pair) = self.queue.pop_front() {
            let (base, revision) = self.pairs[pair];
            let (base, revision) = (self.base.schemas.get_index(base), self.revision.schemas.get_index(revision));
            let (Some((base_name, base)), Some((revision_name, revision))) = (base, revision) else { continue };
            self.owner = Owner::Schemas(pair);
            self.ways = Ways::BOTH;
            let root = At::document();
            let at = root.then(Step::Schema(base_name, revision_name));
            schema::compare(self, base, revision, &at);
            families::compare(self, self.pairs[pair], &at);
        }
        self.owner = Owner::Document;
        self.ways = Ways::NONE;
    }

    /// The index of a pair, which is compared in its turn.
    fn pair(&mut self, base: usize, revision: usize) -> usize {
        let (pair, is_new) = self.pairs.insert_full((base, revision));
        if is_new {
            self.queue.push_back(pair);
            self.base_met[base] = true;
            self.revision_met[revision] = true;
        }
        pair
    }
}

/// Compares all schemas: those that met, those of one name, and those that look the same.
pub(super) fn finish(comparison: &mut Comparison<'_>) {
    comparison.drain();
    let (base, revision) = (comparison.base, comparison.revision);
    for (index, name) in base.schemas.keys().enumerate() {
        if let Some(other) = revision.schemas.get_index_of(name)
            && !comparison.base_met[index]
            && !comparison.revision_met[other]
        {
            comparison.pair(index, other);
            comparison.drain();
        }
    }
    // A schema that nobody uses and whose name is new, but not what it holds.
    loop {
        let mut shapes: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        let lonely = |contract: &Contract, met: &[bool], other: &Contract| -> Vec<(usize, String)> {
            let all = contract.schemas.iter().enumerate();
            all.filter(|(index, (name, _))| !met[*index] && !other.schemas.contains_key(*name))
                .map(|(index, (_, schema))| (index, similar::shape(schema)))
                .collect()
        };
        for (index, shape) in lonely(base, &comparison.base_met, revision) {
            shapes.entry(shape).or_default().0.push(index);
        }
        for (index, shape) in lonely(revision, &comparison.revision_met, base) {
            shapes.entry(shape).or_default().1.push(index);
        }
        let mut found: Vec<(usize, usize)> = shapes
            .into_iter()
            .filter(|(shape, _)| !shape.is_empty())
            .filter_map(|(_, (bases, revisions))| match (&bases[..], &revisions[..]) {
                ([base], [revision]) => Some((*base, *revision)),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        if found.is_empty() {
            break;
        }
        for (base, revision) in found {
            comparison.pair(base, revision);
        }
        comparison.drain();
    }
    names(comparison);
}

/// Says which schemas are new, gone, or called otherwise.
fn names(comparison: &mut Comparison<'_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let name = |schemas: &indexmap::IndexMap<String, Schema>, index: usize| {
        schemas.get_index(index).map(|(name, _)| name.clone()).unwrap_or_default()
    };
    let pairs: Vec<(usize, usize)> = comparison.pairs.iter().copied().collect();
    for (pair, (a, b)) in pairs.into_iter().enumerate() {
        let (a, b) = (name(&base.schemas, a), name(&revision.schemas, b));
        if a == b {
            continue;
        }
        let is_rename = !revision.schemas.contains_key(&a) && !base.schemas.contains_key(&b);
        let rule = if is_rename { &rules::SCHEMA_RENAMED } else { &rules::SCHEMA_SPLIT };
        let root = At::document();
        let at = root.then(Step::Schema(&a, &b));
        comparison.owner = Owner::Schemas(pair);
        let (from, to) = prefixes(&a, &b);
        comparison.plain(rule, &at, Sides::Both, (Some(from), Some(to)));
    }
    comparison.owner = Owner::Document;
    let gone = base.schemas.keys().enumerate();
    let gone: Vec<&String> = gone
        .filter(|(index, name)| !comparison.base_met[*index] && !revision.schemas.contains_key(*name))
        .map(|(_, name)| name)
        .collect();
    for name in gone {
        let root = At::document();
        comparison.plain(&rules::SCHEMA_REMOVED, &root.then(Step::Schema(name, name)), Sides::Base, (None, None));
    }
    let new = revision.schemas.keys().enumerate();
    let new: Vec<&String> = new
        .filter(|(index, name)| !comparison.revision_met[*index] && !base.schemas.contains_key(*name))
        .map(|(_, name)| name)
        .collect();
    for name in new {
        let root = At::document();
        comparison.plain(&rules::SCHEMA_ADDED, &root.then(Step::Schema(name, name)), Sides::Revision, (None, None));
    }
}

/// Two names, or where they differ in what stands before the last dot only, what that is: a whole
/// document often moves to another namespace, which is one change.
fn prefixes(a: &str, b: &str) -> (String, String) {
    let split = |name: &str| {
        name.rfind('.')
            .map_or((String::new(), name.to_owned()), |dot| (name[..=dot].to_owned(), name[dot + 1..].to_owned()))
    };
    let ((a_prefix, a_rest), (b_prefix, b_rest)) = (split(a), split(b));
    if a_rest == b_rest { (format!("{a_prefix}…"), format!("{b_prefix}…")) } else { (a.to_owned(), b.to_owned()) }
}
