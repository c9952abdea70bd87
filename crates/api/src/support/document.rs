//! What the attributes of utoipa cannot say about a document.

mod members;
mod names;
mod verbatim;
mod xml;

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::SecurityScheme;
use utoipa::openapi::{Components, Content, Deprecated, OpenApi, Ref, RefOr, Required, Schema};

pub use verbatim::verbatim;

/// The member of the components that holds the ways to sign in.
const SCHEMES: &str = "securitySchemes";

/// A document that is being completed. Generated code calls this with what the contract holds; what
/// it names and the document lacks is passed over, and the comparison with the contract shows it.
pub struct Document<'a>(&'a mut OpenApi);

impl<'a> Document<'a> {
    /// Completes `document`.
    pub fn new(document: &'a mut OpenApi) -> Self {
        Self(document)
    }

    /// Takes out what utoipa writes and the contract does not say.
    pub fn finish(&mut self) {
        self.0.info.contact = None;
        names::each_schema(self.0, &mut |schema| {
            // That keys are text goes without saying.
            if let RefOr::T(Schema::Object(object)) = schema {
                object.property_names = None;
            }
        });
    }

    /// Gives components the names that they have in the contract, which are no names in Rust.
    pub fn rename_schemas(&mut self, names: &[(&str, &str)]) {
        names::rename(self.0, names);
    }

    /// Takes back what utoipa read in the crate's manifest.
    pub fn remove_description(&mut self) {
        self.0.info.description = None;
    }

    /// Takes back what utoipa read in the crate's manifest.
    pub fn remove_license(&mut self) {
        self.0.info.license = None;
    }

    /// Sets an extension of the document itself.
    pub fn extension(&mut self, name: &str, value: Value) {
        self.0.extensions.get_or_insert_default().insert(name.to_owned(), value);
    }

    /// Sets an extension of the `info` object.
    pub fn info_extension(&mut self, name: &str, value: Value) {
        self.0.info.extensions.get_or_insert_default().insert(name.to_owned(), value);
    }

    /// Makes the header parameter `name`, which operations repeat, the shared `component`.
    pub fn share_header(&mut self, component: &str, name: &str) {
        let reference = || RefOr::Ref(Ref::new(format!("#/components/parameters/{component}")));
        let mut shared = None;
        for operation in operations(self.0) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if matches!(parameter, RefOr::T(inline) if is_header(inline, name)) {
                    shared = Some(std::mem::replace(parameter, reference()));
                }
            }
        }
        if let Some(shared) = shared {
            self.components().parameters.insert(component.to_owned(), shared);
        }
    }

    /// Adds a way to sign in with a scheme of HTTP's own: `basic`, `bearer`.
    pub fn http_scheme(&mut self, name: &str, scheme: &str, description: &str) {
        self.described_scheme(name, json!({ "type": "http", "scheme": scheme }), description);
    }

    /// Adds a way to sign in with a value in a header, query or cookie parameter.
    pub fn api_key_scheme(&mut self, name: &str, location: &str, parameter: &str, description: &str) {
        self.described_scheme(name, json!({ "type": "apiKey", "in": location, "name": parameter }), description);
    }

    /// Adds any other way to sign in, written as OpenAPI writes it.
    pub fn security_scheme(&mut self, name: &str, scheme: Value) {
        let typed = serde_json::from_value::<SecurityScheme>(scheme.clone());
        match typed.ok().filter(|typed| serde_json::to_value(typed).is_ok_and(|written| written == scheme)) {
            Some(typed) if !self.has_foreign_schemes() => self.components().add_security_scheme(name, typed),
            _ => self.foreign_scheme(name, scheme),
        }
    }

    fn has_foreign_schemes(&mut self) -> bool {
        self.components().extensions.as_ref().is_some_and(|members| members.contains_key(SCHEMES))
    }

    /// One that utoipa has no type for, which makes all of them so.
    fn foreign_scheme(&mut self, name: &str, scheme: Value) {
        let components = self.components();
        let known = std::mem::take(&mut components.security_schemes);
        let members = components.extensions.get_or_insert_default();
        let all = members.entry(SCHEMES.to_owned()).or_insert_with(|| json!(known));
        all[name] = scheme;
    }

    /// Marks an operation as being on its way out.
    pub fn deprecate(&mut self, operation_id: &str) {
        if let Some(operation) = self.operation(operation_id) {
            operation.deprecated = Some(Deprecated::True);
        }
    }

    /// Says that an operation may be called without its body.
    pub fn make_body_optional(&mut self, operation_id: &str) {
        if let Some(RefOr::T(body)) = self.operation(operation_id).and_then(|operation| operation.request_body.as_mut())
        {
            body.required = Some(Required::False);
        }
    }

    /// Sets the example, in JSON, of a shared response.
    pub fn response_example(&mut self, component: &str, media_type: &str, example: &str) {
        if let Some(RefOr::T(response)) = self.components().responses.get_mut(component) {
            set_example(response.content.get_mut(media_type), example);
        }
    }

    /// Sets the example, in JSON, of an operation's body.
    pub fn request_example(&mut self, operation_id: &str, media_type: &str, example: &str) {
        if let Some(RefOr::T(body)) = self.operation(operation_id).and_then(|operation| operation.request_body.as_mut())
        {
            set_example(body.content.get_mut(media_type), example);
        }
    }

    /// Says how a part of the component `schema` is written in XML: what `path` leads to
    /// (`properties/User`), nothing for the whole.
    pub fn schema_xml(&mut self, schema: &str, path: &str, xml: Value) {
        if let Some(schema) = self.components().schemas.get_mut(schema) {
            xml::set(schema, path, xml);
        }
    }

    /// Says how the answer of a shared response is written in XML.
    pub fn response_xml(&mut self, component: &str, media_type: &str, path: &str, xml: Value) {
        if let Some(RefOr::T(response)) = self.components().responses.get_mut(component)
            && let Some(RefOr::T(Content { schema: Some(schema), .. })) = response.content.get_mut(media_type)
        {
            xml::set(schema, path, xml);
        }
    }

    /// Says how an operation's body is written in XML.
    pub fn request_xml(&mut self, operation_id: &str, media_type: &str, path: &str, xml: Value) {
        if let Some(RefOr::T(body)) = self.operation(operation_id).and_then(|operation| operation.request_body.as_mut())
            && let Some(RefOr::T(Content { schema: Some(schema), .. })) = body.content.get_mut(media_type)
        {
            xml::set(schema, path, xml);
        }
    }

    fn described_scheme(&mut self, name: &str, mut scheme: Value, description: &str) {
        if !description.is_empty() {
            scheme["description"] = description.into();
        }
        self.security_scheme(name, scheme);
    }

    fn components(&mut self) -> &mut Components {
        self.0.components.get_or_insert_default()
    }

    fn operation(&mut self, operation_id: &str) -> Option<&mut Operation> {
        operations(self.0).find(|operation| operation.operation_id.as_deref() == Some(operation_id))
    }
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|path| {
        let methods = [
            &mut path.get,
            &mut path.put,
            &mut path.post,
            &mut path.delete,
            &mut path.options,
            &mut path.head,
            &mut path.patch,
            &mut path.trace,
        ];
        methods.into_iter().flatten()
    })
}

fn is_header(parameter: &Parameter, name: &str) -> bool {
    parameter.name == name && matches!(parameter.parameter_in, ParameterIn::Header)
}

fn set_example(content: Option<&mut RefOr<Content>>, example: &str) {
    if let (Some(RefOr::T(content)), Ok(example)) = (content, serde_json::from_str(example)) {
        content.example = Some(example);
    }
}

fn location(location: &ParameterIn) -> &'static str {
    match location {
        ParameterIn::Path => "path",
        ParameterIn::Query => "query",
        ParameterIn::Header => "header",
        ParameterIn::Cookie => "cookie",
        _ => "",
    }
}
