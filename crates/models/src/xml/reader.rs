//! Reads elements one after the other, within limits.

use std::borrow::Cow;

use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader};

use super::error::Problem;
use super::writer::{is_allowed, is_name};
use super::{XmlElement, XmlEntries, XmlError};

/// How much of a document is read. The default is 1 MiB with 100,000 elements in 64 levels, each with 64 attributes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct XmlLimits {
    /// How deep elements may be nested.
    pub max_depth: usize,
    /// How many bytes the document may have.
    pub max_bytes: usize,
    /// How many elements, comments and processing instructions it may have.
    pub max_nodes: usize,
    /// How many attributes an element may have.
    pub max_attributes: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self { max_depth: 64, max_bytes: 1024 * 1024, max_nodes: 100_000, max_attributes: 64 }
    }
}

/// Reads a document element by element.
#[derive(Debug)]
pub struct XmlReader<'x> {
    source: &'x str,
    reader: Reader<&'x [u8]>,
    limits: XmlLimits,
    depth: usize,
    /// How many there were so far, as [`XmlLimits::max_nodes`] counts them.
    nodes: usize,
    /// Where what was read last begins.
    at: u64,
    /// Whether the element that was opened last says `xsi:nil="true"`.
    is_nil: bool,
    /// What the element that was opened last says with the attribute `type`.
    kind: Option<String>,
}

/// What comes next.
pub(super) enum Token<'x> {
    Start(String),
    Text(Cow<'x, str>),
    End,
    Done,
}

impl<'x> XmlReader<'x> {
    pub(super) fn new(document: &'x [u8], limits: XmlLimits) -> Result<Self, XmlError> {
        if document.len() > limits.max_bytes {
            return Err(XmlError::new(Problem::TooLarge(limits.max_bytes)));
        }
        if document.starts_with(b"\xFE\xFF") || document.starts_with(b"\xFF\xFE") {
            return Err(XmlError::new(Problem::Encoding("UTF-16".to_owned())));
        }
        let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let source = std::str::from_utf8(document).map_err(|error| {
            let valid = String::from_utf8_lossy(&document[..error.valid_up_to()]);
            XmlError::at(Problem::NotUtf8, line_and_column(&valid))
        })?;
        if let Some((at, c)) = source.char_indices().find(|(_, c)| !is_allowed(*c)) {
            return Err(XmlError::at(Problem::Character(c.into()), line_and_column(&source[..at])));
        }
        let mut reader = Reader::from_str(source);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Ok(Self { source, reader, limits, depth: 0, nodes: 0, at: 0, is_nil: false, kind: None })
    }

    /// Opens the root.
    pub(super) fn root(&mut self, expected: &str) -> Result<(), XmlError> {
        match self.token_between()? {
            Token::Start(found) if found == expected => Ok(()),
            Token::Start(found) => Err(self.error(Problem::Root { expected: expected.to_owned(), found })),
            _ => Err(self.error(Problem::NoRoot)),
        }
    }

    /// Only comments and the like follow the root.
    pub(super) fn finish(&mut self) -> Result<(), XmlError> {
        loop {
            match self.token()? {
                Token::Done => return Ok(()),
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.error(Problem::Trailing)),
            }
        }
    }

    /// Opens the next element within the current one and says its name; nothing at the current one's end.
    ///
    /// # Errors
    /// There is text, or the document is not well-formed.
    pub fn next_child(&mut self) -> Result<Option<String>, XmlError> {
        match self.token_between()? {
            Token::Start(name) => Ok(Some(name)),
            _ => Ok(None),
        }
    }

    /// The text of the current element, and its end.
    ///
    /// # Errors
    /// There is an element within it, or the document is not well-formed.
    pub fn text(&mut self) -> Result<String, XmlError> {
        let mut all = String::new();
        loop {
            match self.token()? {
                Token::Text(text) => all.push_str(&text),
                Token::Start(name) => return Err(self.error(Problem::Element(name))),
                Token::End | Token::Done => return Ok(all),
            }
        }
    }

    /// Reads the value of the property that was just opened.
    ///
    /// # Errors
    /// It was there before, or its element does not hold such a value.
    pub fn property<T: XmlElement>(&mut self, name: &str, slot: &mut Option<T>) -> Result<(), XmlError> {
        if slot.is_some() {
            return Err(self.error(Problem::Duplicate).within(name));
        }
        *slot = Some(T::read_element(self).map_err(|error| error.within(name))?);
        Ok(())
    }

    /// Reads the property that was just opened and is not documented. Says that it did.
    ///
    /// # Errors
    /// It was there before, or its element does not hold such a value.
    pub fn entry<T: XmlEntries>(&mut self, name: &str, entries: &mut T) -> Result<bool, XmlError> {
        entries.read_entry(name, self).map(|()| true)
    }

    /// Whether a property of this name, whose element was just opened, may be added to those that are not documented.
    ///
    /// # Errors
    /// It was there before, or its name has a prefix, with which it could not be written again.
    pub(super) fn check_entry(&self, name: &str, is_there: bool) -> Result<(), XmlError> {
        if is_there {
            return Err(self.error(Problem::Duplicate).within(name));
        }
        if is_name(name) { Ok(()) } else { Err(self.error(Problem::Name(name.to_owned()))) }
    }

    /// The value of a property once all elements are read.
    ///
    /// # Errors
    /// It must be there and is not.
    pub fn required<T: XmlElement>(&self, name: &str, slot: Option<T>) -> Result<T, XmlError> {
        slot.or_else(T::missing).ok_or_else(|| self.error(Problem::Missing).within(name))
    }

    /// Passes over the element that was just opened.
    ///
    /// # Errors
    /// The document is not well-formed.
    pub fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.token()?;
        }
        Ok(())
    }

    /// Whether the element that was just opened says that it has no value.
    pub fn is_nil(&self) -> bool {
        self.is_nil
    }

    pub(super) fn kind(&mut self) -> Option<String> {
        self.kind.take()
    }

    /// An error at the place of what was read last.
    pub(super) fn error(&self, problem: Problem) -> XmlError {
        let offset = usize::try_from(self.at).unwrap_or(usize::MAX);
        let before = self.source.get(..offset).unwrap_or(self.source);
        XmlError::at(problem, line_and_column(before))
    }

    /// What comes next but blanks.
    fn token_between(&mut self) -> Result<Token<'x>, XmlError> {
        loop {
            match self.token()? {
                Token::Text(text) if is_blank(&text) => {}
                Token::Text(_) => return Err(self.error(Problem::Text)),
                token => return Ok(token),
            }
        }
    }

    pub(super) fn token(&mut self) -> Result<Token<'x>, XmlError> {
        loop {
            self.at = self.reader.buffer_position();
            let event = self.reader.read_event().map_err(|error| self.syntax(&error))?;
            return Ok(match event {
                Event::Start(start) | Event::Empty(start) => self.start(&start)?,
                Event::End(_) => {
                    self.depth -= 1;
                    Token::End
                }
                Event::Text(text) => Token::Text(text.xml10_content()),
                // Outside of the root these are no text.
                Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                    return Err(self.error(Problem::Text));
                }
                Event::CData(text) => Token::Text(text.xml10_content()),
                Event::GeneralRef(entity) => Token::Text(self.resolve(&entity)?),
                Event::DocType(_) => return Err(self.error(Problem::DocumentType)),
                Event::Decl(declaration) => {
                    self.check_declaration(&declaration)?;
                    continue;
                }
                Event::Comment(_) | Event::PI(_) => {
                    self.count_node()?;
                    continue;
                }
                Event::Eof if self.depth > 0 => return Err(self.error(Problem::Ended)),
                Event::Eof => Token::Done,
            });
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<Token<'x>, XmlError> {
        if self.depth >= self.limits.max_depth {
            return Err(self.error(Problem::TooDeep(self.limits.max_depth)));
        }
        self.count_node()?;
        let name = start.name();
        let name = name.as_ref();
        // A prefix is a name too.
        if !name.split_once(':').map_or_else(|| is_name(name), |(prefix, local)| is_name(prefix) && is_name(local)) {
            return Err(self.error(Problem::Name(name.to_owned())));
        }
        self.depth += 1;
        (self.is_nil, self.kind) = (false, None);
        for (index, attribute) in start.attributes().enumerate() {
            // Each is compared with those before it: very many would take very long.
            if index >= self.limits.max_attributes {
                return Err(self.error(Problem::TooManyAttributes(self.limits.max_attributes)));
            }
            let attribute = attribute.map_err(|error| self.syntax(&error.into()))?;
            let value =
                attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|error| self.syntax(&error))?;
            match attribute.key.as_ref() {
                "type" => self.kind = Some(value.trim().to_owned()),
                // Whatever the prefix of the namespace is.
                key if key.ends_with(":nil") => self.is_nil = matches!(value.trim(), "true" | "1"),
                _ => {}
            }
        }
        Ok(Token::Start(name.to_owned()))
    }

    fn count_node(&mut self) -> Result<(), XmlError> {
        self.nodes += 1;
        match self.nodes > self.limits.max_nodes {
            true => Err(self.error(Problem::TooManyNodes(self.limits.max_nodes))),
            false => Ok(()),
        }
    }

    /// One of the five entities, or a character by its number.
    fn resolve(&self, entity: &BytesRef<'_>) -> Result<Cow<'x, str>, XmlError> {
        let by_number = entity.resolve_char_ref().map_err(|error| self.syntax(&error))?;
        if let Some(c) = by_number {
            let allowed = is_allowed(c).then(|| Cow::Owned(c.to_string()));
            return allowed.ok_or_else(|| self.error(Problem::Character(c.into())));
        }
        let name = entity.xml10_content();
        match quick_xml::escape::resolve_xml_entity(&name) {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => Err(self.error(Problem::Entity(name.into_owned()))),
        }
    }

    fn check_declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
        if self.at > 0 {
            return Err(self.error(Problem::Syntax("the XML declaration does not come first".to_owned())));
        }
        let version = declaration.version().map_err(|error| self.syntax(&error))?;
        if version != "1.0" {
            return Err(self.error(Problem::Version));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
            Some(Ok(name)) => Err(self.error(Problem::Encoding(name.into_owned()))),
            Some(Err(error)) => Err(self.syntax(&error.into())),
        }
    }

    fn syntax(&self, error: &Error) -> XmlError {
        self.error(Problem::Syntax(match error {
            // What stands where an end tag's name should may be half the document.
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, .. }) => {
                format!("the element `{expected}` does not end with a tag of its own")
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an end tag belongs to no element".to_owned(),
            error => error.to_string(),
        }))
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}

/// Both from 1; columns count characters.
fn line_and_column(before: &str) -> (usize, usize) {
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
