//! Parameters of one operation: arguments of its method, and what reads and describes them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use docwright_contract::model::{Constraints, Location, Parameter, Schema, Type};
use indexmap::IndexSet;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::json;
use super::operation::{Endpoint, free_type, plain_ident};
use super::rust_type::{Mention, RustType};
use crate::naming::{self, SchemaTypes};
use crate::render;

/// Names that the generated handler uses for something else.
const TAKEN: &[&str] =
    &["answer", "body", "call", "context", "path", "produces", "query", "request", "security", "service", "value"];

/// What OpenAPI knows, and utoipa.
pub(super) const STYLES: &[&str] =
    &["matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject"];

/// An argument of a method.
pub(super) struct Argument<'a> {
    pub(super) parameter: Cow<'a, Parameter>,
    /// Whether the contract says it, and not only the path.
    pub(super) is_declared: bool,
    pub(super) ident: Ident,
    /// The type of one value: of an item, where the parameter is a list.
    value: TokenStream,
    /// Declared beside the operations, where the parameter has a closed list of values.
    pub(super) enumeration: Option<(Ident, Vec<String>)>,
    is_list: bool,
    is_inline: bool,
    /// Among the parameters of the path, where it is one of them.
    path_index: Option<usize>,
}

/// The arguments of an operation: those of the path first, in its order.
///
/// Values of the path are taken by their place in it: a parameter whose name the path lacks is the next one that nobody else is.
pub(super) fn arguments<'a>(
    types: &SchemaTypes,
    method: &str,
    parameters: &[&'a Parameter],
    path: &[&str],
    taken: &mut BTreeSet<String>,
) -> Vec<Argument<'a>> {
    let places = places(parameters, path);
    let declared = parameters.iter().zip(&places).map(|(parameter, place)| (Cow::Borrowed(*parameter), true, *place));
    let missing = (0..path.len()).filter(|index| !places.contains(&Some(*index)));
    let missing = missing.map(|index| (Cow::Owned(undeclared(path[index])), false, Some(index)));
    let mut sorted: Vec<(Cow<'_, Parameter>, bool, Option<usize>)> = declared.chain(missing).collect();
    sorted.sort_by_key(|(parameter, _, index)| (parameter.location, index.unwrap_or(path.len())));
    let names = naming::argument_names(sorted.iter().map(|(parameter, ..)| parameter.name.as_str()), TAKEN);
    sorted
        .into_iter()
        .zip(names)
        .map(|((parameter, is_declared, path_index), name)| {
            let items = match &parameter.schema.ty {
                Type::Array { items } => Some(items.as_ref()),
                _ => None,
            };
            let schema = items.unwrap_or(&parameter.schema);
            let values: Vec<String> =
                schema.enumeration.iter().filter_map(|value| value.as_str()).map(str::to_owned).collect();
            let values: Vec<String> = values.into_iter().collect::<IndexSet<_>>().into_iter().collect();
            let enumeration = (!values.is_empty() && matches!(schema.ty, Type::String { .. }))
                .then(|| (free_type(&format!("{method}_{name}"), taken), values));
            let value = value_type(types, schema);
            Argument {
                ident: naming::ident(&name),
                value: enumeration.as_ref().map_or(value.tokens, |(ident, _)| quote!(super::#ident)),
                is_inline: value.is_inline || enumeration.is_some(),
                enumeration,
                is_list: items.is_some(),
                is_declared,
                path_index,
                parameter,
            }
        })
        .collect()
}

/// Which parameter of the path each is.
fn places(parameters: &[&Parameter], path: &[&str]) -> Vec<Option<usize>> {
    let mut free: Vec<usize> = (0..path.len()).collect();
    let mut take = |fits: &dyn Fn(&str) -> bool| {
        let found = free.iter().position(|index| fits(path[*index]))?;
        Some(free.remove(found))
    };
    let mut places = vec![None; parameters.len()];
    let by_name: [fn(&str, &str) -> bool; 3] = [|one, other| one == other, str::eq_ignore_ascii_case, |_, _| true];
    for fits in by_name {
        for (parameter, place) in parameters.iter().zip(&mut places) {
            if parameter.location == Location::Path && place.is_none() {
                *place = take(&|name| fits(&parameter.name, name));
            }
        }
    }
    places
}

/// A parameter that only the path names.
fn undeclared(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        location: Location::Path,
        description: None,
        required: true,
        deprecated: false,
        schema: Schema::new(Type::String { format: None }),
        extensions: Default::default(),
    }
}

/// Values travel as text: what is no plain value stays text.
fn value_type(types: &SchemaTypes, schema: &Schema) -> RustType {
    match schema.ty {
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
            RustType::present(types, schema, Mention::Handler)
        }
        _ => RustType { tokens: quote!(String), is_inline: false },
    }
}

impl Argument<'_> {
    /// Whether the service gets it: what the contract says is in the path and is not, nobody can send.
    pub(super) fn is_passed(&self) -> bool {
        self.parameter.location != Location::Path || self.path_index.is_some()
    }

    /// What the service gets.
    pub(super) fn ty(&self) -> TokenStream {
        let value = &self.value;
        if self.is_list {
            quote!(Vec<#value>)
        } else if self.is_required() {
            quote!(#value)
        } else {
            quote!(Option<#value>)
        }
    }

    fn is_required(&self) -> bool {
        self.parameter.required || self.parameter.location == Location::Path
    }

    /// The statement that reads the value in a handler.
    pub(super) fn read(&self) -> TokenStream {
        let ident = &self.ident;
        let path_index = Literal::usize_unsuffixed(self.path_index.unwrap_or_default());
        let name = &self.parameter.name;
        let expression = match self.parameter.location {
            Location::Path if self.is_list => {
                let separator = self.separator().unwrap_or(',');
                return quote!(let #ident = support::path_list(&path, #path_index, #name, #separator)?;);
            }
            Location::Path => return quote!(let #ident = support::path(&path, #path_index, #name)?;),
            Location::Query if self.is_list => match self.separator() {
                None => return quote!(let #ident = query.repeated(#name)?;),
                Some(separator) => return quote!(let #ident = query.separated(#name, #separator)?;),
            },
            Location::Query => quote!(query.get(#name)?),
            Location::Header if self.is_list => {
                let separator = self.separator().unwrap_or(',');
                return quote!(let #ident = support::header_list(call.headers(), #name, #separator)?;);
            }
            Location::Header => quote!(support::header(call.headers(), #name)?),
            Location::Cookie if self.is_list => {
                return quote!(let #ident = support::cookie_list(call.headers(), #name)?;);
            }
            Location::Cookie => quote!(support::cookie(call.headers(), #name)?),
        };
        if self.is_required() {
            let what = format!("{} parameter `{name}`", self.parameter.location.as_str());
            quote!(let #ident = support::required(#what, #expression)?;)
        } else {
            quote!(let #ident = #expression;)
        }
    }

    /// The tuple in `params(…)` of `#[utoipa::path]`.
    pub(super) fn document(&self) -> TokenStream {
        let parameter = &self.parameter;
        let name = &parameter.name;
        let value = match &self.enumeration {
            Some((ident, _)) => quote!(super::#ident),
            None => self.value.clone(),
        };
        let ty = if self.is_list { quote!(Vec<#value>) } else { value };
        let ty = if self.is_required() { ty } else { quote!(Option<#ty>) };
        let ty = if self.is_inline { quote!(inline(#ty)) } else { ty };
        let location = format_ident!("{}", naming::pascal_case(parameter.location.as_str()));
        let description = parameter.description.as_ref().map(|text| quote!(, description = #text));
        let deprecated = parameter.deprecated.then(|| quote!(, deprecated));
        let style = parameter.extensions.get("style").and_then(|style| style.as_str());
        let style = style.filter(|style| STYLES.contains(style)).map(|style| {
            let style = naming::type_ident(style);
            quote!(, style = #style)
        });
        let explode = parameter
            .extensions
            .get("explode")
            .and_then(serde_json::Value::as_bool)
            .map(|flag| if flag { quote!(, explode) } else { quote!(, explode = false) });
        let format = match &parameter.schema.ty {
            Type::String { format: Some(format) } if format != "date-time" && self.enumeration.is_none() => {
                Some(quote!(, format = #format))
            }
            _ => None,
        };
        let nullable = (!self.is_required()).then(|| quote!(, nullable = false));
        let bounds = self.says_bounds().then(|| bounds(&parameter.schema.constraints));
        let extensions: Vec<_> = parameter
            .extensions
            .iter()
            .filter(|(name, value)| name.starts_with("x-") && json::is_small(value))
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

    /// Whether the bounds are such as the attribute takes, for the type that it takes them for.
    pub(super) fn says_bounds(&self) -> bool {
        let schema = &self.parameter.schema;
        let bounds = &schema.constraints;
        let numbers = [&bounds.minimum, &bounds.maximum, &bounds.multiple_of];
        let are_small = numbers.into_iter().flatten().all(json::is_small_number);
        let counts = [bounds.min_length, bounds.max_length, bounds.min_items, bounds.max_items];
        let has_text = bounds.min_length.is_some() || bounds.max_length.is_some() || bounds.pattern.is_some();
        let has_items = bounds.min_items.is_some() || bounds.max_items.is_some();
        are_small
            && counts.into_iter().flatten().all(|count| u32::try_from(count).is_ok())
            && match &schema.ty {
                Type::Integer { .. } | Type::Number { .. } => !has_text && !has_items,
                Type::String { format } => {
                    !has_items
                        && numbers.iter().all(|number| number.is_none())
                        && self.enumeration.is_none()
                        && format.as_deref() != Some("date-time")
                }
                Type::Array { .. } => !has_text && numbers.iter().all(|number| number.is_none()),
                _ => *bounds == Constraints::default(),
            }
    }

    /// What stands between the values of a list; nothing where the parameter is repeated.
    fn separator(&self) -> Option<char> {
        let text = |name: &str| self.parameter.extensions.get(name).and_then(|style| style.as_str());
        let explode = self.parameter.extensions.get("explode").and_then(serde_json::Value::as_bool);
        // Swagger 2.0's ways to join items that OpenAPI 3 does not have, or not there.
        match text("style").or_else(|| text("x-collectionFormat")).unwrap_or("form") {
            "spaceDelimited" | "ssv" => Some(' '),
            "pipeDelimited" | "pipes" => Some('|'),
            "tsv" => Some('\t'),
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
pub(super) fn enumerations(endpoints: &[&Endpoint<'_>]) -> TokenStream {
    let all = endpoints.iter().flat_map(|endpoint| {
        endpoint.arguments.iter().filter_map(move |argument| Some((endpoint, argument, argument.enumeration.as_ref()?)))
    });
    all.map(|(endpoint, argument, (ident, values))| {
        let docs = render::docs(Some(&format!(
            "A value of the parameter `{}` of `{}`.",
            argument.parameter.name, endpoint.operation.operation_id
        )));
        let variants = naming::variant_idents(values.iter().map(String::as_str), &[]);
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
