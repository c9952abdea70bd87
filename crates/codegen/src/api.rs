//! The server layer: a trait with a method an operation, handlers with `#[utoipa::path]`, a router
//! and the utoipa document.
//!
//! The files expect the hand-written support of `chat-api` at the root of their crate: `ApiError`,
//! `Authenticate`, `RequestContext`, the two fallbacks, `localized_errors`, `negotiated_errors`, the module `support`, and the carriers as
//! the module `models`.

mod document;
mod group;
mod handler;
mod headers;
mod json;
mod operation;
mod parameter;
mod responses;
mod rust_type;
#[cfg(test)]
mod tests;
mod xml;

use docwright_contract::Contract;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use self::group::Group;
use self::operation::Layer;
use crate::{Error, GeneratedFile, naming, render};

/// The source files of the server layer, `mod.rs` first.
///
/// # Errors
/// - two names are the same in Rust;
/// - a reference names no component;
/// - the router cannot serve a path: a parameter that is only a part of its segment.
pub fn generate(contract: &Contract) -> Result<Vec<GeneratedFile>, Error> {
    let layer = Layer::of(contract)?;
    let groups = Group::all(&layer)?;
    let enumerations = parameter::enumerations(&layer);
    let has_parameters = !enumerations.is_empty();

    let mut files = vec![render::file("mod.rs", root(&layer, &groups, has_parameters))?];
    for group in &groups {
        files.push(render::file(&format!("{}.rs", group.module), group.source(&layer))?);
    }
    files.push(render::file("document.rs", document::source(&layer, &groups))?);
    files.push(render::file("headers.rs", headers::source(&layer))?);
    if has_parameters {
        files.push(render::file("parameters.rs", enumerations)?);
    }
    files.push(render::file("responses.rs", responses::source(&layer))?);
    files.push(render::file("schemas.rs", schemas(contract))?);
    for example in &layer.examples {
        let mut contents = serde_json::to_string_pretty(&example.value)
            .map_err(|error| crate::Problem::internal(example.path.as_str(), error))?;
        contents.push('\n');
        files.push(GeneratedFile { path: example.path.clone(), contents });
    }
    Ok(files)
}

/// `mod.rs`: what the crate offers, and the router of everything.
fn root(layer: &Layer<'_>, groups: &[Group<'_>], has_parameters: bool) -> TokenStream {
    let modules: Vec<Ident> = groups.iter().map(|group| naming::ident(&group.module)).collect();
    let traits: Vec<&Ident> = groups.iter().map(|group| &group.name).collect();
    let routers: Vec<&Ident> = groups.iter().map(|group| &group.router).collect();
    let parameters = has_parameters.then(|| {
        quote!(
            mod parameters;
        )
    });
    let export_parameters = has_parameters.then(|| {
        quote!(
            pub use parameters::*;
        )
    });
    let bounds = if traits.is_empty() { quote!(crate::Authenticate) } else { quote!(#(#traits)+*) };
    let error_media_types = layer.error_media_types();
    let docs = render::docs(Some(&format!(
        "Serves every operation of \"{}\", and answers everything else with 404 or 405 and the error body.",
        layer.contract.info.title
    )));
    quote! {
        #(mod #modules;)*
        mod document;
        mod headers;
        #parameters
        mod responses;
        #[cfg(feature = "schemars")]
        mod schemas;

        use std::sync::Arc;
        #(pub use #modules::{#traits, #routers};)*
        pub use document::ApiDoc;
        pub use headers::CommonHeaders;
        #export_parameters
        #[cfg(feature = "schemars")]
        pub use schemas::schemas;

        /// The media types of error answers, in the order of preference.
        pub const ERROR_MEDIA_TYPES: &[&str] = &[#(#error_media_types),*];

        #docs
        pub fn router<S: #bounds>(service: Arc<S>) -> axum::Router {
            let router = axum::Router::new()
                #(.merge(#routers(Arc::clone(&service))))*
                .fallback(crate::fallback)
                .method_not_allowed_fallback(crate::method_not_allowed);
            let router = crate::localized_errors(router, service);
            crate::negotiated_errors(router, ERROR_MEDIA_TYPES)
        }
    }
}

/// `schemas.rs`: what schemars says of every component.
fn schemas(contract: &Contract) -> TokenStream {
    let names = contract.schemas.keys();
    let count = proc_macro2::Literal::usize_unsuffixed(contract.schemas.len());
    let types = contract.schemas.keys().map(|name| naming::schema_type(name));
    quote! {
        use schemars::{Schema, schema_for};
        use crate::models;

        /// The JSON Schema of every component, as schemars sees its type, by the component's name.
        pub fn schemas() -> [(&'static str, Schema); #count] {
            [#((#names, schema_for!(models::#types))),*]
        }
    }
}
