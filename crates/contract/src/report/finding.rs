//! The report as data. This is the documented form of its JSON: members are added, never renamed,
//! without a new [`FORMAT_VERSION`](super::FORMAT_VERSION).

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An operation is lost.
    Error,
    /// Something is wrong, odd or contradicts itself.
    Warning,
    /// Something is missing.
    Advice,
}

impl Severity {
    /// As JSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// The quality of one reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Of this form.
    pub format_version: u32,
    /// The contract's title.
    pub title: String,
    /// Counts.
    pub summary: Summary,
    /// How much is documented.
    pub coverage: Vec<Coverage>,
    /// The same per tag, in alphabetical order.
    pub tags: Vec<TagSummary>,
    /// The kinds of findings that there are, those worth most first.
    pub kinds: Vec<KindSummary>,
    /// All findings, by falling score.
    pub findings: Vec<Finding>,
    /// The pages, in their order; places name them by path.
    pub pages: Vec<PageEntry>,
}

/// Counts.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Summary {
    /// Pages that were read.
    pub pages: usize,
    /// Operations of the contract.
    pub operations: usize,
    /// Component schemas of the contract.
    pub carriers: usize,
    /// Findings of severity `error`.
    pub errors: usize,
    /// Findings of severity `warning`.
    pub warnings: usize,
    /// Findings of severity `advice`.
    pub advice: usize,
}

/// How much of one thing is documented.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Coverage {
    /// Stable and in kebab-case.
    pub measure: &'static str,
    /// In words.
    pub label: &'static str,
    /// How many there are.
    pub total: usize,
    /// How many of them are documented.
    pub documented: usize,
}

impl Coverage {
    /// Documented ones in percent, rounded down so that only all of them are 100.
    pub fn percent(&self) -> usize {
        (self.documented * 100).checked_div(self.total).unwrap_or(100)
    }
}

/// How well an operation is documented.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Grade {
    /// In every respect that applies to it.
    Documented,
    /// In some.
    Partly,
    /// Without a summary, or in less than half of the respects.
    Undocumented,
}

/// One tag.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct TagSummary {
    /// Its name.
    pub name: String,
    /// Operations with this tag.
    pub operations: usize,
    /// Of these, the well documented.
    pub documented: usize,
    /// Of these, the partly documented.
    pub partly: usize,
    /// Of these, the rest.
    pub undocumented: usize,
    /// Findings with a place on a page of this tag.
    pub findings: usize,
}

/// A kind of finding that occurs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct KindSummary {
    /// Stable and in kebab-case.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What mending one is worth to the users of one operation.
    pub weight: u32,
    /// What it means.
    pub meaning: &'static str,
    /// What mends it.
    pub help: &'static str,
    /// How many findings there are.
    pub findings: usize,
    /// Their scores together.
    pub score: u64,
}

/// Something to mend, with every place where it stands.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The kind.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: an operation, a tag, a carrier, `Carrier.Property`, a parameter.
    pub subject: String,
    /// In lower case, without a final period, naming the thing in backticks.
    pub message: String,
    /// Why, or what was chosen.
    pub note: Option<String>,
    /// What mends it.
    pub help: String,
    /// The kind's weight times `operations` (at least one).
    pub score: u64,
    /// How many operations it touches: those whose pages it stands on.
    pub operations: usize,
    /// The tags of these operations.
    pub tags: Vec<String>,
    /// Where it stands, in the order of the pages, one place a page.
    pub places: Vec<Place>,
}

/// A line of a page.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
    /// The page's path, from the documents' folder on.
    pub path: String,
    /// From 1.
    pub line: usize,
}

/// A page that findings may name.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PageEntry {
    /// Its path, from the documents' folder on.
    pub path: String,
    /// The operation, where it could be identified.
    pub operation: Option<String>,
    /// The operation's tag.
    pub tag: Option<String>,
}
