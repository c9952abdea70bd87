//! Path parts, query string parameters and request headers.

use super::rows::{self, DESCRIPTION, Names, PARAMETER, PATH_PART, TYPE};
use super::{SectionKind, left_out};
use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::{Findings, slice, trimmed};
use crate::outline::Block;
use crate::page::{ParameterRow, Span};
use crate::tables::{self, Table};

/// The mark of a required parameter or property, as Markdown writes it in bold or in italics, or in brackets.
const BOLD: [&str; 6] = ["**required**", "__required__", "*required*", "_required_", "(required)", "[required]"];
/// The same where a formatter or an editor lost the bold.
const PLAIN: &str = "Required";

/// Reads a section that is made of one parameter table.
pub(crate) fn section(
    findings: &mut Findings<'_>,
    kind: SectionKind,
    heading: Span,
    blocks: &[&Block],
) -> Vec<ParameterRow> {
    let mut rows = None;
    for block in blocks {
        match block {
            Block::Table(table) if rows.is_none() => rows = Some(self::table(findings, kind, table)),
            Block::Table(table) => {
                let message = format!("second table in `{}`", kind.name());
                findings.add(&codes::EXTRA_TABLE, table.span, message);
            }
            // The calls that show a query string.
            Block::Fence(fence) if slice(findings.text, fence.info).to_ascii_lowercase().starts_with("http") => {}
            block => left_out(findings, block, kind.name()),
        }
    }
    rows.unwrap_or_else(|| {
        findings.add(&codes::EMPTY_SECTION, heading, format!("section `{}` has no table", kind.name()));
        Vec::new()
    })
}

/// Whether a table without a heading is the path's.
pub(crate) fn is_path_table(findings: &Findings<'_>, table: &Table) -> bool {
    let first = table.header.cells.first().map(|cell| super::plain(findings.slice(*cell)).collect::<String>());
    first.is_some_and(|first| first.starts_with("pathpart") || first.starts_with("pathparameter"))
}

/// Reads a parameter table.
pub(crate) fn table(findings: &mut Findings<'_>, kind: SectionKind, table: &Table) -> Vec<ParameterRow> {
    let rows: Vec<[Option<Span>; 3]> = match kind {
        SectionKind::Headers => rows::read(findings, table, &[PARAMETER, DESCRIPTION], Names::AnyCase)
            .into_iter()
            .map(|[name, description]| [name, None, description])
            .collect(),
        SectionKind::PathParts => rows::read(findings, table, &[PATH_PART, TYPE, DESCRIPTION], Names::Exact),
        _ => rows::read(findings, table, &[PARAMETER, TYPE, DESCRIPTION], Names::Exact),
    };
    rows.into_iter().map(|[name, type_name, description]| row(findings, kind, name, type_name, description)).collect()
}

fn row(
    findings: &mut Findings<'_>,
    kind: SectionKind,
    name: Option<Span>,
    type_name: Option<Span>,
    description: Option<Span>,
) -> ParameterRow {
    let text = findings.text;
    let name = tables::name(text, name.unwrap_or_default());
    let nothing = Span { start: name.span.end, end: name.span.end };
    let (description, required) = without_mark(text, description.unwrap_or(nothing));
    let description = tables::cell(text, description);
    let type_name = type_name.map(|span| tables::name(text, span));
    if kind == SectionKind::Headers && description.value.is_empty() {
        let message = format!("request header {} has no description", quoted(&name.value));
        findings.add(&codes::HEADER_WITHOUT_DESCRIPTION, name.span, message);
    }
    if type_name.as_ref().is_some_and(|type_name| type_name.value.is_empty()) {
        let message = format!("parameter {} has no type", quoted(&name.value));
        findings.add(&codes::PARAMETER_WITHOUT_TYPE, name.span, message);
    }
    ParameterRow { name, type_name, description, required }
}

/// Takes the mark off a description's beginning or end.
///
/// In bold it is a mark wherever the cell begins or ends with it. Where the bold was lost, the word
/// must stand apart from the sentence next to it: `Required accuracy` is no mark.
pub(super) fn without_mark(text: &str, cell: Span) -> (Span, bool) {
    let source = slice(text, cell);
    for mark in BOLD {
        if strips(source.get(..mark.len()), mark) {
            return (trimmed(text, Span { start: cell.start + mark.len(), end: cell.end }), true);
        }
        let at = source.len().saturating_sub(mark.len());
        if strips(source.get(at..), mark) {
            return (trimmed(text, Span { start: cell.start, end: cell.start + at }), true);
        }
    }
    if let Some(behind) = source.strip_prefix(PLAIN) {
        let sentence = behind.trim_start_matches(['.', ',', ':', ';', '-', '–', '—']).trim_start();
        let is_apart = !behind.starts_with(char::is_whitespace) || sentence.starts_with(|c: char| !c.is_lowercase());
        if is_apart && !behind.starts_with(char::is_alphanumeric) {
            return (Span { start: cell.end - sentence.len(), end: cell.end }, true);
        }
    }
    if let Some(before) = source.strip_suffix(PLAIN)
        && (before.is_empty() || before.ends_with(char::is_whitespace))
    {
        return (trimmed(text, Span { start: cell.start, end: cell.start + before.len() }), true);
    }
    (cell, false)
}

fn strips(piece: Option<&str>, mark: &str) -> bool {
    piece.is_some_and(|piece| piece.eq_ignore_ascii_case(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_taken_off_both_ends() {
        for (cell, expected, required) in [
            ("**Required** The id", "The id", true),
            ("The id **Required**", "The id", true),
            ("**required**", "", true),
            ("__Required__ The id", "The id", true),
            ("*Required* The id", "The id", true),
            ("The id (required)", "The id", true),
            ("Required", "", true),
            ("Required. The id", "The id", true),
            ("Required: the id", "the id", true),
            ("Required The id", "The id", true),
            ("The id Required", "The id", true),
            ("Required accuracy", "Required accuracy", false),
            ("RequiredFields", "RequiredFields", false),
            ("this must be required", "this must be required", false),
            ("NotRequired", "NotRequired", false),
            ("is **Required** here", "is **Required** here", false),
            ("ÆØÅ", "ÆØÅ", false),
            ("", "", false),
        ] {
            let (span, found) = without_mark(cell, Span { start: 0, end: cell.len() });
            assert_eq!((slice(cell, span), found), (expected, required), "{cell:?}");
        }
    }
}
