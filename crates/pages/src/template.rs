//! The texts of a new page that wait for its author. What stands on a page in such words reads like a
//! description and says nothing, so it is complained about.

use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::Findings;
use crate::page::{Page, Spanned};

/// Stands for the summary of the operation.
pub const SUMMARY: &str = "What it does, in one sentence.";
/// Stands for the description of a part of the path.
pub const PATH_PART: &str = "What this part of the path names.";
/// Stands for the description of a query parameter.
pub const QUERY_PARAMETER: &str = "What this parameter does.";
/// Stands for the description of a request's body.
pub const REQUEST_BODY: &str = "What the caller sends.";
/// Stands for the description of a carrier.
pub const CARRIER: &str = "What this carrier is.";
/// Stands for the description of a property.
pub const PROPERTY: &str = "What this property holds.";

const ALL: [&str; 6] = [SUMMARY, PATH_PART, QUERY_PARAMETER, REQUEST_BODY, CARRIER, PROPERTY];

/// Complains about each text that waits for the page's author.
pub(crate) fn check(findings: &mut Findings<'_>, page: &Page) {
    let parameters = page.path_parameters.iter().chain(&page.query_parameters).map(|row| &row.description);
    let body = page.request_body.as_ref();
    let response = page.response.as_ref();
    let tables = [
        body.and_then(|body| body.properties.as_deref()),
        response.and_then(|response| response.properties.as_deref()),
    ];
    let properties = tables.into_iter().flatten().flatten().map(|row| &row.description);
    let prose = [
        page.summary.as_ref(),
        body.and_then(|body| body.description.as_ref()),
        response.and_then(|response| response.description.as_ref()),
    ];
    for text in prose.into_iter().flatten().chain(parameters).chain(properties) {
        if is_unwritten(text) {
            let first = text.value.lines().next().unwrap_or_default();
            findings.add(&codes::PLACEHOLDER_TEXT, text.span, format!("{} waits for its text", quoted(first)));
        }
    }
}

/// Whether a text begins with one of ours; what follows, such as the carrier's sentence, may be written already.
fn is_unwritten(text: &Spanned<String>) -> bool {
    ALL.contains(&text.value.trim_start().lines().next().unwrap_or_default().trim_end())
}
