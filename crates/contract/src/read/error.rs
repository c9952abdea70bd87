//! What can be wrong with a document, and what is worth knowing about one that can be read.

use std::fmt;

/// A document that cannot be read as a contract.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{problem}{}", Place(.pointer, *.position))]
pub struct ReadError {
    /// Where: a JSON pointer as a fragment, `#/paths/~1a/get`. Empty for a text that is no JSON
    /// or YAML.
    pub pointer: String,
    /// The same in the text, where a text was read.
    pub position: Option<Position>,
    /// What.
    pub problem: Problem,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The first is 1.
    pub line: usize,
    /// The first is 1; counted in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where something stands, as the end of a sentence.
struct Place<'a>(&'a str, Option<Position>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(pointer, position) = self;
        if !pointer.is_empty() {
            write!(f, ", at `{pointer}`")?;
        }
        match position {
            Some(Position { line, column }) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

/// The causes of a [`ReadError`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The text is neither JSON nor YAML.
    #[error("{message}")]
    Syntax {
        /// What its reader says.
        message: String,
    },
    /// Neither OpenAPI 3.0 nor 3.1 nor Swagger 2.0.
    #[error("{found} is not a version that can be read: OpenAPI 3.0 and 3.1 and Swagger 2.0 are")]
    Version {
        /// What the document says it is.
        found: String,
    },
    /// A member that the specification requires is absent.
    #[error("missing member `{member}`")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A value of another JSON type or of an unknown word.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What can stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A reference to something that the document does not have.
    #[error("reference to `{target}`, which does not exist")]
    Dangling {
        /// The reference as written.
        target: String,
    },
    /// A reference that leads out of the document.
    #[error("reference to `{target}`, which is outside this document: bundle the documents into one first")]
    External {
        /// The reference as written.
        target: String,
    },
    /// References that lead back to where they began.
    #[error("reference to `{target}` leads back to itself")]
    Circular {
        /// The reference as written.
        target: String,
    },
    /// Nesting beyond what people write.
    #[error("schemas nest more than {limit} levels deep")]
    TooDeep {
        /// How deep they may.
        limit: usize,
    },
    /// Two operations with one id.
    #[error("the operation id `{id}` is used twice, first at `{first}`")]
    DuplicateId {
        /// The id.
        id: String,
        /// The pointer to the other operation.
        first: String,
    },
}

/// Something about a document that its reader should know although it could be read.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Note {
    /// Where: a JSON pointer as a fragment.
    pub pointer: String,
    /// The same in the text, where a text was read.
    pub position: Option<Position>,
    /// What became of it.
    pub kind: NoteKind,
    /// In lower case, without a final period.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, Place(&self.pointer, self.position))
    }
}

/// What became of that which a [`Note`] is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NoteKind {
    /// The document does not say, so something was assumed.
    Assumed,
    /// It is in the contract, but in another place or under another name.
    Moved,
    /// It is not in the contract.
    LeftOut,
    /// The specification forbids it; it was read as it is meant.
    Invalid,
}

impl NoteKind {
    /// A word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Moved => "moved",
            Self::LeftOut => "left-out",
            Self::Invalid => "invalid",
        }
    }
}
