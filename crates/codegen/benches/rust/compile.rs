//! What the compiler makes of a generated workspace.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use docwright_bench::memory::{Usage, measured};
use docwright_bench::programs::forget_package;
use docwright_bench::{Failure, is_short};
use walkdir::WalkDir;

/// A compiler that is not done by then is ended.
const TIMEOUT_S: &str = "1800";

/// Below the folder where this benchmark was built.
const TEMPORARY: &str = env!("CARGO_TARGET_TMPDIR");

/// A new folder in the place of the one of the run before, so that what is compiled of it takes that one's place too.
pub(crate) fn lasting_folder() -> Result<PathBuf, Failure> {
    let folder = Path::new(TEMPORARY).join("rust-bench");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Where things are compiled.
#[derive(Debug)]
pub(crate) struct Builds {
    folder: PathBuf,
    /// Whose dependencies are compiled.
    warm: BTreeSet<String>,
}

/// What `cargo check` said.
#[derive(Debug)]
pub(crate) enum Checked {
    /// It compiles.
    Fine {
        /// From nothing, with all that it depends on; only the first of a kind.
        cold: Option<Usage>,
        /// The generated packages alone.
        alone: Usage,
    },
    /// It does not; the compiler's first error, and how many there are as far as it counts.
    Errors(String),
}

impl Builds {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("builds"), warm: BTreeSet::new() }
    }

    /// Checks a package of the workspace below `root`, or all of it. What is of one `kind` shares its dependencies; in a
    /// short run everything shares those of this workspace.
    pub(crate) fn check(&mut self, kind: &str, root: &Path, package: Option<&str>) -> Result<Checked, Failure> {
        let log = root.with_extension("log");
        let target = if is_short() { Path::new(TEMPORARY).join("..") } else { self.folder.join(kind) };
        let run = || -> Result<Usage, Failure> {
            // Ends by itself, with all that it started.
            let mut command = Command::new("timeout");
            forget_package(&mut command);
            command.args([TIMEOUT_S, "cargo", "check", "--color", "never"]).current_dir(root);
            match package {
                Some(package) => command.args(["--package", package]),
                None => command.arg("--workspace"),
            };
            command.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
            let file = File::create(&log)?;
            Ok(measured(command.stdout(file.try_clone()?).stderr(file))?)
        };
        let mut cold = None;
        if !is_short() && self.warm.insert(kind.to_owned()) {
            let usage = run()?;
            if !usage.is_success {
                return Ok(Checked::Errors(first_error(&fs::read_to_string(&log)?)));
            }
            cold = Some(usage);
            touch(root)?;
        }
        let alone = run()?;
        match alone.is_success {
            true => Ok(Checked::Fine { cold, alone }),
            false => Ok(Checked::Errors(first_error(&fs::read_to_string(&log)?))),
        }
    }
}

/// Makes every source newer than what was compiled of it.
fn touch(root: &Path) -> Result<(), Failure> {
    let now = SystemTime::now();
    for entry in WalkDir::new(root) {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            File::options().write(true).open(entry.path())?.set_modified(now)?;
        }
    }
    Ok(())
}

fn first_error(log: &str) -> String {
    let mut errors = log.lines().filter(|line| line.starts_with("error"));
    let first = errors.next().unwrap_or("it was not done in time").to_owned();
    match errors.find(|line| line.contains("could not compile")) {
        Some(last) => format!("{first} … {last}"),
        None => first,
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |usage: &Usage| format!("{:.1} s, at most {:.0} MB", usage.time.as_secs_f64(), usage.peak_mb);
        match self {
            Self::Errors(error) => write!(f, "does not compile: {error}"),
            Self::Fine { cold: Some(cold), alone } => {
                write!(f, "checked in {}, with all dependencies in {}", shown(alone), shown(cold))
            }
            Self::Fine { cold: None, alone } => write!(f, "checked in {}", shown(alone)),
        }
    }
}
