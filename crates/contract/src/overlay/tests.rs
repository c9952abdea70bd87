use serde_json::json;

use super::*;

fn overlay(actions: &str) -> Result<Overlay, OverlayError> {
    Overlay::parse(&format!("overlay: 1.0.0\ninfo: {{ title: T, version: 1.0.0 }}\nactions:\n{actions}"))
}

fn document() -> Value {
    json!({
        "info": { "title": "T" },
        "paths": { "/a": { "get": { "tags": ["x"], "responses": { "200": {}, "401": {} } } } },
        "components": { "schemas": { "Book": { "properties": { "A": { "t": 1 }, "B": { "t": 2 }, "C": { "t": 3 } } } } },
    })
}

#[test]
fn updates_merge_and_append() {
    let actions = "- target: $.info\n  update: { version: '1' }\n- target: $.paths.*.*\n  update: { tags: [y] }\n";
    let mut document = document();
    assert_eq!(overlay(actions).unwrap().apply(&mut document).unwrap(), []);
    assert_eq!(document["info"], json!({ "title": "T", "version": "1" }));
    assert_eq!(document["paths"]["/a"]["get"]["tags"], json!(["x", "y"]));
}

#[test]
fn an_array_is_replaced_by_removing_it_first() {
    let actions = "- target: $.paths['/a'].get.tags\n  remove: true\n\
                   - target: $.paths['/a'].get\n  update: { tags: [z] }\n";
    let mut document = document();
    assert_eq!(overlay(actions).unwrap().apply(&mut document).unwrap(), []);
    assert_eq!(document["paths"]["/a"]["get"]["tags"], json!(["z"]));
}

#[test]
fn removal_keeps_the_order_of_what_stays() {
    let actions = "- target: $.components.schemas.Book.properties.A\n  remove: true\n\
                   - target: $.components.schemas.Book.properties\n  update: { D: {} }\n\
                   - target: $.components.schemas.Book.properties.B\n  remove: true\n";
    let mut document = document();
    overlay(actions).unwrap().apply(&mut document).unwrap();
    let names: Vec<_> = document["components"]["schemas"]["Book"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["C", "D"]);
    let roots: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(roots, ["info", "paths", "components"]);
}

#[test]
fn targets_that_select_nothing_are_told_with_what_was_meant() {
    #[track_caller]
    fn check(target: &str, suggestion: Option<&str>) {
        let actions = format!("- target: $.info\n  update: {{ x: 1 }}\n- target: \"{target}\"\n  update: {{ x: 1 }}\n");
        let unmatched = overlay(&actions).unwrap().apply(&mut document()).unwrap();
        assert_eq!(
            unmatched,
            [UnmatchedTarget { index: 1, target: target.to_owned(), suggestion: suggestion.map(str::to_owned) }]
        );
    }
    check("$.components.schemas.Bok", Some("$.components.schemas.Book"));
    check("$.components.schemas.book.properties.A", Some("$.components.schemas.Book.properties.A"));
    check("$.components.schemas.Person", None);
    check("$.path['/a']", Some("$.paths['/a']"));
    check("$.paths['/a/'].get", Some("$.paths['/a'].get"));
    check("$.paths[*].delete", None);
    check("$..nothing", None);
}

#[test]
fn an_unmatched_target_reads_well() {
    let unmatched = UnmatchedTarget { index: 2, target: "$.inf".to_owned(), suggestion: Some("$.info".to_owned()) };
    assert_eq!(unmatched.to_string(), "action 3 of the overlay selects nothing with `$.inf`; did you mean `$.info`?");
}

#[test]
fn malformed_overlays_are_refused_by_name() {
    #[track_caller]
    fn check(actions: &str, expected: &str) {
        let message = overlay(actions).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    check("- target: $.info\n", "action 1 of the overlay (target `$.info`): nothing to do");
    check("- update: {}\n", "action 1 of the overlay (target ``): missing field `target`");
    check("- target: info\n  update: {}\n", "action 1 of the overlay (target `info`): the target is no JSONPath");
    check("- target: $.a[\n  update: {}\n", "the target is no JSONPath");
    check("- target: $.a\n  updates: {}\n", "unknown member `updates`");
    check("- target: $.a\n  update: {}\n  remove: true\n", "exclude each other");
    check("- target: $.a\n  remove: 'yes'\n", "action 1 of the overlay (target `$.a`): invalid type");
    check("- text\n", "an action is an object");
    check("  []\n", "at least one");
    check("- target: [\n", "the overlay is no YAML: ");
    let version = Overlay::parse("overlay: 2.0.0\ninfo: { title: T, version: '1' }\nactions: []\n").unwrap_err();
    assert!(matches!(version, OverlayError::Structure { .. }), "{version}");
}

#[test]
fn a_failing_action_changes_nothing() {
    let actions = "- target: $.info\n  update: { x: 1 }\n- target: $.info.title\n  update: new\n";
    let mut target = document();
    let error = overlay(actions).unwrap().apply(&mut target).unwrap_err();
    assert_eq!(
        error.to_string(),
        "action 2 of the overlay (target `$.info.title`): the target is a single value; target the object that holds \
         it and update its member"
    );
    assert_eq!(target, document());
}
