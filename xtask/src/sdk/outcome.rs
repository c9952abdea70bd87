//! What became of an SDK, and how it is shown.

use std::path::Path;

use super::matrix::{STEPS, Sdk};
use super::pins;

/// What is done with an SDK, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    Install,
    Generate,
    Check,
    Run,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [Self::Install, Self::Generate, Self::Check, Self::Run];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Generate => "generate",
            Self::Check => "check",
            Self::Run => "run",
        }
    }
}

/// A line of the table.
pub(super) struct Outcome {
    name: &'static str,
    /// The packages with their versions.
    packages: String,
    /// Up to which stage it came.
    passed: Vec<Stage>,
    failed: Option<(Stage, String)>,
    /// What is missing, and whether it must not be.
    skipped: Option<(String, bool)>,
    /// Warnings of the generator.
    pub(super) warnings: usize,
    /// How many of [`STEPS`] the trial showed.
    pub(super) passed_steps: usize,
    pub(super) seconds: u64,
}

impl Outcome {
    /// Nothing is known yet. `folder` is the one of all SDKs.
    pub(super) fn of(sdk: &Sdk, folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join(sdk.name);
        let packages = sdk.packages.iter().map(|package| Ok(format!("{package} {}", pins::version(&folder, package)?)));
        Ok(Self {
            name: sdk.name,
            packages: packages.collect::<anyhow::Result<Vec<_>>>()?.join(", "),
            passed: Vec::new(),
            failed: None,
            skipped: None,
            warnings: 0,
            passed_steps: 0,
            seconds: 0,
        })
    }

    pub(super) fn pass(&mut self, stage: Stage) {
        self.passed.push(stage);
    }

    pub(super) fn fail(&mut self, stage: Stage, reason: String) {
        self.failed = Some((stage, reason));
    }

    /// Nothing can be done for lack of a tool; a failure, where it must be there.
    pub(super) fn skip(&mut self, missing: String, is_failure: bool) {
        self.skipped = Some((missing, is_failure));
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some() || self.skipped.as_ref().is_some_and(|(_, is_failure)| *is_failure)
    }

    /// What the table is too narrow for.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some((stage, reason)) = &self.failed {
            remarks.push(format!("{}: {} FAILED: {reason}", self.name, stage.name()));
        }
        if let Some((missing, is_failure)) = &self.skipped {
            let consequence = if *is_failure { " (a failure, because CI must try it)" } else { "" };
            remarks.push(format!("{}: SKIPPED: {missing}{consequence}", self.name));
        }
        remarks
    }

    fn cell(&self, stage: Stage) -> String {
        if self.skipped.is_some() {
            return "SKIPPED".to_owned();
        }
        let failed = self.failed.as_ref().is_some_and(|(failed, _)| *failed == stage);
        match stage {
            Stage::Run if failed || self.passed.contains(&stage) => {
                format!("{}{}/{}", if failed { "FAILED " } else { "" }, self.passed_steps, STEPS.len())
            }
            _ if failed => "FAILED".to_owned(),
            _ if self.passed.contains(&stage) => "ok".to_owned(),
            _ => "-".to_owned(),
        }
    }
}

/// All outcomes as a table, without a line break at its end.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let head = ["SDK", "install", "generate", "check", "run", "warnings", "seconds", "versions"].map(str::to_owned);
    let rows = outcomes.iter().map(|outcome| {
        let [install, generate, check, run] = Stage::ALL.map(|stage| outcome.cell(stage));
        let (warnings, seconds) = (outcome.warnings.to_string(), outcome.seconds.to_string());
        [outcome.name.to_owned(), install, generate, check, run, warnings, seconds, outcome.packages.clone()]
    });
    let lines: Vec<[String; 8]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or_default();
    let shown = lines.iter().map(|line| {
        let cells = line.iter().enumerate().map(|(column, cell)| format!("{cell:<0$}", width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// The warnings in what a generator printed: how many of them are known, and the others.
pub(super) fn warnings<'a>(printed: &'a str, known: &[&str]) -> (usize, Vec<&'a str>) {
    // Neither the commands themselves nor what a generator marks as mere information, such as names of files.
    let lines = printed.lines().filter(|line| !line.starts_with("$ "));
    let warnings = lines.filter(|line| {
        let line = line.to_ascii_lowercase();
        ["warn", "error", "deprecat"].iter().any(|word| line.contains(word)) && !line.contains("] info ")
    });
    let (known, unknown): (Vec<_>, Vec<_>) = warnings.partition(|line| known.iter().any(|part| line.contains(part)));
    (known.len(), unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::matrix::MATRIX;
    use crate::workspace::Workspace;

    fn outcome(name: &str) -> Outcome {
        let sdk = MATRIX.iter().find(|sdk| sdk.name == name).unwrap();
        Outcome { packages: "pinned 1.0".to_owned(), ..Outcome::of(sdk, &Workspace::locate().unwrap().sdk()).unwrap() }
    }

    #[test]
    fn the_table_says_how_far_each_came() {
        let mut good = outcome("hey-api");
        Stage::ALL.iter().for_each(|stage| good.pass(*stage));
        good.passed_steps = STEPS.len();
        good.seconds = 12;
        let mut bad = outcome("openapi-python-client");
        bad.pass(Stage::Install);
        bad.warnings = 2;
        bad.fail(Stage::Generate, "it broke".to_owned());
        let mut partly = outcome("openapi-generator-go");
        Stage::ALL[..3].iter().for_each(|stage| partly.pass(*stage));
        partly.passed_steps = 3;
        partly.fail(Stage::Run, "it broke".to_owned());
        let mut skipped = outcome("openapi-generator-java");
        skipped.skip("no suitable `java`: install one".to_owned(), false);
        let all = [good, bad, partly, skipped];
        let expected = "\
SDK                     install  generate  check    run         warnings  seconds  versions
hey-api                 ok       ok        ok       7/7         0         12       pinned 1.0
openapi-python-client   ok       FAILED    -        -           2         0        pinned 1.0
openapi-generator-go    ok       ok        ok       FAILED 3/7  0         0        pinned 1.0
openapi-generator-java  SKIPPED  SKIPPED   SKIPPED  SKIPPED     0         0        pinned 1.0";
        assert_eq!(table(&all), expected);
        assert_eq!(all.each_ref().map(Outcome::has_failed), [false, true, true, false]);
        assert_eq!(all[1].remarks(), ["openapi-python-client: generate FAILED: it broke"]);
        assert_eq!(all[3].remarks(), ["openapi-generator-java: SKIPPED: no suitable `java`: install one"]);
    }

    #[test]
    fn what_ci_must_try_may_not_be_skipped_there() {
        let mut outcome = outcome("openapi-typescript");
        outcome.skip("no suitable `node`: install it".to_owned(), true);
        assert!(outcome.has_failed());
        assert!(outcome.remarks()[0].contains("SKIPPED") && outcome.remarks()[0].contains("a failure"));
    }

    #[test]
    fn known_warnings_are_counted_and_others_named() {
        let printed = "$ generate --no-warnings\n[main] INFO  writing file models/error_response.py\n\
            [main] WARN  Utils - Failed to get the name: null\nFutureWarning: soon\nAll done.\n";
        assert_eq!(warnings(printed, &["Failed to get the name"]), (1, vec!["FutureWarning: soon"]));
        let worded = "[main] WARN  Utils - see the info object: it is deprecated";
        assert_eq!(warnings(worded, &[]), (0, vec![worded]));
        assert_eq!(warnings("fine\n", &[]), (0, vec![]));
    }
}
