//! The page's method and path, and what must agree with them.

use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::{Findings, lines, slice, trimmed};
use crate::outline::{Block, Fence};
use crate::page::{ParameterRow, Span, Spanned};

/// A method and what it is sent to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestLine {
    /// In upper case; `DEL` has become `DELETE`.
    pub(crate) method: Spanned<String>,
    /// What stands between the method and the protocol's version.
    pub(crate) target: Spanned<String>,
}

/// A placeholder of a path template.
struct Placeholder<'a> {
    name: &'a str,
    span: Span,
}

const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];

/// Reads `METHOD target` from a line.
pub(crate) fn request_line(text: &str, line: Span) -> Option<RequestLine> {
    let line = trimmed(text, line);
    let source = slice(text, line);
    let length = source.find(char::is_whitespace)?;
    let word = &source[..length];
    let method = match word {
        "DEL" => "DELETE",
        word => METHODS.into_iter().find(|method| *method == word)?,
    };
    let mut target = trimmed(text, Span { start: line.start + length, end: line.end });
    if let Some((before, version)) = slice(text, target).rsplit_once(char::is_whitespace)
        && version.starts_with("HTTP/")
    {
        target.end = target.start + before.trim_end().len();
    }
    (target.start < target.end).then(|| RequestLine {
        method: Spanned { value: method.to_owned(), span: Span { start: line.start, end: line.start + length } },
        target: Spanned { value: slice(text, target).to_owned(), span: target },
    })
}

/// The operation's fence: the first `http` fence of the form `METHOD /path` above all headings
/// but the page's own.
pub(crate) fn fence(text: &str, blocks: &[Block]) -> Option<(usize, RequestLine)> {
    blocks
        .iter()
        .enumerate()
        .take_while(|(_, block)| !matches!(block, Block::Heading(heading) if heading.level > 1))
        .find_map(|(index, block)| match block {
            Block::Fence(fence) => Some((index, fence_line(text, fence)?)),
            _ => None,
        })
}

fn fence_line(text: &str, fence: &Fence) -> Option<RequestLine> {
    let language = slice(text, fence.info).split_whitespace().next().unwrap_or_default();
    if !language.is_empty() && !language.eq_ignore_ascii_case("http") {
        return None;
    }
    let first = lines(text, fence.content).find(|line| !slice(text, *line).trim().is_empty())?;
    request_line(text, first).filter(|line| line.target.value.starts_with('/') && is_one_word(&line.target.value))
}

/// The operation as a title says it: `METHOD Path`, with or without the slash in front.
pub(crate) fn title_line(title: &Spanned<String>) -> Option<RequestLine> {
    let whole = Span { start: 0, end: title.value.len() };
    let mut line = request_line(&title.value, whole).filter(|line| is_one_word(&line.target.value))?;
    for span in [&mut line.method.span, &mut line.target.span] {
        // A quoted or folded title is not the page's own slice; its whole place must do then.
        let is_slice = title.span.end - title.span.start == title.value.len();
        *span = if is_slice {
            Span { start: span.start + title.span.start, end: span.end + title.span.start }
        } else {
            title.span
        };
    }
    Some(line)
}

fn is_one_word(target: &str) -> bool {
    !target.contains(char::is_whitespace)
}

/// Complains about further lines in the operation's fence.
pub(crate) fn check_fence(findings: &mut Findings<'_>, fence: &Fence) {
    let filled = lines(findings.text, fence.content).filter(|line| !slice(findings.text, *line).trim().is_empty());
    if let Some(second) = filled.skip(1).find(|line| request_line(findings.text, *line).is_some()) {
        let message = format!("`http` fence names a second operation {}", quoted(findings.slice(second)));
        findings.add(&codes::SEVERAL_OPERATIONS, trimmed(findings.text, second), message);
    }
}

/// Cuts a query string off a path template and complains about it.
pub(crate) fn path_template(findings: &mut Findings<'_>, target: Spanned<String>) -> Spanned<String> {
    let Some((path, _)) = target.value.split_once('?') else {
        return target;
    };
    let message = format!("path {} has a query string", quoted(&target.value));
    findings.add(&codes::MALFORMED_PATH, target.span, message);
    let is_slice = target.span.end - target.span.start == target.value.len();
    let end = if is_slice { target.span.start + path.len() } else { target.span.end };
    Spanned { value: path.to_owned(), span: Span { start: target.span.start, end } }
}

/// Compares a title with the operation that the fence says.
pub(crate) fn check_title(findings: &mut Findings<'_>, title: &Spanned<String>, method: &str, path: &str) {
    let Some(line) = title_line(title) else {
        let message = format!("title {} does not say {}", quoted(&title.value), quoted(&format!("{method} {path}")));
        findings.add(&codes::TITLE_CONTRADICTS_FENCE, title.span, message);
        return;
    };
    let said: Vec<&str> = segments(&line.target.value);
    let meant: Vec<&str> = segments(path);
    // The title may leave out the path's beginning and shorten the names of placeholders.
    let agrees = said.len() <= meant.len()
        && said.iter().rev().zip(meant.iter().rev()).all(|(said, meant)| same_but_placeholders(said, meant));
    if line.method.value != method || !agrees {
        let message =
            format!("title {} contradicts the fence's {}", quoted(&title.value), quoted(&format!("{method} {path}")));
        findings.add(&codes::TITLE_CONTRADICTS_FENCE, title.span, message).note = Some("the fence counts".to_owned());
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Whether two segments are the same apart from the names in braces.
fn same_but_placeholders(left: &str, right: &str) -> bool {
    blank_placeholders(left).eq_ignore_ascii_case(&blank_placeholders(right))
}

fn blank_placeholders(segment: &str) -> String {
    let mut blanked = String::new();
    let mut depth = 0_usize;
    for character in segment.chars() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                blanked.push_str("{}");
            }
            character if depth == 0 => blanked.push(character),
            _ => {}
        }
    }
    blanked
}

/// Compares a sample's request line with the operation.
pub(crate) fn check_sample(findings: &mut Findings<'_>, start_line: &Spanned<String>, method: &str, path: &str) {
    let Some(line) = request_line(findings.text, start_line.span) else {
        return;
    };
    let target = line.target.value.split(['?', '#']).next().unwrap_or_default();
    let target = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let said = segments(target);
    let meant = segments(path);
    let agrees = said.len() == meant.len() && said.iter().zip(&meant).all(|(said, meant)| fits(said, meant));
    if line.method.value != method || !agrees {
        let message = format!(
            "sample request {} does not call {}",
            quoted(&start_line.value),
            quoted(&format!("{method} {path}"))
        );
        findings.add(&codes::SAMPLE_CONTRADICTS_OPERATION, start_line.span, message);
    }
}

/// Whether a segment of a request is one that the template's segment can become.
fn fits(said: &str, template: &str) -> bool {
    match (template.find('{'), template.rfind('}')) {
        (Some(open), Some(close)) if open < close => {
            let (before, after) = (&template[..open], &template[close + 1..]);
            said.len() > before.len() + after.len() && said.starts_with(before) && said.ends_with(after)
        }
        _ => said == template,
    }
}

/// Compares the path's placeholders with the "Path Part" table, in any case, as inference does.
pub(crate) fn check_placeholders(findings: &mut Findings<'_>, path: &Spanned<String>, rows: &[ParameterRow]) {
    let placeholders = placeholders(findings, path);
    for placeholder in &placeholders {
        if !rows.iter().any(|row| row.name.value.trim().eq_ignore_ascii_case(placeholder.name)) {
            let message = format!("placeholder {} has no row", quoted(&format!("{{{}}}", placeholder.name)));
            findings.add(&codes::PLACEHOLDER_WITHOUT_ROW, placeholder.span, message);
        }
    }
    for row in rows {
        let name = row.name.value.trim();
        if !placeholders.iter().any(|placeholder| placeholder.name.eq_ignore_ascii_case(name)) {
            let message =
                format!("row {} names no placeholder of the path {}", quoted(&row.name.value), quoted(&path.value));
            findings.add(&codes::ROW_WITHOUT_PLACEHOLDER, row.name.span, message);
        }
    }
}

/// The names in braces, with complaints about what is wrong with them.
fn placeholders<'p>(findings: &mut Findings<'_>, path: &'p Spanned<String>) -> Vec<Placeholder<'p>> {
    let source = path.value.as_str();
    let is_slice = path.span.end - path.span.start == source.len();
    let mut found: Vec<Placeholder<'p>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut is_sound = true;
    for (at, character) in source.char_indices() {
        match character {
            '{' => is_sound &= open.replace(at).is_none(),
            '}' => {
                let Some(begin) = open.take() else {
                    is_sound = false;
                    continue;
                };
                let name = &source[begin + 1..at];
                if name.trim().is_empty() || found.iter().any(|other| other.name == name) {
                    is_sound = false;
                    continue;
                }
                let span = if is_slice {
                    Span { start: path.span.start + begin, end: path.span.start + at + 1 }
                } else {
                    path.span
                };
                found.push(Placeholder { name, span });
            }
            '/' => is_sound &= open.is_none(),
            _ => {}
        }
    }
    if !is_sound || open.is_some() {
        let message = format!("path {} has unbalanced, empty or repeated placeholders", quoted(source));
        findings.add(&codes::MALFORMED_PATH, path.span, message);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_have_a_method_and_a_target() {
        let check = |source: &str, expected: Option<(&str, &str)>| {
            let line = request_line(source, Span { start: 0, end: source.len() });
            let found = line.as_ref().map(|line| (line.method.value.as_str(), line.target.value.as_str()));
            assert_eq!(found, expected, "{source:?}");
        };
        check("GET /a", Some(("GET", "/a")));
        check("  DEL  A/{id} ", Some(("DELETE", "A/{id}")));
        check("GET /a?x=y z HTTP/1.1", Some(("GET", "/a?x=y z")));
        check("Get started", None);
        check("GET", None);
        check("GET ", None);
        check("FETCH /a", None);
    }

    #[test]
    fn rows_name_placeholders_in_any_case() {
        let check = |row: &str, warnings: usize| {
            let text = format!(
                "---\nid: v1Thing_Get\n---\n\n# GET /a/{{a}}\n\n```http\nGET /a/{{a}}\n```\n\nReads.\n\n\
                 | Path Part | Type | Description |\n|---|---|---|\n| {row} | int32 | It. |\n"
            );
            let codes = [codes::PLACEHOLDER_WITHOUT_ROW.code, codes::ROW_WITHOUT_PLACEHOLDER.code];
            let found = crate::parse("rest/Thing/a.md", &text).diagnostics;
            assert_eq!(found.iter().filter(|found| codes.contains(&found.code)).count(), warnings, "{row}");
        };
        check("a", 0);
        check("A", 0);
        check("b", 2);
    }

    #[test]
    fn filled_in_segments_fit_their_templates() {
        for (said, template, expected) in [
            ("7", "{id}", true),
            ("{other}", "{id}", true),
            ("Get", "Get", true),
            ("get", "Get", false),
            ("Get(7)", "Get({id})", true),
            ("Get()", "Get({id})", false),
            ("a", "}{", false),
        ] {
            assert_eq!(fits(said, template), expected, "{said} {template}");
        }
    }
}
