//! Puts a page together from its blocks.

use std::collections::BTreeSet;

use crate::codes;
use crate::diagnostic::{Diagnostic, quoted};
use crate::findings::Findings;
use crate::front_matter::{self, FrontMatter};
use crate::grouping::{Grouped, Section};
use crate::operation::{self, RequestLine};
use crate::outline::{self, Block};
use crate::page::{Page, ParameterRow, Sample, Span, Spanned};
use crate::sample::{self, Direction};
use crate::sections::preamble::{self, Preamble};
use crate::sections::{SectionKind, body, left_out, parameters, response, title};
use crate::template;

/// What stands behind these bytes of a page is left out, so that no page takes more memory than a
/// whole reference. It holds more than 100,000 rows of a table; the longest page of the largest
/// reference known has 0.1 MiB.
pub const MAX_PAGE_BYTES: usize = 4 << 20;

/// What was understood of a page, and what was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The page; `None` where its operation cannot be identified, which a diagnostic then says.
    pub page: Option<Page>,
    /// Everything odd, in the page's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a reference page. `path` is only carried along.
///
/// Takes any text: what is not understood becomes a diagnostic.
///
/// # Examples
///
/// ```
/// let text = "---\nid: GetChat\n---\n```http\nGET /api/v1/Chat\n```\n\nGets the chat.\n";
/// let parsed = docwright_pages::parse("rest/GetChat.md", text);
/// let page = parsed.page.expect("the page names its operation");
/// assert_eq!(page.method.value, "GET");
/// assert_eq!(&text[page.path_template.span.start..page.path_template.span.end], "/api/v1/Chat");
/// // The page has neither headers nor responses, which two warnings say.
/// assert_eq!(parsed.diagnostics.len(), 2);
/// ```
pub fn parse(path: &str, text: &str) -> Parsed {
    let path = path.replace('\\', "/");
    Draft::new(&path, text).finish(&path)
}

/// Reads a file's bytes; `None` where they are no page: neither a reference page
/// ([`is_reference_page`]) nor a damaged one ([`is_damaged_page`]). More than four bytes beyond
/// [`MAX_PAGE_BYTES`] need not be given.
///
/// # Examples
///
/// ```
/// assert_eq!(docwright_pages::parse_file("notes.md", b"# Notes\n\nWritten by hand.\n"), None);
/// ```
pub fn parse_file(path: &str, bytes: &[u8]) -> Option<Parsed> {
    let Ok(text) = str::from_utf8(bytes) else {
        return Some(parse_bytes(path, bytes));
    };
    let path = path.replace('\\', "/");
    let draft = Draft::new(&path, text);
    (draft.is_reference_page() || draft.is_damaged_page()).then(|| draft.finish(&path))
}

/// A page's outline, from which everything else is read.
struct Draft<'a> {
    findings: Findings<'a>,
    front_matter: FrontMatter,
    blocks: Vec<Block>,
}

impl<'a> Draft<'a> {
    fn new(path: &str, whole: &'a str) -> Self {
        let text = beginning(whole);
        let mut findings = Findings::new(path, text);
        if text.len() < whole.len() {
            let message = format!("page is longer than {} MiB", MAX_PAGE_BYTES >> 20);
            findings.add(&codes::PAGE_TOO_LONG, Span { start: text.len(), end: text.len() }, message);
        }
        let front_matter = front_matter::read(&mut findings);
        let blocks = outline::read(text, front_matter.body_start);
        Self { findings, front_matter, blocks }
    }

    fn is_reference_page(&self) -> bool {
        let has_title = || self.front_matter.title.as_ref().is_some_and(|title| operation::title_line(title).is_some());
        self.front_matter.id.is_some() && (has_title() || operation::fence(self.findings.text, &self.blocks).is_some())
    }

    fn is_damaged_page(&self) -> bool {
        /// One such heading alone stands in many an article.
        const TELLING_SECTIONS: usize = 2;
        let section = |block: &Block| match block {
            Block::Heading(heading) => title(self.findings.text, heading).map(|title| title.kind),
            _ => None,
        };
        let sections: BTreeSet<SectionKind> = self.blocks.iter().filter_map(section).collect();
        sections.len() >= TELLING_SECTIONS && !self.is_reference_page()
    }

    fn finish(self, path: &str) -> Parsed {
        let Self { mut findings, front_matter, blocks } = self;
        for block in &blocks {
            if let Block::Fence(fence) = block
                && !fence.closed
            {
                findings.add(&codes::UNCLOSED_FENCE, fence.span, "fence has no end");
            }
        }
        let text = findings.text;
        let first_section = blocks.iter().position(|block| is_section(text, block)).unwrap_or(blocks.len());
        let preamble = preamble::read(&mut findings, &blocks[..first_section]);
        let grouped = Grouped::new(&mut findings, &blocks[first_section..]);
        let page = assemble(&mut findings, path, front_matter, preamble, &grouped);
        Parsed { page, diagnostics: findings.into_list() }
    }
}

/// As much of a text as is read, in whole lines.
fn beginning(text: &str) -> &str {
    if text.len() <= MAX_PAGE_BYTES {
        return text;
    }
    let cut = &text[..text.floor_char_boundary(MAX_PAGE_BYTES)];
    cut.rfind(['\n', '\r']).map_or(cut, |end| &cut[..=end])
}

/// Reads a reference page from a file's bytes. More than four bytes beyond [`MAX_PAGE_BYTES`] need not
/// be given.
pub fn parse_bytes(path: &str, bytes: &[u8]) -> Parsed {
    match str::from_utf8(bytes) {
        Ok(text) => parse(path, text),
        // A long page's reader may have stopped within a character.
        Err(error) if error.valid_up_to() > MAX_PAGE_BYTES => {
            parse(path, str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default())
        }
        Err(error) => {
            let valid = str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let mut findings = Findings::new(&path.replace('\\', "/"), valid);
            let at = valid.len();
            let bad = error.error_len().unwrap_or(bytes.len() - at);
            let message = format!("byte `0x{:02X}` is not UTF-8", bytes.get(at).copied().unwrap_or_default());
            findings.add(&codes::NOT_UTF8, Span { start: at, end: at + bad }, message);
            Parsed { page: None, diagnostics: findings.into_list() }
        }
    }
}

/// Whether a text is a reference page: front matter with an `id` or `uid`, and a title or fence of
/// the form `METHOD /path`.
pub fn is_reference_page(text: &str) -> bool {
    Draft::new("", text).is_reference_page()
}

/// Whether a text is no reference page but has the sections of one: a page whose id or whose
/// operation got lost. To pass it over would make its operation vanish silently.
pub fn is_damaged_page(text: &str) -> bool {
    Draft::new("", text).is_damaged_page()
}

fn is_section(text: &str, block: &Block) -> bool {
    matches!(block, Block::Heading(heading) if title(text, heading).is_some())
}

fn assemble(
    findings: &mut Findings<'_>,
    path: &str,
    front_matter: FrontMatter,
    preamble: Preamble,
    grouped: &Grouped<'_>,
) -> Option<Page> {
    let page_start = Span { start: front_matter.body_start, end: front_matter.body_start };
    if front_matter.id.is_none() {
        findings.add(&codes::MISSING_ID, Span::default(), "page has no `id` or `uid`");
    }
    check_heading(findings, front_matter.title.as_ref(), preamble.heading.as_ref());
    let title = front_matter.title.or(preamble.heading);
    let line = request_line(findings, preamble.fence, title.as_ref(), page_start);
    if preamble.summary.is_none() && preamble.description.is_none() {
        findings.add(&codes::MISSING_SUMMARY, page_start, "page says nothing about its operation");
    }

    let mut path_parameters = preamble.path_parameters;
    if let Some(section) = grouped.find(SectionKind::PathParts) {
        let rows = parameters::section(findings, SectionKind::PathParts, section.heading, &section.blocks);
        path_parameters.get_or_insert(rows);
    }
    let path_parameters = path_parameters.unwrap_or_default();
    let mut table = |kind| {
        let section = grouped.find(kind)?;
        Some(parameters::section(findings, kind, section.heading, &section.blocks))
    };
    let query_parameters = table(SectionKind::Query).unwrap_or_default();
    let headers = table(SectionKind::Headers);
    if headers.is_none() {
        findings.add(&codes::MISSING_HEADERS, page_start, "page has no section `Request Headers`");
    }
    if let Some(headers) = &headers {
        check_media_type(findings, headers, grouped.find(SectionKind::RequestBody));
    }
    let request_body = grouped
        .find(SectionKind::RequestBody)
        .map(|section| body::section(findings, section.heading, section.tail, &section.blocks));
    let response = grouped
        .find(SectionKind::Response)
        .map(|section| response::section(findings, section.heading, section.tail, &section.blocks));
    if response.is_none() {
        findings.add(&codes::MISSING_RESPONSE, page_start, "page has no section `Response`");
    }
    let (sample_request, sample_response) = samples(findings, grouped);

    let (method, path_template) = line.map(|line| (line.method, line.target)).unzip();
    if let (Some(method), Some(path)) = (&method, &path_template) {
        operation::check_placeholders(findings, path, &path_parameters);
        if let Some(sample) = &sample_request {
            operation::check_sample(findings, &sample.start_line, &method.value, &path.value);
        }
    }
    if let (Some(sample), Some(response)) = (&sample_response, &response) {
        let status = sample.start_line.value.split_whitespace().nth(1).unwrap_or_default();
        if !status.is_empty()
            && !response.statuses.is_empty()
            && response.statuses.iter().all(|row| row.status.value != status)
        {
            let message = format!("sample response's status {} is not in the status table", quoted(status));
            findings.add(&codes::SAMPLE_STATUS_NOT_LISTED, sample.start_line.span, message);
        }
    }
    let page = Page {
        path: path.to_owned(),
        id: front_matter.id?,
        title,
        method: method?,
        path_template: path_template?,
        summary: preamble.summary,
        description: preamble.description,
        path_parameters,
        query_parameters,
        headers: headers.unwrap_or_default(),
        request_body,
        response,
        sample_request,
        sample_response,
    };
    template::check(findings, &page);
    Some(page)
}

/// The heading should repeat the title, apart from Markdown's marks.
fn check_heading(findings: &mut Findings<'_>, title: Option<&Spanned<String>>, heading: Option<&Spanned<String>>) {
    let (Some(title), Some(heading)) = (title, heading) else {
        return;
    };
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !"\\*`".contains(*c)).collect::<String>();
    if letters(&title.value) != letters(&heading.value) {
        let message = format!("heading {} differs from the title {}", quoted(&heading.value), quoted(&title.value));
        findings.add(&codes::HEADING_CONTRADICTS_TITLE, heading.span, message);
    }
}

/// A request body and a `Content-Type` belong together.
fn check_media_type(findings: &mut Findings<'_>, headers: &[ParameterRow], body: Option<&Section<'_>>) {
    let content_type = headers.iter().find(|row| row.name.value.eq_ignore_ascii_case("content-type"));
    let (span, message) = match (content_type, body) {
        (Some(row), None) => (row.name.span, "request header `Content-Type` without a section `Request Body`"),
        (None, Some(section)) => (section.heading, "section `Request Body` without a request header `Content-Type`"),
        _ => return,
    };
    findings.add(&codes::BODY_CONTRADICTS_HEADERS, span, message);
}

/// The operation: the fence is the truth, the title the fallback.
fn request_line(
    findings: &mut Findings<'_>,
    fence: Option<RequestLine>,
    title: Option<&Spanned<String>>,
    page_start: Span,
) -> Option<RequestLine> {
    if let Some(mut line) = fence {
        line.target = operation::path_template(findings, line.target);
        if let Some(title) = title {
            operation::check_title(findings, title, &line.method.value, &line.target.value);
        }
        return Some(line);
    }
    let Some((title, mut line)) = title.and_then(|title| Some((title, operation::title_line(title)?))) else {
        findings.add(&codes::MISSING_OPERATION, page_start, "page says no method and path");
        return None;
    };
    if !line.target.value.starts_with('/') {
        line.target.value.insert(0, '/');
    }
    line.target = operation::path_template(findings, line.target);
    let operation = quoted(&format!("{} {}", line.method.value, line.target.value));
    let message = format!("operation {operation} is taken from the title");
    findings.add(&codes::OPERATION_FROM_TITLE, title.span, message);
    Some(line)
}

/// Reads the samples, and complains where one is missing or too many.
fn samples(findings: &mut Findings<'_>, grouped: &Grouped<'_>) -> (Option<Sample>, Option<Sample>) {
    let mut request = None;
    let mut response = None;
    for (heading, fence) in grouped.samples() {
        let Some((direction, sample)) = sample::read(findings, fence, heading) else {
            continue;
        };
        let slot = match direction {
            Direction::Request => &mut request,
            Direction::Response => &mut response,
        };
        if slot.is_some() {
            findings.add(&codes::EXTRA_SAMPLE, fence.span, format!("second {}", direction.name()));
        } else {
            *slot = Some(sample);
        }
    }
    for (kind, sample) in [(SectionKind::SampleRequest, &request), (SectionKind::SampleResponse, &response)] {
        if let Some(section) = grouped.find(kind) {
            if sample.is_none() {
                findings.add(
                    &codes::EMPTY_SECTION,
                    section.heading,
                    format!("section `{}` has no sample", kind.name()),
                );
            }
            for block in &section.blocks {
                left_out(findings, block, kind.name());
            }
        }
    }
    if let (Some(lone), None) | (None, Some(lone)) = (&request, &response) {
        let (there, missing) = if request.is_some() {
            (Direction::Request, Direction::Response)
        } else {
            (Direction::Response, Direction::Request)
        };
        let message = format!("{} without a {}", there.name(), missing.name());
        findings.add(&codes::LONE_SAMPLE, lone.start_line.span, message);
    }
    (request, response)
}
