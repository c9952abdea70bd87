//! The value in a JSON or YAML text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{Position, Problem, ReadError};
use crate::yaml;

/// Reads JSON or YAML text. A key that is there twice is an error in both.
///
/// # Errors
/// When the text is neither, or YAML that is more than JSON can say.
pub fn value_of_text(text: &str) -> Result<Value, ReadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !is_json(text) {
        return yaml::from_str(text).map_err(|error| syntax(error.message, error.line, error.column));
    }
    serde_json::from_str::<Unique>(text).map(|Unique(value)| value).map_err(|error| {
        let message = error.to_string();
        let message = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
        // Counted in bytes there.
        let column = text
            .lines()
            .nth(error.line().saturating_sub(1))
            .map_or(0, |line| line.bytes().take(error.column()).filter(|byte| byte & 0xC0 != 0x80).count());
        syntax(message.to_owned(), error.line(), column)
    })
}

/// Whether a text is meant as JSON; YAML also has braces, but seldom quotes its first key.
pub(super) fn is_json(text: &str) -> bool {
    let mut start = text.trim_start_matches('\u{feff}').chars().filter(|c| !c.is_whitespace());
    match start.next() {
        Some('{') => matches!(start.next(), Some('"' | '}') | None),
        Some('[') => true,
        _ => false,
    }
}

fn syntax(message: String, line: usize, column: usize) -> ReadError {
    let position = (line > 0).then_some(Position { line, column: column.max(1) });
    ReadError { pointer: String::new(), position, problem: Problem::Syntax { message } }
}

/// A value whose objects have each key once.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Unique, E> {
        Ok(Unique(Value::Bool(flag)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Unique, E> {
        Ok(Unique(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Unique, E> {
        Ok(Unique(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Unique, E> {
        Ok(Unique(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Unique(Value::Array(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if all.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the key `{name}` is there twice")));
            }
            let Unique(value) = members.next_value()?;
            all.insert(name, value);
        }
        Ok(Unique(Value::Object(all)))
    }
}
