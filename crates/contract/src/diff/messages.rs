//! Bodies of requests, and answers with their bodies and headers.

use indexmap::IndexMap;

use super::components::{Comparison, Sides, Ways};
use super::operations_support::resolve;
use super::place::{At, Step};
use super::rules::Rule;
use super::schema::{self, extensions};
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
    content(comparison, &old.content, &new.content, media_types, &at);
    comparison.ways = Ways::NONE;
}

pub(super) fn responses(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let succeeds = |status: &str| status.starts_with(['2', '3']);
    let (old_contract, new_contract) = (comparison.base, comparison.revision);
    for (status, old) in &base.responses {
        let at = at.then(Step::Response(status));
        let Some(new) = revision.responses.get(status) else {
            let rule = if succeeds(status) { &rules::SUCCESS_REMOVED } else { &rules::FAILURE_REMOVED };
            comparison.plain(rule, &at, Sides::Base, (None, None));
            continue;
        };
        let both = (resolve(old, &old_contract.responses), resolve(new, &new_contract.responses));
        if let (Some(old), Some(new)) = both {
            comparison.ways = Ways::RESPONSE;
            response(comparison, old, new, &at);
            comparison.ways = Ways::NONE;
        }
    }
    for status in revision.responses.keys().filter(|status| !base.responses.contains_key(*status)) {
        let at = at.then(Step::Response(status));
        // Where nothing was said of success before, nobody relied on another one.
        let is_first = !base.responses.keys().any(|known| succeeds(known));
        let rule = if succeeds(status) && !is_first { &rules::SUCCESS_ADDED } else { &rules::FAILURE_ADDED };
        comparison.plain(rule, &at, Sides::Revision, (None, None));
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
            content(comparison, &old.content, &new.content, media_types, at);
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
    old: &IndexMap<String, MediaType>,
    new: &IndexMap<String, MediaType>,
    (added, removed): (&'static Rule, &'static Rule),
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
    let mut any_met = false;
    for (name, a) in old {
        let at = at.then(Step::Content(name));
        let Some((_, b)) = new.iter().find(|(other, _)| plain(other) == plain(name)) else {
            comparison.plain(removed, &at, Sides::Base, (None, None));
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
    for (name, _) in new.iter().filter(|(name, _)| !old.keys().any(|other| plain(other) == plain(name))) {
        comparison.plain(added, &at.then(Step::Content(name)), Sides::Revision, (None, None));
    }
    // Nothing in common: what the first ones hold may still be the same thing.
    if let (false, Some((_, a)), Some((name, b))) = (any_met, old.first(), new.first()) {
        compare(comparison, a, b, &at.then(Step::Content(name)));
    }
}

/// Without blanks, in lower case.
fn plain(media_type: &str) -> String {
    media_type.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
