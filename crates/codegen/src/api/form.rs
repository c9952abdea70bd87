//! `forms.rs`: forms that callers send, each as a struct with its fields and files.

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::model::{Schema, Type};
use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::operation::{Endpoint, Layer, free_type};
use super::rust_type::{Mention, RustType};
use crate::{naming, render};

/// A struct for the form of one operation.
pub(super) struct FormType<'a> {
    pub(super) ident: Ident,
    fields: Vec<Field<'a>>,
}

struct Field<'a> {
    name: &'a str,
    ident: Ident,
    schema: &'a Schema,
    ty: TokenStream,
    /// What reads it from the form.
    read: TokenStream,
}

/// The form's struct, where its schema has properties.
pub(super) fn of<'a>(
    layer: &Layer<'a>,
    method: &str,
    schema: &'a Schema,
    taken: &mut BTreeSet<String>,
) -> Option<FormType<'a>> {
    let contract = layer.contract;
    let mut properties = IndexMap::new();
    let mut required = BTreeSet::new();
    collect(contract, schema, &mut properties, &mut required, 0);
    if properties.is_empty() {
        return None;
    }
    let idents = naming::field_idents(properties.keys().copied(), &[]);
    let fields = properties
        .into_iter()
        .zip(idents)
        .map(|((name, schema), ident)| field(layer, name, ident, schema, required.contains(name)));
    let fields = fields.collect();
    Some(FormType { ident: free_type(&format!("{method}_form"), taken), fields })
}

/// The properties of an object, and of all that it is made of.
fn collect<'a>(
    contract: &'a Contract,
    schema: &'a Schema,
    properties: &mut IndexMap<&'a str, &'a Schema>,
    required: &mut BTreeSet<&'a str>,
    depth: usize,
) {
    if depth > 16 {
        return;
    }
    match &schema.ty {
        Type::Ref(name) => {
            if let Some(schema) = contract.schemas.get(name) {
                collect(contract, schema, properties, required, depth + 1);
            }
        }
        Type::AllOf(parts) => parts.iter().for_each(|part| collect(contract, part, properties, required, depth + 1)),
        Type::Object { properties: own, required: needed, .. } => {
            properties.extend(own.iter().map(|(name, schema)| (name.as_str(), schema)));
            required.extend(needed.iter().map(String::as_str));
        }
        _ => {}
    }
}

fn field<'a>(layer: &Layer<'a>, name: &'a str, ident: Ident, schema: &'a Schema, is_required: bool) -> Field<'a> {
    let resolved = |schema: &'a Schema| match &schema.ty {
        Type::Ref(name) => layer.contract.schemas.get(name).unwrap_or(schema),
        _ => schema,
    };
    let is_file =
        |schema: &Schema| matches!(&schema.ty, Type::String { format } if format.as_deref() == Some("binary"));
    let is_text = |schema: &Schema| {
        matches!(schema.ty, Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. })
    };
    let typed = |schema: &Schema| RustType::present(&layer.types, schema, Mention::Handler).tokens;
    let value = resolved(schema);
    if let Type::Array { items } = &value.ty {
        let items = resolved(items);
        if is_file(items) {
            return Field { name, ident, schema, ty: quote!(Vec<FormPart>), read: quote!(form.files(#name)) };
        }
        if is_text(items) {
            let item = typed(items);
            return Field { name, ident, schema, ty: quote!(Vec<#item>), read: quote!(form.texts(#name)?) };
        }
    }
    let (ty, read) = match () {
        () if is_file(value) => (quote!(FormPart), quote!(form.file(#name))),
        () if is_text(value) => (typed(value), quote!(form.text(#name)?)),
        () => (typed(schema), quote!(form.json(#name)?)),
    };
    if is_required {
        let what = format!("form field `{name}`");
        Field { name, ident, schema, ty, read: quote!(required(#what, #read)?) }
    } else {
        Field { name, ident, schema, ty: quote!(Option<#ty>), read }
    }
}

/// The structs; nothing where no operation takes such a form.
pub(super) fn source(endpoints: &[&Endpoint<'_>]) -> TokenStream {
    let forms = endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.body.as_ref()?.form.as_ref()?)));
    let forms: Vec<TokenStream> = forms.map(|(endpoint, form)| declaration(endpoint, form)).collect();
    if forms.is_empty() {
        return TokenStream::new();
    }
    let text = quote!(#(#forms)*).to_string();
    let models = text.contains("models ::").then(|| {
        quote!(
            use crate::models;
        )
    });
    let required = text.contains("required (").then(|| quote!(, required));
    let part = text.contains("FormPart").then(|| quote!(, FormPart));
    quote! {
        use crate::ApiError;
        #models
        use crate::support::{Form, FromForm #part #required};

        #(#forms)*
    }
}

fn declaration(endpoint: &Endpoint<'_>, form: &FormType<'_>) -> TokenStream {
    let FormType { ident, fields } = form;
    let docs = render::docs(Some(&format!("The form that `{}` takes.", endpoint.operation.operation_id)));
    let fields_declared = fields.iter().map(|field| {
        let Field { name, ident, ty, .. } = field;
        let text = field.schema.description.clone().unwrap_or_else(|| format!("`{name}`"));
        let docs = render::docs(Some(&text));
        quote!(#docs pub #ident: #ty)
    });
    let values = fields.iter().map(|Field { ident, read, .. }| quote!(#ident: #read));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        pub struct #ident {
            #(#fields_declared),*
        }

        impl FromForm for #ident {
            fn from_form(form: Form) -> Result<Self, ApiError> {
                Ok(Self { #(#values),* })
            }
        }
    }
}
