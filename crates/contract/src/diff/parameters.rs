//! Parameters of an operation.

use std::collections::HashMap;

use serde_json::Value;

use super::components::{Comparison, Sides, Ways};
use super::operations::nameless;
use super::operations_support::resolve;
use super::place::{At, Step};
use super::schema::{self, extensions, similar};
use super::{rules, words};
use crate::model::{Contract, Location, Operation, Parameter, Schema, Type};

/// How a parameter is written.
const SERIALIZATION: [&str; 4] = ["style", "explode", "allowReserved", "content"];

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Operation, revision: &Operation, at: &At<'_>) {
    let mut old = all(comparison.base, base);
    let mut new = all(comparison.revision, revision);
    let mut pairs: Vec<(&Parameter, &Parameter)> = Vec::new();
    let key = |parameter: &Parameter| match parameter.location {
        Location::Header => (parameter.location, parameter.name.to_ascii_lowercase()),
        location => (location, parameter.name.clone()),
    };
    // Parameters of the path are told apart by where they stand in it.
    let (old_names, new_names) = (path_names(&base.path), path_names(&revision.path));
    if nameless(&base.path) != nameless(&revision.path) {
        take(&mut old, &mut new, &mut pairs, |a, b| key(a) == key(b));
    }
    take(&mut old, &mut new, &mut pairs, |a, b| {
        let position = |names: &[&str], parameter: &Parameter| names.iter().position(|name| *name == parameter.name);
        let (from, to) = (position(&old_names, a), position(&new_names, b));
        a.location == Location::Path && b.location == Location::Path && from == to && from.is_some()
    });
    take(&mut old, &mut new, &mut pairs, |a, b| key(a) == key(b));
    take(&mut old, &mut new, &mut pairs, |a, b| a.name.eq_ignore_ascii_case(&b.name));
    take(&mut old, &mut new, &mut pairs, is_rename);
    let positions: HashMap<*const Parameter, usize> = all(comparison.revision, revision)
        .into_iter()
        .enumerate()
        .map(|(at, parameter)| (&raw const *parameter, at))
        .collect();
    pairs.sort_by_key(|(_, parameter)| positions.get(&(&raw const **parameter)).copied());
    for (base, revision) in pairs {
        comparison.ways = Ways::REQUEST;
        let is_swapped = base.location == Location::Path
            && base.name != revision.name
            && new_names.contains(&base.name.as_str())
            && old_names.contains(&revision.name.as_str());
        if is_swapped {
            let at = at.then(Step::Parameter(revision.location, &revision.name));
            let values = (Some(base.name.clone()), Some(revision.name.clone()));
            comparison.plain(&rules::PATH_PARAMETERS_SWAPPED, &at, Sides::Both, values);
        }
        pair(comparison, base, revision, is_swapped, at);
    }
    comparison.ways = Ways::NONE;
    for gone in old {
        let at = at.then(Step::Parameter(gone.location, &gone.name));
        let values = (Some(described(gone)), None);
        comparison.plain(&rules::PARAMETER_REMOVED, &at, Sides::Base, values);
    }
    for added in new {
        let at = at.then(Step::Parameter(added.location, &added.name));
        let is_required = added.required || added.location == Location::Path;
        let rule = if is_required { &rules::REQUIRED_PARAMETER_ADDED } else { &rules::PARAMETER_ADDED };
        comparison.plain(rule, &at, Sides::Revision, (None, Some(words::schema(&added.schema))));
    }
}

fn described(parameter: &Parameter) -> String {
    words::schema(&parameter.schema)
}

fn all<'c>(contract: &'c Contract, operation: &'c Operation) -> Vec<&'c Parameter> {
    let parameters = operation.parameters.iter().filter_map(|parameter| resolve(parameter, &contract.parameters));
    parameters.filter(|parameter| !is_ignored(parameter)).collect()
}

/// OpenAPI ignores these: bodies' media types and sign-in say what they hold.
fn is_ignored(parameter: &Parameter) -> bool {
    let names = ["accept", "content-type", "authorization"];
    parameter.location == Location::Header && names.contains(&parameter.name.to_ascii_lowercase().as_str())
}

/// Moves those that are the same from both lists to the pairs.
fn take<'c>(
    old: &mut Vec<&'c Parameter>,
    new: &mut Vec<&'c Parameter>,
    pairs: &mut Vec<(&'c Parameter, &'c Parameter)>,
    same: impl Fn(&Parameter, &Parameter) -> bool,
) {
    old.retain(|parameter| match new.iter().position(|other| same(parameter, other)) {
        Some(index) => {
            pairs.push((parameter, new.remove(index)));
            false
        }
        None => true,
    });
}

/// The same place, type and description, which is not empty: only the name differs.
fn is_rename(a: &Parameter, b: &Parameter) -> bool {
    let text = |parameter: &Parameter| parameter.description.clone().or_else(|| parameter.schema.description.clone());
    a.location == b.location
        && a.required == b.required
        && text(a).is_some_and(|description| !description.trim().is_empty() && Some(description) == text(b))
        && similar::shape(&a.schema) == similar::shape(&b.schema)
}

/// The parameters in a path template, in order.
fn path_names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn is_scalar(contract: &Contract, schema: &Schema) -> bool {
    let shape = &schema::followed(contract, schema).0.ty;
    matches!(shape, Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. })
}

fn pair(comparison: &mut Comparison<'_>, base: &Parameter, revision: &Parameter, is_swapped: bool, at: &At<'_>) {
    let at = at.then(Step::Parameter(revision.location, &revision.name));
    let whole = |parameter: &Parameter| format!("{} `{}`", parameter.location.as_str(), parameter.name);
    let is_header = base.location == Location::Header;
    if base.location != revision.location {
        let values = (Some(whole(base)), Some(whole(revision)));
        comparison.plain(&rules::PARAMETER_MOVED, &at, Sides::Both, values);
    } else if !is_swapped
        && base.name != revision.name
        && !(is_header && base.name.eq_ignore_ascii_case(&revision.name))
    {
        let rule = match base.location {
            Location::Path => &rules::PATH_PARAMETER_RENAMED,
            _ => &rules::PARAMETER_RENAMED,
        };
        comparison.plain(rule, &at, Sides::Both, (Some(base.name.clone()), Some(revision.name.clone())));
    }
    let required = |parameter: &Parameter| parameter.required || parameter.location == Location::Path;
    match (required(base), required(revision)) {
        (false, true) => comparison.plain(&rules::PARAMETER_BECAME_REQUIRED, &at, Sides::Both, (None, None)),
        (true, false) => comparison.plain(&rules::PARAMETER_BECAME_OPTIONAL, &at, Sides::Both, (None, None)),
        _ => {}
    }
    match (base.deprecated, revision.deprecated) {
        (false, true) => comparison.plain(&rules::PARAMETER_DEPRECATED, &at, Sides::Both, (None, None)),
        (true, false) => comparison.plain(&rules::PARAMETER_REACTIVATED, &at, Sides::Both, (None, None)),
        _ => {}
    }
    // Some tools describe the parameter, some its schema.
    let text = |parameter: &Parameter| {
        let own = parameter.description.as_deref().filter(|text| !text.trim().is_empty());
        own.or(parameter.schema.description.as_deref()).map(str::to_owned)
    };
    if words::texts_differ(text(base).as_deref(), text(revision).as_deref()) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
    }
    let has_no_parts = is_scalar(comparison.base, &base.schema) && is_scalar(comparison.revision, &revision.schema);
    for member in SERIALIZATION {
        // One value alone is written the same.
        if member == "explode" && has_no_parts {
            continue;
        }
        let (a, b) = (base.extensions.get(member), revision.extensions.get(member));
        // Its style depends on the place, which has been said.
        if a != b && base.location == revision.location {
            let [a, b] = [a, b].map(|value| value.map(|value| format!("{member}: {}", words::value(value))));
            comparison.plain(&rules::PARAMETER_SERIALIZATION, &at, Sides::Both, (a, b));
        }
    }
    let may_be_empty = |parameter: &Parameter| parameter.extensions.get("allowEmptyValue") == Some(&Value::Bool(true));
    match (may_be_empty(base), may_be_empty(revision)) {
        (false, true) => comparison.plain(&rules::EMPTY_PARAMETER_ALLOWED, &at, Sides::Both, (None, None)),
        (true, false) => comparison.plain(&rules::EMPTY_PARAMETER_REFUSED, &at, Sides::Both, (None, None)),
        _ => {}
    }
    let mut passed_over = SERIALIZATION.to_vec();
    passed_over.extend(["example", "allowEmptyValue"]);
    extensions(comparison, &base.extensions, &revision.extensions, &passed_over, &at);
    if base.extensions.get("example") != revision.extensions.get("example") {
        comparison.plain(&rules::EXAMPLE_CHANGED, &at, Sides::Both, (None, None));
    }
    let plain = |parameter: &Parameter| {
        let mut schema = parameter.schema.clone();
        schema.description = None;
        schema
    };
    schema::compare(comparison, &plain(base), &plain(revision), &at.then(Step::Value));
}
