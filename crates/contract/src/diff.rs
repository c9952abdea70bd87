//! What changed between two contracts, and whom it breaks.
//!
//! Both sides are walked together from their operations on, so that schemas meet by where they are
//! used, whatever they are called (`components`), and every fact is judged in the directions in
//! which its value travels (`rules`). The same contract in two forms has no changes.

mod collect;
mod components;
mod drift;
mod families;
mod media_types;
mod messages;
mod nulls;
mod operations;
mod operations_support;
mod parameters;
mod place;
mod reach;
pub mod rules;
mod schema;
mod security;
mod security_schemes;
mod servers;
mod statuses;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::model::{Contract, Operation};
pub use drift::Drift;
pub use place::{Anchor, Place, Spot};
pub use rules::{Rule, Verdict};

/// Which way a value travels.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Callers send it.
    Request,
    /// Callers receive it.
    Response,
    /// Both.
    Both,
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Request => "in requests",
            Self::Response => "in answers",
            Self::Both => "in requests and answers",
        })
    }
}

/// Whether both sides say which values may be null.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Nullability {
    /// They do, so that a difference is a change.
    #[default]
    Compared,
    /// One of them is a Swagger 2.0 document, which has no word for it.
    Unsaid,
}

/// One thing that changed, however many places show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// How it is judged; of a value that travels both ways, the graver rule.
    pub rule: &'static Rule,
    /// The rule of the other direction, where a value travels both ways.
    pub also: Option<&'static Rule>,
    /// Which way the value travels; `None` where it is not about a value.
    pub direction: Option<Direction>,
    /// What changed: a parameter, property, operation, with its name.
    pub subject: String,
    /// What the base says, where there is something to say.
    pub base: Option<String>,
    /// What the revision says.
    pub revision: Option<String>,
    /// Where; at least one. The first has the subject.
    pub places: Vec<Place>,
    /// The ids of the operations that it touches, in the revision's order; removed ones are of the
    /// base. Changes that touch the same ones share the list.
    pub operations: OperationIds,
}

/// Ids of operations, in order. Cheap to clone: thousands of changes may touch the same thousands.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct OperationIds(#[serde(serialize_with = "as_list")] Arc<[String]>);

fn as_list<S: serde::Serializer>(ids: &Arc<[String]>, serializer: S) -> Result<S::Ok, S::Error> {
    ids[..].serialize(serializer)
}

impl std::ops::Deref for OperationIds {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for OperationIds {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl Change {
    /// The judgement.
    pub fn verdict(&self) -> Verdict {
        self.rule.verdict
    }

    /// What the sides say, in one line; empty where the rule says it all.
    pub fn values(&self) -> String {
        match (&self.base, &self.revision) {
            (Some(base), Some(revision)) => format!("{base} → {revision}"),
            (Some(only), None) | (None, Some(only)) => only.clone(),
            (None, None) => String::new(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}[{}]: {}", self.rule.verdict, self.rule.code, self.subject)?;
        let values = self.values();
        if values.is_empty() { Ok(()) } else { write!(formatter, ": {values}") }
    }
}

/// Everything that changed from `base` to `revision`, the gravest first; within a verdict in the
/// order of the rules, and of the revision. Nothing for equal contracts, in whatever form.
pub fn compare(base: &Contract, revision: &Contract) -> Vec<Change> {
    compare_with(base, revision, Nullability::Compared)
}

/// The same, where a side may not be able to say whether values may be null.
pub fn compare_with(base: &Contract, revision: &Contract, nullability: Nullability) -> Vec<Change> {
    finished(components::Comparison::new(base, revision, nullability))
}

fn finished(mut comparison: components::Comparison<'_>) -> Vec<Change> {
    operations::compare(&mut comparison);
    components::finish(&mut comparison);
    collect::changes(comparison)
}

/// The operations of both sides that are the same, in the order of the revision, then those that
/// are gone. One side is `None` where an operation is new or gone.
pub fn same_operations<'c>(
    base: &'c Contract,
    revision: &'c Contract,
) -> Vec<(Option<&'c Operation>, Option<&'c Operation>)> {
    operations::pair_up(base, revision)
}

/// Whether a contract says of any value that it may be null. A Swagger 2.0 document has no word of
/// its own for that, but where one says so (`x-nullable`), it does of all that may be.
pub fn says_null(contract: &Contract) -> bool {
    nulls::are_said(contract)
}

/// The gravest judgement; `None` without changes.
pub fn gravest(changes: &[Change]) -> Option<Verdict> {
    changes.iter().map(Change::verdict).max()
}
