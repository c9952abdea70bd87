//! Bodies of requests, and answers with their bodies and headers.

use indexmap::IndexMap;

use super::components::{Comparison, Sides, Ways};
use super::media_types;
use super::operations_support::resolve;
use super::place::{At, Step};
use super::rules::Rule;
use super::schema::{self, extensions};
use super::statuses::{self, Became};
use super::{rules, words};
use crate::model::{Header, MediaType, Operation, Response, Schema};

pub(super) fn request(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let at = at.then(Step::RequestBody);
    let types = |content: &IndexMap<String, MediaType>| words::list(content.keys().map(String::as_str));
    let (old, new) = match (&base.request_body, &revision.request_body) {
        (None, None) => return,
        (None, Some(new)) => {
            let rule = if new.required { &rules::REQUIRED_BODY_ADDED } else { &rules::BODY_ADDED };
            return comparison.plain(rule, &at, Sides::Revision, (None, Some(types(&new.content))));
        }
        (Some(old), None) => {
            return comparison.plain(&rules::BODY_REMOVED, &at, Sides::Base, (Some(types(&old.content)), None));
        }
        (Some(old), Some(new)) => (old, new),
    };
    match (old.required, new.required) {
        (false, true) => comparison.plain(&rules::BODY_BECAME_REQUIRED, &at, Sides::Both, (None, None)),
        (true, false) => comparison.plain(&rules::BODY_BECAME_OPTIONAL, &at, Sides::Both, (None, None)),
        _ => {}
    }
    if words::texts_differ(old.description.as_deref(), new.description.as_deref()) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
    }
    extensions(comparison, &old.extensions, &new.extensions, &[], &at);
    comparison.ways = Ways::REQUEST;
    let media_types = (&rules::REQUEST_MEDIA_TYPE_ADDED, &rules::REQUEST_MEDIA_TYPE_REMOVED);
    content(comparison, (&old.content, &new.content), media_types, Ways::REQUEST, &at);
    comparison.ways = Ways::NONE;
}

pub(super) fn responses(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let (old_contract, new_contract) = (comparison.base, comparison.revision);
    let pairs = statuses::pair_up(base, revision);
    for (old_status, new_status) in pairs.same {
        let (Some(old), Some(new)) = (base.responses.get(old_status), revision.responses.get(new_status)) else {
            continue;
        };
        let at = at.then(Step::Response(old_status, new_status));
        if let (Some(old), Some(new)) = (resolve(old, &old_contract.responses), resolve(new, &new_contract.responses)) {
            comparison.ways = Ways::RESPONSE;
            response(comparison, old, new, &at);
            comparison.ways = Ways::NONE;
        }
    }
    for (status, became) in pairs.base {
        let rule = match became {
            Became::Other if statuses::succeeds(status, base) => &rules::SUCCESS_REMOVED,
            Became::Other => &rules::FAILURE_REMOVED,
            Became::Success => &rules::STATUS_NARROWED,
        };
        comparison.plain(rule, &at.then(Step::Response(status, status)), Sides::Base, (None, None));
    }
    // Where nothing was said of success before, nobody relied on another one.
    let is_first = !base.responses.keys().any(|known| statuses::succeeds(known, base));
    for (status, was) in pairs.revision {
        let rule = match was {
            Became::Other if !statuses::succeeds(status, revision) => &rules::FAILURE_ADDED,
            Became::Other if is_first => &rules::SUCCESS_STATED,
            Became::Other => &rules::SUCCESS_ADDED,
            Became::Success => &rules::STATUS_WIDENED,
        };
        comparison.plain(rule, &at.then(Step::Response(status, status)), Sides::Revision, (None, None));
    }
}

fn response(comparison: &mut Comparison<'_>, old: &Response, new: &Response, at: &At<'_>) {
    if words::texts_differ(Some(&old.description), Some(&new.description)) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, at, Sides::Both, (None, None));
    }
    extensions(comparison, &old.extensions, &new.extensions, &[], at);
    headers(comparison, old, new, at);
    let types = |content: &IndexMap<String, MediaType>| words::list(content.keys().map(String::as_str));
    match (old.content.is_empty(), new.content.is_empty()) {
        (true, false) => {
            comparison.plain(&rules::RESPONSE_BODY_ADDED, at, Sides::Both, (None, Some(types(&new.content))));
        }
        (false, true) => {
            comparison.plain(&rules::RESPONSE_BODY_REMOVED, at, Sides::Both, (Some(types(&old.content)), None));
        }
        _ => {
            let media_types = (&rules::RESPONSE_MEDIA_TYPE_ADDED, &rules::RESPONSE_MEDIA_TYPE_REMOVED);
            content(comparison, (&old.content, &new.content), media_types, Ways::RESPONSE, at);
        }
    }
}

fn headers(comparison: &mut Comparison<'_>, old: &Response, new: &Response, at: &At<'_>) {
    let find = |headers: &IndexMap<String, Header>, name: &str| {
        headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, header)| header.clone())
    };
    for (name, header) in &old.headers {
        let at = at.then(Step::Header(name));
        let Some(revised) = find(&new.headers, name) else {
            let rule = if header.required {
                &rules::REQUIRED_RESPONSE_HEADER_REMOVED
            } else {
                &rules::RESPONSE_HEADER_REMOVED
            };
            comparison.plain(rule, &at, Sides::Base, (None, None));
            continue;
        };
        match (header.required, revised.required) {
            (false, true) => {
                comparison.plain(&rules::RESPONSE_HEADER_BECAME_REQUIRED, &at, Sides::Both, (None, None));
            }
            (true, false) => {
                comparison.plain(&rules::RESPONSE_HEADER_BECAME_OPTIONAL, &at, Sides::Both, (None, None));
            }
            _ => {}
        }
        if words::texts_differ(header.description.as_deref(), revised.description.as_deref()) {
            comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
        }
        extensions(comparison, &header.extensions, &revised.extensions, &[], &at);
        schema::compare(comparison, &header.schema, &revised.schema, &at.then(Step::Value));
    }
    for (name, _) in new.headers.iter().filter(|(name, _)| find(&old.headers, name).is_none()) {
        comparison.plain(&rules::RESPONSE_HEADER_ADDED, &at.then(Step::Header(name)), Sides::Revision, (None, None));
    }
}

/// Media types of a body, and what they hold.
fn content(
    comparison: &mut Comparison<'_>,
    (old, new): (&IndexMap<String, MediaType>, &IndexMap<String, MediaType>),
    (added, removed): (&'static Rule, &'static Rule),
    way: Ways,
    at: &At<'_>,
) {
    let nothing = Schema::default();
    let schema_of = |media_type: &MediaType| media_type.schema.clone().unwrap_or_else(|| nothing.clone());
    // Most bodies have one schema for all of their media types: what changes in it changes once.
    let mut compared: Vec<(Schema, Schema)> = Vec::new();
    let mut compare = |comparison: &mut Comparison<'_>, a: &MediaType, b: &MediaType, at: &At<'_>| {
        let both = (schema_of(a), schema_of(b));
        if !compared.contains(&both) {
            schema::compare(comparison, &both.0, &both.1, &at.then(Step::Value));
            compared.push(both);
        }
    };
    let find = |all: &'_ IndexMap<String, MediaType>, name: &str| {
        let same = |same: fn(&str, &str) -> bool| all.keys().position(|other| same(other, name));
        // A contract may list two that are written otherwise, or differ in a charset alone.
        same(|a, b| a == b)
            .or_else(|| same(|a, b| media_types::written(a) == media_types::written(b)))
            .or_else(|| same(|a, b| media_types::plain(a) == media_types::plain(b)))
    };
    // A wider range accepts what is sent, and what is received was expected in a wider range.
    let covers = |wide: &IndexMap<String, MediaType>, name: &str| {
        wide.keys().position(|range| media_types::includes(range, name))
    };
    let mut any_met = false;
    for (name, a) in old {
        let at = at.then(Step::Content(name));
        let found = find(new, name).or_else(|| if way == Ways::REQUEST { covers(new, name) } else { None });
        let Some((_, b)) = found.and_then(|index| new.get_index(index)) else {
            if way == Ways::REQUEST || !new.keys().any(|other| media_types::includes(name, other)) {
                comparison.plain(removed, &at, Sides::Base, (None, None));
            }
            continue;
        };
        any_met = true;
        let example_of = |media_type: &MediaType| media_type.first_example().cloned();
        if example_of(a) != example_of(b) {
            comparison.plain(&rules::EXAMPLE_CHANGED, &at, Sides::Both, (None, None));
        }
        extensions(comparison, &a.extensions, &b.extensions, &["examples"], &at);
        compare(comparison, a, b, &at);
    }
    for (name, b) in new.iter().filter(|(name, _)| find(old, name).is_none()) {
        let at = at.then(Step::Content(name));
        comparison.plain(added, &at, Sides::Revision, (None, None));
        let wider = if way == Ways::RESPONSE { covers(old, name) } else { None };
        if let Some((_, a)) = wider.and_then(|index| old.get_index(index)) {
            any_met = true;
            compare(comparison, a, b, &at);
        }
    }
    // Nothing in common: what the first ones hold may still be the same thing.
    if let (false, Some((_, a)), Some((name, b))) = (any_met, old.first(), new.first()) {
        compare(comparison, a, b, &at.then(Step::Content(name)));
    }
}
