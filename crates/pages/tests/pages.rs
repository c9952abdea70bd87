//! The reader on whole pages: the fixtures, the project's own documents and, where asked for, a
//! corpus.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use docwright_pages::page::{Page, PropertyRow, Span, Spanned};
use docwright_pages::{CODES, MAX_PAGE_BYTES, Parsed, is_reference_page, parse, parse_bytes, parse_file};

mod dialects;
mod hostile;
mod text_form;

/// Stands in a fixture for as many lines as make a page too long.
const AND_SO_ON: &str = "<!-- and so on for 4 MiB -->";

fn fixtures() -> Vec<PathBuf> {
    markdown(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
}

fn documents() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../documents");
    markdown(&folder)
        .iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .filter(|(_, text)| is_reference_page(text))
        .collect()
}

/// The pages of the corpus that `DOCWRIGHT_CORPUS` names; none without it.
#[expect(clippy::print_stderr, reason = "who runs the test should see whether it did anything")]
fn reference_pages() -> Vec<(String, String)> {
    let Ok(folder) = std::env::var("DOCWRIGHT_CORPUS") else {
        eprintln!("SKIPPED: DOCWRIGHT_CORPUS names no folder of reference pages");
        return Vec::new();
    };
    let pages = markdown(Path::new(&folder))
        .iter()
        .map(|path| (path.to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .filter(|(_, text)| is_reference_page(text))
        .collect::<Vec<_>>();
    assert!(!pages.is_empty(), "DOCWRIGHT_CORPUS has no reference pages");
    pages
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(markdown(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Parsed {
    let mut bytes = fs::read(path).unwrap();
    // A page too long to be kept is filled up.
    if let Some(start) = bytes.windows(AND_SO_ON.len()).position(|window| window == AND_SO_ON.as_bytes()) {
        bytes.truncate(start);
        bytes.extend("And so on.\n".bytes().cycle().take(MAX_PAGE_BYTES));
    }
    parse_bytes(&path.file_name().unwrap().to_string_lossy(), &bytes)
}

#[test]
fn each_fixture_reads_as_the_text_beside_it_says() {
    for path in fixtures() {
        let read = text_form::of(&read(&path));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("fixtures");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(path.file_stem().unwrap().to_string_lossy().into_owned(), read));
    }
}

#[test]
fn each_code_has_a_fixture() {
    let produced: BTreeSet<&str> =
        fixtures().iter().flat_map(|path| read(path).diagnostics).map(|diagnostic| diagnostic.code).collect();
    let documented: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
    assert_eq!(documented.difference(&produced).collect::<Vec<_>>(), Vec::<&&str>::new(), "codes without a fixture");
    assert_eq!(produced.difference(&documented).collect::<Vec<_>>(), Vec::<&&str>::new(), "undocumented codes");
}

#[test]
fn a_page_is_refused_only_with_an_error() {
    use docwright_pages::Severity::Error;
    for path in fixtures() {
        let parsed = read(&path);
        let has_error = parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Error);
        assert_eq!(parsed.page.is_none(), has_error, "{}", path.display());
    }
}

#[test]
fn the_documents_read_without_a_diagnostic() {
    let documents = documents();
    assert!(documents.len() >= 2, "documents are missing");
    for (path, text) in documents {
        let parsed = parse(&path, &text);
        let rendered: Vec<String> = parsed.diagnostics.iter().map(|diagnostic| diagnostic.render()).collect();
        assert!(rendered.is_empty(), "{}", rendered.join("\n"));
        let page = parsed.page.unwrap();
        assert_eq!(format!("{}.md", page.id.value), path);
        assert!(page.summary.is_some() && !page.headers.is_empty());
        // One whose answer is a carrier has its table; others are told by their kind and their sample.
        let properties = page.response.as_ref().unwrap().properties.as_ref();
        assert!(properties.is_none_or(|properties| !properties.is_empty()), "{path}");
        assert!(page.sample_response.is_some(), "{path}");
    }
}

#[test]
fn values_stand_where_their_spans_say() {
    for (path, text) in documents() {
        check_spans(&text, &parse(&path, &text).page.unwrap());
        // The same page as other editors write it: the places move, the values stay.
        for changed in [text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            let parsed = parse(&path, &changed);
            assert_eq!(parsed.diagnostics, Vec::new());
            check_spans(&changed, &parsed.page.unwrap());
        }
    }
}

#[test]
fn one_changed_cell_changes_one_value() {
    let (path, text) = documents().into_iter().find(|(_, text)| text.contains("| TopicId | int32 |")).unwrap();
    let changed = text.replacen("| TopicId | int32 |", "| TopicId | int64 |", 1);
    let properties =
        |text: &str| -> Vec<PropertyRow> { parse(&path, text).page.unwrap().response.unwrap().properties.unwrap() };
    let (before, after) = (properties(&text), properties(&changed));
    let differing: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0].1.type_name.value, "int64");
    assert_eq!(differing[0].0.type_name.span, differing[0].1.type_name.span);
}

#[test]
fn a_damaged_page_is_read_for_what_it_lacks() {
    let text = "---\nid: a\n---\n## Request Headers\n\n## Response\n";
    let parsed = parse_file("a.md", text.as_bytes()).unwrap();
    assert_eq!(parsed.page, None);
    assert!(parsed.diagnostics.iter().any(|diagnostic| diagnostic.code == "missing-operation"), "{parsed:#?}");
    assert_eq!(parse_file("a.md", "---\nid: a\n---\n## Response\n".as_bytes()), None);
    assert!(parse_file("a.md", &[0, 159]).is_some_and(|parsed| parsed.page.is_none()));
}

#[test]
fn a_reference_page_is_told_from_other_markdown() {
    for (text, expected) in [
        ("---\nid: a\ntitle: GET A/{id}\n---\n", true),
        ("---\nuid: a\n---\n# x\n```http\nPOST /a\n```\n", true),
        ("---\nuid: a\ntitle: Get started\n---\n## Calls\n```http\nPOST /a\n```\n", false),
        ("---\ntitle: GET A\n---\n", false),
        ("# GET A\n", false),
        ("", false),
    ] {
        assert_eq!(is_reference_page(text), expected, "{text:?}");
        assert_eq!(parse_file("a.md", text.as_bytes()), expected.then(|| parse("a.md", text)), "{text:?}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "who runs the test should see what the reader complains about")]
fn a_corpus_reads_without_errors() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut errors = Vec::new();
    for (path, text) in reference_pages() {
        let parsed = parse(&path, &text);
        for diagnostic in &parsed.diagnostics {
            *counts.entry(diagnostic.code).or_default() += 1;
            if counts[diagnostic.code] <= 8 {
                eprintln!("{}", diagnostic.render());
            }
        }
        match parsed.page {
            Some(page) => check_spans(&text, &page),
            None => errors.push(path),
        }
    }
    eprintln!("{counts:#?}");
    assert_eq!(errors, Vec::<String>::new());
}

/// Every value is the page's own text at its span, but for escaped pipes.
fn check_spans(text: &str, page: &Page) {
    let check = |value: &Spanned<String>| assert_eq!(slice(text, value.span).replace("\\|", "|"), value.value);
    let maybe = |value: &Option<Spanned<String>>| value.iter().for_each(check);
    for value in [&page.id, &page.path_template] {
        check(value);
    }
    assert!([&*page.method.value, "DEL"].contains(&slice(text, page.method.span)));
    [&page.title, &page.summary, &page.description].into_iter().for_each(maybe);
    for row in page.path_parameters.iter().chain(&page.query_parameters).chain(&page.headers) {
        check(&row.name);
        check(&row.description);
        maybe(&row.type_name);
    }
    let properties = |rows: &Option<Vec<PropertyRow>>| {
        for row in rows.iter().flatten() {
            [&row.name, &row.type_name, &row.description].into_iter().for_each(check);
        }
    };
    if let Some(body) = &page.request_body {
        [&body.name, &body.kind, &body.description].into_iter().for_each(maybe);
        properties(&body.properties);
    }
    if let Some(response) = &page.response {
        [&response.kind, &response.description, &response.body].into_iter().for_each(maybe);
        response.statuses.iter().for_each(|row| [&row.status, &row.description].into_iter().for_each(check));
        properties(&response.properties);
    }
    for sample in [&page.sample_request, &page.sample_response].into_iter().flatten() {
        check(&sample.start_line);
        sample.headers.iter().for_each(|(name, value)| [name, value].into_iter().for_each(check));
        maybe(&sample.body_text);
    }
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}
