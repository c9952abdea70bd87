use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// A contract whose schema `name` holds the schemas in `holds`.
fn contract(schemas: &[(&str, &[&str])]) -> Contract {
    let mut contract = Contract::default();
    contract.info.title = "A\n  \"test\"".to_owned();
    for (name, holds) in schemas {
        let properties = holds.iter().map(|held| ((*held).to_owned(), Schema::reference(*held).nullable()));
        let ty = Type::Object {
            properties: properties.chain([("Id".to_owned(), Schema::new(Type::Integer { format: None }))]).collect(),
            required: BTreeSet::new(),
            additional: Additional::Unstated,
        };
        contract.schemas.insert((*name).to_owned(), Schema::new(ty));
    }
    contract
}

fn file<'a>(packages: &'a [Package], folder: &str, path: &str) -> &'a str {
    let package = packages.iter().find(|package| package.folder == folder).unwrap();
    &package.files.iter().find(|file| file.path == path).unwrap().contents
}

#[test]
fn carriers_that_hold_each_other_stay_together() {
    let check = |limit: usize, schemas: &[(&str, &[&str])], expected: &[(&[&str], &[usize])]| {
        let contract = contract(schemas);
        let parts = parts(&contract, limit);
        let found: Vec<(Vec<&str>, Vec<usize>)> =
            parts.iter().map(|part| (part.schemas.iter().copied().collect(), part.needs.clone())).collect();
        let expected: Vec<(Vec<&str>, Vec<usize>)> =
            expected.iter().map(|(names, needs)| (names.to_vec(), needs.to_vec())).collect();
        assert_eq!(found, expected, "{schemas:?}");
    };
    check(1, &[("A", &["B"]), ("B", &["C"]), ("C", &[])], &[(&["C"], &[]), (&["B"], &[1]), (&["A"], &[2])]);
    // A circle is larger than the limit, and still one crate.
    check(
        2,
        &[("A", &["B"]), ("B", &["C"]), ("C", &["A", "D"]), ("D", &[])],
        &[(&["D"], &[]), (&["A", "B", "C"], &[1])],
    );
    check(
        2,
        &[("A", &["A"]), ("B", &[]), ("C", &["A"]), ("D", &["B", "E"])],
        &[(&["B", "D"], &[]), (&["A", "C"], &[])],
    );
    check(9, &[("A", &["Missing"])], &[(&["A"], &[])]);
}

#[test]
fn many_carriers_become_several_crates_and_one_for_users() {
    let names: Vec<String> = (0..100).map(|number| format!("Carrier{number}")).collect();
    let holds: Vec<[&str; 1]> = (0..100).map(|number| [names[(number / 2) as usize].as_str()]).collect();
    let schemas: Vec<(&str, &[&str])> =
        names.iter().zip(&holds).map(|(name, holds)| (name.as_str(), &holds[..])).collect();
    let contract = contract(&schemas);
    let packages = packages(&contract, Names::new("shop"), Limits { carriers: 30, ..Limits::default() }).unwrap();
    let folders: Vec<&str> = packages.iter().map(|package| package.folder.as_str()).collect();
    assert_eq!(folders, ["models-core", "models-1", "models-2", "models-3", "models-4", "models"]);

    // Every carrier is in one crate, and what a crate needs was made before.
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 1..=4 {
        let root = file(&packages, &format!("models-{number}"), "src/generated/mod.rs");
        for name in names.iter().filter(|name| root.contains(&format!("::{name};"))) {
            assert_eq!(owners.insert(name, number), None, "{name}");
        }
        let manifest = file(&packages, &format!("models-{number}"), "Cargo.toml");
        for later in number..=4 {
            assert!(!manifest.contains(&format!("shop-models-{later}.workspace")), "{manifest}");
        }
        assert!(manifest.contains("xml = [\"shop-models-core/xml\""), "{manifest}");
    }
    assert_eq!(owners.len(), 100);
    assert!(owners.values().all(|owner| owners.values().filter(|other| *other == owner).count() <= 30));

    let facade = file(&packages, "models", "src/lib.rs");
    assert!(facade.starts_with("//! The carriers of \"A \"test\"\": what"), "{facade}");
    assert!(facade.contains("pub use shop_models_core::*;\npub use shop_models_1::*;\n"), "{facade}");
    assert!(!file(&packages, "models-core", "src/lib.rs").contains("generated"));
}

#[test]
fn few_carriers_are_one_crate_as_in_this_workspace() {
    let packages = packages(&contract(&[("A", &[])]), Names::new("shop"), Limits::default()).unwrap();
    assert_eq!(packages.len(), 1);
    let manifest = file(&packages, "models", "Cargo.toml");
    assert!(manifest.contains("name = \"shop-models\"") && manifest.contains("doctest = false"), "{manifest}");
    assert!(!manifest.contains("dev-dependencies") && !manifest.contains("chat"), "{manifest}");
    assert!(file(&packages, "models", "src/lib.rs").contains("mod date_time;\n"));
    assert!(file(&packages, "models", "src/generated/a.rs").contains("pub struct A"));
    for generated in &packages[0].files {
        assert!(!generated.contents.contains("chat_models"), "{}", generated.path);
    }
}

#[test]
fn all_support_is_brought_along() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("generated")).then_some(path));
            } else {
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.retain(|path| path != "lib.rs" && !path.ends_with("tests.rs"));
    found.sort();
    let brought: Vec<&str> = SUPPORT.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, brought);
}

#[test]
fn without_carriers_nothing_is_exported() {
    let packages = packages(&contract(&[]), Names::new("shop"), Limits::default()).unwrap();
    let library = file(&packages, "models", "src/lib.rs");
    assert!(!library.contains("generated") && library.contains("pub use visit::"), "{library}");
}
