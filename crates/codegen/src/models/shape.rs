//! The Rust type of a schema, and what utoipa has to be told so that it says the same.

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Constraints, Schema, Type};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::recursion::Recursion;
use crate::naming::SchemaTypes;
use crate::{Error, GeneratedFile, Problem, json, render};

/// What the generation of one file collects.
pub(super) struct Context<'a> {
    contract: &'a Contract,
    recursion: &'a Recursion,
    pub(super) types: &'a SchemaTypes,
    /// The component that the file is for.
    component: &'a str,
    /// The types of the file, by name.
    pub(super) items: BTreeMap<String, Item>,
    /// What makes the file's types elements of XML.
    pub(super) xml: Vec<String>,
    pub(super) imports: Imports,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        contract: &'a Contract,
        recursion: &'a Recursion,
        types: &'a SchemaTypes,
        component: &'a str,
    ) -> Self {
        let (items, imports, problems) = (BTreeMap::new(), Imports::default(), Vec::new());
        Self { contract, recursion, types, component, items, xml: Vec::new(), imports, problems }
    }

    /// The file, with the component's own type first.
    pub(super) fn file(&self, path: &str, first: &str) -> Result<GeneratedFile, Error> {
        let imports = self.imports.tokens(&self.items.keys().map(String::as_str).collect());
        let ordered = self.items.iter().filter(|(name, _)| *name == first);
        let ordered = ordered.chain(self.items.iter().filter(|(name, _)| *name != first));
        let (mut tokens, mut text) = (Vec::new(), Vec::new());
        for (_, item) in ordered {
            match item {
                Item::Tokens(item) => tokens.push(item),
                Item::Text(item) => text.push(item.as_str()),
            }
        }
        let mut file = render::file(path, quote!(#imports #(#tokens)*))?;
        for item in text.into_iter().chain(self.xml.iter().map(String::as_str)) {
            file.contents += &format!("\n{item}");
        }
        Ok(file)
    }

    /// Adds an enumeration to the file.
    pub(super) fn declare_enum(&mut self, ident: &Ident, text: String) {
        self.items.insert(ident.to_string(), Item::Text(text));
    }
}

/// A type of a generated file.
pub(super) enum Item {
    /// To be formatted.
    Tokens(TokenStream),
    /// Formatted already.
    Text(String),
}

/// What a file uses from elsewhere.
#[derive(Default)]
pub(super) struct Imports {
    pub(super) serde: bool,
    pub(super) map: bool,
    pub(super) json_value: bool,
    pub(super) own: BTreeSet<String>,
}

impl Imports {
    /// The `use` lines of a file that declares `declared` itself.
    pub(super) fn tokens(&self, declared: &BTreeSet<&str>) -> TokenStream {
        let map = self.map.then(|| {
            quote!(
                use std::collections::BTreeMap;
            )
        });
        let serde = self.serde.then(|| {
            quote!(
                use serde::{Deserialize, Serialize};
            )
        });
        let json = self.json_value.then(|| {
            quote!(
                use serde_json::Value;
            )
        });
        let own: Vec<_> = self
            .own
            .iter()
            .filter(|name| !declared.contains(name.as_str()))
            .map(|name| format_ident!("{name}"))
            .collect();
        let own = match own.as_slice() {
            [] => TokenStream::new(),
            [one] => quote!(use crate::#one;),
            several => quote!(use crate::{#(#several),*};),
        };
        quote!(#map #serde #json #own)
    }
}

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Position {
    Component,
    Property,
    /// In a list or map.
    Item,
}

/// A Rust type, and what utoipa has to be told about it.
pub(super) struct Shape {
    pub(super) rust: TokenStream,
    /// The type that utoipa is to describe, where it is another one.
    pub(super) value_type: Option<TokenStream>,
    /// Members of the `schema` attribute.
    pub(super) options: Vec<TokenStream>,
    /// Whether a value may hold texts or date-times.
    pub(super) is_visited: bool,
}

impl Shape {
    pub(super) fn of(context: &mut Context<'_>, place: &str, schema: &Schema, position: Position) -> Self {
        let mut shape = Self::bare(context, place, schema, position);
        if !matches!(schema.ty, Type::Ref(_) | Type::AllOf(_)) {
            shape.options.extend(constraints(&schema.constraints));
            shape.options.extend(annotations(schema));
        }
        shape
    }

    /// What utoipa describes.
    pub(super) fn schema_type(&self) -> TokenStream {
        self.value_type.clone().unwrap_or_else(|| self.rust.clone())
    }

    fn new(rust: TokenStream) -> Self {
        Self { rust, value_type: None, options: Vec::new(), is_visited: true }
    }

    /// Holds neither a text nor a date-time.
    fn plain(rust: TokenStream) -> Self {
        Self { is_visited: false, ..Self::new(rust) }
    }

    fn shown_as(rust: TokenStream, value_type: TokenStream, options: Vec<TokenStream>) -> Self {
        Self { value_type: Some(value_type), options, ..Self::new(rust) }
    }

    fn bare(context: &mut Context<'_>, place: &str, schema: &Schema, position: Position) -> Self {
        match &schema.ty {
            Type::Any | Type::OneOf(_) | Type::AnyOf(_) => Self::anything(context),
            Type::Ref(name) => Self::reference(context, place, name, position),
            Type::AllOf(parts) => match parts.as_slice() {
                [Schema { ty: Type::Ref(name), .. }] => Self::reference(context, place, name, position),
                _ => Self::anything(context),
            },
            Type::Boolean => Self::plain(quote!(bool)),
            Type::Integer { format } => {
                Self::plain(if format.as_deref() == Some("int32") { quote!(i32) } else { quote!(i64) })
            }
            Type::Number { format } => {
                Self::plain(if format.as_deref() == Some("float") { quote!(f32) } else { quote!(f64) })
            }
            Type::String { format } => Self::text(context, place, schema, format.as_deref()),
            Type::Array { items } => {
                let item = Self::item(context, &format!("{place}.Item"), items);
                let (rust, value) = (&item.rust, item.value_type.as_ref().map(|value| quote!(Vec<#value>)));
                Self { rust: quote!(Vec<#rust>), value_type: value, ..item }
            }
            Type::Object { properties, required, additional } if !properties.is_empty() => {
                let ident = context.types.nested(place);
                let docs = render::docs(Some(&format!("The value of `{place}`.")));
                let item = super::structure(
                    context,
                    place,
                    (&ident, schema.xml_name().unwrap_or(&ident.to_string())),
                    docs,
                    TokenStream::new(),
                    (properties, required, additional),
                );
                context.items.insert(ident.to_string(), Item::Tokens(item));
                Self { options: vec![quote!(inline)], ..Self::new(quote!(#ident)) }
            }
            Type::Object { additional: Additional::Schema(values), .. } => {
                context.imports.map = true;
                let item = Self::item(context, &format!("{place}.Value"), values);
                let (rust, value) =
                    (&item.rust, item.value_type.as_ref().map(|value| quote!(BTreeMap<String, #value>)));
                Self { rust: quote!(BTreeMap<String, #rust>), value_type: value, ..item }
            }
            Type::Object { .. } => {
                context.imports.own.insert("FreeForm".to_owned());
                Self::shown_as(quote!(FreeForm), quote!(Object), Vec::new())
            }
        }
    }

    /// A member of a list or map, which may be null by itself.
    fn item(context: &mut Context<'_>, place: &str, schema: &Schema) -> Self {
        let mut shape = Self::of(context, place, schema, Position::Item);
        if context.types.admits_null(schema) {
            let rust = &shape.rust;
            if !schema.nullable {
                // The component itself says that it may be null.
                shape.value_type = Some(rust.clone());
                shape.rust = quote!(Option<#rust>);
                return shape;
            }
            shape.rust = quote!(Option<#rust>);
            shape.value_type = shape.value_type.map(|value| quote!(Option<#value>));
        }
        shape
    }

    fn reference(context: &mut Context<'_>, place: &str, name: &str, position: Position) -> Self {
        if !context.contract.schemas.contains_key(name) {
            context.problems.push(Problem::DanglingReference { place: format!("`{place}`"), name: name.to_owned() });
        }
        let ident = context.types.ident(name);
        context.imports.own.insert(ident.to_string());
        let boxed = position != Position::Item && context.recursion.needs_box(context.component, name);
        Self::new(if boxed { quote!(Box<#ident>) } else { quote!(#ident) })
    }

    fn text(context: &mut Context<'_>, place: &str, schema: &Schema, format: Option<&str>) -> Self {
        if let Some(values) = flag_values(schema) {
            let ident = enumeration(context, place, &values);
            context.imports.own.insert("Flags".to_owned());
            let extension = quote!(extensions(("x-flags" = json!(#ident::VALUES))));
            let shape = Self::shown_as(quote!(Flags<#ident>), quote!(String), vec![extension]);
            return Self { is_visited: false, ..shape };
        }
        if let Some(values) = open_values(schema) {
            let ident = enumeration(context, place, &values);
            let extension = quote!(extensions(("x-extensible-enum" = json!(#ident::VALUES))));
            let shape = Self::shown_as(quote!(#ident), quote!(String), vec![extension]);
            return Self { is_visited: false, ..shape };
        }
        match format {
            Some("date-time") => {
                context.imports.own.insert("DateTime".to_owned());
                Self::shown_as(quote!(DateTime), quote!(String), vec![quote!(format = DateTime)])
            }
            Some(format) => Self { options: vec![quote!(format = #format)], ..Self::new(quote!(String)) },
            None => Self::new(quote!(String)),
        }
    }

    /// JSON, for what has no type of its own: values that may have one form or another.
    fn anything(context: &mut Context<'_>) -> Self {
        context.imports.json_value = true;
        Self::new(quote!(Value))
    }
}

/// The values of a text that may have others too.
pub(super) fn open_values(schema: &Schema) -> Option<Vec<String>> {
    let extension = extension_values(schema, "x-extensible-enum");
    // A closed list in an answer is read as an open one: a new value must not break a client.
    extension.or_else(|| text_values(&schema.enumeration))
}

/// Whether a text has a type of its own for its values.
pub(super) fn is_enumeration(schema: &Schema) -> bool {
    open_values(schema).is_some() || flag_values(schema).is_some()
}

fn flag_values(schema: &Schema) -> Option<Vec<String>> {
    extension_values(schema, "x-flags")
}

fn extension_values(schema: &Schema, name: &str) -> Option<Vec<String>> {
    text_values(schema.extensions.get(name)?.as_array()?)
}

fn text_values(values: &[Value]) -> Option<Vec<String>> {
    let values: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!values.is_empty()).then_some(values)
}

/// Declares the enumeration of a property beside its carrier.
fn enumeration(context: &mut Context<'_>, place: &str, values: &[String]) -> Ident {
    let ident = context.types.nested(place);
    let docs = format!("A value of `{place}`.");
    context.declare_enum(&ident, super::open_enum(&ident, &docs, values, None));
    ident
}

fn constraints(bounds: &Constraints) -> Vec<TokenStream> {
    let number = |name: &str, value: &Option<serde_json::Number>| {
        // The attribute takes no others; the document's details say them.
        let value = value.as_ref().filter(|value| json::is_small_number(value))?;
        let value: TokenStream = value.to_string().parse().ok()?;
        let name = format_ident!("{name}");
        Some(quote!(#name = #value))
    };
    let count = |name: &str, value: Option<u64>| {
        let value = proc_macro2::Literal::u64_unsuffixed(value?);
        let name = format_ident!("{name}");
        Some(quote!(#name = #value))
    };
    let minimum = if bounds.exclusive_minimum { "exclusive_minimum" } else { "minimum" };
    let maximum = if bounds.exclusive_maximum { "exclusive_maximum" } else { "maximum" };
    let pattern = bounds.pattern.as_ref().map(|pattern| quote!(pattern = #pattern));
    [
        number(minimum, &bounds.minimum),
        number(maximum, &bounds.maximum),
        number("multiple_of", &bounds.multiple_of),
        count("min_length", bounds.min_length),
        count("max_length", bounds.max_length),
        count("min_items", bounds.min_items),
        count("max_items", bounds.max_items),
        pattern,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn annotations(schema: &Schema) -> Vec<TokenStream> {
    let value = |name: &str, value: &Option<Value>| {
        let value = json::tokens(value.as_ref().filter(|value| json::is_small(value))?);
        let name = format_ident!("{name}");
        Some(quote!(#name = json!(#value)))
    };
    [
        schema.deprecated.then(|| quote!(deprecated)),
        schema.read_only.then(|| quote!(read_only)),
        schema.write_only.then(|| quote!(write_only)),
        value("default", &schema.default),
        value("example", &schema.example),
    ]
    .into_iter()
    .flatten()
    .collect()
}
