//! Finds enumerations that only a description mentions: `1 = incoming, 2 = outgoing`, `one of N,
//! R or W`, `Enum indicating the status (pending, active, closed, etc)`.
//!
//! Three rules, the first that fits counts:
//!
//! 1. numbers or single words that are explained with `=`, at least two of them;
//! 2. words such as "one of", "possible values" or "either", followed by at least two items of one
//!    word each that commas, bars, "or" or "and" separate;
//! 3. the word "enum" or "enumeration" itself, with the values in parentheses where there are any.

use std::sync::LazyLock;

use regex::Regex;

/// An enumeration in prose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Mention {
    /// The values, as far as the description says them.
    pub(super) values: Vec<String>,
}

/// A longer "value" is a sentence.
const LONGEST_VALUE_CHARS: usize = 40;

/// `1 = incoming`, `N (=None)`: a value and its meaning. The value is a number or one word.
static EXPLAINED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[\s,;(])(-?\d+|[A-Z]\w{0,20})\s?\(?=\s?[\w'/]"));
/// What stands before a list of values.
static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?: one\s+of(?:\s+the\s+following)?(?:\s+values)? | either (?:\s+of)? | any\s+of
          | (?:possible|valid|allowed|legal|known|supported)\s+values(?:\s+(?:are|is))? | values\s+are | values
          | must\s+be | can\s+be )
        \s*[:=]?\s*(.+)",
    )
});
/// The word itself.
static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\benum(?:eration|erated)?\b"));
/// What parentheses hold.
static PARENTHESES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(([^()]+)\)"));
/// What separates items.
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\s*(?:,\s*(?:or|and)\s|[,;|]|\s(?:or|and|/)\s)\s*"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is fixed and tested")
}

/// Whether a description speaks of values that are one of a list.
pub(super) fn mention(description: &str) -> Option<Mention> {
    let explained: Vec<String> =
        EXPLAINED.captures_iter(description).map(|found| found[1].to_owned()).fold(Vec::new(), |mut all, value| {
            if !all.contains(&value) {
                all.push(value);
            }
            all
        });
    if explained.len() >= 2 {
        return Some(Mention { values: explained });
    }
    for found in INTRODUCED.captures_iter(description) {
        let needs_quotes = found[0].to_ascii_lowercase().starts_with(['m', 'c']);
        let (values, is_list) = items(&found[1]);
        let quoted = found[1].contains(['\'', '"', '`']);
        if is_list && values.len() >= 2 && (!needs_quotes || quoted) {
            return Some(Mention { values });
        }
    }
    NAMED.is_match(description).then(|| {
        let lists = PARENTHESES.captures_iter(description).map(|found| items(&found[1]));
        let list = lists.into_iter().find(|(values, is_list)| *is_list && values.len() >= 2);
        Mention { values: list.map(|(values, _)| values).unwrap_or_default() }
    })
}

/// The single-word items at the beginning of a text, and whether they are a list: the last one
/// ends the sentence, or stands behind an "or".
fn items(text: &str) -> (Vec<String>, bool) {
    let end = text.find([')', '\n']).unwrap_or(text.len());
    let sentence = text[..end].split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut values = Vec::new();
    for item in SEPARATOR.split(sentence) {
        let item = item.trim();
        if item.is_empty() || matches!(item.to_ascii_lowercase().as_str(), "etc" | "etc." | "..." | "…") {
            continue;
        }
        let Some(value) = value(item) else { return (values, false) };
        values.push(value);
    }
    (values, true)
}

/// An item without its quotation marks, where it is one word.
fn value(item: &str) -> Option<String> {
    let is_quote = |c: char| matches!(c, '\'' | '"' | '`' | '“' | '”' | '‘' | '’' | '*');
    let bare = item.trim_matches(is_quote);
    let is_quoted = item.starts_with(is_quote) && item.ends_with(is_quote) && !bare.contains(is_quote);
    let fits = bare.chars().count() <= LONGEST_VALUE_CHARS && !bare.is_empty();
    let is_word = bare.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    (fits && (is_word || is_quoted)).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::mention;

    #[test]
    fn lists_of_values_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let found = mention(text).unwrap_or_else(|| panic!("nothing found in {text:?}"));
            assert_eq!(found.values, expected, "{text:?}");
        };
        check("Direction: 1 = incoming, 2 = outgoing, see EDirection", &["1", "2"]);
        check("Type: 1=Internal, 2=Resource or 3=External", &["1", "2", "3"]);
        check("Can be one of: N (=None), R (=Read), W (=Write)", &["N", "R", "W"]);
        check("One of A, B or C.", &["A", "B", "C"]);
        check("Values: low, normal, high. Normal is the default.", &["low", "normal", "high"]);
        check("Must be 'on' or 'off'", &["on", "off"]);
        check("Either Started or Completed", &["Started", "Completed"]);
        check("Possible values are `Red` | `Dark blue`", &["Red", "Dark blue"]);
        check("Enum indicating the status (pending, active, closed, etc).", &["pending", "active", "closed"]);
        check("Enum containing the type of the design", &[]);
        check("rather it's an enum", &[]);
    }

    #[test]
    fn other_prose_is_left_alone() {
        for text in [
            "",
            "The name of the customer, if provided",
            "0 = this field is not visible",
            "One of the persons of the contact",
            "Either a list id to an id from a list, or, if there is none, a text",
            "Any of the following people may read it, and others too",
            "Values are sorted by name",
            "Can be empty",
            "Must be set or the call fails",
            "The number of items",
            "The country's code, or one of its subdivisions (`NO`, `US-NY`)",
            "a == b and c => d",
        ] {
            assert_eq!(mention(text), None, "{text:?}");
        }
    }
}
