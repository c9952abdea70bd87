//! The reader on whole pages: the fixtures, the project's own documents and, where asked for, a
//! corpus.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use docwright_pages::page::{Page, PropertyRow, Span, Spanned};
use docwright_pages::{CODES, Parsed, is_reference_page, parse, parse_bytes};

mod text_form;

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
    let bytes = fs::read(path).unwrap();
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
        assert!(page.response.as_ref().unwrap().properties.as_ref().is_some_and(|properties| !properties.is_empty()));
        assert!(page.sample_response.as_ref().unwrap().body.is_some());
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
fn line_ends_and_squeezed_blanks_do_not_change_what_a_page_says() {
    for (path, text) in documents() {
        let said = text_form::of(&parse(&path, &text));
        let mut squeezed = text.clone();
        while squeezed.contains("\n\n\n") {
            squeezed = squeezed.replace("\n\n\n", "\n\n");
        }
        squeezed.push('\n');
        let description_aside = |form: &str| {
            form.lines().filter(|line| !line.trim_start().starts_with("description:")).collect::<Vec<_>>().join("\n")
        };
        for changed in [squeezed, text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            let changed = text_form::of(&parse(&path, &changed)).replace("\\r\\n", "\\n");
            assert_eq!(description_aside(&changed), description_aside(&said));
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
    }
}

#[test]
fn hostile_input_neither_panics_nor_hangs() {
    let head = "---\nid: a\ntitle: GET A\n---\n# GET A\n```http\nGET /A\n```\n\nText.\n\n## Response: object\n\n";
    let rows: String = (0..100_000).map(|row| format!("| P{row} | int32 | d |\n")).collect();
    let bad_rows: String = (0..100_000).map(|row| format!("| P{row}\n")).collect();
    let deep_json = "[".repeat(200_000);
    let inputs = [
        String::new(),
        "\u{feff}".to_owned(),
        "---".to_owned(),
        "---\n".repeat(10_000),
        "|".repeat(100_000),
        "|\n".repeat(50_000),
        "```\n".repeat(20_001),
        ">".repeat(20_000),
        "- ".repeat(5_000),
        "[".repeat(50_000),
        "*a ".repeat(50_000),
        "|a|b|\n|c\n\n".repeat(30_000),
        format!("|a|b|\n|-|-|\n|c\n{}", "x\n".repeat(50_000)),
        format!("|a|b|\n|-|-|\n|c\n\n{}", "x\n\n".repeat(50_000)),
        format!("|a|b|\n|-|-|\n{}", "|c\nx\n".repeat(50_000)),
        "\0\u{1b}\r\n\u{2028}|é|\\".repeat(5_000),
        format!("{head}| Property Name | Type | Description |\n|---|---|---|\n{rows}"),
        format!("{head}| Property Name | Type | Description |\n|---|---|---|\n{bad_rows}"),
        format!(
            "{head}## Sample Request\n\n```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{deep_json}\n```"
        ),
        format!("{head}| {} |\n|---|\n", "x|".repeat(50_000)),
        "---\nid: a\n---\n".to_owned() + &"## Response:\n".repeat(10_000),
        format!("---\nid: a\n---\n```http\nGET /{}\n```\n", "{a".repeat(20_000)),
        format!("---\nid: a\n---\n```http\nGET /{}\n```\n", "{}/".repeat(20_000)),
    ];
    for input in inputs {
        let started = std::time::Instant::now();
        let parsed = parse("x.md", &input);
        for diagnostic in &parsed.diagnostics {
            let rendered = diagnostic.render();
            assert!(!rendered.chars().any(|c| c.is_control() && c != '\n'), "{rendered:?}");
        }
        is_reference_page(&input);
        let begin: String = input.chars().take(20).collect();
        assert!(started.elapsed().as_secs() < 20, "{begin:?} took {:?}", started.elapsed());
    }
    // Every beginning of a page is some page, too.
    let (_, text) = documents().swap_remove(0);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(61) {
        parse("x.md", &text[..end]);
    }
    assert!(parse_bytes("x.md", b"---\nid: a\n\xff").page.is_none());
}

#[test]
#[expect(clippy::print_stderr, reason = "who runs the test should see whether it did anything, and what")]
fn a_corpus_reads_without_errors() {
    let Ok(folder) = std::env::var("DOCWRIGHT_CORPUS") else {
        eprintln!("SKIPPED: DOCWRIGHT_CORPUS names no folder of reference pages");
        return;
    };
    let mut pages = 0;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut errors = Vec::new();
    for path in markdown(Path::new(&folder)) {
        let text = fs::read_to_string(&path).unwrap();
        if !is_reference_page(&text) {
            continue;
        }
        pages += 1;
        let parsed = parse(&path.to_string_lossy(), &text);
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
    eprintln!("{pages} pages: {counts:#?}");
    assert!(pages > 0, "DOCWRIGHT_CORPUS has no reference pages");
    assert_eq!(errors, Vec::<PathBuf>::new());
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
