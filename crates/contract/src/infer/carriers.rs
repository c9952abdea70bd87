//! Decides which sightings are the same carrier, and what that carrier looks like.
//!
//! Sightings are one carrier when the pages give them one name, or when they print the same
//! properties and enough of them to be no coincidence. A small set of properties (`Mask` and
//! `Reason`) identifies a carrier only together with the property that leads to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use indexmap::IndexMap;

use super::evidence::{Evidence, Property, Shape, Sighting, SightingId};
use super::merge::{Conflict, merge_shapes, merge_texts};
use super::naming::{self, Naming};
use super::{Decision, Place};
use crate::model::{Additional, Schema, Type};

/// Fewer properties than this are too common a set to identify a carrier alone.
const DISTINCTIVE_PROPERTIES: usize = 4;

/// The carriers of all pages, with their names.
pub(super) struct Carriers {
    /// The group of each sighting.
    group_of: Vec<usize>,
    groups: Vec<Group>,
    names: Vec<Naming>,
}

/// All sightings of one carrier, merged.
pub(super) struct Group {
    /// In the order of the pages.
    pub(super) sightings: Vec<SightingId>,
    properties: IndexMap<String, Property>,
    description: Option<String>,
}

impl Carriers {
    /// Groups and names all carriers; what was decided and what contradicts goes to the lists.
    pub(super) fn new(evidence: &Evidence, decisions: &mut Vec<Decision>, conflicts: &mut Vec<Conflict>) -> Self {
        let sightings = &evidence.sightings;
        let mut sets = DisjointSets::new(sightings.len());
        unite_by_name(sightings, &mut sets);
        unite_by_shape(sightings, &mut sets);
        resolve_unexpanded(sightings, &mut sets, decisions);

        let mut members: BTreeMap<SightingId, Vec<SightingId>> = BTreeMap::new();
        for id in 0..sightings.len() {
            members.entry(sets.find(id)).or_default().push(id);
        }
        let mut group_of = vec![0; sightings.len()];
        for (index, ids) in members.values().enumerate() {
            for id in ids {
                group_of[*id] = index;
            }
        }
        let groups: Vec<Group> =
            members.into_values().map(|ids| Group::new(ids, sightings, &group_of, conflicts)).collect();
        let names = naming::name_groups(&groups, sightings, decisions);
        Self { group_of, groups, names }
    }

    /// The schema of a value that a page shows.
    pub(super) fn schema(&self, shape: &Shape) -> Schema {
        match shape {
            Shape::Unknown => Schema::default(),
            Shape::Scalar(schema) => Schema::clone(schema),
            Shape::Array(items) => Schema::array(self.schema(items)),
            Shape::Map(values) => Schema::map(self.schema(values)),
            Shape::Carrier(id) => Schema::reference(self.names[self.group_of[*id]].name.clone()),
        }
    }

    /// The component schemas that `roots` reach, breadth first, so that a reader meets a carrier
    /// before its parts.
    pub(super) fn components<'s>(&self, roots: impl IntoIterator<Item = &'s Shape>) -> IndexMap<String, Schema> {
        let mut queue: VecDeque<usize> = VecDeque::new();
        let mut seen = BTreeSet::new();
        for root in roots {
            queue.extend(carrier_in(root).map(|id| self.group_of[id]));
        }
        let mut components = IndexMap::new();
        while let Some(group) = queue.pop_front() {
            if !seen.insert(group) {
                continue;
            }
            let properties = &self.groups[group].properties;
            queue.extend(properties.values().filter_map(|p| carrier_in(&p.shape)).map(|id| self.group_of[id]));
            components.insert(self.names[group].name.clone(), self.component(&self.groups[group]));
        }
        components
    }

    /// The component schema of one carrier. The pages promise neither that a property is there
    /// nor that it has a value, so every one is nullable and none is required.
    fn component(&self, group: &Group) -> Schema {
        let properties = group.properties.iter().map(|(name, property)| {
            let mut schema = self.schema(&property.shape).nullable();
            schema.description.clone_from(&property.description);
            (name.clone(), schema)
        });
        let mut schema = Schema::new(Type::Object {
            properties: properties.collect(),
            required: BTreeSet::new(),
            additional: Additional::Unstated,
        });
        schema.description.clone_from(&group.description);
        schema
    }
}

impl Group {
    fn new(ids: Vec<SightingId>, sightings: &[Sighting], group_of: &[usize], conflicts: &mut Vec<Conflict>) -> Self {
        // Tables come first: they state types and descriptions, samples only show values.
        let stated = |id: &&SightingId| sightings[**id].properties.values().any(|property| property.stated);
        let ordered = ids.iter().filter(stated).chain(ids.iter().filter(|id| !stated(id)));
        let mut properties: IndexMap<String, Property> = IndexMap::new();
        let mut description = None;
        let mut described_at = sightings[ids[0]].place;
        for id in ordered {
            let sighting = &sightings[*id];
            if description.is_none() {
                described_at = sighting.place;
            }
            let subject = sighting.stated_name.as_deref().or(sighting.id_name.as_deref()).unwrap_or("the carrier");
            let other = (&sighting.description, sighting.place);
            merge_texts(subject, (&mut description, described_at), other, conflicts);
            for (name, property) in &sightings[*id].properties {
                match properties.get_mut(name) {
                    Some(known) => merge_shapes(known, property, name, group_of, conflicts),
                    None => {
                        properties.insert(name.clone(), property.clone());
                    }
                }
            }
        }
        Self { sightings: ids, properties, description }
    }

    /// Names of the carrier's properties.
    pub(super) fn property_names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(String::as_str)
    }
}

/// The carrier that a value is, or that its items or values are.
fn carrier_in(shape: &Shape) -> Option<SightingId> {
    match shape {
        Shape::Carrier(id) => Some(*id),
        Shape::Array(inner) | Shape::Map(inner) => carrier_in(inner),
        Shape::Unknown | Shape::Scalar(_) => None,
    }
}

/// Sightings to which the pages give one name are one carrier.
fn unite_by_name(sightings: &[Sighting], sets: &mut DisjointSets) {
    let mut first: BTreeMap<&str, SightingId> = BTreeMap::new();
    for (id, sighting) in sightings.iter().enumerate() {
        if let Some(name) = &sighting.stated_name {
            sets.unite(*first.entry(name).or_insert(id), id);
        }
    }
}

/// Sightings that print the same properties are one carrier, unless the pages name them apart.
fn unite_by_shape(sightings: &[Sighting], sets: &mut DisjointSets) {
    let mut by_shape: BTreeMap<(Vec<&str>, Option<&str>), Vec<SightingId>> = BTreeMap::new();
    for (id, sighting) in sightings.iter().enumerate() {
        if sighting.properties.is_empty() || sighting.request_of.is_some() {
            continue;
        }
        let mut names: Vec<&str> = sighting.properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        let leading = (names.len() < DISTINCTIVE_PROPERTIES)
            .then(|| sighting.property.as_deref().or(sighting.stated_name.as_deref()).unwrap_or_default());
        by_shape.entry((names, leading)).or_default().push(id);
    }
    for ids in by_shape.into_values() {
        let stated: BTreeSet<&str> = ids.iter().filter_map(|id| sightings[*id].stated_name.as_deref()).collect();
        if stated.len() <= 1 {
            ids.windows(2).for_each(|pair| sets.unite(pair[0], pair[1]));
            continue;
        }
        // Several carriers share this shape; only the property tells the unnamed ones apart.
        let mut by_property: BTreeMap<Option<&str>, SightingId> = BTreeMap::new();
        for id in ids.into_iter().filter(|id| sightings[*id].stated_name.is_none()) {
            let first = *by_property.entry(sightings[id].property.as_deref()).or_insert(id);
            sets.unite(first, id);
        }
    }
}

/// A carrier that a page does not expand is the one that stands expanded below a property of the
/// same name elsewhere, where that is only one.
fn resolve_unexpanded(sightings: &[Sighting], sets: &mut DisjointSets, decisions: &mut Vec<Decision>) {
    let mut expanded: BTreeMap<&str, BTreeSet<SightingId>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, SightingId> = BTreeMap::new();
    for (id, sighting) in sightings.iter().enumerate() {
        if let Some(property) = sighting.property.as_deref().filter(|_| !sighting.properties.is_empty()) {
            expanded.entry(property).or_default().insert(id);
        }
        if let Some(name) = sighting.stated_name.as_deref() {
            by_name.entry(name).or_insert(id);
        }
    }
    let mut unexpanded: BTreeMap<&str, SightingId> = BTreeMap::new();
    for (id, sighting) in sightings.iter().enumerate() {
        let Some(property) = sighting.property.as_deref() else { continue };
        if !sighting.properties.is_empty() || sighting.stated_name.is_some() {
            continue;
        }
        let candidates: BTreeSet<SightingId> =
            expanded.get(property).into_iter().flatten().map(|id| sets.find(*id)).collect();
        let named = by_name.get(property).map(|id| sets.find(*id));
        let same = match (candidates.len(), named) {
            (1, _) => candidates.first().copied(),
            (_, Some(named)) => Some(named),
            _ => None,
        };
        match same {
            Some(same) => sets.unite(same, id),
            None => {
                let first = *unexpanded.entry(property).or_insert(id);
                if first == id {
                    decisions.push(Decision {
                        subject: property.to_owned(),
                        rule: "unexpanded-carrier",
                        guess: true,
                        reason: format!(
                            "`{property}` is a carrier that no page expands{}; its properties stay open",
                            if candidates.is_empty() { "" } else { " in one way only" }
                        ),
                        place: Some(Place::from(sighting.place)),
                    });
                }
                sets.unite(first, id);
            }
        }
    }
}

/// Disjoint sets of sightings; the smallest member stands for its set, so that the outcome does
/// not depend on the order of the unions.
struct DisjointSets {
    parent: Vec<usize>,
}

impl DisjointSets {
    fn new(size: usize) -> Self {
        Self { parent: (0..size).collect() }
    }

    fn find(&mut self, id: usize) -> usize {
        let mut root = id;
        while self.parent[root] != root {
            self.parent[root] = self.parent[self.parent[root]];
            root = self.parent[root];
        }
        root
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
