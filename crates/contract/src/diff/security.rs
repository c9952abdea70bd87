//! What operations ask for to sign in.

use std::collections::{BTreeMap, BTreeSet};

use super::components::{Comparison, Sides};
use super::place::At;
use super::security_schemes::{Scheme, Schemes};
use super::{rules, words};
use crate::model::{Operation, SecurityRequirement};

/// An alternative: what has to be shown together, with the scopes of each.
type Alternative = BTreeMap<Scheme, BTreeSet<String>>;

/// Compares what an operation asks for.
pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let schemes = &comparison.security_schemes;
    let (mut old, mut new) =
        (alternatives(schemes, Sides::Base, base), alternatives(schemes, Sides::Revision, revision));
    if old == new {
        return;
    }
    let is_open = |all: &[Alternative]| all.is_empty() || all.iter().any(Alternative::is_empty);
    let list = |all: &[Alternative]| {
        let all: Vec<String> = all.iter().filter(|one| !one.is_empty()).map(words_of).collect();
        (!all.is_empty()).then(|| all.join(", or "))
    };
    match (is_open(&old), is_open(&new)) {
        (true, true) => {
            // Nobody has to sign in, before or after; who wants to has more or fewer ways.
        }
        (true, false) => return comparison.plain(&rules::SECURITY_ADDED, at, Sides::Both, (None, list(&new))),
        (false, true) => return comparison.plain(&rules::SECURITY_REMOVED, at, Sides::Both, (list(&old), None)),
        (false, false) => {}
    }
    old.retain(|one| !one.is_empty() && remove(&mut new, |other| other == one).is_none());
    new.retain(|one| !one.is_empty());
    // The same schemes with other scopes.
    let mut left = Vec::new();
    for one in old {
        match remove(&mut new, |other| other.keys().eq(one.keys())) {
            Some(other) => scopes(comparison, &one, &other, at),
            None => left.push(one),
        }
    }
    for one in left {
        // A way in that asks for less lets everyone in who comes by the former.
        let is_covered = new
            .iter()
            .any(|other| other.iter().all(|(scheme, scopes)| one.get(scheme).is_some_and(|had| scopes.is_subset(had))));
        if !is_covered {
            let values = (Some(words_of(&one)), None);
            comparison.plain(&rules::SECURITY_ALTERNATIVE_REMOVED, at, Sides::Both, values);
        }
    }
    for other in new {
        comparison.plain(&rules::SECURITY_ALTERNATIVE_ADDED, at, Sides::Both, (None, Some(words_of(&other))));
    }
}

fn scopes(comparison: &mut Comparison<'_>, old: &Alternative, new: &Alternative, at: &At<'_>) {
    for (scheme, had) in old {
        let Some(has) = new.get(scheme) else { continue };
        let named = |scopes: Vec<&String>| {
            (!scopes.is_empty())
                .then(|| format!("{}: {}", scheme.words, words::list(scopes.into_iter().map(String::as_str))))
        };
        if let Some(added) = named(has.difference(had).collect()) {
            comparison.plain(&rules::SECURITY_SCOPE_ADDED, at, Sides::Both, (None, Some(added)));
        }
        if let Some(gone) = named(had.difference(has).collect()) {
            comparison.plain(&rules::SECURITY_SCOPE_REMOVED, at, Sides::Both, (Some(gone), None));
        }
    }
}

fn remove(all: &mut Vec<Alternative>, wanted: impl Fn(&Alternative) -> bool) -> Option<Alternative> {
    all.iter().position(wanted).map(|index| all.remove(index))
}

fn alternatives(schemes: &Schemes, side: Sides, operation: &Operation) -> Vec<Alternative> {
    let all = operation.security.iter().flatten();
    let mut all: Vec<Alternative> = all.map(|requirement| alternative(schemes, side, requirement)).collect();
    all.sort();
    all.dedup();
    all
}

fn alternative(schemes: &Schemes, side: Sides, requirement: &SecurityRequirement) -> Alternative {
    let all = requirement.iter();
    all.map(|(name, scopes)| (schemes.named(side, name), scopes.iter().cloned().collect())).collect()
}

fn words_of(alternative: &Alternative) -> String {
    let schemes = alternative.iter().map(|(Scheme { words, .. }, scopes)| {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        if scopes.is_empty() { words.clone() } else { format!("{words} ({})", scopes.join(", ")) }
    });
    schemes.collect::<Vec<_>>().join(" and ")
}
