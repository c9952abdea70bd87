//! What a page says of the body of its request and of its answer.

use docwright_pages::page::{BodySection, Page, PropertyRow, ResponseSection, Sample, Spanned};
use serde_json::Value;

use super::evidence::{Evidence, Place, Root, Shape};
use super::types::{TypeName, scalar, type_name};
use crate::model::{Schema, Type};
use crate::text::clean_markdown;

/// Both bodies of an operation.
#[derive(Default)]
pub(super) struct Bodies {
    pub(super) request: Option<Body>,
    pub(super) response: Option<Body>,
}

/// One body.
pub(super) struct Body {
    /// What it is; `None` where it is certain that there is no content.
    pub(super) shape: Option<Shape>,
    /// The page's sample, where it is JSON.
    pub(super) example: Option<Value>,
    /// The media type of the sample, without parameters.
    pub(super) example_type: Option<String>,
}

/// Reads both bodies of a page.
pub(super) fn read(index: usize, page: &Page, evidence: &mut Evidence) -> Bodies {
    Bodies {
        request: page.request_body.as_ref().map(|section| request(index, page, section, evidence)),
        response: page.response.as_ref().map(|section| response(index, page, section, evidence)),
    }
}

fn request(index: usize, page: &Page, section: &BodySection, evidence: &mut Evidence) -> Body {
    let sample = page.sample_request.as_ref();
    let name = section.name.as_ref().map(|name| name.value.trim()).filter(|name| !name.is_empty());
    let kind = section.kind.as_ref().map_or("", |kind| kind.value.trim());
    let generic = name.is_none_or(|name| name.eq_ignore_ascii_case("request"));
    let root = Root {
        stated_name: None,
        id_name: (!generic).then(|| name.map(str::to_owned)).flatten(),
        request_of: generic.then(|| format!("{}Request", operation_name(&page.id.value))),
        description: section.description.as_ref().and_then(|text| clean_markdown(&text.value)),
    };
    let place = Place { page: index, span: section.heading };
    let value = sample.and_then(|sample| sample.body.as_ref());
    let shape = root_shape(kind, root, section.properties.as_deref(), value, place, evidence);
    body(Some(shape), sample)
}

fn response(index: usize, page: &Page, section: &ResponseSection, evidence: &mut Evidence) -> Body {
    let sample = page.sample_response.as_ref();
    let stated = |kind: &Option<Spanned<String>>| kind.as_ref().map(|kind| kind.value.trim().to_owned());
    let heading = stated(&section.kind);
    let body_kind = stated(&section.body).filter(|kind| !kind.is_empty());
    let Some(kind) = body_kind.or(heading) else { return body(None, sample) };
    let description = section.description.as_ref().map(|text| text.value.as_str()).unwrap_or_default();
    let mut root = Root {
        stated_name: stated_carrier(description),
        id_name: Some(entity(&page.id.value).to_owned()),
        request_of: None,
        description: clean_markdown(description),
    };
    let type_name = type_name(&kind);
    if let TypeName::Named(name) = &type_name {
        root.stated_name = Some(name.clone());
        root.description = None;
    }
    let place = Place { page: index, span: section.heading };
    let value = sample.and_then(|sample| sample.body.as_ref());
    if kind.is_empty() {
        let has_content = section.statuses.iter().any(|row| row.status.value.starts_with("200"));
        let binary =
            scalar("binary").map(Box::new).map(Shape::Scalar).filter(|_| has_content && section.kind.is_some());
        return body(binary, sample);
    }
    let shape = root_shape(&kind, root, section.properties.as_deref(), value, place, evidence);
    body(Some(shape), sample)
}

/// The shape of a body's root from the kind that its heading names.
fn root_shape(
    kind: &str,
    root: Root,
    rows: Option<&[PropertyRow]>,
    sample: Option<&Value>,
    place: Place,
    evidence: &mut Evidence,
) -> Shape {
    let hint = root.id_name.clone().unwrap_or_default();
    match (type_name(kind), rows) {
        (TypeName::Array, Some(rows)) => {
            let item = sample.and_then(Value::as_array).and_then(|items| items.first());
            Shape::Array(Box::new(evidence.root(root, rows, item, place)))
        }
        (TypeName::Array, None) => Shape::Array(Box::new(evidence.items(&hint, sample, place))),
        (TypeName::Scalar(schema), None) => Shape::Scalar(schema),
        (_, Some(rows)) => evidence.root(root, rows, sample, place),
        // Without a table the pages promise no properties: an `object` is a map.
        (TypeName::Object, None) => Shape::Map(Box::new(evidence.map_values(&hint, sample, place))),
        (TypeName::Named(_) | TypeName::Unnamed | TypeName::Unknown, None) => match sample {
            Some(Value::Object(_)) | None => evidence.root(root, &[], sample, place),
            Some(value) => evidence.sample(&hint, value, place),
        },
    }
}

fn body(shape: Option<Shape>, sample: Option<&Sample>) -> Body {
    let example = sample.and_then(|sample| sample.body.clone());
    let example_type = sample.and_then(|sample| {
        let (_, value) = sample.headers.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("content-type"))?;
        Some(value.value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    });
    Body { shape, example, example_type }
}

/// The name in a sentence of the form "Carrier object for X.".
fn stated_carrier(description: &str) -> Option<String> {
    const SENTENCE: &str = "Carrier object for ";
    let start = description.find(SENTENCE)? + SENTENCE.len();
    let name: String = description[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
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

/// The schema of text that nothing is known about.
pub(super) fn unknown_text() -> Schema {
    Schema::new(Type::String { format: None })
}

#[cfg(test)]
mod tests {
    use super::{entity, operation_name, stated_carrier};

    #[test]
    fn names_are_found_in_sentences_and_ids() {
        assert_eq!(
            stated_carrier("A. Carrier object for ChatSessionEntity.\nMore").as_deref(),
            Some("ChatSessionEntity")
        );
        assert_eq!(stated_carrier("No carrier here"), None);
        assert_eq!(entity("v1ChatSessionEntity_GetAll"), "ChatSessionEntity");
        assert_eq!(entity("vault_Get"), "vault");
        assert_eq!(entity("Ping"), "Ping");
        assert_eq!(operation_name("v1ChatAgent_Get"), "Get");
        assert_eq!(operation_name("Ping"), "Ping");
    }
}
