//! What inference makes of several pages together, and of what a page leaves out.

use super::{inferred, page, schemas};
use crate::canonical;
use crate::infer::Inferred;
use crate::model::RefOr;
use crate::model::Type;

/// A page of a POST operation with this request body section and sample.
fn posting(id: &str, path: &str, section: &str, sample: &str) -> String {
    let text = page(id, path, "", "", &[], "").replace("GET ", "POST ");
    let request = format!("## Request Body: {section}\n\n## Response:");
    let sent = format!("POST {path}\nContent-Type: application/json\n\n{sample}\n```\n\n```http_");
    text.replace("## Response:", &request).replace(&format!("POST {path}\n```\n\n```http_"), &sent)
}

/// A table of properties.
fn table(rows: &[(&str, &str)]) -> String {
    let rows: String = rows.iter().map(|(name, ty)| format!("| {name} | {ty} |  |\n")).collect();
    format!("| Property Name | Type |  Description |\n|---|---|---|\n{rows}")
}

/// The type of the first operation's request body, as the contract's short form has it.
fn request_type(found: &Inferred) -> String {
    let text = canonical::short(&found.contract);
    let line = text.lines().find(|line| line.contains(" body ")).expect("the page has a request body");
    line.rsplit_once(": ").expect("a body has a type").1.to_owned()
}

fn rules<'f>(found: &'f Inferred, subject: &str) -> Vec<&'f str> {
    found.decisions.iter().filter(|decision| decision.subject == subject).map(|decision| decision.rule).collect()
}

#[test]
fn bodies_without_table_and_sample_go_by_their_name() {
    let check = |heading: &str, text: &str, expected: &str| {
        let page = posting("v1Thing_Do", "/api/v1/Thing", &format!("{heading}\n\n{text}\n"), "");
        let found = inferred(&[page]);
        assert_eq!(request_type(&found), expected, "{heading}");
        assert_eq!(rules(&found, "v1Thing_Do"), ["bare-request-body"], "a guess is recorded: {heading}");
    };
    check("thingIds", "The keys.", "array of integer(int32)");
    check("names", "The names.", "array of string");
    check("name", "The name.", "string");
    check("content", "A stream to the content.", "string(byte)");
    check("valueMap", "Values.", "map of string");
}

#[test]
fn a_json_patch_is_a_list_of_operations_with_any_value() {
    let rows = table(&[("op", "string"), ("path", "string"), ("value", "object")]);
    let sample = r#"[{"op": "add", "path": "/a", "value": {"value1": {"Deep": 1}}}]"#;
    let text =
        posting("v1Thing_Patch", "/api/v1/Thing/{id}", &format!("changes string\n\nThe changes.\n\n{rows}"), sample);
    let found = inferred(&[text.replace("```http\nPOST", "```http\nPATCH")]);
    assert_eq!(request_type(&found), "array of JsonPatchOperation");
    assert!(schemas(&found).contains("schema JsonPatchOperation.value: any"), "{}", schemas(&found));
}

#[test]
fn a_list_that_the_heading_does_not_name_shows_in_its_sample() {
    let rows = table(&[("Id", "int32"), ("Name", "string"), ("Rank", "int32"), ("Deleted", "bool")]);
    let sample = r#"[{"Id": 1, "Name": "x", "Rank": 2, "Deleted": false}]"#;
    let text = posting("v1Thing_PutAll", "/api/v1/Thing", &format!("items\n\nAll of them.\n\n{rows}"), sample);
    assert_eq!(request_type(&inferred(&[text])), "array of Thing");
}

#[test]
fn a_request_without_the_rights_is_the_carrier_of_the_answer() {
    let rows = [("ThingId", "int32"), ("Size", "int32"), ("Name", "string"), ("Owner", "string")];
    let sample = r#"{"ThingId": 1, "Size": 1, "Name": "x", "Owner": "y"}"#;
    let sent = posting("v1Thing_Save", "/api/v1/Thing", &format!("entity\n\nThe thing.\n\n{}", table(&rows)), sample);
    let full: Vec<(&str, &str)> = rows.into_iter().chain([("TableRight", ""), ("FieldProperties", "object")]).collect();
    let read = page("v1Thing_Get", "/api/v1/Thing/{id}", "object", "Carrier object for ThingEntity.", &full, "{}");
    let found = inferred(&[sent, read]);
    assert_eq!(request_type(&found), "ThingEntity");
    let body = found.contract.operations[0].request_body.as_ref().expect("a body");
    assert_eq!(body.description.as_deref(), Some("The thing."), "what is said of the body stays with the body");
}

#[test]
fn roots_called_request_belong_to_one_operation_each() {
    let rows = table(&[("ThingId", "int32"), ("Mode", "string"), ("Name", "string"), ("Size", "int32")]);
    let first = posting("v1ThingAgent_Save", "/api/v1/Agents/Thing/Save", &format!("request\n\nIt.\n\n{rows}"), "{}");
    let second = posting("v1BoxAgent_Save", "/api/v1/Agents/Box/Save", &format!("request\n\nIt.\n\n{rows}"), "{}");
    let found = inferred(&[first, second]);
    let names: Vec<&String> = found.contract.schemas.keys().collect();
    assert_eq!(names, ["SaveRequest", "BoxSaveRequest"]);
}

#[test]
fn null_stands_for_a_carrier_where_it_stands_for_nothing_else() {
    let rows = [("ThingId", "int32"), ("Owner", "Person")];
    let sample = r#"{"ThingId": 1, "Owner": null, "Parts": {"Parts1": {"Right": null}}}"#;
    let thing = page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &rows, sample);
    let person = page("v1Person_Get", "/api/v1/Person", "Person", "", &[("PersonId", "int32")], r#"{"PersonId": 1}"#);
    let found = inferred(&[thing, person]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema Part: object
    schema Part.Right: Right nullable
    schema Person: object
    schema Person.PersonId: integer(int32) nullable
    schema Right: object
    schema Thing: object
    schema Thing.Owner: Person nullable
    schema Thing.Parts: map of Part nullable
    schema Thing.ThingId: integer(int32) nullable
    ");
    let RefOr::Inline(answer) = &found.contract.operations[0].responses["200"] else { panic!("answers stand inline") };
    let example = answer.content["application/json"].example.as_deref().expect("the sample is the example");
    assert!(example.get("Owner").is_none(), "what the sample does not expand is no value: {example}");
}

#[test]
fn null_tells_nothing_where_scalars_are_null_too() {
    let rows = [("ThingId", "int32"), ("Name", "string"), ("Owner", "Person")];
    let sample = r#"{"ThingId": 1, "Name": null, "Owner": null, "Other": null}"#;
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &rows, sample)]);
    assert!(schemas(&found).contains("schema Thing.Other: any"), "{}", schemas(&found));
}

#[test]
fn placeholders_name_nothing_but_a_property_of_that_name() {
    let rows = [("ThingId", "int32"), ("Pattern", "TableRight"), ("TableRight", "TableRight")];
    let thing = page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &rows, r#"{"ThingId": 1}"#);
    let gone = page("v1Thing_Delete", "/api/v1/Thing/{id}", "Nothing", "", &[], "null").replace("| 200 |", "| 204 |");
    let rows = [("BoxId", "int32"), ("Lid", "Nothing")];
    let other = page("v1Box_Get", "/api/v1/Box", "Box", "", &rows, r#"{"BoxId": 1}"#);
    let found = inferred(&[thing, gone, other]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema Box: object
    schema Box.BoxId: integer(int32) nullable
    schema Box.Lid: Lid nullable
    schema Lid: object
    schema Pattern: object
    schema TableRight: object
    schema TableRight.Mask: string nullable
    schema TableRight.Reason: string nullable
    schema Thing: object
    schema Thing.Pattern: Pattern nullable
    schema Thing.TableRight: TableRight nullable
    schema Thing.ThingId: integer(int32) nullable
    ");
    assert!(rules(&found, "TableRight").contains(&"known-rights"));
}

#[test]
fn loose_cells_take_their_format_from_samples_and_other_pages() {
    let read = [("Data", "byte"), ("Born", "date-time"), ("Count", "int64"), ("Name", "string"), ("Height", "double")];
    let sample = r#"{"Data": "GIF89", "Born": "2020-01-02T03:04:05", "Count": 1, "Name": "x", "Height": 1.0}"#;
    let read = page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &read, sample);
    let rows = [("Data", "String"), ("Born", "String"), ("Count", "Integer"), ("Name", "String"), ("Height", "Number")];
    let alone = posting(
        "v1BoxAgent_Save",
        "/api/v1/Box",
        &format!("request\n\nIt.\n\n{}", table(&rows)),
        r#"{"Data": "GIF89", "Born": "2021-01-02T03:04:05", "Count": 1, "Name": "x", "Height": 2}"#,
    );
    let found = inferred(&[read, alone]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema SaveRequest: object
    schema SaveRequest.Born: string(date-time) nullable
    schema SaveRequest.Count: integer(int32) nullable
    schema SaveRequest.Data: string(byte) nullable
    schema SaveRequest.Height: number(double) nullable
    schema SaveRequest.Name: string nullable
    schema Thing: object
    schema Thing.Born: string(date-time) nullable
    schema Thing.Count: integer(int64) nullable
    schema Thing.Data: string(byte) nullable
    schema Thing.Height: number(double) nullable
    schema Thing.Name: string nullable
    ");
}

#[test]
fn records_of_odata_have_the_fields_that_were_asked_for() {
    let rows = [("odata.metadata", "string"), ("value", "array")];
    let sample = r#"{"odata.metadata": "x", "value": [{"PrimaryKey": 1, "name": "y"}]}"#;
    let found = inferred(&[page("v1Thing_Find", "/api/v1/Thing", "object", "", &rows, sample)]);
    assert!(
        schemas(&found).contains("value: array of (object) nullable")
            || schemas(&found).contains("value: array of object"),
        "{}",
        schemas(&found)
    );
    assert_eq!(found.contract.schemas.len(), 1, "the records are no carrier");
}

#[test]
fn lists_without_a_sample_hold_what_other_lists_of_the_name_hold() {
    let full = page(
        "v1Thing_Get",
        "/api/v1/Thing",
        "object",
        "Carrier object for Thing.",
        &[("Parts", "array"), ("Tags", "array")],
        r#"{"Parts": [{"PartId": 1}], "Tags": ["x"]}"#,
    );
    let rows = table(&[("Parts", "array"), ("Tags", "array"), ("OtherIds", "array"), ("Unknowns", "array")]);
    let bare = posting("v1BoxAgent_Save", "/api/v1/Box", &format!("request\n\nIt.\n\n{rows}"), "");
    let found = inferred(&[full, bare]);
    let text = schemas(&found);
    for line in [
        "schema SaveRequest.Parts: array of Part nullable",
        "schema SaveRequest.Tags: array of string nullable",
        "schema SaveRequest.OtherIds: array of integer(int32) nullable",
        "schema SaveRequest.Unknowns: array of any nullable",
    ] {
        assert!(text.contains(line), "`{line}` is missing from:\n{text}");
    }
    assert_eq!(rules(&found, "OtherIds"), ["items-without-sample"]);
}

#[test]
fn what_a_text_names_is_the_carrier() {
    let text = page(
        "v1Thing_Get",
        "/api/v1/Thing",
        "object",
        "Thing entity with API _Links added.",
        &[("Owner", ""), ("Box", "")],
        r#"{"Owner": {}, "Box": {}}"#,
    )
    .replace("| Owner |  |  |", "| Owner |  | Carrier object for Person. |");
    let names: Vec<String> = inferred(&[text]).contract.schemas.into_keys().collect();
    assert_eq!(names, ["ThingWithLinks", "Person", "Box"]);
}

#[test]
fn a_text_about_its_own_property_names_the_carrier() {
    let text = page("v1ThingAgent_Do", "/api/v1/Thing", "object", "", &[("Size", "int32"), ("Old", "int32")], "{}")
        .replace("| Old | int32 |  |", "| Old | int32 | Use {Vendor.Services.ThingEntity.Size} instead. |");
    let names: Vec<String> = inferred(&[text]).contract.schemas.into_keys().collect();
    assert_eq!(names, ["ThingEntity"]);
}

#[test]
fn an_operation_names_the_carrier_that_other_pages_only_mention() {
    let list = page(
        "v1ThingAgent_GetPersonList",
        "/api/v1/Agents/Thing/GetPersonList",
        "array",
        "",
        &[("Key", "int32"), ("Name", "string")],
        r#"[{"Key": 1, "Name": "x"}]"#,
    );
    let thing = page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &[("Owner", "Person")], r#"{"Owner": null}"#);
    let found = inferred(&[list, thing]);
    assert!(schemas(&found).contains("schema Person.Key: integer(int32)"), "{}", schemas(&found));
    assert_eq!(found.contract.schemas.len(), 2, "{}", schemas(&found));
}

#[test]
fn one_property_of_one_carrier_is_one_carrier() {
    // The same carrier, seen with and without its part expanded; the part stands elsewhere too.
    let sentence = "Carrier object for Thing.";
    let full = page(
        "v1Thing_Get",
        "/api/v1/Thing",
        "object",
        sentence,
        &[("Part", "")],
        r#"{"Part": {"Colour": {"Hue": 1}}}"#,
    );
    let empty = page("v1Thing_List", "/api/v1/Things", "array", sentence, &[("Part", "")], r#"[{"Part": {}}]"#);
    let elsewhere = page(
        "v1Box_Get",
        "/api/v1/Box",
        "object",
        "Carrier object for Box.",
        &[("Part", "")],
        r#"{"Part": {"Weight": 1}}"#,
    );
    let found = inferred(&[full, empty, elsewhere]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema Box: object
    schema Box.Part: BoxPart nullable
    schema BoxPart: object
    schema BoxPart.Weight: integer(int32) nullable
    schema Colour: object
    schema Colour.Hue: integer(int32) nullable
    schema Part: object
    schema Part.Colour: Colour nullable
    schema Thing: object
    schema Thing.Part: Part nullable
    ");
}

#[test]
fn a_heading_without_a_kind_leaves_it_to_table_and_sample() {
    let check = |rows: &[(&str, &str)], sample: &str, expected: &str| {
        let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "", "", rows, sample)]);
        let text = canonical::short(&found.contract);
        let line = text.lines().find(|line| line.contains("response 200")).unwrap_or_default();
        assert!(line.ends_with(expected), "{line} for {sample}");
    };
    check(&[("ThingId", "int32")], r#"{"ThingId": 1}"#, ": Thing");
    check(&[("ThingId", "int32")], r#"[{"ThingId": 1}]"#, ": array of Thing");
    check(&[], r#""x""#, ": string");
    check(&[], "GIF89", ": string(binary)");
}

#[test]
fn a_property_is_the_carrier_that_an_operation_of_its_name_answers() {
    let list = page("v1ThingAgent_GetOwner", "/api/v1/A", "object", "", &[("Key", "int32"), ("Name", "string")], "{}");
    let thing =
        page("v1Thing_Get", "/api/v1/B", "object", "Carrier object for Thing.", &[("Owner", "")], r#"{"Owner": null}"#);
    assert!(schemas(&inferred(&[list, thing])).contains("schema Owner.Key"));
}

#[test]
fn what_links_other_carriers_is_none_of_them() {
    // A link begins with the id of what it links; that is not its own.
    let rows = [("Owner", "Person"), ("Participants", "array")];
    let sample = r#"{"Owner": null, "Participants": [{"PersonId": 1, "BoxId": 2, "Mail": "x", "Send": true}]}"#;
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &rows, sample)]);
    assert!(schemas(&found).contains("schema Participant.PersonId"), "{}", schemas(&found));
    assert!(!schemas(&found).contains("schema Person.PersonId"), "{}", schemas(&found));
}

#[test]
fn every_guess_that_unites_is_recorded() {
    let list = page("v1Box_GetAll", "/api/v1/Box", "array", "", &[("PersonId", "int32"), ("Name", "string")], "[]");
    let thing = page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &[("Owner", "Person")], r#"{"Owner": null}"#);
    let found = inferred(&[list, thing]);
    assert!(schemas(&found).contains("schema Person.Name"), "{}", schemas(&found));
    let guess = found.decisions.iter().find(|decision| decision.rule == "named-by-first-id").expect("it is recorded");
    assert!(guess.guess && guess.subject == "Person" && guess.place.is_some());
}

#[test]
fn a_name_that_some_page_tables_survives_pages_that_misuse_it() {
    let person =
        page("v1Person_Get", "/api/v1/Person", "Person", "", &[("PersonId", "int32"), ("Name", "string")], "{}");
    let room = page("v1Room_Get", "/api/v1/Room", "Room", "", &[("Owner", "Person")], r#"{"Owner": null}"#);
    let gone = page("v1Person_Delete", "/api/v1/Person/{id}", "Person", "", &[], "null").replace("| 200 |", "| 204 |");
    let found = inferred(&[person, room, gone]);
    assert!(schemas(&found).contains("schema Person.Name"), "{}", schemas(&found));
    assert!(schemas(&found).contains("schema Room.Owner: Person"), "{}", schemas(&found));
}

#[test]
fn a_cell_that_leaves_a_scalar_to_a_carrier_is_not_believed() {
    let rows = [("Key", "Guid"), ("Tags", ""), ("Parts", "Part[]"), ("Owner", "Person")];
    let sample = r#"{"Key": "aa", "Tags": ["x"], "Parts": [{"Size": 1}], "Owner": {"Name": "y"}}"#;
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "Thing", "", &rows, sample)]);
    insta::assert_snapshot!(schemas(&found), @r"
    schema Part: object
    schema Part.Size: integer(int32) nullable
    schema Person: object
    schema Person.Name: string nullable
    schema Thing: object
    schema Thing.Key: string nullable
    schema Thing.Owner: Person nullable
    schema Thing.Parts: array of Part nullable
    schema Thing.Tags: array of string nullable
    ");
    let codes: Vec<&str> = found.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["carrier-without-object", "carrier-without-object"]);
}

#[test]
fn operations_that_disagree_name_nobody() {
    let rows =
        [("odata.metadata", "string"), ("value", "array"), ("Next", "string"), ("Count", "int32"), ("Kind", "string")];
    let texts = ["Box", "Lid", "Pen"]
        .map(|name| page(&format!("v1{name}_GetAll"), &format!("/api/v1/{name}"), "object", "", &rows, "{}"));
    let names: Vec<String> = inferred(&texts).contract.schemas.into_keys().collect();
    assert_eq!(names.len(), 1);
    assert!(!["Box", "Lid", "Pen"].contains(&names[0].as_str()), "{names:?}");
}

#[test]
fn names_that_clash_thousands_of_times_are_numbered_in_time() {
    let rows: Vec<String> = (0..3_000).map(|n| format!("A{}", "!".repeat(n % 50) + &"?".repeat(n / 50))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|name| (name.as_str(), "")).collect();
    let found = inferred(&[page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, "{}")]);
    assert_eq!(found.contract.schemas.len(), 3_001);
}

#[test]
fn an_upload_as_a_form_is_a_part_of_it() {
    let check = |heading: &str, part: &str| {
        let page = page("v1Thing_SetPicture", "/api/v1/Thing/Picture", "", "", &[], "").replace("GET", "PUT");
        let media_types = "| Content-Type | Content-type of the request body: `image/png`, `multipart/form-data` |\n";
        let page = page.replace("| X-Trace", &format!("{media_types}| X-Trace"));
        let body = format!("## Request Body: {heading}\n\nThe picture.\n\n## Response");
        let found = inferred(&[page.replacen("## Response", &body, 1)]);
        let body = found.contract.operations[0].request_body.as_ref().expect("a body was stated");
        let kind = |media_type: &str| body.content[media_type].schema.as_ref().map(|schema| schema.ty.clone());
        assert_eq!(kind("image/png"), Some(Type::String { format: Some("binary".to_owned()) }), "{heading}");
        let Some(Type::Object { properties, .. }) = kind("multipart/form-data") else { panic!("{heading}: no form") };
        let parts: Vec<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(parts, [part], "{heading}");
    };
    check("image binary", "image");
    check("Picture binary", "Picture");
}

/// A table of `Name` with this text, and of two properties that say nothing.
fn naming(text: &str) -> String {
    format!(
        "| Property Name | Type |  Description |\n|---|---|---|\n| ThingId | int32 |  |\n| Name | string | {text} |\n\
         | Size | int32 |  |\n"
    )
}

#[test]
fn a_property_that_requests_mark_is_required_and_not_nullable() {
    let sample = r#"{"ThingId": 1, "Name": "a", "Size": 2}"#;
    for mark in ["**Required** The name.", "The name. **Required**", "(required) The name.", "Required: The name."] {
        let section = format!("entity\n\nCarrier object for Thing.\n\n{}", naming(mark));
        let found = inferred(&[posting("v1Thing_Post", "/api/v1/Thing", &section, sample)]);
        let text = schemas(&found);
        assert!(text.contains("schema Thing.Name: string required\n"), "{text}");
        assert!(text.contains("schema Thing.Size: integer(int32) nullable"), "{text}");
        let Type::Object { properties, .. } = &found.contract.schemas["Thing"].ty else { panic!("a carrier") };
        assert_eq!(properties["Name"].description.as_deref(), Some("The name."), "the mark is no text: {mark}");
        assert_eq!(rules(&found, "Thing.Name"), [""; 0], "nothing is guessed");
    }
}

#[test]
fn a_property_that_not_every_request_marks_stays_optional_and_is_a_guess() {
    let sample = r#"{"ThingId": 1, "Name": "a", "Size": 2}"#;
    let carrier = |text: &str| format!("entity\n\nCarrier object for Thing.\n\n{}", naming(text));
    let post = posting("v1Thing_Post", "/api/v1/Thing", &carrier("**Required** The name."), sample);
    let put = |text: &str| posting("v1Thing_Save", "/api/v1/Thing/Save", &carrier(text), sample);
    let found = inferred(&[post.clone(), put("The name.")]);
    assert!(schemas(&found).contains("schema Thing.Name: string nullable"), "{}", schemas(&found));
    let guess = found.decisions.iter().find(|decision| decision.subject == "Thing.Name").expect("it is told");
    assert!(guess.guess && guess.rule == "required-mark", "{guess:?}");
    assert!(guess.reason.contains("1 of the 2 tables that print it do not say so"), "{}", guess.reason);
    let found = inferred(&[post, put("The name. **Required**")]);
    assert!(schemas(&found).contains("schema Thing.Name: string required"), "{}", schemas(&found));
}

#[test]
fn a_property_that_answers_hold_too_stays_optional_and_is_a_guess() {
    let sample = r#"{"ThingId": 1, "Name": "a", "Size": 2}"#;
    let section = format!("entity\n\nCarrier object for Thing.\n\n{}", naming("**Required** The name."));
    let post = posting("v1Thing_Post", "/api/v1/Thing", &section, sample);
    let rows = [("ThingId", "int32"), ("Name", "string"), ("Size", "int32")];
    let get = page("v1Thing_Get", "/api/v1/Thing/{id}", "Thing", "", &rows, sample);
    // Also where the carrier stands deeper in the answer.
    let below =
        page("v1Box_Get", "/api/v1/Box", "Box", "", &[("BoxId", "int32"), ("Thing", "Thing")], "{\"BoxId\": 1}");
    for answering in [get, below] {
        let found = inferred(&[post.clone(), answering]);
        assert!(schemas(&found).contains("schema Thing.Name: string nullable"), "{}", schemas(&found));
        let guess = found.decisions.iter().find(|decision| decision.subject == "Thing.Name").expect("it is told");
        assert!(guess.guess && guess.rule == "required-mark", "{guess:?}");
        assert!(guess.reason.contains("answers hold `Thing` too"), "{}", guess.reason);
    }
}
