//! Walking over everything in a carrier that a reader's language or time zone may change.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{DateTime, Flags, FreeForm, OpenEnum};

/// Changes texts and date-times in place, wherever they stand.
pub trait Visitor {
    /// Meets a text: a string property, an item of a list or map, or a string in a [`FreeForm`].
    ///
    /// Not texts are the names of properties and maps' keys, and the words of enumerations and
    /// [`Flags`]: programs branch on them.
    fn text(&mut self, text: &mut String);

    /// Meets a date-time.
    fn date_time(&mut self, value: &mut DateTime);
}

/// What a [`Visitor`] can walk over: every carrier, and what carriers are made of.
pub trait Visit {
    /// Shows `visitor` every text and date-time, nested ones too, in the order of the properties.
    fn visit(&mut self, visitor: &mut dyn Visitor);
}

impl Visit for String {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.text(self);
    }
}

impl Visit for DateTime {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.date_time(self);
    }
}

impl<T: Visit> Visit for Option<T> {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        if let Some(value) = self {
            value.visit(visitor);
        }
    }
}

impl<T: Visit> Visit for Box<T> {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        T::visit(self, visitor);
    }
}

impl<T: Visit> Visit for Vec<T> {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        for item in self {
            item.visit(visitor);
        }
    }
}

impl<T: Visit> Visit for BTreeMap<String, T> {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        for value in self.values_mut() {
            value.visit(visitor);
        }
    }
}

impl Visit for FreeForm {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.0.visit(visitor);
    }
}

impl Visit for Map<String, Value> {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        for (_, value) in self {
            value.visit(visitor);
        }
    }
}

/// Nothing says which strings of an undocumented value are date-times, so all of them are texts.
impl Visit for Value {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        match self {
            Self::String(text) => visitor.text(text),
            Self::Array(items) => items.visit(visitor),
            Self::Object(properties) => properties.visit(visitor),
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }
}

/// The words of a set are no texts.
impl<T: OpenEnum> Visit for Flags<T> {
    fn visit(&mut self, _: &mut dyn Visitor) {}
}

/// Plain values, so that an answer may be made of them too.
macro_rules! nothing_to_visit {
    ($($ty:ty),*) => {
        $(
            impl Visit for $ty {
                fn visit(&mut self, _: &mut dyn Visitor) {}
            }
        )*
    };
}

nothing_to_visit!((), bool, i32, i64, f32, f64);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Marks what it meets.
    struct Marker;

    impl Visitor for Marker {
        fn text(&mut self, text: &mut String) {
            text.push('!');
        }

        fn date_time(&mut self, value: &mut DateTime) {
            *value = value.with_digits(1);
        }
    }

    crate::open_enum! {
        /// For the tests.
        enum Side { Left = "Left" }
    }

    #[test]
    fn every_string_of_a_free_form_is_a_text_and_no_key_is() {
        let mut value = json!({ "a": "x", "b": ["y", { "c": "z" }, null, 1, true], "d": {} });
        value.visit(&mut Marker);
        assert_eq!(value, json!({ "a": "x!", "b": ["y!", { "c": "z!" }, null, 1, true], "d": {} }));
    }

    #[test]
    fn containers_are_walked_through_and_words_of_enumerations_stay() {
        let when: DateTime = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut maps = BTreeMap::from([("key".to_owned(), vec![Some(Box::new("x".to_owned())), None])]);
        maps.visit(&mut Marker);
        assert_eq!(maps["key"], [Some(Box::new("x!".to_owned())), None]);
        let mut dates = vec![when];
        dates.visit(&mut Marker);
        assert_eq!(dates[0].to_string(), "2026-01-02T03:04:05.0Z");
        let mut words = (Side::Left, Flags::from([Side::Left]));
        words.0.visit(&mut Marker);
        words.1.visit(&mut Marker);
        assert_eq!(words, (Side::Left, Flags::from([Side::Left])));
        assert!(words.0.is_known());
    }
}
