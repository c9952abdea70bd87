//! Types and values as short text.

use serde_json::{Map, Value};

use crate::model::{Additional, Schema, Type};

/// Whether an expression says that null is a value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Nulls {
    Shown,
    Hidden,
}

/// The type in words: `array of ChatSessionEntity`, `string(date-time) nullable`. Inline objects
/// are `object`; what they hold is a matter of further facts.
pub(super) fn of(schema: &Schema, nulls: Nulls) -> String {
    // In `array of (string nullable)` it is the items that may be null.
    let inner = |schema: &Schema| {
        let text = of(schema, nulls);
        if text.ends_with(" nullable") { format!("({text})") } else { text }
    };
    let list = |parts: &[Schema]| {
        let mut parts: Vec<_> = parts.iter().map(|part| of(part, nulls)).collect();
        parts.sort();
        parts.join(" | ")
    };
    let mut text = match &schema.ty {
        Type::Any => "any".to_owned(),
        Type::Ref(target) => name(target),
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
            let kind = schema.ty.name().unwrap_or_default();
            schema.ty.format().map_or_else(|| kind.to_owned(), |format| format!("{kind}({format})"))
        }
        Type::Array { items } => format!("array of {}", inner(items)),
        Type::Object { properties, additional, .. } => match additional {
            // `additionalProperties: {}` and `true` say the same, which is what saying nothing means.
            Additional::Schema(values) if values.ty == Type::Any => "object".to_owned(),
            Additional::Schema(values) if properties.is_empty() => format!("map of {}", inner(values)),
            Additional::Schema(values) => format!("object and map of {}", inner(values)),
            Additional::Forbidden => "closed object".to_owned(),
            Additional::Unstated | Additional::Any => "object".to_owned(),
        },
        Type::AllOf(parts) => format!("all of ({})", list(parts)),
        Type::OneOf(parts) => format!("one of ({})", list(parts)),
        Type::AnyOf(parts) => format!("any of ({})", list(parts)),
    };
    if schema.nullable && schema.ty != Type::Any && nulls == Nulls::Shown {
        text.push_str(" nullable");
    }
    text
}

/// A name as a part of a fact's subject, which ends at the first colon with a blank.
pub(super) fn name(name: &str) -> String {
    name.replace(": ", ":%20").replace('\n', "%0A")
}

/// Text in one line. Blanks around it are no fact.
pub(super) fn text(text: &str) -> String {
    Value::String(text.replace("\r\n", "\n").trim().to_owned()).to_string()
}

/// Compact JSON, members sorted by name.
pub(super) fn json(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}
