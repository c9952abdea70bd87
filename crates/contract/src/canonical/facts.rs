//! Collects the facts of a contract, a line each.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Lines, expression};
use crate::model::{
    Contract, Extensions, Location, MediaType, Operation, Parameter, RefOr, Response, Schema, SecurityRequirement,
    SecurityScheme, SecuritySchemeKind, Server,
};

/// The facts gathered so far.
#[derive(Default)]
pub(super) struct Facts {
    lines: Lines,
}

impl Facts {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut facts = Self::default();
        facts.frame(contract);
        for operation in &contract.operations {
            facts.operation(contract, operation);
        }
        for (name, schema) in &contract.schemas {
            facts.schema(&format!("schema {}", expression::name(name)), schema, None);
        }
        facts
    }

    pub(super) fn into_text(self) -> String {
        self.lines.into_text()
    }

    pub(super) fn add(&mut self, subject: &str, value: &str) {
        self.lines.add(subject, value);
    }

    /// Absent and empty texts are the same.
    pub(super) fn text(&mut self, subject: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            self.add(subject, &expression::text(text));
        }
    }

    pub(super) fn flag(&mut self, subject: &str, flag: bool) {
        if flag {
            self.add(subject, "true");
        }
    }

    pub(super) fn json(&mut self, subject: &str, value: Option<&Value>) {
        if let Some(value) = value {
            self.add(subject, &expression::json(value));
        }
    }

    pub(super) fn extensions(&mut self, subject: &str, extensions: &Extensions) {
        for (name, value) in extensions {
            self.json(&format!("{subject} {}", expression::name(name)), Some(value));
        }
    }

    /// Everything but operations and schemas.
    fn frame(&mut self, contract: &Contract) {
        let info = &contract.info;
        self.text("info title", Some(&info.title));
        self.text("info version", Some(&info.version));
        self.text("info description", info.description.as_deref());
        if let Some(license) = &info.license {
            self.text("info license", Some(&license.name));
            self.text("info license url", license.url.as_deref());
            self.extensions("info license", &license.extensions);
        }
        self.extensions("info", &info.extensions);
        // That is where a document without servers says they are.
        let default = Server { url: "/".to_owned(), ..Server::default() };
        for server in contract.servers.iter().filter(|server| contract.servers.len() > 1 || **server != default) {
            let subject = format!("server {}", expression::name(&server.url));
            self.add(&subject, "offered");
            self.text(&format!("{subject} description"), server.description.as_deref());
            self.extensions(&subject, &server.extensions);
        }
        for tag in &contract.tags {
            let subject = format!("tag {}", expression::name(&tag.name));
            self.add(&subject, "declared");
            self.text(&format!("{subject} description"), tag.description.as_deref());
            self.extensions(&subject, &tag.extensions);
        }
        for (name, scheme) in &contract.security_schemes {
            let subject = format!("security-scheme {}", expression::name(name));
            self.add(&subject, &security_scheme(scheme));
            self.text(&format!("{subject} description"), scheme.description.as_deref());
            self.extensions(&subject, &scheme.extensions);
        }
        self.extensions("document", &contract.extensions);
    }

    fn operation(&mut self, contract: &Contract, operation: &Operation) {
        let subject = subject(operation);
        self.add(&format!("{subject} operation-id"), &operation.operation_id);
        self.add(&format!("{subject} tags"), &sorted_tags(operation));
        self.text(&format!("{subject} summary"), operation.summary.as_deref());
        self.text(&format!("{subject} description"), operation.description.as_deref());
        self.flag(&format!("{subject} deprecated"), operation.deprecated);
        if let Some(security) = &operation.security {
            self.add(&format!("{subject} security"), &alternatives(security));
        }
        self.extensions(&subject, &operation.extensions);
        for parameter in &operation.parameters {
            match resolve(parameter, &contract.parameters) {
                Ok(parameter) => self.parameter(&subject, parameter),
                Err(missing) => self.add(&format!("{subject} parameter {missing}"), "missing component"),
            }
        }
        if let Some(body) = &operation.request_body {
            let subject = format!("{subject} body");
            self.text(&format!("{subject} description"), body.description.as_deref());
            self.flag(&format!("{subject} required"), body.required);
            self.extensions(&subject, &body.extensions);
            self.content(&subject, &body.content);
        }
        for (status, response) in &operation.responses {
            let subject = format!("{subject} response {status}");
            match resolve(response, &contract.responses) {
                Ok(response) => self.response(&subject, response),
                Err(missing) => self.add(&format!("{subject} {missing}"), "missing component"),
            }
        }
    }

    fn parameter(&mut self, subject: &str, parameter: &Parameter) {
        let subject = format!("{subject} {}", parameter_name(parameter));
        let required = parameter.required || parameter.location == Location::Path;
        self.described(&subject, parameter.description.as_deref(), &parameter.schema, required);
        self.flag(&format!("{subject} deprecated"), parameter.deprecated);
        self.extensions(&subject, &parameter.extensions);
    }

    /// A value that has a description beside that of its schema.
    fn described(&mut self, subject: &str, description: Option<&str>, schema: &Schema, required: bool) {
        self.text(&format!("{subject} description"), description);
        self.text(&format!("{subject} schema description"), schema.description.as_deref());
        self.schema(subject, &Schema { description: None, ..schema.clone() }, Some(required));
    }

    fn response(&mut self, subject: &str, response: &Response) {
        self.add(&format!("{subject} description"), &expression::text(&response.description));
        for (name, header) in &response.headers {
            let subject = format!("{subject} header {}", expression::name(&name.to_ascii_lowercase()));
            self.described(&subject, header.description.as_deref(), &header.schema, header.required);
            self.extensions(&subject, &header.extensions);
        }
        self.extensions(subject, &response.extensions);
        self.content(subject, &response.content);
    }

    fn content(&mut self, subject: &str, content: &IndexMap<String, MediaType>) {
        for (name, media_type) in content {
            let subject = format!("{subject} {}", expression::name(name));
            let nothing = Schema::default();
            self.schema(&format!("{subject} schema"), media_type.schema.as_ref().unwrap_or(&nothing), None);
            self.json(&format!("{subject} example"), media_type.example.as_deref());
            self.extensions(&subject, &media_type.extensions);
        }
    }
}

pub(super) fn subject(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), expression::name(&operation.path))
}

pub(super) fn sorted_tags(operation: &Operation) -> String {
    operation.tags.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}

/// Header names are the same in any letter case.
pub(super) fn parameter_name(parameter: &Parameter) -> String {
    let name = match parameter.location {
        Location::Header => parameter.name.to_ascii_lowercase(),
        _ => parameter.name.clone(),
    };
    format!("{} {}", parameter.location.as_str(), expression::name(&name))
}

pub(super) fn alternatives(security: &[SecurityRequirement]) -> String {
    let alternative = |requirement: &SecurityRequirement| {
        let schemes = requirement.iter().map(|(scheme, scopes)| {
            let scopes: BTreeSet<_> = scopes.iter().map(String::as_str).collect();
            let scopes = scopes.into_iter().collect::<Vec<_>>().join(" ");
            if scopes.is_empty() { scheme.clone() } else { format!("{scheme}({scopes})") }
        });
        let text = schemes.collect::<Vec<_>>().join(" + ");
        if text.is_empty() { "nothing".to_owned() } else { text }
    };
    let all: BTreeSet<_> = security.iter().map(alternative).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.into_iter().collect::<Vec<_>>().join(" | ") }
}

pub(super) fn security_scheme(scheme: &SecurityScheme) -> String {
    match &scheme.kind {
        SecuritySchemeKind::Http { scheme, bearer_format: None } => format!("http {scheme}"),
        SecuritySchemeKind::Http { scheme, bearer_format: Some(format) } => format!("http {scheme} ({format})"),
        SecuritySchemeKind::ApiKey { name, location } => {
            let name = if *location == Location::Header { name.to_ascii_lowercase() } else { name.clone() };
            format!("api-key {} {name}", location.as_str())
        }
        SecuritySchemeKind::Other(value) => expression::json(value),
    }
}

pub(super) fn resolve<'a, T>(item: &'a RefOr<T>, components: &'a IndexMap<String, T>) -> Result<&'a T, &'a str> {
    match item {
        RefOr::Inline(item) => Ok(item),
        RefOr::Ref(name) => components.get(name).ok_or(name),
    }
}
