//! The generated form is what `chat-api` compiles and serves in its tests: here it is kept fresh.

use std::fs;
use std::path::PathBuf;

use docwright_contract::{Contract, read, yaml};

use super::generate;
use crate::{Limits, Names};

fn contract(text: &str) -> Contract {
    read::from_value(&yaml::from_str(text).unwrap()).unwrap()
}

/// Set `UPDATE_FIXTURES` to write the files instead of comparing them.
#[test]
fn the_synthetic_server_layer_is_fresh() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/tests/synthetic");
    let text = fs::read_to_string(folder.join("openapi.yaml")).unwrap();
    for file in generate(&contract(&text)).unwrap() {
        let path = folder.join("generated").join(&file.path);
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &file.contents).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == file.contents,
            "crates/api/tests/synthetic/generated/{} is stale; run `UPDATE_FIXTURES=1 cargo test -p docwright-codegen`, \
             review the difference, then run the tests of chat-api",
            file.path
        );
    }
}

/// What comes of operations: each a method, a path and its id.
fn with_operations(operations: &[(&str, &str, &str)]) -> String {
    let paths: Vec<String> = operations
        .iter()
        .map(|(method, path, id)| format!("'{path}': {{{method}: {{operationId: {id}, responses: {{}}}}}}"))
        .collect();
    let text = format!("{{openapi: 3.0.3, info: {{title: T, version: '1'}}, paths: {{{}}}}}", paths.join(", "));
    match generate(&contract(&text)) {
        Ok(files) => files.into_iter().find(|file| file.path == "untagged.rs").unwrap().contents,
        Err(error) => error.to_string(),
    }
}

#[test]
fn operations_that_a_router_cannot_tell_apart_are_both_named() {
    for (first, second, expected) in [
        (
            ("get", "/a/{id}", "one"),
            ("get", "/a/{aId}", "two"),
            "operation `two`: `GET /a/{aId}` is the same to a router as `GET /a/{id}` of operation `one`",
        ),
        (
            ("put", "/a b", "one"),
            ("put", "a%20b", "two"),
            "operation `two`: `PUT /a%20b` is the same to a router as `PUT /a b` of operation `one`",
        ),
    ] {
        assert_eq!(with_operations(&[first, second]), expected);
    }
}

/// What comes of an operation whose answer and marker are these: its file.
fn with_list(marker: &str, schema: &str) -> String {
    let answer = format!("{{'200': {{description: '', content: {{application/json: {{schema: {schema}}}}}}}}}");
    let text = format!(
        "{{openapi: 3.0.3, info: {{title: T, version: '1'}}, components: {{schemas: {{Items: {{type: object}}, List: {{type: array, \
         items: {{type: string}}}}}}}}, paths: {{/a: {{get: {{operationId: one, x-docwright-stream: {marker}, responses: {answer}}}}}}}}}"
    );
    match generate(&contract(&text)) {
        Ok(files) => files.into_iter().find(|file| file.path == "untagged.rs").unwrap().contents,
        Err(error) => error.to_string(),
    }
}

#[test]
fn marked_lists_are_given_item_by_item() {
    let items = "{type: array, items: {$ref: '#/components/schemas/Items'}}";
    let text = with_list("true", items);
    assert!(text.contains("Result<Items<models::Items>, ApiError>"), "{text}");
    assert!(text.contains("answer.json_items(StatusCode::OK, value, Arc::clone(&service)).await"), "{text}");
    assert!(text.contains("use crate::support::{Items, Call, Security};"), "{text}");
    // A carrier of that name is not what the support has.
    let text = with_list("false", items);
    assert!(text.contains("Result<Vec<models::Items>, ApiError>") && !text.contains("support::{Items"), "{text}");
    for (marker, schema, expected) in [
        ("'yes'", items, "operation `one`: `x-docwright-stream` is neither true nor false"),
        ("true", "{type: string}", "operation `one`: `x-docwright-stream`: no answer is a list"),
        ("true", "{$ref: '#/components/schemas/List'}", "operation `one`: `x-docwright-stream`: no answer is a list"),
        (
            "true",
            "{type: array, nullable: true, items: {type: string}}",
            "operation `one`: `x-docwright-stream`: no answer is a list",
        ),
    ] {
        let text = with_list(marker, schema);
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn paths_that_differ_in_names_are_one_route() {
    let text = with_operations(&[("get", "/a/{id}", "one"), ("put", "/a/{aId}", "two")]);
    assert!(text.contains(r#".route("/a/{id}", routing::get(one::<S>).put(two::<S>))"#), "{text}");
    // Nobody declares the parameters, and the service gets them all the same.
    assert!(text.contains("a_id: String"), "{text}");
}

/// Operations of a tag stay together, and no crate is larger than it must be.
#[test]
fn many_operations_become_several_crates_and_one_for_users() {
    let operation = |number: usize| {
        format!(
            "'/{number}': {{get: {{operationId: op{number}, tags: [T{}], responses: {{'200': {{description: ''}}}}}}}}",
            number / 4
        )
    };
    let paths: Vec<String> = (0..20).map(operation).collect();
    let text = format!("{{openapi: 3.0.3, info: {{title: T, version: '1'}}, paths: {{{}}}}}", paths.join(", "));
    let contract = contract(&text);
    let folders = |operations: usize| -> Vec<String> {
        let limits = Limits { operations, ..Limits::default() };
        let packages = super::packages(&contract, Names::new("shop"), limits).unwrap();
        packages.into_iter().map(|package| package.folder).collect()
    };
    assert_eq!(folders(20), ["api"]);
    assert_eq!(folders(19), ["api-core", "api-1", "api-2", "api"]);
    assert_eq!(folders(8), ["api-core", "api-1", "api-2", "api-3", "api"]);
    // Every tag is larger than that.
    assert_eq!(folders(3), ["api-core", "api-1", "api-2", "api-3", "api-4", "api-5", "api"]);
}

#[test]
fn all_support_is_brought_along_under_the_workspaces_names() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/src");
    let mut expected = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("generated")).then_some(path));
            } else {
                expected
                    .push(format!("src/{}", path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/")));
            }
        }
    }
    expected.sort();
    let contract = contract("{openapi: 3.0.3, info: {title: T, version: '1'}, paths: {}}");
    let packages = super::packages(&contract, Names::new("shop"), Limits::default()).unwrap();
    let files = &packages[0].files;
    let mut found: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    found.retain(|path| path.starts_with("src/") && !path.starts_with("src/generated/"));
    found.sort_unstable();
    assert_eq!(found, expected);
    for file in files {
        assert!(!file.contents.contains("chat_api") && !file.contents.contains("chat-models"), "{}", file.path);
    }
}

/// What the root of the crate exports cannot be the name of a tag's trait.
#[test]
fn exported_names_are_not_given_away() {
    let library = include_str!("../../../api/src/lib.rs");
    let exports = library.split("pub use ").skip(1).filter_map(|export| export.split(';').next());
    let names = exports.flat_map(|export| export.split(|c: char| !c.is_alphanumeric() && c != '_'));
    for name in names.filter(|name| name.chars().any(char::is_lowercase) && name.starts_with(char::is_uppercase)) {
        assert!(super::operation::TAKEN_TYPES.contains(&name), "{name}");
    }
}

#[test]
fn what_the_layer_does_not_do_is_said() {
    let found = super::left_out(&contract(
        "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /things:
    get:
      operationId: things
      security: [{key: []}, {query: []}]
      parameters:
      - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {a: {type: string}}}}
      - {name: plain, in: query, schema: {type: array, items: {type: string}}}
      - {name: json, in: query, content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: OK
          headers: {X-Next: {schema: {type: string}}, Retry-After: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Both'}}}
        '429': {description: No, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
components:
  schemas:
    Problem: {type: object, properties: {title: {type: string}}}
    Both: {allOf: [{$ref: '#/components/schemas/Problem'}, {type: object, properties: {b: {type: string}}}]}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: key}
",
    ));
    let expected = [
        "errors of the server layer have the members `Error`, `ErrorMessage`, `ErrorSource`, `ErrorType`, and not those of \
         the documented body (`Problem`)",
        "carrier `Both`: it combines schemas, and is any JSON value in Rust",
        "operation `things`: query parameter `filter`: the server layer does not put an object together from what was sent",
        "operation `things`: query parameter `json`: the service gets the text that was sent",
        "operation `things`: answer 200: the service cannot send the header `X-Next`",
    ];
    assert_eq!(found.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[test]
fn headers_that_all_operations_share_are_common_unless_they_belong_to_one_call() {
    let operation = |id: &str, headers: &str| {
        format!("'/{id}': {{post: {{operationId: {id}, parameters: [{headers}], responses: {{}}}}}}")
    };
    let reference = |name: &str| format!("{{$ref: '#/components/parameters/{name}'}}");
    let (all, some, key) = (reference("All"), reference("Some"), reference("Key"));
    let paths =
        [operation("one", &[&*all, &some, &key].join(", ")), operation("two", &[&*all, &key].join(", "))].join(", ");
    let files = generate(&contract(&format!(
        "{{openapi: 3.0.3, info: {{title: T, version: '1'}}, paths: {{{paths}}}, components: {{parameters: {{
         All: {{name: X-All, in: header, schema: {{type: string}}}}, Some: {{name: X-Some, in: header, schema: {{type: string}}}},
         Key: {{name: Idempotency-Key, in: header, required: true, schema: {{type: string}}}}}}}}}}"
    )))
    .unwrap();
    let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().contents;
    let (headers, methods) = (text("headers.rs"), text("untagged.rs"));
    assert!(headers.contains("pub x_all: Option<String>") && !headers.contains("pub x_some"), "{headers}");
    assert!(!headers.contains("pub idempotency_key"), "{headers}");
    assert!(headers.contains(r#"&["Idempotency-Key", "X-All", "X-Some"]"#), "{headers}");
    assert_eq!(methods.matches("idempotency_key: String,").count(), 2, "{methods}");
    assert_eq!(methods.matches("x_some: Option<String>,").count(), 1, "{methods}");
}

#[test]
fn what_is_refused_is_said() {
    let text = include_str!("../../../api/tests/synthetic/openapi.yaml");
    let found = super::left_out(&contract(text)).unwrap();
    let expected = "operation `maybe`: the server layer refuses a request body of type `text/json`, `multipart/form-data` with 415";
    assert!(found.iter().any(|left_out| left_out.to_string() == expected), "{found:?}");
}

/// A contract of almost nothing compiles without a warning.
#[test]
fn without_schemas_none_are_imported() {
    let files = generate(&contract("{openapi: 3.0.3, info: {title: T, version: '1'}, paths: {}}")).unwrap();
    let schemas = files.iter().find(|file| file.path == "schemas.rs").unwrap();
    assert!(schemas.contents.contains("use schemars::Schema;\n\n") && !schemas.contents.contains("models"));
}

#[test]
fn the_same_contract_gives_the_same_files() {
    let text = include_str!("../../../api/tests/synthetic/openapi.yaml");
    assert_eq!(generate(&contract(text)).unwrap(), generate(&contract(text)).unwrap());
}
