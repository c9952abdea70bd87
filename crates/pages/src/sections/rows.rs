//! Reads the rows of a section's table by the names of its columns.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::plain;
use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::Findings;
use crate::page::Span;
use crate::tables::{Row, Table};

/// A column that a section needs.
pub(crate) struct Column {
    /// As the pages write it.
    pub(crate) label: &'static str,
    /// The plain names by which it is known.
    pub(crate) names: &'static [&'static str],
}

/// The first column of a parameter table.
pub(crate) const PARAMETER: Column =
    Column { label: "Parameter Name", names: &["parametername", "parameter", "name", "headername", "header"] };
/// The first column of the path table.
pub(crate) const PATH_PART: Column = Column {
    label: "Path Part",
    names: &["pathpart", "pathparts", "pathparameter", "pathparameters", "pathparametername", "parametername", "name"],
};
/// The first column of a property table.
pub(crate) const PROPERTY: Column = Column { label: "Property Name", names: &["propertyname", "property", "name"] };
/// The first column of a status table.
pub(crate) const STATUS: Column =
    Column { label: "Response", names: &["response", "status", "statuscode", "code", "httpstatus", "responsecode"] };
/// The type column.
pub(crate) const TYPE: Column = Column { label: "Type", names: &["type", "datatype"] };
/// The description column.
pub(crate) const DESCRIPTION: Column = Column { label: "Description", names: &["description"] };

impl Column {
    /// Whether a header cell names this column.
    pub(crate) fn is_named(&self, cell: &str) -> bool {
        self.names.iter().any(|name| plain(cell).eq(name.chars()))
    }
}

/// How the names of a table's rows are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Names {
    /// Letter by letter.
    Exact,
    /// As header fields: whatever the case.
    AnyCase,
}

/// A table's rows, each cell's place in the order of `columns`, `None` for a column that the table
/// does not have. The first column is the row's name: rows without one or with one that is there
/// already are left out.
pub(crate) fn read<const N: usize>(
    findings: &mut Findings<'_>,
    table: &Table,
    columns: &[Column; N],
    names: Names,
) -> Vec<[Option<Span>; N]> {
    check_shape(findings, table);
    let places = places(findings, &table.header, columns);
    let width = table.header.cells.len().max(1);
    let mut seen = HashSet::with_capacity_and_hasher(table.rows.len(), RandomState::default());
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let cells = cells(findings, row, width);
        let read = places.map(|place| place.and_then(|place| cells.get(place).copied()));
        let name = read[0].map(|span| findings.slice(span)).unwrap_or_default();
        if name.is_empty() {
            findings.add(&codes::ROW_WITHOUT_NAME, row.span, format!("row without `{}`", columns[0].label));
            continue;
        }
        let key = if names == Names::AnyCase { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) };
        if !seen.insert(key) {
            let message = format!("row {} stands in the table twice", quoted(name));
            findings.add(&codes::DUPLICATE_ROW, row.span, message).note = Some("the first row counts".to_owned());
            continue;
        }
        rows.push(read);
    }
    rows
}

fn check_shape(findings: &mut Findings<'_>, table: &Table) {
    if !table.well_formed {
        let message = format!("table {} is none to Markdown", quoted(findings.slice(table.header.span)));
        findings.add(&codes::TABLE_BROKEN, table.header.span, message);
    }
    if let Some(rest) = table.run_on {
        let line = findings.slice(rest).lines().next().unwrap_or_default();
        let message = format!("{} follows the table's last row without a blank line", quoted(line));
        findings.add(&codes::TABLE_NOT_CLOSED, rest, message);
    }
}

/// Which of the table's columns each needed one is.
fn places<const N: usize>(findings: &mut Findings<'_>, header: &Row, columns: &[Column; N]) -> [Option<usize>; N] {
    let named: Vec<&str> = header.cells.iter().map(|span| findings.slice(*span)).collect();
    let mut places: [Option<usize>; N] =
        std::array::from_fn(|at| named.iter().position(|cell| columns[at].is_named(cell)));
    let mut taken: HashSet<usize> = places.iter().flatten().copied().collect();
    for (at, column) in columns.iter().enumerate() {
        if places[at].is_some() {
            continue;
        }
        // A column under another name is taken by its place, as long as the table is as wide as it should be.
        let by_place = (at == 0 || named.len() == N) && at < named.len() && taken.insert(at);
        let message = if by_place {
            places[at] = Some(at);
            format!("column {} is read as `{}`", quoted(named[at]), column.label)
        } else {
            format!("table has no column `{}`", column.label)
        };
        findings.add(&codes::TABLE_COLUMNS, header.span, message);
    }
    for (at, name) in named.iter().enumerate() {
        if !taken.contains(&at) {
            findings.add(&codes::TABLE_COLUMNS, header.cells[at], format!("column {} is not known", quoted(name)));
        }
    }
    places
}

/// The row's cells, as many as the header has.
fn cells<'r>(findings: &mut Findings<'_>, row: &'r Row, width: usize) -> Cow<'r, [Span]> {
    if row.lines > 1 {
        let name = row.cells.first().map(|cell| findings.slice(*cell)).unwrap_or_default();
        let message = format!("row {} runs over several lines", quoted(name));
        findings.add(&codes::ROW_OVER_LINES, row.span, message);
    }
    if row.cells.len() == width {
        return Cow::Borrowed(&row.cells);
    }
    let mut cells = row.cells.clone();
    let name = row.cells.first().map(|cell| findings.slice(*cell)).unwrap_or_default();
    let message = format!("row {} has {} cells where the header has {width}", quoted(name), cells.len());
    findings.add(&codes::ROW_CELLS, row.span, message);
    if cells.len() > width {
        let end = cells.last().map_or(row.span.end, |last| last.end);
        cells.truncate(width);
        if let Some(last) = cells.last_mut() {
            last.end = end;
        }
    }
    cells.resize(width, Span { start: row.span.end, end: row.span.end });
    Cow::Owned(cells)
}
