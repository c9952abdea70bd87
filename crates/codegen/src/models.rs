//! The carriers: a Rust type for every component schema.
//!
//! A file per schema, with the enumerations of its properties, and a `mod.rs` that re-exports
//! everything. The files expect the hand-written value types `DateTime`, `Flags`, `FreeForm`, the traits
//! `Visit` and `Visitor` and the macro `open_enum!` at the root of their crate. Doc comments are the contract's
//! descriptions verbatim, because utoipa and schemars show them.

mod format;
mod packages;
mod recursion;
mod shape;
mod surface;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Schema, Type};
use indexmap::IndexMap;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use serde_json::Value;

use self::recursion::Recursion;
use self::shape::{Context, Item, Shape};
use crate::naming::{self, SchemaTypes};
use crate::{Error, GeneratedFile, Problem, render};

pub use packages::packages;
pub use surface::{TypeSurface, surface, touched};

/// Says in a contract that a service writes a property's texts and date-times the way its callers want them: nobody is led
/// to them. What is translated once more may become something else, as a text that was escaped.
const VERBATIM: &str = "x-docwright-verbatim";

/// The source files of all component schemas, `mod.rs` first.
///
/// # Errors
/// Where a reference names no component.
pub fn generate(contract: &Contract) -> Result<Vec<GeneratedFile>, Error> {
    generate_only(contract, &contract.schemas.keys().map(String::as_str).collect())
}

/// The same for some of the component schemas; the others are expected at the root of the crate.
fn generate_only(contract: &Contract, wanted: &BTreeSet<&str>) -> Result<Vec<GeneratedFile>, Error> {
    let types = SchemaTypes::of(contract);
    let mut files = Vec::new();
    let mut modules = BTreeMap::new();
    declare(contract, &types, wanted, |name, context| {
        let module = types.module(name);
        let declared: BTreeSet<String> = context.items.keys().cloned().collect();
        files.push(context.file(&format!("{module}.rs"), &types.ident(name).to_string())?);
        modules.insert(module, declared);
        Ok(())
    })?;
    let names: Vec<_> = modules.keys().map(|module| naming::ident(module)).collect();
    let uses = modules.iter().map(|(module, types)| {
        let (module, types) = (naming::ident(module), types.iter().map(|name| naming::ident(name)));
        quote!(pub use #module::{#(#types),*};)
    });
    files.insert(0, render::file("mod.rs", quote!(#(mod #names;)* #(#uses)*))?);
    Ok(files)
}

/// Hands over what each of these component schemas becomes.
fn declare(
    contract: &Contract,
    types: &SchemaTypes,
    wanted: &BTreeSet<&str>,
    mut take: impl FnMut(&str, &Context<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let recursion = Recursion::of(contract);
    let mut problems = Vec::new();
    for (name, schema) in contract.schemas.iter().filter(|(name, _)| wanted.contains(name.as_str())) {
        let mut context = Context::new(contract, &recursion, types, name);
        component(&mut context, name, schema);
        take(name, &context)?;
        problems.append(&mut context.problems);
    }
    Error::unless_empty(problems)
}

/// Declares the type of a component.
fn component(context: &mut Context<'_>, name: &str, schema: &Schema) {
    let ident = context.types.ident(name);
    let docs = render::verbatim_docs(schema.description.as_deref());
    let renamed = (ident != name).then(|| {
        let path =
            naming::dotted(name).map(|segments| quote!(#[cfg_attr(feature = "utoipa", schema(as = #(#segments)::*))]));
        quote!(#[cfg_attr(feature = "schemars", schemars(rename = #name))] #path)
    });
    let place = naming::place("", name);
    if let Some(values) = shape::open_values(schema).filter(|_| matches!(schema.ty, Type::String { .. })) {
        let description = schema.description.as_deref().unwrap_or_default();
        let docs = if description.is_empty() { format!("A value of `{name}`.") } else { render::doc_text(description) };
        let described = context.types.described(name);
        context.declare_enum(&ident, open_enum(&ident, &docs, &values, Some((name, &described, description))));
        return;
    }
    let item = match &schema.ty {
        Type::Object { properties, required, additional } if !properties.is_empty() => {
            let attributes = quote!(#renamed);
            let xml_name = schema.xml_name().unwrap_or(name);
            structure(context, &place, (&ident, xml_name), docs, attributes, (properties, required, additional))
        }
        _ => {
            let shape = Shape::of(context, &place, schema, shape::Position::Component);
            let (rust, value_type) = (&shape.rust, &shape.schema_type());
            let mut options = vec![quote!(value_type = #value_type)];
            options.extend(shape.options.iter().cloned());
            context.imports.serde = true;
            let inner = shape.is_visited.then(|| Literal::usize_unsuffixed(0));
            let visit = visit(context, &ident, inner.as_slice());
            context.xml.push(xml::around(&ident, schema.xml_name().unwrap_or(name)));
            let format = format::attribute(schema);
            quote! {
                #docs
                #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
                #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
                #[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema), schema(#(#options),*))]
                #format
                #renamed
                pub struct #ident(pub #rust);

                #visit
            }
        }
    };
    context.items.insert(ident.to_string(), Item::Tokens(item));
}

type Parts<'a> = (&'a IndexMap<String, Schema>, &'a BTreeSet<String>, &'a Additional);

/// A `struct` with named fields, and the name of its element in XML.
fn structure(
    context: &mut Context<'_>,
    place: &str,
    (ident, xml_name): (&Ident, &str),
    docs: TokenStream,
    attributes: TokenStream,
    (properties, required, additional): Parts<'_>,
) -> TokenStream {
    let has_rest = matches!(additional, Additional::Any | Additional::Schema(_));
    let reserved: &[&str] = if has_rest { &["additional_properties"] } else { &[] };
    let idents = naming::field_idents(properties.keys().map(String::as_str), reserved);
    let elements: Vec<_> = properties
        .iter()
        .zip(idents.clone())
        .map(|((name, schema), ident)| (ident, schema.xml_name().unwrap_or(name).to_owned()))
        .collect();
    let mut visited = Vec::new();
    let mut fields: Vec<TokenStream> = properties
        .iter()
        .zip(idents)
        .map(|((name, schema), ident)| {
            let (field, is_visited) = field(context, (place, name), &ident, schema, required.contains(name));
            visited.extend(is_visited.then_some(ident));
            field
        })
        .collect();
    match additional {
        Additional::Unstated | Additional::Forbidden => {}
        Additional::Any => {
            let docs = quote!(#[doc = " Properties that are not documented."]);
            fields.push(quote!(#docs #[serde(flatten)] pub additional_properties: crate::FreeForm));
            visited.push(naming::ident("additional_properties"));
        }
        Additional::Schema(values) => {
            let shape = Shape::of(context, &format!("{place}.*"), values, shape::Position::Item);
            let rust = shape.rust;
            context.imports.map = true;
            let docs = quote!(#[doc = " Properties that are not documented."]);
            fields.push(quote!(#docs #[serde(flatten)] pub additional_properties: BTreeMap<String, #rust>));
            visited.extend(shape.is_visited.then(|| naming::ident("additional_properties")));
        }
    }
    context.imports.serde = true;
    let visit = visit(context, ident, &visited);
    context.xml.push(xml::element(ident, xml_name, &elements, has_rest.then_some("additional_properties")));
    quote! {
        #docs
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema), schema(no_recursion))]
        #attributes
        pub struct #ident { #(#fields),* }

        #visit
    }
}

/// The implementation that leads to the texts and date-times of a type: a line a field that may hold some.
fn visit(context: &mut Context<'_>, ident: &Ident, fields: &[impl ToTokens]) -> TokenStream {
    context.imports.own.extend(["Visit".to_owned(), "Visitor".to_owned()]);
    let visitor = if fields.is_empty() { quote!(_) } else { quote!(visitor) };
    let fields: Vec<TokenStream> = fields.iter().map(|field| quote!(self.#field.visit(visitor);)).collect();
    quote! {
        impl Visit for #ident {
            fn visit(&mut self, #visitor: &mut dyn Visitor) {
                #(#fields)*
            }
        }
    }
}

/// A field, and whether it may hold texts or date-times.
fn field(
    context: &mut Context<'_>,
    (owner, name): (&str, &str),
    ident: &Ident,
    schema: &Schema,
    required: bool,
) -> (TokenStream, bool) {
    let place = naming::place(owner, name);
    let docs = render::verbatim_docs(schema.description.as_deref());
    let shape = Shape::of(context, &place, schema, shape::Position::Property);
    let admits_null = context.types.admits_null(schema);
    let optional = admits_null || !required;
    let mut options = Vec::new();
    if let Some(value_type) = &shape.value_type {
        options.push(if optional {
            quote!(value_type = Option<#value_type>)
        } else {
            quote!(value_type = #value_type)
        });
    }
    options.extend(shape.options);
    if optional && !schema.nullable {
        options.push(quote!(nullable = false));
    }
    if optional && required {
        options.push(quote!(required = true));
    }
    let mut serde = vec![quote!(rename = #name)];
    if optional && !admits_null {
        serde.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    let schema_attribute =
        (!options.is_empty()).then(|| quote!(#[cfg_attr(feature = "utoipa", schema(#(#options),*))]));
    let rust = shape.rust;
    let rust = if optional { quote!(Option<#rust>) } else { rust };
    let format = format::attribute(schema);
    let is_verbatim = match schema.extensions.get(VERBATIM) {
        None => false,
        Some(Value::Bool(is_verbatim)) => *is_verbatim,
        Some(_) => {
            let what = format!("`{VERBATIM}` is neither true nor false");
            context.problems.push(Problem::unsupported(format!("`{place}`"), what));
            false
        }
    };
    (quote!(#docs #[serde(#(#serde),*)] #format #schema_attribute pub #ident: #rust), shape.is_visited && !is_verbatim)
}

/// An invocation of the macro that declares an enumeration which may grow, laid out by hand
/// because the formatter does not know what is inside. A component has its name, what utoipa calls it at first, and its
/// description.
fn open_enum(ident: &Ident, docs: &str, values: &[String], component: Option<(&str, &str, &str)>) -> String {
    let mut text = String::from("crate::open_enum! {\n");
    for line in render::clean(docs).lines() {
        text += &format!("    ///{}{line}\n", if line.is_empty() { "" } else { " " });
    }
    text += &format!("    pub enum {ident} {{\n");
    let variants = naming::variant_idents(values.iter().map(String::as_str), &["Other"]);
    for (value, variant) in values.iter().zip(variants) {
        text += &format!("        {variant} = {},\n", Literal::string(value));
    }
    text += "    }\n";
    if let Some((name, described, description)) = component {
        let [name, described, description] = [name, described, description].map(Literal::string);
        text += &format!("    component({name}, {described}, {description});\n");
    }
    text + "}\n"
}

#[cfg(test)]
mod tests;
