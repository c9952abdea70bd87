//! How long a whole reference takes, from pages to `openapi.yaml`, against the least that any such
//! tool must do: read the files, run the Markdown parser over them, parse their samples, and write
//! an output of that size.
//!
//! `DOCWRIGHT_CORPUS=FOLDER cargo bench --package docwright-contract` takes the pages below a folder and repeats
//! them under other ids and paths until they are as many as in the largest reference known.

#![expect(clippy::print_stderr, reason = "a bench says what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot read its input has failed")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use docwright_contract::correct::correct;
use docwright_contract::emit;
use docwright_contract::infer::{Source, infer};
use docwright_pages::{Page, is_reference_page, parse_file};
use pulldown_cmark::{Options, Parser};
use rayon::prelude::*;

/// The command's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pages of the largest reference known.
const PAGES: usize = 2_805;

/// Rounds that the ratio is the median of.
const ROUNDS: usize = 7;

/// The pages as files in a folder of their own.
struct Corpus {
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
    bytes: usize,
}

impl Corpus {
    /// `None`, said aloud, where no corpus is named.
    fn new() -> Option<Self> {
        let Ok(from) = std::env::var("DOCWRIGHT_CORPUS") else {
            eprintln!("SKIPPED: DOCWRIGHT_CORPUS names no folder of reference pages");
            return None;
        };
        let mut texts = Vec::new();
        read_pages(Path::new(&from), &mut texts);
        assert!(!texts.is_empty(), "DOCWRIGHT_CORPUS has no reference pages");
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        let mut bytes = 0;
        for (index, text) in texts.iter().cycle().take(PAGES).enumerate() {
            let round = index / texts.len();
            let text = if round == 0 { text.clone() } else { renamed(text, round) };
            bytes += text.len();
            let file = folder.path().join(format!("{index:05}.md"));
            fs::write(&file, text).unwrap();
            files.push(file);
        }
        Some(Self { folder, files, bytes })
    }

    fn texts(&self) -> Vec<String> {
        self.files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }

    /// What any such tool must do.
    fn floor(&self, output: &str) {
        let texts = self.texts();
        for text in &texts {
            black_box(Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter().count());
            for body in samples(text) {
                _ = black_box(serde_json::from_str::<serde_json::Value>(body));
            }
        }
        fs::write(self.folder.path().join("floor.yaml"), output).unwrap();
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
        fs::write(self.folder.path().join("openapi.yaml"), &output).unwrap();
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

fn read_pages(folder: &Path, texts: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_pages(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            texts.extend(fs::read_to_string(path).ok().filter(|text| is_reference_page(text)));
        }
    }
}

/// The same page for another operation.
fn renamed(text: &str, round: usize) -> String {
    let key = if text.contains("\nid: ") { "\nid: " } else { "\nuid: " };
    text.replacen(key, &format!("{key}r{round}"), 1).replace("/api/v1/", &format!("/api/v1/r{round}/"))
}

/// The JSON bodies in a page's fences.
fn samples(text: &str) -> impl Iterator<Item = &str> {
    text.split("```http").skip(1).filter_map(|fence| {
        let message = fence.split("\n```").next()?;
        let (_, body) = message.split_once("\n\n")?;
        body.starts_with(['{', '[', '"']).then_some(body)
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The process's largest size so far in MB, where the system tells.
fn peak_mb() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kb| kb / 1024)
}

fn whole_reference(criterion: &mut Criterion) {
    let Some(corpus) = Corpus::new() else { return };
    let (_, output) = corpus.whole();
    let peak = peak_mb();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        corpus.floor(&output);
        let floor = started.elapsed();
        rounds.push((floor, corpus.whole().0));
    }
    let floor = median(rounds.iter().map(|(floor, _)| *floor).collect());
    let total = median(rounds.iter().map(|(_, parts)| parts.iter().map(|(_, time)| *time).sum()).collect());
    eprintln!("{} pages of {:.1} MB, output of {:.1} MB", PAGES, mb(corpus.bytes), mb(output.len()));
    for (index, (name, _)) in rounds[0].1.iter().enumerate() {
        eprintln!("  {name}: {:.0?}", median(rounds.iter().map(|(_, parts)| parts[index].1).collect()));
    }
    let ratio = total.as_secs_f64() / floor.as_secs_f64();
    eprintln!("{total:.0?} against the floor of {floor:.0?}: {ratio:.2} times");
    if let Some(peak) = peak {
        eprintln!("peak of one run: {peak} MB");
    }
    let mut group = criterion.benchmark_group("reference");
    group.sample_size(10);
    group.bench_function("floor", |bench| bench.iter(|| corpus.floor(&output)));
    group.bench_function("pages to openapi.yaml", |bench| bench.iter(|| corpus.whole()));
    group.finish();
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn mb(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

criterion_group!(benches, whole_reference);
criterion_main!(benches);
