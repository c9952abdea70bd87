//! `SECURITY.md`: whatever it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use xtask::Workspace;

/// The names of all tests below a folder: functions that are marked as tests, and those that `proptest!` makes.
fn tests(root: &Path) -> BTreeSet<String> {
    let marked = Regex::new(
        r"(?m)^ *#\[(?:tokio::)?test(?:\([^\]]*\))?\]\n(?:^ *(?:#\[[^\n]*|//[^\n]*)\n)*^ *(?:async )?fn (\w+)\(",
    )
    .unwrap();
    let mut found = BTreeSet::new();
    for folder in ["crates", "xtask"] {
        for entry in walkdir::WalkDir::new(root.join(folder)) {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(entry.path()).unwrap();
                found.extend(marked.captures_iter(&text).map(|captures| captures[1].to_owned()));
            }
        }
    }
    found
}

/// The rows of tables whose last column is called `Tests`: what the threat is, and what stands in that column.
fn threats(text: &str) -> Vec<(String, String)> {
    let mut threats = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        let Some(row) = line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) else {
            in_table = false;
            continue;
        };
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        let (first, last) = (cells.first().unwrap(), cells.last().unwrap());
        match *last {
            "Tests" => in_table = true,
            _ if in_table && !first.starts_with("---") && !first.starts_with("|---") => {
                assert_eq!(cells.len(), 3, "{line}");
                threats.push(((*first).to_owned(), (*last).to_owned()));
            }
            _ => {}
        }
    }
    threats.retain(|(threat, _)| !threat.chars().all(|c| "-| ".contains(c)));
    threats
}

/// Whatever stands in backticks.
fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_threat_names_tests_that_there_are() {
    let root = Workspace::locate().unwrap().root().to_owned();
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let tests = tests(&root);
    let threats = threats(&text);
    assert!(threats.len() > 40 && tests.len() > 1000, "{} threats, {} tests", threats.len(), tests.len());
    let mut missing = Vec::new();
    for (threat, cell) in &threats {
        let names = named(cell);
        assert!(!names.is_empty(), "no test for: {threat}");
        let is_there =
            |name: &&&str| if name.contains(['/', '.']) { root.join(name).is_file() } else { tests.contains(**name) };
        missing.extend(names.iter().filter(|name| !is_there(name)).map(|name| format!("`{name}`, of: {threat}")));
    }
    assert_eq!(missing, Vec::<String>::new(), "SECURITY.md names tests that there are not");
}

#[test]
fn rows_and_tests_are_found_as_they_are_written() {
    let text = "| Threat | What is done | Tests |\n|---|---|---|\n| One | This | `a`, `b/c.mjs` |\n\n| A | B | C |\n|---|---|---|\n| x | y | `z` |\n";
    assert_eq!(threats(text), [("One".to_owned(), "`a`, `b/c.mjs`".to_owned())]);
    assert_eq!(named("`a`, `b/c.mjs` and more"), ["a", "b/c.mjs"]);
    let found = tests(Workspace::locate().unwrap().root());
    assert!(found.contains("rows_and_tests_are_found_as_they_are_written") && !found.contains("threats"));
}
