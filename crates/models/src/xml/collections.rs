//! Lists, maps, and values that may be null.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::error::Problem;
use super::{XmlElement, XmlError, XmlReader, XmlWriter};

/// Properties by name, each an element.
pub trait XmlEntries {
    /// Writes an element a property.
    ///
    /// # Errors
    /// A name is none in XML, or XML cannot carry a value.
    fn write_entries(&self, to: &mut XmlWriter) -> Result<(), XmlError>;

    /// Reads the property that was just opened.
    ///
    /// # Errors
    /// It was there before, or its element does not hold such a value.
    fn read_entry(&mut self, name: &str, from: &mut XmlReader<'_>) -> Result<(), XmlError>;
}

impl<T: XmlElement> XmlEntries for BTreeMap<String, T> {
    fn write_entries(&self, to: &mut XmlWriter) -> Result<(), XmlError> {
        self.iter().try_for_each(|(name, value)| value.write_element(name, to))
    }

    fn read_entry(&mut self, name: &str, from: &mut XmlReader<'_>) -> Result<(), XmlError> {
        from.check_entry(name, self.contains_key(name))?;
        let value = T::read_element(from).map_err(|error| error.within(name))?;
        self.insert(name.to_owned(), value);
        Ok(())
    }
}

impl<T: XmlElement> XmlElement for BTreeMap<String, T> {
    fn element_name() -> Cow<'static, str> {
        "map".into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        to.element(name, |to| self.write_entries(to))
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        let mut entries = Self::new();
        while let Some(name) = from.next_child()? {
            entries.read_entry(&name, from)?;
        }
        Ok(entries)
    }
}

impl<T: XmlElement> XmlElement for Vec<T> {
    fn element_name() -> Cow<'static, str> {
        format!("ArrayOf{}", T::element_name()).into()
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        let item_name = T::element_name();
        to.element(name, |to| self.iter().try_for_each(|item| item.write_element(&item_name, to)))
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        let expected = T::element_name();
        let mut items = Self::new();
        while let Some(found) = from.next_child()? {
            if found != expected {
                return Err(from.error(Problem::Item { expected: expected.into_owned(), found }));
            }
            items.push(T::read_element(from).map_err(|error| error.within(&found))?);
        }
        Ok(items)
    }
}

impl<T: XmlElement> XmlElement for Option<T> {
    fn element_name() -> Cow<'static, str> {
        T::element_name()
    }

    fn is_null(&self) -> bool {
        self.as_ref().is_none_or(T::is_null)
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        match self {
            Some(value) => value.write_element(name, to),
            None => to.nil_element(name),
        }
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        if !from.is_nil() {
            return T::read_element(from).map(Some);
        }
        match from.next_child()? {
            None => Ok(None),
            Some(name) => Err(from.error(Problem::Element(name))),
        }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: XmlElement> XmlElement for Box<T> {
    fn element_name() -> Cow<'static, str> {
        T::element_name()
    }

    fn is_null(&self) -> bool {
        T::is_null(self)
    }

    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError> {
        T::write_element(self, name, to)
    }

    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError> {
        T::read_element(from).map(Self::new)
    }

    fn missing() -> Option<Self> {
        T::missing().map(Self::new)
    }
}
