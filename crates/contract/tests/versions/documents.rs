//! Whole documents, made up at random: what is read of one is written as it stood, and read again as the same contract.

use docwright_contract::{canonical, diff, emit, read, yaml};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::{in_3_1, schema, set};

/// The schema that all schemas may refer to.
const OTHER: &str = "Other";
const PARAMETERS: &[&str] = &["Page", "X-Trace"];
const RESPONSES: &[&str] = &["NotFound", "Error_1"];
const SCHEMES: &[&str] = &["basic", "key", "flow"];

/// Texts that YAML and Markdown could take for something else.
fn text() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "no",
        "null",
        "~",
        "1.0",
        "0x1F",
        "2020-01-01",
        "a: b",
        "- a",
        "# a",
        "a #b",
        "'a",
        "\"a",
        "a\nb",
        "a\n\n b\n",
        " a ",
        "a\tb",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "{a}",
        "[a]",
        "a,b",
        "a:",
        ":a",
        "?",
        "|",
        ">",
        "é",
        "😀",
        "\u{85}a",
        "a\u{2028}b",
        "\u{7}",
        "=",
        "<<",
        "yes",
        "12:30",
        "1_000",
        ".5",
        "+1",
        "a\r\nb",
        "\\n",
        "a  \nb",
    ]);
    prop_oneof![3 => "[a-zA-Z ]{1,12}", 2 => odd.prop_map(str::to_owned), 1 => "\\PC{1,9}"]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z0-9 ]{0,3}", inner, 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// `x-` members.
fn extensions() -> impl Strategy<Value = Map<String, Value>> {
    let none = Just(Map::new());
    let some = btree_map("x-[a-c]", json_value(), 1..3).prop_map(|members| members.into_iter().collect());
    prop_oneof![3 => none, 1 => some]
}

/// An object of these members, and of extensions.
fn object(members: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (members, extensions()).prop_map(|(mut object, extensions)| {
        object.as_object_mut().expect("members").extend(extensions);
        object
    })
}

fn described(members: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    object((members, option::of(text())).prop_map(|(mut members, description)| {
        set(&mut members, "description", description);
        members
    }))
}

fn info() -> impl Strategy<Value = Value> {
    let license = option::of((text(), option::of(text()))).prop_map(|license| {
        license.map(|(name, url)| {
            let mut license = json!({ "name": name });
            set(&mut license, "url", url);
            license
        })
    });
    described((text(), text(), license).prop_map(|(title, version, license)| {
        let mut info = json!({ "title": title, "version": version });
        set(&mut info, "license", license);
        info
    }))
}

/// A parameter in its place; those of paths have the template's name.
fn parameter(name: String, place: &'static str) -> impl Strategy<Value = Value> {
    let travels = prop_oneof![
        4 => schema().prop_map(|schema| json!({ "schema": schema })),
        1 => (schema(), option::of(json_value())).prop_map(|(schema, example)| {
            let mut form = json!({ "schema": schema });
            set(&mut form, "example", example);
            json!({ "content": { "application/json": form } })
        }),
    ];
    described((travels, any::<bool>(), any::<bool>()).prop_map(move |(travels, required, deprecated)| {
        let mut parameter = json!({ "name": name, "in": place });
        parameter.as_object_mut().expect("members").extend(travels.as_object().cloned().unwrap_or_default());
        set(&mut parameter, "required", (required || place == "path").then_some(true));
        set(&mut parameter, "deprecated", deprecated.then_some(true));
        parameter
    }))
}

fn media_types() -> impl Strategy<Value = Value> {
    let form = object((option::of(schema()), option::of(json_value())).prop_map(|(schema, example)| {
        let mut form = json!({});
        set(&mut form, "schema", schema);
        set(&mut form, "example", example);
        form
    }));
    let names = select(vec!["application/json", "text/plain; charset=utf-8", "multipart/form-data", "image/*"]);
    btree_map(names.prop_map(str::to_owned), form, 1..3).prop_map(|forms| forms.into_iter().collect())
}

fn response() -> impl Strategy<Value = Value> {
    let header = described((schema(), any::<bool>()).prop_map(|(schema, required)| {
        let mut header = json!({ "schema": schema });
        set(&mut header, "required", required.then_some(true));
        header
    }));
    let headers = option::of(btree_map("X-[A-C]", header, 1..3));
    object((text(), headers, option::of(media_types())).prop_map(|(description, headers, content)| {
        let mut response = json!({ "description": description });
        set(&mut response, "headers", headers.map(|headers| headers.into_iter().collect::<Map<_, _>>()));
        set(&mut response, "content", content);
        response
    }))
}

fn reference(kind: &'static str, names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(names).prop_map(move |name| json!({ "$ref": format!("#/components/{kind}/{name}") }))
}

fn security() -> impl Strategy<Value = Option<Value>> {
    let scopes = prop_oneof![Just(json!([])), Just(json!(["read", "write"]))];
    let requirement = btree_map(select(SCHEMES).prop_map(str::to_owned), scopes, 0..3);
    option::of(vec(requirement.prop_map(|schemes| schemes.into_iter().collect::<Value>()), 0..3).prop_map(Value::from))
}

/// The operation with this number, on a path that has as many parameters.
fn operation(number: usize, names: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let in_path: Vec<BoxedStrategy<Value>> =
        names.into_iter().map(|name| parameter(name.to_owned(), "path").boxed()).collect();
    let others = subsequence(vec![("a", "query"), ("B", "query"), ("X-C", "header"), ("d", "cookie")], 0..4)
        .prop_flat_map(|kept| {
            kept.into_iter().map(|(name, place)| parameter(name.to_owned(), place).boxed()).collect::<Vec<_>>()
        });
    let parameters = (in_path, others, option::of(reference("parameters", PARAMETERS)))
        .prop_map(|(in_path, others, shared)| in_path.into_iter().chain(others).chain(shared).collect::<Vec<_>>());
    let statuses = select(vec!["200", "204", "404", "4XX", "default"]).prop_map(str::to_owned);
    let answer = prop_oneof![response().boxed(), reference("responses", RESPONSES).boxed()];
    let responses =
        btree_map(statuses, answer, 1..4).prop_map(|responses| responses.into_iter().collect::<Map<_, _>>());
    let body = option::of(described((media_types(), any::<bool>()).prop_map(|(content, required)| {
        let mut body = json!({ "content": content });
        set(&mut body, "required", required.then_some(true));
        body
    })));
    let texts = (option::of(text()), any::<bool>(), subsequence(vec!["One", "two words"], 0..=2));
    described((parameters, responses, body, texts, security()).prop_map(
        move |(parameters, responses, body, (summary, deprecated, tags), security)| {
            let mut operation = json!({ "operationId": format!("operation_{number}"), "responses": responses });
            set(&mut operation, "parameters", (!parameters.is_empty()).then_some(parameters));
            set(&mut operation, "requestBody", body);
            set(&mut operation, "summary", summary);
            set(&mut operation, "deprecated", deprecated.then_some(true));
            set(&mut operation, "tags", (!tags.is_empty()).then_some(tags));
            set(&mut operation, "security", security);
            operation
        },
    ))
}

fn paths() -> impl Strategy<Value = Value> {
    let routes: Vec<(&'static str, &'static str, Vec<&'static str>)> = vec![
        ("/", "get", vec![]),
        ("/a/{id}", "get", vec!["id"]),
        ("/a/{id}", "delete", vec!["id"]),
        ("/a/{id}/b~/{other id}", "patch", vec!["id", "other id"]),
        ("/a", "post", vec![]),
        ("/é/'x'", "options", vec![]),
    ];
    subsequence(routes, 0..4).prop_flat_map(|routes| {
        let operations = routes.into_iter().enumerate().map(|(number, (path, method, names))| {
            operation(number, names).prop_map(move |operation| (path, method, operation)).boxed()
        });
        operations.collect::<Vec<_>>().prop_map(|operations| {
            let mut paths = json!({});
            for (path, method, operation) in operations {
                paths[path][method] = operation;
            }
            paths
        })
    })
}

fn components() -> impl Strategy<Value = Value> {
    let schemas = btree_map("[A-Z][a-z]{0,2}|a_b-c\\.1", schema(), 0..3);
    let scheme = |kind: Value| described(Just(kind)).boxed();
    let flow =
        json!({ "type": "oauth2", "flows": { "implicit": { "authorizationUrl": "/a", "scopes": { "read": "" } } } });
    let schemes = vec![
        scheme(json!({ "type": "http", "scheme": "basic" })),
        scheme(json!({ "type": "apiKey", "in": "header", "name": "X-Key" })),
        scheme(flow),
    ];
    let parameters =
        vec![parameter("page".to_owned(), "query").boxed(), parameter("X-Trace".to_owned(), "header").boxed()];
    let responses = vec![response(), response()];
    (schemas, schemes, parameters, responses).prop_map(|(schemas, schemes, parameters, responses)| {
        let named = |names: &[&str], values: Vec<Value>| -> Value {
            names.iter().map(|name| (*name).to_owned()).zip(values).collect()
        };
        let mut schemas: Map<String, Value> = schemas.into_iter().collect();
        schemas.insert(OTHER.to_owned(), json!({ "type": "object" }));
        json!({
            "schemas": schemas,
            "responses": named(RESPONSES, responses),
            "parameters": named(PARAMETERS, parameters),
            "securitySchemes": named(SCHEMES, schemes),
        })
    })
}

/// A document of OpenAPI 3.0 in the form in which one is written.
fn document() -> impl Strategy<Value = Value> {
    let server = described(text().prop_map(|url| json!({ "url": url })));
    let tag = described(select(vec!["One", "two words", "none's"]).prop_map(|name| json!({ "name": name })));
    object((info(), vec(server, 0..3), vec(tag, 0..3), paths(), components()).prop_map(
        |(info, servers, mut tags, paths, components)| {
            tags.dedup_by(|a, b| a["name"] == b["name"]);
            let mut document = json!({ "openapi": "3.0.3", "info": info, "paths": paths, "components": components });
            set(&mut document, "servers", (!servers.is_empty()).then_some(servers));
            set(&mut document, "tags", (!tags.is_empty()).then_some(tags));
            document
        },
    ))
}

/// The document as it is written. In schemas `nullable` needs a type beside it, which is that of what is referred to, and
/// what may be anything is `true`; and what a parameter's media type has as its example is the schema's.
fn as_written(document: &Value) -> Value {
    match document {
        Value::Object(members) => {
            let mut members: Map<String, Value> =
                members.iter().map(|(name, value)| (name.clone(), as_written(value))).collect();
            let is_reference = |parts: &Value| parts[0]["$ref"] == format!("#/components/schemas/{OTHER}");
            if members.get("nullable") == Some(&Value::Bool(true)) && members.get("allOf").is_some_and(is_reference) {
                members.insert("type".to_owned(), "object".into());
            }
            if members.get("additionalProperties") == Some(&json!({})) {
                members.insert("additionalProperties".to_owned(), true.into());
            }
            if members.contains_key("in")
                && let Some(form) =
                    members.get_mut("content").and_then(|forms| forms.get_mut("application/json")?.as_object_mut())
            {
                example_in_schema(form);
            }
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(as_written).collect(),
        other => other.clone(),
    }
}

/// Moves the example of a media type into its schema, unless that has another.
fn example_in_schema(form: &mut Map<String, Value>) {
    let Some(example) = form.remove("example") else { return };
    let schema = form["schema"].as_object_mut().expect("every parameter has a schema");
    match schema.get("example") {
        Some(known) if *known != example => _ = form.insert("example".to_owned(), example),
        Some(_) => {}
        None => {
            // Beside a reference there is nothing else.
            if let Some(target) = schema.remove("$ref") {
                schema
                    .extend([("type".to_owned(), "object".into()), ("allOf".to_owned(), json!([{ "$ref": target }]))]);
            }
            schema.insert("example".to_owned(), example);
        }
    }
}

/// The first place where two documents differ, with both values.
fn difference(place: &str, left: &Value, right: &Value) -> Option<String> {
    let nothing = Value::Null;
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.keys().all(|name| right.contains_key(name)) => {
            right.iter().find_map(|(name, value)| {
                let known = left.get(name).unwrap_or(&nothing);
                let is_there = left.contains_key(name);
                difference(&format!("{place}/{name}"), known, value)
                    .or((!is_there).then(|| format!("{place}: no {name}")))
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (left, right))| difference(&format!("{place}/{index}"), left, right)),
        _ => (left != right).then(|| format!("{place}: {left} is not {right}")),
    }
}

/// The document in OpenAPI 3.1.
fn document_in_3_1(document: &Value) -> Value {
    fn schemas(value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| match name.as_str() {
                    "schema" => (name.clone(), in_3_1(value)),
                    // What is kept as it stands holds no schemas.
                    "example" => (name.clone(), value.clone()),
                    name if name.starts_with("x-") => (name.to_owned(), value.clone()),
                    _ => (name.clone(), schemas(value)),
                })
                .collect(),
            Value::Array(items) => items.iter().map(schemas).collect(),
            other => other.clone(),
        }
    }
    let mut other = schemas(document);
    other["openapi"] = "3.1.0".into();
    let components = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    other["components"]["schemas"] = components.iter().map(|(name, schema)| (name.clone(), in_3_1(schema))).collect();
    other
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_contract_is_written_and_read_again_as_it_was(document in document()) {
        let contract = read::from_value(&document).map_err(|error| TestCaseError::fail(format!("{error}: {document}")))?;
        let written = emit::to_value(&contract);
        // Nothing is lost, and nothing comes of nothing.
        prop_assert_eq!(difference("#", &written, &as_written(&document)), None);
        prop_assert_eq!(&read::from_value(&written).unwrap(), &contract);

        let text = emit::to_yaml(&contract, "generated");
        let again = read::document(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(&again.contract, &contract, "{}", text);
        prop_assert_eq!(emit::to_yaml(&again.contract, "generated"), text);
        prop_assert_eq!(yaml::from_str(&emit::to_yaml(&contract, "")).unwrap(), written);

        let newer = document_in_3_1(&document);
        let newer = read::from_value(&newer).map_err(|error| TestCaseError::fail(format!("{error}: {newer}")))?;
        prop_assert_eq!(canonical::full(&newer), canonical::full(&contract));
        prop_assert_eq!(diff::compare(&contract, &newer), vec![]);
    }
}

/// What the strategies make is what the tests mean: among a hundred documents, everything is there.
#[test]
fn random_documents_have_everything() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let all: String = (0..100)
        .map(|_| proptest::strategy::ValueTree::current(&document().new_tree(&mut runner).unwrap()).to_string())
        .collect();
    for part in
        ["requestBody", "\"headers\"", "\"x-a\"", "\"security\":[{}", "oauth2", "\"patch\"", "allOf", "nullable"]
    {
        assert!(all.contains(part), "{part}");
    }
}
