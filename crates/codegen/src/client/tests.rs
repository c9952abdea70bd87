//! What the projection does about each thing that progenitor cannot take.

mod of_one_call;

use docwright_contract::{Contract, read};
use serde_json::{Value, json};

use super::{ClientOutput, generate, surface};

const CARRIER: &str = "#/components/schemas/Carrier";
const PROBLEM: &str = "#/components/schemas/Problem";

fn contract(paths: Value) -> Contract {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Test", "version": "1" },
        "paths": paths,
        "components": {
            "schemas": { "Carrier": { "type": "object" }, "Problem": { "type": "object" }, "Other": { "type": "object" } },
            "parameters": { "Lang": { "name": "SO-Language", "in": "header", "schema": { "type": "string" } } },
        },
    });
    read::from_value(&document).unwrap()
}

/// A path with one GET operation, `v1ThingEntity_Read`, that has these members too.
fn reading(path: &str, members: Value) -> Contract {
    let mut operation = json!({
        "operationId": "v1ThingEntity_Read",
        "tags": ["Thing"],
        "responses": { "200": answer(json!({ "$ref": CARRIER })) },
    });
    for (name, value) in members.as_object().unwrap() {
        operation[name] = value.clone();
    }
    contract(json!({ path: { "get": operation } }))
}

fn answer(schema: Value) -> Value {
    json!({ "description": "", "content": { "application/json": { "schema": schema } } })
}

#[track_caller]
fn check(contract: &Contract, methods: &str, left_out: &[&str]) {
    let ClientOutput { files, coverage } = generate(contract).unwrap();
    assert_eq!(surface(&files[0].contents).unwrap().trim_end(), methods);
    assert_eq!(coverage.left_out.iter().map(ToString::to_string).collect::<Vec<_>>(), left_out);
    assert_eq!(coverage.methods, coverage.operations);
}

#[track_caller]
fn refuse(contract: &Contract, expected: &str) {
    assert_eq!(generate(contract).unwrap_err().to_string(), expected);
}

const READ: &str = "read() -> Result<ResponseValue<crate::models::Carrier>, Error>";

#[test]
fn one_media_type_is_chosen() {
    let forms = json!({
        "text/json": { "schema": { "$ref": CARRIER } },
        "application/json; charset=utf-8": { "schema": { "$ref": CARRIER } },
        "application/xml": { "schema": { "$ref": CARRIER } },
    });
    let members = json!({
        "requestBody": { "required": true, "content": forms },
        "responses": { "200": { "description": "", "content": forms } },
    });
    check(
        &reading("/x", members),
        "read(body: &crate::models::Carrier) -> Result<ResponseValue<crate::models::Carrier>, Error>",
        &[
            "operation `v1ThingEntity_Read`: a request body of type `text/json`, `application/xml` cannot be sent",
            "operation `v1ThingEntity_Read`: answer 200 as `text/json`, `application/xml` is not asked for",
        ],
    );
}

#[test]
fn errors_have_one_type() {
    let members = json!({ "responses": {
        "200": answer(json!({ "$ref": CARRIER })),
        "400": answer(json!({ "$ref": PROBLEM })),
        "404": answer(json!({ "$ref": PROBLEM })),
        "409": answer(json!({ "$ref": "#/components/schemas/Other" })),
        "default": answer(json!({ "$ref": PROBLEM })),
    } });
    let contract = reading("/x", members);
    let said = "operation `v1ThingEntity_Read`: the body of answer 409 is not that of the other errors, only its status is kept";
    check(&contract, READ, &[said]);
    let root = &generate(&contract).unwrap().files[0].contents;
    assert!(root.contains("pub type ErrorBody = crate::models::Problem;"), "{root}");
}

#[test]
fn errors_without_a_type_are_any_json() {
    for error in [json!({ "description": "" }), answer(json!({ "type": "string" }))] {
        let members = json!({ "responses": { "200": answer(json!({ "$ref": CARRIER })), "404": error } });
        let contract = reading("/x", members);
        check(&contract, READ, &[]);
        let files = generate(&contract).unwrap().files;
        assert!(files[0].contents.contains("pub type ErrorBody = ::serde_json::Value;"), "{}", files[0].contents);
        let raw = &files.last().unwrap().contents;
        assert!(raw.contains("Error<::serde_json::Value>"), "{raw}");
    }
}

#[test]
fn lists_with_tabs_are_written_with_tabs() {
    for (format, style) in [("tsv", "TabDelimited"), ("ssv", "SpaceDelimited"), ("pipes", "PipeDelimited")] {
        let ids = json!({
            "name": "ids", "in": "path", "required": true, "x-collectionFormat": format,
            "schema": { "type": "array", "items": { "type": "string" } },
        });
        let contract = reading("/x/{ids}", json!({ "parameters": [ids] }));
        let root = &generate(&contract).unwrap().files[0].contents;
        assert!(root.contains(&format!("Style::{style}")), "{root}");
    }
}

#[test]
fn answers_of_success_are_told_apart() {
    let carrier = || answer(json!({ "$ref": CARRIER }));
    let other = || answer(json!({ "$ref": "#/components/schemas/Other" }));
    let nothing = || json!({ "description": "" });
    let optional = "read() -> Result<ResponseValue<Option<crate::models::Carrier>>, Error>";
    for (responses, method, said) in [
        (json!({ "default": carrier() }), READ, None),
        (json!({ "200": carrier(), "default": other() }), READ, None),
        (json!({ "200": carrier(), "201": carrier() }), READ, None),
        (json!({ "200": carrier(), "204": nothing() }), optional, None),
        (json!({ "202": nothing(), "200": carrier() }), optional, None),
        (json!({ "200": carrier(), "201": other() }), READ, Some("answer 201 is not read, only 200 is")),
        (json!({ "200": carrier(), "302": nothing() }), READ, Some("answer 302 is reported as an error")),
        (json!({ "200": nothing(), "204": nothing() }), "read() -> Result<ResponseValue<()>, Error>", None),
        (json!({ "404": nothing() }), "read() -> Result<ResponseValue<ByteStream>, Error>", None),
    ] {
        let said = said.map(|said| format!("operation `v1ThingEntity_Read`: {said}"));
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        check(&reading("/x", json!({ "responses": responses })), method, &said);
    }
}

#[test]
fn bodies_have_the_type_of_their_schema() {
    let untyped = "operation `v1ThingEntity_Read`: the answer 200 is any JSON value, because it has no type of its own";
    for (schema, rust, said) in [
        (json!({ "type": "array", "items": { "$ref": CARRIER } }), "Vec<crate::models::Carrier>", None),
        (
            json!({ "type": "object", "additionalProperties": { "$ref": CARRIER } }),
            "std::collections::BTreeMap<String, crate::models::Carrier>",
            None,
        ),
        (
            json!({ "nullable": true, "type": "object", "allOf": [{ "$ref": CARRIER }] }),
            "Option<crate::models::Carrier>",
            None,
        ),
        (json!({ "type": "string", "format": "date-time" }), "crate::models::DateTime", None),
        (json!({ "type": "string" }), "String", None),
        (json!({ "type": "integer", "format": "int32" }), "i32", None),
        (json!({}), "serde_json::Value", None),
        (
            json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "string" }] }),
            "serde_json::Value",
            Some(untyped),
        ),
        (json!({ "type": "object", "properties": { "A": { "type": "string" } } }), "serde_json::Value", Some(untyped)),
        (json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] }), "serde_json::Value", Some(untyped)),
        (json!({ "$ref": CARRIER, "nullable": true }), "Option<crate::models::Carrier>", None),
    ] {
        let expected = format!("read() -> Result<ResponseValue<{rust}>, Error>");
        check(&reading("/x", json!({ "responses": { "200": answer(schema) } })), &expected, said.as_slice());
    }
}

#[test]
fn bodies_without_schema_are_values_and_others_are_bytes() {
    for (content, rust, said) in [
        (
            json!({ "application/json": {} }),
            "serde_json::Value",
            Some("operation `v1ThingEntity_Read`: the answer 200 is any JSON value, because it has no type of its own"),
        ),
        (json!({ "application/pdf": {} }), "ByteStream", None),
        (
            json!({ "application/json": { "schema": { "type": "string", "format": "binary" } }, "image/png": {} }),
            "ByteStream",
            None,
        ),
        (json!({}), "()", None),
    ] {
        let members = json!({ "responses": { "200": { "description": "", "content": content } } });
        check(&reading("/x", members), &format!("read() -> Result<ResponseValue<{rust}>, Error>"), said.as_slice());
    }
}

#[test]
fn parameters_become_arguments() {
    let members = json!({ "parameters": [
        { "name": "id", "in": "path", "required": true, "schema": { "type": "integer", "format": "int32" } },
        { "name": "since", "in": "query", "schema": { "type": "string", "format": "date-time" } },
        { "name": "kind", "in": "query", "schema": { "type": "string", "enum": ["A", "B"] } },
        { "name": "text", "in": "query", "schema": { "type": "string", "maxLength": 3, "pattern": "x" } },
        { "name": "twins", "in": "query", "required": true, "schema": { "type": "string", "enum": ["a", "A", "", "2"] } },
        { "name": "type", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
        { "name": "X-Trace", "in": "header", "required": true, "schema": { "type": "string", "format": "uuid" } },
        { "name": "Accept", "in": "header", "schema": { "type": "string" } },
        { "$ref": "#/components/parameters/Lang" },
    ] });
    let contract = reading("/x/{id}", members);
    check(
        &contract,
        "read(id: i32, kind: Option<types::ReadKind>, since: Option<&crate::models::DateTime>, text: Option<&str>, \
         twins: types::ReadTwins, type_: Option<&Vec<String>>, x_trace: &str) -> Result<ResponseValue<crate::models::Carrier>, Error>",
        &[
            "operation `v1ThingEntity_Read`: query parameter `text`: bounds are not checked before sending",
            "header `SO-Language`: set once on the client, not by each method",
        ],
    );
    let files = generate(&contract).unwrap().files;
    assert_eq!(files.iter().map(|file| &*file.path).collect::<Vec<_>>(), ["mod.rs", "types.rs", "progenitor.rs"]);
    let variants: Vec<&str> = files[1].contents.lines().filter(|line| line.contains("=> \"")).map(str::trim).collect();
    let expected = ["A => \"A\",", "B => \"B\",", "A2 => \"a\",", "A => \"A\",", "Value => \"\",", "Value2 => \"2\","];
    assert_eq!(variants, expected.map(|variant| format!("Self::{variant}")));
    assert!(files[0].contents.contains(".read(id, kind.as_ref(), since, text, &twins, type_, x_trace)"));
}

/// What a method by hand calls, between the arguments and the reading of the answer.
#[track_caller]
fn check_call(contract: &Contract, arguments: &str, call: &str) {
    let root = &generate(contract).unwrap().files[0].contents;
    let surface = surface(root).unwrap();
    assert!(surface.starts_with(&format!("read({arguments}) -> ")), "{surface}");
    let start = root.find("Request::new").unwrap_or_else(|| panic!("progenitor made it: {root}"));
    let found: String = root[start..].split(".await").next().unwrap().split_whitespace().collect();
    let expected: String = call.split_whitespace().collect();
    assert_eq!(found.replace(",)", ")"), expected);
}

#[test]
fn parameters_that_progenitor_refuses_are_sent_by_hand() {
    let value = ".value(\"application/json\", &self.raw)";
    for (path, parameter, arguments, sent) in [
        (
            "/x",
            json!({ "name": "crumb", "in": "cookie", "required": true, "schema": { "type": "string" } }),
            "crumb: &str",
            ".cookie(\"crumb\", Style::FormExploded, &crumb)",
        ),
        (
            "/x",
            json!({ "name": "filter", "in": "query", "style": "deepObject", "schema": { "$ref": CARRIER } }),
            "filter: Option<&crate::models::Carrier>",
            ".query(\"filter\", Style::DeepObject, &filter)",
        ),
        (
            "/x",
            json!({ "name": "ids", "in": "query", "explode": false, "schema": { "type": "array", "items": { "type": "integer" } } }),
            "ids: Option<&[i64]>",
            ".query(\"ids\", Style::Form, &ids)",
        ),
        (
            "/x/{ids}",
            json!({ "name": "ids", "in": "path", "required": true, "schema": { "type": "array", "items": { "type": "string" } } }),
            "ids: &[String]",
            ".path(\"ids\", Style::Simple, &ids)",
        ),
        (
            "/x",
            json!({ "name": "q", "in": "query", "content": { "application/json": { "schema": { "type": "boolean" } } } }),
            "q: Option<bool>",
            ".query(\"q\", Style::Json, &q)",
        ),
        (
            "/x",
            json!({ "name": "api-version", "in": "header", "schema": { "type": "string" } }),
            "api_version: Option<&str>",
            ".header(\"api-version\", Style::Simple, &api_version)",
        ),
        (
            "/x",
            json!({ "name": "header-map", "in": "query", "schema": { "type": "string" } }),
            "header_map: Option<&str>",
            ".query(\"header-map\", Style::FormExploded, &header_map)",
        ),
        (
            "/x",
            json!({ "name": "kinds", "in": "query", "style": "pipeDelimited", "explode": false,
                    "schema": { "type": "array", "items": { "type": "string", "enum": ["a"] } } }),
            "kinds: Option<&[types::ReadKinds]>",
            ".query(\"kinds\", Style::PipeDelimited, &kinds)",
        ),
    ] {
        let contract = reading(path, json!({ "parameters": [parameter] }));
        check_call(&contract, arguments, &format!("Request::new(\"GET\", \"{path}\") {sent} {value}"));
    }
}

#[test]
fn bodies_that_progenitor_refuses_are_sent_by_hand() {
    let form = json!({ "type": "object", "properties": { "A": { "type": "string" } } });
    let carrier = json!({ "$ref": CARRIER });
    for (content, required, arguments, sent) in [
        (json!({ "image/png": {} }), true, "body: impl Into<crate::Body>", ".body(\"image/png\", Some(body))"),
        (
            json!({ "application/octet-stream": {} }),
            false,
            "body: Option<crate::Body>",
            ".body(\"application/octet-stream\", body)",
        ),
        (
            json!({ "image/*": {} }),
            true,
            "content_type: &str, body: impl Into<crate::Body>",
            ".body(content_type, Some(body))",
        ),
        (
            json!({ "application/json": { "schema": { "type": "string", "format": "binary" } }, "image/png": {}, "image/gif": {} }),
            true,
            "content_type: &str, body: impl Into<crate::Body>",
            ".body(content_type, Some(body))",
        ),
        (
            json!({ "text/plain": { "schema": { "type": "string" } } }),
            true,
            "body: impl Into<crate::Body>",
            ".body(\"text/plain\", Some(body))",
        ),
        (
            json!({ "text/xml": { "schema": carrier } }),
            true,
            "body: impl Into<crate::Body>",
            ".body(\"text/xml\", Some(body))",
        ),
        (
            json!({ "application/x-www-form-urlencoded": { "schema": carrier } }),
            true,
            "body: &crate::models::Carrier",
            ".form(Some(body))",
        ),
        (
            json!({ "application/x-www-form-urlencoded": { "schema": form } }),
            false,
            "body: Option<&serde_json::Value>",
            ".form(body)",
        ),
        (
            json!({ "image/png": {}, "multipart/form-data": { "schema": form } }),
            true,
            "body: crate::multipart::Form",
            ".multipart(Some(body))",
        ),
        (
            json!({ "application/merge-patch+json": { "schema": carrier } }),
            true,
            "body: &crate::models::Carrier",
            ".json(\"application/merge-patch+json\", Some(body))",
        ),
        (json!({ "text/json": {} }), true, "body: &serde_json::Value", ".json(\"text/json\", Some(body))"),
        (
            json!({ "application/json": { "schema": carrier } }),
            false,
            "body: Option<&crate::models::Carrier>",
            ".json(\"application/json\", body)",
        ),
    ] {
        let contract = reading("/x", json!({ "requestBody": { "required": required, "content": content } }));
        check_call(
            &contract,
            arguments,
            &format!("Request::new(\"GET\", \"/x\") {sent} .value(\"application/json\", &self.raw)"),
        );
    }
}

#[test]
fn methods_and_answers_that_progenitor_refuses_are_made_by_hand() {
    use docwright_contract::model::Method;
    for method in [Method::Options, Method::Trace] {
        let mut contract = reading("/x", json!({}));
        contract.operations[0].method = method;
        let call = format!("Request::new(\"{}\", \"/x\") .value(\"application/json\", &self.raw)", method.as_str());
        check_call(&contract, "", &call);
    }
    let problem = json!({ "200": { "description": "", "content": { "application/hal+json": { "schema": { "$ref": CARRIER } } } } });
    let call = "Request::new(\"GET\", \"/x\").value(\"application/hal+json\", &self.raw)";
    check_call(&reading("/x", json!({ "responses": problem })), "", call);
    // The answer to HEAD has no body to read.
    let mut contract = reading("/x", json!({}));
    contract.operations[0].method = Method::Head;
    check(&contract, "read() -> Result<ResponseValue<()>, Error>", &[]);
}

#[test]
fn one_path_may_have_two_operations_for_a_method() {
    let mut contract = reading("/x", json!({}));
    let mut second = contract.operations[0].clone();
    second.operation_id = "v1ThingEntity_ReadAgain".to_owned();
    contract.operations.push(second);
    let again = READ.replace("read()", "read_again()");
    check(&contract, &format!("{READ}\n{again}"), &[]);
}

#[test]
fn path_parameters_are_always_required() {
    let mut contract = reading(
        "/x/{id}",
        json!({ "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] }),
    );
    if let docwright_contract::model::RefOr::Inline(parameter) = &mut contract.operations[0].parameters[0] {
        parameter.required = false;
    }
    check(&contract, "read(id: &str) -> Result<ResponseValue<crate::models::Carrier>, Error>", &[]);
}

#[test]
fn names_that_the_client_has_already_take_the_tag() {
    let contract = reading("/x", json!({ "operationId": "v1ThingEntity_New" }));
    check(&contract, "thing_new() -> Result<ResponseValue<crate::models::Carrier>, Error>", &[]);
}

#[test]
fn names_that_collide_are_told_apart() {
    let twins = json!({ "parameters": [
        { "name": "soLanguage", "in": "query", "schema": { "type": "string" } },
        { "name": "SO-Language", "in": "header", "required": true, "schema": { "type": "string" } },
    ] });
    let call = "Request::new(\"GET\", \"/x\").query(\"soLanguage\", Style::FormExploded, &so_language_2)\
                .header(\"SO-Language\", Style::Simple, &so_language).value(\"application/json\", &self.raw)";
    check_call(&reading("/x", twins), "so_language_2: Option<&str>, so_language: &str", call);
    let body = json!({
        "parameters": [{ "name": "body", "in": "query", "schema": { "type": "string" } }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": CARRIER } } } },
    });
    let call = "Request::new(\"GET\", \"/x\").query(\"body\", Style::FormExploded, &body_2)\
                .json(\"application/json\", Some(body)).value(\"application/json\", &self.raw)";
    check_call(&reading("/x", body), "body_2: Option<&str>, body: &crate::models::Carrier", call);
    let own = json!({ "parameters": [{ "name": "self", "in": "query", "schema": { "type": "string" } }] });
    check(&reading("/x", own), &READ.replace("()", "(self_: Option<&str>)"), &[]);
    // Types of parameters are those of the whole client.
    let kinds = json!({ "type": "string", "enum": ["a"] });
    let operation = |id: &str, name: &str| json!({ "operationId": id, "parameters": [{ "name": name, "in": "query", "schema": kinds }], "responses": {} });
    let contract =
        contract(json!({ "/a": { "get": operation("read", "a_b") }, "/b": { "get": operation("read_a", "b") } }));
    let surface = surface(&generate(&contract).unwrap().files[0].contents).unwrap();
    assert!(
        surface.contains("(a_b: Option<types::ReadAB>)") && surface.contains("(b: Option<types::ReadAB2>)"),
        "{surface}"
    );
}

#[test]
fn paths_that_do_not_fit_their_parameters_are_refused() {
    let in_path =
        json!({ "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] });
    for (path, members, expected) in [
        ("/x", in_path, "operation `v1ThingEntity_Read`: the path has no place for parameter `id`"),
        ("/x/{id", json!({}), "operation `v1ThingEntity_Read`: `/x/{id` is no path template"),
    ] {
        refuse(&reading(path, members), expected);
    }
    let mut contract = reading("/x/{id}", json!({}));
    contract.operations[0].parameters.clear();
    refuse(&contract, "operation `v1ThingEntity_Read`: the path's `{id}` is no parameter");
}

#[test]
fn dangling_references_are_refused() {
    let members = json!({
        "parameters": [{ "$ref": "#/components/parameters/Lang" }],
        "responses": { "200": answer(json!({ "type": "array", "items": { "$ref": CARRIER } })) },
    });
    let mut contract = reading("/x", members);
    contract.schemas.shift_remove("Carrier");
    contract.parameters.clear();
    refuse(
        &contract,
        "operation `v1ThingEntity_Read`: there is no component `Lang`\n\
         operation `v1ThingEntity_Read`: there is no component `Carrier`",
    );
}

#[test]
fn a_panic_becomes_an_error() {
    let panic = std::panic::catch_unwind(|| std::panic::panic_any("assertion".to_owned())).unwrap_err();
    assert_eq!(super::panic_text(panic.as_ref()), "progenitor panicked: assertion");
}

#[test]
fn a_method_by_hand_is_documented_like_any_other() {
    let members = json!({
        "operationId": "v1ThingEntity_Upload",
        "summary": "Keep a picture.",
        "description": "Like\n\n    upload()",
        "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Which\n  one", "schema": { "type": "string" } }],
        "requestBody": { "required": true, "content": { "image/png": {}, "image/gif": {} } },
        "responses": { "204": { "description": "" } },
    });
    let root = &generate(&reading("/x/{id}", members)).unwrap().files[0].contents;
    let expected = r#"
    /// Keep a picture
    ///
    /// Like
    ///
    /// ```text
    /// upload()
    /// ```
    ///
    /// Sends a `GET` request to `/x/{id}`
    ///
    /// Arguments:
    /// - `id`: Which one
    /// - `content_type`: the media type of the body, one of `image/png`, `image/gif`
    /// - `body`
    ///
    /// # Errors
    /// An answer with another status, no answer, or one that cannot be read.
    pub async fn upload(
        &self,
        id: &str,
        content_type: &str,
        body: impl Into<crate::Body>,
    ) -> Result<ResponseValue<()>, Error> {
        Request::new("GET", "/x/{id}")
            .path("id", Style::Simple, &id)
            .body(content_type, Some(body))
            .empty(&self.raw)
            .await
    }
"#;
    assert!(root.contains(expected), "{root}");
}

#[test]
fn documentation_runs_no_test() {
    let members = json!({ "summary": "Read [SR_X].", "description": "Like\n\n    read()\n\nor so." });
    let files = generate(&reading("/x", members)).unwrap().files;
    let expected =
        "    /// Read \\[SR_X\\]\n    ///\n    /// Like\n    ///\n    /// ```text\n    /// read()\n    /// ```\n";
    for file in &files {
        assert!(file.contents.contains(expected), "{}", file.contents);
        assert!(!file.contents.contains("/**"));
    }
}

#[test]
fn a_text_in_the_path_cannot_lead_elsewhere() {
    for (schema, is_by_hand) in [(json!({ "type": "string" }), true), (json!({ "type": "integer" }), false)] {
        let members = json!({ "parameters": [{ "name": "id", "in": "path", "required": true, "schema": schema }] });
        let root = &generate(&reading("/x/{id}", members)).unwrap().files[0].contents;
        assert_eq!(root.contains("Request::new"), is_by_hand, "{root}");
    }
}

/// The title becomes a comment, the version a header that must be ASCII.
#[test]
fn the_contracts_head_may_hold_anything() {
    let mut contract = reading("/x", json!({}));
    contract.info.title = "A\u{202e} [b]\n```".to_owned();
    contract.info.version = "1\n\u{202e}\u{e5}".to_owned();
    let files = generate(&contract).unwrap().files;
    let raw = &files.iter().find(|file| file.path == "progenitor.rs").unwrap().contents;
    assert!(raw.contains("/// Client for A\u{fffd} \\[b\\] ```\n") && raw.contains("\"1 --\""), "{raw}");
    assert!(files.iter().all(|file| !file.contents.contains('\u{202e}')));
}

#[test]
fn what_may_be_null_is_an_option() {
    let body = json!({ "application/json": { "schema": { "$ref": CARRIER } } });
    let mut contract = reading(
        "/x",
        json!({
            "requestBody": { "required": true, "content": body },
            "responses": { "200": answer(json!({ "type": "array", "items": { "$ref": CARRIER } })) },
        }),
    );
    contract.schemas["Carrier"].nullable = true;
    let expected = "read(body: &Option<crate::models::Carrier>) -> \
                    Result<ResponseValue<Vec<Option<crate::models::Carrier>>>, Error>";
    check(&contract, expected, &[]);
}
