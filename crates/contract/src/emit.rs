//! Writes a [`Contract`] as an OpenAPI 3.0.3 document.
//!
//! Members always come in the same order, so that the text written from the document is stable.
//! 3.0.3 and not 3.1, because it is the version that client generators read.

mod members;
mod schema;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::{
    Contract, Extensions, Header, Info, MediaType, Operation, Parameter, RefOr, RequestBody, Response,
    SecurityRequirement, SecurityScheme, SecuritySchemeKind, Server, Tag,
};
use members::Members;
use schema::SchemaWriter;

/// The version of the specification that is written.
pub const OPENAPI_VERSION: &str = "3.0.3";

/// The contract as an OpenAPI 3.0.3 document.
pub fn to_value(contract: &Contract) -> Value {
    Writer { contract, schemas: SchemaWriter::new(contract) }.document()
}

/// One schema as OpenAPI 3.0.3 writes it in the document of this contract.
pub fn schema_to_value(contract: &Contract, schema: &crate::model::Schema) -> Value {
    SchemaWriter::new(contract).schema(schema)
}

struct Writer<'a> {
    contract: &'a Contract,
    schemas: SchemaWriter<'a>,
}

impl Writer<'_> {
    fn document(&self) -> Value {
        let contract = self.contract;
        let mut members = Members::default();
        members.put("openapi", OPENAPI_VERSION);
        members.put("info", info(&contract.info));
        members.put_unless_empty("servers", contract.servers.iter().map(server).collect());
        members.put_unless_empty("tags", contract.tags.iter().map(tag).collect());
        members.put("paths", self.paths());
        let components = self.components();
        if !components.is_empty() {
            members.put("components", Value::Object(components));
        }
        members.extend(&contract.extensions);
        members.into()
    }

    fn paths(&self) -> Value {
        let mut paths = IndexMap::<&str, Map<String, Value>>::new();
        for operation in &self.contract.operations {
            paths
                .entry(&operation.path)
                .or_default()
                .insert(operation.method.key().to_owned(), self.operation(operation));
        }
        Value::Object(paths.into_iter().map(|(path, item)| (path.to_owned(), Value::Object(item))).collect())
    }

    fn components(&self) -> Map<String, Value> {
        let contract = self.contract;
        let mut members = Members::default();
        members.put_map("schemas", &contract.schemas, |schema| self.schemas.schema(schema));
        members.put_map("responses", &contract.responses, |response| self.response(response));
        members.put_map("parameters", &contract.parameters, |parameter| self.parameter(parameter));
        members.put_map("securitySchemes", &contract.security_schemes, security_scheme);
        members.into_map()
    }

    fn operation(&self, operation: &Operation) -> Value {
        let mut members = Members::default();
        members.put_unless_empty("tags", operation.tags.iter().map(|tag| json!(tag)).collect());
        members.put_text("summary", operation.summary.as_deref());
        members.put_text("description", operation.description.as_deref());
        members.put("operationId", operation.operation_id.as_str());
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
            (status.clone(), written)
        });
        members.put("responses", Value::Object(responses.collect()));
        if let Some(security) = &operation.security {
            members.put("security", Value::Array(security.iter().map(requirement).collect()));
        }
        members.extend(&operation.extensions);
        members.into()
    }

    fn parameter(&self, parameter: &Parameter) -> Value {
        let mut members = Members::default();
        members.put("name", parameter.name.as_str());
        members.put("in", parameter.location.as_str());
        members.put_text("description", parameter.description.as_deref());
        members.put_flag("required", parameter.required);
        members.put_flag("deprecated", parameter.deprecated);
        // `content` takes the place of `schema` in the few parameters that have it.
        if !parameter.extensions.contains_key("content") {
            members.put("schema", self.schemas.schema(&parameter.schema));
        }
        members.extend(&parameter.extensions);
        members.into()
    }

    fn request_body(&self, body: &RequestBody) -> Value {
        let mut members = Members::default();
        members.put_text("description", body.description.as_deref());
        members.put_flag("required", body.required);
        members.put("content", self.content(&body.content));
        members.extend(&body.extensions);
        members.into()
    }

    fn response(&self, response: &Response) -> Value {
        let mut members = Members::default();
        members.put("description", response.description.as_str());
        members.put_map("headers", &response.headers, |header| self.header(header));
        if !response.content.is_empty() {
            members.put("content", self.content(&response.content));
        }
        members.extend(&response.extensions);
        members.into()
    }

    fn header(&self, header: &Header) -> Value {
        let mut members = Members::default();
        members.put_text("description", header.description.as_deref());
        members.put_flag("required", header.required);
        members.put("schema", self.schemas.schema(&header.schema));
        members.into()
    }

    fn content(&self, content: &IndexMap<String, MediaType>) -> Value {
        let forms = content.iter().map(|(name, media_type)| {
            let mut members = Members::default();
            if let Some(schema) = &media_type.schema {
                members.put("schema", self.schemas.schema(schema));
            }
            if let Some(example) = &media_type.example {
                members.put("example", example.clone());
            }
            members.extend(&media_type.extensions);
            (name.clone(), members.into())
        });
        Value::Object(forms.collect())
    }
}

fn info(info: &Info) -> Value {
    let mut members = Members::default();
    members.put("title", info.title.as_str());
    members.put("version", info.version.as_str());
    members.put_text("description", info.description.as_deref());
    if let Some(license) = &info.license {
        let mut written = Members::default();
        written.put("name", license.name.as_str());
        written.put_text("url", license.url.as_deref());
        members.put("license", Value::from(written));
    }
    members.extend(&info.extensions);
    members.into()
}

fn server(server: &Server) -> Value {
    let mut members = Members::default();
    members.put("url", server.url.as_str());
    members.put_text("description", server.description.as_deref());
    members.extend(&server.extensions);
    members.into()
}

fn tag(tag: &Tag) -> Value {
    let mut members = Members::default();
    members.put("name", tag.name.as_str());
    members.put_text("description", tag.description.as_deref());
    members.into()
}

fn requirement(requirement: &SecurityRequirement) -> Value {
    Value::Object(requirement.iter().map(|(scheme, scopes)| (scheme.clone(), json!(scopes))).collect())
}

fn security_scheme(scheme: &SecurityScheme) -> Value {
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
            let whole: Extensions =
                value.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
            if let Some(kind) = whole.get("type") {
                members.put("type", kind.clone());
            }
            members.extend(&whole);
        }
    }
    members.put_text("description", scheme.description.as_deref());
    members.extend(&scheme.extensions);
    members.into()
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{}", members::escape_pointer(name)) })
}

#[cfg(test)]
mod tests;
