//! Sets of values that travel as one text.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::OpenEnum;

/// A set of values, joined with `, ` where it is written: `Select, Update`.
///
/// Order is kept, and so is a value that is not documented. Nothing at all is the empty text.
///
/// ```
/// use chat_models::{Flags, TableRightMask};
///
/// let mask: Flags<TableRightMask> = [TableRightMask::Select, TableRightMask::Update].into();
/// assert_eq!(mask.to_string(), "Select, Update");
/// assert!(mask.contains(&TableRightMask::Select));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Flags<T>(Vec<T>);

impl<T> Flags<T> {
    /// No value.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The values in the order in which they are written.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The values in the order in which they are written.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: PartialEq> Flags<T> {
    /// Whether `value` is in the set.
    pub fn contains(&self, value: &T) -> bool {
        self.0.contains(value)
    }

    /// Adds `value` at the end unless it is there; says whether it was added.
    pub fn insert(&mut self, value: T) -> bool {
        let is_new = !self.contains(&value);
        if is_new {
            self.0.push(value);
        }
        is_new
    }

    /// Takes `value` out; says whether it was there.
    pub fn remove(&mut self, value: &T) -> bool {
        let before = self.0.len();
        self.0.retain(|other| other != value);
        self.0.len() < before
    }
}

impl<T> Default for Flags<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: PartialEq> FromIterator<T> for Flags<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut flags = Self::new();
        for value in values {
            flags.insert(value);
        }
        flags
    }
}

impl<T: PartialEq, const N: usize> From<[T; N]> for Flags<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> IntoIterator for Flags<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Flags<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: OpenEnum> From<&str> for Flags<T> {
    fn from(text: &str) -> Self {
        let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
        values.map(|value| T::from(value.to_owned())).collect()
    }
}

impl<T: OpenEnum> FromStr for Flags<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl<T: fmt::Display> fmt::Display for Flags<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{value}")?;
        }
        Ok(())
    }
}

impl<T: fmt::Display> Serialize for Flags<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: OpenEnum> Deserialize<'de> for Flags<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

#[cfg(feature = "utoipa")]
impl<T: OpenEnum> utoipa::PartialSchema for Flags<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, Type, extensions::ExtensionsBuilder};
        let extensions = ExtensionsBuilder::new().add("x-flags", serde_json::json!(T::VALUES)).build();
        ObjectBuilder::new().schema_type(Type::String).extensions(Some(extensions)).into()
    }
}

#[cfg(feature = "utoipa")]
impl<T: OpenEnum> utoipa::ToSchema for Flags<T> {}

#[cfg(feature = "schemars")]
impl<T: OpenEnum> schemars::JsonSchema for Flags<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Flags".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-flags": T::VALUES })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::open_enum! {
        /// For the tests.
        enum Side { Left = "Left", Right = "Right" }
    }

    #[test]
    fn texts_go_both_ways() {
        for (text, values, written) in [
            ("", vec![], ""),
            ("Left", vec![Side::Left], "Left"),
            ("Right, Left", vec![Side::Right, Side::Left], "Right, Left"),
            ("Left,Left , Right", vec![Side::Left, Side::Right], "Left, Right"),
            ("Left, Up", vec![Side::Left, Side::Other("Up".to_owned())], "Left, Up"),
        ] {
            let flags: Flags<Side> = serde_json::from_value(text.into()).unwrap();
            assert_eq!(flags.as_slice(), values, "{text}");
            assert_eq!(serde_json::to_value(&flags).unwrap(), written);
            assert_eq!(flags.iter().all(Side::is_known), !text.contains("Up"));
        }
    }

    #[test]
    fn a_value_is_there_once() {
        let mut flags = Flags::from([Side::Left, Side::Left]);
        assert!(!flags.insert(Side::Left) && flags.insert(Side::Right));
        assert_eq!(flags.len(), 2);
        assert!(flags.remove(&Side::Left) && !flags.remove(&Side::Left));
        assert_eq!(flags.into_iter().collect::<Vec<_>>(), [Side::Right]);
    }
}
