//! Names carriers by evidence, in this order of trust:
//!
//! 1. the name that a page states: "Carrier object for X.", a type cell, a heading;
//! 2. for a request body that only says `request`, the operation's name with `Request`;
//! 3. the carrier of which a text among its properties says that it has that property;
//! 4. for the root of a body, what the operation's name is about: `GetUserInfo` gives `UserInfo`;
//! 5. the property that leads to it, where all pages agree on one;
//! 6. for the root of a body, the entity that the operations' ids name, where all agree;
//! 7. its first property of the form `<X>Id`;
//! 8. the property that leads to it most often;
//! 9. what the heading of a request calls it.
//!
//! A name that a better claim holds already gives way to the next in this order, then to one made
//! with the name of what the carrier stands in, and at last to `<name>2`. Groups make their claims
//! by trust and then by name: who gets a name depends on those alone who claim it too, so that an
//! unrelated page cannot change it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::carriers::Group;
use super::evidence::{Sighting, carrier_in};
use super::fast::Map;
use super::{Decision, Place};

/// A carrier's name and the rule that found it.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) name: String,
    pub(super) rule: &'static str,
    pub(super) guess: bool,
    /// The rule's grounds.
    pub(super) grounds: String,
    /// What else it could have been called, best first.
    pub(super) losers: Vec<Claim>,
}

/// One claim of a group on a name; lower trust numbers are better.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Claim {
    trust: usize,
    pub(super) name: String,
    pub(super) rule: &'static str,
}

/// The rule that gives operations of JSON Patch their name.
const JSON_PATCH: &str = "json-patch";
/// The first trust level that is a guess rather than the page's own word.
const FIRST_GUESS: usize = 3;

/// Names every group.
pub(super) fn name_groups(
    groups: &[Group<'_>],
    sightings: &[Sighting<'_>],
    group_of: &[usize],
    decisions: &mut Vec<Decision>,
) -> Vec<Naming> {
    let claims: Vec<Vec<Claim>> = groups.par_iter().map(|group| claims(group, sightings)).collect();
    let owners = owners(groups, group_of, &claims);
    // What a carrier holds breaks ties, not where it stands: a page in front must not take a name away.
    let shape = |group: usize| {
        let mut names: Vec<&str> = groups[group].properties.keys().copied().collect();
        names.sort_unstable();
        names
    };
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| {
        let by_claim = claims[*a].first().cmp(&claims[*b].first());
        by_claim.then_with(|| shape(*a).cmp(&shape(*b))).then(a.cmp(b))
    });

    let mut taken = BTreeSet::new();
    let mut numbers = Map::default();
    let mut names = vec![None; groups.len()];
    for index in order {
        let claim = claims[index].iter().find(|claim| !taken.contains(&claim.name)).cloned();
        let claim =
            claim.unwrap_or_else(|| qualified(claims[index].first(), owners[index].as_deref(), &taken, &mut numbers));
        taken.insert(claim.name.clone());
        let first = &sightings[groups[index].sightings[0]];
        let losers = losers(&claim, &claims[index]);
        let grounds = grounds(claim.rule, groups[index].sightings.len());
        let naming = Naming { rule: claim.rule, guess: claim.trust >= FIRST_GUESS, grounds, losers, name: claim.name };
        decisions.push(Decision {
            subject: naming.name.clone(),
            rule: naming.rule,
            guess: naming.guess,
            reason: reason(&naming),
            place: Some(Place::from(first.place)),
        });
        names[index] = Some(naming);
    }
    names.into_iter().flatten().collect()
}

/// What a group may be called, best first.
fn claims(group: &Group<'_>, sightings: &[Sighting<'_>]) -> Vec<Claim> {
    let all = || group.sightings.iter().map(|id| &sightings[*id]);
    let properties = ranked(all().filter_map(|s| s.property.as_deref()));
    let agreed = if properties.len() == 1 { properties.clone() } else { Vec::new() };
    let is_id = |name: &&&str| name.len() > 2 && name.ends_with("Id");
    let id = group.properties.keys().find(is_id).map(|name| pascal_case(&name[..name.len() - 2]));
    let of_response = |s: &&Sighting<'_>| s.root.request_of.is_none();
    let entities = ranked(all().filter(of_response).filter_map(|s| s.root.entity));
    let entities = if entities.len() == 1 { entities } else { Vec::new() };
    let request = all().find_map(|s| Some((s.root.request_of.as_deref()?, s.root.entity.unwrap_or_default())));
    let request = request.map(|(name, entity)| {
        let entity = entity.strip_suffix("Agent").unwrap_or(entity);
        [pascal_case(name), pascal_case(&format!("{entity}{name}"))]
    });

    let stated = || all().filter(|s| s.stated_name.is_some());
    let stated_by_page = stated().any(|s| !s.root.is_patch);
    let levels: [(&'static str, Vec<String>); 9] = [
        (
            if stated_by_page { "stated-name" } else { JSON_PATCH },
            ranked(stated().filter_map(|s| s.stated_name.as_deref())),
        ),
        ("operation-request", request.into_iter().flatten().collect()),
        ("owner-of-property", ranked(all().flat_map(|s| s.owners.iter().copied()))),
        ("operation-object", ranked(all().filter_map(|s| s.root.object.as_deref()))),
        ("property-name", agreed),
        ("operation-entity", entities),
        ("first-id-property", id.into_iter().collect()),
        ("most-frequent-property", properties),
        ("request-heading", ranked(all().filter_map(|s| s.root.heading))),
    ];
    let levels = levels.into_iter().enumerate();
    levels
        .flat_map(|(level, (rule, names))| names.into_iter().map(move |name| Claim { trust: level + 1, name, rule }))
        .collect()
}

/// The names in PascalCase, the most frequent first.
fn ranked<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut raw: Map<&str, usize> = Map::default();
    for name in names {
        *raw.entry(name).or_default() += 1;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, count) in raw {
        *counts.entry(pascal_case(name)).or_default() += count;
    }
    let mut ranked: Vec<(String, usize)> = counts.into_iter().filter(|(name, _)| !name.is_empty()).collect();
    // The sort is stable and the map is sorted: among equals the alphabet decides.
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked.into_iter().map(|(name, _)| name).collect()
}

/// What each group stands in, for a name of its own: the first by name of the carriers that hold it.
fn owners(groups: &[Group<'_>], group_of: &[usize], claims: &[Vec<Claim>]) -> Vec<Option<String>> {
    let mut owners: Vec<Option<String>> = vec![None; groups.len()];
    for (group, claims) in groups.iter().zip(claims) {
        let Some(name) = claims.first().map(|claim| &claim.name) else { continue };
        for property in group.properties.values() {
            let Some(held) = carrier_in(&property.shape).map(|id| group_of[id]) else { continue };
            if owners[held].as_ref().is_none_or(|known| name < known) {
                owners[held] = Some(name.clone());
            }
        }
    }
    owners
}

/// The best claim under the name of what the carrier stands in, or with the first number that is free.
/// `numbers` remembers where counting goes on for each name.
fn qualified(
    best: Option<&Claim>,
    owner: Option<&str>,
    taken: &BTreeSet<String>,
    numbers: &mut Map<String, usize>,
) -> Claim {
    let base = best.map_or("Object", |claim| claim.name.as_str());
    if let Some(name) = owner.map(|owner| format!("{owner}{base}")).filter(|name| !taken.contains(name)) {
        return Claim { trust: usize::MAX, name, rule: "qualified-name" };
    }
    let number = numbers.entry(base.to_owned()).or_insert(1);
    loop {
        *number += 1;
        let name = format!("{base}{number}");
        if !taken.contains(&name) {
            return Claim { trust: usize::MAX, name, rule: "numbered-name" };
        }
    }
}

/// The other names that there is evidence for, each by the best rule that found it.
fn losers(winner: &Claim, claims: &[Claim]) -> Vec<Claim> {
    let mut losers: Vec<Claim> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.name != winner.name) {
        if losers.iter().all(|known| known.name != claim.name) {
            losers.push(claim.clone());
        }
    }
    losers
}

/// The grounds of a rule, in words.
fn grounds(rule: &str, sightings: usize) -> String {
    let evidence = match rule {
        "stated-name" => "the pages state this name",
        JSON_PATCH => "the rows are those of an operation of JSON Patch (RFC 6902)",
        "operation-request" => "the body belongs to this operation alone",
        "owner-of-property" => "a text says that the carrier of this name has one of its properties",
        "operation-object" => "the operation's name is about this",
        "property-name" => "every property that leads to it has this name",
        "operation-entity" => "the operation's id names this entity",
        "first-id-property" => "the properties that lead to it disagree, and its first `…Id` property names this",
        "most-frequent-property" => "most properties that lead to it have this name",
        "request-heading" => "the heading of a request calls it so",
        "qualified-name" => "all better names belong to other carriers; it is named after what it stands in",
        _ => "all better names belong to other carriers",
    };
    let times = if sightings == 1 { "once".to_owned() } else { format!("{sightings} times") };
    format!("{evidence}; seen {times}")
}

/// The same with the names that lost.
fn reason(naming: &Naming) -> String {
    let others: Vec<&str> = naming.losers.iter().map(|claim| claim.name.as_str()).collect();
    let others = if others.is_empty() { String::new() } else { format!("; other evidence: {}", others.join(", ")) };
    format!("{}{others}", naming.grounds)
}

/// A component's name: letters and digits, the first of each word in upper case.
pub(super) fn pascal_case(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pascal_case;

    #[test]
    fn names_become_component_names() {
        let check = |text: &str, expected: &str| assert_eq!(pascal_case(text), expected);
        check("ChatSessionEntity", "ChatSessionEntity");
        check("fieldName", "FieldName");
        check("SuperOffice:1", "SuperOffice1");
        check("a-b c", "ABC");
        check("***", "");
    }
}
