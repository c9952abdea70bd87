//! The parts of an explanation, and how they read.

use std::fmt;

use serde::Serialize;

/// More places than this help nobody.
const MOST_PLACES: usize = 6;

/// Why a part of the contract is as it is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Explanation {
    /// `operation`, `schema` or `property`.
    pub kind: &'static str,
    /// Its name.
    pub subject: String,
    /// What is known of it, one decision each.
    pub facts: Vec<Fact>,
}

/// One thing that the contract says, and on what grounds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Fact {
    /// What it is about: `name`, `type`, `summary`.
    pub topic: String,
    /// What the contract says.
    pub value: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// The rule that decided, in kebab-case and stable.
    pub rule: String,
    /// The rule's grounds, in words; empty where the rule's name says it all.
    pub because: String,
    /// Where the pages say so; the first ones.
    pub places: Vec<Mention>,
    /// How many more places there are.
    pub more_places: usize,
    /// Where pages say otherwise; the first ones.
    pub disagreeing: Vec<Mention>,
    /// How many more of these there are.
    pub more_disagreeing: usize,
}

/// How sure a decision is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// A page says so in words.
    Stated,
    /// It follows from what pages say together.
    Deduced,
    /// It is the best that can be made of what pages say.
    Guessed,
}

/// A place in a page.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Mention {
    /// The page.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is to be seen there.
    pub what: String,
}

impl Fact {
    /// A decision without grounds and places.
    pub fn new(topic: &str, value: impl Into<String>, certainty: Certainty, rule: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            value: value.into(),
            certainty,
            rule: rule.to_owned(),
            because: String::new(),
            places: Vec::new(),
            more_places: 0,
            disagreeing: Vec::new(),
            more_disagreeing: 0,
        }
    }

    /// Something that a page says in words.
    pub(super) fn stated(topic: &str, value: impl Into<String>, rule: &str, place: Mention) -> Self {
        Self { places: vec![place], ..Self::new(topic, value, Certainty::Stated, rule) }
    }

    /// The same on these grounds.
    #[must_use]
    pub fn because(self, because: impl Into<String>) -> Self {
        Self { because: because.into(), ..self }
    }

    /// The same with its places, of which the first are mentioned.
    pub(super) fn seen<T>(mut self, items: &[T], mention: impl Fn(&T) -> Mention) -> Self {
        self.places.extend(items.iter().take(MOST_PLACES).map(mention));
        self.more_places += items.len().saturating_sub(MOST_PLACES);
        self
    }

    /// The same with what disagrees, of which the first are mentioned.
    pub(super) fn but<T>(mut self, items: &[T], mention: impl Fn(&T) -> Mention) -> Self {
        self.disagreeing.extend(items.iter().take(MOST_PLACES).map(mention));
        self.more_disagreeing += items.len().saturating_sub(MOST_PLACES);
        self
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Stated => "stated",
            Self::Deduced => "deduced",
            Self::Guessed => "guessed",
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}", self.kind, self.subject)?;
        self.facts.iter().try_for_each(|fact| write!(formatter, "\n{fact}"))
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}: {}", self.topic, self.value)?;
        write!(formatter, "  {} by `{}`", self.certainty, self.rule)?;
        let because = if self.because.is_empty() { String::new() } else { format!(": {}", self.because) };
        writeln!(formatter, "{because}")?;
        for place in &self.places {
            writeln!(formatter, "  --> {place}")?;
        }
        if self.more_places > 0 {
            writeln!(formatter, "  and {} more", self.more_places)?;
        }
        self.disagreeing.iter().try_for_each(|place| writeln!(formatter, "  but --> {place}"))?;
        if self.more_disagreeing > 0 {
            writeln!(formatter, "  but {} more", self.more_disagreeing)?;
        }
        Ok(())
    }
}

impl fmt::Display for Mention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, what } = self;
        write!(formatter, "{path}:{line}:{column}")?;
        if what.is_empty() { Ok(()) } else { write!(formatter, "  {what}") }
    }
}
