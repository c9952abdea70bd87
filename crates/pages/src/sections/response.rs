//! The response: its statuses, its body's name and its properties.

use super::rows::{self, DESCRIPTION, Names, PROPERTY, STATUS, TYPE};
use super::{Description, SectionKind, body, left_out, title, title_of};
use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::{Findings, lines, trimmed};
use crate::outline::{Block, Prose};
use crate::page::{PropertyRow, ResponseSection, Span, Spanned, StatusRow};
use crate::tables::{self, Table};

/// What was read of the section so far.
#[derive(Default)]
struct Parts {
    description: Description,
    statuses: Option<Vec<StatusRow>>,
    body: Option<Spanned<String>>,
    properties: Option<Vec<PropertyRow>>,
}

/// Reads the "Response" section.
pub(crate) fn section(
    findings: &mut Findings<'_>,
    heading: Span,
    tail: Option<Span>,
    blocks: &[&Block],
) -> ResponseSection {
    let mut parts = Parts::default();
    for block in blocks {
        match block {
            Block::Table(table) => read_table(findings, &mut parts, table),
            Block::Heading(heading) if title(findings.text, heading).is_some() => {
                read_body_name(findings, &mut parts, heading.text, block);
            }
            Block::Prose(prose) if names_body(findings, prose) => {
                read_body_name(findings, &mut parts, prose.span, block);
            }
            block if parts.statuses.is_none() && parts.body.is_none() && parts.properties.is_none() => {
                parts.description.take(block);
            }
            block => left_out(findings, block, SectionKind::Response.name()),
        }
    }
    if parts.statuses.is_none() {
        findings.add(&codes::MISSING_STATUSES, heading, "section `Response` has no status table");
    }
    ResponseSection {
        heading,
        kind: tail.map(|span| tables::name(findings.text, span)),
        description: parts.description.finish(findings),
        statuses: parts.statuses.unwrap_or_default(),
        body: parts.body,
        properties: parts.properties,
    }
}

/// Reads a table, which is the status table or the property table.
fn read_table(findings: &mut Findings<'_>, parts: &mut Parts, table: &Table) {
    let is_status = is_status_table(findings, table, parts);
    if is_status && parts.statuses.is_none() {
        parts.statuses = Some(statuses(findings, table));
    } else if !is_status && parts.properties.is_none() {
        parts.properties = Some(body::properties(findings, SectionKind::Response, table));
    } else {
        let what = if is_status { "status" } else { "property" };
        findings.add(&codes::EXTRA_TABLE, table.span, format!("second {what} table in `Response`"));
    }
}

/// A table's header tells what it is, or else its place.
fn is_status_table(findings: &Findings<'_>, table: &Table, parts: &Parts) -> bool {
    let has = |column: &rows::Column| table.header.cells.iter().any(|cell| column.is_named(findings.slice(*cell)));
    let is_property = has(&PROPERTY) || has(&TYPE);
    if has(&STATUS) != is_property {
        return !is_property;
    }
    parts.statuses.is_none() && parts.body.is_none()
}

fn names_body(findings: &Findings<'_>, prose: &Prose) -> bool {
    let first = lines(findings.text, prose.span).next().unwrap_or_default();
    let title = title_of(findings.text, first);
    title.is_some_and(|title| title.kind == SectionKind::ResponseBody && title.tail.is_some())
}

/// Takes what "Response body: …" names.
fn read_body_name(findings: &mut Findings<'_>, parts: &mut Parts, span: Span, block: &Block) {
    let first = lines(findings.text, span).next().unwrap_or(span);
    if parts.body.is_some() {
        left_out(findings, block, SectionKind::Response.name());
        return;
    }
    let tail = title_of(findings.text, first).and_then(|title| title.tail);
    let tail = tail.unwrap_or(Span { start: first.end, end: first.end });
    parts.body = Some(tables::name(findings.text, tail));
    let rest = trimmed(findings.text, Span { start: first.end, end: span.end });
    if rest.start < rest.end {
        findings.add(&codes::TEXT_WITHOUT_PLACE, rest, "text without a place in `Response`");
    }
}

fn statuses(findings: &mut Findings<'_>, table: &Table) -> Vec<StatusRow> {
    let rows = rows::read(findings, table, &[STATUS, DESCRIPTION], Names::Exact);
    let text = findings.text;
    let mut statuses = Vec::with_capacity(rows.len());
    for [status, description] in rows {
        let status = tables::name(text, status.unwrap_or_default());
        let nothing = Span { start: status.span.end, end: status.span.end };
        if !is_registered(&status.value) {
            let message = format!("status {} is no registered status code", quoted(&status.value));
            findings.add(&codes::UNKNOWN_STATUS, status.span, message);
        }
        statuses.push(StatusRow { status, description: tables::cell(text, description.unwrap_or(nothing)) });
    }
    statuses
}

/// Whether the IANA registry of HTTP status codes has it (RFC 9110, section 16.2).
fn is_registered(status: &str) -> bool {
    status.len() == 3
        && matches!(
            status.parse::<u16>(),
            Ok(
                100..=104
                | 200..=208
                | 226
                | 300..=308
                | 400..=418
                | 421..=426
                | 428
                | 429
                | 431
                | 451
                | 500..=508
                | 510
                | 511,
            )
        )
}
