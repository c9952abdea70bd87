//! `headers.rs`: the headers that every operation shares, as one struct, and what else the support has to know of requests.

use std::collections::BTreeMap;

use docwright_contract::model::{Location, RefOr, Schema, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::operation::Layer;
use super::parameter::bounds;
use super::rust_type::{Mention, RustType};
use crate::{naming, render, security};

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
    let keys = keys(layer);
    let names = request_headers(layer);
    let names = quote! {
        #[doc = " The headers that are parameters of some operation."]
        pub const REQUEST_HEADERS: &[&str] = &[#(#names),*];
    };
    if layer.common.is_empty() {
        return quote! {
            use axum::http::HeaderMap;
            use crate::ApiError;
            use crate::support::{self, FromHeaders};

            #keys
            #names

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

        #keys
        #names

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

/// The keys of the contract that the support reads by their names.
fn keys(layer: &Layer<'_>) -> TokenStream {
    let keys = security::keys(layer.contract).into_iter().map(|security::Key { scheme, location, name }| {
        let place = format_ident!("{}", naming::pascal_case(location.as_str()));
        quote!(support::ApiKey { scheme: #scheme, place: support::KeyPlace::#place, name: #name })
    });
    quote! {
        #[doc = " The keys of the contract beside those that `Credentials` are made of."]
        pub const API_KEYS: &[support::ApiKey] = &[#(#keys),*];
    }
}

/// The names of all header parameters, each once, in the order of the alphabet.
fn request_headers<'a>(layer: &Layer<'a>) -> Vec<&'a str> {
    let contract = layer.contract;
    let parameters = contract.operations.iter().flat_map(|operation| &operation.parameters);
    let parameters = parameters.filter_map(|parameter| match parameter {
        RefOr::Inline(parameter) => Some(parameter),
        RefOr::Ref(name) => contract.parameters.get(name),
    });
    let headers = parameters.filter(|parameter| parameter.location == Location::Header);
    let names: BTreeMap<String, &str> =
        headers.map(|header| (header.name.to_ascii_lowercase(), header.name.as_str())).collect();
    names.into_values().collect()
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
