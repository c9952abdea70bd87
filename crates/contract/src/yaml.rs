//! YAML text of JSON values.
//!
//! What is written reads the same with YAML 1.1 and 1.2 readers: text that one of them could take
//! for a number, a date or a truth value is quoted. What is read follows YAML 1.2, of which JSON
//! is a part.

mod layout;
mod pieces;
mod scalars;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::DoubleQuoted;

use crate::tree::Tree;

/// A YAML text that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct YamlError {
    /// What is wrong, in one line.
    pub message: String,
    /// The first line is 1; 0 where no position is known.
    pub line: usize,
    /// The first column is 1; counted in characters.
    pub column: usize,
}

/// Reads YAML or JSON text. Duplicate keys are an error, anchors and merge keys are resolved.
///
/// # Errors
/// When the text is not YAML, holds more than one document, a key twice, or a value that JSON
/// does not have (a tag, a number that is infinite).
pub fn from_str(text: &str) -> Result<Value, YamlError> {
    let options = serde_saphyr::options! {
        // The limits guard against small texts that unfold to huge ones; long texts are fine.
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_depth: MAX_DEPTH,
            simple_key_max_lookahead: 1 << 16,
            max_buffered_comment_events: 1 << 16,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::Reject,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let message = error.without_snippet().to_string();
        // The position has fields of its own.
        let message = match message.strip_prefix("multiple YAML documents detected") {
            Some(_) => "more than one document in the text".to_owned(),
            None => message,
        };
        let message = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
        YamlError {
            message: message.lines().collect::<Vec<_>>().join(" "),
            line: place.map_or(0, |place| usize::try_from(place.line()).unwrap_or(0)),
            column: place.map_or(0, |place| usize::try_from(place.column()).unwrap_or(0)),
        }
    })
}

/// Writes a value as a block of YAML, below `header_comment` (one or more lines, without `#`; none
/// where it is empty).
///
/// Equal values give equal text: nothing but the value and the comment counts.
pub fn to_string(value: &Value, header_comment: &str) -> String {
    write(&Tree::of(value, pieces::DEEPEST + 1), header_comment)
}

/// The same for a value that need not be whole anywhere.
pub(crate) fn write(tree: &Tree<'_>, header_comment: &str) -> String {
    let mut text = String::new();
    write_comment(&mut text, header_comment);
    match tree {
        Tree::Object(members) if !members.is_empty() => pieces::write(&mut text, members),
        tree => text.push_str(&block(tree)),
    }
    text
}

/// Writes a value as a block, all of it by the serializer.
fn block(value: &impl Serialize) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: WIDTH };
    let written =
        serde_saphyr::to_string_with_options(value, options).expect("JSON values have text keys and finite numbers");
    if !written.contains(" \n") {
        return written;
    }
    // Empty lines of a text carry its indentation, which editors and `git diff` dislike.
    written.split_inclusive('\n').map(|line| if line.trim_matches(' ') == "\n" { "\n" } else { line }).collect()
}

fn write_comment(text: &mut String, comment: &str) {
    for line in comment.lines() {
        text.push_str(if line.is_empty() { "#" } else { "# " });
        text.push_str(line);
        text.push('\n');
    }
}

/// A value as it is written: like itself, except for texts.
struct Node<'a>(&'a Value);

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) => serialize_text(text, serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Node)),
            Value::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, Node(value)))),
            scalar => scalar.serialize(serializer),
        }
    }
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => Node(value).serialize(serializer),
            Self::Later(make) => make().serialize(serializer),
            Self::Flag(flag) => flag.serialize(serializer),
            Self::Count(count) => count.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serialize_text(text, serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// Text is quoted in two more cases than the serializer knows.
fn serialize_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if has_blank_line(text) || is_sexagesimal(text) {
        DoubleQuoted(text).serialize(serializer)
    } else {
        text.serialize(serializer)
    }
}

/// Readers disagree about lines of nothing but blanks in a block.
fn has_blank_line(text: &str) -> bool {
    text.split('\n').any(|line| !line.is_empty() && line.trim().is_empty())
}

/// `012:30` is a number to some YAML 1.1 readers.
fn is_sexagesimal(text: &str) -> bool {
    text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || ":._+-".contains(c))
}

/// Deeper nesting than this is refused; the reader recurses, and a test thread has 2 MiB of stack.
const MAX_DEPTH: usize = 64;
/// Where long text is folded.
const WIDTH: usize = 110;

#[cfg(test)]
mod tests;
