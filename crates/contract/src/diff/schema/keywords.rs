//! What stands beside a schema's shape: texts, flags, defaults and extensions.

use serde_json::Value;

use super::super::components::{Comparison, Sides};
use super::super::place::At;
use super::super::{rules, words};
use super::kept;
use crate::model::{Extensions, Schema};

/// Keywords that `listed` compares.
const LISTED: [&str; 2] = ["x-extensible-enum", "x-flags"];
/// Keywords for people.
const FOR_PEOPLE: [&str; 4] = ["externalDocs", "examples", "$comment", "contact"];

/// Where the reader keeps what stands beside operations.
const HOLDS_OPERATIONS: [&str; 3] = ["x-path-items", "x-paths", "x-webhooks"];

/// Titles, descriptions and examples.
pub(super) fn texts(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let texts = [(&base.title, &revision.title), (&base.description, &revision.description)];
    if texts.iter().any(|(a, b)| words::texts_differ(a.as_deref(), b.as_deref())) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, at, Sides::Both, (None, None));
    }
    if base.example != revision.example {
        comparison.plain(&rules::EXAMPLE_CHANGED, at, Sides::Both, (None, None));
    }
}

/// Flags, the default, and extensions.
pub(super) fn flags(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    for (a, b, on, off) in [
        (base.deprecated, revision.deprecated, &rules::DEPRECATED, &rules::REACTIVATED),
        (base.read_only, revision.read_only, &rules::BECAME_READ_ONLY, &rules::NO_LONGER_READ_ONLY),
        (base.write_only, revision.write_only, &rules::BECAME_WRITE_ONLY, &rules::NO_LONGER_WRITE_ONLY),
    ] {
        match (a, b) {
            (false, true) => comparison.value(on, at, None, None),
            (true, false) => comparison.value(off, at, None, None),
            _ => {}
        }
    }
    if base.default != revision.default {
        let [a, b] = words::values([base.default.as_ref(), revision.default.as_ref()]);
        comparison.value(&rules::DEFAULT_CHANGED, at, a, b);
    }
    for (name, a, b) in differing(comparison, &base.extensions, &revision.extensions) {
        let [a, b] = words::values([a, b]).map(|value| value.map(|value| format!("{name}: {value}")));
        if LISTED.contains(&name) {
            continue;
        } else if name == "xml" {
            comparison.value(&rules::XML_CHANGED, at, a, b);
        } else if name.starts_with("x-") {
            comparison.plain(&rules::EXTENSION_CHANGED, at, Sides::Both, (a, b));
        } else if FOR_PEOPLE.contains(&name) {
            comparison.plain(&rules::DESCRIPTION_CHANGED, at, Sides::Both, (None, None));
        } else {
            comparison.value(&rules::KEYWORD_CHANGED, at, a, b);
        }
    }
}

/// Extensions of anything but a schema.
pub(in crate::diff) fn extensions(
    comparison: &mut Comparison<'_>,
    base: &Extensions,
    revision: &Extensions,
    passed_over: &[&str],
    at: &At<'_>,
) {
    for (name, a, b) in differing(comparison, base, revision) {
        if passed_over.contains(&name) {
            continue;
        }
        let [a, b] = words::values([a, b]).map(|value| value.map(|value| format!("{name}: {value}")));
        let rule = if name == "examples" {
            &rules::EXAMPLE_CHANGED
        } else if FOR_PEOPLE.contains(&name) {
            &rules::DESCRIPTION_CHANGED
        } else if name.starts_with("x-") && !HOLDS_OPERATIONS.contains(&name) {
            &rules::EXTENSION_CHANGED
        } else {
            &rules::OTHER_MEMBER_CHANGED
        };
        comparison.plain(rule, at, Sides::Both, (a, b));
    }
}

/// The members that differ, by name. Schemas that are referred to from them meet.
fn differing<'e>(
    comparison: &mut Comparison<'_>,
    base: &'e Extensions,
    revision: &'e Extensions,
) -> Vec<(&'e str, Option<&'e Value>, Option<&'e Value>)> {
    let mut names: Vec<&String> = base.keys().chain(revision.keys()).collect();
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let (a, b) = (base.get(name), revision.get(name));
        let is_note = (name.starts_with("x-") && !HOLDS_OPERATIONS.contains(&name.as_str()))
            || FOR_PEOPLE.contains(&name.as_str())
            || name == "xml";
        let is_same = if is_note { a == b } else { kept::compare(comparison, name, a, b) };
        if !is_same {
            found.push((name.as_str(), a, b));
        }
    }
    found
}
