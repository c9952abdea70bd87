//! Every diagnostic code of this crate, documented once: [`CODES`] lists them.

use crate::diagnostic::Severity;
use Severity::{Error, Warning};

/// A kind of finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Code {
    /// Its stable name in kebab-case.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it means, and what the reader makes of the page nevertheless.
    pub meaning: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// Declares the constants and the table of all of them from one list.
macro_rules! codes {
    ($($name:ident = $code:literal, $severity:ident, $meaning:literal, $help:literal;)*) => {
        $(#[doc = $meaning] pub const $name: Code =
            Code { code: $code, severity: $severity, meaning: $meaning, help: $help };)*

        /// All codes, the errors first.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    NOT_UTF8 = "not-utf8", Error,
        "The file is not UTF-8, so nothing of it can be read.",
        "save the page as UTF-8";
    MISSING_ID = "missing-id", Error,
        "The page has no front matter with an `id` or `uid`, so its operation has no name.",
        "begin the page with a line `---`, a line `id: <operationId>` and a line `---`";
    MISSING_OPERATION = "missing-operation", Error,
        "Neither an `http` fence nor the title says the method and path.",
        "add a fence ```http with one line `METHOD /path` below the page's heading";

    PAGE_TOO_LONG = "page-too-long", Warning,
        "The page is longer than 4 MiB, a thousand times as long as others; what stands behind that is left out.",
        "check how the page came about, and write one page for each operation";
    FRONT_MATTER_LINE = "front-matter-line", Warning,
        "A line of the front matter is no `key: value`; it is passed over.",
        "write one `key: value` a line, and end the front matter with `---`";
    DUPLICATE_KEY = "duplicate-key", Warning,
        "The front matter gives `id`, `uid` or `title` more than once, or both `id` and `uid` with different values; the first counts.",
        "leave one of them";
    OPERATION_FROM_TITLE = "operation-from-title", Warning,
        "No `http` fence says the method and path, so the title's are taken, which are often shortened.",
        "add a fence ```http with one line `METHOD /path` below the page's heading";
    SEVERAL_OPERATIONS = "several-operations", Warning,
        "The `http` fence has more than one line; the first counts.",
        "write one page for each operation";
    MALFORMED_PATH = "malformed-path", Warning,
        "The path template has unbalanced, empty or repeated placeholders, or a query string, which is cut off.",
        "write placeholders as `{name}`, each name once, and describe the query string under `## Query String Parameters`";
    TITLE_CONTRADICTS_FENCE = "title-contradicts-fence", Warning,
        "The title names another method or path than the fence, beyond the usual shortenings; the fence counts.",
        "make the title say the fence's method and the end of its path";
    HEADING_CONTRADICTS_TITLE = "heading-contradicts-title", Warning,
        "The page's heading differs from the title of the front matter; the front matter counts.",
        "repeat the title in the page's heading";
    MISSING_SUMMARY = "missing-summary", Warning,
        "No text stands below the fence, so the operation has neither summary nor description.",
        "say in one paragraph below the fence what the operation does";
    PLACEHOLDER_TEXT = "placeholder-text", Warning,
        "A text stands as the skeleton of a new page has it, which describes nothing; it is read like any other.",
        "write what it asks for; a cell may stay empty";

    UNKNOWN_SECTION = "unknown-section", Warning,
        "A heading after the first known section is none that the reader knows; what stands below it is left out, except in the prose of a body or response, where it stays prose.",
        "check the heading's spelling, or move the text above the first section";
    DUPLICATE_SECTION = "duplicate-section", Warning,
        "A section stands twice on the page; the first counts.",
        "merge the two sections";
    SECTION_ORDER = "section-order", Warning,
        "A section stands behind one that it should stand before; it is read nevertheless.",
        "order the sections: query string parameters, request headers, request body, response, sample request, sample response";
    MISSING_HEADERS = "missing-headers", Warning,
        "The page has no \"Request Headers\" section, so media types and ways to sign in are unknown.",
        "add the section `## Request Headers` with its table";
    MISSING_RESPONSE = "missing-response", Warning,
        "The page has no \"Response\" section, so the answers are unknown.",
        "add the section `## Response: KIND` with its status table";
    MISSING_STATUSES = "missing-statuses", Warning,
        "The \"Response\" section has no status table.",
        "add a table `| Response | Description |` with a row for each status";
    EMPTY_SECTION = "empty-section", Warning,
        "A section has no content of the kind that it is there for, a table or a fence.",
        "fill the section or remove its heading";
    TEXT_WITHOUT_PLACE = "text-without-place", Warning,
        "Text, a table or a fence stands where the page's grammar has none; it is left out.",
        "move it into the description above the first section";

    TABLE_NOT_CLOSED = "table-not-closed", Warning,
        "Text follows a table's last row without a blank line; it is read as text, not as a row.",
        "put a blank line below the table";
    TABLE_BROKEN = "table-broken", Warning,
        "Lines that look like a table are none to Markdown, because the delimiter row is missing or has another number of cells than the header; they are read as a table.",
        "put a row `|---|---|` with as many cells as the header has directly below the header";
    TABLE_COLUMNS = "table-columns", Warning,
        "A table lacks a column that its section needs, or has one that is not known; what is missing stays empty, what is unknown is left out.",
        "name the columns as the other pages do";
    EXTRA_TABLE = "extra-table", Warning,
        "A section has a second table of the same kind; the first counts.",
        "merge the two tables";
    ROW_CELLS = "row-cells", Warning,
        "A table row has another number of cells than its header: missing ones are empty, those too many belong to the last one.",
        "write as many cells as the header has, and `\\|` for a pipe within a cell";
    ROW_OVER_LINES = "row-over-lines", Warning,
        "A table row runs over several lines, which Markdown does not allow; they are joined.",
        "write the row on one line";
    ROW_WITHOUT_NAME = "row-without-name", Warning,
        "The first cell of a table row is empty; the row is left out.",
        "write the name into the first cell, or remove the row";
    DUPLICATE_ROW = "duplicate-row", Warning,
        "Two rows of a table have the same name; the first counts.",
        "remove one of the rows";
    PARAMETER_WITHOUT_TYPE = "parameter-without-type", Warning,
        "A path or query parameter has no type.",
        "write the type, such as `int32` or `string`, into the row's second cell";
    HEADER_WITHOUT_DESCRIPTION = "header-without-description", Warning,
        "A request header's row has no description, which is where media types and schemes are named.",
        "describe the header, with media types in backticks";
    UNKNOWN_STATUS = "unknown-status", Warning,
        "A status is no registered HTTP status code; the row is kept.",
        "write a status code such as `200`";
    PLACEHOLDER_WITHOUT_ROW = "placeholder-without-row", Warning,
        "A placeholder of the path has no row in the \"Path Part\" table.",
        "add a row for the placeholder to a table `| Path Part | Type | Description |`";
    ROW_WITHOUT_PLACEHOLDER = "row-without-placeholder", Warning,
        "A row of the \"Path Part\" table names no placeholder of the path; the row is kept.",
        "use the placeholder's name, or remove the row";

    BODY_CONTRADICTS_HEADERS = "body-contradicts-headers", Warning,
        "A `Content-Type` among the request headers means a request body, and a request body needs a media type, but the page has only one of the two.",
        "add the section `## Request Body: NAME`, or the row `Content-Type` to the request headers, or remove the other";

    UNCLOSED_FENCE = "unclosed-fence", Warning,
        "A code fence has no end and so takes in the rest of the page.",
        "end the fence with a line of as many backticks as it begins with";
    EXTRA_SAMPLE = "extra-sample", Warning,
        "The page has a second sample request or sample response; the first counts.",
        "leave one sample of each kind";
    SAMPLE_START_LINE = "sample-start-line", Warning,
        "A sample begins with neither a request line nor a status line. A JSON text below the heading `Sample Request` or `Sample Response` is read as the body alone; anything else is left out.",
        "begin the sample with `METHOD /path` or with `HTTP/1.1 200 OK`";
    SAMPLE_HEADER = "sample-header", Warning,
        "A line in a sample's head is no header field; it is passed over.",
        "write `Name: value`, and a blank line between the head and the body";
    SAMPLE_NOT_JSON = "sample-not-json", Warning,
        "A sample's body is not JSON although its media type says so; it is kept as text.",
        "make the sample valid JSON";
    SAMPLE_CONTRADICTS_OPERATION = "sample-contradicts-operation", Warning,
        "The sample request's line has another method or path than the operation; placeholders may be filled in or renamed.",
        "make the sample request call the page's operation";
    SAMPLE_STATUS_NOT_LISTED = "sample-status-not-listed", Warning,
        "The sample response's status is not in the status table.",
        "add the status to the table, or correct the sample";
    LONE_SAMPLE = "lone-sample", Warning,
        "The page has a sample request without a sample response, or the other way round.",
        "add the other sample";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_kebab_case_and_documented() {
        let unique: BTreeSet<_> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(unique.len(), CODES.len());
        for code in CODES {
            assert!(
                code.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                code.code
            );
            assert!(code.meaning.ends_with('.'), "{}", code.code);
            assert!(!code.help.ends_with('.') && !code.help.is_empty(), "{}", code.code);
        }
    }
}
