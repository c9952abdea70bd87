//! Carriers from `application/x-www-form-urlencoded`, where a contract offers that beside JSON.
//!
//! The client's form is read: a list repeats its name, an object within the object is JSON, what is left out is null.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// The value that a form's fields make.
///
/// # Errors
/// Where the bytes are no form, or the fields not what `T` reads.
pub(super) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut fields: Vec<(String, Field)> = Vec::new();
    for (name, text) in serde_urlencoded::from_bytes::<Vec<(String, String)>>(bytes)? {
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, field)) => field.0.push(text),
            None => fields.push((name, Field(vec![text]))),
        }
    }
    T::deserialize(Fields(fields))
}

/// All fields by their names.
struct Fields(Vec<(String, Field)>);

impl<'de> Deserializer<'de> for Fields {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(self.0.into_iter()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// The texts of one name; at least one.
struct Field(Vec<String>);

impl Field {
    fn text(self) -> Result<String, Error> {
        match <[String; 1]>::try_from(self.0) {
            Ok([text]) => Ok(text),
            Err(_) => Err(Error::custom("a field is there more than once")),
        }
    }
}

/// A value that is written as text.
macro_rules! parsed {
    ($($deserialize:ident $visit:ident $ty:ty;)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.text()?.parse::<$ty>().map_err(Error::custom)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Field {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_f32 visit_f32 f32;
        deserialize_f64 visit_f64 f64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.len() > 1 { self.deserialize_seq(visitor) } else { visitor.visit_string(self.text()?) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter().map(|text| Self(vec![text]))))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value: Value = serde_json::from_str(&self.text()?).map_err(Error::custom)?;
        value.deserialize_map(visitor).map_err(Error::custom)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.text()?.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier }
}

impl IntoDeserializer<'_, Error> for Field {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "shown")]
    struct Carrier {
        id: Option<i32>,
        #[serde(default)]
        tags: Option<Vec<u8>>,
        inner: Option<BTreeMap<String, i32>>,
        any: Option<Value>,
    }

    #[test]
    fn fields_make_a_value() {
        for (text, expected) in [
            ("id=7&other=x&other=y", "Some(Carrier { id: Some(7), tags: None, inner: None, any: None })"),
            (
                "tags=1&any=+&tags=2",
                "Some(Carrier { id: None, tags: Some([1, 2]), inner: None, any: Some(String(\" \")) })",
            ),
            (
                "inner=%7B%22a%22:1%7D&any=1&any=2",
                "Some(Carrier { id: None, tags: None, inner: Some({\"a\": 1}), any: Some(Array [String(\"1\"), String(\"2\")]) })",
            ),
            ("id=x", "invalid digit found in string"),
            ("id=1&id=2", "a field is there more than once"),
        ] {
            let found = from_bytes::<Option<Carrier>>(text.as_bytes());
            let found = found.map_or_else(|error| error.to_string(), |value| format!("{value:?}"));
            assert_eq!(found, expected, "{text}");
        }
    }
}
