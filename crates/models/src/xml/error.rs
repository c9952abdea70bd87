//! What XML cannot carry, and what is wrong with a document.

use std::error::Error;
use std::fmt;

/// Why a value cannot be written as XML, or a document cannot be read.
///
/// Says where: the property, and in a document line and column. Never what stands there, which may be personal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct XmlError {
    pub(super) problem: Problem,
    /// From the innermost element outwards.
    path: Vec<String>,
    /// Line and column, both from 1.
    position: Option<(usize, usize)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Problem {
    Character(u32),
    Name(String),
    NotUtf8,
    Encoding(String),
    Version,
    Syntax(String),
    DocumentType,
    Entity(String),
    TooDeep(usize),
    TooLarge(usize),
    TooManyNodes(usize),
    TooManyAttributes(usize),
    Ended,
    Root { expected: String, found: String },
    NoRoot,
    Trailing,
    Text,
    Element(String),
    Item { expected: String, found: String },
    Duplicate,
    Missing,
    Value(&'static str),
}

impl XmlError {
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, path: Vec::new(), position: None }
    }

    pub(super) fn at(problem: Problem, position: (usize, usize)) -> Self {
        Self { problem, path: Vec::new(), position: Some(position) }
    }

    /// The same error, seen from the element around.
    pub(super) fn within(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }

    /// The names of the elements from the root to the one that is meant, joined with dots; empty where the document as a
    /// whole is meant.
    pub fn path(&self) -> String {
        self.path.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// Line and column of a document that was read, both from 1; columns count characters.
    pub fn position(&self) -> Option<(usize, usize)> {
        self.position
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(code) => write!(f, "XML cannot carry the character U+{code:04X}"),
            Self::Name(name) => write!(f, "`{}` is no name of an XML element", name.escape_debug()),
            Self::NotUtf8 => f.write_str("the text is not UTF-8"),
            Self::Encoding(name) => write!(f, "only UTF-8 is read, not `{}`", name.escape_debug()),
            Self::Version => f.write_str("only XML 1.0 is read"),
            Self::Syntax(why) => write!(f, "not well-formed: {}", why.replace(char::is_control, " ")),
            Self::DocumentType => f.write_str("a document type is not allowed"),
            Self::Entity(name) => write!(f, "the entity `{}` is not known", name.escape_debug()),
            Self::TooDeep(limit) => write!(f, "elements are nested more than {limit} deep"),
            Self::TooLarge(limit) => write!(f, "the document has more than {limit} bytes"),
            Self::TooManyNodes(limit) => write!(f, "there are more than {limit} elements"),
            Self::TooManyAttributes(limit) => write!(f, "an element has more than {limit} attributes"),
            Self::Ended => f.write_str("the document ends within an element"),
            Self::Root { expected, found } => {
                write!(f, "the root element is `{}`, not `{expected}`", found.escape_debug())
            }
            Self::NoRoot => f.write_str("there is no root element"),
            Self::Trailing => f.write_str("something stands after the root element"),
            Self::Text => f.write_str("text stands where only elements may"),
            Self::Element(name) => write!(f, "the element `{}` stands where only text may", name.escape_debug()),
            Self::Item { expected, found } => write!(f, "an item is `{}`, not `{expected}`", found.escape_debug()),
            Self::Duplicate => f.write_str("the element is there twice"),
            Self::Missing => f.write_str("the element is missing"),
            Self::Value(kind) => write!(f, "not a valid {kind}"),
        }
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, path, position } = self;
        if !path.is_empty() {
            write!(f, "`{}`: ", self.path().escape_debug())?;
        }
        write!(f, "{problem}")?;
        position.map_or(Ok(()), |(line, column)| write!(f, " at line {line} column {column}"))
    }
}

impl Error for XmlError {}
