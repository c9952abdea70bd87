//! How a client is spread over crates.

use std::collections::BTreeSet;
use std::path::Path;

use docwright_contract::{Contract, read};
use serde_json::{Value, json};

use super::{ClientPackages, FACADE, SUPPORT, packages};
use crate::{Limits, Names};

/// Operations called after their tags: `A B A` are `a1`, `b2` and `a3`.
fn contract(tags: &str) -> Contract {
    let paths: serde_json::Map<String, Value> = tags
        .split_whitespace()
        .enumerate()
        .map(|(index, tag)| {
            let id = format!("{}{}", tag.to_lowercase(), index + 1);
            let answers = json!({ "200": { "description": "" } });
            let operation = json!({ "operationId": id, "tags": [tag], "responses": answers });
            (format!("/{id}"), json!({ "get": operation }))
        })
        .collect();
    let info = json!({ "title": "Test <API>", "version": "1" });
    read::from_value(&json!({ "openapi": "3.0.3", "info": info, "paths": paths })).unwrap()
}

fn made(tags: &str, operations: usize) -> ClientPackages {
    packages(&contract(tags), Names::new("my"), Limits { operations, ..Limits::default() }).unwrap()
}

#[test]
fn operations_of_a_tag_stay_together_where_they_fit() {
    for (tags, limit, expected) in [
        ("A B A B", 4, vec!["client"]),
        ("A B A B", 2, vec!["a1 a3", "b2 b4"]),
        ("A B A B C", 3, vec!["a1 a3", "b2 b4 c5"]),
        ("A A A B", 2, vec!["a1 a2", "a3 b4"]),
        ("A B", 0, vec!["a1", "b2"]),
    ] {
        let packages = made(tags, limit).packages;
        let methods = |path: &str| {
            let file = packages.last().unwrap().files.iter().find(|file| file.path == path);
            file.map(|file| {
                let lines = crate::client::surface(&file.contents).unwrap();
                lines.lines().map(|line| line.split('(').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
            })
        };
        let parts = (1..).map_while(|number| methods(&format!("src/generated/part_{number}.rs")));
        let parts: Vec<String> = parts.collect();
        let folders: Vec<&str> = packages.iter().map(|package| package.folder.as_str()).collect();
        if expected == ["client"] {
            assert_eq!((folders, parts.len()), (expected, 0), "{tags} {limit}");
            continue;
        }
        assert_eq!(parts, expected, "{tags} {limit}");
        let numbered: Vec<String> = (1..=parts.len()).map(|number| format!("client-{number}")).collect();
        let all = std::iter::once("client-core").chain(numbered.iter().map(String::as_str)).chain(["client"]);
        assert_eq!(folders, all.collect::<Vec<_>>(), "{tags} {limit}");
    }
}

#[test]
fn nothing_is_called_after_this_workspace() {
    for limit in [1, 9] {
        for package in made("A B", limit).packages {
            for file in &package.files {
                for word in ["chat_", "chat-", "README", "Chat"] {
                    assert!(
                        !file.contents.contains(word),
                        "{word} in {}/{}: {}",
                        package.folder,
                        file.path,
                        file.contents
                    );
                }
            }
        }
    }
}

#[test]
fn all_support_is_brought_along() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/src");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            match relative.as_str() {
                // Tests stay here.
                "generated" | "lib.rs" | "request/tests.rs" | "request/tests" => {}
                _ if path.is_dir() => folders.push(path),
                _ => {
                    found.insert(relative);
                }
            }
        }
    }
    let brought: BTreeSet<String> = SUPPORT.iter().chain(FACADE).map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, brought);
}

#[test]
fn the_documentation_shows_a_method_that_there_is() {
    for limit in [1, 9] {
        let packages = made("A B", limit).packages;
        let library = packages.last().unwrap().files.iter().find(|file| file.path == "src/lib.rs").unwrap();
        assert!(library.contents.starts_with("//! A client of \"Test \\<API>\".\n"), "{}", library.contents);
        assert!(library.contents.contains("\n//! let answer = client.a1().await?;\n"), "{}", library.contents);
        assert!(library.contents.contains("\n\nmod client;\n"), "{}", library.contents);
    }
}
