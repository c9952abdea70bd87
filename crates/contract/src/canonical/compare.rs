//! Which facts of two canonical texts differ.

use std::{collections::BTreeMap, fmt};

/// A fact that two sources state differently, or that only one of them states.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// What the fact is about: `schema ChatSessionEntity.Status`.
    pub subject: String,
    /// What the first source is called, and what it says.
    pub a: (String, Option<String>),
    /// What the second source is called, and what it says.
    pub b: (String, Option<String>),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.subject)?;
        let width = self.a.0.chars().count().max(self.b.0.chars().count());
        for (label, value) in [&self.a, &self.b] {
            let value = value.as_deref().unwrap_or("(says nothing)");
            write!(formatter, "\n  {label:>width$}: {value}")?;
        }
        Ok(())
    }
}

/// The facts in which two canonical texts differ, sorted by subject. The labels say where each
/// text comes from: `openapi.yaml`, `the server's document`.
pub fn compare(a_label: &str, a: &str, b_label: &str, b: &str) -> Vec<Difference> {
    let (a, b) = (facts(a), facts(b));
    let mut subjects: Vec<_> = a.keys().chain(b.keys()).collect();
    subjects.sort();
    subjects.dedup();
    subjects
        .into_iter()
        .filter(|subject| a.get(*subject) != b.get(*subject))
        .map(|subject| Difference {
            subject: (*subject).to_owned(),
            a: (a_label.to_owned(), a.get(subject).map(|value| (*value).to_owned())),
            b: (b_label.to_owned(), b.get(subject).map(|value| (*value).to_owned())),
        })
        .collect()
}

fn facts(text: &str) -> BTreeMap<&str, &str> {
    text.lines().map(|line| line.split_once(": ").unwrap_or((line, ""))).collect()
}
