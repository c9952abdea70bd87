//! Paths and their operations.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{
    cursor::Cursor,
    error::{Problem, ReadError},
    media,
};
use crate::model::{Method, Operation, Parameter, RefOr, SecurityRequirement};

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
/// operations is put down at each of them.
pub(super) fn operations(root: &Cursor<'_>) -> Result<Vec<Operation>, ReadError> {
    let shared_security = root.get("security").map(|all| requirements(&all)).transpose()?;
    let mut operations = Vec::new();
    let mut ids = HashMap::new();
    for (path, item) in root.members_of("paths")? {
        if path.starts_with("x-") {
            continue;
        }
        let item = item.resolve()?;
        let shared = Shared {
            path,
            parameters: parameters(&item)?,
            security: shared_security.as_ref(),
            summary: item.text_of("summary")?,
            description: item.text_of("description")?,
            item: &item,
        };
        for (key, member) in item.members()? {
            let Some(method) = Method::ALL.into_iter().find(|method| method.key() == key) else { continue };
            let read = operation(method, &shared, &member)?;
            if let Some(first) = ids.insert(read.operation_id.clone(), member.pointer().to_owned()) {
                return Err(member.error(Problem::DuplicateId { id: read.operation_id, first }));
            }
            operations.push(read);
        }
    }
    Ok(operations)
}

struct Shared<'a> {
    path: &'a str,
    parameters: Vec<RefOr<Parameter>>,
    security: Option<&'a Vec<SecurityRequirement>>,
    summary: Option<String>,
    description: Option<String>,
    item: &'a Cursor<'a>,
}

fn operation(method: Method, shared: &Shared<'_>, cursor: &Cursor<'_>) -> Result<Operation, ReadError> {
    let mut extensions = cursor.rest(KNOWN)?;
    for (name, value) in shared.item.object()? {
        if name == "servers" || name.starts_with("x-") {
            extensions.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let tags = cursor.items_of("tags")?.iter().map(|tag| tag.text().map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok(Operation {
        operation_id: cursor.require("operationId")?.text()?.to_owned(),
        method,
        path: shared.path.to_owned(),
        tags,
        summary: cursor.text_of("summary")?.or_else(|| shared.summary.clone()),
        description: cursor.text_of("description")?.or_else(|| shared.description.clone()),
        deprecated: cursor.flag_of("deprecated")?,
        parameters: merged_parameters(shared, cursor)?,
        request_body: cursor.get("requestBody").map(|body| media::request_body(&body.resolve()?)).transpose()?,
        responses: responses(&cursor.require("responses")?)?,
        security: match cursor.get("security") {
            Some(own) => Some(requirements(&own)?),
            None => shared.security.cloned(),
        },
        extensions,
    })
}

/// An operation's own parameters, then those of its path that it does not replace.
fn merged_parameters(shared: &Shared<'_>, cursor: &Cursor<'_>) -> Result<Vec<RefOr<Parameter>>, ReadError> {
    let mut all = parameters(cursor)?;
    if shared.parameters.is_empty() {
        return Ok(all);
    }
    // Replacing goes by name and place, also where one or both are references.
    let identities = |cursor: &Cursor<'_>| -> Result<Vec<_>, ReadError> {
        let each = cursor.items_of("parameters")?;
        each.iter()
            .map(|item| media::parameter(&item.resolve()?).map(|parameter| (parameter.name, parameter.location)))
            .collect()
    };
    let own = identities(cursor)?;
    let inherited = identities(shared.item)?;
    for (parameter, identity) in shared.parameters.iter().zip(inherited) {
        if !own.contains(&identity) {
            all.push(parameter.clone());
        }
    }
    Ok(all)
}

fn parameters(cursor: &Cursor<'_>) -> Result<Vec<RefOr<Parameter>>, ReadError> {
    let each = cursor.items_of("parameters")?;
    each.iter().map(|item| named_or_inline(item, "parameters", media::parameter)).collect()
}

fn responses(cursor: &Cursor<'_>) -> Result<IndexMap<String, RefOr<crate::model::Response>>, ReadError> {
    let members = cursor.members()?;
    members
        .into_iter()
        .filter(|(status, _)| !status.starts_with("x-"))
        .map(|(status, response)| Ok((status.to_owned(), named_or_inline(&response, "responses", media::response)?)))
        .collect()
}

fn named_or_inline<T>(
    cursor: &Cursor<'_>,
    kind: &str,
    read: impl Fn(&Cursor<'_>) -> Result<T, ReadError>,
) -> Result<RefOr<T>, ReadError> {
    match cursor.reference()? {
        Some(target) => {
            let name = cursor.component_name(target, kind)?;
            cursor.resolve()?;
            Ok(RefOr::Ref(name))
        }
        None => Ok(RefOr::Inline(read(cursor)?)),
    }
}

fn requirements(cursor: &Cursor<'_>) -> Result<Vec<SecurityRequirement>, ReadError> {
    let alternatives = cursor.items()?;
    alternatives.iter().map(requirement).collect()
}

fn requirement(cursor: &Cursor<'_>) -> Result<SecurityRequirement, ReadError> {
    let schemes = cursor.members()?;
    schemes
        .into_iter()
        .map(|(scheme, scopes)| {
            let scopes =
                scopes.items()?.iter().map(|scope| scope.text().map(str::to_owned)).collect::<Result<_, _>>()?;
            Ok((scheme.to_owned(), scopes))
        })
        .collect()
}
