//! Splits a table's source lines into cells.
//!
//! Markdown pads rows that are too short and cuts those that are too long, silently; the source
//! lines tell.

use crate::findings::{lines, slice, trimmed};
use crate::page::{Span, Spanned};

/// A table's source, cell by cell.
#[derive(Debug)]
pub(crate) struct Table {
    /// The first line.
    pub(crate) header: Row,
    /// The lines below the delimiter row.
    pub(crate) rows: Vec<Row>,
    /// Whether Markdown agrees that it is a table.
    pub(crate) well_formed: bool,
    /// Where text follows the last row without a blank line.
    pub(crate) run_on: Option<Span>,
    /// The whole table.
    pub(crate) span: Span,
}

/// A row's cells, without the blanks around them.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The cells.
    pub(crate) cells: Vec<Span>,
    /// From how many lines the row was put together.
    pub(crate) lines: usize,
    /// The whole row.
    pub(crate) span: Span,
}

/// A row over more lines is none: each line costs another look at the lines before it.
const MOST_LINES: usize = 100;

/// Reads a table and returns what follows it without a blank line.
pub(crate) fn read(text: &str, span: Span, mut well_formed: bool) -> (Table, Option<Span>) {
    let mut source = lines(text, span).peekable();
    let header = row(text, source.next().unwrap_or(span));
    if let Some(delimiter) = source.next_if(|line| is_delimiter(slice(text, *line))) {
        well_formed |= row(text, delimiter).cells.len() == header.cells.len();
    }
    let piped = slice(text, header.span).starts_with('|');
    let mut rows: Vec<Row> = Vec::new();
    let mut rest = None;
    for line in source {
        let next = row(text, line);
        if !piped || slice(text, next.span).starts_with('|') {
            rows.push(next);
            continue;
        }
        // A line without a pipe in front belongs to the row above if that one is not complete.
        match rows.last_mut() {
            Some(last)
                if last.lines < MOST_LINES
                    && (last.cells.len() < header.cells.len() || !ends_with_pipe(slice(text, last.span))) =>
            {
                let joined = row(text, Span { start: last.span.start, end: line.end });
                *last = Row { lines: last.lines + 1, ..joined };
            }
            _ => {
                rest = Some(Span { start: line.start, end: span.end });
                break;
            }
        }
    }
    let end = rows.last().map_or(header.span.end, |last| last.span.end);
    let table = Table { header, rows, well_formed, run_on: rest, span: Span { start: span.start, end } };
    (table, rest)
}

/// Reads on behind a table whose last row is not complete, over blank lines and up to `until`;
/// `None` where that does not complete the row.
pub(crate) fn extended(text: &str, table: &Table, until: usize) -> Option<Table> {
    let width = table.header.cells.len();
    let is_complete = |row: &Row| row.cells.len() == width && ends_with_pipe(slice(text, row.span));
    let (last, before) = table.rows.split_last()?;
    if is_complete(last) || !slice(text, table.header.span).starts_with('|') {
        return None;
    }
    let (mut last, mut rows) = (last.clone(), before.to_vec());
    for line in lines(text, Span { start: table.span.end, end: until }) {
        let next = row(text, line);
        match (is_complete(&last), slice(text, next.span)) {
            (true, source) if source.starts_with('|') => rows.push(std::mem::replace(&mut last, next)),
            (true, _) => break,
            (false, "") => {}
            (false, source) if source.starts_with('|') => return None,
            (false, _) => {
                let joined = row(text, Span { start: last.span.start, end: line.end });
                last = Row { lines: last.lines + 1, ..joined };
            }
        }
        if last.cells.len() > width || last.lines > MOST_LINES {
            return None;
        }
    }
    let is_complete = is_complete(&last);
    let span = Span { start: table.span.start, end: last.span.end };
    rows.push(last);
    let table = Table { header: table.header.clone(), rows, well_formed: table.well_formed, run_on: None, span };
    is_complete.then_some(table)
}

/// The text of a cell, with escaped pipes as pipes.
pub(crate) fn cell(text: &str, span: Span) -> Spanned<String> {
    let source = slice(text, span);
    let value = if source.contains('\\') { source.replace("\\|", "|") } else { source.to_owned() };
    Spanned { value, span }
}

/// The text of a cell that holds a name: without the backslashes and the marks that a formatter or
/// an author puts around it (`my\_name`, `` `name` ``, `**name**`).
pub(crate) fn name(text: &str, span: Span) -> Spanned<String> {
    let mut span = span;
    for mark in ["**", "__", "`"] {
        let source = slice(text, span);
        let inner = source.strip_prefix(mark).and_then(|source| source.strip_suffix(mark));
        if let Some(inner) = inner.filter(|inner| !inner.trim().is_empty() && !inner.contains(mark)) {
            let start = span.start + mark.len();
            span = trimmed(text, Span { start, end: start + inner.len() });
        }
    }
    Spanned { value: unescaped(slice(text, span)), span }
}

/// Takes the backslashes away that CommonMark's section on backslash escapes speaks of.
pub(crate) fn unescaped(source: &str) -> String {
    if !source.contains('\\') {
        return source.to_owned();
    }
    let mut plain = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some(next) if character == '\\' && next.is_ascii_punctuation() => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

fn is_delimiter(line: &str) -> bool {
    line.contains('-') && line.contains('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

fn ends_with_pipe(line: &str) -> bool {
    line.ends_with('|') && !line.ends_with("\\|")
}

/// Splits at every pipe that no backslash stands before.
fn row(text: &str, line: Span) -> Row {
    let span = trimmed(text, line);
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let mut start = span.start;
    if bytes.get(start) == Some(&b'|') && start < span.end {
        start += 1;
    }
    let first = start;
    for at in memchr::memchr_iter(b'|', bytes.get(first..span.end).unwrap_or_default()).map(|at| first + at) {
        if at == 0 || bytes[at - 1] != b'\\' {
            cells.push(cell_span(text, start, at));
            start = at + 1;
        }
    }
    if start < span.end {
        cells.push(cell_span(text, start, span.end));
    }
    Row { cells, lines: 1, span }
}

/// A cell without its blanks; an empty one stands where its text would begin.
fn cell_span(text: &str, start: usize, end: usize) -> Span {
    let inner = trimmed(text, Span { start, end });
    if inner.start < inner.end {
        return inner;
    }
    let at = if end > start { start + 1 } else { start };
    Span { start: at, end: at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let row = row(line, Span { start: 0, end: line.len() });
        let cells: Vec<String> = row.cells.iter().map(|span| cell(line, *span).value).collect();
        assert_eq!(cells, expected, "{line:?}");
    }

    #[test]
    fn rows_are_split_at_bare_pipes() {
        check("| a | b |", &["a", "b"]);
        check("a | b", &["a", "b"]);
        check("| a |  |", &["a", ""]);
        check("| a ||", &["a", ""]);
        check(r"| a \| b | `c \| d` |", &["a | b", "`c | d`"]);
        check("|", &[]);
        check("||", &[""]);
        check("", &[]);
        check("| a", &["a"]);
    }

    #[test]
    fn names_lose_their_marks_and_escapes() {
        for (cell, expected) in [
            ("_Links", "_Links"),
            (r"\_Links", "_Links"),
            (r"a\_b\\c", r"a_b\c"),
            (r"a\b", r"a\b"),
            ("`$select`", "$select"),
            ("**Id**", "Id"),
            ("__Id__", "Id"),
            ("__", "__"),
            ("____", "____"),
            ("", ""),
        ] {
            assert_eq!(name(cell, Span { start: 0, end: cell.len() }).value, expected, "{cell:?}");
        }
    }

    #[test]
    fn lines_of_one_row_are_joined_and_text_behind_the_table_is_not() {
        let text = "| N | D |\n|---|---|\n| a | one\ntwo |\n| b | three |\nAfter: this";
        let (table, rest) = read(text, Span { start: 0, end: text.len() }, true);
        assert_eq!(table.rows.len(), 2);
        assert_eq!(slice(text, table.rows[0].cells[1]), "one\ntwo");
        assert_eq!(table.rows[0].lines, 2);
        assert_eq!(rest.map(|rest| slice(text, rest)), Some("After: this"));
    }
}
