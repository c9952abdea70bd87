//! Any pages through the whole way: read, infer, emit, write, read back. The contract that is read
//! back must be the one that was inferred.

#![no_main]

use docwright_contract::infer::{Source, infer};
use docwright_contract::{canonical, emit, read, yaml};
use docwright_pages::{Page, parse};
use libfuzzer_sys::fuzz_target;

/// Divides the input into pages.
const BREAK: &str = "\u{c}";

fuzz_target!(|text: &str| {
    let texts: Vec<&str> = text.split(BREAK).take(8).collect();
    let pages: Vec<(Page, &str)> = texts
        .iter()
        .enumerate()
        .filter_map(|(index, text)| Some((parse(&format!("rest/Fuzz/{index}.md"), text).page?, *text)))
        .collect();
    let sources: Vec<Source<'_>> = pages.iter().map(|(page, text)| Source { page, text }).collect();
    let inferred = infer(&sources);
    let written = yaml::to_string(&emit::to_value(&inferred.contract), "fuzz");
    let value = match yaml::from_str(&written) {
        Ok(value) => value,
        Err(error) => panic!("the document is no YAML: {error}\n{written}"),
    };
    match read::from_value(&value) {
        Ok(contract) => assert_eq!(canonical::full(&contract), canonical::full(&inferred.contract)),
        Err(error) => panic!("the document is no contract: {error}\n{written}"),
    }
});
