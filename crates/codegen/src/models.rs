//! The carriers: a Rust type for every component schema.
//!
//! A file per schema, with the enumerations of its properties, and a `mod.rs` that re-exports
//! everything. The files expect the hand-written value types `DateTime`, `Flags`, `FreeForm` and the
//! macro `open_enum!` at the root of their crate. Doc comments are the contract's descriptions
//! verbatim, because utoipa and schemars show them.

mod recursion;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Schema, Type};
use indexmap::IndexMap;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use self::recursion::Recursion;
use self::shape::{Context, Item, Shape};
use crate::{Error, GeneratedFile, Problem, naming, render};

/// The source files of all component schemas, `mod.rs` first.
///
/// # Errors
/// - two names are the same in Rust;
/// - a reference names no component;
/// - a schema has a form without a Rust type: `oneOf`, `anyOf`, or `allOf` of several.
pub fn generate(contract: &Contract) -> Result<Vec<GeneratedFile>, Error> {
    Error::unless_empty(name_problems(contract))?;
    let recursion = Recursion::of(contract);
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let mut modules = BTreeMap::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (name, schema) in &contract.schemas {
        let mut context = Context::new(contract, &recursion, name);
        component(&mut context, name, schema);
        let module = module_name(name);
        let types: BTreeSet<String> = context.items.keys().cloned().collect();
        for rust in &types {
            if let Some(first) = owners.insert(rust.clone(), name) {
                let (place, second) = ("schemas and their enumerations".to_owned(), name.clone());
                problems.push(Problem::Collision { place, first: first.to_owned(), second, rust: rust.clone() });
            }
        }
        files.push(context.file(&format!("{module}.rs"), &naming::schema_type(name).to_string())?);
        problems.append(&mut context.problems);
        modules.insert(module, types);
    }
    Error::unless_empty(problems)?;
    let names: Vec<_> = modules.keys().map(|module| naming::ident(module)).collect();
    let uses = modules.iter().map(|(module, types)| {
        let (module, types) = (naming::ident(module), types.iter().map(|name| naming::ident(name)));
        quote!(pub use #module::{#(#types),*};)
    });
    files.insert(0, render::file("mod.rs", quote!(#(mod #names;)* #(#uses)*))?);
    Ok(files)
}

fn name_problems(contract: &Contract) -> Vec<Problem> {
    let names = || contract.schemas.keys().map(String::as_str);
    let mut problems = naming::collisions("schemas", names().map(|name| (name, naming::schema_type(name).to_string())));
    problems.extend(naming::collisions("modules of schemas", names().map(|name| (name, module_name(name)))));
    problems
}

/// The file without its extension; `mod.rs` is taken.
fn module_name(schema: &str) -> String {
    let name = naming::snake_case(schema);
    if matches!(name.as_str(), "mod" | "self" | "super" | "crate") { format!("{name}_") } else { name }
}

/// Declares the type of a component.
fn component(context: &mut Context<'_>, name: &str, schema: &Schema) {
    let ident = naming::schema_type(name);
    let docs = render::verbatim_docs(schema.description.as_deref());
    let renamed = (ident != name).then(|| {
        context.check_type_name(name);
        let path = format_ident!("{}", naming::pascal_case(name));
        quote!(#[cfg_attr(feature = "schemars", schemars(rename = #name))] #[cfg_attr(feature = "utoipa", schema(as = #path))])
    });
    let place = name.to_owned();
    if let Some(values) = shape::open_values(schema).filter(|_| matches!(schema.ty, Type::String { .. })) {
        let description = schema.description.as_deref().unwrap_or_default();
        let docs = if description.is_empty() { format!("A value of `{name}`.") } else { render::doc_text(description) };
        context.declare_enum(&ident, open_enum(&ident, &docs, &values, Some(description)));
        return;
    }
    let item = match &schema.ty {
        Type::Object { properties, required, additional } if !properties.is_empty() => {
            let attributes = quote!(#renamed);
            structure(context, &place, &ident, docs, attributes, (properties, required, additional))
        }
        _ => {
            let shape = Shape::of(context, &place, schema, shape::Position::Component);
            let (rust, value_type) = (&shape.rust, &shape.schema_type());
            let mut options = vec![quote!(value_type = #value_type)];
            options.extend(shape.options.iter().cloned());
            context.imports.serde = true;
            quote! {
                #docs
                #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
                #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
                #[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema), schema(#(#options),*))]
                #renamed
                pub struct #ident(pub #rust);
            }
        }
    };
    context.items.insert(ident.to_string(), Item::Tokens(item));
}

type Members<'a> = (&'a IndexMap<String, Schema>, &'a BTreeSet<String>, &'a Additional);

/// A `struct` with named fields.
fn structure(
    context: &mut Context<'_>,
    place: &str,
    ident: &Ident,
    docs: TokenStream,
    attributes: TokenStream,
    (properties, required, additional): Members<'_>,
) -> TokenStream {
    let idents = naming::field_idents(properties.keys().map(String::as_str));
    let mut fields: Vec<TokenStream> = properties
        .iter()
        .zip(idents)
        .map(|((name, schema), ident)| field(context, (place, name), &ident, schema, required.contains(name)))
        .collect();
    match additional {
        Additional::Unstated | Additional::Forbidden => {}
        Additional::Any => {
            let docs = quote!(#[doc = " Properties that are not documented."]);
            fields.push(quote!(#docs #[serde(flatten)] pub additional_properties: crate::FreeForm));
        }
        Additional::Schema(values) => {
            let shape = Shape::of(context, &format!("{place}.*"), values, shape::Position::Item);
            let rust = shape.rust;
            context.imports.map = true;
            let docs = quote!(#[doc = " Properties that are not documented."]);
            fields.push(quote!(#docs #[serde(flatten)] pub additional_properties: BTreeMap<String, #rust>));
        }
    }
    context.imports.serde = true;
    quote! {
        #docs
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema), schema(no_recursion))]
        #attributes
        pub struct #ident { #(#fields),* }
    }
}

fn field(
    context: &mut Context<'_>,
    (owner, name): (&str, &str),
    ident: &Ident,
    schema: &Schema,
    required: bool,
) -> TokenStream {
    let place = format!("{owner}.{name}");
    let docs = render::verbatim_docs(schema.description.as_deref());
    let shape = Shape::of(context, &place, schema, shape::Position::Property);
    let optional = schema.nullable || !required;
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
    if optional && !schema.nullable {
        serde.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    let schema_attribute =
        (!options.is_empty()).then(|| quote!(#[cfg_attr(feature = "utoipa", schema(#(#options),*))]));
    let rust = shape.rust;
    let rust = if optional { quote!(Option<#rust>) } else { rust };
    quote!(#docs #[serde(#(#serde),*)] #schema_attribute pub #ident: #rust)
}

/// An invocation of the macro that declares an enumeration which may grow, laid out by hand
/// because the formatter does not know what is inside.
fn open_enum(ident: &Ident, docs: &str, values: &[String], component: Option<&str>) -> String {
    let mut taken = BTreeSet::from(["Other".to_owned()]);
    let mut text = String::from("open_enum! {\n");
    for line in docs.lines() {
        text += &format!("    ///{}{line}\n", if line.is_empty() { "" } else { " " });
    }
    text += &format!("    pub enum {ident} {{\n");
    for value in values {
        let base = match naming::pascal_case(value) {
            name if name.starts_with('_') => format!("Value{}", name.trim_start_matches('_')),
            name => name,
        };
        let mut name = if base == "Other" { "OtherValue".to_owned() } else { base.clone() };
        let mut count = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base}{count}");
            count += 1;
        }
        text += &format!("        {} = {},\n", naming::ident(&name), Literal::string(value));
    }
    text += "    }\n";
    if let Some(description) = component {
        text += &format!("    component({});\n", Literal::string(description));
    }
    text + "}\n"
}

#[cfg(test)]
mod tests;
