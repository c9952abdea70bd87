//! The request body, and property tables.

use super::parameters::without_mark;
use super::rows::{self, DESCRIPTION, Names, PROPERTY, TYPE};
use super::{Description, SectionKind, left_out};
use crate::codes;
use crate::findings::{Findings, trimmed};
use crate::outline::Block;
use crate::page::{BodySection, PropertyRow, Span};
use crate::tables::{self, Table};

/// Reads the "Request Body" section.
pub(crate) fn section(
    findings: &mut Findings<'_>,
    heading: Span,
    tail: Option<Span>,
    blocks: &[&Block],
) -> BodySection {
    let mut description = Description::default();
    let mut rows = None;
    for block in blocks {
        match block {
            Block::Table(table) if rows.is_none() => rows = Some(properties(findings, SectionKind::RequestBody, table)),
            Block::Table(table) => {
                findings.add(&codes::EXTRA_TABLE, table.span, "second table in `Request Body`");
            }
            block if rows.is_none() => description.take(block),
            block => left_out(findings, block, SectionKind::RequestBody.name()),
        }
    }
    let (name, kind) = tail.map_or((None, None), |tail| name_and_kind(findings, tail));
    BodySection {
        heading,
        name: name.map(|span| tables::name(findings.text, span)),
        kind: kind.map(|span| tables::name(findings.text, span)),
        description: description.finish(findings),
        properties: rows,
    }
}

/// Splits what stands behind the heading's colon: `changes string`.
fn name_and_kind(findings: &Findings<'_>, tail: Span) -> (Option<Span>, Option<Span>) {
    let source = findings.slice(tail);
    let length = source.find(char::is_whitespace).unwrap_or(source.len());
    let name = Span { start: tail.start, end: tail.start + length };
    let kind = trimmed(findings.text, Span { start: name.end, end: tail.end });
    let filled = |span: Span| (span.start < span.end).then_some(span);
    (filled(name), filled(kind))
}

/// Reads a property table. Only a request's marks what is required.
pub(crate) fn properties(findings: &mut Findings<'_>, section: SectionKind, table: &Table) -> Vec<PropertyRow> {
    let rows = rows::read(findings, table, &[PROPERTY, TYPE, DESCRIPTION], Names::Exact);
    let text = findings.text;
    rows.into_iter()
        .map(|[name, type_name, description]| {
            let name = tables::name(text, name.unwrap_or_default());
            let nothing = Span { start: name.span.end, end: name.span.end };
            let description = description.unwrap_or(nothing);
            let (description, required) = match section {
                SectionKind::RequestBody => without_mark(text, description),
                _ => (description, false),
            };
            PropertyRow {
                type_name: tables::name(text, type_name.unwrap_or(nothing)),
                description: tables::cell(text, description),
                required,
                name,
            }
        })
        .collect()
}
