//! What a page says of the body of its request and of its answer.

use std::borrow::Cow;
use std::sync::Arc;

use docwright_pages::page::{BodySection, Page, PropertyRow, ResponseSection, Sample};
use rayon::prelude::*;
use serde_json::Value;

use super::carriers::is_ids;
use super::evidence::{Evidence, Place, Root, Shape, singular};
use super::phrases::{object_of, stated_carrier};
use super::survey::{Survey, has_content};
use super::types::{Scalar, TypeName, type_name};
use super::{Decision, Place as PagePlace};
use crate::text::clean_markdown;

/// The rows of a body that is a list of JSON Patch operations (RFC 6902).
const JSON_PATCH: [&str; 3] = ["op", "path", "value"];

/// Both bodies of an operation.
#[derive(Default, Debug)]
pub(super) struct Bodies<'p> {
    pub(super) request: Option<Body<'p>>,
    pub(super) response: Option<Body<'p>>,
}

/// One body.
#[derive(Debug)]
pub(super) struct Body<'p> {
    /// What it is; `None` where it is certain that there is no content.
    pub(super) shape: Option<Shape>,
    /// What decided that.
    pub(super) rule: BodyRule,
    /// The page's sample, where it is JSON.
    pub(super) example: Option<&'p Arc<Value>>,
    /// The media type of the sample, without parameters.
    pub(super) example_type: Option<String>,
    /// What the page says of the body in this operation, cleaned.
    pub(super) description: Option<String>,
}

/// What decided what a body is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyRule {
    /// The heading names the kind or the carrier.
    Heading,
    /// A table prints properties, and nothing names another kind that could have some.
    Table,
    /// A table prints properties; only the sample shows that they are those of a list's items.
    SampleList,
    /// The sample alone shows it.
    Sample,
    /// The rows are those of JSON Patch (RFC 6902), whatever the heading says.
    JsonPatch,
    /// The heading says `object`, and there is no table that could promise properties.
    ObjectWithoutTable,
    /// The heading's colon has nothing behind it.
    EmptyKind,
    /// No status that the page lists has content.
    NoContentStatus,
    /// The page says and shows nothing of a body.
    NothingSaid,
    /// The page shows nothing but a name.
    Bare,
}

/// Reads the bodies of all pages, and what had to be decided about them. Each page is read by itself, so that all
/// processors take part; the outcome is that of reading one after the other.
pub(super) fn read_all<'p>(
    pages: &[(usize, &'p Page)],
    evidence: &mut Evidence<'p>,
    decisions: &mut Vec<Decision>,
) -> Vec<Bodies<'p>> {
    let survey = Arc::clone(&evidence.survey);
    let read_one = |(index, page): &(usize, &'p Page)| {
        let (mut shown, mut decided) = (Evidence::begin(&survey), Vec::new());
        let bodies = read(*index, page, &mut shown, &mut decided);
        (bodies, shown, decided)
    };
    let mut read: Vec<_> = pages.par_iter().map(read_one).collect();
    let before = |first: &mut usize, page: &(Bodies<'p>, Evidence<'p>, Vec<Decision>)| {
        Some(std::mem::replace(first, *first + page.1.sightings.len()))
    };
    let firsts: Vec<usize> = read.iter().scan(evidence.sightings.len(), before).collect();
    read.par_iter_mut().zip(firsts).for_each(|((bodies, shown, _), first)| {
        shown.shift(first);
        let bodies = [&mut bodies.request, &mut bodies.response].into_iter().flatten();
        bodies.filter_map(|body| body.shape.as_mut()).for_each(|shape| shape.shift(first));
    });
    evidence.sightings.reserve_exact(read.iter().map(|(_, shown, _)| shown.sightings.len()).sum());
    read.into_iter()
        .map(|(bodies, shown, decided)| {
            evidence.append(shown);
            decisions.extend(decided);
            bodies
        })
        .collect()
}

/// Reads both bodies of a page.
fn read<'p>(index: usize, page: &'p Page, evidence: &mut Evidence<'p>, decisions: &mut Vec<Decision>) -> Bodies<'p> {
    let request = page.request_body.as_ref().map(|section| request(index, page, section, evidence, decisions));
    let response = page.response.as_ref().map(|section| response(index, page, section, evidence));
    Bodies { request, response }
}

/// A sample without the carriers that it prints as `null` because it does not expand them. They are
/// no values: OpenAPI's references take no `null`, and an example that breaks its schema helps nobody.
pub(super) fn expanded(sample: &Arc<Value>, survey: &Survey<'_>) -> Arc<Value> {
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(has_null),
            Value::Object(members) => members.values().any(has_null),
            value => value.is_null(),
        }
    }
    // Samples are most of what a reference weighs: they are shared, not copied.
    if has_null(sample) { Arc::new(without_nulls(sample, survey)) } else { Arc::clone(sample) }
}

fn without_nulls(value: &Value, survey: &Survey<'_>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| without_nulls(item, survey)).collect(),
        Value::Object(members) => {
            let shown = members.iter().filter(|(name, value)| !value.is_null() || !survey.null_is_carrier(name));
            Value::Object(shown.map(|(name, value)| (name.clone(), without_nulls(value, survey))).collect())
        }
        scalar => scalar.clone(),
    }
}

fn request<'p>(
    index: usize,
    page: &'p Page,
    section: &'p BodySection,
    evidence: &mut Evidence<'p>,
    decisions: &mut Vec<Decision>,
) -> Body<'p> {
    let (found, description) = request_shape(index, page, section, evidence, decisions);
    Body { description: description.and_then(clean_markdown), ..body(found, page.sample_request.as_ref()) }
}

/// What the body of a request is, and what the page says of it.
fn request_shape<'p>(
    index: usize,
    page: &'p Page,
    section: &'p BodySection,
    evidence: &mut Evidence<'p>,
    decisions: &mut Vec<Decision>,
) -> (Found, Option<&'p str>) {
    let value = page.sample_request.as_ref().and_then(|sample| sample.body.as_deref());
    let description = section.description.as_ref().map(|text| text.value.as_str());
    let name = section.name.as_ref().map(|name| name.value.trim()).filter(|name| !name.is_empty());
    let kind = section.kind.as_ref().map_or("", |kind| kind.value.trim());
    let place = Place { page: index, span: section.heading };
    let rows = section.properties.as_deref();
    if kind.is_empty() && rows.is_none() && value.is_none() {
        let guess = bare_request(name.unwrap_or_default(), section);
        decisions.push(Decision {
            subject: page.id.value.clone(),
            rule: "bare-request-body",
            guess: true,
            reason: format!("the page shows nothing of the body; {}", guess.1),
            place: Some(PagePlace::from(place)),
        });
        return ((Some(guess.0), BodyRule::Bare), description);
    }
    let operation = operation_name(&page.id.value);
    let generic = name.is_none_or(|name| name.eq_ignore_ascii_case("request"));
    let is_patch = rows.is_some_and(|rows| rows.iter().map(|row| row.name.value.as_str()).eq(JSON_PATCH));
    let root = Root {
        object: object_of(operation).filter(|_| !is_patch),
        entity: Some(entity(&page.id.value)).filter(|_| !is_patch),
        heading: name.filter(|_| !generic),
        request_of: (generic && !is_patch).then(|| format!("{operation}Request")),
        // What is said of a carrier that others use too is about this body, not about the carrier.
        description: description.filter(|_| generic && !is_patch),
        is_patch,
    };
    if is_patch {
        // The heading calls it text; RFC 6902 says what it is.
        let rows = rows.unwrap_or_default();
        let stated = Some("JsonPatchOperation".to_owned());
        let operation = evidence.root(stated, root, rows, first_of(value), place);
        return ((Some(Shape::Array(Box::new(operation))), BodyRule::JsonPatch), description);
    }
    let stated = description.and_then(stated_carrier);
    (root_shape(kind, stated, root, rows, value, place, evidence), description)
}

/// What a request body is of which the page shows only the name, and why.
fn bare_request(name: &str, section: &BodySection) -> (Shape, &'static str) {
    let text = section.description.as_ref().map_or("", |text| text.value.as_str()).to_ascii_lowercase();
    let is_file = |word: &str| ["stream", "file", "image", "bitmap", "blob"].iter().any(|file| word.contains(file));
    let lower = name.to_ascii_lowercase();
    if is_ids(name) && singular(name) != name {
        (Shape::Array(Box::new(Shape::Scalar(Scalar::Int32))), "its name says that it is a list of ids")
    } else if is_file(&lower) || text.contains("a stream") || text.contains("file content") {
        (Shape::Scalar(Scalar::Byte), "its name or its text says that it is a file")
    } else if ["map", "dictionary", "keyvalues"].iter().any(|map| lower.ends_with(map)) {
        (Shape::Map(Box::new(Shape::Scalar(Scalar::String))), "its name says that it is a map")
    } else if singular(name) != name {
        (
            Shape::Array(Box::new(Shape::Scalar(Scalar::String))),
            "its name is a plural, so it is taken for a list of text",
        )
    } else {
        (Shape::Scalar(Scalar::String), "it is taken for text")
    }
}

fn response<'p>(index: usize, page: &'p Page, section: &'p ResponseSection, evidence: &mut Evidence<'p>) -> Body<'p> {
    let sample = page.sample_response.as_ref();
    let stated = |kind: &'p Option<docwright_pages::page::Spanned<String>>| kind.as_ref().map(|kind| kind.value.trim());
    let body_kind = stated(&section.body).filter(|kind| !kind.is_empty());
    let heading = stated(&section.kind);
    let rows = section.properties.as_deref();
    let value = sample.and_then(|sample| sample.body.as_deref());
    let is_answered = section.statuses.iter().any(|row| has_content(row.status.value.trim()));
    if !is_answered && rows.is_none() {
        // Pages of operations without content may still name a body.
        return body((None, BodyRule::NoContentStatus), sample);
    }
    let kind = body_kind.or(heading).unwrap_or_default();
    if kind.is_empty() && rows.is_none() && value.is_none_or(Value::is_null) {
        // A colon with nothing behind it is what binary answers have; without one there is no content.
        let is_binary = heading.is_some() && section.statuses.iter().any(|row| row.status.value.starts_with("200"));
        let binary = (Some(Shape::Scalar(Scalar::Binary)), BodyRule::EmptyKind);
        return body(if is_binary { binary } else { (None, BodyRule::NothingSaid) }, sample);
    }
    let description = section.description.as_ref().map(|text| text.value.as_str());
    let mut stated = description.and_then(stated_carrier);
    let mut root = Root {
        object: object_of(operation_name(&page.id.value)),
        entity: Some(entity(&page.id.value)),
        heading: None,
        request_of: None,
        // Some states repeat the text of the status here, which is about the answer.
        description: description
            .filter(|text| section.statuses.iter().all(|row| row.description.value.trim() != text.trim())),
        is_patch: false,
    };
    if let TypeName::Named(name) = type_name(kind) {
        stated = evidence.survey.name(&name, None).map(str::to_owned);
        // Where headings name the carrier, the text is about the answer.
        root.description = None;
    }
    let place = Place { page: index, span: section.heading };
    body(root_shape(kind, stated, root, rows, value, place, evidence), sample)
}

/// What a body is, and what decided that.
type Found = (Option<Shape>, BodyRule);

/// The shape of a body's root from the kind that its heading names.
fn root_shape<'p>(
    kind: &str,
    stated_name: Option<String>,
    mut root: Root<'p>,
    rows: Option<&'p [PropertyRow]>,
    sample: Option<&'p Value>,
    place: Place,
    evidence: &mut Evidence<'p>,
) -> Found {
    let hint = root.object.clone().or(root.entity.map(str::to_owned)).unwrap_or_default();
    let (shape, rule) = match (type_name(kind), rows) {
        (TypeName::Scalar(scalar), None) => (Shape::Scalar(scalar), BodyRule::Heading),
        (TypeName::Enumeration(values), None) => (Shape::Enumeration(values), BodyRule::Heading),
        (kind, Some(rows)) => {
            // A page that does not name the kind shows a list in its sample.
            let is_list = kind == TypeName::Array || sample.is_some_and(Value::is_array);
            if is_list {
                let rule = if kind == TypeName::Array { BodyRule::Heading } else { BodyRule::SampleList };
                root.object = root.object.map(|object| item_of(&object));
                let item = evidence.root(stated_name, root, rows, first_of(sample), place);
                (Shape::Array(Box::new(item)), rule)
            } else {
                let is_named = matches!(kind, TypeName::Object | TypeName::Named(_));
                let rule = if is_named { BodyRule::Heading } else { BodyRule::Table };
                (evidence.root(stated_name, root, rows, sample, place), rule)
            }
        }
        (TypeName::Array, None) => (Shape::Array(Box::new(evidence.items(&hint, sample, place))), BodyRule::Heading),
        // Without a table the pages promise no properties: an `object` is a map.
        (TypeName::Object, None) => {
            (Shape::Map(Box::new(evidence.map_values(&hint, sample, place))), BodyRule::ObjectWithoutTable)
        }
        (kind @ (TypeName::Named(_) | TypeName::Unnamed | TypeName::Unknown), None) => match sample {
            Some(Value::Object(_)) | None => {
                let is_named = matches!(kind, TypeName::Named(_));
                let unnamed = if sample.is_some() { BodyRule::Sample } else { BodyRule::NothingSaid };
                let rule = if is_named { BodyRule::Heading } else { unnamed };
                (evidence.root(stated_name, root, &[], sample, place), rule)
            }
            Some(value) => (evidence.sample(Cow::Owned(hint), value, place), BodyRule::Sample),
        },
    };
    (Some(shape), rule)
}

/// The first item of a list, or the value itself.
fn first_of(sample: Option<&Value>) -> Option<&Value> {
    match sample {
        Some(Value::Array(items)) => items.first(),
        sample => sample,
    }
}

/// What one item of a list is called: `UserInfoList` holds `UserInfo`.
fn item_of(object: &str) -> String {
    match object.strip_suffix("List") {
        Some(item) if !item.is_empty() => item.to_owned(),
        _ => singular(object),
    }
}

fn body((shape, rule): Found, sample: Option<&Sample>) -> Body<'_> {
    let example = sample.and_then(|sample| sample.body.as_ref());
    let example_type = sample.and_then(|sample| {
        let (_, value) = sample.headers.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("content-type"))?;
        Some(value.value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    });
    Body { shape, rule, example, example_type, description: None }
}

/// An operation's id without version and entity: `PickUpFirstChatSession`.
pub(super) fn operation_name(id: &str) -> &str {
    id.rsplit_once('_').map_or(id, |(_, name)| name)
}

/// The entity that an operation's id names: `v1ChatSessionEntity_…` gives `ChatSessionEntity`.
pub(super) fn entity(id: &str) -> &str {
    let entity = id.split_once('_').map_or(id, |(entity, _)| entity);
    let unversioned = entity.strip_prefix('v').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    match unversioned {
        Some(rest) if rest.len() + 1 < entity.len() && rest.starts_with(|c: char| c.is_ascii_uppercase()) => rest,
        _ => entity,
    }
}

#[cfg(test)]
mod tests {
    use super::{entity, item_of, operation_name};

    #[test]
    fn names_are_found_in_ids() {
        assert_eq!(entity("v1ChatSessionEntity_GetAll"), "ChatSessionEntity");
        assert_eq!(entity("vault_Get"), "vault");
        assert_eq!(entity("Ping"), "Ping");
        assert_eq!(operation_name("v1ChatAgent_Get"), "Get");
        assert_eq!(operation_name("Ping"), "Ping");
        assert_eq!(item_of("UserInfoList"), "UserInfo");
        assert_eq!(item_of("Boxes"), "Box");
    }
}
