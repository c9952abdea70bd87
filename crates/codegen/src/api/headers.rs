//! `headers.rs`: the headers that every operation shares, as one struct.

use docwright_contract::model::{Schema, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::operation::Layer;
use super::parameter::bounds;
use super::rust_type::{Mention, RustType};
use crate::{naming, render};

pub(super) fn source(layer: &Layer<'_>) -> TokenStream {
    let fields = layer.common.iter().map(|(_, header)| {
        let (name, field) = (&header.name, naming::field_ident(&header.name));
        let docs = render::verbatim_docs(header.description.as_deref());
        let bounds = bounds(&header.schema.constraints);
        // What must not be printed is of a type that prints nothing of it.
        let (ty, bounds) = if is_secret(&header.schema) {
            let described = if header.required { quote!(String) } else { quote!(Option<String>) };
            (quote!(Secret), quote!(, value_type = #described, format = Password #bounds))
        } else {
            (value_type(layer, &header.schema), bounds)
        };
        if header.required {
            quote!(#docs #[param(rename = #name #bounds)] pub #field: #ty)
        } else {
            quote!(#docs #[param(rename = #name, nullable = false #bounds)] pub #field: Option<#ty>)
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
    let secret = layer.common.iter().any(|(_, header)| is_secret(&header.schema)).then(|| {
        quote!(
            use crate::Secret;
        )
    });
    quote! {
        use axum::http::HeaderMap;
        use crate::ApiError;
        #secret
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

/// A header is text: what is no plain value stays text.
fn value_type(layer: &Layer<'_>, schema: &Schema) -> TokenStream {
    match schema.ty {
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
            let schema = Schema { nullable: false, ..schema.clone() };
            RustType::of(&layer.types, &schema, Mention::Handler).tokens
        }
        _ => quote!(String),
    }
}

/// `format: password` is how OpenAPI says that a value is not to be shown.
fn is_secret(schema: &Schema) -> bool {
    matches!(&schema.ty, Type::String { format } if format.as_deref() == Some("password"))
}
