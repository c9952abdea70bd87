//! Cleans the pages' texts: entities that were escaped once or twice, and the tags of .NET
//! documentation comments, become CommonMark that renders no raw HTML.

use std::borrow::Cow;

/// Deepest escaping seen in references of this kind is two (`&amp;apos;`); one more costs nothing.
const MAX_UNESCAPES: usize = 3;

/// A text for a place that holds plain text in one line, such as a summary; `None` where nothing
/// is left of it.
pub fn clean_line(text: &str) -> Option<String> {
    let plain = unescape_markdown(&replace_tags(&unescape(text), TagStyle::Plain));
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// A text for a place that holds CommonMark; `None` where nothing is left of it.
pub fn clean_markdown(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let tagless = outside_code(&text, |prose| replace_tags(&unescape(prose), TagStyle::Markdown));
    let mut lines = Vec::new();
    for line in tagless.lines().map(str::trim_end) {
        let doubled_blank = line.is_empty() && lines.last().is_none_or(|last: &&str| last.is_empty());
        if !doubled_blank {
            lines.push(line);
        }
    }
    let cleaned = lines.join("\n").trim_end().to_owned();
    (!cleaned.is_empty()).then_some(cleaned)
}

/// Takes away the backslashes that Markdown wants before its own marks, and formatters write.
fn unescape_markdown(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(mark) if letter == '\\' && mark.is_ascii_punctuation() => plain.extend(letters.next()),
            _ => plain.push(letter),
        }
    }
    plain
}

/// Decodes HTML entities until nothing changes, which undoes double escaping.
pub fn unescape(text: &str) -> String {
    let mut current = text.to_owned();
    for _ in 0..MAX_UNESCAPES {
        match html_escape::decode_html_entities(&current) {
            Cow::Owned(decoded) if decoded != current => current = decoded,
            _ => break,
        }
    }
    current
}

/// Applies `change` to everything but fenced code blocks and code spans, which show their content
/// as it stands.
fn outside_code(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].bytes().take_while(|byte| *byte == b'`').count();
        let fence = &rest[start..start + ticks];
        let inside = &rest[start + ticks..];
        let Some(length) = closing_ticks(inside, ticks) else {
            // Not a code span: the back-ticks are text.
            out.push_str(&change(&rest[..start]));
            out.push_str(fence);
            rest = inside;
            continue;
        };
        out.push_str(&change(&rest[..start]));
        out.push_str(&rest[start..start + ticks + length + ticks]);
        rest = &inside[length + ticks..];
    }
    out.push_str(&change(rest));
    out
}

/// Where the run of exactly `ticks` back-ticks starts that closes a code span.
fn closing_ticks(text: &str, ticks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find('`') {
        let start = from + found;
        let run = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        if run == ticks {
            return Some(start);
        }
        from = start + run;
    }
    None
}

/// What tags turn into.
#[derive(Clone, Copy, PartialEq)]
enum TagStyle {
    /// Nothing but their content.
    Plain,
    /// Their closest CommonMark.
    Markdown,
}

/// Replaces every tag of `text`; a `<` that starts none is kept, escaped where it could still be
/// taken for one.
fn replace_tags(text: &str, style: TagStyle) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match Tag::parse(rest) {
            Some((tag, length)) => {
                let (replacement, consumed) = tag.replace(&rest[length..], style);
                out.push_str(&replacement);
                rest = &rest[length + consumed..];
            }
            None => {
                let starts_html = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
                if style == TagStyle::Markdown && starts_html {
                    out.push('\\');
                }
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A tag as documentation comments write them.
struct Tag<'t> {
    closing: bool,
    name: String,
    attributes: &'t str,
    self_closed: bool,
}

impl<'t> Tag<'t> {
    /// Reads a tag that starts at the first byte; answers its length too.
    fn parse(text: &'t str) -> Option<(Self, usize)> {
        let end = text.find('>')?;
        let inner = &text[1..end];
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let (self_closed, inner) = match inner.strip_suffix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let name_length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(name_length);
        // `<T>` and `<name>` in prose are placeholders, not tags: only known names are taken.
        let name = name.to_ascii_lowercase();
        KNOWN_TAGS.contains(&name.as_str()).then_some((Self { closing, name, attributes, self_closed }, end + 1))
    }

    /// What stands in place of the tag, and how much of the text behind it that takes along.
    fn replace(&self, behind: &str, style: TagStyle) -> (String, usize) {
        match self.name.as_str() {
            "see" | "seealso" | "paramref" | "typeparamref" if self.self_closed => (self.target(), 0),
            "a" if !self.closing && style == TagStyle::Markdown => self.link(behind),
            "para" | "p" | "br" | "remarks" | "summary" => {
                (if style == TagStyle::Markdown { "\n\n".to_owned() } else { " ".to_owned() }, 0)
            }
            "li" | "item" if !self.closing && style == TagStyle::Markdown => ("\n- ".to_owned(), 0),
            "b" | "strong" if style == TagStyle::Markdown => ("**".to_owned(), 0),
            "i" | "em" if style == TagStyle::Markdown => ("*".to_owned(), 0),
            "c" | "code" if style == TagStyle::Markdown => ("`".to_owned(), 0),
            _ => (String::new(), 0),
        }
    }

    /// `<a href="u">text</a>` as a link, when the address is one that a reader may follow.
    fn link(&self, behind: &str) -> (String, usize) {
        let address = self.attribute("href").filter(|address| {
            (address.starts_with("https://") || address.starts_with("http://"))
                && !address.contains(|c: char| c.is_whitespace() || "()<>".contains(c))
        });
        let close = behind.to_ascii_lowercase().find("</a>");
        match (address, close) {
            (Some(address), Some(close)) if !behind[..close].contains(['<', '[', ']']) => {
                (format!("[{}]({address})", behind[..close].trim()), close + "</a>".len())
            }
            _ => (String::new(), 0),
        }
    }

    /// The last part of what a self-closed reference points to: `T:A.B.C` gives `C`.
    fn target(&self) -> String {
        let target = self.attribute("cref").or_else(|| self.attribute("name")).or_else(|| self.attribute("langword"));
        let target = target.unwrap_or_default();
        let path = target.split_once(':').map_or(target, |(_, path)| path);
        let path = path.split('(').next().unwrap_or(path);
        path.rsplit('.').next().unwrap_or(path).to_owned()
    }

    fn attribute(&self, name: &str) -> Option<&'t str> {
        let start = self.attributes.find(&format!("{name}="))? + name.len() + 1;
        let value = &self.attributes[start..];
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        value[1..].split(quote).next()
    }
}

/// The tags that the references' texts use, all from .NET documentation comments or plain HTML.
const KNOWN_TAGS: [&str; 33] = [
    "a",
    "b",
    "br",
    "c",
    "code",
    "description",
    "div",
    "em",
    "example",
    "exception",
    "i",
    "item",
    "li",
    "list",
    "listheader",
    "ol",
    "p",
    "para",
    "param",
    "paramref",
    "remarks",
    "returns",
    "see",
    "seealso",
    "span",
    "strong",
    "summary",
    "sup",
    "term",
    "typeparamref",
    "u",
    "ul",
    "value",
];

#[cfg(test)]
mod tests {
    use super::{clean_line, clean_markdown};

    #[test]
    fn markdown_texts_become_commonmark_without_html() {
        let check = |input: &str, expected: Option<&str>| {
            assert_eq!(clean_markdown(input).as_deref(), expected, "cleaning {input:?}");
        };
        check("customer&amp;apos;s client", Some("customer's client"));
        check("Use &lt;see cref=\"T:A.B.IChatAgent\"&gt;Chat Agent&lt;/see&gt;.", Some("Use Chat Agent."));
        check("See <see cref=\"P:A.B.Name\"/> there", Some("See Name there"));
        check("See <see cref=\"M:A.B.Save(System.Int32)\"/>", Some("See Save"));
        check("one<para>two</para>", Some("one\n\ntwo"));
        check("<para />", None);
        check("  \n\n", None);
        check("a\r\n\r\n\r\n\r\nb  ", Some("a\n\nb"));
        check("<a href=\"https://x.test/y\">docs</a>", Some("[docs](https://x.test/y)"));
        check("<a href=\"javascript:alert(1)\">docs</a>", Some("docs"));
        check("<script>alert(1)</script>", Some("\\<script>alert(1)\\</script>"));
        check("List<T> and a < b", Some("List\\<T> and a < b"));
        check("`List<T>` stays", Some("`List<T>` stays"));
        check("```\n<b>\n```", Some("```\n<b>\n```"));
        check("a ` b <c>d</c>", Some("a ` b `d`"));
        check("<b>bold</b>", Some("**bold**"));
    }

    #[test]
    fn lines_are_plain_text() {
        let check = |input: &str, expected: Option<&str>| {
            assert_eq!(clean_line(input).as_deref(), expected, "cleaning {input:?}");
        };
        check("Gets\n  all <b>sessions</b>", Some("Gets all sessions"));
        check("'answer' it", Some("'answer' it"));
        check("<para />", None);
        check("It&amp;apos;s", Some("It's"));
        check(r"snake\_case \*star\* C:\Users \\", Some(r"snake_case *star* C:\Users \"));
    }
}
