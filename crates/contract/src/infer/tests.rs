//! The rules of inference on small pages of an invented reference.

mod explaining;
mod pooling;
mod stability;

use docwright_pages::{Page, parse};

use super::{Inferred, Source, infer};
use crate::canonical;
use crate::model::{RefOr, Type};

/// A page of a GET operation whose answer has this kind, these rows and this sample.
fn page(id: &str, path: &str, kind: &str, sentence: &str, rows: &[(&str, &str)], sample: &str) -> String {
    let rows: String = rows.iter().map(|(name, ty)| format!("| {name} | {ty} |  |\n")).collect();
    let table = format!("| Property Name | Type |  Description |\n|---|---|---|\n{rows}");
    let table = if rows.is_empty() { String::new() } else { table };
    format!(
        "---\ntitle: GET {path}\nid: {id}\n---\n\n# GET {path}\n\n```http\nGET {path}\n```\n\nReads it.\n\n\
         ## Request Headers\n\n| Parameter Name | Description |\n|---|---|\n\
         | Authorization | Supports 'Basic' and 'Ticket' schemes |\n\
         | Accept | Content-type(s): `application/json`, `text/json` |\n\
         | X-Trace | Traced when set |\n\n\
         ## Response: {kind}\n\n{sentence}\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n\n\
         Response body: {kind}\n\n{table}\n\
         ## Sample Request\n\n```http!\nGET {path}\n```\n\n\
         ```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{sample}\n```"
    )
}

/// Infers from pages; the reader must have understood each.
fn inferred(texts: &[String]) -> Inferred {
    let pages: Vec<Page> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| parse(&format!("rest/Thing/{index}.md"), text).page.expect("the page is readable"))
        .collect();
    let sources: Vec<Source<'_>> = pages.iter().zip(texts).map(|(page, text)| Source { page, text }).collect();
    infer(&sources)
}

/// The schemas in short, without the operations.
fn schemas(inferred: &Inferred) -> String {
    let text = canonical::short(&inferred.contract);
    text.lines().filter(|line| line.starts_with("schema ")).collect::<Vec<_>>().join("\n")
}

const OWNER: &str = r#"{"PersonId": 1, "Name": "x", "Email": "y", "Born": "2001-02-03T04:05:06Z"}"#;

#[test]
fn operations_carry_headers_media_types_and_sign_in() {
    let text = page("v1Thing_Get", "/api/v1/Thing", "string", "", &[], "\"x\"");
    let found = inferred(&[text]);
    let operation = &found.contract.operations[0];
    assert_eq!(operation.tags, ["Thing"]);
    assert_eq!(operation.summary.as_deref(), Some("Reads it."));
    assert_eq!(operation.parameters, [RefOr::Ref("XTrace".to_owned())]);
    let alternatives: Vec<Vec<&String>> =
        operation.security.iter().flatten().map(|alternative| alternative.keys().collect()).collect();
    assert_eq!(alternatives, [["basic"], ["ticket"]]);
    let RefOr::Inline(answer) = &operation.responses["200"] else { panic!("answers stand inline") };
    assert_eq!(answer.content.keys().collect::<Vec<_>>(), ["application/json", "text/json"]);
    assert!(answer.content["application/json"].example.is_some(), "the sample illustrates its own media type");
    assert!(answer.content["text/json"].example.is_none());
}

#[test]
fn nested_carriers_come_from_samples_and_get_names() {
    let rows = [("ThingId", "int32"), ("Owner", ""), ("Helper", ""), ("Parts", "array"), ("Labels", "object")];
    let sample = format!(
        r#"{{"ThingId": 1, "Owner": {OWNER}, "Helper": {OWNER}, "Parts": [{{"PartId": 1, "Size": 1.5}}], "Labels": {{"a": "b"}}}}"#
    );
    let text = page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, &sample);
    insta::assert_snapshot!(schemas(&inferred(&[text])), @r#"
    schema Part: object
    schema Part.PartId: integer(int32) nullable
    schema Part.Size: number(double) nullable
    schema Person: object
    schema Person.Born: string(date-time) nullable
    schema Person.Email: string nullable
    schema Person.Name: string nullable
    schema Person.PersonId: integer(int32) nullable
    schema Thing: object
    schema Thing.Helper: Person nullable
    schema Thing.Labels: map of string nullable
    schema Thing.Owner: Person nullable
    schema Thing.Parts: array of Part nullable
    schema Thing.ThingId: integer(int32) nullable
    "#);
}

#[test]
fn a_carrier_printed_empty_is_the_one_expanded_elsewhere() {
    let rows = [("ThingId", "int32"), ("Owner", "")];
    let full = page(
        "v1Thing_Get",
        "/api/v1/Thing",
        "object",
        "Carrier object for Thing.",
        &rows,
        &format!(r#"{{"ThingId": 1, "Owner": {OWNER}}}"#),
    );
    let empty = page(
        "v1Box_Get",
        "/api/v1/Box",
        "object",
        "Carrier object for Box.",
        &[("BoxId", "int32"), ("Owner", ""), ("Lid", "")],
        r#"{"BoxId": 1, "Owner": {}, "Lid": {}}"#,
    );
    let found = inferred(&[full, empty]);
    insta::assert_snapshot!(schemas(&found), @r#"
    schema Box: object
    schema Box.BoxId: integer(int32) nullable
    schema Box.Lid: Lid nullable
    schema Box.Owner: Owner nullable
    schema Lid: object
    schema Owner: object
    schema Owner.Born: string(date-time) nullable
    schema Owner.Email: string nullable
    schema Owner.Name: string nullable
    schema Owner.PersonId: integer(int32) nullable
    schema Thing: object
    schema Thing.Owner: Owner nullable
    schema Thing.ThingId: integer(int32) nullable
    "#);
    assert!(found.decisions.iter().any(|d| d.guess && d.rule == "unexpanded-carrier" && d.subject == "Lid"));
}

#[test]
fn small_shapes_are_told_apart_by_their_property() {
    let rows = [("Door", ""), ("Window", ""), ("OldDoor", "")];
    let sample = r#"{"Door": {"Mask": "a", "Reason": ""}, "Window": {"Mask": "b", "Reason": ""}, "OldDoor": {}}"#;
    let text = page("v1House_Get", "/api/v1/House", "object", "Carrier object for House.", &rows, sample);
    let found = inferred(&[text]);
    let names: Vec<&String> = found.contract.schemas.keys().collect();
    assert_eq!(names, ["House", "Door", "Window", "OldDoor"]);
}

#[test]
fn a_map_in_a_nested_sample_is_known_from_any_table() {
    let with_table = page(
        "v1Box_Get",
        "/api/v1/Box",
        "object",
        "Carrier object for Box.",
        &[("Labels", "object")],
        r#"{"Labels": {}}"#,
    );
    let nested = page(
        "v1Thing_Get",
        "/api/v1/Thing",
        "object",
        "Carrier object for Thing.",
        &[("Owner", "")],
        r#"{"Owner": {"Name": "x", "Labels": {"first": "second"}}}"#,
    );
    let found = inferred(&[nested, with_table]);
    let Type::Object { properties, .. } = &found.contract.schemas["Owner"].ty else { panic!("a carrier") };
    assert!(properties["Labels"].map_values().is_some_and(|values| matches!(values.ty, Type::String { .. })));
}

#[test]
fn a_list_that_names_its_items_says_nothing_of_maps_of_that_name() {
    const SENTENCE: &str = "Carrier object for";
    let map = r#"{"Owner": {"Name": "x", "Born": "2001-02-03T04:05:06Z", "Boxes": {"first": {"BoxId": 1}}}}"#;
    let owner = page(
        "v1Owner_Get",
        "/api/v1/Owner",
        "object",
        &format!("{SENTENCE} Owner."),
        &[("Name", "string"), ("Born", "date-time"), ("Boxes", "object")],
        r#"{"Name": "x", "Born": "2001-02-03T04:05:06Z", "Boxes": {"first": {"BoxId": 1}}}"#,
    );
    let nested =
        page("v1Thing_Get", "/api/v1/Thing", "object", &format!("{SENTENCE} Thing."), &[("Owner", "Owner")], map);
    let list = page(
        "v1Shelf_Get",
        "/api/v1/Shelf",
        "object",
        &format!("{SENTENCE} Shelf."),
        &[("Boxes", "Box[]")],
        r#"{"Boxes": [{"BoxId": 1}]}"#,
    );
    let found = inferred(&[nested, owner, list]);
    assert_eq!(found.diagnostics, [], "{}", schemas(&found));
    let text = schemas(&found);
    assert!(text.contains("schema Owner.Boxes: map of Box nullable"), "{text}");
    assert!(text.contains("schema Shelf.Boxes: array of Box nullable"), "{text}");
}

#[test]
fn an_unrelated_page_renames_nothing() {
    let rows = [("Owner", ""), ("Helper", "")];
    let sample = format!(r#"{{"Owner": {OWNER}, "Helper": {OWNER}}}"#);
    let thing = page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, &sample);
    let other = page("v1Able_Get", "/api/v1/Able", "object", "", &[("AbleId", "int32"), ("Size", "int32")], "{}");
    let before = schemas(&inferred(std::slice::from_ref(&thing)));
    for texts in [[other.clone(), thing.clone()], [thing, other]] {
        let after = schemas(&inferred(&texts));
        before.lines().for_each(|line| assert!(after.contains(line), "`{line}` is gone from:\n{after}"));
    }
}

#[test]
fn contradicting_pages_are_reported_and_the_table_wins() {
    let sample = r#"{"ThingId": 1, "Size": "large", "Colour": "red", "Weight": 1}"#;
    let rows = [("ThingId", "int32"), ("Size", "int32"), ("Colour", "string"), ("Weight", "int32")];
    let thing = page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, sample);
    let rows = [("ThingId", "int32"), ("Size", "bool"), ("Colour", "string"), ("Weight", "int32")];
    let other = page("v1Thing_List", "/api/v1/Things", "array", "", &rows, "[]");
    let found = inferred(&[thing, other]);
    assert_eq!(found.contract.schemas.len(), 1, "one carrier: {}", schemas(&found));
    assert!(schemas(&found).contains("schema Thing.Size: integer(int32)"), "{}", schemas(&found));
    let codes: Vec<&str> = found.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["contradicting-types"]);
    assert!(found.diagnostics[0].note.as_deref().is_some_and(|note| note.contains("rest/Thing/0.md:")));
}

#[test]
fn two_pages_for_one_route_are_both_named() {
    let by_id = page("v1Thing_GetById", "/api/v1/Thing/{id}", "string", "", &[], "\"x\"");
    let by_name = page("v1Thing_GetByName", "/api/v1/Thing/{name}", "string", "", &[], "\"x\"");
    let found = inferred(&[by_name, by_id]);
    assert_eq!(found.contract.operations.len(), 1);
    assert_eq!(found.contract.operations[0].operation_id, "v1Thing_GetById", "the first id stays, in any order");
    assert_eq!(found.contract.operations[0].extensions["x-same-route"][0]["operationId"], "v1Thing_GetByName");
    assert_eq!(found.diagnostics[0].code, "same-route");
    assert!(found.diagnostics[0].message.contains("v1Thing_GetById"));
}

#[test]
fn a_repeated_id_is_an_error() {
    let text = page("v1Thing_Get", "/api/v1/Thing", "string", "", &[], "\"x\"");
    let other = text.replace("/api/v1/Thing", "/api/v1/Other");
    let found = inferred(&[text, other]);
    assert_eq!(found.diagnostics[0].code, "duplicate-id");
    assert_eq!(found.contract.operations.len(), 1);
}

#[test]
fn paths_that_differ_in_names_only_are_kept_and_reported() {
    let read = page("v1Thing_Get", "/api/v1/Thing/{id}", "string", "", &[], "\"x\"");
    let write = page("v1Thing_Put", "/api/v1/Thing/{thingId}", "string", "", &[], "\"x\"").replace("GET /", "PUT /");
    let found = inferred(&[read, write]);
    let paths: Vec<&str> = found.contract.operations.iter().map(|operation| operation.path.as_str()).collect();
    assert_eq!(paths, ["/api/v1/Thing/{id}", "/api/v1/Thing/{thingId}"]);
    let codes: Vec<&str> = found.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["path-parameter-names"]);
}

#[test]
fn texts_and_sign_in_that_differ_between_pages_are_reported() {
    let rows = [("ThingId", "int32"), ("Size", "int32"), ("Colour", "string"), ("Weight", "int32")];
    let first = page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, "{}");
    let second = page("v1Thing_List", "/api/v1/Things", "object", "Carrier object for Thing.", &rows, "{}")
        .replace("| ThingId | int32 |  |", "| ThingId | int32 | The key. |")
        .replace("'Ticket' schemes", "'Ticket' scheme");
    let third = page("v1Thing_Other", "/api/v1/Other", "object", "Carrier object for Thing.", &rows, "{}")
        .replace("| ThingId | int32 |  |", "| ThingId | int32 | The number. |");
    let found = inferred(&[first, second, third]);
    let codes: Vec<(&str, &str)> = found.diagnostics.iter().map(|d| (d.code, d.path.as_str())).collect();
    assert_eq!(
        codes,
        [
            ("contradicting-sign-in", "rest/Thing/1.md"),
            ("contradicting-sign-in", "rest/Thing/1.md"),
            ("contradicting-texts", "rest/Thing/2.md"),
        ]
    );
}

#[test]
fn a_typo_in_a_type_is_no_carrier() {
    let rows = [("ThingId", "int33"), ("Name", "strng"), ("Odd", "wibble")];
    let sample = r#"{"ThingId": 1, "Name": "x", "Odd": true}"#;
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, sample)]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema Thing: object
    schema Thing.Name: string nullable
    schema Thing.Odd: boolean nullable
    schema Thing.ThingId: integer(int32) nullable
    ");
    let notes: Vec<(&str, Option<&str>)> = found.diagnostics.iter().map(|d| (d.code, d.note.as_deref())).collect();
    assert_eq!(
        notes,
        [
            ("unknown-type", Some("did you mean `int32`?")),
            ("unknown-type", Some("did you mean `string`?")),
            ("unknown-type", None),
        ]
    );
}

#[test]
fn a_page_of_bad_types_is_reported_once_and_counted() {
    let rows: Vec<String> = (0..1_000).map(|n| format!("P{n}")).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|name| (name.as_str(), "wibble")).collect();
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, "{}")]);
    assert_eq!(found.diagnostics.len(), 100);
    let last = found.diagnostics.last().and_then(|last| last.note.as_deref()).unwrap_or_default();
    assert!(last.contains("900 more"), "{last}");
}
