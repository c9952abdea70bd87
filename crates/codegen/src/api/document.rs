//! `document.rs`: the OpenAPI document that utoipa makes of the handlers, and what its attributes
//! cannot say.

use docwright_contract::model::{SecurityScheme, SecuritySchemeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::json;

use super::group::Group;
use super::operation::{Layer, Owner};
use super::{json, xml};
use crate::{naming, render};

pub(super) fn source(layer: &Layer<'_>, groups: &[Group<'_>]) -> TokenStream {
    let contract = layer.contract;
    let modules: Vec<_> = groups.iter().map(|group| naming::ident(&group.module)).collect();
    let info = info(layer);
    let servers = contract.servers.iter().map(|server| {
        let url = &server.url;
        let description = server.description.as_ref().map(|text| quote!(, description = #text));
        quote!((url = #url #description))
    });
    let servers = (!contract.servers.is_empty()).then(|| quote!(servers(#(#servers),*),));
    let tags = contract.tags.iter().map(|tag| {
        let name = &tag.name;
        let description = tag.description.as_ref().map(|text| quote!(, description = #text));
        quote!((name = #name #description))
    });
    let tags = (!contract.tags.is_empty()).then(|| quote!(tags(#(#tags),*),));
    let paths = groups.iter().flat_map(|group| {
        let module = naming::ident(&group.module);
        group.endpoints.iter().map(move |endpoint| {
            let method = &endpoint.method;
            quote!(#module::#method)
        })
    });
    let schemas: Vec<_> = contract.schemas.keys().map(|name| naming::schema_type(name)).collect();
    let responses: Vec<_> = layer.responses.keys().map(|name| format_ident!("{name}")).collect();
    let details = details(layer);
    let uses_json = details.to_string().contains("json !").then(|| {
        quote!(
            use serde_json::json;
        )
    });
    let models = (!schemas.is_empty()).then(|| {
        quote!(
            use crate::models;
        )
    });
    let use_responses = (!responses.is_empty()).then(|| quote!(responses,));
    let docs = render::docs(Some(&format!("The OpenAPI document of \"{}\", in version 3.1.", contract.info.title)));
    quote! {
        #uses_json
        use utoipa::openapi::OpenApi;
        use super::{#(#modules,)* #use_responses};
        #models
        use crate::support::Document;

        #docs
        #[derive(Clone, Copy, Debug, utoipa::OpenApi)]
        #[openapi(
            #info
            #servers
            #tags
            paths(#(#paths),*),
            components(
                schemas(#(models::#schemas),*),
                responses(#(responses::#responses),*)
            ),
            modifiers(&Details)
        )]
        pub struct ApiDoc;

        /// What the attributes of utoipa cannot say.
        struct Details;

        impl utoipa::Modify for Details {
            fn modify(&self, document: &mut OpenApi) {
                let mut document = Document::new(document);
                #details
                document.finish();
            }
        }
    }
}

fn info(layer: &Layer<'_>) -> TokenStream {
    let info = &layer.contract.info;
    let (title, version) = (&info.title, &info.version);
    let description = info.description.as_ref().map(|text| quote!(, description = #text));
    let license = info.license.as_ref().map(|license| {
        let name = &license.name;
        let url = license.url.as_ref().map(|url| quote!(, url = #url));
        quote!(, license(name = #name #url))
    });
    quote!(info(title = #title, version = #version #description #license),)
}

fn details(layer: &Layer<'_>) -> TokenStream {
    let contract = layer.contract;
    let mut statements = TokenStream::new();
    // Otherwise utoipa says what the crate's manifest says.
    if contract.info.description.is_none() {
        statements.extend(quote!(document.remove_description();));
    }
    if contract.info.license.is_none() {
        statements.extend(quote!(document.remove_license();));
    }
    let info = contract.info.extensions.iter().map(|(name, value)| ("info_extension", name, value));
    let root = contract.extensions.iter().map(|(name, value)| ("extension", name, value));
    for (method, name, value) in info.chain(root) {
        let (method, value) = (format_ident!("{method}"), json::tokens(value));
        statements.extend(quote!(document.#method(#name, json!(#value));));
    }
    for (component, header) in &layer.common {
        let name = &header.name;
        statements.extend(quote!(document.share_header(#component, #name);));
    }
    for (name, scheme) in &contract.security_schemes {
        statements.extend(security_scheme(name, scheme));
    }
    for endpoint in layer.operations.iter().filter(|endpoint| endpoint.operation.deprecated) {
        let id = &endpoint.operation.operation_id;
        statements.extend(quote!(document.deprecate(#id);));
    }
    for endpoint in &layer.operations {
        if endpoint.body.as_ref().is_some_and(|body| !body.is_required) {
            let id = &endpoint.operation.operation_id;
            statements.extend(quote!(document.make_body_optional(#id);));
        }
    }
    statements.extend(xml::statements(layer));
    for example in &layer.examples {
        let (path, media_type) = (&example.path, example.media_type);
        statements.extend(match &example.owner {
            Owner::Response(name) => quote!(document.response_example(#name, #media_type, include_str!(#path));),
            Owner::Request(id) => quote!(document.request_example(#id, #media_type, include_str!(#path));),
        });
    }
    statements
}

fn security_scheme(name: &str, scheme: &SecurityScheme) -> TokenStream {
    let description = scheme.description.as_deref().unwrap_or_default();
    let mut value = match &scheme.kind {
        SecuritySchemeKind::Http { scheme: kind, bearer_format: None } if scheme.extensions.is_empty() => {
            return quote!(document.http_scheme(#name, #kind, #description););
        }
        SecuritySchemeKind::ApiKey { name: parameter, location } if scheme.extensions.is_empty() => {
            let location = location.as_str();
            return quote!(document.api_key_scheme(#name, #location, #parameter, #description););
        }
        SecuritySchemeKind::Http { scheme, bearer_format } => {
            json!({"type": "http", "scheme": scheme, "bearerFormat": bearer_format})
        }
        SecuritySchemeKind::ApiKey { name, location } => {
            json!({"type": "apiKey", "in": location.as_str(), "name": name})
        }
        SecuritySchemeKind::Other(value) => value.clone(),
    };
    if let Some(members) = value.as_object_mut() {
        members.insert("description".to_owned(), json!(description));
        members.extend(scheme.extensions.clone());
        members.retain(|_, value| !value.is_null());
    }
    let value = json::tokens(&value);
    quote!(document.security_scheme(#name, json!(#value));)
}
