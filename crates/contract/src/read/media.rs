//! Parameters, bodies, responses and security schemes.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    cursor::Cursor,
    error::{NoteKind, ReadError},
    schema,
};
use crate::model::{
    Extensions, Header, Location, MediaType, Parameter, RequestBody, Response, Schema, SecurityScheme,
    SecuritySchemeKind, Type,
};

pub(super) fn parameter(cursor: &Cursor<'_>) -> Result<Parameter, ReadError> {
    let location = location(&cursor.require("in")?)?;
    let mut extensions = cursor.rest(&["name", "in", "description", "required", "deprecated", "schema"])?;
    drop_defaults(&mut extensions, location);
    Ok(Parameter {
        name: cursor.require("name")?.text()?.to_owned(),
        location,
        description: cursor.text_of("description")?,
        required: required(cursor, location)?,
        deprecated: cursor.flag_of("deprecated")?,
        schema: schema_or_content(cursor, &mut extensions)?,
        extensions,
    })
}

/// A path cannot do without its parameters.
pub(super) fn required(cursor: &Cursor<'_>, location: Location) -> Result<bool, ReadError> {
    let stated = cursor.flag_of("required")?;
    if location == Location::Path && !stated {
        cursor.note(NoteKind::Invalid, "a path parameter is always required; read as if it said so");
    }
    Ok(stated || location == Location::Path)
}

/// What a parameter or header holds: it has a schema, or travels as one media type.
fn schema_or_content(cursor: &Cursor<'_>, extensions: &mut Extensions) -> Result<Schema, ReadError> {
    let mut schema = cursor.get("schema").map_or(Ok(Schema::default()), |schema| schema::schema(&schema))?;
    if let Some(all) = cursor.get("content") {
        let forms = all.members()?;
        let (name, form) = match forms.as_slice() {
            [only] => only,
            [first, ..] => {
                all.note(NoteKind::LeftOut, "there is one media type for a parameter; only the first is kept");
                first
            }
            [] => return Err(all.unexpected("one media type")),
        };
        let read = media_type(form)?;
        schema = read.schema.unwrap_or_default();
        let mut rest: Map<String, Value> = read.extensions.into_iter().collect();
        if let Some(example) = read.example.map(Arc::unwrap_or_clone) {
            match &schema.example {
                None => schema.example = Some(example),
                Some(known) if *known == example => {}
                // It says something else than the schema's, and stays where it stood.
                Some(_) => _ = rest.insert("example".to_owned(), example),
            }
        }
        extensions
            .insert("content".to_owned(), Value::Object([((*name).to_owned(), rest.into())].into_iter().collect()));
    }
    // A parameter's own example says the same as its schema's.
    if let Some(example) = examples(cursor, extensions)?
        && schema.example.as_ref().is_none_or(|known| *known == example)
    {
        extensions.remove("example");
        schema.example = Some(example);
    }
    Ok(schema)
}

/// The example of a parameter, header or media type; several stay in `extensions`, resolved. So
/// does one that has more than a value.
fn examples(cursor: &Cursor<'_>, extensions: &mut Extensions) -> Result<Option<Value>, ReadError> {
    if let Some(all) = cursor.get("examples").filter(|all| all.value.is_object()) {
        let resolved = resolved_members(&all)?;
        if let [only] = resolved.values().collect::<Vec<_>>().as_slice()
            && only.as_object().is_some_and(|members| members.len() == 1)
            && let Some(value) = only.get("value")
            && !extensions.contains_key("example")
        {
            // A single named example says the same as `example`.
            extensions.remove("examples");
            return Ok(Some(value.clone()));
        }
        extensions.insert("examples".to_owned(), Value::Object(resolved));
    }
    Ok(extensions.get("example").cloned())
}

/// An object of things each of which may be a reference, without references.
pub(super) fn resolved_members(all: &Cursor<'_>) -> Result<Map<String, Value>, ReadError> {
    all.members()?.into_iter().map(|(name, item)| Ok((name.to_owned(), item.resolve()?.value.clone()))).collect()
}

/// Removes what says no more than the specification's defaults do.
pub(super) fn drop_defaults(extensions: &mut Extensions, location: Location) {
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

pub(super) fn location(cursor: &Cursor<'_>) -> Result<Location, ReadError> {
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
    let mut extensions = cursor.rest(&["description", "headers", "content"])?;
    if let Some(links) = cursor.get("links") {
        extensions.insert("links".to_owned(), Value::Object(resolved_members(&links)?));
    }
    Ok(Response {
        description: cursor.text_of("description")?.unwrap_or_default(),
        headers: headers
            .into_iter()
            .map(|(name, value)| Ok((name.to_owned(), header(&value.resolve()?)?)))
            .collect::<Result<_, _>>()?,
        content: cursor.get("content").map_or(Ok(IndexMap::new()), |all| content(&all))?,
        extensions,
    })
}

pub(super) fn header(cursor: &Cursor<'_>) -> Result<Header, ReadError> {
    let mut extensions = cursor.rest(&["description", "required", "schema"])?;
    drop_defaults(&mut extensions, Location::Header);
    Ok(Header {
        description: cursor.text_of("description")?,
        required: cursor.flag_of("required")?,
        schema: schema_or_content(cursor, &mut extensions)?,
        extensions,
    })
}

fn content(cursor: &Cursor<'_>) -> Result<IndexMap<String, MediaType>, ReadError> {
    let members = cursor.members()?;
    members
        .into_iter()
        .map(|(name, form)| {
            let mut read = media_type(&form)?;
            // In 3.1 bytes need no schema.
            if name.eq_ignore_ascii_case("application/octet-stream")
                && read.schema.as_ref().is_none_or(|schema| *schema == Schema::default())
            {
                read.schema = Some(Schema::new(Type::String { format: Some("binary".to_owned()) }));
            }
            Ok((name.to_owned(), read))
        })
        .collect()
}

fn media_type(cursor: &Cursor<'_>) -> Result<MediaType, ReadError> {
    let mut extensions = cursor.rest(&["schema"])?;
    let example = examples(cursor, &mut extensions)?;
    extensions.remove("example");
    if let Some(encoding) = cursor.get("encoding") {
        extensions.insert("encoding".to_owned(), self::encoding(&encoding)?);
    }
    Ok(MediaType {
        schema: cursor.get("schema").map(|schema| schema::schema(&schema)).transpose()?,
        example: example.map(Arc::new),
        extensions,
    })
}

/// How the parts of a form are written, with the headers they have.
fn encoding(cursor: &Cursor<'_>) -> Result<Value, ReadError> {
    let mut all = cursor.object()?.clone();
    for (name, part) in cursor.members()? {
        if let Some(headers) = part.get("headers") {
            let resolved = resolved_members(&headers)?;
            if let Some(part) = all.get_mut(name).and_then(Value::as_object_mut) {
                part.insert("headers".to_owned(), Value::Object(resolved));
            }
        }
    }
    Ok(Value::Object(all))
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
