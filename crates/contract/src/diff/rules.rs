//! The rules by which changes are judged: one table, from which the documentation is written too.
//!
//! What a caller sends may be accepted more freely and what it gets may be promised more strictly
//! without breaking anyone; the other way round breaks. So most facts about a value have two
//! rules, one for each direction.

mod operations;
mod values;

use std::fmt;

use serde::Serialize;

pub(super) use operations::*;
pub(super) use values::*;

/// What a change means for those who call the API.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Callers that kept to the base keep working.
    Compatible,
    /// It depends on the caller, or on what the document leaves open.
    MaybeBreaking,
    /// A caller that kept to the base fails, or loses something that it was promised.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Compatible => "compatible",
            Self::MaybeBreaking => "maybe breaking",
            Self::Breaking => "breaking",
        })
    }
}

/// The part of a contract that a rule is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Group {
    /// Operations, their paths, names and sign-in.
    Operations,
    /// Parameters.
    Parameters,
    /// Bodies, statuses, media types and headers.
    Messages,
    /// What is sent: parameters and bodies of requests.
    RequestValues,
    /// What is received: bodies and headers of answers.
    ResponseValues,
    /// The document itself.
    Document,
}

impl Group {
    /// All groups in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Operations, Self::Parameters, Self::Messages, Self::RequestValues, Self::ResponseValues, Self::Document];

    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Operations => "Operations",
            Self::Parameters => "Parameters",
            Self::Messages => "Bodies, statuses, media types and headers",
            Self::RequestValues => "Values that are sent",
            Self::ResponseValues => "Values that are received",
            Self::Document => "The document",
        }
    }
}

/// What oasdiff says of the same change, in our words for its levels: `ERR` is breaking, `WARN` may
/// break, `INFO` is compatible.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Published {
    /// The id of its check.
    pub id: &'static str,
    /// Its level.
    pub verdict: Verdict,
}

/// How changes of one kind are judged.
#[derive(Debug, Eq, PartialEq)]
pub struct Rule {
    /// Stable, in kebab-case.
    pub code: &'static str,
    /// What it is about.
    pub group: Group,
    /// The judgement.
    pub verdict: Verdict,
    /// What changed, in a few words.
    pub meaning: &'static str,
    /// Why it is judged so.
    pub why: &'static str,
    /// The nearest check of oasdiff, where it has one.
    pub published: Option<Published>,
    /// Why we judge otherwise; empty where we do not.
    pub differs: &'static str,
    /// Which changes of this kind are one, with many places.
    pub merge: Merge,
}

/// Which changes of a kind are reported as one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Merge {
    /// Those of the same subject with the same values, such as a header of many operations.
    BySubject,
    /// Those with the same values.
    ByValues,
    /// All: what matters is how many there are.
    All,
}

impl Rule {
    /// Whether all changes of this kind are one.
    pub fn is_summarised(&self) -> bool {
        self.merge == Merge::All
    }

    /// Whether it is about texts, examples and groups only: neither calls nor code depend on them.
    pub fn is_text_only(&self) -> bool {
        TEXTS.iter().any(|rule| std::ptr::eq(*rule, self))
    }
}

/// Rules about texts, and about what no side says.
static TEXTS: [&Rule; 7] = [
    &DESCRIPTION_CHANGED,
    &EXAMPLE_CHANGED,
    &INFO_CHANGED,
    &TAG_ADDED,
    &TAG_REMOVED,
    &TAGS_CHANGED,
    &NULLABILITY_UNSTATED,
];

/// The rules for one fact about a value, by direction.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) request: Rule,
    pub(super) response: Rule,
}

/// All rules, sorted by group and in the order of the table.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let all = || OPERATIONS.iter().copied().chain(VALUES.iter().flat_map(|pair| [&pair.request, &pair.response]));
    Group::ALL.into_iter().flat_map(move |group| all().filter(move |rule| rule.group == group))
}

/// The rule with this code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

/// Reads the last column of the table: nothing, what oasdiff says too, or what it says instead and
/// why we do not.
macro_rules! published {
    () => {
        (None::<Published>, "")
    };
    ($id:literal $verdict:ident) => {
        (Some(Published { id: $id, verdict: Verdict::$verdict }), "")
    };
    ($id:literal $verdict:ident, $differs:literal) => {
        (Some(Published { id: $id, verdict: Verdict::$verdict }), $differs)
    };
}
/// How changes are merged; by subject where the table does not say.
macro_rules! merge {
    () => {
        Merge::BySubject
    };
    (merged) => {
        Merge::ByValues
    };
    (summarised) => {
        Merge::All
    };
}
use {merge, published};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let mut seen = HashSet::new();
        for rule in rules() {
            assert!(seen.insert(rule.code), "`{}` twice", rule.code);
            assert!(rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.code);
            assert_eq!(self::rule(rule.code), Some(rule));
        }
        assert_eq!(seen.len(), OPERATIONS.len() + 2 * VALUES.len());
    }

    #[test]
    fn a_verdict_that_differs_from_the_published_one_says_why() {
        for rule in rules() {
            let differs = rule.published.is_some_and(|published| published.verdict != rule.verdict);
            assert_eq!(!rule.differs.is_empty(), differs, "{}", rule.code);
            assert!(!rule.meaning.is_empty() && !rule.why.is_empty(), "{}", rule.code);
        }
    }
}
