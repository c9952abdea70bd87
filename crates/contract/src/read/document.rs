//! The document: info, servers, tags, components.

use indexmap::IndexMap;

use super::{
    cursor::Cursor,
    error::{Problem, ReadError},
    media, operation, schema,
};
use crate::model::{Contract, Info, License, Server, Tag};

use serde_json::Value;

pub(super) fn contract(document: &Value) -> Result<Contract, ReadError> {
    let root = Cursor::root(document);
    check_version(&root)?;
    let components = root.get("components");
    let component = |kind: &str| components.as_ref().map_or(Ok(Vec::new()), |all| all.members_of(kind));

    let mut contract = Contract {
        info: info(&root.require("info")?)?,
        servers: root.items_of("servers")?.iter().map(server).collect::<Result<_, _>>()?,
        tags: root.items_of("tags")?.iter().map(tag).collect::<Result<_, _>>()?,
        operations: operation::operations(&root)?,
        schemas: named(component("schemas")?, schema::schema)?,
        parameters: named(component("parameters")?, |cursor| media::parameter(&cursor.resolve()?))?,
        responses: named(component("responses")?, |cursor| media::response(&cursor.resolve()?))?,
        security_schemes: named(component("securitySchemes")?, |cursor| media::security_scheme(&cursor.resolve()?))?,
        extensions: root.rest(&["openapi", "info", "servers", "tags", "paths", "components", "security"])?,
    };
    // Bodies and headers are read where they are used; what is left over is kept.
    if let Some(components) = &components {
        let known = ["schemas", "parameters", "responses", "securitySchemes", "requestBodies", "headers", "examples"];
        for (name, value) in components.rest(&known)? {
            contract.extensions.entry(format!("x-components-{name}")).or_insert(value);
        }
    }
    Ok(contract)
}

fn check_version(root: &Cursor<'_>) -> Result<(), ReadError> {
    root.object()?;
    let version = match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) => version,
        (None, Some(swagger)) => {
            let found = format!("Swagger {}", swagger.value.as_str().unwrap_or("without version"));
            return Err(swagger.error(Problem::Version { found }));
        }
        (None, None) => return Err(root.error(Problem::Missing { member: "openapi" })),
    };
    let text = version.text()?;
    let known = ["3.0", "3.1"]
        .iter()
        .any(|known| text.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    if known { Ok(()) } else { Err(version.error(Problem::Version { found: format!("OpenAPI {text}") })) }
}

fn named<'a, T>(
    members: Vec<(&'a str, Cursor<'a>)>,
    read: impl Fn(&Cursor<'a>) -> Result<T, ReadError>,
) -> Result<IndexMap<String, T>, ReadError> {
    members.into_iter().map(|(name, cursor)| Ok((name.to_owned(), read(&cursor)?))).collect()
}

fn info(info: &Cursor<'_>) -> Result<Info, ReadError> {
    let license = |license: Cursor<'_>| -> Result<License, ReadError> {
        Ok(License { name: license.require("name")?.text()?.to_owned(), url: license.text_of("url")? })
    };
    Ok(Info {
        title: info.require("title")?.text()?.to_owned(),
        version: info.require("version")?.text()?.to_owned(),
        description: info.text_of("description")?,
        license: info.get("license").map(license).transpose()?,
        extensions: info.rest(&["title", "version", "description", "license"])?,
    })
}

fn server(server: &Cursor<'_>) -> Result<Server, ReadError> {
    Ok(Server {
        url: server.require("url")?.text()?.to_owned(),
        description: server.text_of("description")?,
        extensions: server.rest(&["url", "description"])?,
    })
}

fn tag(tag: &Cursor<'_>) -> Result<Tag, ReadError> {
    Ok(Tag { name: tag.require("name")?.text()?.to_owned(), description: tag.text_of("description")? })
}
