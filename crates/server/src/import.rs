//! Filling a database from a file: users, topics with their members, sessions, and the records that sessions link to.
//!
//! Three steps: [`Document::read`] understands the file, [`plan()`] checks it against itself and against what the
//! database holds, and [`Store::import`](crate::store::Store::import) writes all of it or nothing. The first two report
//! every problem that they find, each with its place.

mod batch;
mod document;
mod hours;
mod people;
mod plan;
mod read;
mod sessions;
mod topics;

use std::fmt;
use std::path::Path;

pub use self::batch::{Batch, NewMember, NewRecord, NewSession, NewTopic, Ref, TopicWaits};
pub use self::document::{
    CustomerEntry, Day, Document, HoursEntry, MemberEntry, MessageEntry, Moment, Permission, SessionEntry, TopicEntry,
    UserEntry, Writer,
};
pub use self::hours::{check_time_zone, overlap, parse_time};
pub use self::people::{EMPLOYEE, check_user_name};
pub use self::plan::{Surroundings, plan};
pub use self::topics::check_topic_name;

/// The demonstration data, in the format of an import file.
pub const DEMO: &str = include_str!("../demo.toml");

/// The JSON Schema of import files, as committed in `import.schema.json`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(document::DocumentSchema);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// The notations of an import file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

impl Format {
    /// The notation that a file's extension stands for.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Where something stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The keys that lead there, such as `sessions[2].topic`; empty for the file as a whole.
    pub path: String,
    /// The line, where the notation tells.
    pub line: Option<usize>,
}

impl Place {
    /// A key below this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, line: self.line }
    }

    /// An item below this place.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), line: self.line }
    }
}

/// Something in a file, and where.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// Where it stands.
    pub place: Place,
    /// What stands there.
    pub value: T,
}

/// Something in a file that a person has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.place.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.path.is_empty() {
            write!(f, "{}: ", self.place.path)?;
        }
        f.write_str(&self.message)
    }
}

/// All that is wrong with a file; never empty when it is returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Notes one more.
    fn add(&mut self, place: Place, message: impl Into<String>) {
        self.0.push(Problem { place, message: message.into() });
    }

    /// `value`, unless something is wrong.
    fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 problem, nothing was imported")?,
            count => write!(f, "{count} problems, nothing was imported")?,
        }
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
