//! What a reader of pages has to say about them.

use std::fmt;

use serde::Serialize;

use crate::codes::Code;
use crate::page::{Position, Span};
use crate::position::position;

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Odd, with the best result that can be defended.
    Warning,
    /// The page's operation cannot be identified.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One finding, with its place and what to do about it.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Diagnostic {
    /// Stable and in kebab-case.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// In lower case, without a final period, naming the thing in backticks.
    pub message: String,
    /// The page's path.
    pub path: String,
    /// Where in the page.
    pub span: Span,
    /// The same as line and column.
    pub position: Position,
    /// What to do.
    pub help: Option<String>,
    /// Why, or what was chosen.
    pub note: Option<String>,
}

impl Diagnostic {
    /// A finding at `span` of the page `path`, whose text is `text`; the code's general advice is
    /// its help.
    pub fn new(code: &Code, path: &str, text: &str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code: code.code,
            severity: code.severity,
            message: message.into(),
            path: path.to_owned(),
            span,
            position: position(text, span.start),
            help: Some(code.help.to_owned()),
            note: None,
        }
    }

    /// The finding as text of a few lines, without a final line end.
    ///
    /// Control characters are escaped: a page must not be able to steer the reader's terminal.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}[{}]: {}", self.severity, self.code, Printable(&self.message))?;
        write!(f, "  --> {}:{}:{}", Printable(&self.path), self.position.line, self.position.column)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", Printable(help))?;
        }
        if let Some(note) = &self.note {
            write!(f, "\n  note: {}", Printable(note))?;
        }
        Ok(())
    }
}

/// Shows a text with its control characters escaped.
struct Printable<'a>(&'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_unprintable(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

/// Characters that steer a terminal or turn the direction of what follows.
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A piece of a page in backticks, on one line and short enough for a message.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST_CHARS: usize = 72;
    let mut shown = String::from("`");
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST_CHARS) {
        match character {
            // A backtick would end the quotation.
            '`' => shown.push('\''),
            character if is_unprintable(character) => shown.extend(character.escape_default()),
            character => shown.push(character),
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(message: &str) -> Diagnostic {
        Diagnostic {
            code: "some-code",
            severity: Severity::Warning,
            message: message.to_owned(),
            path: "rest/\u{1b}[31mx.md".to_owned(),
            span: Span { start: 3, end: 4 },
            position: Position { line: 2, column: 1 },
            help: Some("do this".to_owned()),
            note: None,
        }
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let rendered = diagnostic("bad \u{1b}]0;owned\u{7} \u{9b}2J \u{202e}name").render();
        assert!(rendered.chars().all(|character| character == '\n' || !is_unprintable(character)), "{rendered:?}");
        assert!(quoted("a\u{1b}b\n`c`").starts_with(r"`a\u{1b}b\n'c'`"));
    }

    #[test]
    fn rendering_has_the_documented_form() {
        let rendered = diagnostic("odd `thing`").render();
        assert_eq!(rendered, "warning[some-code]: odd `thing`\n  --> rest/\\u{1b}[31mx.md:2:1\n  help: do this");
    }

    #[test]
    fn machines_read_it_as_json() {
        let value = serde_json::to_value(diagnostic("odd")).unwrap();
        assert_eq!(value["severity"], "warning");
        assert_eq!(value["position"]["line"], 2);
    }

    #[test]
    fn long_quotations_are_cut() {
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), 75);
    }
}
