//! What a type cell or a sample value says about a value's type.

use serde_json::Value;

use crate::model::{Schema, Type};

/// What a type cell means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TypeName {
    /// A scalar with its schema.
    Scalar(Box<Schema>),
    /// `array`: a list, of what the cell does not say.
    Array,
    /// `object`: in a table of properties, a map.
    Object,
    /// Nothing: another carrier, not named.
    Unnamed,
    /// A carrier by name.
    Named(String),
    /// A word that is neither a type nor, as it starts in lower case, the name of a carrier.
    Unknown,
}

/// The types that cells name, as the pages of most dialects write them.
const TYPE_NAMES: [&str; 11] =
    ["string", "date-time", "byte", "bool", "boolean", "int32", "int64", "integer", "double", "number", "array"];

/// Reads a type cell of any dialect: `int32`, `Integer`, `Enum: A, B`, `Associate`, nothing.
pub(super) fn type_name(cell: &str) -> TypeName {
    let cell = cell.trim();
    if let Some(values) = cell.strip_prefix("Enum:") {
        let mut schema = Schema::new(Type::String { format: None });
        schema.enumeration =
            values.split(',').map(str::trim).filter(|value| !value.is_empty()).map(Value::from).collect();
        return TypeName::Scalar(Box::new(schema));
    }
    match cell.to_ascii_lowercase().as_str() {
        "" => TypeName::Unnamed,
        "array" => TypeName::Array,
        "object" => TypeName::Object,
        word => match scalar(word) {
            Some(schema) => TypeName::Scalar(Box::new(schema)),
            None if cell.starts_with(|first: char| first.is_uppercase()) => TypeName::Named(cell.to_owned()),
            None => TypeName::Unknown,
        },
    }
}

/// The type that an unknown word was probably meant to be: one letter wrong, missing or too many.
pub(super) fn meant(cell: &str) -> Option<&'static str> {
    let word = cell.trim().to_ascii_lowercase();
    TYPE_NAMES.into_iter().find(|name| is_one_edit_away(&word, name))
}

fn is_one_edit_away(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    a.len().max(b.len()) - back <= 1
}

/// The scalar of this name, in lower case.
pub(super) fn scalar(name: &str) -> Option<Schema> {
    let format = |format: &str| Some(format.to_owned());
    Some(Schema::new(match name {
        "string" => Type::String { format: None },
        "date-time" | "datetime" => Type::String { format: format("date-time") },
        "byte" => Type::String { format: format("byte") },
        "binary" => Type::String { format: format("binary") },
        "bool" | "boolean" => Type::Boolean,
        "int32" => Type::Integer { format: format("int32") },
        "int64" => Type::Integer { format: format("int64") },
        "integer" => Type::Integer { format: None },
        "double" => Type::Number { format: format("double") },
        "float" => Type::Number { format: format("float") },
        "number" => Type::Number { format: None },
        _ => return None,
    }))
}

/// The scalar that a sample value shows; `None` for null, lists and objects.
pub(super) fn sample_scalar(value: &Value) -> Option<Schema> {
    let name = match value {
        Value::Bool(_) => "bool",
        Value::Number(number) => match number.as_i64() {
            Some(integer) if i32::try_from(integer).is_ok() => "int32",
            Some(_) => "int64",
            None if number.is_u64() => "int64",
            None => "double",
        },
        Value::String(text) if is_date_time(text) => "date-time",
        Value::String(_) => "string",
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    scalar(name)
}

/// Whether a text has the form `2010-10-19T09:40:58`, with or without fraction and offset.
fn is_date_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    bytes.len() >= FORM.len()
        && FORM.iter().zip(bytes).all(|(form, byte)| if *form == b'0' { byte.is_ascii_digit() } else { form == byte })
        && bytes[FORM.len()..].iter().all(|byte| byte.is_ascii_digit() || b".:+-Zz".contains(byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{TypeName, sample_scalar, scalar, type_name};

    #[test]
    fn type_cells_of_every_dialect_are_read() {
        let check = |cell: &str, name: &str| {
            assert_eq!(Some(type_name(cell)), scalar(name).map(Box::new).map(TypeName::Scalar), "cell {cell:?}");
        };
        check("int32", "int32");
        check("int64", "int64");
        check("Integer", "integer");
        check("bool", "bool");
        check("Boolean", "bool");
        check("date-time", "date-time");
        check("String", "string");
        check("Number", "number");
        check("byte", "byte");
        assert_eq!(type_name(" "), TypeName::Unnamed);
        assert_eq!(type_name("Array"), TypeName::Array);
        assert_eq!(type_name("object"), TypeName::Object);
        assert_eq!(type_name("Associate"), TypeName::Named("Associate".to_owned()));
        assert_eq!(type_name("strng"), TypeName::Unknown);
        for (typo, name) in
            [("strng", Some("string")), ("int33", Some("int32")), ("boool", Some("bool")), ("xyz", None)]
        {
            assert_eq!(super::meant(typo), name, "{typo}");
        }
        let TypeName::Scalar(schema) = type_name("Enum: A, B") else { panic!("an enum is a scalar") };
        assert_eq!(schema.enumeration, [json!("A"), json!("B")]);
    }

    #[test]
    fn samples_show_their_scalars() {
        let check = |value: serde_json::Value, name: &str| {
            assert_eq!(sample_scalar(&value), scalar(name), "sample {value}");
        };
        check(json!(1), "int32");
        check(json!(4_000_000_000_u64), "int64");
        check(json!(1.0), "double");
        check(json!(true), "bool");
        check(json!("x"), "string");
        check(json!("2010-10-19T09:40:58.7363769+02:00"), "date-time");
        check(json!("0001-01-01T00:00:00"), "date-time");
        check(json!("2010-10-19"), "string");
        check(json!("2010-10-19T09:40:58 later"), "string");
        assert_eq!(sample_scalar(&json!(null)), None);
        assert_eq!(sample_scalar(&json!({})), None);
    }
}
