//! Carriers as XML 1.0, in the shape that the `xml` metadata of `openapi.yaml` describes.
//!
//! - The root is called after the carrier, a list's root `ArrayOf` and the name of its items.
//! - A property is an element of its name; one that is null is left out.
//! - A list is an element that holds one a item, called after the item's type; scalars are called as
//!   in XML Schema: `string`, `int`, `long`, `double`, `float`, `boolean`, `dateTime`.
//! - A map is an element that holds one a key: `<FieldProperties><Rank>…</Rank></FieldProperties>`.
//! - Where null has a place of its own, as an item or a map's value, the element says `xsi:nil="true"`.
//! - Scalars have the form that they have in JSON.
//! - What is not documented ([`FreeForm`](crate::FreeForm)) says with the attribute `type` what it is in JSON (`number`,
//!   `boolean`, `null`, `object`, `array`) unless it is text; items are called `item`.
//!
//! What XML cannot carry is refused, never altered: most control characters, and keys of maps that
//! are no XML names (blanks, colons, a digit in front).
//!
//! Reading takes no document type and no entities but the five predefined ones, and has
//! [limits](XmlLimits). Elements that are not documented are passed over, attributes too.

mod collections;
mod error;
mod free_form;
mod list;
mod reader;
mod scalars;
mod writer;

use std::borrow::Cow;

pub use collections::XmlEntries;
pub use error::XmlError;
pub use list::XmlList;
pub use reader::{XmlLimits, XmlReader};
pub use writer::XmlWriter;

/// A value that an element can hold.
pub trait XmlElement: Sized {
    /// What the element is called where nothing else names it: as a root, and as an item of a list.
    fn element_name() -> Cow<'static, str>;

    /// Whether a property with this value is left out.
    fn is_null(&self) -> bool {
        false
    }

    /// Writes the element.
    ///
    /// # Errors
    /// XML cannot carry the value.
    fn write_element(&self, name: &str, to: &mut XmlWriter) -> Result<(), XmlError>;

    /// Reads what the element that was just opened holds, and its end.
    ///
    /// # Errors
    /// The element does not hold such a value, or the text is not XML.
    fn read_element(from: &mut XmlReader<'_>) -> Result<Self, XmlError>;

    /// The value of a property that has no element; nothing where it must have one.
    fn missing() -> Option<Self> {
        None
    }
}

/// A whole document, in UTF-8.
///
/// # Errors
/// XML cannot carry the value; the error names the property.
pub fn to_xml<T: XmlElement>(value: &T) -> Result<String, XmlError> {
    let mut writer = XmlWriter::new();
    value.write_element(&T::element_name(), &mut writer)?;
    Ok(writer.finish())
}

/// The value of a whole document in UTF-8.
///
/// # Errors
/// - The text is not well-formed XML 1.0 in UTF-8, has a document type or an unknown entity, or is beyond the limits.
/// - The root is called otherwise.
/// - An element is there twice, is missing, or does not hold what its property may be.
pub fn from_xml<T: XmlElement>(document: &[u8], limits: XmlLimits) -> Result<T, XmlError> {
    let mut reader = XmlReader::new(document, limits)?;
    let name = T::element_name();
    reader.root(&name)?;
    let value = T::read_element(&mut reader).map_err(|error| error.within(&name))?;
    reader.finish()?;
    Ok(value)
}

/// The first character of a text that XML 1.0 cannot carry: most control characters, U+FFFE and U+FFFF.
///
/// ```
/// assert_eq!(chat_models::xml::uncarried("tab\tand\nline end"), None);
/// assert_eq!(chat_models::xml::uncarried("bell\u{7}"), Some('\u{7}'));
/// ```
pub fn uncarried(text: &str) -> Option<char> {
    text.chars().find(|c| !writer::is_allowed(*c))
}

/// Makes a carrier an element. For generated code.
///
/// Named fields: `Carrier = "ElementName" { field = "ElementName", … }`, and `.. field` for further
/// properties; a type around another: `Carrier = "ElementName" (..)`.
#[macro_export]
macro_rules! xml_element {
    ($carrier:ident = $name:literal { $($field:ident = $element:literal),* $(,)? } $(.. $rest:ident)?) => {
        impl $crate::xml::XmlElement for $carrier {
            fn element_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed($name)
            }

            fn write_element(
                &self,
                name: &str,
                to: &mut $crate::xml::XmlWriter,
            ) -> ::std::result::Result<(), $crate::xml::XmlError> {
                to.element(name, |to| {
                    $(to.property($element, &self.$field)?;)*
                    $(to.entries(&self.$rest)?;)?
                    ::std::result::Result::Ok(())
                })
            }

            fn read_element(
                from: &mut $crate::xml::XmlReader<'_>,
            ) -> ::std::result::Result<Self, $crate::xml::XmlError> {
                $(let mut $field = ::std::option::Option::None;)*
                $(let mut $rest = ::std::default::Default::default();)?
                while let ::std::option::Option::Some(child) = from.next_child()? {
                    match &*child {
                        $($element => from.property(&child, &mut $field)?,)*
                        _ => {
                            $(if from.entry(&child, &mut $rest)? { continue; })?
                            from.skip()?;
                        }
                    }
                }
                ::std::result::Result::Ok(Self {
                    $($field: from.required($element, $field)?,)*
                    $($rest,)?
                })
            }
        }
    };
    ($carrier:ident = $name:literal (..)) => {
        impl $crate::xml::XmlElement for $carrier {
            fn element_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed($name)
            }

            fn write_element(
                &self,
                name: &str,
                to: &mut $crate::xml::XmlWriter,
            ) -> ::std::result::Result<(), $crate::xml::XmlError> {
                $crate::xml::XmlElement::write_element(&self.0, name, to)
            }

            fn read_element(
                from: &mut $crate::xml::XmlReader<'_>,
            ) -> ::std::result::Result<Self, $crate::xml::XmlError> {
                $crate::xml::XmlElement::read_element(from).map(Self)
            }
        }
    };
}

#[cfg(test)]
mod tests;
