//! Parameters of one operation: arguments of its method, and what reads and describes them.

use std::collections::BTreeSet;

use docwright_contract::model::{Constraints, Location, Parameter, Schema, Type};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::json;
use super::operation::{Layer, plain_ident};
use super::rust_type::{Mention, RustType};
use crate::{naming, render};

/// Names that the generated handler uses for something else.
const TAKEN: &[&str] =
    &["answer", "body", "call", "context", "path", "produces", "query", "request", "service", "value"];

/// An argument of a method.
pub(super) struct Argument<'a> {
    pub(super) parameter: &'a Parameter,
    pub(super) ident: Ident,
    /// The type of one value: of an item, where the parameter is a list.
    value: TokenStream,
    /// Declared beside the operations, where the parameter has a closed list of values.
    enumeration: Option<(Ident, Vec<&'a str>)>,
    is_list: bool,
    is_inline: bool,
    /// Among the parameters of the path.
    path_index: usize,
}

/// The arguments of an operation: those of the path first, in its order.
pub(super) fn arguments<'a>(method: &str, parameters: &[&'a Parameter], path: &[&str]) -> Vec<Argument<'a>> {
    let index = |parameter: &Parameter| path.iter().position(|name| *name == parameter.name).unwrap_or(path.len());
    let mut sorted = parameters.to_vec();
    sorted.sort_by_key(|parameter| (parameter.location, index(parameter)));
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    sorted
        .into_iter()
        .map(|parameter| {
            let mut name = naming::snake_case(&parameter.name);
            while taken.contains(&name) {
                name = format!("{name}_{}", parameter.location.as_str());
            }
            taken.insert(name.clone());
            let items = match &parameter.schema.ty {
                Type::Array { items } => Some(items.as_ref()),
                _ => None,
            };
            let schema = items.unwrap_or(&parameter.schema);
            let values: Vec<&str> = schema.enumeration.iter().filter_map(|value| value.as_str()).collect();
            let enumeration = (!values.is_empty() && matches!(schema.ty, Type::String { .. }))
                .then(|| (naming::type_ident(&format!("{method}_{name}")), values));
            let value = value_type(schema);
            Argument {
                parameter,
                ident: naming::ident(&name),
                value: enumeration.as_ref().map_or(value.tokens, |(ident, _)| quote!(super::#ident)),
                is_inline: value.is_inline || enumeration.is_some(),
                enumeration,
                is_list: items.is_some(),
                path_index: index(parameter),
            }
        })
        .collect()
}

/// Values travel as text: what is no plain value stays text.
fn value_type(schema: &Schema) -> RustType {
    match schema.ty {
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
            RustType::of(&Schema { nullable: false, ..schema.clone() }, Mention::Handler)
        }
        _ => RustType { tokens: quote!(String), is_inline: false },
    }
}

impl Argument<'_> {
    /// What the service gets.
    pub(super) fn ty(&self) -> TokenStream {
        let value = &self.value;
        if self.is_list {
            quote!(Vec<#value>)
        } else if self.parameter.required {
            quote!(#value)
        } else {
            quote!(Option<#value>)
        }
    }

    /// The statement that reads the value in a handler.
    pub(super) fn read(&self) -> TokenStream {
        let ident = &self.ident;
        let path_index = Literal::usize_unsuffixed(self.path_index);
        let name = &self.parameter.name;
        let expression = match self.parameter.location {
            Location::Path => return quote!(let #ident = support::path(&path, #path_index, #name)?;),
            Location::Query if self.is_list => match self.separator() {
                None => return quote!(let #ident = query.repeated(#name)?;),
                Some(separator) => return quote!(let #ident = query.separated(#name, #separator)?;),
            },
            Location::Query => quote!(query.get(#name)?),
            Location::Header if self.is_list => {
                return quote!(let #ident = support::header_list(call.headers(), #name)?;);
            }
            Location::Header => quote!(support::header(call.headers(), #name)?),
            Location::Cookie => quote!(support::cookie(call.headers(), #name)?),
        };
        if self.parameter.required {
            let what = format!("{} parameter `{name}`", self.parameter.location.as_str());
            quote!(let #ident = support::required(#what, #expression)?;)
        } else {
            quote!(let #ident = #expression;)
        }
    }

    /// The tuple in `params(…)` of `#[utoipa::path]`.
    pub(super) fn document(&self) -> TokenStream {
        let parameter = self.parameter;
        let name = &parameter.name;
        let value = match &self.enumeration {
            Some((ident, _)) => quote!(super::#ident),
            None => self.value.clone(),
        };
        let ty = if self.is_list { quote!(Vec<#value>) } else { value };
        let ty = if parameter.required { ty } else { quote!(Option<#ty>) };
        let ty = if self.is_inline { quote!(inline(#ty)) } else { ty };
        let location = format_ident!("{}", naming::pascal_case(parameter.location.as_str()));
        let description = parameter.description.as_ref().map(|text| quote!(, description = #text));
        let deprecated = parameter.deprecated.then(|| quote!(, deprecated));
        let style = parameter.extensions.get("style").and_then(|style| style.as_str()).map(|style| {
            let style = naming::type_ident(style);
            quote!(, style = #style)
        });
        let explode = parameter
            .extensions
            .get("explode")
            .and_then(serde_json::Value::as_bool)
            .map(|flag| if flag { quote!(, explode) } else { quote!(, explode = false) });
        let format = match &parameter.schema.ty {
            Type::String { format: Some(format) } if format != "date-time" => Some(quote!(, format = #format)),
            _ => None,
        };
        let nullable = (!parameter.required).then(|| quote!(, nullable = false));
        let bounds = bounds(&parameter.schema.constraints);
        let extensions: Vec<_> = parameter
            .extensions
            .iter()
            .filter(|(name, _)| name.starts_with("x-"))
            .map(|(name, value)| {
                let value = json::tokens(value);
                quote!((#name = json!(#value)))
            })
            .collect();
        let extensions = (!extensions.is_empty()).then(|| quote!(, extensions(#(#extensions),*)));
        quote! {
            (#name = #ty, #location #description #deprecated #style #explode #format #nullable #bounds #extensions)
        }
    }

    /// What stands between the values of a list; nothing where the parameter is repeated.
    fn separator(&self) -> Option<char> {
        let style = self.parameter.extensions.get("style").and_then(|style| style.as_str()).unwrap_or("form");
        let explode = self.parameter.extensions.get("explode").and_then(serde_json::Value::as_bool);
        match style {
            "spaceDelimited" => Some(' '),
            "pipeDelimited" => Some('|'),
            _ if explode == Some(false) => Some(','),
            _ => None,
        }
    }
}

pub(super) fn bounds(constraints: &Constraints) -> TokenStream {
    let number = |name: &str, value: &Option<serde_json::Number>| {
        let value: TokenStream = value.as_ref()?.to_string().parse().ok()?;
        let name = plain_ident(name);
        Some(quote!(, #name = #value))
    };
    let count = |name: &str, value: Option<u64>| {
        let value = Literal::u64_unsuffixed(value?);
        let name = plain_ident(name);
        Some(quote!(, #name = #value))
    };
    let minimum = if constraints.exclusive_minimum { "exclusive_minimum" } else { "minimum" };
    let maximum = if constraints.exclusive_maximum { "exclusive_maximum" } else { "maximum" };
    let all = [
        number(minimum, &constraints.minimum),
        number(maximum, &constraints.maximum),
        number("multiple_of", &constraints.multiple_of),
        count("min_length", constraints.min_length),
        count("max_length", constraints.max_length),
        count("min_items", constraints.min_items),
        count("max_items", constraints.max_items),
        constraints.pattern.as_ref().map(|pattern| quote!(, pattern = #pattern)),
    ];
    all.into_iter().flatten().collect()
}

/// `parameters.rs`: the parameters that have a closed list of values; nothing where there are none.
pub(super) fn enumerations(layer: &Layer<'_>) -> TokenStream {
    let all = layer.operations.iter().flat_map(|endpoint| {
        endpoint.arguments.iter().filter_map(move |argument| Some((endpoint, argument, argument.enumeration.as_ref()?)))
    });
    all.map(|(endpoint, argument, (ident, values))| {
        let docs = render::docs(Some(&format!(
            "A value of the parameter `{}` of `{}`.",
            argument.parameter.name, endpoint.operation.operation_id
        )));
        let variants = variants(values);
        // Said even where it is empty, or utoipa takes the doc comment.
        let description = argument.parameter.schema.description.as_deref().unwrap_or_default();
        let variant_docs = values.iter().map(|value| render::docs(Some(&format!("`{value}`"))));
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, utoipa::ToSchema)]
            #[schema(description = #description)]
            pub enum #ident {
                #(#variant_docs #[schema(rename = #values)] #variants,)*
            }

            impl #ident {
                /// The value as it is written.
                pub fn as_str(self) -> &'static str {
                    match self {
                        #(Self::#variants => #values,)*
                    }
                }
            }

            impl std::str::FromStr for #ident {
                type Err = crate::support::UnknownValue;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    match text {
                        #(#values => Ok(Self::#variants),)*
                        _ => Err(crate::support::UnknownValue),
                    }
                }
            }
        }
    })
    .collect()
}

/// A variant a value; values that are the same in Rust get a number.
fn variants(values: &[&str]) -> Vec<Ident> {
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let name = naming::pascal_case(value);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let unique = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(unique.unwrap_or(name));
    }
    names.iter().map(|name| naming::ident(name)).collect()
}
