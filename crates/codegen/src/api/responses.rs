//! `responses.rs`: every response as a type that only the document is made of.
//!
//! An enum with a variant a media type, because that is the only form in which utoipa puts several
//! media types on one response.

use docwright_contract::model::{Header, Response, Schema, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::handler;
use super::operation::Layer;
use super::rust_type::{self, Mention, RustType};
use crate::naming;

/// The types of some responses. Those that another crate needs are `pub`.
pub(super) fn source(layer: &Layer<'_>, wanted: &[(&str, &Response)], visibility: &TokenStream) -> TokenStream {
    let responses: TokenStream =
        wanted.iter().map(|(name, response)| declaration(layer, name, response, visibility)).collect();
    let models = responses.to_string().contains("models ::").then(|| {
        quote!(
            use crate::models;
        )
    });
    let mentions = |ty: &str| responses.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == ty);
    let binary = mentions("Binary").then(|| {
        quote!(
            use crate::support::Binary;
        )
    });
    quote! {
        #models
        #binary
        #responses
    }
}

fn declaration(layer: &Layer<'_>, name: &str, response: &Response, visibility: &TokenStream) -> TokenStream {
    let name = format_ident!("{name}");
    let description = &response.description;
    let headers = response.headers.iter().map(|(name, header)| header_tuple(layer, name, header));
    let headers = (!response.headers.is_empty()).then(|| quote!(, headers(#(#headers),*)));
    let attributes = quote! {
        #[derive(utoipa::ToResponse)]
        #[response(description = #description #headers)]
    };
    if response.content.is_empty() {
        return quote!(#attributes #visibility struct #name;);
    }
    let variants = naming::variant_idents(response.content.keys().map(String::as_str), &[]);
    let variants = response.content.iter().zip(variants).map(|((media_type, content), variant)| {
        let ty = handler::described(layer, content);
        let (inline, ty) = (ty.is_inline.then(|| quote!(#[to_schema])), ty.tokens);
        quote!(#variant(#[content(#media_type)] #inline #ty))
    });
    let is_public = visibility.to_string() == "pub";
    let unused = (!is_public).then(|| quote!(#[expect(dead_code, reason = "only the document is made of it")]));
    quote! {
        #attributes
        #unused
        #visibility enum #name {
            #(#variants),*
        }
    }
}

fn header_tuple(layer: &Layer<'_>, name: &str, header: &Header) -> TokenStream {
    // Anything else than a plain value is among the document's details.
    let is_plain = rust_type::says_all(&header.schema) && is_scalar(&header.schema);
    let ty = is_plain.then(|| RustType::of(&layer.types, &header.schema, Mention::Document).tokens);
    let ty = ty.unwrap_or_else(|| quote!(String));
    let description = header.description.as_ref().map(|text| quote!(, description = #text));
    quote!((#name = #ty #description))
}

/// Whether a header of this type is described in its place.
pub(super) fn is_scalar(schema: &Schema) -> bool {
    match &schema.ty {
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } => true,
        Type::String { format } => format.is_none(),
        _ => false,
    }
}
