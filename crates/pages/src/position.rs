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
        Position { line, column: column(&text[self.starts[line - 1]..offset]) }
    }
}

/// The line and column of a byte offset, which may lie behind the text's end.
pub fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset);
    let bytes = text.as_bytes();
    let is_line_end = |at: &usize| match bytes[*at] {
        b'\n' => true,
        byte => byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'),
    };
    let start = (0..offset).rfind(is_line_end).map_or(0, |at| at + 1);
    // Counting one kind of byte is what compilers do fastest, and few pages have others.
    let before = &bytes[..offset];
    let line_feeds = before.iter().filter(|byte| **byte == b'\n').count();
    let returns = if before.contains(&b'\r') {
        (0..offset).filter(|at| bytes[*at] == b'\r' && is_line_end(at)).count()
    } else {
        0
    };
    Position { line: line_feeds + returns + 1, column: column(&text[start..offset]) }
}

fn column(before: &str) -> usize {
    // A byte order mark has no width, and no editor counts it.
    before.trim_start_matches('\u{feff}').chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_characters() {
        let check = |text: &str, offset, line, column| {
            let expected = Position { line, column };
            assert_eq!(LineIndex::new(text).position(text, offset), expected, "{text:?} at {offset}");
            assert_eq!(position(text, offset), expected, "{text:?} at {offset} without an index");
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
        check("ab\r\n", 3, 1, 4);
        check("a\rb\r\nc", 5, 3, 1);
    }
}
