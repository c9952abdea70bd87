//! Schemas: what a value may be.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::Extensions;

/// What a value may be, with what people should know about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// The shape.
    pub ty: Type,
    /// Whether `null` is a value too.
    pub nullable: bool,
    /// CommonMark. Also kept beside a [`Type::Ref`].
    pub description: Option<String>,
    /// One line of text.
    pub title: Option<String>,
    /// Whether it is on its way out.
    pub deprecated: bool,
    /// Only in answers.
    pub read_only: bool,
    /// Only in requests.
    pub write_only: bool,
    /// The values it may have, where they are closed.
    pub enumeration: Vec<Value>,
    /// What is assumed where the value is missing.
    pub default: Option<Value>,
    /// One example.
    pub example: Option<Value>,
    /// Bounds on the value.
    pub constraints: Constraints,
    /// `x-…` members (`x-extensible-enum`, `x-flags`), `xml`, and what this model has no field for.
    pub extensions: Extensions,
}

/// The shape of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Type {
    /// Anything at all.
    #[default]
    Any,
    /// The component schema of this name.
    Ref(String),
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer {
        /// `int32`, `int64`.
        format: Option<String>,
    },
    /// A number.
    Number {
        /// `float`, `double`.
        format: Option<String>,
    },
    /// Text, or what travels as text.
    String {
        /// `date-time`, `byte`, `binary`, ….
        format: Option<String>,
    },
    /// A list.
    Array {
        /// What each item may be.
        items: Box<Schema>,
    },
    /// An object: with named properties, a map, or both.
    Object {
        /// In the order of the document.
        properties: IndexMap<String, Schema>,
        /// Names of properties that are always there.
        required: BTreeSet<String>,
        /// What other properties may be.
        additional: Additional,
    },
    /// All of these at once.
    AllOf(Vec<Schema>),
    /// Exactly one of these.
    OneOf(Vec<Schema>),
    /// At least one of these.
    AnyOf(Vec<Schema>),
}

/// What an object may hold beside its named properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Additional {
    /// The document does not say, which means anything.
    #[default]
    Unstated,
    /// `additionalProperties: false`.
    Forbidden,
    /// `additionalProperties: true`.
    Any,
    /// Values of this schema: a map.
    Schema(Box<Schema>),
}

/// Bounds on a value, in OpenAPI 3.0's reading (`exclusive` as a flag beside the bound).
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are JSON Schema's own words")]
pub struct Constraints {
    pub minimum: Option<serde_json::Number>,
    pub exclusive_minimum: bool,
    pub maximum: Option<serde_json::Number>,
    pub exclusive_maximum: bool,
    pub multiple_of: Option<serde_json::Number>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub pattern: Option<String>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub unique_items: bool,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
}

impl Schema {
    /// A schema of this shape, with nothing else said.
    pub fn new(ty: Type) -> Self {
        Self { ty, ..Self::default() }
    }

    /// The component schema `name`.
    pub fn reference(name: impl Into<String>) -> Self {
        Self::new(Type::Ref(name.into()))
    }

    /// A list of `items`.
    pub fn array(items: Self) -> Self {
        Self::new(Type::Array { items: Box::new(items) })
    }

    /// A map from text to `values`.
    pub fn map(values: Self) -> Self {
        Self::new(Type::Object {
            properties: IndexMap::new(),
            required: BTreeSet::new(),
            additional: Additional::Schema(Box::new(values)),
        })
    }

    /// The same schema that also admits `null`.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// What the value's element is called in XML, where the schema says so (`xml.name`).
    pub fn xml_name(&self) -> Option<&str> {
        self.extensions.get("xml")?.get("name")?.as_str()
    }

    /// The values of a map, where this is one: an object without named properties whose
    /// values have a schema.
    pub fn map_values(&self) -> Option<&Self> {
        match &self.ty {
            Type::Object { properties, additional: Additional::Schema(values), .. } if properties.is_empty() => {
                Some(values)
            }
            _ => None,
        }
    }
}

impl Type {
    /// The name of the JSON type, for the shapes that are one.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Any | Self::Ref(_) | Self::AllOf(_) | Self::OneOf(_) | Self::AnyOf(_) => None,
            Self::Boolean => Some("boolean"),
            Self::Integer { .. } => Some("integer"),
            Self::Number { .. } => Some("number"),
            Self::String { .. } => Some("string"),
            Self::Array { .. } => Some("array"),
            Self::Object { .. } => Some("object"),
        }
    }

    /// The `format` of a number or text.
    pub fn format(&self) -> Option<&str> {
        match self {
            Self::Integer { format } | Self::Number { format } | Self::String { format } => format.as_deref(),
            _ => None,
        }
    }
}
