//! Parameters, bodies, responses and security schemes.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::{cursor::Cursor, error::ReadError, schema};
use crate::model::{
    Header, Location, MediaType, Parameter, RequestBody, Response, Schema, SecurityScheme, SecuritySchemeKind,
};

pub(super) fn parameter(cursor: &Cursor<'_>) -> Result<Parameter, ReadError> {
    let location = location(&cursor.require("in")?)?;
    let mut extensions = cursor.rest(&["name", "in", "description", "required", "deprecated", "schema"])?;
    drop_defaults(&mut extensions, location);
    let mut schema = cursor.get("schema").map_or(Ok(Schema::default()), |schema| schema::schema(&schema))?;
    // A parameter's own example says the same as its schema's.
    if schema.example.is_none()
        && let Some(example) = extensions.remove("example")
    {
        schema.example = Some(example);
    }
    Ok(Parameter {
        name: cursor.require("name")?.text()?.to_owned(),
        location,
        description: cursor.text_of("description")?,
        required: cursor.flag_of("required")?,
        deprecated: cursor.flag_of("deprecated")?,
        schema,
        extensions,
    })
}

/// Removes what says no more than the specification's defaults do.
fn drop_defaults(extensions: &mut crate::model::Extensions, location: Location) {
    let default_style = match location {
        Location::Path | Location::Header => "simple",
        Location::Query | Location::Cookie => "form",
    };
    let style = extensions.get("style").and_then(Value::as_str).unwrap_or(default_style).to_owned();
    if extensions.get("explode").and_then(Value::as_bool) == Some(style == "form") {
        extensions.remove("explode");
    }
    if style == default_style {
        extensions.remove("style");
    }
    for flag in ["allowEmptyValue", "allowReserved"] {
        if extensions.get(flag) == Some(&Value::Bool(false)) {
            extensions.remove(flag);
        }
    }
}

fn location(cursor: &Cursor<'_>) -> Result<Location, ReadError> {
    let text = cursor.text()?;
    [Location::Path, Location::Query, Location::Header, Location::Cookie]
        .into_iter()
        .find(|location| location.as_str() == text)
        .ok_or_else(|| cursor.unexpected("`path`, `query`, `header` or `cookie`"))
}

pub(super) fn request_body(cursor: &Cursor<'_>) -> Result<RequestBody, ReadError> {
    Ok(RequestBody {
        description: cursor.text_of("description")?,
        required: cursor.flag_of("required")?,
        content: content(&cursor.require("content")?)?,
        extensions: cursor.rest(&["description", "required", "content"])?,
    })
}

pub(super) fn response(cursor: &Cursor<'_>) -> Result<Response, ReadError> {
    let headers = cursor.members_of("headers")?;
    Ok(Response {
        description: cursor.text_of("description")?.unwrap_or_default(),
        headers: headers
            .into_iter()
            .map(|(name, value)| Ok((name.to_owned(), header(&value.resolve()?)?)))
            .collect::<Result<_, _>>()?,
        content: cursor.get("content").map_or(Ok(IndexMap::new()), |all| content(&all))?,
        extensions: cursor.rest(&["description", "headers", "content"])?,
    })
}

fn header(cursor: &Cursor<'_>) -> Result<Header, ReadError> {
    let mut schema = cursor.get("schema").map_or(Ok(Schema::default()), |schema| schema::schema(&schema))?;
    for (name, value) in cursor.rest(&["description", "required", "schema", "style", "explode"])? {
        if name == "example" && schema.example.is_none() {
            schema.example = Some(value);
        } else {
            schema.extensions.entry(name).or_insert(value);
        }
    }
    Ok(Header { description: cursor.text_of("description")?, required: cursor.flag_of("required")?, schema })
}

fn content(cursor: &Cursor<'_>) -> Result<IndexMap<String, MediaType>, ReadError> {
    let members = cursor.members()?;
    members.into_iter().map(|(name, form)| Ok((name.to_owned(), media_type(&form)?))).collect()
}

fn media_type(cursor: &Cursor<'_>) -> Result<MediaType, ReadError> {
    let mut extensions = cursor.rest(&["schema", "example"])?;
    let mut example = cursor.get("example").map(|example| example.value.clone());
    // A single named example says the same as `example`.
    if example.is_none()
        && let Some(examples) = cursor.get("examples")
        && let [(_, only)] = examples.members()?.as_slice()
        && let Some(value) = only.resolve()?.get("value")
    {
        example = Some(value.value.clone());
        extensions.remove("examples");
    }
    Ok(MediaType {
        schema: cursor.get("schema").map(|schema| schema::schema(&schema)).transpose()?,
        example: example.map(Arc::new),
        extensions,
    })
}

pub(super) fn security_scheme(cursor: &Cursor<'_>) -> Result<SecurityScheme, ReadError> {
    let kind = cursor.require("type")?;
    let (kind, known): (_, &[&str]) = match kind.text()? {
        "http" => {
            let scheme = cursor.require("scheme")?.text()?.to_ascii_lowercase();
            let bearer_format = cursor.text_of("bearerFormat")?;
            (SecuritySchemeKind::Http { scheme, bearer_format }, &["scheme", "bearerFormat"])
        }
        "apiKey" => {
            let name = cursor.require("name")?.text()?.to_owned();
            (SecuritySchemeKind::ApiKey { name, location: location(&cursor.require("in")?)? }, &["name", "in"])
        }
        _ => {
            let mut whole = cursor.object()?.clone();
            whole.shift_remove("description");
            let description = cursor.text_of("description")?;
            let kind = SecuritySchemeKind::Other(Value::Object(whole));
            return Ok(SecurityScheme { description, kind, extensions: Default::default() });
        }
    };
    let known: Vec<_> = known.iter().copied().chain(["type", "description"]).collect();
    Ok(SecurityScheme { description: cursor.text_of("description")?, kind, extensions: cursor.rest(&known)? })
}
