//! The server layer: a trait with a method an operation, handlers with `#[utoipa::path]`, a router
//! and the utoipa document.
//!
//! The files expect the hand-written support of `chat-api` at the root of their crate: `ApiError`,
//! `Authenticate`, `RequestContext`, the two fallbacks, `localized_errors`, `negotiated_errors`, the module `support`, and the carriers as
//! the module `models`.

mod content;
mod details;
mod document;
mod form;
mod group;
mod handler;
mod headers;
mod left_out;
mod operation;
mod packages;
mod parameter;
mod responses;
mod routes;
mod rust_type;
mod schema_json;
#[cfg(test)]
mod tests;
mod unsaid;
mod xml;

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::model::Response;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use self::group::{CHAIN, Group};
use self::operation::{Endpoint, Example, Layer, Owner};
use crate::{Error, GeneratedFile, Problem, json, naming, render};

pub use left_out::left_out;
pub use packages::packages;

/// The source files of the server layer, `mod.rs` first.
///
/// # Errors
/// - a reference names no component;
/// - a router cannot tell two operations apart: one method, and paths that differ only in the names of their parameters.
pub fn generate(contract: &Contract) -> Result<Vec<GeneratedFile>, Error> {
    let layer = Layer::of(contract)?;
    let groups = Group::all(&layer);
    let part = Part::of(&layer, groups.iter().collect(), true);
    let items = part.items()?;
    let modules: Vec<Ident> = groups.iter().map(|group| naming::ident(&group.module)).collect();
    let (traits, routers) = names(&groups);
    let (declared, exported) = (items.iter().map(|item| item.declared()), items.iter().map(|item| item.exported()));
    let router = router(&layer, &groups);
    let root = quote! {
        #(mod #modules;)*
        mod document;
        mod headers;
        #(#declared)*
        mod responses;
        #[cfg(feature = "schemars")]
        mod schemas;

        use std::sync::Arc;
        #(pub use #modules::{#traits, #routers};)*
        pub use document::ApiDoc;
        pub use headers::{API_KEYS, CommonHeaders, REQUEST_HEADERS};
        #(#exported)*
        #[cfg(feature = "schemars")]
        pub use schemas::schemas;

        #router
    };
    let mut files = vec![render::file("mod.rs", root)?];
    files.extend(part.groups()?);
    files.push(render::file("document.rs", document::whole(&layer, &part))?);
    files.push(render::file("headers.rs", headers::source(&layer))?);
    files.extend(items.into_iter().map(|item| item.file));
    files.push(render::file("responses.rs", responses::source(&layer, &part.responses, &quote!(pub(super))))?);
    files.push(render::file("schemas.rs", schemas(&layer))?);
    files.extend(part.examples()?);
    Ok(files)
}

/// Some operations of a layer, with what only they need.
struct Part<'p, 'a> {
    layer: &'p Layer<'a>,
    groups: Vec<&'p Group<'a>>,
    responses: Vec<(&'p str, &'a Response)>,
    examples: Vec<&'p Example<'a>>,
}

/// A file that is only there where it holds something.
struct Items {
    module: Ident,
    file: GeneratedFile,
}

impl Items {
    fn declared(&self) -> TokenStream {
        let module = &self.module;
        quote!(mod #module;)
    }

    fn exported(&self) -> TokenStream {
        let module = &self.module;
        quote!(pub use #module::*;)
    }
}

impl<'p, 'a> Part<'p, 'a> {
    /// The operations of `groups`, with the responses that all share or without.
    fn of(layer: &'p Layer<'a>, groups: Vec<&'p Group<'a>>, has_shared: bool) -> Self {
        let endpoints = || groups.iter().flat_map(|group| &group.endpoints);
        let mut names: BTreeSet<&str> =
            endpoints().flat_map(|endpoint| endpoint.responses.iter().map(|(_, name)| name.as_str())).collect();
        for name in layer.shared_responses() {
            if has_shared {
                names.insert(name);
            } else {
                names.remove(name);
            }
        }
        let ids: BTreeSet<&str> = endpoints().map(|endpoint| endpoint.operation.operation_id.as_str()).collect();
        let responses = layer.responses.iter().map(|(name, response)| (name.as_str(), *response));
        let responses = responses.filter(|(name, _)| names.contains(name)).collect();
        let is_ours = |example: &&Example<'_>| match &example.owner {
            Owner::Response(name) => names.contains(name.as_str()),
            Owner::Request(id) => ids.contains(id),
        };
        let examples = layer.examples.iter().filter(is_ours).collect();
        Self { layer, groups, responses, examples }
    }

    fn endpoints(&self) -> Vec<&'p Endpoint<'a>> {
        self.groups.iter().flat_map(|group| group.endpoints.iter().copied()).collect()
    }

    /// The files of the groups.
    fn groups(&self) -> Result<Vec<GeneratedFile>, Error> {
        let file = |group: &&Group<'_>| render::file(&format!("{}.rs", group.module), group.source(self.layer));
        self.groups.iter().map(file).collect()
    }

    /// Types that single operations need.
    fn items(&self) -> Result<Vec<Items>, Error> {
        let endpoints = self.endpoints();
        let sources = [
            ("answers", handler::answers(&endpoints)),
            ("forms", form::source(&endpoints)),
            ("parameters", parameter::enumerations(&endpoints)),
        ];
        let items = sources.into_iter().filter(|(_, source)| !source.is_empty());
        items
            .map(|(module, source)| {
                Ok(Items { module: naming::ident(module), file: render::file(&format!("{module}.rs"), source)? })
            })
            .collect()
    }

    fn examples(&self) -> Result<Vec<GeneratedFile>, Error> {
        let file = |example: &&Example<'_>| {
            let mut contents = serde_json::to_string_pretty(example.value)
                .map_err(|error| Problem::internal(example.path.as_str(), error))?;
            contents.push('\n');
            Ok(GeneratedFile { path: example.path.clone(), contents })
        };
        self.examples.iter().map(file).collect()
    }
}

/// The traits and routers of groups.
fn names<'g>(groups: &'g [Group<'_>]) -> (Vec<&'g Ident>, Vec<&'g Ident>) {
    (groups.iter().map(|group| &group.name).collect(), groups.iter().map(|group| &group.router).collect())
}

/// The router of everything, and what it needs.
fn router(layer: &Layer<'_>, groups: &[Group<'_>]) -> TokenStream {
    let (traits, routers) = names(groups);
    let bounds = if traits.is_empty() { quote!(crate::Authenticate) } else { quote!(#(#traits)+*) };
    let error_media_types = layer.error_media_types();
    let docs = render::docs(Some(&format!(
        "Serves every operation of \"{}\", and answers everything else with 404 or 405 and the error body.",
        layer.contract.info.title
    )));
    let fallbacks = quote!(.fallback(crate::fallback).method_not_allowed_fallback(crate::method_not_allowed));
    // One expression, unless the compiler runs out of stack on a chain as long as this.
    let merged = if groups.len() <= CHAIN {
        quote! {
            let router = axum::Router::new()
                #(.merge(#routers(Arc::clone(&service))))*
                #fallbacks;
        }
    } else {
        quote! {
            let mut router = axum::Router::new();
            #(router = router.merge(#routers(Arc::clone(&service)));)*
            let router = router #fallbacks;
        }
    };
    let templates = layer.routes.templates();
    let (declared, led) = if templates.is_empty() {
        (None, None)
    } else {
        let pairs = templates.iter().map(|(template, route)| quote!((#template, #route)));
        (
            Some(quote! {
                /// Paths whose segments are more than fixed text or one parameter, with the routes that serve them.
                const TEMPLATES: &[(&str, &str)] = &[#(#pairs),*];
            }),
            Some(quote!(let router = crate::support::with_templates(router, TEMPLATES);)),
        )
    };
    quote! {
        /// The media types of error answers, in the order of preference.
        pub const ERROR_MEDIA_TYPES: &[&str] = &[#(#error_media_types),*];

        #declared

        #docs
        pub fn router<S: #bounds>(service: Arc<S>) -> axum::Router {
            #merged
            #led
            let router = crate::localized_errors(router, service);
            crate::negotiated_errors(router, ERROR_MEDIA_TYPES)
        }
    }
}

/// `schemas.rs`: what schemars says of every component.
fn schemas(layer: &Layer<'_>) -> TokenStream {
    let contract = layer.contract;
    let names = contract.schemas.keys();
    let count = proc_macro2::Literal::usize_unsuffixed(contract.schemas.len());
    let types = contract.schemas.keys().map(|name| layer.types.ident(name));
    let imports = if contract.schemas.is_empty() {
        quote!(
            use schemars::Schema;
        )
    } else {
        quote!(
            use schemars::{Schema, schema_for};
            use crate::models;
        )
    };
    quote! {
        #imports

        /// The JSON Schema of every component, as schemars sees its type, by the component's name.
        pub fn schemas() -> [(&'static str, Schema); #count] {
            [#((#names, schema_for!(models::#types))),*]
        }
    }
}
