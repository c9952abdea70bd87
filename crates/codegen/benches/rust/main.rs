//! From a contract to Rust: how long it takes, how much comes out, and what the compiler makes of it; beside what
//! OpenAPI Generator makes of the same contract with `rust` (a client) and `rust-axum` (a server layer).
//!
//! `cargo bench -p docwright-codegen --bench rust` takes the two pages that Docwright began with, and those of a whole
//! reference where `DOCWRIGHT_CORPUS` names one. OpenAPI Generator is the program that `DOCWRIGHT_OPENAPI_GENERATOR`
//! names, or `openapi-generator-cli`. `-- --short` generates both from the two pages, and has the compiler check ours with
//! the dependencies that are compiled already.

mod compile;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use docwright_bench::memory::{self, Usage};
use docwright_bench::pages::Pages;
use docwright_bench::{Failure, Ratio, ended, is_short, median_time, programs, say, skipped, workspace};
use docwright_codegen::{GeneratedFile, Limits, Names, workspace as generated};
use docwright_contract::correct::correct;
use docwright_contract::infer::{Source, infer};
use docwright_contract::{Contract, emit, read, yaml};
use walkdir::WalkDir;

use self::compile::{Builds, Checked};

/// The command's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds that a time is the median of.
const ROUNDS: usize = 7;

/// Ours and theirs that are for the same: our folders, in which the models come first, and their generator.
const SIDES: [Side; 2] = [
    Side { name: "client", folders: ["models", "client"], generator: "rust" },
    Side { name: "server layer", folders: ["models", "api"], generator: "rust-axum" },
];

struct Side {
    name: &'static str,
    folders: [&'static str; 2],
    generator: &'static str,
}

fn main() -> ExitCode {
    ended(run())
}

fn run() -> Result<(), Failure> {
    let peer = programs::peer("DOCWRIGHT_OPENAPI_GENERATOR", "openapi-generator-cli");
    if let Err(missing) = &peer {
        skipped("OpenAPI Generator, so ours is measured alone", missing);
    }
    let peer = peer.ok();
    let temporary = tempfile::tempdir()?;
    let folder = if is_short() { compile::lasting_folder()? } else { temporary.path().to_owned() };
    let mut builds = Builds::new(&folder);
    bench(&Pages::two()?, "two", &folder, &mut builds, peer.as_deref())?;
    match Pages::corpus()? {
        Some(_) if is_short() => Ok(()),
        Some(pages) => bench(&pages, "corpus", &folder, &mut builds, peer.as_deref()),
        None => {
            skipped("Rust for a whole reference", "DOCWRIGHT_CORPUS names no folder with one");
            Ok(())
        }
    }
}

/// All of it for these pages; `name` is what packages and folders are called after.
fn bench(pages: &Pages, name: &str, folder: &Path, builds: &mut Builds, peer: Option<&Path>) -> Result<(), Failure> {
    let contract = contract(pages)?;
    let (root, document) = (folder.join(name), folder.join(format!("{name}.yaml")));
    fs::write(&document, emit::to_yaml(&contract, "bench"))?;
    let Ours { files, time } = Ours::generate(&contract, name, &root)?;
    // All that this process did before counts too.
    let peak_mb = memory::own_peak_mb().unwrap_or_default();
    for side in SIDES {
        let ours_bytes = bytes(files.iter().filter(|file| side.has(&file.path)).map(|file| file.contents.len()));
        let package = Names::new(name).package(side.folders[1]);
        let ours = builds.check(&format!("ours-{}", side.name), &root, Some(&package))?;
        say(format_args!("{}, {}:", pages.origin, side.name));
        say(format_args!("  Docwright: {:.2} MB; {ours}", ours_bytes / 1e6));
        let Some(peer) = peer else { continue };
        let folder = folder.join(format!("{name}-{}", side.generator));
        let Some(theirs) = Theirs::generate(peer, side.generator, &document, &folder)? else { continue };
        // In a short run nothing of theirs has been compiled before, so that it would take minutes.
        let checked = if is_short() { None } else { Some(builds.check(side.generator, &theirs.folder, None)?) };
        let shown = checked.as_ref().map_or_else(|| "not compiled in a short run".to_owned(), ToString::to_string);
        let Theirs { usage, bytes, .. } = &theirs;
        say(format_args!(
            "  {}: {:.2} MB, generated in {:.1} s, at most {:.0} MB; {shown}",
            side.generator,
            bytes / 1e6,
            usage.time.as_secs_f64(),
            usage.peak_mb
        ));
        let compared = |what: &str| format!("{}, {}: {what} over {}'s", pages.origin, side.name, side.generator);
        Ratio::print(compared("bytes"), ours_bytes / bytes, None);
        Ratio::print(compared("time to generate"), time.as_secs_f64() / usage.time.as_secs_f64(), None);
        Ratio::print(compared("memory to generate"), peak_mb / usage.peak_mb, None);
        if let (Checked::Fine { alone: ours, .. }, Some(Checked::Fine { alone: theirs, .. })) = (&ours, &checked) {
            Ratio::print(compared("time to compile"), ours.time.as_secs_f64() / theirs.time.as_secs_f64(), None);
            Ratio::print(compared("memory to compile"), ours.peak_mb / theirs.peak_mb, None);
        }
    }
    Ok(())
}

impl Side {
    /// Whether a file of the workspace belongs to it. Large contracts have several crates of each: `models-core`.
    fn has(&self, path: &str) -> bool {
        let folder = path.strip_prefix("crates/").and_then(|path| path.split('/').next()).unwrap_or_default();
        let is_of = |of: &str| folder.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        self.folders.iter().any(|of| is_of(of))
    }
}

/// What the pages say, as it is read back from the document: code starts from that.
fn contract(pages: &Pages) -> Result<Contract, Failure> {
    let parse =
        |(index, text): (usize, &str)| docwright_pages::parse_file(&format!("{index}.md"), text.as_bytes())?.page;
    let texts = pages.texts().iter().map(String::as_str).enumerate();
    let parsed: Vec<_> = texts.filter_map(|each| Some((parse(each)?, each.1))).collect();
    let sources: Vec<Source<'_>> = parsed.iter().map(|(page, text)| Source { page, text }).collect();
    let (contract, _) = correct(infer(&sources).contract, None)?;
    Ok(read::from_value(&yaml::from_str(&emit::to_yaml(&contract, "bench"))?)?)
}

/// What Docwright makes, client and server layer together.
struct Ours {
    files: Vec<GeneratedFile>,
    time: Duration,
}

impl Ours {
    /// Says how long it takes, and writes it.
    fn generate(contract: &Contract, name: &str, root: &Path) -> Result<Self, Failure> {
        let mut times = Vec::new();
        let mut files = Vec::new();
        for _ in 0..if is_short() { 1 } else { ROUNDS } {
            let start = Instant::now();
            files = generated::generate(contract, Names::new(name), Limits::default())?.files;
            times.push(start.elapsed());
        }
        let time = median_time(times);
        let all = bytes(files.iter().map(|file| file.contents.len()));
        say(format_args!(
            "{} operations: a workspace of {:.2} MB, generated in {time:.1?}; this process took {:.0} MB at most so far",
            contract.operations.len(),
            all / 1e6,
            memory::own_peak_mb().unwrap_or_default(),
        ));
        for file in &files {
            let path = root.join(&file.path);
            fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
            fs::write(path, &file.contents)?;
        }
        // The versions that this workspace is tested with.
        fs::copy(workspace().join("Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self { files, time })
    }
}

/// What OpenAPI Generator makes.
struct Theirs {
    folder: PathBuf,
    usage: Usage,
    bytes: f64,
}

impl Theirs {
    /// Nothing, said aloud, where it cannot be made.
    fn generate(program: &Path, generator: &str, document: &Path, folder: &Path) -> Result<Option<Self>, Failure> {
        let mut command = Command::new(program);
        command.args(["generate", "--generator-name", generator]).arg("--input-spec").arg(document);
        command.arg("--output").arg(folder).args(["--additional-properties", "packageName=peer"]);
        let usage = memory::measured(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        if !usage.is_success {
            say(format_args!("  {generator}: fails for this contract: {command:?}"));
            return Ok(None);
        }
        let mut sizes = Vec::new();
        for entry in WalkDir::new(folder) {
            let entry = entry?;
            // What it writes besides, documents above all, is not for the compiler.
            if entry.path().extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
                sizes.push(usize::try_from(entry.metadata()?.len())?);
            }
        }
        Ok(Some(Self { folder: folder.to_owned(), usage, bytes: bytes(sizes) }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn bytes(sizes: impl IntoIterator<Item = usize>) -> f64 {
    sizes.into_iter().sum::<usize>() as f64
}
