//! Changes for a pull request, or as a part of a changelog: below `## Unreleased`, under the
//! headings of Keep a Changelog, with what breaks first under each.

use std::fmt::Write as _;

use docwright_contract::diff::Verdict;
use docwright_pages::is_unprintable;

use super::listing::{Section, VERDICTS, client_lines, counts, is_many, operations, sections, step, summary};
use super::{Comparison, Located};

/// More compatible changes of a kind than these are folded: few read what breaks nobody.
const MOST_UNFOLDED: usize = 5;

/// A heading, in the order in which they are written: what may need work first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Removed,
    Changed,
    Deprecated,
    Added,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Removed, Self::Changed, Self::Deprecated, Self::Added];

    fn title(self) -> &'static str {
        match self {
            Self::Removed => "Removed",
            Self::Changed => "Changed",
            Self::Deprecated => "Deprecated",
            Self::Added => "Added",
        }
    }

    fn of(located: &Located) -> Self {
        let change = &located.change;
        let places = || change.places.iter();
        if change.rule.code.ends_with("-deprecated") {
            Self::Deprecated
        } else if places().all(|place| place.revision.is_none()) {
            Self::Removed
        } else if places().all(|place| place.base.is_none()) {
            Self::Added
        } else {
            Self::Changed
        }
    }
}

pub(super) fn write(comparison: &Comparison, verbose: bool) -> String {
    let (base, revision) = (code(&comparison.base), code(&comparison.revision));
    if comparison.is_empty() {
        return format!("The API did not change from {base} to {revision}.\n");
    }
    let (step, why) = step(comparison);
    let mut out = format!(
        "The API from {base} to {revision}: {}.\nNext version: **{}** ({why}).\n",
        counts(comparison),
        step.name(),
    );
    for kind in Kind::ALL {
        let of_kind = |located: &Located| Kind::of(located) == kind;
        let by_verdict = VERDICTS.map(|verdict| (verdict, sections(comparison, verdict, verbose, of_kind)));
        if by_verdict.iter().all(|(_, sections)| sections.is_empty()) {
            continue;
        }
        _ = writeln!(out, "\n### {}", kind.title());
        for (verdict, sections) in by_verdict {
            write_sections(&mut out, verdict, &sections);
        }
    }
    _ = writeln!(out, "\n### Generated client\n");
    for line in client_lines(&comparison.client, code, verbose) {
        _ = writeln!(out, "- {line}");
    }
    out
}

fn write_sections(out: &mut String, verdict: Verdict, sections: &[Section<'_>]) {
    let number: usize = sections.iter().map(|section| section.changes.len() + section.more).sum();
    let is_folded = verdict == Verdict::Compatible && number > MOST_UNFOLDED;
    if is_folded {
        _ = writeln!(out, "\n<details><summary>{number} compatible changes</summary>");
    }
    for section in sections {
        let rule = section.rule;
        let mark = match verdict {
            Verdict::Breaking => "**Breaking:** ",
            Verdict::MaybeBreaking => "**Maybe breaking:** ",
            Verdict::Compatible => "",
        };
        _ = writeln!(out, "\n{mark}{} ({}), because {}:\n", capital(rule.meaning), code(rule.code), rule.why);
        for located in &section.changes {
            write_change(out, located);
        }
        if section.more > 0 {
            _ = writeln!(out, "- and {} more", section.more);
        }
    }
    if is_folded {
        _ = writeln!(out, "\n</details>");
    }
}

fn write_change(out: &mut String, located: &Located) {
    let change = &located.change;
    if change.rule.is_summarised() {
        _ = writeln!(out, "- {}", escape(&summary(change)));
        return;
    }
    if is_many(change) {
        _ = write!(out, "- {}", escape(&summary(change)));
    } else {
        _ = write!(out, "- {}", code(&change.subject));
    }
    let values = change.values();
    if !values.is_empty() {
        _ = write!(out, ": {}", escape(&values));
    }
    let operations = operations(change);
    if !operations.is_empty() {
        _ = write!(out, " ({})", escape(&operations));
    }
    let first = |lines: &[Option<String>]| lines.first().cloned().flatten();
    if let Some(line) = first(&located.revision).or_else(|| first(&located.base)) {
        _ = write!(out, ", {}", code(&line));
    }
    out.push('\n');
}

/// Text as code, whatever is in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {text} {fence}") } else { format!("`{text}`") }
}

/// Text that is read as text: what documents say must become neither markup nor a mention of somebody. Names that are
/// quoted already, by one backtick on each side, stay code.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, quoted) = rest.split_at(start);
        escape_plain(&mut out, before);
        let inner = &quoted[1..];
        let end = inner.find('`').filter(|end| *end > 0 && !inner[end + 1..].starts_with('`'));
        rest = match end {
            Some(end) => {
                out.push_str(&code(&inner[..end]));
                &inner[end + 1..]
            }
            // A run of several, or one alone: CommonMark would pair it with another than we.
            None => {
                let run = quoted.len() - quoted.trim_start_matches('`').len();
                escape_plain(&mut out, &quoted[..run]);
                &quoted[run..]
            }
        };
    }
    escape_plain(&mut out, rest);
    out
}

fn escape_plain(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            c if is_unprintable(c) => {
                out.push(' ');
                continue;
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '@' | '!' | '&' | '$' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{code, escape};

    #[test]
    fn what_documents_say_is_no_markup() {
        assert_eq!(escape("<b>a_b</b> `x_y`"), "\\<b\\>a\\_b\\</b\\> `x_y`");
        assert_eq!(escape("one ` alone"), "one \\` alone");
        assert_eq!(escape("``<img src=x> `a`"), "\\`\\`\\<img src=x\\> `a`");
        assert_eq!(escape("`a``<u>`@b"), "\\`a\\`\\`\\<u\\>\\`\\@b");
        assert_eq!(escape("&lt;b&gt;"), "\\&lt;b\\&gt;");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a\nb"), "`a b`");
    }
}
