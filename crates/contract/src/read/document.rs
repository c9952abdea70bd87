//! The document: info, servers, tags, components.

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    cursor::Cursor,
    error::{Note, NoteKind, Problem, ReadError},
    leftovers, media, operation, references, schema,
    source::{Dialect, Source},
    swagger,
};
use crate::model::{Contract, Info, License, Server, Tag};

/// Members of the root that are read.
const KNOWN: &[&str] = &["openapi", "info", "servers", "tags", "paths", "components", "security", "webhooks"];
const KNOWN_TO_SWAGGER: &[&str] = &[
    "swagger",
    "info",
    "host",
    "basePath",
    "schemes",
    "consumes",
    "produces",
    "tags",
    "paths",
    "definitions",
    "parameters",
    "responses",
    "securityDefinitions",
    "security",
];
/// The default of `jsonSchemaDialect`.
const DEFAULT_SCHEMA_DIALECT: &str = "https://spec.openapis.org/oas/3.1/dialect/base";

pub(super) fn contract(document: &Value) -> Result<(Contract, Dialect, Vec<Note>), ReadError> {
    let dialect = dialect(&Cursor::root(&Source::new(document, Dialect::OpenApi31)))?;
    let source = Source::new(document, dialect);
    let contract = Reader { root: Cursor::root(&source), dialect }.contract()?;
    Ok((contract, dialect, source.into_notes()))
}

fn dialect(root: &Cursor<'_>) -> Result<Dialect, ReadError> {
    root.object()?;
    let (name, version) = match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) => ("OpenAPI", version),
        (None, Some(version)) => ("Swagger", version),
        (None, None) => return Err(root.error(Problem::Missing { member: "openapi" })),
    };
    // Without quotes, YAML has numbers here.
    let text = match version.value {
        Value::Number(number) => number.to_string(),
        _ => version.text()?.to_owned(),
    };
    let is = |known: &str| text.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match name {
        "OpenAPI" if is("3.0") => Ok(Dialect::OpenApi30),
        "OpenAPI" if is("3.1") => Ok(Dialect::OpenApi31),
        "Swagger" if is("2.0") || text == "2" => Ok(Dialect::Swagger2),
        _ => Err(version.error(Problem::Version { found: format!("{name} {text}") })),
    }
}

struct Reader<'a> {
    root: Cursor<'a>,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    fn contract(&self) -> Result<Contract, ReadError> {
        let root = &self.root;
        let is_swagger = self.dialect == Dialect::Swagger2;
        let mut extensions = root.rest(if is_swagger { KNOWN_TO_SWAGGER } else { KNOWN })?;
        if extensions.get("jsonSchemaDialect").and_then(Value::as_str) == Some(DEFAULT_SCHEMA_DIALECT) {
            extensions.remove("jsonSchemaDialect");
        }
        let mut contract = Contract {
            info: info(&root.require("info")?)?,
            servers: if is_swagger {
                swagger::servers(root)?
            } else {
                root.items_of("servers")?.iter().map(server).collect::<Result<_, _>>()?
            },
            tags: root.items_of("tags")?.iter().map(tag).collect::<Result<_, _>>()?,
            operations: operation::operations(root, &mut extensions)?,
            schemas: self.named("schemas", schema::schema)?,
            parameters: if is_swagger {
                swagger::shared_parameters(self.components("parameters")?, &mut extensions)?
            } else {
                self.named("parameters", |cursor| media::parameter(&cursor.resolve()?))?
            },
            responses: self.named("responses", |cursor| match self.dialect {
                Dialect::Swagger2 => swagger::response(&cursor.resolve()?, None),
                _ => media::response(&cursor.resolve()?),
            })?,
            security_schemes: self.named("securitySchemes", |cursor| match self.dialect {
                Dialect::Swagger2 => swagger::security_scheme(&cursor.resolve()?),
                _ => media::security_scheme(&cursor.resolve()?),
            })?,
            extensions,
        };
        if !is_swagger {
            // Before 3.1 they were an extension of this name.
            for name in ["x-webhooks", "webhooks"] {
                if let Some(webhooks) = root.get(name).filter(|webhooks| webhooks.value.is_object()) {
                    webhooks.note(NoteKind::Moved, "webhooks are kept in `x-webhooks`");
                    let all = operation::kept_items(webhooks.members()?)?;
                    contract.extensions.insert("x-webhooks".to_owned(), all);
                }
            }
        }
        if !is_swagger {
            leftovers::keep(root, &mut contract)?;
        }
        self.schemas_with_new_names(&mut contract.schemas)?;
        references::check(root, &contract.schemas)?;
        Ok(contract)
    }

    fn components(&self, kind: &str) -> Result<Vec<(&'a str, Cursor<'a>)>, ReadError> {
        let mut place = self.root.clone();
        for key in self.dialect.components(kind) {
            let Some(next) = place.get(&key) else { return Ok(Vec::new()) };
            place = next;
        }
        // `components:` with nothing below it is null in YAML.
        if place.value.is_null() { Ok(Vec::new()) } else { place.members() }
    }

    fn named<T>(
        &self,
        kind: &str,
        read: impl Fn(&Cursor<'a>) -> Result<T, ReadError>,
    ) -> Result<IndexMap<String, T>, ReadError> {
        let members = self.components(kind)?;
        members
            .into_iter()
            .map(|(name, cursor)| Ok((self.root.source.component_key(kind, name), read(&cursor)?)))
            .collect()
    }

    /// Adds the schemas that got a name because references lead to them. Each may name more.
    fn schemas_with_new_names(&self, schemas: &mut IndexMap<String, crate::model::Schema>) -> Result<(), ReadError> {
        let mut index = 0;
        while let Some((pointer, name)) = self.root.source.named_schema(index) {
            schemas.insert(name, schema::schema(&self.root.follow(&pointer)?)?);
            index += 1;
        }
        Ok(())
    }
}

fn info(info: &Cursor<'_>) -> Result<Info, ReadError> {
    let license = |license: Cursor<'_>| -> Result<License, ReadError> {
        Ok(License {
            name: license.require("name")?.text()?.to_owned(),
            url: license.text_of("url")?,
            extensions: license.rest(&["name", "url"])?,
        })
    };
    Ok(Info {
        title: text_or_number(&info.require("title")?)?,
        version: text_or_number(&info.require("version")?)?,
        description: info.text_of("description")?,
        license: info.get("license").map(license).transpose()?,
        extensions: info.rest(&["title", "version", "description", "license"])?,
    })
}

/// `version: 1.0` is a number in YAML.
fn text_or_number(cursor: &Cursor<'_>) -> Result<String, ReadError> {
    match cursor.value {
        Value::Number(number) => {
            cursor.note(NoteKind::Invalid, "a number where a text belongs; quote it");
            Ok(number.to_string())
        }
        _ => cursor.text().map(str::to_owned),
    }
}

fn server(server: &Cursor<'_>) -> Result<Server, ReadError> {
    Ok(Server {
        url: server.require("url")?.text()?.to_owned(),
        description: server.text_of("description")?,
        extensions: server.rest(&["url", "description"])?,
    })
}

fn tag(tag: &Cursor<'_>) -> Result<Tag, ReadError> {
    Ok(Tag {
        name: tag.require("name")?.text()?.to_owned(),
        description: tag.text_of("description")?,
        extensions: tag.rest(&["name", "description"])?,
    })
}
