//! What a generator cannot turn into Rust.

use std::fmt;

/// Everything that keeps a contract from becoming Rust code, so that it can be mended at once.
#[derive(Debug)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    /// What stands in the way, in the order of the contract; at least one entry.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// `Ok` without problems, else an error that names them all.
    ///
    /// # Errors
    /// Where `problems` is not empty.
    pub fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// One thing that cannot become Rust code.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Two names that differ in the contract are the same in Rust.
    #[error("{place}: `{first}` and `{second}` both become `{rust}` in Rust")]
    Collision {
        /// What holds the two: `schemas`, `operation `x``, ….
        place: String,
        /// The name that comes first in the contract.
        first: String,
        /// The other one.
        second: String,
        /// What both become.
        rust: String,
    },
    /// A reference to a component that is not there.
    #[error("{place}: there is no component `{name}`")]
    DanglingReference {
        /// Where the reference stands.
        place: String,
        /// The component that is missing.
        name: String,
    },
    /// Two operations that a router cannot tell apart.
    #[error(
        "operation `{operation}`: `{request}` is the same to a router as `{earlier_request}` of operation `{earlier}`"
    )]
    SameRoute {
        /// The operation that comes second.
        operation: String,
        /// Its method and path.
        request: String,
        /// Where it stands in the contract, as a JSON pointer.
        pointer: String,
        /// The operation that comes first.
        earlier: String,
        /// The method and path of that one.
        earlier_request: String,
    },
    /// Something that has no form in the generated code.
    #[error("{place}: {what}")]
    Unsupported {
        /// Where it stands.
        place: String,
        /// What it is, in lower case without a final period.
        what: String,
    },
    /// A generator made something that is not Rust: a fault of the generator, not of the contract.
    #[error("internal error in the generator of `{file}`: {message}")]
    Internal {
        /// The file that was to be written.
        file: String,
        /// What went wrong.
        message: String,
    },
}

impl Problem {
    /// Where it stands in the contract, as a JSON pointer; none where a name in the message says it.
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::SameRoute { pointer, .. } => Some(pointer),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::SameRoute { .. } => Some("give one of the two another path, or leave it out; an overlay can do that"),
            _ => None,
        }
    }

    /// A [`Problem::Unsupported`].
    pub fn unsupported(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Unsupported { place: place.into(), what: what.into() }
    }

    /// A [`Problem::Internal`].
    pub fn internal(file: impl Into<String>, message: impl fmt::Display) -> Self {
        Self::Internal { file: file.into(), message: message.to_string() }
    }
}
