//! What every crate promises, ours and generated: no unsafe code, one oldest compiler, and what a registry asks for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use docwright_codegen::{Limits, Names, workspace};
use docwright_contract::{read, yaml};
use toml_edit::{DocumentMut, Item};
use xtask::Workspace;

/// A manifest of a package, with that of its workspace.
struct Package {
    place: String,
    own: DocumentMut,
    workspace: DocumentMut,
}

impl Package {
    fn text<'p>(&'p self, key: &str) -> Option<&'p str> {
        let own = &self.own["package"];
        match own.get(key) {
            Some(Item::Value(value)) => {
                value.as_str().or(if value.as_inline_table().is_some() { self.shared(key) } else { None })
            }
            Some(Item::Table(_)) => self.shared(key),
            _ => None,
        }
    }

    fn shared<'p>(&'p self, key: &str) -> Option<&'p str> {
        self.workspace["workspace"]["package"][key].as_str()
    }

    /// Where its own lints stand.
    fn lints(&self) -> Option<&Item> {
        let own = self.own.get("lints")?;
        if own.get("workspace").and_then(Item::as_bool) == Some(true) {
            self.workspace["workspace"].get("lints")
        } else {
            Some(own)
        }
    }

    fn is_published(&self) -> bool {
        self.own["package"].get("publish").and_then(Item::as_bool) == Some(true)
    }
}

fn parse(path: &Path) -> DocumentMut {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All packages of this repository, those of other workspaces in it too.
fn ours() -> Vec<Package> {
    let root = Workspace::locate().unwrap().root().to_owned();
    let output = Command::new("git")
        .arg("-C")
        .arg(&root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "Cargo.toml", "**/Cargo.toml"])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let manifests: Vec<PathBuf> = listed.lines().map(|line| root.join(line)).filter(|path| path.exists()).collect();
    let packages =
        manifests.iter().map(|path| (path, parse(path))).filter(|(_, manifest)| manifest.contains_key("package"));
    let packages = packages.map(|(path, own)| {
        let workspace = if own.contains_key("workspace") { own.clone() } else { parse(&root.join("Cargo.toml")) };
        Package { place: path.strip_prefix(&root).unwrap().display().to_string(), own, workspace }
    });
    packages.collect()
}

/// The packages of workspaces that are generated from a contract: in one crate each, and split.
fn generated() -> Vec<Package> {
    let text = fs::read_to_string(Workspace::locate().unwrap().contract()).unwrap();
    let contract = read::from_value(&yaml::from_str(&text).unwrap()).unwrap();
    let mut packages = Vec::new();
    for limits in [Limits::default(), Limits { carriers: 3, operations: 4 }] {
        let files = workspace::generate(&contract, Names::new("shop"), limits).unwrap().files;
        let manifest = |path: &str| -> DocumentMut {
            files.iter().find(|file| file.path == path).unwrap().contents.parse().unwrap()
        };
        let all = files.iter().map(|file| &file.path).filter(|path| path.ends_with("/Cargo.toml"));
        packages.extend(all.map(|path| Package {
            place: path.clone(),
            own: manifest(path),
            workspace: manifest("Cargo.toml"),
        }));
    }
    packages
}

#[test]
fn no_crate_may_hold_unsafe_code() {
    let (ours, generated) = (ours(), generated());
    assert!(ours.len() >= 13 && generated.len() > 10, "{} and {}", ours.len(), generated.len());
    for package in ours.iter().chain(&generated) {
        let level = package.lints().and_then(|lints| lints.get("rust")?.get("unsafe_code")?.as_str());
        assert_eq!(level, Some("forbid"), "{}", package.place);
    }
}

#[test]
fn every_crate_states_the_oldest_compiler_and_the_readme_too() {
    let ours = ours();
    let stated = ours
        .iter()
        .find(|package| package.place == "xtask/Cargo.toml")
        .unwrap()
        .shared("rust-version")
        .unwrap()
        .to_owned();
    for package in ours.iter().chain(&generated()) {
        assert_eq!(package.text("rust-version"), Some(stated.as_str()), "{}", package.place);
    }
    let readme = fs::read_to_string(Workspace::locate().unwrap().root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("({stated} or newer)")), "the README names another compiler than {stated}");
}

#[test]
fn published_crates_have_what_a_registry_asks_for() {
    let root = Workspace::locate().unwrap().root().to_owned();
    let ours = ours();
    let name = |package: &Package| package.own["package"]["name"].as_str().unwrap().to_owned();
    let published: Vec<String> = ours.iter().filter(|package| package.is_published()).map(name).collect();
    for needed in ["chat-models", "chat-client"] {
        assert!(published.iter().any(|name| name == needed), "{published:?}");
    }
    for package in ours.iter().filter(|package| package.is_published()) {
        let place = &package.place;
        for key in ["description", "license", "readme", "version", "rust-version"] {
            assert!(package.text(key).is_some_and(|text| !text.is_empty()), "{place} has no `{key}`");
        }
        for key in ["keywords", "categories"] {
            let count = package.own["package"][key].as_array().map_or(0, toml_edit::Array::len);
            assert!((1..=5).contains(&count), "{place}: {count} {key}");
        }
        let folder = root.join(place).parent().unwrap().to_owned();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.starts_with(&format!("# {}\n", name(package))), "{place}");
        for licence in ["LICENSE-MIT", "LICENSE-APACHE", "NOTICE"] {
            assert_eq!(
                fs::read(folder.join(licence)).unwrap(),
                fs::read(root.join(licence)).unwrap(),
                "{place}: {licence}"
            );
        }
        for (dependency, _) in package.own["dependencies"].as_table().unwrap() {
            let is_ours = ours.iter().any(|other| name(other) == dependency);
            assert!(
                !is_ours || published.iter().any(|name| name == dependency),
                "{place} needs `{dependency}`, which is not published"
            );
        }
    }
}
