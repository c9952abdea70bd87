//! What Swagger 2.0 says in other words than OpenAPI 3: servers, bodies, form fields, media types
//! and ways to sign in. Places in errors and notes are those of the Swagger document.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    cursor::Cursor,
    error::{NoteKind, ReadError},
    media,
    operation::named_or_inline,
    schema,
};
use crate::model::{
    Extensions, Header, Location, MediaType, Parameter, RefOr, RequestBody, Response, Schema, SecurityScheme,
    SecuritySchemeKind, Server, Type,
};

mod forms;

/// What is assumed where a document names no media type.
const ASSUMED: &str = "application/json";
/// Members of a parameter or header that make up its schema.
const SCHEMA_MEMBERS: &[&str] = &[
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "example",
    "x-nullable",
];

/// `schemes`, `host` and `basePath` as addresses.
pub(super) fn servers(root: &Cursor<'_>) -> Result<Vec<Server>, ReadError> {
    let schemes = root.texts_of("schemes")?;
    Ok(addresses(root, &schemes)?
        .into_iter()
        .map(|url| Server { url, description: None, extensions: Extensions::new() })
        .collect())
}

fn addresses(root: &Cursor<'_>, schemes: &[String]) -> Result<Vec<String>, ReadError> {
    let base = root.text_of("basePath")?.unwrap_or_default();
    let base = base.strip_suffix('/').unwrap_or(&base);
    let base = if base.is_empty() || base.starts_with('/') { base.to_owned() } else { format!("/{base}") };
    Ok(match root.text_of("host")? {
        None if base.is_empty() => Vec::new(),
        None => vec![base],
        Some(host) if schemes.is_empty() => vec![format!("//{host}{base}")],
        Some(host) => schemes.iter().map(|scheme| format!("{scheme}://{host}{base}")).collect(),
    })
}

/// Parameters and body of an operation, of which `inputs` are its parameters and those of its
/// path.
pub(super) fn inputs(
    operation: &Cursor<'_>,
    inputs: &[Cursor<'_>],
    extensions: &mut Extensions,
) -> Result<(Vec<RefOr<Parameter>>, Option<RequestBody>), ReadError> {
    for name in ["consumes", "produces", "schemes"] {
        extensions.remove(name);
    }
    let root = Cursor::root(operation.source);
    if operation.get("schemes").is_some() {
        let (mut own, mut shared) = (operation.texts_of("schemes")?, root.texts_of("schemes")?);
        let urls = addresses(&root, &own)?;
        own.sort_unstable();
        shared.sort_unstable();
        if own != shared && !urls.is_empty() {
            let servers = urls.into_iter().map(|url| json!({ "url": url })).collect();
            extensions.entry("servers".to_owned()).or_insert(servers);
        }
    }
    let consumes = stated(operation, "consumes")?;
    let (mut parameters, mut body, mut fields) = (Vec::new(), None, Vec::new());
    for input in inputs {
        let whole = input.resolve()?;
        match whole.require("in")?.text()? {
            "body" => body = Some(whole),
            "formData" => fields.push(whole),
            _ => parameters.push(named_or_inline(input, "parameters", parameter)?),
        }
    }
    let request_body = match body {
        Some(body) => {
            for field in &fields {
                field.note(NoteKind::LeftOut, "a form field beside a body");
            }
            Some(request_body(&body, &consumes)?)
        }
        None if fields.is_empty() => None,
        None => Some(forms::request_body(&fields, &consumes)?),
    };
    Ok((parameters, request_body))
}

/// The media types of an operation, or else of the document.
fn stated(operation: &Cursor<'_>, member: &str) -> Result<Vec<String>, ReadError> {
    let root = Cursor::root(operation.source);
    let place = if operation.get(member).is_some() { operation } else { &root };
    let mut all = place.texts_of(member)?;
    let mut known = std::collections::HashSet::new();
    all.retain(|name| known.insert(name.clone()));
    Ok(all)
}

fn or_assumed(mut stated: Vec<String>, cursor: &Cursor<'_>, member: &str) -> Vec<String> {
    if stated.is_empty() {
        let message = format!("no media type is named in `{member}` where one is needed; read as {ASSUMED}");
        Cursor::root(cursor.source).note(NoteKind::Assumed, message);
        stated.push(ASSUMED.to_owned());
    }
    stated
}

fn request_body(body: &Cursor<'_>, consumes: &[String]) -> Result<RequestBody, ReadError> {
    let schema = body.get("schema").map(|schema| schema::schema(&schema)).transpose()?;
    let form = MediaType { schema, ..MediaType::default() };
    let consumes = or_assumed(consumes.to_vec(), body, "consumes");
    let members = ["name", "in", "description", "required", "schema"];
    let beside: Vec<_> =
        body.object()?.keys().map(String::as_str).filter(|name| SCHEMA_MEMBERS.contains(name)).collect();
    if !beside.is_empty() {
        body.note(NoteKind::LeftOut, format!("{} beside the schema of a body", beside.join(", ")));
    }
    // What a body is called is seen nowhere but in the document.
    Ok(RequestBody {
        description: body.text_of("description")?,
        required: body.flag_of("required")?,
        content: consumes.into_iter().map(|name| (name, form.clone())).collect(),
        extensions: body.rest(&members.iter().chain(SCHEMA_MEMBERS).copied().collect::<Vec<_>>())?,
    })
}

/// `parameters` of the document: those that are no bodies.
pub(super) fn shared_parameters(
    all: Vec<(&str, Cursor<'_>)>,
    extensions: &mut Extensions,
) -> Result<IndexMap<String, Parameter>, ReadError> {
    let mut parameters = IndexMap::new();
    let mut kept = Map::new();
    for (name, place) in all {
        let whole = place.resolve()?;
        if !matches!(whole.require("in")?.text()?, "body" | "formData") {
            parameters.insert(name.to_owned(), parameter(&whole)?);
        } else if !place.source.was_followed(place.pointer()) {
            place.note(NoteKind::Moved, "nothing refers to this body; kept in `x-parameters`");
            kept.insert(name.to_owned(), place.value.clone());
        }
    }
    if !kept.is_empty() {
        extensions.entry("x-parameters".to_owned()).or_insert(Value::Object(kept));
    }
    Ok(parameters)
}

fn parameter(cursor: &Cursor<'_>) -> Result<Parameter, ReadError> {
    let location = media::location(&cursor.require("in")?)?;
    let known = ["name", "in", "description", "required", "deprecated", "schema", "collectionFormat"];
    let known: Vec<_> = known.iter().chain(SCHEMA_MEMBERS).copied().collect();
    let mut extensions = cursor.rest(&known)?;
    let schema = own_schema(cursor)?;
    if let Type::Array { .. } = schema.ty {
        collection_format(cursor, location, &mut extensions)?;
    }
    media::drop_defaults(&mut extensions, location);
    Ok(Parameter {
        name: cursor.require("name")?.text()?.to_owned(),
        location,
        description: cursor.text_of("description")?,
        required: media::required(cursor, location)?,
        deprecated: cursor.flag_of("deprecated")?,
        schema,
        extensions,
    })
}

/// How the items of a list are joined, in OpenAPI 3's words.
fn collection_format(cursor: &Cursor<'_>, location: Location, extensions: &mut Extensions) -> Result<(), ReadError> {
    let place = cursor.get("collectionFormat");
    let format = place.as_ref().map_or(Ok("csv"), |place| place.text())?;
    let style = match (format, location) {
        ("csv", Location::Query) => ("form", false),
        ("multi", Location::Query) => ("form", true),
        ("ssv", Location::Query) => ("spaceDelimited", false),
        ("pipes", Location::Query) => ("pipeDelimited", false),
        ("csv", _) => return Ok(()),
        _ => {
            let place = place.as_ref().unwrap_or(cursor);
            place.note(NoteKind::Moved, "OpenAPI 3 has no such way to join values; kept as `x-collectionFormat`");
            extensions.insert("x-collectionFormat".to_owned(), format.into());
            return Ok(());
        }
    };
    extensions.insert("style".to_owned(), style.0.into());
    extensions.insert("explode".to_owned(), style.1.into());
    Ok(())
}

/// The schema whose members stand between those of a parameter, field or header.
fn own_schema(cursor: &Cursor<'_>) -> Result<Schema, ReadError> {
    // Not allowed here, but people know it from bodies.
    if let Some(schema) = cursor.get("schema") {
        schema.note(NoteKind::Invalid, "only a body has a `schema`");
        return schema::schema(&schema);
    }
    let members = cursor.object()?.iter().filter(|(name, _)| SCHEMA_MEMBERS.contains(&name.as_str()));
    let value = Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect());
    let mut schema = schema::schema(&cursor.part(&value))?;
    nested_collection_format(&mut schema);
    Ok(schema)
}

/// The default is no fact within lists either.
fn nested_collection_format(schema: &mut Schema) {
    if let Type::Array { items } = &mut schema.ty {
        if items.extensions.get("collectionFormat").and_then(Value::as_str) == Some("csv") {
            items.extensions.remove("collectionFormat");
        }
        nested_collection_format(items);
    }
}

/// An answer of an operation. A shared answer has the document's media types, so one with other
/// media types is an answer of its own.
pub(super) fn response_of(operation: &Cursor<'_>, cursor: &Cursor<'_>) -> Result<RefOr<Response>, ReadError> {
    let root = Cursor::root(operation.source);
    if operation.get("produces").is_none() || operation.texts_of("produces")? == root.texts_of("produces")? {
        named_or_inline(cursor, "responses", |whole| response(whole, Some(operation)))
    } else {
        Ok(RefOr::Inline(response(&cursor.resolve()?, Some(operation))?))
    }
}

pub(super) fn response(cursor: &Cursor<'_>, operation: Option<&Cursor<'_>>) -> Result<Response, ReadError> {
    let root = Cursor::root(cursor.source);
    let mut extensions = cursor.rest(&["description", "headers", "schema", "examples"])?;
    let headers = cursor.members_of("headers")?;
    let headers = headers.into_iter().map(|(name, place)| Ok((name.to_owned(), header(&place)?)));
    let mut content = IndexMap::new();
    if let Some(place) = cursor.get("schema") {
        let produces = stated(operation.unwrap_or(&root), "produces")?;
        let is_file = place.value.get("type").and_then(Value::as_str) == Some("file");
        let produces = match (is_file, produces.is_empty()) {
            (true, true) => vec!["application/octet-stream".to_owned()],
            _ => or_assumed(produces, cursor, "produces"),
        };
        let form = MediaType { schema: Some(schema::schema(&place)?), ..MediaType::default() };
        content.extend(produces.into_iter().map(|name| (name, form.clone())));
    }
    let mut other_examples = Map::new();
    if let Some(examples) = cursor.get("examples") {
        for (name, example) in examples.members()? {
            if name.contains('/') {
                let form: &mut MediaType = content.entry(name.to_owned()).or_default();
                form.example = Some(Arc::new(example.value.clone()));
            } else {
                example.note(NoteKind::Moved, "an example is named by its media type; kept in `x-examples`");
                other_examples.insert(name.to_owned(), example.value.clone());
            }
        }
    }
    if !other_examples.is_empty() {
        extensions.entry("x-examples".to_owned()).or_insert(Value::Object(other_examples));
    }
    Ok(Response {
        description: cursor.text_of("description")?.unwrap_or_default(),
        headers: headers.collect::<Result<_, ReadError>>()?,
        content,
        extensions,
    })
}

fn header(cursor: &Cursor<'_>) -> Result<Header, ReadError> {
    let known: Vec<_> = ["description", "collectionFormat"].iter().chain(SCHEMA_MEMBERS).copied().collect();
    let mut extensions = cursor.rest(&known)?;
    let schema = own_schema(cursor)?;
    if let Type::Array { .. } = schema.ty {
        collection_format(cursor, Location::Header, &mut extensions)?;
    }
    Ok(Header { description: cursor.text_of("description")?, required: false, schema, extensions })
}

pub(super) fn security_scheme(cursor: &Cursor<'_>) -> Result<SecurityScheme, ReadError> {
    let description = cursor.text_of("description")?;
    let kind = cursor.require("type")?;
    match kind.text()? {
        "basic" => Ok(SecurityScheme {
            description,
            kind: SecuritySchemeKind::Http { scheme: "basic".to_owned(), bearer_format: None },
            extensions: cursor.rest(&["type", "description"])?,
        }),
        "oauth2" => {
            let place = cursor.require("flow")?;
            let name = match place.text()? {
                "application" => "clientCredentials",
                "accessCode" => "authorizationCode",
                name @ ("implicit" | "password") => name,
                _ => return Err(place.unexpected("`implicit`, `password`, `application` or `accessCode`")),
            };
            let mut flow = Map::new();
            for member in ["authorizationUrl", "tokenUrl", "scopes"] {
                if let Some(place) = cursor.get(member) {
                    flow.insert(member.to_owned(), place.value.clone());
                }
            }
            flow.entry("scopes").or_insert_with(|| json!({}));
            let mut whole = Map::new();
            whole.insert("type".to_owned(), "oauth2".into());
            whole.insert("flows".to_owned(), json!({ name: flow }));
            whole.extend(cursor.rest(&["type", "description", "flow", "authorizationUrl", "tokenUrl", "scopes"])?);
            let kind = SecuritySchemeKind::Other(Value::Object(whole));
            Ok(SecurityScheme { description, kind, extensions: Extensions::new() })
        }
        "apiKey" => media::security_scheme(cursor),
        _ => Err(kind.unexpected("`basic`, `apiKey` or `oauth2`")),
    }
}
