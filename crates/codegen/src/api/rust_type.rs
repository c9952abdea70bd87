//! The Rust type of a schema that stands in an operation: a carrier, or a value made of carriers.

use docwright_contract::model::{Additional, Schema, Type};
use proc_macro2::TokenStream;
use quote::quote;

use crate::naming::SchemaTypes;

/// Where a type is mentioned.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mention {
    /// In a trait or handler, as what the service gets and gives.
    Handler,
    /// In what utoipa describes.
    Document,
}

/// A Rust type.
#[derive(Clone)]
pub(super) struct RustType {
    pub(super) tokens: TokenStream,
    /// Whether utoipa has to write the schema in place, because it is no component.
    pub(super) is_inline: bool,
}

impl RustType {
    pub(super) fn of(types: &SchemaTypes, schema: &Schema, mention: Mention) -> Self {
        let mut found = Self::present(types, schema, mention);
        // A component that may be null says so itself.
        if schema.nullable || (mention == Mention::Handler && types.admits_null(schema)) {
            let inner = &found.tokens;
            found.tokens = quote!(Option<#inner>);
        }
        found
    }

    /// A body of which nothing is known.
    pub(super) fn any() -> Self {
        Self::inline(quote!(serde_json::Value))
    }

    /// A body that is neither JSON nor XML.
    pub(super) fn binary() -> Self {
        Self::inline(quote!(Binary))
    }

    fn plain(tokens: TokenStream) -> Self {
        Self { tokens, is_inline: false }
    }

    fn inline(tokens: TokenStream) -> Self {
        Self { tokens, is_inline: true }
    }

    /// The type of a value that is not null.
    pub(super) fn present(types: &SchemaTypes, schema: &Schema, mention: Mention) -> Self {
        match &schema.ty {
            Type::Ref(name) => {
                let name = types.ident(name);
                Self::plain(quote!(models::#name))
            }
            Type::AllOf(parts) if parts.len() == 1 => Self::present(types, &parts[0], mention),
            Type::Boolean => Self::plain(quote!(bool)),
            Type::Integer { format } if format.as_deref() == Some("int32") => Self::plain(quote!(i32)),
            Type::Integer { .. } => Self::plain(quote!(i64)),
            Type::Number { format } if format.as_deref() == Some("float") => Self::plain(quote!(f32)),
            Type::Number { .. } => Self::plain(quote!(f64)),
            Type::String { format } => match (format.as_deref(), mention) {
                (Some("date-time"), _) => Self::inline(quote!(models::DateTime)),
                (Some("binary"), Mention::Document) => Self::binary(),
                _ => Self::plain(quote!(String)),
            },
            Type::Array { items } => {
                let Self { tokens, is_inline } = Self::of(types, items, mention);
                Self { tokens: quote!(Vec<#tokens>), is_inline }
            }
            Type::Object { properties, additional: Additional::Schema(values), .. } if properties.is_empty() => {
                let Self { tokens, is_inline } = Self::of(types, values, mention);
                Self { tokens: quote!(std::collections::BTreeMap<String, #tokens>), is_inline }
            }
            Type::Object { .. } => Self::inline(quote!(models::FreeForm)),
            Type::Any | Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => Self::any(),
        }
    }
}

/// Whether the type that is mentioned in the document says everything about the schema, but for its `xml` metadata.
pub(super) fn says_all(schema: &Schema) -> bool {
    let is_bare = schema.extensions.keys().all(|name| name == "xml")
        && *schema == Schema { ty: schema.ty.clone(), extensions: schema.extensions.clone(), ..Schema::default() };
    let is_known = match &schema.ty {
        Type::Any | Type::Ref(_) | Type::Boolean => true,
        Type::Integer { format } => matches!(format.as_deref(), Some("int32" | "int64")),
        Type::Number { format } => matches!(format.as_deref(), Some("float" | "double")),
        Type::String { format } => matches!(format.as_deref(), None | Some("date-time" | "binary")),
        Type::Array { items } => says_all(items),
        Type::Object { properties, required, additional } => {
            let values = match additional {
                Additional::Unstated | Additional::Any => true,
                Additional::Schema(values) => says_all(values),
                Additional::Forbidden => false,
            };
            values && properties.is_empty() && required.is_empty()
        }
        Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => false,
    };
    is_bare && is_known
}
