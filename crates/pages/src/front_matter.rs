//! Reads the front matter's lines: `key: value`, plain, quoted or folded.
//!
//! Not a YAML reader: it reads the scalars at the top level with their exact places, and passes
//! over everything nested.

use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::{Findings, lines, slice, trimmed};
use crate::page::{Span, Spanned};

/// What the front matter says of the page.
#[derive(Debug, Default)]
pub(crate) struct FrontMatter {
    /// `id` or `uid`, whichever comes first.
    pub(crate) id: Option<Spanned<String>>,
    /// `title`.
    pub(crate) title: Option<Spanned<String>>,
    /// Where the Markdown behind it begins.
    pub(crate) body_start: usize,
}

/// Reads the front matter at the beginning of the text, if there is one.
pub(crate) fn read(findings: &mut Findings<'_>) -> FrontMatter {
    let text = findings.text;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let none = FrontMatter { body_start: start, ..FrontMatter::default() };
    let mut source = lines(text, Span { start, end: text.len() });
    if source.next().is_none_or(|line| slice(text, line).trim_end() != "---") {
        return none;
    }
    let mut all = Vec::new();
    let end_line = loop {
        // Without an end, all of it is no front matter.
        let Some(line) = source.next() else { return none };
        if is_end(slice(text, line)) {
            break line;
        }
        all.push(line);
    };
    let after = &text[end_line.end..];
    let line_end = if after.starts_with("\r\n") { 2 } else { usize::from(!after.is_empty()) };

    let mut front_matter = FrontMatter { body_start: end_line.end + line_end, ..FrontMatter::default() };
    let mut keys = Keys::default();
    let mut index = 0;
    while index < all.len() {
        let line = all[index];
        let continuation = all[index + 1..].iter().take_while(|next| is_continuation(slice(text, **next))).count();
        entry(findings, line, &all[index + 1..index + 1 + continuation], &mut keys);
        index += 1 + continuation;
    }
    front_matter.id = keys.id;
    front_matter.title = keys.title;
    front_matter
}

/// The keys that matter here.
#[derive(Default)]
struct Keys {
    id: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
}

fn is_end(line: &str) -> bool {
    matches!(line.trim_end(), "---" | "...")
}

fn is_continuation(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with([' ', '\t']) || line.starts_with("- ")
}

/// Reads one entry: its line and the lines that belong to it.
fn entry(findings: &mut Findings<'_>, line: Span, more: &[Span], keys: &mut Keys) {
    let text = findings.text;
    let source = slice(text, line);
    if source.trim().is_empty() || source.trim_start().starts_with('#') {
        return;
    }
    let split = source.find(':').filter(|at| {
        let after = &source[at + 1..];
        after.is_empty() || after.starts_with([' ', '\t'])
    });
    let Some(colon) = split else {
        findings.add(
            &codes::FRONT_MATTER_LINE,
            line,
            format!("front matter line {} is no `key: value`", quoted(source)),
        );
        return;
    };
    let key = source[..colon].trim();
    let slot = match key {
        "id" | "uid" => &mut keys.id,
        "title" => &mut keys.title,
        _ => return,
    };
    let value = scalar(text, Span { start: line.start + colon + 1, end: line.end }, more);
    match slot {
        Some(first) if key == "title" || first.value != value.value => {
            let message = format!("front matter gives {} again, as {}", quoted(key), quoted(&value.value));
            let note = format!("{} counts, which comes first", quoted(&first.value));
            findings.add(&codes::DUPLICATE_KEY, line, message).note = Some(note);
        }
        Some(_) => {}
        None if value.value.is_empty() => {}
        None => *slot = Some(value),
    }
}

/// Reads a scalar: plain, in quotes, or folded over further lines.
fn scalar(text: &str, first: Span, more: &[Span]) -> Spanned<String> {
    let first = trimmed(text, first);
    let source = slice(text, first);
    if let Some(quote) = source.chars().next().filter(|c| matches!(c, '"' | '\''))
        && let Some(length) = source[1..].rfind(quote)
    {
        let span = Span { start: first.start + 1, end: first.start + 1 + length };
        let inner = slice(text, span);
        let value =
            if quote == '"' { inner.replace("\\\"", "\"").replace("\\\\", "\\") } else { inner.replace("''", "'") };
        return Spanned { value, span };
    }
    // A plain scalar's comment begins with a blank and a number sign.
    let length = source.find(" #").unwrap_or(source.len());
    let first = trimmed(text, Span { start: first.start, end: first.start + length });
    let is_block = source.starts_with(['>', '|']);
    let parts: Vec<Span> = std::iter::once(first)
        .skip(usize::from(is_block))
        .chain(more.iter().map(|line| trimmed(text, *line)))
        .filter(|part| part.start < part.end)
        .collect();
    let (Some(begin), Some(end)) = (parts.first(), parts.last()) else {
        return Spanned { value: String::new(), span: Span { start: first.end, end: first.end } };
    };
    let value = parts.iter().map(|part| slice(text, *part)).collect::<Vec<_>>().join(" ");
    Spanned { value, span: Span { start: begin.start, end: end.end } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, id: Option<&str>, title: Option<&str>, body: &str) {
        let mut findings = Findings::new("x.md", text);
        let read = read(&mut findings);
        assert_eq!(read.id.map(|id| id.value).as_deref(), id, "{text:?}");
        assert_eq!(read.title.as_ref().map(|title| title.value.as_str()), title, "{text:?}");
        assert_eq!(&text[read.body_start..], body, "{text:?}");
    }

    #[test]
    fn front_matter_is_read_line_by_line() {
        check("---\ntitle: GET A\nid: a\n---\nbody", Some("a"), Some("GET A"), "body");
        check("\u{feff}---\r\nuid: a\r\n---\r\nbody", Some("a"), None, "body");
        check("---\nuid: \"a\"\ntitle: 'GET ''A'''\n---", Some("a"), Some("GET 'A'"), "");
        check("---\ntitle: >-\n  GET\n  A\nid: a # why\n---\n", Some("a"), Some("GET A"), "");
        check("---\nid:\n---\n", None, None, "");
        check("---\nid: a\nnever closed", None, None, "---\nid: a\nnever closed");
        check("---", None, None, "---");
        check("", None, None, "");
        check("---\n---\n", None, None, "");
        check("---\nmeta:\n  id: no\nid: a\n---\n", Some("a"), None, "");
    }
}
