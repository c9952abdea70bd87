//! The page's blocks as Markdown has them, each with its place.
//!
//! Only what stands at the top level counts: tables and headings within lists and quotations are
//! prose.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, TagEnd};

use crate::findings::{lines, slice, trimmed};
use crate::page::Span;
use crate::tables::{self, Table};

/// A block at the top level.
#[derive(Debug)]
pub(crate) enum Block {
    /// A heading.
    Heading(Heading),
    /// A fenced code block.
    Fence(Fence),
    /// A table, or lines that should be one.
    Table(Box<Table>),
    /// A paragraph, a list, a quotation, HTML, …
    Prose(Prose),
}

/// A heading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading {
    /// 1 to 6.
    pub(crate) level: u8,
    /// The heading's text, without the number signs.
    pub(crate) text: Span,
    /// The whole heading.
    pub(crate) span: Span,
}

/// A fenced code block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    /// What stands behind the opening backticks.
    pub(crate) info: Span,
    /// The lines between the fences.
    pub(crate) content: Span,
    /// Whether it has an end.
    pub(crate) closed: bool,
    /// The whole block.
    pub(crate) span: Span,
}

/// Prose of some kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prose {
    /// What kind.
    pub(crate) kind: ProseKind,
    /// The whole block, without blanks at its end.
    pub(crate) span: Span,
}

/// How prose is made up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProseKind {
    /// A paragraph, or HTML, which vendors use as paragraphs.
    Paragraph,
    /// A list, a quotation, indented code.
    Other,
    /// A comment or a rule: says nothing.
    Nothing,
}

impl Block {
    /// The whole block.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Heading(heading) => heading.span,
            Self::Fence(fence) => fence.span,
            Self::Table(table) => table.span,
            Self::Prose(prose) => prose.span,
        }
    }
}

/// Splits the text from `start` on into its blocks.
pub(crate) fn read(text: &str, start: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut depth = 0_usize;
    let mut inner: Option<Span> = None;
    let markdown = with_blanks_for_tabs(&text[start..]);
    for (event, range) in Parser::new_ext(&markdown, Options::ENABLE_TABLES).into_offset_iter() {
        let span = Span { start: range.start + start, end: range.end + start };
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    inner = None;
                } else {
                    widen(&mut inner, span);
                }
                depth += 1;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    push(text, &mut blocks, tag, span, inner.take());
                }
            }
            Event::Rule if depth == 0 => {
                blocks.push(Block::Prose(Prose { kind: ProseKind::Nothing, span: trimmed(text, span) }));
            }
            _ => widen(&mut inner, span),
        }
    }
    join_cells(text, &mut blocks);
    blocks
}

/// The text with blanks in place of tabs where pulldown-cmark wants blanks although CommonMark
/// allows tabs: at the ends of lines, as behind a closing fence, and in tables. No place moves.
fn with_blanks_for_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut changed = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        if line.trim_start().starts_with('|') {
            changed.extend(line.chars().map(|c| if c == '\t' { ' ' } else { c }));
        } else {
            let (kept, end) = line.split_at(line.trim_end().len());
            changed.push_str(kept);
            changed.extend(end.chars().map(|c| if c == '\t' { ' ' } else { c }));
        }
    }
    Cow::Owned(changed)
}

/// Puts cells back together that blank lines tear out of their table.
fn join_cells(text: &str, blocks: &mut Vec<Block>) {
    // No cell runs over these.
    let ends: Vec<usize> = blocks
        .iter()
        .filter(|block| match block {
            Block::Heading(_) | Block::Fence(_) => true,
            Block::Table(table) => table.well_formed,
            Block::Prose(_) => false,
        })
        .map(|block| block.span().start)
        .collect();
    let mut joined = Vec::with_capacity(blocks.len());
    let mut rest = blocks.drain(..).peekable();
    while let Some(block) = rest.next() {
        let Block::Table(table) = &block else {
            joined.push(block);
            continue;
        };
        let end = ends.partition_point(|end| *end <= table.span.start);
        let Some(table) = tables::extended(text, table, ends.get(end).copied().unwrap_or(text.len())) else {
            joined.push(block);
            continue;
        };
        let end = table.span.end;
        joined.push(Block::Table(Box::new(table)));
        let mut torn_end = end;
        while let Some(torn) = rest.next_if(|torn| torn.span().start < end) {
            torn_end = torn_end.max(torn.span().end);
        }
        let behind = trimmed(text, Span { start: end, end: torn_end });
        if behind.start < behind.end {
            joined.push(Block::Prose(Prose { kind: ProseKind::Paragraph, span: behind }));
        }
    }
    drop(rest);
    *blocks = joined;
}

fn widen(inner: &mut Option<Span>, span: Span) {
    let widened =
        inner.map_or(span, |so_far| Span { start: so_far.start.min(span.start), end: so_far.end.max(span.end) });
    *inner = Some(widened);
}

/// Adds the block that ends here.
fn push(text: &str, blocks: &mut Vec<Block>, tag: TagEnd, span: Span, inner: Option<Span>) {
    let whole = trimmed(text, span);
    let prose = |kind| Block::Prose(Prose { kind, span: whole });
    match tag {
        TagEnd::Heading(level) => {
            let heading_end = Span { start: whole.end, end: whole.end };
            let heading_text = trimmed(text, inner.unwrap_or(heading_end));
            blocks.push(Block::Heading(Heading { level: level as u8, text: heading_text, span: whole }));
        }
        TagEnd::CodeBlock => match fence(text, span, inner) {
            Some(fence) => blocks.push(Block::Fence(fence)),
            None => blocks.push(prose(ProseKind::Other)),
        },
        TagEnd::Table => push_table(text, blocks, whole, true),
        TagEnd::Paragraph => {
            // Lines that begin with a pipe want to be a table.
            let table = lines(text, whole).find(|line| slice(text, *line).trim_start().starts_with('|'));
            match table {
                Some(first) => {
                    let before = trimmed(text, Span { start: whole.start, end: first.start });
                    if before.start < before.end {
                        blocks.push(Block::Prose(Prose { kind: ProseKind::Paragraph, span: before }));
                    }
                    push_table(text, blocks, Span { start: first.start, end: whole.end }, false);
                }
                None => blocks.push(prose(ProseKind::Paragraph)),
            }
        }
        TagEnd::HtmlBlock => {
            let source = slice(text, whole);
            let is_comment = source.starts_with("<!--") && source.find("-->").is_none_or(|at| at + 3 == source.len());
            blocks.push(prose(if is_comment { ProseKind::Nothing } else { ProseKind::Paragraph }));
        }
        _ => blocks.push(prose(ProseKind::Other)),
    }
}

/// Adds a table and what runs on behind it.
fn push_table(text: &str, blocks: &mut Vec<Block>, span: Span, well_formed: bool) {
    let (table, rest) = tables::read(text, span, well_formed);
    blocks.push(Block::Table(Box::new(table)));
    if let Some(rest) = rest {
        blocks.push(Block::Prose(Prose { kind: ProseKind::Paragraph, span: trimmed(text, rest) }));
    }
}

/// The parts of a fenced block; `None` for indented code.
fn fence(text: &str, span: Span, inner: Option<Span>) -> Option<Fence> {
    let whole = trimmed(text, span);
    let source = slice(text, whole);
    let marker = source.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let opening = lines(text, whole).next()?;
    let markers = source.len() - source.trim_start_matches(marker).len();
    if markers < 3 {
        return None;
    }
    let info = trimmed(text, Span { start: opening.start + markers, end: opening.end });
    let last = source.rfind(['\n', '\r']).map(|end| source[end + 1..].trim());
    let closed = last.is_some_and(|line| line.len() >= markers && line.chars().all(|c| c == marker));
    let content = inner.unwrap_or(Span { start: opening.end, end: opening.end });
    Some(Fence { info, content, closed, span: whole })
}
