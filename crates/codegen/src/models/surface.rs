//! What code that was written against the carriers sees of them.

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, File, Ident, Item, ItemMacro, LitStr, Token, Visibility};

use super::packages::references;
use super::{declare, shape};
use crate::naming::SchemaTypes;
use crate::{Error, Problem, render};

/// A type as code that uses it sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TypeSurface {
    /// `struct`, `newtype` or `enum`.
    pub kind: &'static str,
    /// Fields with their types (`0` for the only one of a newtype), the values of an enumeration with their texts.
    pub members: BTreeMap<String, String>,
}

/// The types that these component schemas become, with their members, by name.
///
/// # Errors
/// Where a reference names no component.
pub fn surface(contract: &Contract, schemas: &BTreeSet<&str>) -> Result<BTreeMap<String, TypeSurface>, Error> {
    let mut surface = BTreeMap::new();
    declare(contract, &SchemaTypes::of(contract), schemas, |component, context| {
        let problem = |error: syn::Error| Problem::internal(component, error);
        for (name, item) in &context.items {
            let seen = match item {
                shape::Item::Tokens(tokens) => structure(tokens.clone()).map_err(problem)?,
                shape::Item::Text(text) => {
                    let declared: ItemMacro = syn::parse_str(text).map_err(problem)?;
                    let OpenEnum(variants) = declared.mac.parse_body().map_err(problem)?;
                    let text = |variant: Variant| (variant.name.to_string(), format!("{:?}", variant.text.value()));
                    TypeSurface { kind: "enum", members: variants.into_iter().map(text).collect() }
                }
            };
            surface.insert(name.clone(), seen);
        }
        Ok(())
    })?;
    Ok(surface)
}

/// The component schemas that may be other types in the other contract: those that differ, or that the other lacks, and
/// those that refer to one of them.
pub fn touched<'a>(
    contract: &'a Contract,
    other: &Contract,
    counterpart: impl Fn(&'a str) -> &'a str,
) -> BTreeSet<&'a str> {
    let differs = |name: &'a str| other.schemas.get(counterpart(name)) != contract.schemas.get(name);
    let names = contract.schemas.iter();
    let is_touched = |name, schema| differs(name) || references(schema).into_iter().any(differs);
    names
        .map(|(name, schema)| (name.as_str(), schema))
        .filter(|(name, schema)| is_touched(name, schema))
        .map(|(name, _)| name)
        .collect()
}

/// The structure among these items.
fn structure(items: TokenStream) -> syn::Result<TypeSurface> {
    let fields = syn::parse2::<File>(items)?.items.into_iter().find_map(|item| match item {
        Item::Struct(item) => Some(item.fields),
        _ => None,
    });
    let fields = fields.unwrap_or(Fields::Unit);
    let kind = if matches!(fields, Fields::Unnamed(_)) { "newtype" } else { "struct" };
    let name = |(index, field): (usize, Field)| {
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
        (name, render::code_text(&field.ty))
    };
    Ok(TypeSurface { kind, members: fields.into_iter().enumerate().map(name).collect() })
}

/// What stands between the braces of the macro that declares an enumeration.
struct OpenEnum(Punctuated<Variant, Token![,]>);

struct Variant {
    name: Ident,
    text: LitStr,
}

impl Parse for OpenEnum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Token![enum]>()?;
        input.parse::<Ident>()?;
        let variants;
        syn::braced!(variants in input);
        let variants = variants.parse_terminated(Variant::parse, Token![,])?;
        // What names its component is no member.
        input.parse::<TokenStream>()?;
        Ok(Self(variants))
    }
}

impl Parse for Variant {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self { name, text: input.parse()? })
    }
}
