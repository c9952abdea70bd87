//! Parameters as arguments of a method.

use docwright_contract::model::{Constraints, Location, Parameter, Schema, Type};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Value, json};

use super::call::Collector;
use super::coverage::Kind;
use super::values::Enumeration;
use crate::{headers, naming};

/// A component of the projected document that stands for the date-time type.
pub(super) const DATE_TIME: &str = "DocwrightDateTime";

/// What a key has that the client makes: 128 bits.
const KEY_DIGITS: u64 = 32;

/// An argument of a method.
pub(super) struct Argument<'a> {
    pub(super) parameter: &'a Parameter,
    /// In Rust, not raw yet.
    pub(super) name: String,
    pub(super) value: Shape,
    /// The variant of `Style` that writes it.
    pub(super) style: &'static str,
    pub(super) required: bool,
}

/// What an argument holds.
pub(super) enum Shape {
    One(Scalar),
    List(Scalar),
    /// The key of a call, which the client makes where the caller gives none: of so many hexadecimal digits, or a UUID.
    Key {
        digits: Option<usize>,
    },
    /// Anything else, as a Rust type that is turned into JSON first.
    Any(String),
}

/// A value that is a text when it travels.
#[derive(Clone)]
pub(super) enum Scalar {
    Boolean,
    Int32,
    Int64,
    Double,
    Text,
    DateTime,
    /// The index of an [`Enumeration`].
    Enumeration(usize),
}

/// The arguments for parameters of one operation, in the same order.
pub(super) fn arguments<'a>(
    collector: &mut Collector<'a>,
    method: &str,
    parameters: Vec<&'a Parameter>,
    reserved: &[&str],
) -> Vec<Argument<'a>> {
    let names = naming::argument_names(parameters.iter().map(|parameter| parameter.name.as_str()), reserved);
    let arguments = parameters.into_iter().zip(names).map(|(parameter, name)| {
        let subject = format!("{} parameter `{}`", parameter.location.as_str(), parameter.name);
        let value = shape(collector, &subject, (method, &name), parameter);
        let is_made = matches!(value, Shape::Key { .. });
        let required = (parameter.required && !is_made) || parameter.location == Location::Path;
        Argument { parameter, name, value, style: style(parameter), required }
    });
    arguments.collect()
}

fn shape<'a>(
    collector: &mut Collector<'a>,
    subject: &str,
    (method, name): (&str, &str),
    parameter: &'a Parameter,
) -> Shape {
    let schema = &parameter.schema;
    if parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case(headers::IDEMPOTENCY_KEY) {
        if schema.constraints != Constraints::default() {
            collector.leave_out(Kind::Bounds, format!("{subject}: bounds are not checked before sending"));
        }
        return Shape::Key { digits: key_digits(schema) };
    }
    let (scalar_schema, is_list) = match &schema.ty {
        Type::Array { items } => (items.as_ref(), true),
        _ => (schema, false),
    };
    let Some(mut scalar) = scalar(scalar_schema).filter(|_| !(is_json_value(parameter) && schema.ty == Type::Any))
    else {
        return Shape::Any(collector.rust_type(subject, Some(schema)));
    };
    if [schema, scalar_schema].iter().any(|schema| schema.constraints != Constraints::default()) {
        collector.leave_out(Kind::Bounds, format!("{subject}: bounds are not checked before sending"));
    }
    let values: Vec<&str> = scalar_schema.enumeration.iter().filter_map(Value::as_str).collect();
    if matches!(scalar, Scalar::Text) && !values.is_empty() {
        scalar = Scalar::Enumeration(collector.enumerations.len());
        let place = format!("the {subject} of `{method}`");
        collector.enumerations.push(Enumeration::new(naming::pascal_case(&format!("{method}_{name}")), place, values));
    }
    if is_list { Shape::List(scalar) } else { Shape::One(scalar) }
}

/// How long a key is that the client makes; nothing where it has to be a UUID.
fn key_digits(schema: &Schema) -> Option<usize> {
    let is_uuid = matches!(&schema.ty, Type::String { format } if format.as_deref() == Some("uuid"));
    let Constraints { min_length, max_length, .. } = &schema.constraints;
    let digits = min_length.unwrap_or_default().clamp(KEY_DIGITS, 1024).min(max_length.unwrap_or(u64::MAX));
    (!is_uuid).then_some(usize::try_from(digits).unwrap_or_default())
}

fn scalar(schema: &Schema) -> Option<Scalar> {
    Some(match &schema.ty {
        Type::Boolean => Scalar::Boolean,
        Type::Integer { format } if format.as_deref() == Some("int32") => Scalar::Int32,
        Type::Integer { .. } => Scalar::Int64,
        Type::Number { .. } => Scalar::Double,
        Type::String { format } if format.as_deref() == Some("date-time") => Scalar::DateTime,
        Type::String { .. } | Type::Any => Scalar::Text,
        _ => return None,
    })
}

/// Whether the parameter travels as a media type of its own.
fn is_json_value(parameter: &Parameter) -> bool {
    parameter.extensions.contains_key("content")
}

/// The variant of `Style` in the client's support.
fn style(parameter: &Parameter) -> &'static str {
    if is_json_value(parameter) {
        return "Json";
    }
    let is_form = matches!(parameter.location, Location::Query | Location::Cookie);
    let default = if is_form { "form" } else { "simple" };
    let text = |name: &str| parameter.extensions.get(name).and_then(Value::as_str);
    // Swagger 2.0's ways to join items that OpenAPI 3 does not have, or not there.
    let style = text("style").or_else(|| match text("x-collectionFormat")? {
        "tsv" => Some("tsv"),
        "ssv" => Some("spaceDelimited"),
        "pipes" => Some("pipeDelimited"),
        _ => None,
    });
    let style = style.unwrap_or(default);
    let exploded = parameter.extensions.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    match (style, exploded) {
        ("deepObject", _) => "DeepObject",
        ("spaceDelimited", false) => "SpaceDelimited",
        ("pipeDelimited", false) => "PipeDelimited",
        ("tsv", _) => "TabDelimited",
        ("label", false) => "Label",
        ("label", true) => "LabelExploded",
        ("matrix", false) => "Matrix",
        ("matrix", true) => "MatrixExploded",
        (_, false) if is_form => "Form",
        (_, true) if is_form => "FormExploded",
        (_, false) => "Simple",
        (_, true) => "SimpleExploded",
    }
}

impl Argument<'_> {
    /// Whether progenitor can take it, and gives it the same name.
    pub(super) fn is_plain(&self) -> bool {
        let name = &self.parameter.name;
        let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.$".contains(&byte));
        let is_named_alike = is_token
            && self.name == naming::snake_case(name)
            && self.name.starts_with(|first: char| first.is_ascii_alphabetic())
            // What its code calls something else.
            && self.name != "header_map";
        // It sends a header of its own under this name.
        let is_replaced = self.parameter.location == Location::Header && name.eq_ignore_ascii_case("api-version");
        let is_written = match (self.parameter.location, &self.value) {
            (Location::Query, Shape::List(_)) => self.style == "FormExploded",
            (Location::Query, Shape::One(_)) => matches!(self.style, "Form" | "FormExploded"),
            (Location::Path | Location::Header, Shape::One(_)) => matches!(self.style, "Simple" | "SimpleExploded"),
            _ => false,
        };
        // It lets a text that is empty or dots alone lead to another path, where another operation is.
        let is_free_path = self.parameter.location == Location::Path && matches!(self.value, Shape::One(Scalar::Text));
        is_named_alike && is_written && !is_replaced && !is_free_path
    }

    /// The index of its list of values.
    pub(super) fn enumeration(&self) -> Option<usize> {
        match &self.value {
            Shape::One(Scalar::Enumeration(index)) | Shape::List(Scalar::Enumeration(index)) => Some(*index),
            _ => None,
        }
    }

    /// The parameter object for progenitor.
    pub(super) fn projected(&self) -> Value {
        let one = |scalar: &Scalar| match scalar {
            Scalar::Boolean => json!({ "type": "boolean" }),
            Scalar::Int32 => json!({ "type": "integer", "format": "int32" }),
            Scalar::Int64 => json!({ "type": "integer", "format": "int64" }),
            Scalar::Double => json!({ "type": "number", "format": "double" }),
            Scalar::DateTime => reference(DATE_TIME),
            Scalar::Enumeration(index) => reference(&Enumeration::component(*index)),
            Scalar::Text => json!({ "type": "string" }),
        };
        let schema = match &self.value {
            Shape::One(scalar) => one(scalar),
            Shape::List(scalar) => json!({ "type": "array", "items": one(scalar) }),
            Shape::Key { .. } => json!({ "type": "string" }),
            Shape::Any(_) => json!({}),
        };
        let mut projected = json!({
            "name": self.parameter.name,
            "in": self.parameter.location.as_str(),
            "required": self.required,
            "schema": schema,
        });
        if let Some(description) = self.description() {
            projected["description"] = Value::String(description);
        }
        projected
    }

    /// The description as an item of a list in the method's documentation.
    pub(super) fn description(&self) -> Option<String> {
        let description = self.parameter.description.as_ref()?;
        let line = crate::render::doc_line(description);
        (!line.is_empty()).then_some(line)
    }

    /// The argument's type in a method that is made by hand.
    pub(super) fn rust(&self, enumerations: &[Enumeration<'_>]) -> TokenStream {
        let one = |scalar: &Scalar, owned: bool| match scalar {
            Scalar::Boolean => quote!(bool),
            Scalar::Int32 => quote!(i32),
            Scalar::Int64 => quote!(i64),
            Scalar::Double => quote!(f64),
            Scalar::Text if owned => quote!(String),
            Scalar::Text => quote!(&str),
            Scalar::DateTime if owned => quote!(crate::models::DateTime),
            Scalar::DateTime => quote!(&crate::models::DateTime),
            Scalar::Enumeration(index) => {
                let name = naming::ident(&enumerations[*index].name);
                quote!(types::#name)
            }
        };
        let rust = match &self.value {
            Shape::One(scalar) => one(scalar, false),
            Shape::List(scalar) => {
                let item = one(scalar, true);
                quote!(&[#item])
            }
            Shape::Key { .. } => quote!(&str),
            Shape::Any(rust) => {
                let rust: TokenStream = rust.parse().unwrap_or_default();
                quote!(&#rust)
            }
        };
        if self.required { rust } else { quote!(Option<#rust>) }
    }
}

pub(super) fn reference(component: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{component}") })
}
