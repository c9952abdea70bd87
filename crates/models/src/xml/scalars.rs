//! Numbers, texts and what travels as text, in the form that they have in JSON.

use std::borrow::Cow;
use std::fmt::Display;

use super::error::Problem;
use super::{XmlElement, XmlError, XmlReader, XmlWriter};
use crate::{DateTime, Flags, OpenEnum};

impl XmlElement for String {
    fn element_name() -> Cow<'static, str> {
        "string".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.text_element(name, self)
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        from.text()
    }
}

/// A value that `parse` reads from text without the blanks around it.
fn parsed<T>(
    from: &mut XmlReader<'_>,
    kind: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, XmlError> {
    let text = from.text()?;
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    parse(text).ok_or_else(|| from.error(Problem::Value(kind)))
}

impl XmlElement for bool {
    fn element_name() -> Cow<'static, str> {
        "boolean".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.text_element(name, if *self { "true" } else { "false" })
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        parsed(from, "boolean", |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }
}

macro_rules! number {
    ($($number:ident = $name:literal, $is_null:expr;)+) => {
        $(impl XmlElement for $number {
            fn element_name() -> Cow<'static, str> {
                $name.into()
            }

            fn is_null(&self) -> bool {
                $is_null(*self)
            }

            fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
                if self.is_null() {
                    return to.nil_element(name);
                }
                // JSON's form; no number fails.
                to.text_element(name, &serde_json::to_string(self).unwrap_or_default())
            }

            fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
                parsed(from, $name, |text| text.parse().ok().filter(|number| !$is_null(*number)))
            }
        })+
    };
}

// JSON writes what is no finite number as null.
number! {
    i32 = "int", |_: i32| false;
    i64 = "long", |_: i64| false;
    f32 = "float", |number: f32| !number.is_finite();
    f64 = "double", |number: f64| !number.is_finite();
}

impl XmlElement for DateTime {
    fn element_name() -> Cow<'static, str> {
        "dateTime".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.text_element(name, &self.to_string())
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        parsed(from, "dateTime", |text| text.parse().ok())
    }
}

impl<T: OpenEnum + Display> XmlElement for Flags<T> {
    fn element_name() -> Cow<'static, str> {
        "string".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.text_element(name, &self.to_string())
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        from.text().map(|text| Self::from(text.as_str()))
    }
}
