//! All ratios of a run.

use super::Outcome;

/// Whether a run says if goals are met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdicts {
    All,
    /// A short run only shows that everything runs.
    None,
}

/// A table in Markdown of every ratio, what was skipped, and what failed.
pub(super) fn table(outcomes: &[Outcome], verdicts: Verdicts) -> String {
    let mut text = "\n| Benchmark | What | Ratio | Goal | |\n|---|---|--:|--:|---|\n".to_owned();
    for outcome in outcomes {
        for ratio in &outcome.ratios {
            let goal = ratio.goal.map(|goal| goal.to_string()).unwrap_or_default();
            let verdict = match (verdicts, ratio.is_met()) {
                (Verdicts::All, Some(true)) => "PASS",
                (Verdicts::All, Some(false)) => "miss",
                _ => "",
            };
            text += &format!("| {} | {} | {:.2} | {goal} | {verdict} |\n", outcome.name, ratio.name, ratio.value);
        }
        let state = if outcome.has_failed { "FAILED, see above" } else { "ran" };
        if outcome.has_failed || outcome.ratios.is_empty() {
            text += &format!("| {} | {state} | | | |\n", outcome.name);
        }
    }
    for outcome in outcomes {
        for skipped in &outcome.skipped {
            text += &format!("\nSKIPPED in {}: {skipped}", outcome.name);
        }
    }
    if verdicts == Verdicts::None {
        text += "\na short run shows that everything runs; its figures say nothing";
    }
    text
}

#[cfg(test)]
mod tests {
    use docwright_bench::{Goal, Ratio};

    use super::*;

    fn outcomes() -> [Outcome; 3] {
        let ratio = |name: &str, goal| Ratio { name: name.to_owned(), value: 2.0, goal };
        let ratios = vec![ratio("a", None), ratio("b", Some(Goal::AtLeast(2.0))), ratio("c", Some(Goal::AtMost(1.5)))];
        [
            Outcome { name: "one", ratios, skipped: vec!["d: no e".to_owned()], has_failed: false },
            Outcome { name: "two", ..Outcome::default() },
            Outcome { name: "three", has_failed: true, ..Outcome::default() },
        ]
    }

    #[test]
    fn goals_are_held_against_ratios() {
        let table = table(&outcomes(), Verdicts::All);
        for line in [
            "| one | a | 2.00 |  |  |\n",
            "| one | b | 2.00 | at least 2 | PASS |\n",
            "| one | c | 2.00 | at most 1.5 | miss |\n",
            "| two | ran | | | |\n",
            "| three | FAILED, see above | | | |\n",
            "\nSKIPPED in one: d: no e",
        ] {
            assert!(table.contains(line), "no {line:?} in {table}");
        }
    }

    #[test]
    fn a_short_run_judges_nothing() {
        let table = table(&outcomes(), Verdicts::None);
        assert!(!table.contains("PASS") && !table.contains("miss"), "{table}");
        assert!(table.ends_with("its figures say nothing"), "{table}");
    }
}
