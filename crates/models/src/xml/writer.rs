//! Writes elements.

use super::error::Problem;
use super::{XmlElement, XmlEntries, XmlError};

/// The namespace of `xsi:nil`.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Writes a document element by element.
#[derive(Debug)]
pub struct XmlWriter {
    text: String,
}

impl XmlWriter {
    pub(super) fn new() -> Self {
        Self { text: String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>") }
    }

    /// Writes elements that do not begin a document.
    pub(super) fn part() -> Self {
        Self { text: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// The beginning of an element whose name is one, and whose end is written elsewhere.
    pub(super) fn open(&mut self, name: &str) {
        self.text.extend(["<", name, ">"]);
    }

    /// An element with what `content` writes in it.
    ///
    /// # Errors
    /// The name is none, or `content` fails.
    pub fn element(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Self) -> Result<(), XmlError>,
    ) -> Result<(), XmlError> {
        self.typed_element(name, None, content)
    }

    /// An element with what `content` writes in it, and the attribute `type`.
    pub(super) fn typed_element(
        &mut self,
        name: &str,
        kind: Option<&str>,
        content: impl FnOnce(&mut Self) -> Result<(), XmlError>,
    ) -> Result<(), XmlError> {
        check_name(name)?;
        self.text.push('<');
        self.text.push_str(name);
        if let Some(kind) = kind {
            self.text.push_str(" type=\"");
            self.text.push_str(kind);
            self.text.push('"');
        }
        self.text.push('>');
        let start = self.text.len();
        content(self).map_err(|error| error.within(name))?;
        if self.text.len() == start {
            self.text.insert(start - 1, '/');
            return Ok(());
        }
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
        Ok(())
    }

    /// The element of a property, which is left out where it is null.
    ///
    /// # Errors
    /// XML cannot carry the value.
    pub fn property<T: XmlElement>(&mut self, name: &str, value: &T) -> Result<(), XmlError> {
        if value.is_null() { Ok(()) } else { value.write_element(name, self) }
    }

    /// The elements of properties that are not documented.
    ///
    /// # Errors
    /// A name is none in XML, or XML cannot carry a value.
    pub fn entries<T: XmlEntries>(&mut self, entries: &T) -> Result<(), XmlError> {
        entries.write_entries(self)
    }

    /// An element that holds nothing but this text. Blanks stay, also at both ends.
    ///
    /// # Errors
    /// The text has a character that XML cannot carry.
    pub fn text_element(&mut self, name: &str, text: &str) -> Result<(), XmlError> {
        self.element(name, |to| to.text(text))
    }

    /// An element that says that there is no value.
    ///
    /// # Errors
    /// The name is none.
    pub fn nil_element(&mut self, name: &str) -> Result<(), XmlError> {
        check_name(name)?;
        self.text.extend(["<", name, " xmlns:xsi=\"", INSTANCE, "\" xsi:nil=\"true\"/>"]);
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), XmlError> {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                // Plain, it would be read as a line feed.
                '\r' => self.text.push_str("&#13;"),
                c if is_allowed(c) => self.text.push(c),
                c => return Err(XmlError::new(Problem::Character(c.into()))),
            }
        }
        Ok(())
    }
}

/// XML 1.0, production 2 (Char).
pub(super) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

pub(super) fn check_name(name: &str) -> Result<(), XmlError> {
    if is_name(name) { Ok(()) } else { Err(XmlError::new(Problem::Name(name.to_owned()))) }
}

/// XML 1.0, production 5 (Name), without the colon, which would make a prefix of what precedes it.
pub(super) fn is_name(name: &str) -> bool {
    let is_start = |c: char| {
        matches!(c, 'A'..='Z' | 'a'..='z' | '_'
            | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
    };
    let is_inner = |c: char| {
        is_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
    };
    name.starts_with(is_start) && name.chars().all(is_inner)
}
