//! Texts for regular expressions.

use docwright_contract::model::Constraints;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::MAX_LENGTH;

/// Characters that people expect in a text, best first.
const LIKED: [(char, char); 4] = [('a', 'z'), ('A', 'Z'), ('0', '9'), ('!', '~')];
/// No text is tried that is longer by this many repetitions than it has to be.
const MAX_EXTRA: usize = 64;

/// Texts that the pattern probably admits; the caller checks them. Searches anywhere, as JSON
/// Schema does, so what stands around a match is free unless anchored. There are no more once `steps` are used up: a
/// pattern can repeat nothing for ever.
pub(super) fn candidates<'a>(
    pattern: &'a str,
    constraints: &'a Constraints,
    variation: usize,
    steps: &'a mut usize,
) -> impl Iterator<Item = String> + 'a {
    let hir = if *steps == 0 { None } else { parse(pattern).or_else(|| parse(&without_lookaround(pattern))) };
    let least = usize::try_from(constraints.min_length.unwrap_or(0).min(MAX_LENGTH)).unwrap_or(0);
    // An empty text says little: it comes last.
    let extras = (0..=MAX_EXTRA).chain([least]).map(|extra| (extra, true)).chain([(0, false)]);
    extras.flat_map(move |(extra, not_empty)| {
        let mut texts = Vec::new();
        let Some(hir) = &hir else { return texts };
        let mut writer = Writer { text: String::new(), extra, variation, steps: *steps };
        writer.write(hir);
        *steps = writer.steps;
        if *steps == 0 || not_empty && writer.text.is_empty() && least == 0 {
            return texts;
        }
        let missing = least.saturating_sub(writer.text.chars().count());
        if missing > 0 {
            texts.push(format!("{}{}", writer.text, "a".repeat(missing)));
            texts.push(format!("{}{}", "a".repeat(missing), writer.text));
        }
        texts.insert(0, writer.text);
        texts
    })
}

fn parse(pattern: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().build().parse(pattern).ok()
}

/// The pattern without the groups that only look around, which Rust's syntax does not have; what
/// they demand may then hold by luck.
fn without_lookaround(pattern: &str) -> String {
    let mut kept = String::new();
    let mut rest = pattern;
    'next: while !rest.is_empty() {
        for opening in ["(?=", "(?!", "(?<=", "(?<!"] {
            if let Some(inside) = rest.strip_prefix(opening) {
                rest = after_group(inside);
                continue 'next;
            }
        }
        let escaped = rest.starts_with('\\');
        let length = rest.chars().take(if escaped { 2 } else { 1 }).map(char::len_utf8).sum();
        // ECMAScript escapes a slash, Rust refuses escapes it does not need.
        kept.push_str(match &rest[..length] {
            "\\/" => "/",
            other => other,
        });
        rest = &rest[length..];
    }
    kept
}

fn after_group(inside: &str) -> &str {
    let mut open = 1;
    let mut escaped = false;
    for (position, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &inside[position + 1..];
        }
    }
    ""
}

struct Writer {
    text: String,
    /// Repetitions that may still be added to the least that the pattern asks for.
    extra: usize,
    /// What the picks still have to differ by.
    variation: usize,
    /// Parts of the pattern that may still be looked at, each time that they are repeated.
    steps: usize,
}

impl Writer {
    fn write(&mut self, hir: &Hir) {
        if self.steps == 0 {
            return;
        }
        self.steps -= 1;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => {
                let picks = picks(class);
                if !picks.is_empty() {
                    self.text.push(picks[self.variation % picks.len()]);
                    self.variation /= picks.len();
                }
            }
            HirKind::Repetition(repetition) => {
                let spare = repetition.max.map_or(usize::MAX, |max| max.saturating_sub(repetition.min) as usize);
                let added = spare.min(self.extra);
                self.extra -= added;
                let times = (repetition.min as usize + added).min(usize::try_from(MAX_LENGTH).unwrap_or(usize::MAX));
                for _ in 0..times {
                    if self.steps == 0 || self.text.len() > MAX_LENGTH as usize {
                        return;
                    }
                    self.write(&repetition.sub);
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let index = self.variation % parts.len();
                self.variation /= parts.len();
                if let Some(part) = parts.get(index) {
                    self.write(part);
                }
            }
        }
    }
}

/// Characters of a class, the liked ones first.
fn picks(class: &Class) -> Vec<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let mut picks = Vec::new();
    for (low, high) in LIKED {
        for &(start, end) in &ranges {
            picks.extend(start.max(low)..=end.min(high));
        }
    }
    picks.dedup();
    if picks.is_empty() {
        picks.extend(ranges.first().map(|range| range.0));
    }
    picks
}
