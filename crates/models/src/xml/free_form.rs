//! Values of which nothing is documented: an attribute says what they are in JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::Problem;
use super::{XmlElement, XmlEntries, XmlError, XmlReader, XmlWriter};
use crate::FreeForm;

/// What items of a list are called.
const ITEM: &str = "item";

impl XmlElement for Value {
    fn element_name() -> Cow<'static, str> {
        "anyType".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        match self {
            Self::String(text) => to.text_element(name, text),
            Self::Null => to.typed_element(name, Some("null"), |_| Ok(())),
            Self::Bool(_) => to.typed_element(name, Some("boolean"), |to| to.text(&self.to_string())),
            Self::Number(_) => to.typed_element(name, Some("number"), |to| to.text(&self.to_string())),
            Self::Array(items) => to.typed_element(name, Some("array"), |to| {
                items.iter().try_for_each(|item| item.write_element(ITEM, to))
            }),
            Self::Object(members) => to.typed_element(name, Some("object"), |to| members.write_entries(to)),
        }
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        let kind = from.kind();
        match kind.as_deref() {
            None | Some("string") => from.text().map(Self::String),
            Some("object") => FreeForm::read_element(from).map(|FreeForm(members)| Self::Object(members)),
            Some("array") => {
                let mut items = Vec::new();
                while let Some(found) = from.next_child()? {
                    if found != ITEM {
                        return Err(from.error(Problem::Item { expected: ITEM.to_owned(), found }));
                    }
                    items.push(Self::read_element(from).map_err(|error| error.within(ITEM))?);
                }
                Ok(Self::Array(items))
            }
            Some(kind) => {
                let text = from.text()?;
                let value = match (kind, text.trim()) {
                    ("null", "") => Some(Self::Null),
                    ("boolean", "true" | "1") => Some(Self::Bool(true)),
                    ("boolean", "false" | "0") => Some(Self::Bool(false)),
                    ("number", text) => text.parse().ok().map(Self::Number),
                    _ => None,
                };
                value.ok_or_else(|| from.error(Problem::Value("value of its `type`")))
            }
        }
    }
}

impl XmlEntries for Map<String, Value> {
    fn write_entries(&self, to: &mut XmlWriter) -> Result<(), XmlError> {
        self.iter().try_for_each(|(name, value)| value.write_element(name, to))
    }

    fn read_entry(&mut self, name: &str, from: &mut XmlReader<'_>) -> Result<(), XmlError> {
        from.check_entry(name, self.contains_key(name))?;
        let value = Value::read_element(from).map_err(|error| error.within(name))?;
        self.insert(name.to_owned(), value);
        Ok(())
    }
}

impl XmlEntries for FreeForm {
    fn write_entries(&self, to: &mut XmlWriter) -> Result<(), XmlError> {
        self.0.write_entries(to)
    }

    fn read_entry(&mut self, name: &str, from: &mut XmlReader<'_>) -> Result<(), XmlError> {
        self.0.read_entry(name, from)
    }
}

impl XmlElement for FreeForm {
    fn element_name() -> Cow<'static, str> {
        "object".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.element(name, |to| self.write_entries(to))
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        let mut members = Self::default();
        while let Some(name) = from.next_child()? {
            members.read_entry(&name, from)?;
        }
        Ok(members)
    }
}
