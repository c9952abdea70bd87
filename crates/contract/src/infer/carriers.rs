//! The carriers of all pages: what each looks like once all its sightings are merged, and what it
//! is called.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use indexmap::IndexMap;
use rayon::prelude::*;

use super::conventions;
use super::evidence::{Evidence, Property, Shape, Sighting, SightingId, carrier_in};
use super::fast::Ordered;
use super::merge::{Conflict, merge_properties, merge_texts};
use super::naming::{self, Naming};
use super::sameness::{Rule, Sameness, Union};
use super::types::{Scalar, enumeration};
use super::{Decision, Place};
use crate::model::{Additional, Schema, Type};
use crate::text::clean_markdown;

/// The carriers of all pages, with their names.
#[derive(Debug)]
pub(super) struct Carriers<'p> {
    /// The group of each sighting.
    pub(super) group_of: Vec<usize>,
    pub(super) groups: Vec<Group<'p>>,
    pub(super) names: Vec<Naming>,
    /// What brought sightings together.
    pub(super) unions: Vec<Union>,
    /// What the items of lists without a sample are, by the list's property.
    items: BTreeMap<String, Shape>,
}

/// All sightings of one carrier, merged.
#[derive(Debug)]
pub(super) struct Group<'p> {
    /// In the order of the pages.
    pub(super) sightings: Vec<SightingId>,
    pub(super) properties: Ordered<&'p str, Property<'p>>,
    pub(super) description: Option<&'p str>,
    /// The properties that callers may not leave out.
    pub(super) required: BTreeSet<&'p str>,
}

impl<'p> Carriers<'p> {
    /// Groups and names all carriers; what was decided and what contradicts goes to the lists.
    pub(super) fn new(evidence: &Evidence<'p>, decisions: &mut Vec<Decision>, conflicts: &mut Vec<Conflict>) -> Self {
        let sightings = &evidence.sightings;
        let mut sameness = Sameness::find_all(sightings);
        let mut group_of = Vec::with_capacity(sightings.len());
        let mut members: Vec<Vec<SightingId>> = Vec::new();
        for id in 0..sightings.len() {
            // The smallest sighting represents its group, and so is the first one that is seen of it.
            let first = sameness.find(id);
            let group = if first == id { members.len() } else { group_of[first] };
            if first == id {
                members.push(Vec::new());
            }
            group_of.push(group);
            members[group].push(id);
        }
        let merged = members.into_par_iter().map(|ids| {
            let mut conflicts = Vec::new();
            (Group::new(ids, sightings, &group_of, &mut conflicts), conflicts)
        });
        let (mut groups, contradictions): (Vec<Group<'p>>, Vec<_>) = merged.unzip();
        conflicts.extend(contradictions.into_iter().flatten());
        conventions::expand_rights(&mut groups, sightings, decisions);
        decisions.extend(groups.iter().filter(|group| group.properties.is_empty()).map(|group| {
            let first = &sightings[group.sightings[0]];
            let subject = first.stated_name.as_deref().or(first.property.as_deref()).unwrap_or("the carrier");
            Decision {
                subject: subject.to_owned(),
                rule: "unexpanded-carrier",
                guess: true,
                reason: format!("`{subject}` is a carrier that no page expands; its properties stay open"),
                place: Some(Place::from(first.place)),
            }
        }));
        let names = naming::name_groups(&groups, sightings, &group_of, decisions);
        decisions.extend(united(&sameness.unions, &group_of, &names, sightings));
        let items = items_by_property(&groups, &group_of, &names, decisions);
        Self { group_of, groups, names, unions: sameness.unions, items }
    }

    /// The schema of a value that a page shows; `property` leads to it.
    pub(super) fn schema(&self, shape: &Shape, property: &str) -> Schema {
        match shape {
            Shape::Unknown => Schema::default(),
            Shape::Scalar(scalar) => scalar.schema(),
            Shape::Enumeration(values) => enumeration(values),
            Shape::Array(items) if **items == Shape::Unknown => {
                Schema::array(self.items.get(property).map_or_else(Schema::default, |items| self.schema(items, "")))
            }
            Shape::Array(items) => Schema::array(self.schema(items, property)),
            Shape::Map(values) => Schema::map(self.schema(values, property)),
            Shape::Carrier(id) => Schema::reference(self.names[self.group_of[*id]].name.clone()),
        }
    }

    /// The component schemas that `roots` reach, breadth first, so that a reader meets a carrier
    /// before its parts.
    pub(super) fn components<'s>(&self, roots: impl IntoIterator<Item = &'s Shape>) -> IndexMap<String, Schema> {
        let component = |group: usize| (self.names[group].name.clone(), self.component(&self.groups[group]));
        let components: Vec<(String, Schema)> = self.reached(roots).into_par_iter().map(component).collect();
        components.into_iter().collect()
    }

    /// The groups that `roots` reach, in the same order.
    pub(super) fn reached<'s>(&self, roots: impl IntoIterator<Item = &'s Shape>) -> Vec<usize> {
        let mut queue: VecDeque<usize> = VecDeque::new();
        let mut seen = BTreeSet::new();
        queue.extend(roots.into_iter().filter_map(|root| self.group_in(root, "")));
        let mut reached = Vec::new();
        while let Some(group) = queue.pop_front() {
            if !seen.insert(group) {
                continue;
            }
            let properties = &self.groups[group].properties;
            queue.extend(properties.iter().filter_map(|(name, p)| self.group_in(&p.shape, name)));
            reached.push(group);
        }
        reached
    }

    /// What the items of a list are that no sample shows, where that could be guessed.
    pub(super) fn unshown_items(&self, list: &Shape, property: &str) -> Option<&Shape> {
        match list {
            Shape::Array(items) if **items == Shape::Unknown => self.items.get(property),
            _ => None,
        }
    }

    /// The carrier that a property's value is or holds.
    fn group_in(&self, shape: &Shape, property: &str) -> Option<usize> {
        carrier_in(shape).or_else(|| carrier_in(self.unshown_items(shape, property)?)).map(|id| self.group_of[id])
    }

    /// The component schema of one carrier. The pages promise neither that a property is there
    /// nor that it has a value, so every one is nullable, but those that requests require.
    fn component(&self, group: &Group<'_>) -> Schema {
        let properties = group.properties.iter().map(|(name, property)| {
            let schema = self.schema(&property.shape, name);
            let mut schema = if group.required.contains(name) { schema } else { schema.nullable() };
            schema.description = property.description.and_then(clean_markdown);
            ((*name).to_owned(), schema)
        });
        let mut schema = Schema::new(Type::Object {
            properties: properties.collect(),
            required: group.required.iter().map(|name| (*name).to_owned()).collect(),
            additional: Additional::Unstated,
        });
        schema.description = group.description.and_then(clean_markdown);
        schema
    }
}

impl<'p> Group<'p> {
    fn new(
        ids: Vec<SightingId>,
        sightings: &[Sighting<'p>],
        group_of: &[usize],
        conflicts: &mut Vec<Conflict>,
    ) -> Self {
        // Tables come first: they state types and descriptions, samples only show values.
        let has_table = |id: &&SightingId| sightings[**id].property.is_none();
        let ordered = ids.iter().filter(has_table).chain(ids.iter().filter(|id| !has_table(id)));
        let most = ids.iter().map(|id| sightings[*id].properties.len()).max().unwrap_or_default();
        let mut properties: Ordered<&'p str, Property<'p>> =
            Ordered::with_capacity_and_hasher(most, Default::default());
        let mut description = None;
        let mut described_at = sightings[ids[0]].place;
        for id in ordered {
            let sighting = &sightings[*id];
            if description.is_none() {
                described_at = sighting.place;
            }
            let subject = sighting.stated_name.as_deref().or(sighting.leading_name()).unwrap_or("the carrier");
            let other = (sighting.root.description, sighting.place);
            merge_texts(subject, (&mut description, described_at), other, conflicts);
            for (name, property) in &sighting.properties {
                match properties.get_mut(name) {
                    Some(known) => merge_properties(known, property, name, group_of, conflicts),
                    None => {
                        properties.insert(name, property.clone());
                    }
                }
            }
        }
        Self { sightings: ids, properties, description, required: BTreeSet::new() }
    }
}

/// A decision for each carrier and each rule beyond the pages' own words that brought it together.
fn united(unions: &[Union], group_of: &[usize], names: &[Naming], sightings: &[Sighting<'_>]) -> Vec<Decision> {
    let mut found: BTreeMap<(usize, Rule), (SightingId, usize)> = BTreeMap::new();
    for union in unions.iter().filter(|union| !matches!(union.rule, Rule::SameName | Rule::SameProperty)) {
        let (_, count) = found.entry((group_of[union.sightings[0]], union.rule)).or_insert((union.sightings[1], 0));
        *count += 1;
    }
    let decision = |((group, rule), (first, count)): ((usize, Rule), (SightingId, usize))| Decision {
        subject: names[group].name.clone(),
        rule: rule.name(),
        guess: rule.is_guess(),
        reason: format!("{}, in {count} {}", rule.meaning(), if count == 1 { "place" } else { "places" }),
        place: Some(Place::from(sightings[first].place)),
    };
    found.into_iter().map(decision).collect()
}

/// What the items of a list are that no sample shows: what all other lists below a property of this
/// name hold, or the carrier of that name, or numbers where the name says that it holds ids.
fn items_by_property(
    groups: &[Group<'_>],
    group_of: &[usize],
    names: &[Naming],
    decisions: &mut Vec<Decision>,
) -> BTreeMap<String, Shape> {
    let by_name: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(group, naming)| (naming.name.as_str(), group)).collect();
    let lists =
        groups.iter().flat_map(|group| &group.properties).filter_map(|(name, property)| match &property.shape {
            Shape::Array(items) => Some((*name, &**items, property.place)),
            _ => None,
        });
    let mut shown: BTreeMap<&str, Option<&Shape>> = BTreeMap::new();
    let mut unshown = BTreeMap::new();
    for (name, items, place) in lists {
        if *items == Shape::Unknown {
            unshown.entry(name).or_insert(place);
            continue;
        }
        let same = |known: &Shape| match (known, items) {
            (Shape::Carrier(a), Shape::Carrier(b)) => group_of[*a] == group_of[*b],
            (known, items) => known == items,
        };
        let known = shown.entry(name).or_insert(Some(items));
        *known = known.filter(|known| same(known));
    }
    let mut found = BTreeMap::new();
    for (name, place) in unshown {
        let elsewhere = shown.get(name).copied().flatten().cloned();
        let named = || by_name.get(naming::pascal_case(&super::evidence::singular(name)).as_str());
        let (shape, reason) = if let Some(shape) = elsewhere {
            (shape, "every other list below a property of this name holds them")
        } else if let Some(group) = named() {
            (Shape::Carrier(groups[*group].sightings[0]), "the property is called like this carrier")
        } else if is_ids(name) {
            (Shape::Scalar(Scalar::Int32), "the property's name says that it holds ids")
        } else {
            continue;
        };
        decisions.push(Decision {
            subject: name.to_owned(),
            rule: "items-without-sample",
            guess: true,
            reason: format!("no sample shows the items of `{name}`; {reason}"),
            place: Some(Place::from(place)),
        });
        found.insert(name.to_owned(), shape);
    }
    found
}

/// Whether a name says that its values are ids of records.
pub(super) fn is_ids(name: &str) -> bool {
    ["Ids", "IDs", "Id", "ID"].iter().any(|suffix| name.ends_with(suffix)) || name.eq_ignore_ascii_case("ids")
}
