//! Any text as an OpenAPI 3.0, OpenAPI 3.1 or Swagger 2.0 document, in YAML or JSON. What is refused names a place that
//! the text has. What is read can be written, as YAML and as JSON, and read again as the same contract, in which nothing
//! has changed.

#![no_main]

use docwright_contract::read::{self, Position};
use docwright_contract::{Contract, canonical, diff, emit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = match read::document(text) {
        Ok(read) => read,
        Err(error) => {
            assert!(error.pointer.is_empty() || error.pointer.starts_with('#'), "{error}");
            check_place(text, error.position);
            return;
        }
    };
    for note in &read.notes {
        check_place(text, note.position);
    }
    let contract = read.contract;
    let yaml = emit::to_yaml(&contract, "fuzz");
    check_again(&contract, &yaml);
    check_again(&contract, &emit::to_value(&contract).to_string());
    let changes = diff::compare(&contract, &contract);
    assert!(changes.is_empty(), "{changes:?} in\n{yaml}");
});

fn check_again(contract: &Contract, written: &str) {
    match read::document(written) {
        Ok(again) => {
            assert_eq!(again.contract, *contract, "from\n{written}");
            assert_eq!(canonical::full(&again.contract), canonical::full(contract));
        }
        Err(error) => panic!("{error} in\n{written}"),
    }
}

fn check_place(text: &str, position: Option<Position>) {
    let Some(Position { line, column }) = position else { return };
    // YAML knows the carriage return alone as the end of a line too; with a line feed behind it, it counts twice here.
    let lines = text.split(['\n', '\r']).count();
    assert!((1..=lines + 1).contains(&line) && (1..=text.len() + 2).contains(&column), "{line}:{column} of {lines}");
}
