//! What happened, as a table.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

use crate::checker::Report;
use crate::history::{History, Outcome};

/// What happened in a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// By the word for the call.
    calls: BTreeMap<&'static str, Calls>,
    facts: Vec<(&'static str, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    operations: usize,
    attempts: usize,
    good: usize,
    refused: usize,
    failed: usize,
    unknown: usize,
}

/// What was done to the service.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub(super) kills: u64,
    pub(super) cuts: u64,
    /// Connections that the database dropped.
    pub(super) dropped: u64,
    pub(super) duration: Duration,
}

impl Summary {
    /// Counts what a history holds.
    pub fn of(history: &History, report: &Report) -> Self {
        let mut summary = Self::default();
        let mut operations = HashSet::new();
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for event in &history.events {
            let calls = summary.calls.entry(event.call.name()).or_default();
            calls.attempts += 1;
            calls.operations += usize::from(operations.insert(event.operation));
            *match event.outcome {
                Outcome::Ok(_) => &mut calls.good,
                Outcome::Refused(_) => &mut calls.refused,
                Outcome::Failed(status) => {
                    *statuses.entry(status).or_default() += 1;
                    &mut calls.failed
                }
                Outcome::Unknown(_) => &mut calls.unknown,
            } += 1;
        }
        let statuses: Vec<String> = statuses.iter().map(|(status, count)| format!(", {status}: {count}")).collect();
        let failed: usize = summary.calls.values().map(|calls| calls.failed).sum();
        let messages: usize = history.end.messages.values().map(Vec::len).sum();
        summary.facts = vec![
            ("seed", history.setup.seed.to_string()),
            ("retries", (history.events.len() - operations.len()).to_string()),
            ("sessions in the end", history.end.sessions.len().to_string()),
            ("messages in the end", messages.to_string()),
            ("failed calls", format!("{failed}{}", statuses.concat())),
            ("sessions behind another", report.queued_behind.to_string()),
            ("overtaken while held", report.overtaken_while_held.to_string()),
            ("violations", report.violations.len().to_string()),
        ];
        summary
    }

    /// Names the folder with the servers' logs.
    pub(super) fn with_logs(mut self, folder: &Path) -> Self {
        self.facts.push(("logs and history", folder.display().to_string()));
        self
    }

    pub(super) fn with(mut self, done: &Done) -> Self {
        let Done { kills, cuts, dropped, duration } = done;
        let facts = [
            ("duration", format!("{:.1} s", duration.as_secs_f64())),
            ("servers killed", kills.to_string()),
            ("connections cut", cuts.to_string()),
            ("database connections cut", dropped.to_string()),
        ];
        self.facts.splice(1..1, facts);
        self
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["Call", "Operations", "Attempts", "Good", "Refused", "Failed", "Unknown"]);
        for (name, calls) in &self.calls {
            let Calls { operations, attempts, good, refused, failed, unknown } = calls;
            let numbers = [operations, attempts, good, refused, failed, unknown];
            table.add_row([(*name).to_owned()].into_iter().chain(numbers.map(|number| number.to_string())));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(f, "{table}")?;
        self.facts.iter().try_for_each(|(name, value)| write!(f, "\n{name}: {value}"))
    }
}
