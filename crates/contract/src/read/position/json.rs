//! Positions in JSON text. What is no JSON ends the search.

use super::{Finder, escape_pointer};
use crate::read::error::Position;

pub(super) fn find(text: &str, finder: &mut Finder) {
    let mut scanner = Scanner { text, at: 0 };
    scanner.blanks();
    scanner.value("#", scanner.offset(), finder, 0);
    into_lines(text, finder);
}

/// Turns offsets in bytes into lines and columns, in one pass: JSON often is one long line.
fn into_lines(text: &str, finder: &mut Finder) {
    let mut all: Vec<&mut Position> = finder.found.values_mut().collect();
    all.sort_unstable();
    let (mut at, mut line, mut column) = (0, 1, 1);
    for position in all {
        for c in text[at..position.column].chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        at = position.column;
        *position = Position { line, column };
    }
}

/// Deeper values are not looked into.
const MAX_DEPTH: usize = 200;

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// A place that [`into_lines`] makes a position.
    fn offset(&self) -> Position {
        Position { line: 0, column: self.at }
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.at += 1;
        }
        is_next
    }

    /// A text with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.takes(b'"').then_some(())?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at)
    }

    fn value(&mut self, pointer: &str, place: Position, finder: &mut Finder, depth: usize) -> Option<()> {
        match finder.visit(pointer, place) && depth < MAX_DEPTH {
            true => self.wanted(pointer, finder, depth),
            false => self.skipped(),
        }
    }

    fn wanted(&mut self, pointer: &str, finder: &mut Finder, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' => {
                self.at += 1;
                loop {
                    self.blanks();
                    if self.takes(b'}') {
                        return Some(());
                    }
                    let place = self.offset();
                    let name: String = serde_json::from_str(self.string()?).ok()?;
                    self.blanks();
                    self.takes(b':').then_some(())?;
                    self.blanks();
                    self.value(&format!("{pointer}/{}", escape_pointer(&name)), place, finder, depth + 1)?;
                    self.blanks();
                    self.takes(b',');
                }
            }
            b'[' => {
                self.at += 1;
                for index in 0_usize.. {
                    self.blanks();
                    if self.takes(b']') {
                        break;
                    }
                    let place = self.offset();
                    self.value(&format!("{pointer}/{index}"), place, finder, depth + 1)?;
                    self.blanks();
                    self.takes(b',');
                }
                Some(())
            }
            _ => self.skipped(),
        }
    }

    /// Passes over a value.
    fn skipped(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.blanks();
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    self.at += 1;
                    depth += 1;
                }
                b'}' | b']' => {
                    self.at += 1;
                    depth = depth.checked_sub(1)?;
                }
                b',' | b':' => self.at += 1,
                _ => {
                    let end = |byte: u8| {
                        matches!(byte, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"') || byte.is_ascii_whitespace()
                    };
                    let length = self.text.as_bytes()[self.at..].iter().take_while(|byte| !end(**byte)).count();
                    self.at += length.max(1);
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}
