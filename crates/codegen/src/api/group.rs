//! A file a tag: its trait, its router, and the handlers.

use docwright_contract::model::Tag;
use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::operation::{Endpoint, Kind, Layer};
use super::{handler, operation};
use crate::{Error, naming, render};

/// Names at the root of the crate, and what every file imports.
const TAKEN_TRAITS: &[&str] = &[
    "ApiDoc",
    "ApiError",
    "Arc",
    "Authenticate",
    "Binary",
    "Call",
    "CommonHeaders",
    "Credentials",
    "Future",
    "Peer",
    "Presented",
    "Request",
    "RequestContext",
    "Response",
    "Secret",
    "State",
    "StatusCode",
];

/// Files beside those of the tags.
const TAKEN_MODULES: &[&str] = &["document", "examples", "headers", "mod", "parameters", "responses", "schemas"];

/// The operations of a tag.
pub(super) struct Group<'a> {
    pub(super) name: Ident,
    pub(super) module: String,
    pub(super) router: Ident,
    tag: Option<&'a Tag>,
    pub(super) endpoints: Vec<&'a Endpoint<'a>>,
}

impl<'a> Group<'a> {
    /// The groups in the order of their first operations. An operation belongs to its first tag.
    ///
    /// # Errors
    /// Where two tags are the same in Rust.
    pub(super) fn all(layer: &'a Layer<'a>) -> Result<Vec<Self>, Error> {
        let mut by_tag: IndexMap<&str, Vec<&Endpoint<'_>>> = IndexMap::new();
        for endpoint in &layer.operations {
            let tag = endpoint.operation.tags.first().map_or("Untagged", String::as_str);
            by_tag.entry(tag).or_default().push(endpoint);
        }
        let names = by_tag.keys().map(|tag| (*tag, naming::snake_case(tag)));
        Error::unless_empty(naming::collisions("tags", names))?;
        let groups = by_tag.into_iter().map(|(tag, endpoints)| {
            let (mut name, mut module) = (naming::pascal_case(tag), naming::snake_case(tag));
            if TAKEN_TRAITS.contains(&name.as_str()) {
                name.push_str("Operations");
            }
            let router = format_ident!("{module}_router");
            if TAKEN_MODULES.contains(&module.as_str()) {
                module.push_str("_operations");
            }
            let tag = layer.contract.tags.iter().find(|known| known.name == tag);
            Self { name: naming::ident(&name), module, router, tag, endpoints }
        });
        Ok(groups.collect())
    }

    pub(super) fn source(&self, layer: &Layer<'_>) -> TokenStream {
        let Self { name, router, endpoints, .. } = self;
        let description = self.tag.and_then(|tag| tag.description.clone());
        let docs = render::docs(Some(&description.unwrap_or_else(|| format!("The operations of {name}."))));
        let router_docs = render::docs(Some(&format!("Serves the operations of [`{name}`].")));
        let methods = endpoints.iter().map(|endpoint| handler::signature(endpoint, layer));
        let handlers = endpoints.iter().map(|endpoint| handler::source(endpoint, name, layer));
        let routes = self.routes(layer);
        let imports = self.imports();
        // Without these, the compiler points at a router and names no method.
        let missing = format!("`{{Self}}` does not serve the operations of `{name}`");
        let names: Vec<String> = endpoints.iter().map(|endpoint| format!("`{}`", endpoint.method)).collect();
        let note = format!("implement `{name}` with its methods: {}", names.join(", "));
        quote! {
            #imports

            #docs
            #[diagnostic::on_unimplemented(message = #missing, note = #note)]
            pub trait #name: Authenticate {
                #(#methods)*
            }

            #router_docs
            pub fn #router<S: #name>(service: Arc<S>) -> axum::Router {
                axum::Router::new()
                    #(#routes)*
                    .with_state(service)
            }

            #(#handlers)*
        }
    }

    fn imports(&self) -> TokenStream {
        let endpoints = &self.endpoints;
        let is_binary = |endpoint: &&&Endpoint<'_>| {
            endpoint.body.as_ref().is_some_and(|body| body.kind == Kind::Binary)
                || endpoint.answer.content.as_ref().is_some_and(|(kind, _)| *kind == Kind::Binary)
        };
        let binary = endpoints.iter().find(is_binary).map(|_| quote!(Binary,));
        let reads = endpoints.iter().any(|endpoint| !endpoint.arguments.is_empty());
        let support = reads.then(|| quote!(self,));
        let mentions_models = quote!(models).to_string();
        let models = endpoints
            .iter()
            .any(|endpoint| handler::types(endpoint).to_string().contains(&mentions_models))
            .then(|| {
                quote!(
                    use crate::models;
                )
            });
        quote! {
            use std::future::Future;
            use std::sync::Arc;
            use axum::extract::{Request, State};
            use axum::http::StatusCode;
            use axum::response::Response;
            use axum::routing;
            use super::{CommonHeaders, responses};
            #models
            use crate::support::{#support #binary Call};
            use crate::{ApiError, Authenticate, RequestContext};
        }
    }

    /// One route a path. Templates that differ only in the names of their parameters are one path to
    /// the router, which takes the first.
    fn routes(&self, layer: &Layer<'_>) -> Vec<TokenStream> {
        let routes = self.paths().into_iter().map(|(shape, endpoints)| {
            let first = layer.operations.iter().find(|endpoint| path_shape(&endpoint.operation.path) == shape);
            let path = first.map_or(shape, |endpoint| endpoint.operation.path.clone());
            let mut methods = TokenStream::new();
            for endpoint in endpoints {
                let (router, handler) = (method_router(endpoint), &endpoint.method);
                let call = quote!(#router(#handler::<S>));
                methods = if methods.is_empty() { quote!(routing::#call) } else { quote!(#methods.#call) };
            }
            quote!(.route(#path, #methods))
        });
        routes.collect()
    }

    fn paths(&self) -> IndexMap<String, Vec<&'a Endpoint<'a>>> {
        let mut paths: IndexMap<String, Vec<&Endpoint<'_>>> = IndexMap::new();
        for endpoint in &self.endpoints {
            paths.entry(path_shape(&endpoint.operation.path)).or_default().push(*endpoint);
        }
        paths
    }
}

/// The function of `axum::routing` for an operation's method.
fn method_router(endpoint: &Endpoint<'_>) -> Ident {
    operation::plain_ident(endpoint.operation.method.key())
}

/// The path without the names of its parameters.
fn path_shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
