//! Sign-in. Schemes are the same by what they say, not by their names, which are never sent.

use std::collections::{BTreeMap, BTreeSet};

use super::components::{Comparison, Sides};
use super::place::{At, Step};
use super::{rules, words};
use crate::model::{Contract, Location, Operation, SecurityRequirement, SecurityScheme, SecuritySchemeKind};

/// An alternative: what has to be shown together, with the scopes of each.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// The schemes that the documents describe.
pub(super) fn schemes(comparison: &mut Comparison<'_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let root = At::document();
    let described = |contract: &Contract| -> Vec<(String, String)> {
        contract.security_schemes.iter().map(|(name, scheme)| (name.clone(), meaning(scheme))).collect()
    };
    let (mut old, mut new) = (described(base), described(revision));
    old.retain(|scheme| match new.iter().position(|other| other == scheme) {
        Some(index) => {
            new.remove(index);
            false
        }
        None => true,
    });
    old.retain(|(name, scheme)| match new.iter().position(|(_, other)| other == scheme) {
        Some(index) => {
            let (new_name, _) = new.remove(index);
            let subject = format!("security scheme {new_name}");
            let at = root.then(Step::Named(&subject, "/components/securitySchemes"));
            let values = (Some(name.clone()), Some(new_name.clone()));
            comparison.plain(&rules::SCHEME_RENAMED, &at, Sides::Both, values);
            false
        }
        None => true,
    });
    for (rule, side, left) in [(&rules::SCHEME_ADDED, Sides::Revision, new), (&rules::SCHEME_REMOVED, Sides::Base, old)]
    {
        for (name, scheme) in left {
            let subject = format!("security scheme {name}");
            let at = root.then(Step::Named(&subject, "/components/securitySchemes"));
            let value = Some(scheme);
            let values = if side == Sides::Base { (value, None) } else { (None, value) };
            comparison.plain(rule, &at, side, values);
        }
    }
    for (name, scheme) in &revision.security_schemes {
        if let Some(old) = base.security_schemes.get(name)
            && words::texts_differ(old.description.as_deref(), scheme.description.as_deref())
        {
            let subject = format!("security scheme {name}");
            let at = root.then(Step::Named(&subject, "/components/securitySchemes"));
            comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
        }
    }
}

/// What a scheme asks for, in a few words.
fn meaning(scheme: &SecurityScheme) -> String {
    match &scheme.kind {
        SecuritySchemeKind::Http { scheme, .. } => format!("HTTP {scheme}"),
        // Names of headers are the same in any case.
        SecuritySchemeKind::ApiKey { name, location: Location::Header } => format!("header {}", name.to_lowercase()),
        SecuritySchemeKind::ApiKey { name, location } => format!("{} {name}", location.as_str()),
        SecuritySchemeKind::Other(value) => {
            let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or("other");
            match value.get("openIdConnectUrl").and_then(serde_json::Value::as_str) {
                Some(url) => format!("{kind} {url}"),
                None => kind.to_owned(),
            }
        }
    }
}

/// Compares what an operation asks for.
pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let (mut old, mut new) = (alternatives(comparison.base, base), alternatives(comparison.revision, revision));
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
        let has = &new[scheme];
        let named = |scopes: Vec<&String>| {
            (!scopes.is_empty()).then(|| format!("{scheme}: {}", words::list(scopes.into_iter().map(String::as_str))))
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

fn alternatives(contract: &Contract, operation: &Operation) -> Vec<Alternative> {
    let all = operation.security.iter().flatten();
    let mut all: Vec<Alternative> = all.map(|requirement| alternative(contract, requirement)).collect();
    all.sort();
    all.dedup();
    all
}

fn alternative(contract: &Contract, requirement: &SecurityRequirement) -> Alternative {
    let named = |name: &String| contract.security_schemes.get(name).map_or_else(|| name.clone(), meaning);
    requirement.iter().map(|(name, scopes)| (named(name), scopes.iter().cloned().collect())).collect()
}

fn words_of(alternative: &Alternative) -> String {
    let schemes = alternative.iter().map(|(scheme, scopes)| {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        if scopes.is_empty() { scheme.clone() } else { format!("{scheme} ({})", scopes.join(", ")) }
    });
    schemes.collect::<Vec<_>>().join(" and ")
}
