//! Changes for a terminal.

use std::fmt::Write as _;

use super::listing::{VERDICTS, client_lines, counts, is_many, operations, sections, step, summary};
use super::{Comparison, Located};
use crate::report::plural;

pub(super) fn write(comparison: &Comparison, verbose: bool) -> String {
    let mut out = format!("from {} to {}: ", comparison.base, comparison.revision);
    if comparison.is_empty() {
        out.push_str("no changes\n");
        return out;
    }
    _ = writeln!(out, "{}", counts(comparison));
    for verdict in VERDICTS {
        for section in sections(comparison, verdict, verbose, |_| true) {
            let rule = section.rule;
            _ = writeln!(out, "\n{}[{}]: {} ({})", rule.verdict, rule.code, rule.meaning, rule.why);
            for located in &section.changes {
                write_change(&mut out, located, verbose);
            }
            if section.more > 0 {
                _ = writeln!(out, "  and {} more; --verbose lists them", section.more);
            }
        }
    }
    _ = writeln!(out, "\nthe generated client");
    for line in client_lines(&comparison.client, |name| format!("`{name}`"), verbose) {
        _ = writeln!(out, "  {line}");
    }
    let (step, why) = step(comparison);
    _ = writeln!(out, "\nnext version: {} ({why})", step.name());
    out
}

/// So many places of one change are listed without `--verbose`.
const MOST_PLACES: usize = 5;

fn write_change(out: &mut String, located: &Located, verbose: bool) {
    let change = &located.change;
    let is_many = is_many(change);
    if change.rule.is_summarised() && !verbose {
        _ = writeln!(out, "  {}", summary(change));
        return;
    }
    if is_many {
        _ = write!(out, "  {}", plural(change.places.len(), "place"));
    } else {
        _ = write!(out, "  {}", change.subject);
    }
    let values = change.values();
    if !values.is_empty() {
        _ = write!(out, ": {values}");
    }
    let operations = operations(change);
    if !operations.is_empty() {
        _ = write!(out, " ({operations})");
    }
    out.push('\n');
    let shown = if verbose {
        usize::MAX
    } else if is_many {
        MOST_PLACES
    } else {
        1
    };
    for (place, (base, revision)) in change.places.iter().zip(located.base.iter().zip(&located.revision)).take(shown) {
        let lines: Vec<String> = [("base", base), ("revision", revision)]
            .into_iter()
            .filter_map(|(side, line)| line.as_ref().map(|line| format!("{line} ({side})")))
            .collect();
        let found = if lines.is_empty() { place.pointer().to_owned() } else { lines.join(", ") };
        match (is_many, found.is_empty()) {
            (true, _) => {
                _ = writeln!(out, "    {}{}{found}", place.subject, if found.is_empty() { "" } else { " --> " });
            }
            (false, true) => {}
            (false, false) => {
                _ = writeln!(out, "    --> {found}");
            }
        }
    }
    if is_many && change.places.len() > shown {
        _ = writeln!(out, "    and {} more", change.places.len() - shown);
    }
}
