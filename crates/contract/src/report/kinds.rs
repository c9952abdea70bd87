//! The kinds of findings: what each means, what mends it, and what that is worth.
//!
//! A finding's score is its kind's weight times the operations it touches. Weights are on one
//! scale: 10 stops somebody who writes against the API, 5 costs them a try, 1 is a matter of
//! comfort.

use docwright_pages::{Diagnostic, Severity as Heard};

use super::finding::Severity;

/// A kind of finding that this module looks for itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kind {
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
}

/// Declares the constants and the table of all of them from one list.
macro_rules! kinds {
    ($($name:ident = $code:literal, $severity:ident, $weight:literal, $meaning:literal, $help:literal;)*) => {
        $(pub(super) const $name: Kind = Kind {
            code: $code, severity: Severity::$severity, weight: $weight, meaning: $meaning, help: $help,
        };)*

        /// All kinds that are found here; what reader, inference and overlay say keeps its own codes.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    SAMPLE_BREAKS_SCHEMA = "sample-breaks-schema", Warning, 8,
        "A sample's value is none that the operation's own tables allow.",
        "mend the sample, or the type in the table";
    SAMPLE_LACKS_ROWS = "sample-lacks-rows", Warning, 4,
        "A sample does not show all properties that its table lists.",
        "add the properties to the sample, or remove the rows";
    SAMPLE_HAS_MORE = "sample-has-more", Warning, 6,
        "A sample shows properties that its table does not list.",
        "add rows for the properties to the table, or remove them from the sample";
    UNEXPANDED_CARRIER = "unexpanded-carrier", Advice, 8,
        "A carrier is printed as `{}` wherever it stands, so nobody learns what it holds.",
        "expand the carrier in a sample, or state its properties in the overlay";
    UNKNOWN_SHAPE = "unknown-shape", Advice, 8,
        "Neither table nor sample says what a property or its items are.",
        "write a type into the row, and show a value in a sample";
    UNKNOWN_BODY = "unknown-body", Advice, 10,
        "Neither table nor sample says what a request or an answer holds.",
        "add a property table, or a sample";
    NO_SAMPLE = "no-sample", Advice, 4,
        "An operation has content that no sample shows.",
        "add a sample request and a sample response";
    NO_SUMMARY = "no-summary", Advice, 10,
        "Nothing says what an operation does.",
        "say in one paragraph below the page's `http` fence what the operation does";
    NO_DESCRIPTION = "no-description", Advice, 1,
        "An operation has a summary and nothing more.",
        "say below the summary when to use the operation, what it changes and what it needs";
    NO_ERRORS = "no-errors", Advice, 3,
        "An operation lists no status for when it fails, so callers cannot prepare for it.",
        "add the statuses from 400 on to the status table, or to the overlay";
    UNDESCRIBED_PARAMETER = "undescribed-parameter", Advice, 5,
        "A path, query or header parameter has no description.",
        "fill the parameter's last cell";
    UNDESCRIBED_PROPERTY = "undescribed-property", Advice, 3,
        "A property that tables list has no description in any of them.",
        "fill the last cell of one of the rows";
    UNDESCRIBED_CARRIER = "undescribed-carrier", Advice, 2,
        "Nothing says what a carrier is.",
        "describe the carrier above a table that lists its properties, or in the overlay";
    SAMPLES_ONLY = "samples-only", Advice, 3,
        "A carrier stands in samples only: no table describes its properties.",
        "list the carrier's properties in a table, or describe them in the overlay";
    ENUM_IN_PROSE = "enum-in-prose", Advice, 6,
        "A description lists the values that may stand here, but no machine can read them.",
        "write `Enum: A, B` as a parameter's type; for a property, add `x-extensible-enum` in the overlay";
    ENUM_WITHOUT_VALUES = "enum-without-values", Advice, 6,
        "A description speaks of an enumeration whose values are printed nowhere.",
        "list the values in the description, and as `x-extensible-enum` in the overlay";
    GUESS = "guess", Advice, 2,
        "The pages do not say what a carrier is called, or which carrier stands here, so it was guessed from other evidence.",
        "name the carrier in its description (`Carrier object for X.`), or rename it in the overlay";
}

/// What mending a diagnostic is worth, by its code; where the code is not here, its severity
/// decides.
const HEARD_WEIGHTS: &[(&str, u32)] = &[
    ("contradicting-types", 10),
    ("same-route", 10),
    ("missing-summary", 10),
    ("missing-response", 10),
    ("missing-headers", 8),
    ("sample-contradicts-operation", 6),
    ("sample-not-json", 6),
    ("sample-status-not-listed", 5),
    ("placeholder-without-row", 5),
    ("parameter-without-type", 5),
    ("unknown-type", 5),
    ("contradicting-sign-in", 4),
    ("contradicting-texts", 1),
];

/// The worth of mending what a reader or the inference complained about.
pub(super) fn weight_of(diagnostic: &Diagnostic) -> u32 {
    let known = HEARD_WEIGHTS.iter().find(|(code, _)| *code == diagnostic.code);
    known.map_or(if diagnostic.severity == Heard::Error { 100 } else { 3 }, |(_, weight)| *weight)
}
