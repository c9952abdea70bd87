//! Writes a [`Contract`] as an OpenAPI 3.0.3 document.
//!
//! Members always come in the same order, so that the text written from the document is stable.
//! 3.0.3 and not 3.1, because it is the version that client generators read.

mod members;
mod schema;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use crate::model::{
    Contract, Extensions, Header, Info, MediaType, Operation, Parameter, RefOr, RequestBody, Response, Schema,
    SecurityRequirement, SecurityScheme, SecuritySchemeKind, Server, Tag,
};
use crate::tree::{Member, Tree};
use crate::yaml;
use members::Members;
use schema::SchemaWriter;

/// The version of the specification that is written.
pub const OPENAPI_VERSION: &str = "3.0.3";

/// The contract as an OpenAPI 3.0.3 document.
pub fn to_value(contract: &Contract) -> Value {
    Writer { contract, schemas: SchemaWriter::new(contract) }.document().into()
}

/// The same as YAML below a comment, as [`yaml::to_string`] writes it, but without a copy of the
/// contract in between.
pub fn to_yaml(contract: &Contract, header_comment: &str) -> String {
    let writer = Writer { contract, schemas: SchemaWriter::new(contract) };
    yaml::write(&writer.document(), header_comment)
}

/// One schema as OpenAPI 3.0.3 writes it in the document of this contract.
pub fn schema_to_value(contract: &Contract, schema: &Schema) -> Value {
    SchemaWriter::new(contract).schema(schema).into()
}

/// Parts of a document that is kept in the extensions of another: they know no components.
pub(crate) mod part {
    use super::{Contract, Header, Operation, RequestBody, SchemaWriter, Value, Writer};

    pub(crate) fn operation(operation: &Operation) -> Value {
        let contract = Contract::default();
        writer(&contract).operation(operation).into()
    }

    pub(crate) fn request_body(body: &RequestBody) -> Value {
        let contract = Contract::default();
        writer(&contract).request_body(body).into()
    }

    pub(crate) fn header(header: &Header) -> Value {
        let contract = Contract::default();
        writer(&contract).header(header).into()
    }

    fn writer(contract: &Contract) -> Writer<'_> {
        Writer { contract, schemas: SchemaWriter::new(contract) }
    }
}

struct Writer<'a> {
    contract: &'a Contract,
    schemas: SchemaWriter<'a>,
}

impl<'a> Writer<'a> {
    /// Path items and components are made later: on several cores, and none of them is kept.
    fn document(&'a self) -> Tree<'a> {
        let contract = self.contract;
        let mut members = Members::default();
        members.put("openapi", OPENAPI_VERSION);
        members.put("info", info(&contract.info));
        members.put_unless_empty("servers", contract.servers.iter().map(server).collect());
        members.put_unless_empty("tags", contract.tags.iter().map(tag).collect());
        members.put("paths", self.paths());
        let components = self.components();
        if !components.is_empty() {
            members.put("components", components);
        }
        members.extend(&contract.extensions);
        members.into()
    }

    fn paths(&'a self) -> Tree<'a> {
        let mut paths = IndexMap::<&str, Vec<&Operation>, foldhash::fast::FixedState>::default();
        for operation in &self.contract.operations {
            paths.entry(&operation.path).or_default().push(operation);
        }
        let item = |operations: &[&'a Operation]| {
            let mut members = Members::default();
            for operation in operations {
                members.put(operation.method.key(), self.operation(operation));
            }
            members.into()
        };
        let later = |(path, operations): (&'a str, Vec<&'a Operation>)| -> Member<'a> {
            (path.into(), Tree::later(move || item(&operations)))
        };
        Tree::Object(paths.into_iter().map(later).collect())
    }

    fn components(&'a self) -> Members<'a> {
        let contract = self.contract;
        let mut members = Members::default();
        members.put_map("schemas", &contract.schemas, |schema| Tree::later(move || self.schemas.schema(schema)));
        members.put_map("responses", &contract.responses, |response| Tree::later(move || self.response(response)));
        members.put_map("parameters", &contract.parameters, |parameter| Tree::later(move || self.parameter(parameter)));
        members.put_map("securitySchemes", &contract.security_schemes, security_scheme);
        for (kind, kept) in contract.extensions.get("components").and_then(Value::as_object).into_iter().flatten() {
            if !members.has(kind) {
                members.put(kind, kept);
            }
        }
        members
    }

    fn operation(&self, operation: &'a Operation) -> Tree<'a> {
        let mut members = Members::default();
        members.put_unless_empty("tags", operation.tags.iter().map(|tag| tag.as_str().into()).collect());
        members.put_text("summary", operation.summary.as_deref());
        members.put_text("description", operation.description.as_deref());
        // Callbacks and webhooks often have none.
        if !operation.operation_id.is_empty() {
            members.put("operationId", operation.operation_id.as_str());
        }
        members.put_flag("deprecated", operation.deprecated);
        let parameters = operation.parameters.iter().map(|parameter| match parameter {
            RefOr::Ref(name) => reference("parameters", name),
            RefOr::Inline(parameter) => self.parameter(parameter),
        });
        members.put_unless_empty("parameters", parameters.collect());
        if let Some(body) = &operation.request_body {
            members.put("requestBody", self.request_body(body));
        }
        let responses = operation.responses.iter().map(|(status, response)| {
            let written = match response {
                RefOr::Ref(name) => reference("responses", name),
                RefOr::Inline(response) => self.response(response),
            };
            (status.into(), written)
        });
        members.put("responses", Tree::Object(responses.collect()));
        if let Some(security) = &operation.security {
            members.put("security", security.iter().map(requirement).collect::<Tree<'_>>());
        }
        members.extend(&operation.extensions);
        members.into()
    }

    fn parameter(&self, parameter: &'a Parameter) -> Tree<'a> {
        let mut members = Members::default();
        members.put("name", parameter.name.as_str());
        members.put("in", parameter.location.as_str());
        members.put_text("description", parameter.description.as_deref());
        members.put_flag("required", parameter.required);
        members.put_flag("deprecated", parameter.deprecated);
        self.schema_or_content(&mut members, &parameter.schema, &parameter.extensions);
        members.extend(&parameter.extensions);
        members.into()
    }

    /// `content` takes the place of `schema` in the few parameters and headers that have it.
    fn schema_or_content(&self, members: &mut Members<'a>, schema: &'a Schema, extensions: &'a Extensions) {
        match extensions.get("content").and_then(Value::as_object).and_then(|content| content.iter().next()) {
            Some((name, form)) => {
                let mut written = Members::default();
                written.put("schema", self.schemas.schema(schema));
                for (name, value) in form.as_object().into_iter().flatten() {
                    written.put(name, value);
                }
                members.put("content", Tree::one(name, written));
            }
            None => members.put("schema", self.schemas.schema(schema)),
        }
    }

    fn request_body(&self, body: &'a RequestBody) -> Tree<'a> {
        let mut members = Members::default();
        members.put_text("description", body.description.as_deref());
        members.put_flag("required", body.required);
        members.put("content", self.content(&body.content));
        members.extend(&body.extensions);
        members.into()
    }

    fn response(&self, response: &'a Response) -> Tree<'a> {
        let mut members = Members::default();
        members.put("description", response.description.as_str());
        members.put_map("headers", &response.headers, |header| self.header(header));
        if !response.content.is_empty() {
            members.put("content", self.content(&response.content));
        }
        members.extend(&response.extensions);
        members.into()
    }

    fn header(&self, header: &'a Header) -> Tree<'a> {
        let mut members = Members::default();
        members.put_text("description", header.description.as_deref());
        members.put_flag("required", header.required);
        self.schema_or_content(&mut members, &header.schema, &header.extensions);
        members.extend(&header.extensions);
        members.into()
    }

    fn content(&self, content: &'a IndexMap<String, MediaType>) -> Tree<'a> {
        let forms = content.iter().map(|(name, media_type)| {
            let mut members = Members::default();
            if let Some(schema) = &media_type.schema {
                members.put("schema", self.schemas.schema(schema));
            }
            if let Some(example) = &media_type.example {
                members.put("example", &**example);
            }
            members.extend(&media_type.extensions);
            (name.into(), members.into())
        });
        Tree::Object(forms.collect())
    }
}

fn info<'a>(info: &'a Info) -> Tree<'a> {
    let mut members = Members::default();
    members.put("title", info.title.as_str());
    members.put("version", info.version.as_str());
    members.put_text("description", info.description.as_deref());
    if let Some(license) = &info.license {
        let mut written = Members::default();
        written.put("name", license.name.as_str());
        written.put_text("url", license.url.as_deref());
        written.extend(&license.extensions);
        members.put("license", written);
    }
    members.extend(&info.extensions);
    members.into()
}

fn server<'a>(server: &'a Server) -> Tree<'a> {
    let mut members = Members::default();
    members.put("url", server.url.as_str());
    members.put_text("description", server.description.as_deref());
    members.extend(&server.extensions);
    members.into()
}

fn tag<'a>(tag: &'a Tag) -> Tree<'a> {
    let mut members = Members::default();
    members.put("name", tag.name.as_str());
    members.put_text("description", tag.description.as_deref());
    members.extend(&tag.extensions);
    members.into()
}

fn requirement<'a>(requirement: &'a SecurityRequirement) -> Tree<'a> {
    let scopes = |(scheme, scopes): (&'a String, &'a Vec<String>)| -> Member<'a> {
        (scheme.into(), scopes.iter().map(|scope| scope.as_str().into()).collect())
    };
    Tree::Object(requirement.iter().map(scopes).collect())
}

fn security_scheme<'a>(scheme: &'a SecurityScheme) -> Tree<'a> {
    let mut members = Members::default();
    match &scheme.kind {
        SecuritySchemeKind::Http { scheme, bearer_format } => {
            members.put("type", "http");
            members.put("scheme", scheme.as_str());
            members.put_text("bearerFormat", bearer_format.as_deref());
        }
        SecuritySchemeKind::ApiKey { name, location } => {
            members.put("type", "apiKey");
            members.put("in", location.as_str());
            members.put("name", name.as_str());
        }
        SecuritySchemeKind::Other(value) => {
            let whole = value.as_object();
            if let Some(kind) = value.get("type") {
                members.put("type", kind);
            }
            // In the order of their names, like other members that are kept verbatim.
            let sorted: BTreeMap<_, _> = whole.into_iter().flatten().collect();
            for (name, value) in sorted {
                if !members.has(name) {
                    members.put(name, value);
                }
            }
        }
    }
    members.put_text("description", scheme.description.as_deref());
    members.extend(&scheme.extensions);
    members.into()
}

fn reference<'a>(kind: &str, name: &str) -> Tree<'a> {
    Tree::one("$ref", format!("#/components/{kind}/{}", members::escape_pointer(name)))
}

#[cfg(test)]
mod tests;
