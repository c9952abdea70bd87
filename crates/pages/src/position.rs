//! Turns byte offsets into lines and columns.

use crate::page::Position;

/// Where each line of a text starts.
pub(crate) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Finds the lines of a text; `\n`, `\r\n` and a lone `\r` end one, as Markdown has it.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => starts.push(at + 1),
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => starts.push(at + 1),
                _ => {}
            }
        }
        Self { starts }
    }

    /// The line and column of a byte offset, which may lie behind the text's end.
    pub(crate) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        // A byte order mark has no width, and no editor counts it.
        let before = text[self.starts[line - 1]..offset].trim_start_matches('\u{feff}');
        Position { line, column: before.chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_characters() {
        let check = |text: &str, offset, line, column| {
            assert_eq!(LineIndex::new(text).position(text, offset), Position { line, column }, "{text:?} at {offset}");
        };
        check("", 0, 1, 1);
        check("", 7, 1, 1);
        check("ab\ncd", 1, 1, 2);
        check("ab\ncd", 3, 2, 1);
        check("ab\r\ncd", 5, 2, 2);
        check("ab\rcd", 3, 2, 1);
        check("æøå|x", 6, 1, 4);
        check("\u{feff}ab", 4, 1, 2);
        check("ab\n", 3, 2, 1);
    }
}
