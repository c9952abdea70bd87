//! The generated form is what `chat-api` compiles and serves in its tests: here it is kept fresh.

use std::fs;
use std::path::PathBuf;

use docwright_contract::{Contract, read, yaml};

use super::generate;

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

/// A contract with one operation, in the members given.
fn with_operation(path: &str, members: &str) -> String {
    let text = format!(
        "{{openapi: 3.0.3, info: {{title: T, version: '1'}}, paths: {{'{path}': {{get: {{operationId: op, {members}}}}}}}}}"
    );
    generate(&contract(&text)).map_or_else(|error| error.to_string(), |files| files.len().to_string())
}

#[test]
fn what_the_router_cannot_serve_is_refused() {
    let ok = "responses: {'204': {description: ''}}";
    let with_path = |names: &str| {
        let parameters: Vec<String> = names
            .split(' ')
            .map(|name| format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}"))
            .collect();
        format!("parameters: [{}], {ok}", parameters.join(", "))
    };
    for (path, members, expected) in [
        ("/plain", ok.to_owned(), "6"),
        ("/a/{id}", with_path("id"), "6"),
        ("/a/{id}.json", ok.to_owned(), "segment `{id}.json` is neither fixed nor one parameter"),
        ("/a/x({id})", ok.to_owned(), "segment `x({id})` is neither fixed nor one parameter"),
        ("/a/:id", ok.to_owned(), "segment `:id` is neither fixed nor one parameter"),
        ("/a/{id}", with_path("other"), "the path has no parameter `other`"),
    ] {
        let answer = with_operation(path, &members);
        assert!(answer.ends_with(expected), "{path}: {answer}");
    }
}

#[test]
fn the_same_contract_gives_the_same_files() {
    let text = include_str!("../../../api/tests/synthetic/openapi.yaml");
    assert_eq!(generate(&contract(text)).unwrap(), generate(&contract(text)).unwrap());
}
