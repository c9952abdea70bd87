//! What the formats for people share.

use std::fmt::Write as _;

use docwright_contract::diff::rules::Rule;
use docwright_contract::diff::{Change, Verdict};

use super::client::{ClientChanges, Step, TypeChange};
use super::{Comparison, Located};
use crate::report::{counted, plural};

/// So many changes of one rule are listed without `--verbose`.
const MOST_CHANGES: usize = 20;
/// And so many operations are named.
const MOST_OPERATIONS: usize = 3;

/// The changes of one rule.
pub(super) struct Section<'c> {
    pub(super) rule: &'static Rule,
    pub(super) changes: Vec<&'c Located>,
    /// How many there are beside those.
    pub(super) more: usize,
}

/// The changes with this verdict of those that are wanted, by rule.
pub(super) fn sections(
    comparison: &Comparison,
    verdict: Verdict,
    verbose: bool,
    is_wanted: impl Fn(&Located) -> bool,
) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let wanted = comparison.changes.iter().filter(|located| located.change.verdict() == verdict && is_wanted(located));
    for located in wanted {
        match sections.last_mut() {
            Some(section) if section.rule == located.change.rule => section.changes.push(located),
            _ => sections.push(Section { rule: located.change.rule, changes: vec![located], more: 0 }),
        }
    }
    for section in sections.iter_mut().filter(|section| !verbose && section.changes.len() > MOST_CHANGES) {
        section.more = section.changes.len() - MOST_CHANGES;
        section.changes.truncate(MOST_CHANGES);
    }
    sections
}

/// Verdicts, the gravest first.
pub(super) const VERDICTS: [Verdict; 3] = [Verdict::Breaking, Verdict::MaybeBreaking, Verdict::Compatible];

/// How many changes have this verdict.
pub(super) fn count(comparison: &Comparison, verdict: Verdict) -> usize {
    comparison.changes.iter().filter(|located| located.change.verdict() == verdict).count()
}

/// `2 breaking, 1 maybe breaking and 14 compatible changes`.
pub(super) fn counts(comparison: &Comparison) -> String {
    let [breaking, maybe, compatible] = VERDICTS.map(|verdict| count(comparison, verdict));
    let noun = if compatible == 1 { "change" } else { "changes" };
    format!("{breaking} breaking, {maybe} maybe breaking and {compatible} compatible {noun}")
}

/// Which operations a change touches, in a few words; empty where it is about none.
pub(super) fn operations(change: &Change) -> String {
    let way = change.direction.map(|direction| format!("{direction} ")).unwrap_or_default();
    match &change.operations[..] {
        [] => String::new(),
        // Its own id says nothing more of an operation.
        [only] if change.base.as_ref() == Some(only) || change.revision.as_ref() == Some(only) => String::new(),
        ids if ids.len() <= MOST_OPERATIONS => format!("{way}of {}", ids.join(", ")),
        ids => {
            format!("{way}of {} and {} more", ids[..MOST_OPERATIONS - 1].join(", "), ids.len() + 1 - MOST_OPERATIONS)
        }
    }
}

/// Whether a change stands for many places with subjects of their own.
pub(super) fn is_many(change: &Change) -> bool {
    change.rule.is_summarised() || change.places.iter().any(|place| place.subject != change.subject)
}

/// A change that stands for many places: how many, and the first.
pub(super) fn summary(change: &Change) -> String {
    let subjects: Vec<&str> = change.places.iter().map(|place| place.subject.as_str()).collect();
    let mut seen: Vec<&str> = Vec::new();
    for subject in &subjects {
        if !seen.contains(subject) {
            seen.push(subject);
        }
        if seen.len() > MOST_OPERATIONS {
            break;
        }
    }
    let more = if seen.len() > MOST_OPERATIONS { ", …" } else { "" };
    seen.truncate(MOST_OPERATIONS);
    format!("{}: {}{more}", plural(subjects.len(), "place"), seen.join(", "))
}

/// What the changes mean for the generated client, a line each.
pub(super) fn client_lines(client: &ClientChanges, quote: fn(&str) -> String, verbose: bool) -> Vec<String> {
    let most = if verbose { usize::MAX } else { MOST_CHANGES };
    let names = |one: &str, many: &str, all: &[String]| -> Option<String> {
        let shown: Vec<String> = all.iter().take(most).map(|name| quote(name)).collect();
        let more = all.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!all.is_empty()).then(|| format!("{}: {}{more}", counted(all.len(), one, many), shown.join(", ")))
    };
    let mut lines: Vec<String> = Vec::new();
    lines.extend(names("removed method", "removed methods", &client.removed));
    for (from, to) in client.renamed.iter().take(most) {
        lines.push(format!("renamed method: {} is now {}", quote(from), quote(to)));
    }
    if client.renamed.len() > most {
        lines.push(format!("and {} more", plural(client.renamed.len() - most, "renamed method")));
    }
    for (name, from, to) in client.signatures.iter().take(most) {
        let mut line = format!("changed method: {}", quote(name));
        _ = write!(line, "{}", signature(from, to, quote));
        lines.push(line);
    }
    if client.signatures.len() > most {
        lines.push(format!("and {} more", plural(client.signatures.len() - most, "changed method")));
    }
    lines.extend(names("new method", "new methods", &client.added));
    let renamed: Vec<String> = client.types_renamed.iter().map(|(from, to)| format!("{from} → {to}")).collect();
    lines.extend(names("renamed type", "renamed types", &renamed));
    let changed = client.types_changed.iter().take(most);
    lines.extend(changed.map(|change| format!("changed type: {}", type_change(change, quote))));
    if client.types_changed.len() > most {
        lines.push(format!("and {} more", plural(client.types_changed.len() - most, "changed type")));
    }
    lines.extend(names("type that is gone", "types that are gone", &client.types_removed));
    lines.extend(names("new type", "new types", &client.types_added));
    if let Some(why) = &client.not_compared {
        lines.push(format!("signatures were not compared: {}", why.lines().next().unwrap_or_default()));
    }
    if lines.is_empty() {
        lines.push("no method and no type changes".to_owned());
    }
    lines
}

/// A type, and which of its members are gone, others or new.
fn type_change(change: &TypeChange, quote: fn(&str) -> String) -> String {
    let list = |names: Vec<&String>| names.into_iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    let mut said: Vec<String> = change
        .changed
        .iter()
        .map(|(name, from, to)| format!("{}: {} → {}", quote(name), quote(from), quote(to)))
        .collect();
    said.extend(change.kind.map(|(from, to)| format!("was a {from}, is a {to}").replace("a enum", "an enum")));
    if !change.removed.is_empty() {
        said.push(format!("without {}", list(change.removed.iter().collect())));
    }
    if !change.added.is_empty() {
        said.push(format!("with {}", list(change.added.iter().map(|(name, _)| name).collect())));
    }
    format!("{}: {}", quote(&change.name), said.join("; "))
}

/// The parts of two signatures that differ.
fn signature(from: &str, to: &str, quote: fn(&str) -> String) -> String {
    let parts = |text: &str| -> (Vec<String>, String) {
        let (arguments, result) = text.rsplit_once(") -> ").unwrap_or((text, ""));
        let mut depth = 0_usize;
        let mut all = vec![String::new()];
        for c in arguments.trim_start_matches('(').chars() {
            match c {
                '<' | '(' | '[' => depth += 1,
                '>' | ')' | ']' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    all.push(String::new());
                    continue;
                }
                _ => {}
            }
            if let Some(last) = all.last_mut() {
                last.push(c);
            }
        }
        let all = all.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        (all, result.to_owned())
    };
    let ((a, a_result), (b, b_result)) = (parts(from), parts(to));
    let mut said = Vec::new();
    let lost: Vec<String> = a.iter().filter(|part| !b.contains(part)).map(|part| quote(part)).collect();
    let new: Vec<String> = b.iter().filter(|part| !a.contains(part)).map(|part| quote(part)).collect();
    match (lost.is_empty(), new.is_empty()) {
        (false, false) => said.push(format!("{} → {}", lost.join(", "), new.join(", "))),
        (false, true) => said.push(format!("without {}", lost.join(", "))),
        (true, false) => said.push(format!("with {}", new.join(", "))),
        (true, true) if a_result == b_result => said.push("another order of parameters".to_owned()),
        (true, true) => {}
    }
    if a_result != b_result {
        said.push(format!("returns {} instead of {}", quote(&b_result), quote(&a_result)));
    }
    format!(": {}", said.join("; "))
}

/// Which number of the version has to grow, and why.
pub(super) fn step(comparison: &Comparison) -> (Step, String) {
    let [breaking, maybe, _] = VERDICTS.map(|verdict| count(comparison, verdict));
    let adds = comparison.changes.iter().any(|located| !located.change.rule.is_text_only());
    let api = match (breaking, maybe, adds) {
        (1.., _, _) => Step::Major,
        (0, 1.., _) | (0, 0, true) => Step::Minor,
        (0, 0, false) if comparison.changes.is_empty() => Step::None,
        (0, 0, false) => Step::Patch,
    };
    let client = comparison.client.step();
    let step = api.max(client);
    let why = match (step, api == Step::Major) {
        (Step::None, _) => "nothing changed".to_owned(),
        (Step::Patch, _) => "only texts changed".to_owned(),
        (Step::Minor, _) if maybe > 0 => {
            let changes = plural(maybe, "change");
            format!(
                "nothing breaks for certain; a person should look at the {changes} that may, and take a major step if one does"
            )
        }
        (Step::Minor, _) => "there is more, and what there was still works".to_owned(),
        (Step::Major, true) => format!("{} callers", breaks(breaking)),
        (Step::Major, false) => {
            "no call breaks, but code that was written against the generated client has to change".to_owned()
        }
    };
    (step, why)
}

fn breaks(count: usize) -> String {
    if count == 1 { "1 change breaks".to_owned() } else { format!("{count} changes break") }
}
