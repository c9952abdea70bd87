//! Types and values in short words.

use serde_json::Value;

use crate::model::{Additional, Schema, Type};

/// Longer values are cut.
const MOST_CHARS: usize = 60;

/// `array of ChatSessionEntity`, `string (date-time)`.
pub(super) fn schema(schema: &Schema) -> String {
    let list = |parts: &[Schema]| {
        let shown: Vec<String> = parts.iter().take(4).map(self::schema).collect();
        let more = if parts.len() > shown.len() { ", …" } else { "" };
        format!("({}{more})", shown.join(", "))
    };
    match &schema.ty {
        Type::Any if is_null(schema) => "null".to_owned(),
        Type::Any => "anything".to_owned(),
        Type::Ref(name) => name.clone(),
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
            let name = schema.ty.name().unwrap_or_default();
            schema.ty.format().map_or_else(|| name.to_owned(), |format| format!("{name} ({format})"))
        }
        Type::Array { items } => format!("array of {}", self::schema(items)),
        Type::Object { properties, additional: Additional::Schema(values), .. } if properties.is_empty() => {
            format!("map of {}", self::schema(values))
        }
        Type::Object { .. } => "object".to_owned(),
        Type::AllOf(parts) => format!("all of {}", list(parts)),
        Type::OneOf(parts) => format!("one of {}", list(parts)),
        Type::AnyOf(parts) => format!("any of {}", list(parts)),
    }
}

/// Whether null is the only value.
pub(super) fn is_null(schema: &Schema) -> bool {
    schema.ty == Type::Any && !schema.enumeration.is_empty() && schema.enumeration.iter().all(Value::is_null)
}

/// Compact JSON of both sides, cut where it is long, so that it shows where they differ.
pub(super) fn values(sides: [Option<&Value>; 2]) -> [Option<String>; 2] {
    let [a, b] = sides.map(|value| value.map(Value::to_string));
    let (Some(a), Some(b)) = (&a, &b) else { return [a, b].map(|text| text.map(|text| cut(&text))) };
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    // What still fits is shown from its beginning.
    let skipped = if shared < MOST_CHARS * 2 / 3 { 0 } else { shared - MOST_CHARS / 4 };
    [a, b].map(|text| {
        let rest: String = text.chars().skip(skipped).collect();
        Some(if skipped > 0 { format!("…{}", cut(&rest)) } else { cut(&rest) })
    })
}

/// Compact JSON, cut where it is long.
pub(super) fn value(value: &Value) -> String {
    cut(&value.to_string())
}

/// Texts as a list: `A`, `B`.
pub(super) fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn cut(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Texts that differ in more than blanks; absent and empty ones are the same.
pub(super) fn texts_differ(a: Option<&str>, b: Option<&str>) -> bool {
    let plain = |text: Option<&str>| text.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    a != b && plain(a) != plain(b)
}
