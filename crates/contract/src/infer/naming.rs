//! Names carriers by evidence, in this order of trust:
//!
//! 1. the name that a page states: "Carrier object for X.", a type cell, a heading;
//! 2. for a request body that only says `request`, the operation's name with `Request`;
//! 3. for the root of a body, the entity that the operation's id names;
//! 4. the property that leads to it, where all pages agree on one;
//! 5. its first property of the form `<X>Id`;
//! 6. the property that leads to it most often.
//!
//! A name that a better claim holds already gives way to the next in this order, and at last to
//! the parent-independent form `<name>2`. Groups make their claims by trust and then by name, so
//! an unrelated page cannot change who gets what.

use std::collections::{BTreeMap, BTreeSet};

use super::carriers::Group;
use super::evidence::Sighting;
use super::{Decision, Place};

/// A carrier's name and the rule that found it.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) name: String,
}

/// One claim of a group on a name; lower trust numbers are better.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Claim {
    trust: usize,
    name: String,
    rule: &'static str,
}

/// The first trust level that is a guess rather than the page's own word.
const FIRST_GUESS: usize = 4;

/// Names every group.
pub(super) fn name_groups(groups: &[Group], sightings: &[Sighting], decisions: &mut Vec<Decision>) -> Vec<Naming> {
    let claims: Vec<Vec<Claim>> = groups.iter().map(|group| claims(group, sightings)).collect();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| claims[*a].first().cmp(&claims[*b].first()).then(a.cmp(b)));

    let mut taken = BTreeSet::new();
    let mut names = vec![None; groups.len()];
    for index in order {
        let claim = claims[index].iter().find(|claim| !taken.contains(&claim.name)).cloned();
        let claim = claim.unwrap_or_else(|| numbered(claims[index].first(), &taken));
        taken.insert(claim.name.clone());
        let first = &sightings[groups[index].sightings[0]];
        decisions.push(Decision {
            subject: claim.name.clone(),
            rule: claim.rule,
            guess: claim.trust >= FIRST_GUESS,
            reason: reason(&claim, &claims[index], groups[index].sightings.len()),
            place: Some(Place::from(first.place)),
        });
        names[index] = Some(Naming { name: claim.name });
    }
    names.into_iter().flatten().collect()
}

/// What a group may be called, best first.
fn claims(group: &Group, sightings: &[Sighting]) -> Vec<Claim> {
    let all = || group.sightings.iter().map(|id| &sightings[*id]);
    let ranked = |values: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for value in values {
            *counts.entry(pascal_case(value)).or_default() += 1;
        }
        let mut ranked: Vec<(String, usize)> = counts.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        // The sort is stable and the map is sorted: among equals the alphabet decides.
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        ranked.into_iter().map(|(name, _)| name).collect()
    };
    let properties = ranked(&mut all().filter_map(|s| s.property.as_deref()));
    let agreed = if properties.len() == 1 { properties.clone() } else { Vec::new() };
    let id = group.property_names().find_map(|name| name.strip_suffix("Id")).filter(|stem| !stem.is_empty());

    let levels: [(&'static str, Vec<String>); 6] = [
        ("stated-name", ranked(&mut all().filter_map(|s| s.stated_name.as_deref()))),
        ("operation-request", ranked(&mut all().filter_map(|s| s.request_of.as_deref()))),
        ("operation-entity", ranked(&mut all().filter_map(|s| s.id_name.as_deref()))),
        ("property-name", agreed),
        ("first-id-property", id.map(pascal_case).into_iter().collect()),
        ("most-frequent-property", properties),
    ];
    let levels = levels.into_iter().enumerate();
    levels
        .flat_map(|(level, (rule, names))| names.into_iter().map(move |name| Claim { trust: level + 1, name, rule }))
        .collect()
}

/// The best claim with the first number that is free.
fn numbered(best: Option<&Claim>, taken: &BTreeSet<String>) -> Claim {
    let base = best.map_or("Object", |claim| claim.name.as_str());
    let name = (2..).map(|number| format!("{base}{number}")).find(|name| !taken.contains(name));
    Claim { trust: usize::MAX, name: name.unwrap_or_else(|| base.to_owned()), rule: "numbered-name" }
}

fn reason(claim: &Claim, claims: &[Claim], sightings: usize) -> String {
    let others: Vec<&str> = claims.iter().map(|other| other.name.as_str()).filter(|name| *name != claim.name).collect();
    let evidence = match claim.rule {
        "stated-name" => "the pages state this name",
        "operation-request" => "the body belongs to this operation alone",
        "operation-entity" => "the operation's id names this entity",
        "property-name" => "every property that leads to it has this name",
        "first-id-property" => "the properties that lead to it disagree, and its first `…Id` property names this",
        "most-frequent-property" => "most properties that lead to it have this name",
        _ => "all better names belong to other carriers",
    };
    let mut reason = format!("{evidence}; seen {sightings} times");
    if !others.is_empty() {
        reason.push_str(&format!("; other evidence: {}", others.join(", ")));
    }
    reason
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
