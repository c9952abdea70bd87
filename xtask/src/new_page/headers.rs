//! The rows of the request headers: as the pages at hand have them, so that all say the same of them.

use docwright_pages::Page;
use docwright_pages::page::ParameterRow;

const ACCEPT: &str = "Accept";
const ACCEPT_LANGUAGE: &str = "Accept-Language";
const CONTENT_TYPE: &str = "Content-Type";
const AUTHORIZATION: &str = "Authorization";

/// The row of an operation that a session's key opens to customers.
const SESSION_KEY: (&str, &str) = (
    "X-Chat-Session-Key",
    "The key of the session, which the customer's page holds. A customer sends it in place of Authorization.",
);
/// The row of an operation that may be repeated without being carried out twice.
const IDEMPOTENCY_KEY: (&str, &str) = (
    "Idempotency-Key",
    "A value that the caller makes up for one call, such as a UUID: at most 255 printable characters, and at least 16 from \
     callers who neither sign in nor hold a key. For a day, a repeated call with the same value is carried out once, and \
     answered with what came of it; the same value for another call is a conflict.",
);

/// The rows that every operation may have. Where no page is at hand they are written as they are here, which is as the
/// given pages have them.
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
    (ACCEPT_LANGUAGE, "Convert string references and multi-language values into a specified language (iso2) code."),
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
    pub(super) session_key: bool,
    pub(super) idempotency: bool,
    pub(super) request_body: bool,
    pub(super) answer_body: bool,
}

/// The rows for an operation.
pub(super) fn rows(pages: &[&Page], needs: Needs) -> Vec<Header> {
    // Whatever else a page has is about its own operation. The page with the most rows that are about all is least likely
    // to lack one; of equals the first.
    let common = |page: &Page| page.headers.iter().filter(|row| is_common(row, pages)).map(Header::from).collect();
    let fullest: Option<Vec<Header>> = pages.iter().rev().map(|page| common(page)).max_by_key(Vec::len);
    let fullest = fullest.filter(|rows| !rows.is_empty());
    let mut rows = fullest.unwrap_or_else(|| GIVEN.iter().map(Header::from).collect());
    for (wanted, before) in [(ACCEPT, ACCEPT_LANGUAGE), (CONTENT_TYPE, ACCEPT)] {
        if !rows.iter().any(|row| row.is(wanted)) {
            let at = rows.iter().position(|row| row.is(before)).unwrap_or(rows.len());
            rows.splice(at..at, known(pages, wanted));
        }
    }
    if needs.session_key {
        // Behind the other ways to say who calls.
        let at = rows.iter().rposition(Header::signs_in).map_or(0, |last| last + 1);
        rows.insert(at, stated(pages, SESSION_KEY));
    }
    if needs.idempotency {
        rows.push(stated(pages, IDEMPOTENCY_KEY));
    }
    rows.retain(|row| {
        (needs.sign_in || !row.signs_in())
            && (needs.request_body || !row.is(CONTENT_TYPE))
            && (needs.answer_body || !row.is(ACCEPT))
    });
    rows
}

/// Whether a row is about all operations: the given pages have it, or most of the pages at hand.
fn is_common(row: &ParameterRow, pages: &[&Page]) -> bool {
    let is_same = |other: &str| row.name.value.eq_ignore_ascii_case(other);
    let is_special = [SESSION_KEY, IDEMPOTENCY_KEY].iter().any(|(name, _)| is_same(name));
    let has_it = |page: &&&Page| page.headers.iter().any(|other| is_same(&other.name.value));
    let is_in_most = || pages.iter().filter(has_it).count() * 2 > pages.len();
    !is_special && (GIVEN.iter().any(|(name, _)| is_same(name)) || is_in_most())
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

/// A row as the first page has it that states it, else as it is written here.
fn stated(pages: &[&Page], row: (&str, &str)) -> Header {
    let mut all = pages.iter().flat_map(|page| &page.headers);
    all.find(|other| other.name.value.eq_ignore_ascii_case(row.0)).map_or_else(|| Header::from(&row), Header::from)
}

impl Header {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether it says which user calls.
    fn signs_in(&self) -> bool {
        let lower = self.name.to_ascii_lowercase();
        self.is(AUTHORIZATION) || lower.contains("xsrf") || lower.contains("csrf")
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
