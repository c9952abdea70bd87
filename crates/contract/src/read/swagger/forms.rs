//! Form fields as a body.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{SCHEMA_MEMBERS, own_schema};
use crate::model::{Additional, Extensions, MediaType, RequestBody, Schema, Type};
use crate::read::{
    cursor::Cursor,
    error::{NoteKind, ReadError},
};

const URL_ENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// One object with a property a field, in each form that can carry it.
pub(super) fn request_body(fields: &[Cursor<'_>], consumes: &[String]) -> Result<RequestBody, ReadError> {
    let mut properties = IndexMap::new();
    let mut required = BTreeSet::new();
    let mut encoding = Map::new();
    let mut has_file = false;
    for field in fields {
        let name = field.require("name")?.text()?.to_owned();
        has_file |= field.text_of("type")?.as_deref() == Some("file");
        if field.flag_of("required")? {
            required.insert(name.clone());
        }
        let property = property(field)?;
        if let Type::Array { .. } = property.ty
            && let Some(how) = joined(field)?
        {
            encoding.insert(name.clone(), how);
        }
        properties.insert(name, property);
    }
    let is_required = !required.is_empty();
    let object = Type::Object { properties, required, additional: Additional::Unstated };
    let mut form = MediaType { schema: Some(Schema::new(object)), ..MediaType::default() };
    if !encoding.is_empty() {
        form.extensions.insert("encoding".to_owned(), Value::Object(encoding));
    }
    let names = media_types(fields, consumes, has_file);
    Ok(RequestBody {
        description: None,
        required: is_required,
        content: names.into_iter().map(|name| (name, form.clone())).collect(),
        extensions: Extensions::new(),
    })
}

/// Files need parts; everything else goes in either form.
fn media_types(fields: &[Cursor<'_>], consumes: &[String], has_file: bool) -> Vec<String> {
    let is_form = |name: &str| {
        let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == MULTIPART || essence == URL_ENCODED && !has_file
    };
    let (forms, others): (Vec<_>, Vec<_>) = consumes.iter().cloned().partition(|name| is_form(name));
    if !others.is_empty()
        && let Some(field) = fields.first()
    {
        let others = others.join(", ");
        field.note(NoteKind::LeftOut, format!("a form cannot travel as {others}, which `consumes` names"));
    }
    if forms.is_empty() { vec![if has_file { MULTIPART } else { URL_ENCODED }.to_owned()] } else { forms }
}

fn property(field: &Cursor<'_>) -> Result<Schema, ReadError> {
    let known = ["name", "in", "description", "required", "schema", "collectionFormat"];
    let known: Vec<_> = known.iter().chain(SCHEMA_MEMBERS).copied().collect();
    let mut schema = own_schema(field)?;
    schema.description = field.text_of("description")?.or(schema.description);
    for (name, value) in field.rest(&known)? {
        match name.as_str() {
            "allowEmptyValue" if value == Value::Bool(false) => {}
            name if name == "allowEmptyValue" || name.starts_with("x-") => {
                schema.extensions.insert(name.to_owned(), value);
            }
            // It stands in a schema now, where it could be a keyword.
            name => {
                if let Some(other) = field.other_name(name, "a form field has no such member") {
                    schema.extensions.insert(other, value);
                }
            }
        }
    }
    Ok(schema)
}

/// How the values of a list are joined, where they are not repeated, which is what forms do.
fn joined(field: &Cursor<'_>) -> Result<Option<Value>, ReadError> {
    let place = field.get("collectionFormat");
    Ok(match place.as_ref().map_or(Ok("csv"), |place| place.text())? {
        "multi" => None,
        "csv" => Some(json!({ "style": "form", "explode": false })),
        "ssv" => Some(json!({ "style": "spaceDelimited", "explode": false })),
        "pipes" => Some(json!({ "style": "pipeDelimited", "explode": false })),
        other => {
            let place = place.as_ref().unwrap_or(field);
            place.note(NoteKind::Moved, "OpenAPI 3 has no such way to join values; kept in `encoding`");
            Some(json!({ "x-collectionFormat": other }))
        }
    })
}
