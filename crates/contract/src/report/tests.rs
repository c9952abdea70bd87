//! Each check with a page that it is about, and one without.

use docwright_pages::parse;

use super::{Direction, Finding, Input, Report, SampleBreak, Severity, build};
use crate::correct::correct;
use crate::infer::{Source, infer};

/// A good page: everything is described, and its sample shows its table.
const GOOD: &str = "---\ntitle: PUT Thing/{id}\nid: v1Thing_Put\n---\n\n# PUT Thing/{id}\n\n```http\nPUT /api/v1/Thing/{id}\n```\n\n\
    Changes a thing.\n\nOnly its owner may.\n\n\
    | Path Part | Type | Description |\n|---|---|---|\n| id | int32 | Its number **Required** |\n\n\
    ## Request Headers\n\n| Parameter Name | Description |\n|---|---|\n| Accept | `application/json` |\n| Content-Type | `application/json` |\n\n\
    ## Request Body: thing\n\n| Property Name | Type |  Description |\n|---|---|---|\n| ThingId | int32 | Its number |\n| Name | string | Its name |\n| Size | int32 | In mm |\n| Colour | string | As the maker calls it |\n\n\
    ## Response: object\n\nCarrier object for Thing.\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n| 404 | Not found |\n\n\
    Response body: object\n\n| Property Name | Type |  Description |\n|---|---|---|\n| ThingId | int32 | Its number |\n| Name | string | Its name |\n| Size | int32 | In mm |\n| Colour | string | As the maker calls it |\n\n\
    ## Sample Request\n\n```http!\nPUT /api/v1/Thing/5\nContent-Type: application/json\n\n{\n  \"ThingId\": 5,\n  \"Name\": \"x\",\n  \"Size\": 1,\n  \"Colour\": \"red\"\n}\n```\n\n\
    ```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{\n  \"ThingId\": 5,\n  \"Name\": \"x\",\n  \"Size\": 1,\n  \"Colour\": \"red\"\n}\n```\n";

/// What stands in the good page's answer, for tests to replace.
const ANSWER_SAMPLE: &str = "200 OK\nContent-Type: application/json\n\n{\n  \"ThingId\": 5,\n  \"Name\": \"x\",";
const ANSWER_ROWS: &str = "Response body: object\n\n| Property Name | Type |  Description |\n|---|---|---|\n";

pub(super) fn report_of(pages: &[(&str, &str)], sample_breaks: &[SampleBreak]) -> Report {
    let parsed: Vec<_> = pages.iter().map(|(path, text)| (parse(path, text), *text)).collect();
    let mut diagnostics: Vec<_> = parsed.iter().flat_map(|(parsed, _)| parsed.diagnostics.clone()).collect();
    let sources: Vec<Source<'_>> =
        parsed.iter().filter_map(|(parsed, text)| Some(Source { page: parsed.page.as_ref()?, text })).collect();
    let inferred = infer(&sources);
    diagnostics.extend(inferred.diagnostics);
    let (contract, _) = correct(inferred.contract.clone(), None).unwrap();
    let decisions = &inferred.decisions;
    build(&Input { sources: &sources, contract: &contract, diagnostics: &diagnostics, decisions, sample_breaks })
}

fn report(text: &str) -> Report {
    report_of(&[("documents/rest/Thing/v1Thing_Put.md", text)], &[])
}

/// A change of the good page.
fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "the good page has no {from:?}");
    GOOD.replacen(from, to, 1)
}

#[track_caller]
fn finding<'r>(report: &'r Report, code: &str) -> &'r Finding {
    let found = report.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", report.findings))
}

#[test]
fn a_good_page_has_nothing_to_mend() {
    let report = report(GOOD);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert!(report.coverage.iter().all(|measure| measure.percent() == 100), "{:#?}", report.coverage);
    assert_eq!((report.tags[0].operations, report.tags[0].documented), (1, 1));
}

#[test]
fn what_a_page_lacks_is_found_with_its_line() {
    let check = |from: &str, to: &str, code: &str, subject: &str, line: &str| {
        let text = changed(from, to);
        let report = report(&text);
        let found = finding(&report, code);
        assert_eq!(found.subject, subject, "{found:#?}");
        let shown = text.lines().nth(found.places[0].line - 1).unwrap_or_default();
        assert!(shown.contains(line), "{code} is at {shown:?}, not at {line:?}");
        let measures = report.coverage.iter().filter(|measure| measure.percent() < 100).count();
        let own = ["enum-in-prose", "enum-without-values", "sample-lacks-rows", "sample-has-more", "unknown-shape"];
        assert!(measures > 0 || own.contains(&code), "{code} shows in no measure");
    };
    // The first table's description is the one that counts.
    let row = "| ThingId | int32 | Its number |";
    check("Changes a thing.\n\nOnly its owner may.\n\n", "", "no-summary", "Thing", "PUT /api");
    check("Only its owner may.\n\n", "", "no-description", "Thing", "PUT /api");
    check("| 404 | Not found |\n", "", "no-errors", "Thing", "PUT /api");
    check("Its number **Required**", "**Required**", "undescribed-parameter", "id", "| id |");
    check("Carrier object for Thing.\n\n", "", "undescribed-carrier", "Thing", "| ThingId |");
    check(row, "| ThingId | int32 | Either Big or Small |", "enum-in-prose", "ThingId", "| ThingId |");
    check(row, "| ThingId | int32 | Enum of numbers |", "enum-without-values", "ThingId", "| ThingId |");
    check(
        ANSWER_SAMPLE,
        &ANSWER_SAMPLE.replace("\"Name\"", "\"Label\""),
        "sample-lacks-rows",
        "v1Thing_Put",
        "| Name |",
    );
    check(
        ANSWER_SAMPLE,
        &ANSWER_SAMPLE.replace("\"Name\"", "\"Label\""),
        "sample-has-more",
        "v1Thing_Put",
        "\"Label\"",
    );
}

#[test]
fn a_property_that_no_table_describes_is_found() {
    let text = GOOD.replace("| Size | int32 | In mm |", "| Size | int32 |  |");
    let report = report(&text);
    let found = finding(&report, "undescribed-property");
    assert!(found.subject.ends_with(".Size") && found.operations == 1, "{found:#?}");
}

#[test]
fn carriers_without_content_or_table_are_found() {
    let nested = |value: &str| {
        let rows = format!("{ANSWER_ROWS}| Maker |  | Who made it |\n| Spare | object | More |\n");
        let sample = ANSWER_SAMPLE.replace("{\n", &format!("{{\n  \"Maker\": {value},\n  \"Spare\": {{}},\n"));
        report(&changed(ANSWER_ROWS, &rows).replace(ANSWER_SAMPLE, &sample))
    };
    let open = nested("{}");
    assert_eq!(finding(&open, "unexpanded-carrier").subject, "Maker");
    let expanded = nested("{\"MakerId\": 1, \"City\": \"x\"}");
    let found = finding(&expanded, "samples-only");
    assert!(found.message.contains("none of its 2 properties"), "{found:#?}");
    assert!(expanded.findings.iter().all(|finding| finding.code != "unexpanded-carrier"));
}

#[test]
fn the_same_finding_on_many_pages_is_one() {
    let pages: Vec<(String, String)> = (0..3)
        .map(|number| {
            let text = changed("| 404 | Not found |\n", "").replace("v1Thing_Put", &format!("v1Thing_Put{number}"));
            (
                format!("documents/rest/Thing/v1Thing_Put{number}.md"),
                text.replace("/Thing/{id}", &format!("/Thing/{{id}}/{number}")),
            )
        })
        .collect();
    let pages: Vec<(&str, &str)> = pages.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let report = report_of(&pages, &[]);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.code == "no-errors").collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].operations, found[0].places.len(), found[0].score), (3, 3, 9));
}

#[test]
fn broken_samples_stand_at_their_line() {
    let broken = SampleBreak {
        operation_id: "v1Thing_Put".to_owned(),
        direction: Direction::Response,
        pointer: "/Size".to_owned(),
        keyword: "type".to_owned(),
        message: "1 is not a string".to_owned(),
    };
    let report = report_of(&[("documents/a.md", GOOD)], &[broken]);
    let found = finding(&report, "sample-breaks-schema");
    assert!(GOOD.lines().nth(found.places[0].line - 1).unwrap().contains("\"Size\": 1"), "{found:#?}");
    assert_eq!(found.subject, "Size");
}

#[test]
fn lost_operations_come_first_and_keep_their_place() {
    let report = report_of(
        &[("documents/a.md", &changed("| 404 | Not found |\n", "")), ("documents/b.md", "---\ntitle: x\n---\n")],
        &[],
    );
    let first = report.findings.iter().take_while(|finding| finding.severity == Severity::Error).count();
    assert!(first > 0 && first == report.summary.errors, "{:#?}", report.findings);
    assert_eq!(report.findings[0].places[0].path, "documents/b.md");
    assert!(report.findings[first..].is_sorted_by_key(|finding| std::cmp::Reverse(finding.score)));
}

#[test]
fn a_diagnostic_keeps_its_code_help_and_note() {
    let report =
        report(&changed("Changes a thing.", "Changes a thing.").replace("title: PUT Thing/{id}", "title: GET Thing"));
    let found = finding(&report, "title-contradicts-fence");
    assert!(found.help.contains("title") && found.places[0].line == 2, "{found:#?}");
}

#[test]
fn the_json_has_its_documented_form() {
    let text = changed("| 404 | Not found |\n", "");
    insta::assert_snapshot!(serde_json::to_string_pretty(&report(&text)).unwrap());
}
