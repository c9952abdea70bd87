//! `cargo xtask sdk`: generates SDKs in other languages from `openapi.yaml`, checks them, and runs them against the
//! service.
//!
//! What people write stands in `sdk/NAME`, what is generated in `target/sdk/NAME`, with a log of each stage.

pub(crate) mod execution;
mod guide;
pub(crate) mod interruption;
pub(crate) mod matrix;
mod outcome;
mod pins;
mod services;
pub(crate) mod tools;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use walkdir::WalkDir;

use self::execution::Place;
use self::interruption::Interruption;
use self::matrix::{CONTRACT, JAR, JAVA_SOURCES, MATRIX, STEPS, Sdk};
use self::outcome::{Outcome, Stage};
use self::services::{LaterService, Service};
use crate::cli::SdkOptions;
use crate::report::{UsageError, note, say};
use crate::workspace::Workspace;

/// Downloads may be slow.
pub(crate) const INSTALL_TIMEOUT: Duration = Duration::from_secs(900);
const TIMEOUT: Duration = Duration::from_secs(300);

/// Tries the SDKs that are asked for; answers whether none failed.
pub(crate) fn run(workspace: &Workspace, options: &SdkOptions) -> anyhow::Result<bool> {
    let chosen = choose(&options.only)?;
    let guide = fs::read_to_string(workspace.root().join("docs/sdk.md")).context("cannot read docs/sdk.md")?;
    let interruption = Interruption::listen()?;
    note("building the service");
    let server = services::build(workspace, &interruption)?;
    let later = LaterService::start(workspace)?;
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    let mut outcomes = Vec::new();
    for (index, sdk) in chosen.iter().enumerate() {
        let head = format!("[{}/{}] {} ({})", index + 1, chosen.len(), sdk.name, sdk.language);
        let mut outcome = Outcome::of(sdk, &workspace.sdk())?;
        if let Some(missing) = sdk.tools.iter().find_map(|tool| tool.missing()) {
            note(format_args!("{head}: SKIPPED: {missing}"));
            outcome.skip(missing, in_ci && sdk.in_ci);
        } else {
            let trial = Trial::prepare(workspace, sdk, &guide, &server, &later, &interruption)?;
            trial.run(&head, &mut outcome)?;
        }
        interruption.check()?;
        outcomes.push(outcome);
    }
    say(outcome::table(&outcomes));
    for outcome in &outcomes {
        outcome.remarks().iter().for_each(say);
    }
    Ok(outcomes.iter().all(|outcome| !outcome.has_failed()))
}

/// The SDKs of these names, in the matrix's order; all, where there are none.
fn choose(names: &[String]) -> anyhow::Result<Vec<&'static Sdk>> {
    if let Some(unknown) = names.iter().find(|name| MATRIX.iter().all(|sdk| sdk.name != **name)) {
        let all: Vec<&str> = MATRIX.iter().map(|sdk| sdk.name).collect();
        return Err(UsageError(format!("no SDK is called `{unknown}`; there are {}", all.join(", "))).into());
    }
    Ok(MATRIX.iter().filter(|sdk| names.is_empty() || names.iter().any(|name| name == sdk.name)).collect())
}

/// An SDK on its way from the generator to its last call.
struct Trial<'a> {
    sdk: &'a Sdk,
    place: Place,
    contract: PathBuf,
    server: &'a Path,
    imported: PathBuf,
    later: &'a LaterService,
    /// The program of `docs/sdk.md`.
    first_call: String,
}

impl<'a> Trial<'a> {
    /// Makes the folder anew, with what is written by hand.
    fn prepare(
        workspace: &Workspace,
        sdk: &'a Sdk,
        guide: &str,
        server: &'a Path,
        later: &'a LaterService,
        interruption: &Interruption,
    ) -> anyhow::Result<Self> {
        let first_call = guide::first_call(guide, sdk.name)
            .with_context(|| format!("docs/sdk.md shows no program for `{}`", sdk.name))?;
        let folder = workspace.target().join("sdk").join(sdk.name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty `{}`", folder.display()))?;
        }
        copy(&workspace.sdk().join(sdk.name), &folder)?;
        // Checked together with the rest; where the service is, is known later.
        fs::write(folder.join(sdk.first_call_file), &first_call)?;
        let contract = workspace.contract();
        let environment = environment(sdk, &folder, &contract)?;
        let imported = workspace.sdk().join("imported.toml");
        let place = Place { folder, environment, interruption: interruption.clone() };
        Ok(Self { sdk, place, contract, server, imported, later, first_call })
    }

    /// Goes through all stages, up to the first that fails.
    fn run(mut self, head: &str, outcome: &mut Outcome) -> anyhow::Result<()> {
        let start = Instant::now();
        for stage in Stage::ALL {
            note(format_args!("{head}: {}", stage.name()));
            let log = self.log(stage);
            let done = match stage {
                Stage::Install => self.all(self.sdk.install, &log, INSTALL_TIMEOUT),
                Stage::Generate => self.generate(&log, outcome),
                Stage::Check => self.check(&log),
                Stage::Run => self.play(&log, outcome),
            };
            if let Err(error) = done {
                note(format_args!("{}\n{head}: {} FAILED: {error:#}", execution::tail(&log), stage.name()));
                note(format_args!("  log: {}", log.display()));
                outcome.fail(stage, format!("{error:#}"));
                break;
            }
            outcome.pass(stage);
        }
        outcome.seconds = start.elapsed().as_secs();
        if !outcome.has_failed() {
            // Hundreds of megabytes that nobody looks at; the SDK stays.
            for installed in ["node_modules", "venv", "cache"] {
                remove_writable(&self.place.folder.join(installed));
            }
        }
        Ok(())
    }

    fn log(&self, stage: Stage) -> PathBuf {
        self.place.folder.join(format!("{}.log", stage.name()))
    }

    fn all(&self, lines: &[&[&str]], log: &Path, timeout: Duration) -> anyhow::Result<()> {
        for line in lines {
            let line = self.filled_in(line)?;
            self.place.execute(&line, log, timeout)?;
        }
        Ok(())
    }

    fn generate(&self, log: &Path, outcome: &mut Outcome) -> anyhow::Result<()> {
        let done = self.all(self.sdk.generate, log, TIMEOUT);
        let printed = fs::read_to_string(log).unwrap_or_default();
        let (known, unknown) = outcome::warnings(&printed, self.sdk.known_warnings);
        outcome.warnings = known + unknown.len();
        done?;
        if let Some(first) = unknown.first() {
            bail!("{} of its warnings are not explained in docs/sdk.md, such as: {first}", unknown.len());
        }
        Ok(())
    }

    fn check(&self, log: &Path) -> anyhow::Result<()> {
        self.all(self.sdk.check, log, TIMEOUT)
    }

    /// Runs the documented program and the trial against a service of their own.
    fn play(&mut self, log: &Path, outcome: &mut Outcome) -> anyhow::Result<()> {
        let service = Service::start(self.server, &self.imported, &self.place.interruption)?;
        for (name, value) in
            [("SDK_SERVICE", &service.url), ("SDK_LATER_SERVICE", &self.later.url), ("SDK_TICKET", &service.ticket)]
        {
            self.place.environment.push((name.to_owned(), value.into()));
        }
        // What is checked is what people read; what runs differs from it in the address alone.
        fs::write(self.place.folder.join(self.sdk.first_call_file), guide::at(&self.first_call, &service.url))?;
        self.check(&self.log(Stage::Check))?;
        self.all(&[self.sdk.first_call], log, TIMEOUT).context("the program of docs/sdk.md")?;
        // The first line is the command.
        if fs::read_to_string(log)?.lines().count() < 2 {
            bail!("the program of docs/sdk.md prints nothing");
        }
        let done = self.all(&[self.sdk.trial], log, TIMEOUT);
        let printed = fs::read_to_string(log)?;
        outcome.passed_steps = STEPS.iter().filter(|step| printed.contains(&format!("passed: {step}\n"))).count();
        done?;
        if outcome.passed_steps < STEPS.len() {
            bail!("the trial left out a step");
        }
        Ok(())
    }

    /// The command with what stands for paths replaced.
    fn filled_in(&self, line: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut all = Vec::new();
        for argument in line {
            match *argument {
                CONTRACT => all.push(self.contract.display().to_string()),
                JAR => {
                    all.push(std::env::join_paths([&self.jar()?, Path::new("classes")])?.to_string_lossy().into_owned())
                }
                JAVA_SOURCES => all.extend(java_sources(&self.place.folder)),
                argument => all.push(argument.to_owned()),
            }
        }
        Ok(all)
    }

    /// The jar inside the installed Python package.
    fn jar(&self) -> anyhow::Result<PathBuf> {
        let library = self.place.folder.join("venv/lib");
        fs::read_dir(&library)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|python| python.path().join("site-packages/openapi_generator_cli/openapi-generator.jar"))
            .find(|jar| jar.is_file())
            .with_context(|| format!("no openapi-generator.jar below `{}`", library.display()))
    }
}

/// What every command finds: the tools that were installed for it, and no messages about anything but its work.
fn environment(sdk: &Sdk, folder: &Path, contract: &Path) -> anyhow::Result<Vec<(String, OsString)>> {
    let tools = [folder.join("venv/bin"), folder.join("node_modules/.bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(tools.into_iter().chain(std::env::split_paths(&path)))
        .context("the target folder's path cannot stand in PATH")?;
    let cache = folder.join("cache");
    let fixed: [(&str, OsString); 9] = [
        ("PATH", path),
        ("SDK_CONTRACT", contract.into()),
        // What the services of this machine are called with must not leave it.
        ("NO_PROXY", "127.0.0.1,localhost".into()),
        ("no_proxy", "127.0.0.1,localhost".into()),
        ("NO_COLOR", "1".into()),
        ("DO_NOT_TRACK", "1".into()),
        // Go writes counters there; nobody else looks.
        ("XDG_CONFIG_HOME", cache.join("config").into()),
        ("GOCACHE", cache.join("go").into()),
        ("GOPATH", cache.join("gopath").into()),
    ];
    let own = sdk.environment.iter().map(|(name, value)| (*name, value.into()));
    Ok(fixed.into_iter().chain(own).map(|(name, value)| (name.to_owned(), value)).collect())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in WalkDir::new(from).sort_by_file_name() {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Every Java file below the folder, as paths relative to it.
fn java_sources(folder: &Path) -> Vec<String> {
    WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "java"))
        .filter_map(|entry| Some(entry.path().strip_prefix(folder).ok()?.to_str()?.to_owned()))
        .collect()
}

/// Removes a folder; one that cannot be removed is no failure of an SDK.
fn remove_writable(folder: &Path) {
    if folder.exists() && fs::remove_dir_all(folder).is_err() {
        note(format_args!("cannot remove `{}`", folder.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Result<Vec<&'static str>, String> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        match choose(&only) {
            Ok(chosen) => Ok(chosen.iter().map(|sdk| sdk.name).collect()),
            Err(error) => Err(format!("{} {error}", error.is::<UsageError>())),
        }
    }

    #[test]
    fn sdks_are_chosen_by_name() {
        assert_eq!(names(&[]).unwrap().len(), MATRIX.len());
        assert_eq!(
            names(&["openapi-python-client", "hey-api", "hey-api"]).unwrap(),
            ["hey-api", "openapi-python-client"]
        );
        let refused = names(&["hey-api", "swift"]).unwrap_err();
        assert!(
            refused.starts_with("true no SDK is called `swift`; there are openapi-typescript, hey-api,"),
            "{refused}"
        );
    }
}
