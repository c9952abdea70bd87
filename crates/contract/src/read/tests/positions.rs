//! Where errors and notes are in a text.

use std::collections::HashSet;

use super::super::*;

#[track_caller]
fn fails(text: &str, expected: &str) {
    assert_eq!(document(text).unwrap_err().to_string(), expected);
}

#[test]
fn errors_name_line_and_column() {
    fails(
        "openapi: 3.0.3\ninfo:\n  title: T\n  version: '1'\npaths:\n  /a:\n    get:\n      operationId: [x]\n",
        "expected text, found an array, at `#/paths/~1a/get/operationId` (line 8, column 7)",
    );
    fails(
        "{ \"openapi\": \"3.0.3\",\n\t\"info\": { \"title\": \"Tö\", \"version\": true } }",
        "expected text, found true, at `#/info/version` (line 2, column 27)",
    );
    // YAML ends a line at a carriage return alone too, as at the two together.
    fails(
        "openapi: 3.0.3\rinfo:\r\n  title: [T]\r",
        "expected text, found an array, at `#/info/title` (line 3, column 3)",
    );
    // What is missing is missing in the thing that stands there.
    fails(
        "# A comment\n\nopenapi: 3.0.3\ninfo: {title: T}\n",
        "missing member `version`, at `#/info` (line 4, column 1)",
    );
    fails("swagger: 2.0\n", "missing member `info`, at `#` (line 1, column 1)");
}

#[test]
fn texts_that_cannot_be_parsed_have_a_place_too() {
    fails("{\n  \"openapi\": \"3.0.3\",\n  \"é\": 1 2\n}", "expected `,` or `}` (line 3, column 10)");
    fails("{ \"a\": 1,\n  \"a\": 2 }", "the key `a` is there twice (line 2, column 5)");
    let error = document("openapi: 3.0.3\ninfo: [\n").unwrap_err();
    assert!(matches!(error.problem, Problem::Syntax { .. }), "{error}");
    assert!(error.position.is_some_and(|position| position.line >= 2), "{error}");
}

#[test]
fn positions_of_pointers() {
    let yaml = "a:\n  b: &x\n    - 1\n    - c~/: 2\n  d: *x\n? e\n: f\n'#': {k: [[], {z: 1}]}\n";
    let json = "{\"a\":{\"b\":[1,{\"c~/\":2}],\n \"d\": \"\\\"{\"}, \"#\": {\"k\": [[], {\"z\": 1}]}}";
    for (text, pointer, expected) in [
        (yaml, "#", (1, 1)),
        (yaml, "#/a/b", (2, 3)),
        (yaml, "#/a/b/1/c~0~1", (4, 7)),
        // Through an alias, to what is not there.
        (yaml, "#/a/d/0", (5, 3)),
        (yaml, "#/a/nothing/here", (1, 1)),
        (yaml, "#/e", (6, 3)),
        (yaml, "#/#/k/1/z", (8, 16)),
        (json, "#", (1, 1)),
        (json, "#/a/b/0", (1, 12)),
        (json, "#/a/b/1/c~0~1", (1, 15)),
        (json, "#/a/d", (2, 2)),
        (json, "#/#/k/1/z", (2, 32)),
    ] {
        let found = positions(text, &HashSet::from([pointer]));
        let position = found.get(pointer).map(|place| (place.line, place.column));
        assert_eq!(position, Some(expected), "{pointer} in {text}");
    }
}

#[test]
fn notes_have_a_place() {
    let text = "\u{feff}openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get: {responses: {}}\n";
    let read = document(text).unwrap();
    assert_eq!(
        read.notes[0].to_string(),
        "no operation id of its own, so it is called `getA`, at `#/paths/~1a/get` (line 5, column 5)"
    );
}

#[test]
fn numbers_in_json_are_those_of_yaml() {
    let text = "{\"a\": [1, -2, 3.5, 1e3, 18446744073709551615, 0.1, true, null, \"\\ud83d\\ude00\"]}";
    let plain: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value_of_text(text).unwrap(), plain);
    assert_eq!(value_of_text("{a: [1, 2.5]}").unwrap(), serde_json::json!({ "a": [1, 2.5] }));
}

#[test]
fn yaml_as_people_write_it() {
    let read = document(
        "openapi: 3.1.0\ninfo: &info\n  title: T\n  version: 1.0\n  description:\ntags:\npaths:\n  /a:\n    get:\n      \
         operationId: one\n      parameters:\n      responses:\n        200: &ok\n          description: |\n            Fine.\n        \
         2XX: {<<: *ok, description: Other.}\n",
    )
    .unwrap();
    assert_eq!(read.contract.info.version, "1.0");
    assert_eq!(read.contract.operations[0].responses.keys().collect::<Vec<_>>(), ["200", "2XX"]);
}
