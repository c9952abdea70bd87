//! Each code of inference has a folder with pages that show it.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use docwright_contract::infer::{CODES, Source, infer};
use docwright_pages::{Page, parse};

/// The diagnostics of the pages in a folder below `tests/fixtures/diagnostics`.
fn diagnostics(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(file).unwrap()))
        .collect();
    let pages: Vec<Page> = texts
        .iter()
        .map(|(name, text)| {
            let parsed = parse(name, text);
            assert_eq!(parsed.diagnostics, [], "the reader has nothing to say of these pages");
            parsed.page.unwrap()
        })
        .collect();
    let sources: Vec<Source<'_>> = pages.iter().zip(&texts).map(|(page, (_, text))| Source { page, text }).collect();
    infer(&sources).diagnostics.iter().map(|diagnostic| diagnostic.render()).collect()
}

#[test]
fn each_code_is_shown_by_the_pages_of_its_folder() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diagnostics");
    let mut shown = String::new();
    for code in CODES {
        let folder = fixtures.join(code.code);
        assert!(folder.is_dir(), "`{}` has no fixture", code.code);
        let found = diagnostics(&folder);
        let begin = format!("{}[{}]: ", code.severity, code.code);
        assert!(found.iter().any(|rendered| rendered.starts_with(&begin)), "{}: {found:#?}", code.code);
        shown.push_str(&format!("## {}\n\n{}\n\n", code.code, found.join("\n\n")));
    }
    insta::with_settings!({ snapshot_path => "../snapshots", omit_expression => true }, {
        insta::assert_snapshot!("diagnostics", shown);
    });
    let folders: BTreeSet<String> = fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let codes: BTreeSet<String> = CODES.iter().map(|code| code.code.to_owned()).collect();
    assert_eq!(folders, codes, "each folder is named after a code");
}
