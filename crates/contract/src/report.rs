//! The documentation's own quality: what is missing, what contradicts itself, and what mending it
//! is worth.
//!
//! Looks at the pages together with the contract that was made of them, so that what an overlay
//! puts right is no finding. Pure: it reads no files, and knows nothing of how a sample is
//! validated ([`SampleBreak`]s are handed in). [`html`] shows a report to people.

mod checks;
mod collect;
mod coverage;
mod finding;
pub mod html;
mod kinds;
mod occurrences;
mod prose;
mod shape;
#[cfg(test)]
mod tests;

use docwright_pages::Diagnostic;

use crate::infer::{Decision, Source};
use crate::model::Contract;

pub use finding::{Coverage, Finding, Grade, KindSummary, PageEntry, Place, Report, Severity, Summary, TagSummary};
pub use kinds::{KINDS, Kind};

/// The version of [`Report`]'s form; a change that a reader could notice raises it.
pub const FORMAT_VERSION: u32 = 1;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'i> {
    /// The pages, in the order in which they were inferred from.
    pub sources: &'i [Source<'i>],
    /// What came of them, corrected by the overlay where there is one.
    pub contract: &'i Contract,
    /// What reader, inference and overlay had to say.
    pub diagnostics: &'i [Diagnostic],
    /// How carriers got their names and shapes.
    pub decisions: &'i [Decision],
    /// Samples that their own schema refuses.
    pub sample_breaks: &'i [SampleBreak],
}

/// A value in a sample that breaks the schema of its own operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SampleBreak {
    /// The operation whose page shows the sample.
    pub operation_id: String,
    /// Which of its samples.
    pub direction: Direction,
    /// Where in the sample's body, as a JSON pointer.
    pub pointer: String,
    /// The rule that is broken, as JSON Schema calls it: `format`, `type`.
    pub keyword: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Which way a sample goes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Direction {
    /// What a caller sends.
    Request,
    /// What the service answers.
    Response,
}

impl Direction {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "sample request",
            Self::Response => "sample response",
        }
    }
}

/// Looks at everything and reports what there is to mend, most useful first.
pub fn build(input: &Input<'_>) -> Report {
    let mut collected = collect::Collector::new(input);
    let occurrences = occurrences::Occurrences::find(&collected);
    checks::operations::check(&mut collected);
    checks::parameters::check(&mut collected);
    checks::carriers::check(&mut collected, &occurrences);
    checks::samples::check(&mut collected);
    checks::heard::check(&mut collected, &occurrences);
    collected.into_report()
}
