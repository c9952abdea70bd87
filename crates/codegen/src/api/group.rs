//! A file a tag: its trait, its router, and the handlers.

use docwright_contract::model::Tag;
use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::operation::{Endpoint, Layer};
use super::{handler, operation};
use crate::naming::{self, GroupNames};
use crate::render;

/// How many calls may be chained.
pub(super) const CHAIN: usize = 100;

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
    pub(super) fn all(layer: &'a Layer<'a>) -> Vec<Self> {
        let mut by_tag: IndexMap<&str, Vec<&Endpoint<'_>>> = IndexMap::new();
        for endpoint in &layer.operations {
            by_tag.entry(operation::group(endpoint.operation)).or_default().push(endpoint);
        }
        let tags: IndexMap<&str, &Tag> = layer.contract.tags.iter().map(|tag| (tag.name.as_str(), tag)).collect();
        let groups = layer.groups.iter().map(|(tag, GroupNames { name, module, router })| Self {
            name: naming::ident(name),
            module: module.clone(),
            router: format_ident!("{router}"),
            tag: tags.get(tag).copied(),
            endpoints: by_tag.swap_remove(tag).unwrap_or_default(),
        });
        groups.collect()
    }

    pub(super) fn source(&self, layer: &Layer<'_>) -> TokenStream {
        let Self { name, router, endpoints, .. } = self;
        let description = self.tag.and_then(|tag| tag.description.clone());
        let docs = render::docs(Some(&description.unwrap_or_else(|| format!("The operations of {name}."))));
        let router_docs = render::docs(Some(&format!("Serves the operations of [`{name}`].")));
        let methods = endpoints.iter().map(|endpoint| handler::signature(endpoint, layer));
        let handlers: TokenStream = endpoints.iter().map(|endpoint| handler::source(endpoint, name, layer)).collect();
        let routes = self.routes(layer);
        let imports = self.imports(layer, handlers.to_string().contains("support ::"));
        // One expression, unless the compiler runs out of stack on a chain as long as this.
        let router_body = if routes.len() <= CHAIN {
            quote!(axum::Router::new() #(#routes)* .with_state(service))
        } else {
            quote! {
                let mut router = axum::Router::new();
                #(router = router #routes;)*
                router.with_state(service)
            }
        };
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
                #router_body
            }

            #handlers
        }
    }

    fn imports(&self, layer: &Layer<'_>, uses_support: bool) -> TokenStream {
        let types: String =
            self.endpoints.iter().map(|endpoint| handler::types(endpoint, layer).to_string() + ";").collect();
        // A carrier may have the name of one of these.
        let own = types.replace("models :: ", "models_");
        let mentions = |ty: &str| own.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == ty);
        let found = ["Binary", "EventStream", "Form", "Items", "Mixed"].into_iter().filter(|ty| mentions(ty));
        let found = found.map(|ty| format_ident!("{ty}")).collect::<Vec<_>>();
        let support = uses_support.then(|| quote!(self,));
        let models = types.contains(&quote!(models).to_string()).then(|| {
            quote!(
                use crate::models;
            )
        });
        let common = (!layer.common.is_empty()).then(|| quote!(CommonHeaders,));
        let responses = self.endpoints.iter().any(|endpoint| !endpoint.responses.is_empty()).then(|| quote!(responses));
        quote! {
            use std::future::Future;
            use std::sync::Arc;
            use axum::extract::{Request, State};
            use axum::http::StatusCode;
            use axum::response::Response;
            use axum::routing;
            use super::{API_KEYS, #common #responses};
            #models
            use crate::support::{#support #(#found,)* Call, Security};
            use crate::{ApiError, Authenticate, RequestContext};
        }
    }

    /// One route a path. Templates that differ only in the names of their parameters are one path to
    /// the router, which takes the first.
    fn routes(&self, layer: &Layer<'_>) -> Vec<TokenStream> {
        let mut routes: IndexMap<&str, TokenStream> = IndexMap::new();
        for endpoint in &self.endpoints {
            let (router, handler) = (method_router(endpoint), &endpoint.handler);
            let call = quote!(#router(#handler::<S>));
            let methods = routes.entry(layer.routes.route(&endpoint.operation.path)).or_default();
            *methods = if methods.is_empty() { quote!(routing::#call) } else { quote!(#methods.#call) };
        }
        routes.into_iter().map(|(route, methods)| quote!(.route(#route, #methods))).collect()
    }
}

/// The function of `axum::routing` for an operation's method.
fn method_router(endpoint: &Endpoint<'_>) -> Ident {
    operation::plain_ident(endpoint.operation.method.key())
}
