//! The rows of the request headers: as the pages at hand have them, so that all say the same of them.

use docwright_pages::Page;
use docwright_pages::page::ParameterRow;

const ACCEPT: &str = "Accept";
const CONTENT_TYPE: &str = "Content-Type";
const AUTHORIZATION: &str = "Authorization";

/// The rows where no page is at hand: those of the given pages.
const GIVEN: [(&str, &str); 9] = [
    (AUTHORIZATION, "Supports 'Basic', 'SoTicket' and 'Bearer' schemes, depending on installation type."),
    (
        "X-XSRF-TOKEN",
        "If not using Authorization header, you must provide XSRF value from cookie or hidden input field",
    ),
    (CONTENT_TYPE, "Content-type of the request body: `application/json`, `text/json`, `application/xml`, `text/xml`"),
    (
        ACCEPT,
        "Content-type(s) you would like the response in: `application/json`, `text/json`, `application/xml`, \
         `text/xml`, `application/json-patch+json`, `application/merge-patch+json`",
    ),
    ("Accept-Language", "Convert string references and multi-language values into a specified language (iso2) code."),
    (
        "SO-Language",
        "Convert string references and multi-language values into a specified language (iso2) code. Overrides \
         Accept-Language value.",
    ),
    (
        "SO-Culture",
        "Number, date formatting in a specified culture (iso2 language) code. Partially overrides \
         SO-Language/Accept-Language value. Ignored if no Language set.",
    ),
    ("SO-TimeZone", "Specify the timezone code that you would like date/time responses converted to."),
    (
        "SO-AppToken",
        "The application token that identifies the partner app. Used when calling Online WebAPI from a server.",
    ),
];

/// A row as it is written.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) description: String,
}

/// What an operation needs headers for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    pub(super) sign_in: bool,
    pub(super) request_body: bool,
    pub(super) answer_body: bool,
}

/// The rows for an operation.
pub(super) fn rows(pages: &[&Page], needs: Needs) -> Vec<Header> {
    // The page with the most rows is least likely to lack one; of equals the first.
    let fullest = pages.iter().rev().max_by_key(|page| page.headers.len()).filter(|page| !page.headers.is_empty());
    let mut rows: Vec<Header> = match fullest {
        Some(page) => page.headers.iter().map(Header::from).collect(),
        None => GIVEN.iter().map(Header::from).collect(),
    };
    for (wanted, before) in [(ACCEPT, "Accept-Language"), (CONTENT_TYPE, ACCEPT)] {
        if !rows.iter().any(|row| row.is(wanted)) {
            let at = rows.iter().position(|row| row.is(before)).unwrap_or(rows.len());
            rows.splice(at..at, known(pages, wanted));
        }
    }
    rows.retain(|row| {
        let lower = row.name.to_ascii_lowercase();
        let signs_in = row.is(AUTHORIZATION) || lower.contains("xsrf") || lower.contains("csrf");
        (needs.sign_in || !signs_in)
            && (needs.request_body || !row.is(CONTENT_TYPE))
            && (needs.answer_body || !row.is(ACCEPT))
    });
    rows
}

/// A row as any page has it that says something there, else as the given pages do.
fn known(pages: &[&Page], name: &str) -> Option<Header> {
    let of_pages = pages
        .iter()
        .flat_map(|page| &page.headers)
        .find(|row| row.name.value.eq_ignore_ascii_case(name) && row.description.value.contains('`'));
    let given = || GIVEN.iter().find(|(known, _)| *known == name).map(Header::from);
    of_pages.map(Header::from).or_else(given)
}

impl Header {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl From<&ParameterRow> for Header {
    fn from(row: &ParameterRow) -> Self {
        let mark = if row.required { "**Required** " } else { "" };
        let text = row.description.value.replace('|', "\\|");
        Self { name: row.name.value.clone(), description: format!("{mark}{text}") }
    }
}

impl From<&(&str, &str)> for Header {
    fn from((name, description): &(&str, &str)) -> Self {
        Self { name: (*name).to_owned(), description: (*description).to_owned() }
    }
}
