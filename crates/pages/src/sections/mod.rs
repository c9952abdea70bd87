//! The page's sections: which there are, and what each is made of.

pub(crate) mod body;
pub(crate) mod parameters;
pub(crate) mod preamble;
pub(crate) mod response;
pub(crate) mod rows;

use crate::codes;
use crate::findings::{Findings, slice, trimmed};
use crate::outline::{Block, Heading, Prose, ProseKind};
use crate::page::{Span, Spanned};

/// The sections in the order in which they stand on a page.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum SectionKind {
    /// "Path Parts": pages mostly print the table without a heading.
    PathParts,
    /// "Query String Parameters".
    Query,
    /// "Request Headers".
    Headers,
    /// "Request Body: NAME".
    RequestBody,
    /// "Response: KIND".
    Response,
    /// "Response body: NAME", a part of the response.
    ResponseBody,
    /// "Sample Request".
    SampleRequest,
    /// "Sample Response".
    SampleResponse,
}

impl SectionKind {
    /// The section's name for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PathParts => "Path Parts",
            Self::Query => "Query String Parameters",
            Self::Headers => "Request Headers",
            Self::RequestBody => "Request Body",
            Self::Response => "Response",
            Self::ResponseBody => "Response body",
            Self::SampleRequest => "Sample Request",
            Self::SampleResponse => "Sample Response",
        }
    }
}

/// What a heading says: its section, and what stands behind its colon.
pub(crate) struct Title {
    /// Which section.
    pub(crate) kind: SectionKind,
    /// What stands behind the colon; empty where nothing does, `None` without a colon.
    pub(crate) tail: Option<Span>,
}

/// Recognises a section by its heading. Deep headings are prose, whatever they say.
pub(crate) fn title(text: &str, heading: &Heading) -> Option<Title> {
    let title = title_of(text, heading.text)?;
    let deepest = if title.kind == SectionKind::ResponseBody { 4 } else { 3 };
    (heading.level <= deepest).then_some(title)
}

/// Recognises a section by a line of text.
pub(crate) fn title_of(text: &str, line: Span) -> Option<Title> {
    /// Letters of the longest name below: no more need to be looked at.
    const LONGEST: usize = "querystringparameters".len();

    let source = slice(text, line);
    let (name, tail) = match source.find(':') {
        Some(colon) => (&source[..colon], Some(trimmed(text, Span { start: line.start + colon + 1, end: line.end }))),
        None => (source, None),
    };
    let kind = match plain(name).take(LONGEST + 1).collect::<String>().as_str() {
        "pathpart" | "pathparts" | "pathparameter" | "pathparameters" => SectionKind::PathParts,
        "querystringparameter" | "querystringparameters" | "queryparameters" | "querystring" => SectionKind::Query,
        "requestheader" | "requestheaders" => SectionKind::Headers,
        "requestbody" => SectionKind::RequestBody,
        "response" | "responses" => SectionKind::Response,
        "responsebody" => SectionKind::ResponseBody,
        "samplerequest" | "examplerequest" | "requestsample" | "requestexample" => SectionKind::SampleRequest,
        "sampleresponse" | "exampleresponse" | "responsesample" | "responseexample" => SectionKind::SampleResponse,
        _ => return None,
    };
    Some(Title { kind, tail })
}

/// A name as it is compared: letters and digits in lower case.
pub(crate) fn plain(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Prose that grows block by block and is taken as one piece of Markdown.
#[derive(Default)]
pub(crate) struct Description {
    span: Option<Span>,
}

impl Description {
    /// Takes a block in, unless it says nothing and nothing stands before it.
    pub(crate) fn take(&mut self, block: &Block) {
        let span = block.span();
        match &mut self.span {
            Some(so_far) => so_far.end = so_far.end.max(span.end),
            None if says_nothing(block) => {}
            None => self.span = Some(span),
        }
    }

    /// The prose taken in.
    pub(crate) fn finish(self, findings: &Findings<'_>) -> Option<Spanned<String>> {
        self.span.map(|span| findings.spanned(trimmed(findings.text, span)))
    }
}

/// Comments and rules.
pub(crate) fn says_nothing(block: &Block) -> bool {
    matches!(block, Block::Prose(Prose { kind: ProseKind::Nothing, .. }))
}

/// Complains about a block for which a section has no place.
pub(crate) fn left_out(findings: &mut Findings<'_>, block: &Block, section: &str) {
    if says_nothing(block) {
        return;
    }
    let what = match block {
        Block::Heading(_) => "heading",
        Block::Fence(_) => "fence",
        Block::Table(_) => "table",
        Block::Prose(_) => "text",
    };
    let message = format!("{what} without a place in `{section}`");
    findings.add(&codes::TEXT_WITHOUT_PLACE, block.span(), message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_recognised_whatever_blanks_and_kinds_they_have() {
        use SectionKind::*;
        let check = |line: &str, expected: Option<(SectionKind, Option<&str>)>| {
            let title = title_of(line, Span { start: 0, end: line.len() });
            let found = title.map(|title| (title.kind, title.tail.map(|tail| slice(line, tail))));
            assert_eq!(found, expected, "{line:?}");
        };
        check("Response: array", Some((Response, Some("array"))));
        check("Response:KIND", Some((Response, Some("KIND"))));
        check("Response", Some((Response, None)));
        check("Response:", Some((Response, Some(""))));
        check("RESPONSE  BODY : Associate", Some((ResponseBody, Some("Associate"))));
        check("Request Body: changes string", Some((RequestBody, Some("changes string"))));
        check("Sample request", Some((SampleRequest, None)));
        check("**Request Headers**", Some((Headers, None)));
        check("Online Restricted: ## The agent", None);
        check("Responsible: nobody", None);
        check("", None);
    }
}
