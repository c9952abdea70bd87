//! `headers.rs`: the headers that every operation shares, as one struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::operation::Layer;
use super::rust_type::{Mention, RustType};
use crate::{naming, render};

pub(super) fn source(layer: &Layer<'_>) -> TokenStream {
    let fields = layer.common.iter().map(|(_, header)| {
        let (name, field) = (&header.name, naming::field_ident(&header.name));
        let docs = render::verbatim_docs(header.description.as_deref());
        let ty = RustType::of(&header.schema, Mention::Handler).tokens;
        if header.required {
            quote!(#docs #[param(rename = #name)] pub #field: #ty)
        } else {
            quote!(#docs #[param(rename = #name, nullable = false)] pub #field: Option<#ty>)
        }
    });
    let values = layer.common.iter().map(|(_, header)| {
        let (name, field) = (&header.name, naming::field_ident(&header.name));
        let what = format!("header `{name}`");
        let value = quote!(support::header(headers, #name)?);
        if header.required { quote!(#field: support::required(#what, #value)?) } else { quote!(#field: #value) }
    });
    let docs = quote!(#[doc = " The headers that every operation shares."]);
    if layer.common.is_empty() {
        return quote! {
            use axum::http::HeaderMap;
            use crate::ApiError;
            use crate::support::FromHeaders;

            #docs
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct CommonHeaders {}

            impl FromHeaders for CommonHeaders {
                fn from_headers(_: &HeaderMap) -> Result<Self, ApiError> {
                    Ok(Self {})
                }
            }
        };
    }
    quote! {
        use axum::http::HeaderMap;
        use crate::ApiError;
        use crate::support::{self, FromHeaders};

        #docs
        #[derive(Clone, Debug, Default, PartialEq, utoipa::IntoParams)]
        #[into_params(parameter_in = Header)]
        pub struct CommonHeaders {
            #(#fields),*
        }

        impl FromHeaders for CommonHeaders {
            fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
                Ok(Self { #(#values),* })
            }
        }
    }
}
