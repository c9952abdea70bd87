//! Keys, texts and numbers. What is plain or quoted beyond doubt is written here; whatever else there is, the
//! serializer writes, so that its rules count.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::Number;

use super::layout::indent;
use super::{WIDTH, block, serialize_text};

/// How a text is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// As it is.
    Plain,
    /// Between double quotes, without anything to escape.
    Quoted,
    /// The serializer knows.
    Unsure,
}

pub(super) fn flag(out: &mut String, flag: bool) {
    out.push_str(if flag { "true" } else { "false" });
}

pub(super) fn number(out: &mut String, number: &Number) {
    if number.is_f64() {
        out.push_str(block(number).trim_end());
    } else {
        write!(out, "{number}").expect("a String takes everything");
    }
}

/// Writes a key; not a long one, which takes more than its line.
pub(super) fn key(out: &mut String, name: &str) {
    match key_style(name.as_bytes()) {
        Style::Plain => out.push_str(name),
        Style::Quoted => quoted(out, name),
        Style::Unsure => {
            let written = block(&Key(name));
            out.push_str(written.strip_suffix(": null\n").expect("a key that is not long stands before its value"));
        }
    }
}

/// Writes a value; the key or the dash before it begins at `column`.
pub(super) fn text(out: &mut String, text: &str, column: usize) {
    match text_style(text.as_bytes()) {
        Style::Plain => out.push_str(text),
        Style::Quoted => quoted(out, text),
        Style::Unsure => {
            let written = block(&Text(text));
            lines(out, &written, column);
            // Its last line ends where the value ends.
            out.truncate(out.len() - 1);
        }
    }
}

/// Writes lines that belong to something at `column`, the first of them behind what is there.
pub(super) fn lines(out: &mut String, lines: &str, column: usize) {
    for (index, line) in lines.split_inclusive('\n').enumerate() {
        if index > 0 && line != "\n" {
            indent(out, column);
        }
        out.push_str(line);
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn key_style(name: &[u8]) -> Style {
    // Neither blanks nor what means something to YAML where a flow stands.
    let is_plain = |byte: &u8| {
        let is_mark = matches!(byte, b':' | b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'"' | b'\\');
        byte.is_ascii_graphic() && !is_mark
    };
    match name {
        [b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'/', rest @ ..] if rest.iter().all(is_plain) => {
            if is_word(name) {
                Style::Quoted
            } else {
                Style::Plain
            }
        }
        // Statuses, and templates of paths.
        [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => Style::Quoted,
        [b'/', rest @ ..] if rest.iter().all(|byte| is_plain(byte) || matches!(byte, b'{' | b'}')) => Style::Quoted,
        _ => Style::Unsure,
    }
}

fn text_style(text: &[u8]) -> Style {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return Style::Quoted };
    if text.len() > WIDTH {
        return Style::Unsure;
    }
    // What begins a value or a comment in the middle of a text.
    let mut has_mark = false;
    let mut before = b'x';
    for byte in text {
        if !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\') {
            return Style::Unsure;
        }
        has_mark |= matches!((before, byte), (b':', b' ') | (b' ', b'#'));
        before = *byte;
    }
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'/' | b'<' | b'(' => {
            if has_mark || matches!(last, b' ' | b':') || is_word(text) { Style::Quoted } else { Style::Plain }
        }
        b',' | b':' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'%' | b'@'
        | b'`'
            if text.len() > 1 =>
        {
            Style::Quoted
        }
        b'0'..=b'9' if text.iter().all(u8::is_ascii_digit) || is_timestamp(text) => Style::Quoted,
        _ => Style::Unsure,
    }
}

/// Whether a text is a date, alone or with a time, as JSON has it: some readers know such values.
fn is_timestamp(text: &[u8]) -> bool {
    let has_form = |text: &[u8], form: &[u8]| {
        let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
        text.len() == form.len() && text.iter().zip(form).all(fits)
    };
    let (date, time) = text.split_at(text.len().min(10));
    let (time, behind) = time.split_at(time.len().min(9));
    let (fraction, zone) = match behind {
        [b'.', rest @ ..] => rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()),
        rest => (&rest[..0], rest),
    };
    let is_zone = zone.is_empty() || zone == b"Z" || has_form(zone, b"+00:00") || has_form(zone, b"-00:00");
    let has_fraction = behind.first() != Some(&b'.') || !fraction.is_empty();
    has_form(date, b"0000-00-00") && (time.is_empty() || has_form(time, b"T00:00:00") && has_fraction && is_zone)
}

/// Whether a text is a word that some readers take for a truth value, a number, nothing at all or a merge.
fn is_word(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] =
        [b"y", b"n", b"<<", b"on", b"no", b"off", b"yes", b"nan", b"inf", b"true", b"null", b"false"];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A key for the serializer.
struct Key<'t>(&'t str);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, ())])
    }
}

/// A text for the serializer.
struct Text<'t>(&'t str);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_text(self.0, serializer)
    }
}
