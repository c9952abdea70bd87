//! What CONTRIBUTING.md and README.md say of adding an operation is what happens.

use std::fs;
use std::path::Path;
use std::process::Command;

use docwright_contract::yaml;
use docwright_pages::{Page, template};
use xtask::Workspace;

use crate::drift::Copy;

/// The operation that CONTRIBUTING.md adds.
const IS_OPEN: &str = "documents/v1ChatTopicEntity_IsWithinOpeningHours.md";
/// Where CONTRIBUTING.md takes its Rust from, in its order.
const SOURCES: [&str; 2] = ["crates/server/src/service/topics.rs", "crates/server/tests/server/life/start.rs"];
const TRAIT: &str = "crates/api/src/generated/chat_topic.rs";

/// A file of the workspace.
fn read(path: &str) -> String {
    fs::read_to_string(Workspace::locate().unwrap().root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs a command as the documents write it, `cargo xtask …`, in a copy of the workspace; answers stdout and stderr.
#[track_caller]
fn run(copy: &Copy, command: &str) -> (String, String) {
    let arguments = command.strip_prefix("cargo xtask ").expect("a command of cargo xtask");
    let arguments = arguments.split(' ').map(|argument| argument.trim_matches('\''));
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // As cargo tells it which workspace is meant.
    let output = xtask.args(arguments).env("CARGO_MANIFEST_DIR", copy.root().join("xtask")).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(0), "{command}: {stderr}");
    (stdout, stderr)
}

/// The contents of the fences of a language.
fn fences<'t>(guide: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("\n```{language}\n");
    guide.split(&opening).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// A text with a single blank wherever it has white space.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn page(path: &str, text: &str) -> Page {
    docwright_pages::parse(path, text).page.unwrap()
}

/// The command of CONTRIBUTING.md and what it prints there.
fn shown(guide: &str) -> (&str, &str) {
    let console = fences(guide, "console");
    let shown = console.iter().find_map(|fence| fence.strip_prefix("$ ")).expect("a command with what it prints");
    shown.split_once('\n').unwrap()
}

#[test]
fn the_worked_example_prints_and_writes_what_contributing_shows() {
    let guide = read("CONTRIBUTING.md");
    let (command, printed) = shown(&guide);
    let copy = Copy::new();
    fs::remove_file(copy.root().join(IS_OPEN)).unwrap();
    let (stdout, _) = run(&copy, command);
    assert_eq!(stdout.trim_end(), printed);

    // With its texts it is the page that is there.
    let file = copy.root().join(IS_OPEN);
    let (skeleton, committed) = (fs::read_to_string(&file).unwrap(), read(IS_OPEN));
    let there = page(IS_OPEN, &committed);
    let prose = [there.summary, there.description].map(|text| text.unwrap().value).join("\n\n");
    let filled_in = skeleton
        .replace(template::SUMMARY, &prose)
        .replace(template::PATH_PART, &there.path_parameters[0].description.value);
    fs::write(&file, &filled_in).unwrap();
    let lines = |text: &str| text.lines().map(words).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    assert_eq!(lines(&filled_in), lines(&committed));

    // And so is what follows from it.
    for path in ["openapi.yaml", TRAIT] {
        fs::write(copy.root().join(path), "stale").unwrap();
    }
    let (_, stderr) = run(&copy, "cargo xtask generate --deny-warnings");
    assert!(stderr.contains("0 warnings"), "{stderr}");
    for path in ["openapi.yaml", TRAIT] {
        assert!(fs::read_to_string(copy.root().join(path)).unwrap() == read(path), "another {path}");
    }
}

#[test]
fn the_page_of_the_readme_generates_and_its_method_takes_nothing_else() {
    let guide = read("README.md");
    let command = guide.split('`').find(|code| code.starts_with("cargo xtask new-page ")).unwrap();
    let copy = Copy::new();
    run(&copy, command);
    let (_, stderr) = run(&copy, "cargo xtask generate --format json");
    let lines = stderr.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let codes: Vec<String> = lines.filter_map(|line| line["code"].as_str().map(str::to_owned)).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| code == "placeholder-text"), "{stderr}");
    let methods = fs::read_to_string(copy.root().join(TRAIT)).unwrap();
    let expected = "fn get_waiting( &self, context: RequestContext<Self::Caller>, chat_topic_id: i32, ) -> impl \
        Future<Output = Result<i32, ApiError>> + Send;";
    assert!(words(&methods).contains(expected), "{methods}");
}

/// A row alone opens nothing to customers: the overlay does, with the lines that are printed.
#[test]
fn the_lines_for_the_overlay_make_a_key_count() {
    let copy = Copy::new();
    let path = "/api/v1/ChatSession/{chatSessionId}/Typing";
    let begin = format!("\n  \"{path}\":\n");
    let (stdout, _) = run(&copy, &format!("cargo xtask new-page POST '{path}' --session-key --body bool"));
    let (_, rest) = stdout.split_once("to be added to openapi.overlay.yaml").unwrap();
    let (lines, _) = rest.split_once('\n').unwrap().1.split_once("then: ").unwrap();
    let contract = || {
        run(&copy, "cargo xtask generate --contract-only");
        let contract = fs::read_to_string(copy.root().join("openapi.yaml")).unwrap();
        let (_, operation) = contract.split_once(&begin).unwrap();
        operation
            .lines()
            .take_while(|line| line.starts_with("    "))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let key = "chatSessionKey: []";
    assert!(!contract().contains(key));
    let overlay = read("openapi.overlay.yaml").trim_end().to_owned();
    fs::write(copy.root().join("openapi.overlay.yaml"), format!("{overlay}\n{lines}")).unwrap();
    let operation = contract();
    assert!(operation.contains(key) && operation.contains("- basic: []"), "{operation}");
}

#[test]
fn snippets_of_contributing_stand_in_the_sources() {
    let guide = read("CONTRIBUTING.md");
    let rust = fences(&guide, "rust");
    assert_eq!(rust.len(), SOURCES.len(), "each snippet has its source");
    for (snippet, source) in rust.into_iter().zip(SOURCES) {
        let name = Path::new(source).file_name().unwrap().to_str().unwrap();
        assert!(guide.contains(name), "{name} is not named");
        assert!(words(&read(source)).contains(&words(snippet)), "{source} has not:\n{snippet}");
    }
    // What the overlay writes with an anchor, CONTRIBUTING.md writes out.
    let overlay = yaml::from_str(&read("openapi.overlay.yaml")).unwrap();
    let actions = overlay["actions"].as_array().unwrap();
    let snippets = fences(&guide, "yaml");
    assert!(!snippets.is_empty());
    for action in snippets.iter().flat_map(|snippet| yaml::from_str(snippet).unwrap().as_array().unwrap().clone()) {
        assert!(actions.contains(&action), "the overlay has not: {action}");
    }
}

/// The compiler itself is not asked: what it prints is a text of the generated trait.
#[test]
fn the_compilers_words_in_contributing_are_those_of_the_trait() {
    let guide = read("CONTRIBUTING.md");
    let text = fences(&guide, "text").into_iter().find(|text| text.starts_with("error[E0277]: ")).unwrap();
    let generated = read(TRAIT).replace("{Self}", "service::Service");
    let stated = |name: &str| {
        let start = format!("{name} = \"");
        generated.lines().find_map(|line| line.trim().strip_prefix(&start)?.strip_suffix(['"', ','])).unwrap()
    };
    let [message, note] = ["message", "note"].map(|name| stated(name).trim_end_matches('"'));
    assert_eq!(text, format!("error[E0277]: {message}\n   = note: {note}"));
}
