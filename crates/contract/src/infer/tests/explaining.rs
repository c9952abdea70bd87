//! What `explain` says.

use docwright_pages::{Page, parse};

use super::{OWNER, page};
use crate::infer::explain::{Certainty, Explanation, Fact};
use crate::infer::{Source, Trace, infer_traced};

/// Explains names against two pages that share a carrier and contradict each other once.
fn explained(names: &[&str]) -> Vec<Option<Explanation>> {
    with_trace(|trace| names.iter().map(|name| trace.explain(name)).collect())
}

fn with_trace<T>(ask: impl FnOnce(&Trace<'_>) -> T) -> T {
    let rows = [("ThingId", "int32"), ("Owner", ""), ("Size", "int32")];
    let sample = format!(r#"{{"ThingId": 1, "Owner": {OWNER}, "Size": 1}}"#);
    let thing = page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, &sample)
        .replace("| Size | int32 |  |", "| Size | int32 | How large. |");
    let rows = [("ThingId", "int32"), ("Owner", ""), ("Size", "bool")];
    let list =
        page("v1Thing_List", "/api/v1/Things", "array", "Carrier object for Thing.", &rows, r#"[{"Owner": {}}]"#);
    asked(&[thing, list], ask)
}

/// Asks what these pages explain.
fn asked<T>(texts: &[String], ask: impl FnOnce(&Trace<'_>) -> T) -> T {
    let pages: Vec<Page> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| parse(&format!("rest/Thing/{index}.md"), text).page.expect("the page is readable"))
        .collect();
    let sources: Vec<Source<'_>> = pages.iter().zip(texts).map(|(page, text)| Source { page, text }).collect();
    ask(&infer_traced(&sources).1)
}

/// What these pages explain of one topic of a name, a line each: the value, how sure it is by which
/// rule, what speaks for it and what against.
fn facts(texts: &[String], name: &str, topic: &str) -> Vec<String> {
    let found = asked(texts, |trace| trace.explain(name)).unwrap_or_else(|| panic!("`{name}` exists"));
    let said = |fact: &Fact| {
        let mentions = |mentions: &[crate::infer::explain::Mention], word: &str| -> String {
            mentions.iter().map(|m| format!(" {word} {}:{} {}", m.path, m.line, m.what)).collect()
        };
        let (places, disagreeing) = (mentions(&fact.places, "-->"), mentions(&fact.disagreeing, "but"));
        format!("{}: {} by {}{places}{disagreeing}", fact.value, fact.certainty, fact.rule).replace("rest/Thing/", "")
    };
    found.facts.iter().filter(|fact| fact.topic == topic).map(said).collect()
}

/// Names and type cells of a table.
type Rows<'r> = &'r [(&'r str, &'r str)];

/// A page of a POST operation with a request body: a heading, rows, a sample.
fn post(heading: &str, rows: &[(&str, &str)], sample: &str) -> String {
    let rows: String = rows.iter().map(|(name, ty)| format!("| {name} | {ty} |  |\n")).collect();
    let table = format!("| Property Name | Type |  Description |\n|---|---|---|\n{rows}");
    let table = if rows.is_empty() { String::new() } else { table };
    format!(
        "---\ntitle: POST Thing\nid: v1Thing_Put\n---\n\n# POST Thing\n\n```http\nPOST /api/v1/Thing\n```\n\n\
         ## {heading}\n\n{table}\n## Response\n\n| Response | Description |\n|---|---|\n| 204 | Done |\n\n\
         ## Sample Request\n\n```http!\nPOST /api/v1/Thing\nContent-Type: application/json\n\n{sample}\n```\n"
    )
}

#[test]
fn an_operation_is_explained_line_by_line() {
    let found = explained(&["v1Thing_List"]).remove(0).expect("the operation exists");
    insta::assert_snapshot!(found);
}

#[test]
fn a_schema_is_explained_by_its_names_and_places() {
    let found = explained(&["Owner"]).remove(0).expect("the schema exists");
    insta::assert_snapshot!(found);
}

#[test]
fn a_property_is_explained_with_what_disagrees() {
    let found = explained(&["Thing.Size", "Thing.Owner"]);
    let text: Vec<String> = found.into_iter().map(|found| found.expect("the property exists").to_string()).collect();
    insta::assert_snapshot!(text.join("\n\n"));
}

#[test]
fn the_page_s_own_word_is_no_guess() {
    let found = explained(&["Thing"]).remove(0).expect("the schema exists");
    assert_eq!((found.facts[0].certainty, found.facts[0].rule.as_str()), (Certainty::Stated, "stated-name"));
}

#[test]
fn unknown_names_get_suggestions() {
    let check = |name: &str, meant: Option<&str>| {
        assert!(explained(&[name])[0].is_none(), "{name}");
        assert_eq!(with_trace(|trace| trace.suggestions(name)).first().map(String::as_str), meant, "{name}");
    };
    check("thing_get", Some("v1Thing_Get"));
    check("Ownr", Some("Owner"));
    check("Thing.Siez", Some("Thing.Size"));
    check("Zebra", None);
}

#[test]
fn a_body_is_stated_only_where_the_page_says_so() {
    let patch = [("op", "string"), ("path", "string"), ("value", "object")];
    let cases: [(&str, Rows<'_>, &str); 10] = [
        ("name string", &[], "\"x\""),
        ("request", &[("A", "int32")], r#"{"A": 1}"#),
        ("request", &[("A", "int32")], r#"[{"A": 1}]"#),
        ("request", &[], r#"{"A": 1}"#),
        ("ids", &[], "[1, 2]"),
        ("ids array", &[], "[1, 2]"),
        ("labels object", &[], r#"{"a": "b"}"#),
        ("changes string", &patch, "[]"),
        ("thingIds", &[], ""),
        ("thing bool", &[("A", "int32")], r#"{"A": 1}"#),
    ];
    let told = cases.map(|(heading, rows, sample)| {
        let texts = [post(&format!("Request Body: {heading}"), rows, sample)];
        format!("{heading} {rows:?} {sample}\n  {}", facts(&texts, "v1Thing_Put", "request body").join("\n"))
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_answer_s_body_is_stated_only_where_the_page_says_so() {
    let object = ("Response body: array", "Response body: object");
    let no_content = ("| 200 | OK |", "| 204 | Done |");
    let cases: [((&str, &str), &str, Rows<'_>, &str); 6] = [
        (("", ""), "array", &[], "[1]"),
        (object, "array", &[("A", "int32")], r#"{"A": 1}"#),
        (no_content, "bool", &[], ""),
        (("", ""), "", &[], ""),
        (("## Response: \n", "## Response\n"), "", &[], ""),
        (("", ""), "", &[], r#"{"A": 1}"#),
    ];
    let told = cases.map(|((from, to), kind, rows, sample)| {
        let texts = [page("v1Thing_Get", "/api/v1/Thing", kind, "", rows, sample).replace(from, to)];
        format!("{kind} {to:?} {rows:?} {sample}\n  {}", facts(&texts, "v1Thing_Get", "answer's body").join("\n"))
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_cell_is_quoted_with_its_sample() {
    let rows = [
        ("Parts", "array"),
        ("Names", "array"),
        ("Empty", "array"),
        ("PartIds", "array"),
        ("Labels", "object"),
        ("Owner", ""),
        ("Count", ""),
        ("Size", "int32"),
        ("Weight", "Number"),
        ("Odd", "wibble"),
        ("Helper", "RecurrenceInfo"),
        ("Kind", "Enum: A, B"),
    ];
    let sample = format!(
        r#"{{"Parts": [{{"PartId": 1}}], "Names": ["x", "y"], "Empty": [], "PartIds": [], "Labels": {{"a": "b"}},
        "Owner": {OWNER}, "Count": 1, "Size": "large", "Weight": 1.5, "Odd": true, "Helper": {{}}, "Kind": "A",
        "More": "x"}}"#
    );
    let texts = [page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Thing.", &rows, &sample)];
    let names = rows.map(|(name, _)| name).into_iter().chain(["More"]);
    let text: Vec<String> = names
        .flat_map(|name| {
            facts(&texts, &format!("Thing.{name}"), "type").into_iter().map(move |fact| format!("{name}: {fact}"))
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn records_of_odata_are_guessed_against_their_sample() {
    let rows = [("odata.metadata", "string"), ("value", "array")];
    let sample = r#"{"odata.metadata": "x", "value": [{"PrimaryKey": "1"}]}"#;
    let texts = [page("v1Thing_Get", "/api/v1/Thing", "object", "Carrier object for Records.", &rows, sample)];
    let expected = "array of map of anything: guessed by odata-records --> 0.md:35 the cell says `array` but 0.md:47 \
                    the sample shows [ {…} ]";
    assert_eq!(facts(&texts, "Records.value", "type"), [expected]);
}

#[test]
fn a_sample_s_own_properties_stand_where_the_sample_shows_them() {
    with_trace(|trace| {
        let found = trace.explain("Owner.Name").expect("the property exists");
        let fact = &found.facts[0];
        assert_eq!((fact.certainty, fact.rule.as_str()), (Certainty::Deduced, "sample-value"));
        assert_eq!(fact.places[0].what, "the sample shows \"x\"");
        let sample = format!(r#"{{"ThingId": 1, "Owner": {OWNER}"#);
        let column = sample.find("\"Name\"").expect("the sample has the key") + 1;
        assert_eq!((fact.places[0].line, fact.places[0].column), (48, column));
    });
}

#[test]
fn names_that_no_page_says_are_not_stated() {
    let mut told = Vec::new();
    let patch =
        post("Request Body: changes string", &[("op", "string"), ("path", "string"), ("value", "object")], "[]");
    told.extend(facts(std::slice::from_ref(&patch), "JsonPatchOperation", "name"));
    told.extend(facts(&[patch], "JsonPatchOperation.value", "type"));
    let request = post("Request Body: request", &[("A", "int32")], r#"{"A": 1}"#);
    told.extend(facts(&[request], "PutRequest", "name"));
    let linked =
        page("v1Box_Get", "/api/v1/Box", "object", "Box entity with API _Links added.", &[("A", "int32")], "{}");
    told.extend(facts(&[linked], "BoxWithLinks", "name"));
    let stated = page("v1Box_Get", "/api/v1/Box", "object", "Carrier object for Crate.", &[("BoxId", "int32")], "{}");
    told.extend(facts(&[stated], "Crate", "name"));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn of_two_pages_for_one_route_each_tells_of_the_other() {
    let mut told = Vec::new();
    let texts = ["Name", "Id"].map(|by| {
        page(
            &format!("v1Thing_GetBy{by}"),
            &format!("/api/v1/Thing/{{{}}}", by.to_lowercase()),
            "string",
            "",
            &[],
            "\"x\"",
        )
    });
    told.extend(facts(&texts, "v1Thing_GetById", "displaces"));
    told.extend(facts(&texts, "v1Thing_GetByName", "left out"));
    assert_eq!(asked(&texts, |trace| trace.suggestions("GetByName")), ["v1Thing_GetByName"]);
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_other_pages_say_of_an_id_or_a_path_is_shown() {
    let mut told = Vec::new();
    let read = page("v1Thing_Get", "/api/v1/Thing/{id}", "string", "", &[], "\"x\"");
    let write = page("v1Thing_Put", "/api/v1/Thing/{thing}", "string", "", &[], "\"x\"").replace("GET /", "PUT /");
    let again = page("v1Thing_Get", "/api/v1/Other", "string", "", &[], "\"x\"");
    let texts = [read, write, again];
    told.extend(facts(&texts, "v1Thing_Get", "route"));
    told.extend(facts(&texts, "v1Thing_Get", "id"));
    let odd =
        page("v1Thing_Odd", "/api/v1/Thing", "string", "", &[], "\"x\"").replace("```http\nGET", "```http\nFETCH");
    told.extend(facts(&[odd], "v1Thing_Odd", "left out"));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_path_parameter_without_row_has_a_fact_of_its_own() {
    let table = "Reads it.\n\n| Path Part | Type | Description |\n|---|---|---|\n| ID | int32 | The key. |\n\
                 | kinds | array | Some. **Required** |\n| other | string | Nowhere. **Required** |\n";
    let text = page("v1Thing_Get", "/api/v1/Thing/{id}/{kinds}/{part}", "string", "", &[], "\"x\"")
        .replace("Reads it.\n", table);
    insta::assert_snapshot!(facts(&[text], "v1Thing_Get", "path parameter").join("\n"));
}

#[test]
fn what_a_page_leaves_out_is_explained() {
    let mut told = Vec::new();
    let text = page("v1Thing_Get", "/api/v1/Thing", "string", "", &[], "\"x\"")
        .replace("Reads it.\n", "")
        .replace("Content-type(s): `application/json`, `text/json`", "Anything");
    let texts = [text.replace("| 200 | OK |", "| 200 | OK |\n| soon | Later |")];
    told.extend(facts(&texts, "v1Thing_Get", "summary"));
    told.extend(facts(&texts, "v1Thing_Get", "answer's media types"));
    told.extend(facts(&texts, "v1Thing_Get", "answer"));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn names_and_texts_that_lost_are_shown_with_their_places() {
    let mut told = Vec::new();
    let texts = ["Green.", "Blue."].map(|sentence| {
        let rows = [("ThingId", "int32"), ("Owner", ""), ("Size", "int32"), ("Colour", "string")];
        let sample = format!(r#"{{"ThingId": 1, "Owner": {OWNER}, "Size": 1, "Colour": "x"}}"#);
        page(
            &format!("v1Thing_Get{}", &sentence[..1]),
            &format!("/api/v1/{sentence}"),
            "object",
            &format!("{sentence} Carrier object for Thing."),
            &rows,
            &sample,
        )
    });
    told.extend(facts(&texts, "Owner", "name"));
    told.extend(facts(&texts, "Thing", "description"));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_is_required_is_shown_with_the_rows_that_say_so_and_those_that_do_not() {
    let rows = [("ThingId", "int32"), ("Name", "string"), ("Size", "int32")];
    let sample = r#"{"ThingId": 1, "Name": "a", "Size": 2}"#;
    let plain = post("Request Body: entity Thing", &rows, sample);
    let marked = plain.replace("| Name | string |  |", "| Name | string | **Required** |");
    let other = plain.replace("v1Thing_Put", "v1Thing_Save").replace("/api/v1/Thing", "/api/v1/Thing/Save");
    let alone = facts(std::slice::from_ref(&marked), "Thing.Name", "required");
    assert_eq!(alone, ["yes: stated by required-mark --> 0.md:17 "]);
    let doubtful = facts(&[marked, other], "Thing.Name", "required");
    assert_eq!(doubtful, ["no: guessed by required-mark --> 1.md:17 no mark but 0.md:17 marked as required"]);
    assert_eq!(facts(&[plain], "Thing.Name", "required"), [""; 0]);
}
