//! Paths and their operations.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    cursor::Cursor,
    error::{NoteKind, Problem, ReadError},
    media,
    operation_id::{self, DERIVED},
    source::Dialect,
    swagger,
};
use crate::emit;
use crate::model::{
    Extensions, Location, Method, Operation, Parameter, RefOr, RequestBody, Response, Schema, SecurityRequirement, Type,
};

const KNOWN: &[&str] = &[
    "operationId",
    "tags",
    "summary",
    "description",
    "deprecated",
    "parameters",
    "requestBody",
    "responses",
    "security",
];

/// All operations in the order of the document. What a path or the document says for all its
/// operations is put down at each of them; what a path says beside that is kept in `extensions`.
pub(super) fn operations(root: &Cursor<'_>, extensions: &mut Extensions) -> Result<Vec<Operation>, ReadError> {
    let security = root.get("security").map(|all| requirements(&all)).transpose()?;
    let mut operations = Vec::new();
    let mut pointers = Vec::new();
    let mut kept_members = Map::new();
    let mut kept_items = Map::new();
    for (path, place) in root.members_of("paths")? {
        if path.starts_with("x-") {
            kept_members.insert(path.to_owned(), place.value.clone());
            continue;
        }
        let slashed = format!("/{path}");
        let path = if path.starts_with('/') || root.get("paths").is_some_and(|all| all.get(&slashed).is_some()) {
            path
        } else {
            place.note(NoteKind::Assumed, format!("a path begins with a slash; it is read as `{slashed}`"));
            &slashed
        };
        let item = Item::read(path, place, security.as_ref())?;
        for (method, place) in &item.operations {
            operations.push(operation(*method, &item, place)?);
            pointers.push(place.pointer().to_owned());
        }
        if !item.kept.is_empty() {
            kept_items.insert(path.to_owned(), Value::Object(item.kept));
        }
    }
    for (name, kept) in [("x-paths", kept_members), ("x-path-items", kept_items)] {
        if !kept.is_empty() {
            extensions.entry(name.to_owned()).or_insert(Value::Object(kept));
        }
    }
    check_ids(root, &mut operations, &pointers)?;
    Ok(operations)
}

/// Path items that are kept in extensions, such as those of webhooks: in one form whatever the
/// version, and without references to what is read where it is used.
pub(super) fn kept_items(members: Vec<(&str, Cursor<'_>)>) -> Result<Value, ReadError> {
    let mut all = Map::new();
    for (path, place) in members {
        if path.starts_with("x-") || !place.value.is_object() {
            all.insert(path.to_owned(), place.value.clone());
            continue;
        }
        let whole = place.resolve()?;
        let _guard = whole.source.enter(&whole)?;
        let item = Item::read(path, place, None)?;
        let mut written = Map::new();
        for (method, place) in &item.operations {
            let operation = operation(*method, &item, place)?;
            written.insert(method.key().to_owned(), emit::part::operation(&operation));
        }
        written.extend(item.kept);
        all.insert(path.to_owned(), Value::Object(written));
    }
    Ok(Value::Object(all))
}

/// Callbacks by name, each with path items by expression.
pub(super) fn kept_callbacks(members: Vec<(&str, Cursor<'_>)>) -> Result<Value, ReadError> {
    let one = |(name, place): (&str, Cursor<'_>)| {
        let whole = place.resolve()?;
        if name.starts_with("x-") || !whole.value.is_object() {
            return Ok((name.to_owned(), whole.value.clone()));
        }
        Ok((name.to_owned(), kept_items(whole.members()?)?))
    };
    Ok(Value::Object(members.into_iter().map(one).collect::<Result<_, ReadError>>()?))
}

/// Every operation ends with an id of its own.
fn check_ids(root: &Cursor<'_>, operations: &mut [Operation], pointers: &[String]) -> Result<(), ReadError> {
    let mut known = HashMap::<String, &str>::new();
    for (operation, pointer) in operations.iter_mut().zip(pointers) {
        let id = &operation.operation_id;
        match known.get(id) {
            _ if id.is_empty() => {}
            // One path item stands for several paths; the first has the id.
            Some(first) if first == pointer => operation.operation_id.clear(),
            Some(first) => {
                let problem = Problem::DuplicateId { id: id.clone(), first: (*first).to_owned() };
                return Err(ReadError { pointer: pointer.clone(), position: None, problem });
            }
            None => {
                known.insert(id.clone(), pointer);
            }
        }
    }
    for (index, id) in operation_id::derive(operations) {
        let message = format!("no operation id of its own, so it is called `{id}`");
        root.source.note(&pointers[index], NoteKind::Assumed, message);
        operations[index].operation_id = id;
        operations[index].extensions.insert(DERIVED.to_owned(), Value::Bool(true));
    }
    Ok(())
}

/// What holds for all operations of a path.
pub(super) struct Item<'a> {
    path: String,
    /// The item as written, then what it refers to: the first that has a member counts.
    layers: Vec<Cursor<'a>>,
    operations: Vec<(Method, Cursor<'a>)>,
    security: Option<&'a Vec<SecurityRequirement>>,
    summary: Option<String>,
    description: Option<String>,
    /// Goes down at each operation.
    shared: Extensions,
    /// Has no place at the operations.
    kept: Map<String, Value>,
}

impl<'a> Item<'a> {
    fn read(path: &str, place: Cursor<'a>, security: Option<&'a Vec<SecurityRequirement>>) -> Result<Self, ReadError> {
        let mut layers = vec![place];
        while let Some(target) = layers[layers.len() - 1].reference()? {
            let next = layers[layers.len() - 1].follow(target)?;
            if layers.iter().any(|layer| layer.pointer() == next.pointer()) {
                return Err(layers[0].error(Problem::Circular { target: target.to_owned() }));
            }
            layers.push(next);
        }
        let mut item = Self {
            path: path.to_owned(),
            layers: Vec::new(),
            operations: Vec::new(),
            security,
            summary: None,
            description: None,
            shared: Extensions::new(),
            kept: Map::new(),
        };
        for layer in &layers {
            item.summary = item.summary.or(layer.text_of("summary")?);
            item.description = item.description.or(layer.text_of("description")?);
            for (name, member) in layer.members()? {
                let method = Method::ALL.into_iter().find(|method| method.key() == name);
                match (method, name) {
                    (Some(method), _) if item.operations.iter().all(|(known, _)| *known != method) => {
                        item.operations.push((method, member));
                    }
                    (Some(_), _) | (_, "$ref" | "summary" | "description" | "parameters") => {}
                    (None, _) if name == "servers" || name.starts_with("x-") => {
                        item.shared.entry(name.to_owned()).or_insert_with(|| member.value.clone());
                    }
                    (None, _) => {
                        member.note(NoteKind::Moved, "unknown member of a path; kept in `x-path-items`");
                        item.kept.entry(name).or_insert_with(|| member.value.clone());
                    }
                }
            }
        }
        // A path without operations has nowhere to put what it says.
        if item.operations.is_empty() {
            let whole = &layers[layers.len() - 1];
            whole.note(NoteKind::Moved, "a path without operations; kept in `x-path-items`");
            item.kept = whole.object()?.clone();
        }
        item.layers = layers;
        Ok(item)
    }
}

fn operation(method: Method, item: &Item<'_>, cursor: &Cursor<'_>) -> Result<Operation, ReadError> {
    let mut extensions = cursor.rest(KNOWN)?;
    for (name, value) in &item.shared {
        extensions.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if let Some(callbacks) = cursor.get("callbacks").filter(|_| cursor.source.dialect != Dialect::Swagger2) {
        extensions.insert("callbacks".to_owned(), kept_callbacks(callbacks.members()?)?);
    }
    let (mut parameters, request_body) = inputs(item, cursor, &mut extensions)?;
    // The addresses of callbacks are expressions.
    if item.path.starts_with('/') {
        complete_path(cursor, &item.path, &mut parameters)?;
    }
    Ok(Operation {
        operation_id: cursor.text_of("operationId")?.unwrap_or_default(),
        method,
        path: item.path.clone(),
        tags: cursor.texts_of("tags")?,
        summary: cursor.text_of("summary")?.or_else(|| item.summary.clone()),
        description: cursor.text_of("description")?.or_else(|| item.description.clone()),
        deprecated: cursor.flag_of("deprecated")?,
        parameters,
        request_body,
        responses: responses(cursor, &mut extensions)?,
        security: match cursor.get("security") {
            Some(own) => Some(requirements(&own)?),
            None => item.security.cloned(),
        },
        extensions,
    })
}

/// Parameters and body.
fn inputs(
    item: &Item<'_>,
    cursor: &Cursor<'_>,
    extensions: &mut Extensions,
) -> Result<(Vec<RefOr<Parameter>>, Option<RequestBody>), ReadError> {
    let inputs = merged_parameters(item, cursor)?;
    if cursor.source.dialect == Dialect::Swagger2 {
        return swagger::inputs(cursor, &inputs, extensions);
    }
    let parameters = inputs.iter().map(|each| named_or_inline(each, "parameters", media::parameter));
    let body = cursor.get("requestBody").map(|body| media::request_body(&body.resolve()?)).transpose()?;
    Ok((parameters.collect::<Result<_, _>>()?, body))
}

/// An operation's own parameters, then those of its path that it does not replace.
fn merged_parameters<'a>(item: &Item<'a>, cursor: &Cursor<'a>) -> Result<Vec<Cursor<'a>>, ReadError> {
    let mut all = Vec::new();
    let mut identities = HashSet::new();
    for layer in std::iter::once(cursor).chain(&item.layers) {
        let mut own = Vec::new();
        for parameter in layer.items_of("parameters")? {
            // Replacing goes by name and place, also where one or both are references.
            let whole = parameter.resolve()?;
            let place = whole.require("in")?.text()?;
            let name = if place == "body" { "" } else { whole.require("name")?.text()? };
            if own.contains(&(name, place)) {
                parameter.note(NoteKind::LeftOut, format!("another {place} parameter is called `{name}` too"));
                continue;
            }
            own.push((name, place));
            if identities.insert((name, place)) {
                all.push(parameter);
            }
        }
    }
    Ok(all)
}

/// Adds the parameters that only the template of a path names, and says where the two do not agree.
fn complete_path(cursor: &Cursor<'_>, path: &str, parameters: &mut Vec<RefOr<Parameter>>) -> Result<(), ReadError> {
    let mut declared = HashSet::new();
    for parameter in parameters.iter() {
        match parameter {
            RefOr::Inline(parameter) if parameter.location == Location::Path => {
                declared.insert(parameter.name.clone());
            }
            RefOr::Inline(_) => {}
            RefOr::Ref(name) => {
                let Some(shared) = cursor.source.component("parameters", name) else { continue };
                let shared = cursor.part(shared).resolve()?;
                if shared.text_of("in")?.as_deref() == Some("path") {
                    declared.extend(shared.text_of("name")?);
                }
            }
        }
    }
    for name in &declared {
        if !path.contains(&format!("{{{name}}}")) {
            cursor.note(NoteKind::Invalid, format!("the path has no place for its parameter `{name}`"));
        }
    }
    for part in path.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !name.is_empty()
            && declared.insert(name.to_owned())
        {
            let message = format!("`{{{name}}}` in the path is no parameter of the operation; read as a text");
            cursor.note(NoteKind::Assumed, message);
            parameters.push(RefOr::Inline(Parameter {
                name: name.to_owned(),
                location: Location::Path,
                description: None,
                required: true,
                deprecated: false,
                schema: Schema { ty: Type::String { format: None }, ..Schema::default() },
                extensions: Extensions::new(),
            }));
        }
    }
    Ok(())
}

fn responses(
    operation: &Cursor<'_>,
    extensions: &mut Extensions,
) -> Result<IndexMap<String, RefOr<Response>>, ReadError> {
    let Some(all) = operation.get("responses") else {
        if operation.source.dialect != Dialect::OpenApi31 {
            operation.note(NoteKind::Invalid, "no `responses`: every answer is possible");
        }
        return Ok(IndexMap::new());
    };
    let mut responses = IndexMap::new();
    let mut kept = Map::new();
    for (status, response) in all.members()? {
        if status.starts_with("x-") {
            kept.insert(status.to_owned(), response.value.clone());
            continue;
        }
        let read = match operation.source.dialect {
            Dialect::Swagger2 => swagger::response_of(operation, &response)?,
            _ => named_or_inline(&response, "responses", media::response)?,
        };
        // `4xx` is the same as `4XX`.
        let status = if status == "default" { status.to_owned() } else { status.to_ascii_uppercase() };
        responses.insert(status, read);
    }
    if !kept.is_empty() {
        extensions.entry("x-responses".to_owned()).or_insert(Value::Object(kept));
    }
    Ok(responses)
}

/// A component by its name, anything else as it is.
pub(super) fn named_or_inline<T>(
    cursor: &Cursor<'_>,
    kind: &str,
    read: impl Fn(&Cursor<'_>) -> Result<T, ReadError>,
) -> Result<RefOr<T>, ReadError> {
    if let Some(target) = cursor.reference()? {
        let whole = cursor.resolve()?;
        return match cursor.component_name(target, kind)? {
            Some(name) => Ok(RefOr::Ref(name)),
            None => Ok(RefOr::Inline(read(&whole)?)),
        };
    }
    Ok(RefOr::Inline(read(cursor)?))
}

fn requirements(cursor: &Cursor<'_>) -> Result<Vec<SecurityRequirement>, ReadError> {
    let alternatives = cursor.items()?;
    alternatives.iter().map(requirement).collect()
}

fn requirement(cursor: &Cursor<'_>) -> Result<SecurityRequirement, ReadError> {
    let mut requirement = SecurityRequirement::new();
    for (scheme, scopes) in cursor.members()? {
        if cursor.source.component("securitySchemes", scheme).is_none() {
            scopes.note(NoteKind::Invalid, format!("the document has no security scheme `{scheme}`"));
        }
        let scopes = scopes.items()?.iter().map(|scope| scope.text().map(str::to_owned)).collect::<Result<_, _>>()?;
        requirement.insert(cursor.source.component_key("securitySchemes", scheme), scopes);
    }
    Ok(requirement)
}
