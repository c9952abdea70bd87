//! Operations: which are the same on both sides, and what else they say.

use std::collections::{BTreeSet, HashMap};

use super::components::{Comparison, Owner, Sides, Ways};
use super::place::{At, Step, operation_words};
use super::schema::extensions;
use super::{messages, parameters, rules, security, security_schemes, servers, words};
use crate::model::{Contract, License, Operation};
use crate::read::DERIVED_OPERATION_ID;

/// Members of the document that say nothing about calls, or that are compared elsewhere.
const PASSED_OVER: [&str; 1] = [DERIVED_OPERATION_ID];

/// Compares everything but component schemas, which meet on the way.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    document(comparison);
    comparison.security_schemes = security_schemes::compare(comparison);
    comparison.operations = pair_up(comparison.base, comparison.revision);
    for index in 0..comparison.operations.len() {
        comparison.owner = Owner::Operation(index);
        comparison.ways = Ways::NONE;
        let root = At::document();
        match comparison.operations[index] {
            (Some(base), Some(revision)) => operation(comparison, base, revision),
            (Some(gone), None) => {
                let rule =
                    if gone.deprecated { &rules::DEPRECATED_OPERATION_REMOVED } else { &rules::OPERATION_REMOVED };
                let id = gone.operation_id.clone();
                comparison.plain(rule, &root.then(Step::Operation(gone, gone)), Sides::Base, (Some(id), None));
            }
            (None, Some(new)) => {
                let at = root.then(Step::Operation(new, new));
                let id = new.operation_id.clone();
                comparison.plain(&rules::OPERATION_ADDED, &at, Sides::Revision, (None, Some(id)));
            }
            (None, None) => {}
        }
    }
    comparison.owner = Owner::Document;
}

type Paired<'c> = Vec<(Option<&'c Operation>, Option<&'c Operation>)>;

/// The operations of both sides, in the order of the revision, then those that are gone: first by
/// method and path, then by path with its parameters' names left out, then by id.
pub(super) fn pair_up<'c>(base: &'c Contract, revision: &'c Contract) -> Paired<'c> {
    let mut partners: Vec<Option<usize>> = vec![None; revision.operations.len()];
    let mut taken = vec![false; base.operations.len()];
    let keys: [fn(&Operation) -> String; 3] = [
        operation_words,
        |operation| format!("{} {}", operation.method.as_str(), nameless(&operation.path)),
        |operation| {
            if operation.extensions.contains_key(DERIVED_OPERATION_ID) {
                String::new()
            } else {
                operation.operation_id.clone()
            }
        },
    ];
    for key in keys {
        // A key that two operations of a side have tells nothing.
        let mut known: HashMap<String, Option<usize>> = HashMap::new();
        for (index, operation) in base.operations.iter().enumerate().filter(|(index, _)| !taken[*index]) {
            known.entry(key(operation)).and_modify(|only| *only = None).or_insert(Some(index));
        }
        let mut wanted: HashMap<String, Option<usize>> = HashMap::new();
        for (index, operation) in revision.operations.iter().enumerate().filter(|(at, _)| partners[*at].is_none()) {
            wanted.entry(key(operation)).and_modify(|only| *only = None).or_insert(Some(index));
        }
        for (key, index) in wanted {
            if let (Some(index), Some(Some(partner)), false) = (index, known.get(&key), key.is_empty()) {
                partners[index] = Some(*partner);
                taken[*partner] = true;
            }
        }
    }
    let matched = revision.operations.iter().zip(partners);
    let matched = matched.map(|(operation, partner)| (partner.map(|index| &base.operations[index]), Some(operation)));
    let gone =
        base.operations.iter().zip(taken).filter(|(_, taken)| !taken).map(|(operation, _)| (Some(operation), None));
    matched.chain(gone).collect()
}

/// `/a/{id}/b` as `/a/{}/b`.
pub(super) fn nameless(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut is_inside = false;
    for c in path.chars() {
        match c {
            '{' => is_inside = true,
            '}' => is_inside = false,
            _ if is_inside => continue,
            _ => {}
        }
        text.push(c);
    }
    text
}

fn operation(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation) {
    let root = At::document();
    let at = root.then(Step::Operation(base, revision));
    if (base.method, nameless(&base.path)) != (revision.method, nameless(&revision.path)) {
        let values = (Some(operation_words(base)), Some(operation_words(revision)));
        comparison.plain(&rules::OPERATION_MOVED, &at, Sides::Both, values);
    }
    let is_derived = |operation: &Operation| operation.extensions.contains_key(DERIVED_OPERATION_ID);
    if base.operation_id != revision.operation_id && !is_derived(base) && !is_derived(revision) {
        let values = (Some(base.operation_id.clone()), Some(revision.operation_id.clone()));
        comparison.plain(&rules::OPERATION_ID_CHANGED, &at, Sides::Both, values);
    }
    match (base.deprecated, revision.deprecated) {
        (false, true) => comparison.plain(&rules::OPERATION_DEPRECATED, &at, Sides::Both, (None, None)),
        (true, false) => comparison.plain(&rules::OPERATION_REACTIVATED, &at, Sides::Both, (None, None)),
        _ => {}
    }
    let tags = |operation: &Operation| words::list(operation.tags.iter().map(String::as_str).collect::<BTreeSet<_>>());
    if tags(base) != tags(revision) {
        comparison.plain(&rules::TAGS_CHANGED, &at, Sides::Both, (Some(tags(base)), Some(tags(revision))));
    }
    for (a, b) in [(&base.summary, &revision.summary), (&base.description, &revision.description)] {
        if words::texts_differ(a.as_deref(), b.as_deref()) {
            comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
        }
    }
    extensions(comparison, &base.extensions, &revision.extensions, &PASSED_OVER, &at);
    security::compare(comparison, base, revision, &at);
    parameters::compare(comparison, base, revision, &at);
    messages::request(comparison, base, revision, &at);
    messages::responses(comparison, base, revision, &at);
}

/// Servers, tags, and what the document says of itself.
fn document(comparison: &mut Comparison<'_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let root = At::document();
    let license =
        |license: &Option<License>| license.as_ref().map(|license| (license.name.clone(), license.url.clone()));
    let (a, b) = (&base.info, &revision.info);
    let info = root.then(Step::Named("info", "/info"));
    if a.title.trim() != b.title.trim() || a.version != b.version || license(&a.license) != license(&b.license) {
        comparison.plain(&rules::INFO_CHANGED, &info, Sides::Both, (None, None));
    }
    if words::texts_differ(a.description.as_deref(), b.description.as_deref()) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, &info, Sides::Both, (None, None));
    }
    extensions(comparison, &a.extensions, &b.extensions, &["termsOfService", "summary"], &info);

    servers::compare(comparison);
    let tags = [
        (&rules::TAG_ADDED, Sides::Revision, &revision.tags, &base.tags),
        (&rules::TAG_REMOVED, Sides::Base, &base.tags, &revision.tags),
    ];
    for (rule, side, have, lack) in tags {
        for tag in have.iter().filter(|tag| !lack.iter().any(|other| other.name == tag.name)) {
            let name = format!("tag {}", tag.name);
            comparison.plain(rule, &root.then(Step::Named(&name, "/tags")), side, (None, None));
        }
    }
    for tag in &revision.tags {
        if let Some(old) = base.tags.iter().find(|old| old.name == tag.name) {
            let name = format!("tag {}", tag.name);
            let at = root.then(Step::Named(&name, "/tags"));
            if words::texts_differ(old.description.as_deref(), tag.description.as_deref()) {
                comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
            }
            extensions(comparison, &old.extensions, &tag.extensions, &[], &at);
        }
    }
    extensions(comparison, &base.extensions, &revision.extensions, &[], &root);
}
