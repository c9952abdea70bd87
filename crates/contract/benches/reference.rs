//! How long a whole reference takes, from pages to `openapi.yaml`, and how much memory: against the least that any such
//! tool must do (read the files, run the Markdown parser over them, parse their samples, and write an output of that
//! size), and for ten pages up to ten thousand.
//!
//! `cargo bench -p docwright-contract --bench reference` takes the pages below the folder that `DOCWRIGHT_CORPUS` names,
//! or those of this workspace, and repeats them under other ids and paths until they are as many as wanted. `-- --short`
//! runs all of it small. Every number of pages has a process of its own, whose memory is its own too.

#![expect(clippy::unwrap_used, reason = "a bench that cannot read its input has failed")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use docwright_bench::pages::Pages;
use docwright_bench::{Failure, Goal, Ratio, ended, is_short, median_time, memory, say, skipped};
use docwright_contract::correct::correct;
use docwright_contract::emit;
use docwright_contract::infer::{Source, infer};
use docwright_pages::{Page, parse_file};
use pulldown_cmark::{Options, Parser};
use rayon::prelude::*;

/// The command's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much of everything.
struct Size {
    /// Pages of the largest reference known.
    whole: usize,
    /// Few pages, and ten times as many each time.
    growth: &'static [usize],
    /// Rounds that a figure is the median of.
    rounds: usize,
}

const FULL: Size = Size { whole: 2_805, growth: &[10, 100, 1_000, 10_000], rounds: 7 };
const SHORT: Size = Size { whole: 100, growth: &[10, 100], rounds: 1 };

/// Tells the process that does the work which pages to read, and how often.
const STEP: &str = "DOCWRIGHT_BENCH_STEP";
/// The same for the process that does the least.
const FLOOR: &str = "DOCWRIGHT_BENCH_FLOOR";
const OUTPUT: &str = "openapi.yaml";

/// How many times the floor's time it may take.
const OVER_THE_FLOOR: f64 = 3.0;

/// What is called linear: ten times the pages may take so many times ten times the time.
const LINEAR: f64 = 1.3;

fn main() -> ExitCode {
    ended(run())
}

fn run() -> Result<(), Failure> {
    let size = if is_short() { SHORT } else { FULL };
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    if let Some(folder) = folder(STEP) {
        step(&Folder::new(folder), size.rounds);
        return Ok(());
    }
    if let Some(folder) = folder(FLOOR) {
        let folder = Folder::new(folder);
        folder.floor(&fs::read_to_string(folder.path.join(OUTPUT))?, Threads::One);
        say(format_args!("{:.1}", memory::own_peak_mb().unwrap_or_default()));
        return Ok(());
    }
    let pages = match Pages::corpus()? {
        Some(pages) => {
            // As they are, without repeating one.
            beside_the_floor(&pages, if is_short() { size.whole } else { pages.texts().len() })?;
            pages
        }
        None => {
            skipped(
                "a whole reference",
                "DOCWRIGHT_CORPUS names no folder with one; the pages of this workspace stand in",
            );
            Pages::own()?
        }
    };
    beside_the_floor(&pages, size.whole)?;
    growth(&pages, &size)
}

/// How many threads the floor has.
#[derive(Clone, Copy)]
enum Threads {
    One,
    /// As many as we take.
    All,
}

/// Pages as files in a folder of their own.
struct Folder {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl Folder {
    fn new(path: PathBuf) -> Self {
        let files = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|it| it == "md")).collect();
        files.sort();
        Self { path, files }
    }

    /// What any such tool must do.
    fn floor(&self, output: &str, threads: Threads) {
        let page = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap();
            black_box(Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter().count());
            for body in samples(&text) {
                _ = black_box(serde_json::from_str::<serde_json::Value>(body));
            }
        };
        match threads {
            Threads::One => self.files.iter().for_each(page),
            Threads::All => self.files.par_iter().for_each(page),
        }
        fs::write(self.path.join("floor.yaml"), output).unwrap();
    }

    /// What `cargo xtask generate --contract-only` does; answers how long each part took, and the output.
    fn whole(&self) -> ([(&'static str, Duration); 4], String) {
        let mut last = Instant::now();
        let mut lap = || std::mem::replace(&mut last, Instant::now()).elapsed();
        let pages: Vec<(Page, String)> = self.files.par_iter().filter_map(|file| read(file)).collect();
        let parsed = lap();
        let sources: Vec<Source<'_>> = pages.iter().map(|(page, text)| Source { page, text }).collect();
        let inferred = infer(&sources);
        let done = lap();
        drop(sources);
        rayon::spawn(move || drop(pages));
        let (contract, _) = correct(inferred.contract, None).unwrap();
        let corrected = lap();
        let output = emit::to_yaml(&contract, "bench");
        fs::write(self.path.join(OUTPUT), &output).unwrap();
        rayon::spawn(move || drop(contract));
        let parts = [("read and parse", parsed), ("infer", done), ("correct", corrected), ("emit and write", lap())];
        (parts, output)
    }
}

/// Reads a page as the command does.
fn read(file: &Path) -> Option<(Page, String)> {
    let bytes = fs::read(file).unwrap();
    let page = parse_file(&file.to_string_lossy(), &bytes)?.page?;
    Some((page, String::from_utf8(bytes).unwrap()))
}

/// The JSON bodies in a page's fences.
fn samples(text: &str) -> impl Iterator<Item = &str> {
    text.split("```http").skip(1).filter_map(|fence| {
        let message = fence.split("\n```").next()?;
        let (_, body) = message.split_once("\n\n")?;
        body.starts_with(['{', '[', '"']).then_some(body)
    })
}

/// Measures one folder, floor and whole in turns, and prints what [`Step`] reads.
fn step(folder: &Folder, rounds: usize) {
    let (_, output) = folder.whole();
    // Of the first run: what is freed afterwards is not given back at once.
    let peak = memory::own_peak_mb().unwrap_or_default();
    let timed = |threads| {
        let started = Instant::now();
        folder.floor(&output, threads);
        started.elapsed()
    };
    let rounds: Vec<_> = (0..rounds).map(|_| (timed(Threads::One), timed(Threads::All), folder.whole().0)).collect();
    let part = |index: usize| median_time(rounds.iter().map(|(_, _, parts)| parts[index].1));
    let figures = [
        median_time(rounds.iter().map(|(one, _, _)| *one)),
        median_time(rounds.iter().map(|(_, all, _)| *all)),
        median_time(rounds.iter().map(|(_, _, parts)| parts.iter().map(|(_, time)| *time).sum())),
    ];
    let figures = figures.map(|time| time.as_secs_f64().to_string()).join(" ");
    say(format_args!("{figures} {peak} {}", output.len()));
    for (index, (name, _)) in rounds[0].2.iter().enumerate() {
        say(format_args!("  {name}: {:.1?}", part(index)));
    }
}

/// What the process of a number of pages measured.
struct Step {
    pages: f64,
    bytes: f64,
    output_bytes: f64,
    floor_s: f64,
    parallel_floor_s: f64,
    seconds: f64,
    peak_mb: f64,
    floor_peak_mb: f64,
    /// A line for each part.
    parts: String,
}

impl Step {
    #[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
    fn measure(pages: &Pages, count: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let bytes = pages.write(count, folder.path())?;
        let run = |role| -> Result<String, Failure> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(is_short().then_some("--short")).env(role, folder.path());
            let output = command.stderr(std::process::Stdio::inherit()).output()?;
            if !output.status.success() {
                return Err(format!("{count} pages: {}", output.status).into());
            }
            Ok(String::from_utf8(output.stdout)?)
        };
        let (printed, floor_peak) = (run(STEP)?, run(FLOOR)?);
        let (figures, parts) = printed.split_once('\n').ok_or("nothing was measured")?;
        let figures: Result<Vec<f64>, _> = figures.split(' ').map(str::parse).collect();
        let [floor_s, parallel_floor_s, seconds, peak_mb, output_bytes] = figures?[..] else {
            return Err("something else was measured".into());
        };
        Ok(Self {
            pages: count as f64,
            bytes: bytes as f64,
            output_bytes,
            floor_s,
            parallel_floor_s,
            seconds,
            peak_mb,
            floor_peak_mb: floor_peak.trim().parse()?,
            parts: parts.trim_end().to_owned(),
        })
    }
}

/// So many of the pages beside the floor, on one core and on as many as we take.
fn beside_the_floor(pages: &Pages, count: usize) -> Result<(), Failure> {
    let step = Step::measure(pages, count)?;
    let (bytes, output) = (step.bytes / 1e6, step.output_bytes / 1e6);
    say(format_args!("{} pages of {bytes:.1} MB, from {}, to {output:.1} MB:", step.pages, pages.origin));
    say(&step.parts);
    say(format_args!("  in all: {:.0} ms, at most {:.0} MB", step.seconds * 1e3, step.peak_mb));
    say(format_args!("  floor: {:.0} ms, at most {:.0} MB", step.floor_s * 1e3, step.floor_peak_mb));
    say(format_args!("  floor on all cores: {:.0} ms", step.parallel_floor_s * 1e3));
    let name = |what: &str| format!("{} pages to openapi.yaml, {what}", step.pages);
    let goal = Some(Goal::AtMost(OVER_THE_FLOOR));
    Ratio::print(name("time over the floor's"), step.seconds / step.floor_s, goal);
    Ratio::print(name("time over the floor's on all cores"), step.seconds / step.parallel_floor_s, goal);
    Ratio::print(name("memory over the floor's"), step.peak_mb / step.floor_peak_mb, None);
    Ok(())
}

fn growth(pages: &Pages, size: &Size) -> Result<(), Failure> {
    say(format_args!("how it grows, with {}:", pages.origin));
    let mut steps: Vec<Step> = Vec::new();
    for count in size.growth {
        let step = Step::measure(pages, *count)?;
        say(format_args!(
            "  {count:>6} pages: {:>8.2} ms, {:.3} ms a page; at most {:.0} MB",
            step.seconds * 1e3,
            step.seconds * 1e3 / step.pages,
            step.peak_mb
        ));
        steps.push(step);
    }
    if let [.., few, many] = &steps[..] {
        let times = many.pages / few.pages;
        let name = |what| format!("{what} a page, {} pages over {}", many.pages, few.pages);
        let goal = Some(Goal::AtMost(LINEAR));
        Ratio::print(name("time"), many.seconds / few.seconds / times, goal);
        Ratio::print(name("memory"), many.peak_mb / few.peak_mb / times, goal);
    }
    Ok(())
}
