//! What people get to see of a case.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use docwright_bench::load::Measured;
use docwright_bench::{Goal, Ratio, median, median_time};

use super::{Form, Operation};

/// What is measured in turns.
const NAMES: [&str; 5] = [
    "bare, the same bytes",
    "bare, the same values",
    "signed in by password",
    "signed in by ticket",
    "by ticket, each session written anew",
];
const BYTES: usize = 0;
const VALUES: usize = 1;
/// The service's begin here.
const SERVICE: usize = 2;
/// Where nothing is remembered; where it is, nothing is wanted of it. Only lists have it.
const ANEW: usize = 4;

/// The part of a bare handler's throughput that listing the sessions must have.
const GOAL: f64 = 0.5;

/// An operation in one form at so many connections.
pub(crate) struct Case {
    operation: Operation,
    form: Form,
    connections: u32,
    /// In each, what is measured in turns.
    rounds: Vec<Vec<Measured>>,
}

impl Case {
    pub(crate) fn new(operation: Operation, form: Form, connections: u32) -> Self {
        Self { operation, form, connections, rounds: Vec::new() }
    }

    pub(crate) fn add(&mut self, round: Vec<Measured>) {
        self.rounds.push(round);
    }

    fn name(&self) -> String {
        format!("{:?}, {}, {} connections", self.operation, self.form.name(), self.connections)
    }

    /// What was measured, with its number.
    fn names(&self) -> impl Iterator<Item = (usize, &'static str)> {
        NAMES.into_iter().enumerate().take(self.rounds.first().map_or(0, Vec::len))
    }

    fn each<T>(&self, which: usize, figure: impl Fn(&Measured) -> T) -> Vec<T> {
        self.rounds.iter().map(|round| figure(&round[which])).collect()
    }

    /// The middle one of all rounds' ratios: what the machine does besides concerns both sides of one round.
    fn over(&self, which: usize, other: usize, figure: fn(&Measured) -> f64) -> f64 {
        median(self.rounds.iter().map(|round| figure(&round[which]) / figure(&round[other])).collect())
    }

    pub(crate) fn errors(&self) -> u64 {
        self.rounds.iter().flatten().map(|measured| measured.errors).sum()
    }

    /// A table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        let heads = [
            "answers/s",
            "of the values",
            "of the bytes",
            "p50",
            "p99",
            "memory",
            "server's core",
            "of the values by its time",
            "errors",
        ];
        table.load_style(presets::ASCII_MARKDOWN).set_header([self.name()].into_iter().chain(heads.map(str::to_owned)));
        for (which, name) in self.names() {
            let time = |figure: fn(&Measured) -> Duration| {
                format!("{:.2} ms", median_time(self.each(which, figure)).as_secs_f64() * 1e3)
            };
            table.add_row([
                name.to_owned(),
                format!("{:.0}", median(self.each(which, |measured| measured.rate))),
                format!("{:.2}", self.over(which, VALUES, |measured| measured.rate)),
                format!("{:.2}", self.over(which, BYTES, |measured| measured.rate)),
                time(|measured| measured.p50),
                time(|measured| measured.p99),
                format!("{:.0} MB", median(self.each(which, |measured| measured.resident_mb))),
                format!("{:.0} %", median(self.each(which, |measured| measured.busy)) * 100.0),
                format!("{:.2}", self.over(which, VALUES, Measured::rate_by_computing)),
                self.each(which, |measured| measured.errors).iter().sum::<u64>().to_string(),
            ]);
        }
        table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        format!("\n{table}\n")
    }

    /// Prints what is compared with the goal.
    pub(crate) fn ratios(&self) {
        for (which, signed_in) in self.names().skip(SERVICE) {
            let is_wanted = self.operation == Operation::ForCurrentUser && which != ANEW;
            let goal = is_wanted.then_some(Goal::AtLeast(GOAL));
            let name = format!("{}, {signed_in}, over a bare handler of the same values", self.name());
            Ratio::print(name, self.over(which, VALUES, |measured| measured.rate), goal);
        }
    }
}
