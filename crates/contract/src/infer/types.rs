//! What a type cell or a sample value says about a value's type.

use serde_json::Value;

use crate::model::{Schema, Type};

/// A scalar type of the pages.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Scalar {
    String,
    DateTime,
    Byte,
    Binary,
    Boolean,
    Int32,
    Int64,
    /// An integer of unknown size.
    Integer,
    Double,
    Float,
    /// A number of unknown form.
    Number,
}

/// What a type cell means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TypeName {
    /// A scalar.
    Scalar(Scalar),
    /// Text with these values.
    Enumeration(Vec<String>),
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
const SCALAR_NAMES: [(&str, Scalar); 13] = [
    ("string", Scalar::String),
    ("date-time", Scalar::DateTime),
    ("datetime", Scalar::DateTime),
    ("byte", Scalar::Byte),
    ("binary", Scalar::Binary),
    ("bool", Scalar::Boolean),
    ("boolean", Scalar::Boolean),
    ("int32", Scalar::Int32),
    ("int64", Scalar::Int64),
    ("integer", Scalar::Integer),
    ("double", Scalar::Double),
    ("float", Scalar::Float),
    ("number", Scalar::Number),
];

impl Scalar {
    /// The scalar of this name, in any case.
    pub(super) fn named(word: &str) -> Option<Self> {
        SCALAR_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, scalar)| *scalar)
    }

    /// Its name in the pages.
    pub(super) fn name(self) -> &'static str {
        SCALAR_NAMES.iter().find(|(_, scalar)| *scalar == self).map_or("scalar", |(name, _)| name)
    }

    /// Its schema.
    pub(super) fn schema(self) -> Schema {
        let format = |format: &str| Some(format.to_owned());
        Schema::new(match self {
            Self::String => Type::String { format: None },
            Self::DateTime => Type::String { format: format("date-time") },
            Self::Byte => Type::String { format: format("byte") },
            Self::Binary => Type::String { format: format("binary") },
            Self::Boolean => Type::Boolean,
            Self::Int32 => Type::Integer { format: format("int32") },
            Self::Int64 => Type::Integer { format: format("int64") },
            Self::Integer => Type::Integer { format: None },
            Self::Double => Type::Number { format: format("double") },
            Self::Float => Type::Number { format: format("float") },
            Self::Number => Type::Number { format: None },
        })
    }

    /// The wider of two scalars: int64 holds every int32, double every number a sample shows, and a
    /// string every date. `None` for two that have nothing in common.
    pub(super) fn wider(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (a, b) if a == b => a,
            (Self::Int64, b) if b.is_integer() => self,
            (a, Self::Int64) if a.is_integer() => other,
            (a, b) if a.is_integer() && b.is_integer() => {
                if a == Self::Integer {
                    b
                } else {
                    a
                }
            }
            (Self::Number, b) if b.is_number() => b,
            (a, Self::Number) if a.is_number() => a,
            (Self::Double, b) if b.is_number() => self,
            (a, Self::Double) if a.is_number() => other,
            (a, b) if a.is_number() && b.is_integer() => a,
            (a, b) if a.is_integer() && b.is_number() => b,
            (Self::String, b) if b.is_text() => self,
            (a, Self::String) if a.is_text() => other,
            _ => return None,
        })
    }

    /// Whether a value of the other type is one of this kind, whatever the formats.
    pub(super) fn has_base_of(self, other: Self) -> bool {
        self.is_text() && other.is_text()
            || self.is_integer() && other.is_integer()
            || self.is_number() && other.is_number()
            || self == other
    }

    fn is_text(self) -> bool {
        matches!(self, Self::String | Self::DateTime | Self::Byte | Self::Binary)
    }

    fn is_integer(self) -> bool {
        matches!(self, Self::Int32 | Self::Int64 | Self::Integer)
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Double | Self::Float | Self::Number)
    }
}

/// Reads a type cell of any dialect: `int32`, `Integer`, `Enum: A, B`, `Associate`, nothing.
pub(super) fn type_name(cell: &str) -> TypeName {
    let cell = cell.trim();
    if let Some(values) = cell.strip_prefix("Enum:") {
        let mut distinct: Vec<String> = Vec::new();
        for value in values.split(',').map(str::trim).filter(|value| !value.is_empty()) {
            if distinct.iter().all(|known| known != value) {
                distinct.push(value.to_owned());
            }
        }
        return TypeName::Enumeration(distinct);
    }
    if cell.is_empty() {
        TypeName::Unnamed
    } else if cell.eq_ignore_ascii_case("array") {
        TypeName::Array
    } else if cell.eq_ignore_ascii_case("object") {
        TypeName::Object
    } else if let Some(scalar) = Scalar::named(cell) {
        TypeName::Scalar(scalar)
    } else if cell.starts_with(|first: char| first.is_uppercase()) {
        TypeName::Named(cell.to_owned())
    } else {
        TypeName::Unknown
    }
}

/// Whether a cell names only the kind of a scalar: some tables say `Integer`, `Number` or `String`
/// where others say `int32`, `double` or `date-time`.
pub(super) fn is_loose(cell: &str) -> bool {
    matches!(cell.trim(), "Integer" | "Number" | "String")
}

/// The schema of text with these values.
pub(super) fn enumeration(values: &[String]) -> Schema {
    let mut schema = Scalar::String.schema();
    schema.enumeration = values.iter().map(|value| Value::from(value.as_str())).collect();
    schema
}

/// The type that an unknown word was probably meant to be: one letter wrong, missing or too many.
pub(super) fn meant(cell: &str) -> Option<&'static str> {
    let word = cell.trim().to_ascii_lowercase();
    let names = SCALAR_NAMES.into_iter().map(|(name, _)| name).chain(["array"]);
    names.into_iter().find(|name| is_one_edit_away(&word, name))
}

fn is_one_edit_away(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    a.len().max(b.len()) - back <= 1
}

/// The scalar that a sample value shows; `None` for null, lists and objects.
pub(super) fn sample_scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Bool(_) => Scalar::Boolean,
        Value::Number(number) => match number.as_i64() {
            Some(integer) if i32::try_from(integer).is_ok() => Scalar::Int32,
            Some(_) => Scalar::Int64,
            None if number.is_u64() => Scalar::Int64,
            None => Scalar::Double,
        },
        Value::String(text) if is_date_time(text) => Scalar::DateTime,
        Value::String(_) => Scalar::String,
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    })
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

    use super::{Scalar, TypeName, is_loose, meant, sample_scalar, type_name};

    #[test]
    fn type_cells_of_every_dialect_are_read() {
        let check = |cell: &str, scalar: Scalar| assert_eq!(type_name(cell), TypeName::Scalar(scalar), "cell {cell:?}");
        check("int32", Scalar::Int32);
        check("int64", Scalar::Int64);
        check("Integer", Scalar::Integer);
        check("bool", Scalar::Boolean);
        check("Boolean", Scalar::Boolean);
        check("date-time", Scalar::DateTime);
        check("String", Scalar::String);
        check("Number", Scalar::Number);
        check("byte", Scalar::Byte);
        assert_eq!(type_name(" "), TypeName::Unnamed);
        assert_eq!(type_name("Array"), TypeName::Array);
        assert_eq!(type_name("object"), TypeName::Object);
        assert_eq!(type_name("Associate"), TypeName::Named("Associate".to_owned()));
        assert_eq!(type_name("strng"), TypeName::Unknown);
        assert_eq!(type_name("Enum: A, B"), TypeName::Enumeration(vec!["A".to_owned(), "B".to_owned()]));
        assert!(is_loose("String") && !is_loose("string") && !is_loose("int32"));
    }

    #[test]
    fn a_word_that_is_nearly_a_type_finds_it() {
        for (typo, name) in
            [("strng", Some("string")), ("int33", Some("int32")), ("boool", Some("bool")), ("xyz", None)]
        {
            assert_eq!(meant(typo), name, "{typo}");
        }
    }

    #[test]
    fn samples_show_their_scalars() {
        let check = |value: serde_json::Value, scalar: Scalar| {
            assert_eq!(sample_scalar(&value), Some(scalar), "sample {value}");
        };
        check(json!(1), Scalar::Int32);
        check(json!(4_000_000_000_u64), Scalar::Int64);
        check(json!(1.0), Scalar::Double);
        check(json!(true), Scalar::Boolean);
        check(json!("x"), Scalar::String);
        check(json!("2010-10-19T09:40:58.7363769+02:00"), Scalar::DateTime);
        check(json!("0001-01-01T00:00:00"), Scalar::DateTime);
        check(json!("2010-10-19"), Scalar::String);
        check(json!("2010-10-19T09:40:58 later"), Scalar::String);
        assert_eq!(sample_scalar(&json!(null)), None);
        assert_eq!(sample_scalar(&json!({})), None);
    }

    #[test]
    fn two_scalars_have_a_wider_one_or_none() {
        let check = |a: Scalar, b: Scalar, wider: Option<Scalar>| {
            assert_eq!(a.wider(b), wider, "{a:?} {b:?}");
            assert_eq!(b.wider(a), wider, "{b:?} {a:?}");
        };
        check(Scalar::Int32, Scalar::Int64, Some(Scalar::Int64));
        check(Scalar::Int32, Scalar::Integer, Some(Scalar::Int32));
        check(Scalar::Int32, Scalar::Double, Some(Scalar::Double));
        check(Scalar::Number, Scalar::Double, Some(Scalar::Double));
        check(Scalar::String, Scalar::DateTime, Some(Scalar::String));
        check(Scalar::DateTime, Scalar::Byte, None);
        check(Scalar::Boolean, Scalar::Int32, None);
    }
}
