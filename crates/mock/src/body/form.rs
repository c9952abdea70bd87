//! `application/x-www-form-urlencoded` bodies.

use docwright_contract::model::{Location, Schema};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::Encoding;
use crate::media;
use crate::parameters::{FieldReader, Style, pairs};
use crate::schemas::Schemas;

/// The object that the fields make.
pub(super) fn read(
    schemas: &Schemas,
    schema: &Schema,
    encoding: &IndexMap<String, Encoding>,
    body: &[u8],
) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|_| "expected a form in UTF-8".to_owned())?;
    let query = pairs(text.trim_end_matches(['\r', '\n']));
    let mut members = Map::new();
    let mut used: Vec<&str> = Vec::new();
    for (name, property) in schemas.properties(schema) {
        let own = encoding.get(name);
        let kinds = schemas.kinds(property);
        let is_document = own.and_then(|own| own.content_type.as_deref()).is_some_and(media::is_json);
        let style = own.and_then(|own| own.style.as_deref());
        let style = match style {
            // Objects travel as brackets more often than as what the specification's default says.
            None if kinds.object
                && !kinds.scalar()
                && query.iter().any(|(field, _)| field.starts_with(&format!("{name}["))) =>
            {
                Style::DeepObject
            }
            style => Style::of(style, Location::Query),
        };
        let list_in_brackets = kinds.array && !kinds.scalar() && !query.iter().any(|(field, _)| field == name);
        let style = if list_in_brackets && style == Style::Form { Style::DeepObject } else { style };
        let explode = own.and_then(|own| own.explode).unwrap_or(style == Style::Form);
        let reader = FieldReader { schemas, schema: property, name, style, explode };
        let whole_document = is_document
            || kinds.object
                && !kinds.scalar()
                && style != Style::DeepObject
                && own.and_then(|own| own.style.as_ref()).is_none();
        let value = if whole_document { reader.document(&query) } else { reader.field(&query) };
        if let Some(value) = value.map_err(|problem| format!("field `{name}`: {problem}"))? {
            members.insert(name.to_owned(), value);
        }
        used.push(name);
    }
    let any = Schema::default();
    let values = schemas.kinds(schemas.values(schema).unwrap_or(&any));
    for (field, raw) in &query {
        let is_used = used
            .iter()
            .any(|name| field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('[')));
        if !is_used {
            members.insert(field.clone().into_owned(), values.read(&crate::parameters::decoded(raw)?));
        }
    }
    Ok(Value::Object(members))
}
