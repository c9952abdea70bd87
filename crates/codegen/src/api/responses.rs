//! `responses.rs`: every response as a type that only the document is made of.
//!
//! An enum with a variant a media type, because that is the only form in which utoipa puts several
//! media types on one response.

use docwright_contract::model::{Header, Response};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::operation::Layer;
use super::rust_type::{Mention, RustType};
use crate::naming;

pub(super) fn source(layer: &Layer<'_>) -> TokenStream {
    let responses: TokenStream = layer.responses.iter().map(|(name, response)| declaration(name, response)).collect();
    let models = responses.to_string().contains("models ::").then(|| {
        quote!(
            use crate::models;
        )
    });
    let binary = responses.to_string().contains("] Binary").then(|| {
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

fn declaration(name: &str, response: &Response) -> TokenStream {
    let name = format_ident!("{name}");
    let description = &response.description;
    let headers = response.headers.iter().map(|(name, header)| header_tuple(name, header));
    let headers = (!response.headers.is_empty()).then(|| quote!(, headers(#(#headers),*)));
    let attributes = quote! {
        #[derive(utoipa::ToResponse)]
        #[response(description = #description #headers)]
    };
    if response.content.is_empty() {
        return quote!(#attributes pub(super) struct #name;);
    }
    let variants = response.content.iter().map(|(media_type, content)| {
        let variant = naming::type_ident(media_type);
        let ty = content.schema.as_ref().map_or_else(RustType::any, |schema| RustType::of(schema, Mention::Document));
        let (inline, ty) = (ty.is_inline.then(|| quote!(#[to_schema])), ty.tokens);
        quote!(#variant(#[content(#media_type)] #inline #ty))
    });
    quote! {
        #attributes
        #[expect(dead_code, reason = "only the document is made of it")]
        pub(super) enum #name {
            #(#variants),*
        }
    }
}

fn header_tuple(name: &str, header: &Header) -> TokenStream {
    let ty = RustType::of(&header.schema, Mention::Document).tokens;
    let description = header.description.as_ref().map(|text| quote!(, description = #text));
    quote!((#name = #ty #description))
}
