//! `document.rs`: the OpenAPI document that utoipa makes of the handlers, and what its attributes
//! cannot say.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::Part;
use super::details;
use super::group::Group;
use super::operation::Layer;
use crate::{naming, render};

/// What one macro of utoipa, or one function, can hold without the compiler running out of stack.
const CHUNK: usize = 200;

/// A file with one document in it.
#[derive(Default)]
struct Document {
    docs: TokenStream,
    name: String,
    /// Members of `#[openapi(…)]`.
    attributes: TokenStream,
    /// Each below the generated module.
    paths: Vec<TokenStream>,
    schemas: Vec<Ident>,
    responses: Vec<Ident>,
    modules: Vec<Ident>,
    /// Documents to be taken in.
    parts: Vec<TokenStream>,
    details: Vec<TokenStream>,
}

/// The document of a layer that is one crate.
pub(super) fn whole(layer: &Layer<'_>, part: &Part<'_, '_>) -> TokenStream {
    let mut document = of_part(part);
    let mut whole = frame(layer);
    whole.paths = document.paths;
    whole.modules = document.modules;
    whole.responses = document.responses;
    whole.details.append(&mut document.details);
    whole.file()
}

/// What a crate that holds some of the operations says of them.
pub(super) fn part(part: &Part<'_, '_>, name: String) -> TokenStream {
    Document { docs: render::docs(Some("What the handlers of this crate say.")), name, ..of_part(part) }.file()
}

/// The document over those of several parts; `shared` are the responses that all have.
pub(super) fn over(layer: &Layer<'_>, shared: &Part<'_, '_>, parts: Vec<TokenStream>) -> TokenStream {
    let mut whole = frame(layer);
    let mut document = of_part(shared);
    whole.responses = document.responses;
    whole.parts = parts;
    whole.details.append(&mut document.details);
    whole.file()
}

fn of_part(part: &Part<'_, '_>) -> Document {
    let paths = part.groups.iter().flat_map(|group: &&Group<'_>| {
        let module = naming::ident(&group.module);
        group.endpoints.iter().map(move |endpoint| {
            let handler = &endpoint.handler;
            quote!(#module::#handler)
        })
    });
    let mut details = details::responses(&part.responses);
    details.extend(details::operations(&part.endpoints()));
    details.extend(details::examples(&part.examples));
    Document {
        paths: paths.collect(),
        modules: part.groups.iter().map(|group| naming::ident(&group.module)).collect(),
        responses: part.responses.iter().map(|(name, _)| format_ident!("{name}")).collect(),
        details,
        ..Document::default()
    }
}

fn frame(layer: &Layer<'_>) -> Document {
    let contract = layer.contract;
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
    Document {
        docs: render::docs(Some(&format!("The OpenAPI document of \"{}\", in version 3.1.", contract.info.title))),
        name: "ApiDoc".to_owned(),
        attributes: quote!(#info #servers #tags),
        schemas: contract.schemas.keys().map(|name| layer.types.ident(name)).collect(),
        details: details::frame(layer),
        ..Document::default()
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

impl Document {
    fn file(self) -> TokenStream {
        let (statements, calls, functions) = self.statements();
        let Self { docs, name, attributes, modules, mut parts, .. } = self;
        let name = format_ident!("{}", name);
        let schemas: Vec<TokenStream> = self.schemas.iter().map(|schema| quote!(models::#schema)).collect();
        let responses: Vec<TokenStream> = self.responses.iter().map(|name| quote!(responses::#name)).collect();
        let (paths, mut further) = chunks(&self.paths, |paths| quote!(paths(#(#paths),*)));
        let (schemas, more) = chunks(&schemas, |schemas| quote!(components(schemas(#(#schemas),*))));
        further.extend(more);
        let (responses, more) = chunks(&responses, |responses| quote!(components(responses(#(#responses),*))));
        further.extend(more);
        let names: Vec<Ident> = (1..=further.len()).map(|number| format_ident!("Chunk{number}")).collect();
        parts.extend(names.iter().map(|name| quote!(#name)));

        let all: String = self.details.iter().map(ToString::to_string).collect();
        let uses_json = all.contains("json !").then(|| {
            quote!(
                use serde_json::json;
            )
        });
        let verbatim = all.contains("verbatim (").then(|| quote!(, verbatim));
        let use_responses = (!responses.is_empty()).then(|| quote!(responses,));
        let nearby = (!modules.is_empty() || use_responses.is_some())
            .then(|| quote!(use super::{#(#modules,)* #use_responses};));
        let models = (!schemas.is_empty()).then(|| {
            quote!(
                use crate::models;
            )
        });
        quote! {
            #uses_json
            use utoipa::openapi::OpenApi;
            #nearby
            #models
            use crate::support::{Document #verbatim};

            #docs
            #[derive(Clone, Copy, Debug, utoipa::OpenApi)]
            #[openapi(
                #attributes
                paths(#(#paths),*),
                components(
                    schemas(#(#schemas),*),
                    responses(#(#responses),*)
                ),
                modifiers(&Details)
            )]
            pub struct #name;

            /// What the attributes of utoipa cannot say.
            struct Details;

            impl utoipa::Modify for Details {
                fn modify(&self, document: &mut OpenApi) {
                    #(document.merge(<#parts as utoipa::OpenApi>::openapi());)*
                    let mut document = Document::new(document);
                    #statements
                    #(#calls)*
                    document.finish();
                }
            }

            #(
                #[derive(utoipa::OpenApi)]
                #[openapi(#further)]
                struct #names;
            )*
            #(#functions)*
        }
    }

    /// The details, and where they are too many: calls of the functions that hold the others.
    fn statements(&self) -> (TokenStream, Vec<TokenStream>, Vec<TokenStream>) {
        let (first, further) = self.details.split_at(self.details.len().min(CHUNK));
        let further: Vec<&[TokenStream]> = further.chunks(CHUNK).collect();
        let names: Vec<Ident> = (1..=further.len()).map(|number| format_ident!("further_details_{number}")).collect();
        let calls = names.iter().map(|name| quote!(#name(&mut document);)).collect();
        let functions = names.iter().zip(further).map(|(name, statements)| {
            quote! {
                fn #name(document: &mut Document<'_>) {
                    #(#statements)*
                }
            }
        });
        (quote!(#(#first)*), calls, functions.collect())
    }
}

/// What the document's own macro holds, and the attributes of those that hold the rest.
fn chunks(
    all: &[TokenStream],
    attribute: impl Fn(&[TokenStream]) -> TokenStream,
) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let (first, further) = all.split_at(all.len().min(CHUNK));
    (first.to_vec(), further.chunks(CHUNK).map(attribute).collect())
}
