//! Texts of documents and generated Rust.

use std::path::Path;
use std::process::Command;

use docwright_codegen::Limits;
use docwright_contract::correct::correct;
use docwright_contract::{Contract, emit, read, yaml};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde_json::Value;
use xtask::{Reference, Workspace};

use super::{CALL, Place, WAYS_OUT, contract, generated_sources, page};

/// Pages and an OpenAPI document in one contract, as read back from the bytes that are reviewed.
fn hostile_contract() -> Contract {
    let place = Place::new();
    for (number, text) in WAYS_OUT.iter().enumerate() {
        place.write(&format!("documents/{number}.md"), &page(number, text));
    }
    let mut reference = Reference::read(&place.path("documents")).unwrap();
    assert!(!reference.has_errors(), "{:?}", reference.diagnostics);
    let (inferred, _) = correct(reference.infer().contract, None).unwrap();
    let of_pages = yaml::from_str(&emit::to_yaml(&inferred, "")).unwrap();
    let mut both = contract(WAYS_OUT);
    for (part, members) in [("/paths", &of_pages["paths"]), ("/components/schemas", &of_pages["components"]["schemas"])]
    {
        let all = both.pointer_mut(part).unwrap().as_object_mut().unwrap();
        all.extend(members.as_object().unwrap().clone());
    }
    // What the pages' operations share stands beside it.
    for (part, members) in of_pages["components"].as_object().unwrap() {
        let own = both["components"]
            .as_object_mut()
            .unwrap()
            .entry(part.clone())
            .or_insert(Value::Object(Default::default()));
        for (name, value) in members.as_object().unwrap() {
            own.as_object_mut().unwrap().entry(name.clone()).or_insert(value.clone());
        }
    }
    let text = emit::to_yaml(&read::from_value(&both).unwrap(), "");
    read::from_value(&yaml::from_str(&text).unwrap()).unwrap()
}

/// The macros that code calls, and the texts of documentation: each run of `#[doc = "…"]` is one. A parameter that the
/// documents call `pwned!{}` may well be the variable `pwned`.
#[derive(Default)]
struct Read {
    macros: Vec<String>,
    docs: Vec<Vec<TokenTree>>,
}

impl Read {
    fn of(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut run: Vec<TokenTree> = Vec::new();
        while let Some(token) = tokens.next() {
            if let (TokenTree::Punct(hash), Some(TokenTree::Group(group))) = (&token, tokens.peek())
                && hash.as_char() == '#'
                && group.delimiter() == Delimiter::Bracket
                && let [TokenTree::Ident(name), TokenTree::Punct(_), text] =
                    &group.stream().into_iter().collect::<Vec<_>>()[..]
                && name == "doc"
            {
                run.push(text.clone());
                tokens.next();
                continue;
            }
            // `#![doc = …]` has a `!` between.
            if !run.is_empty() {
                self.docs.push(std::mem::take(&mut run));
            }
            match token {
                TokenTree::Group(group) => self.of(group.stream()),
                TokenTree::Ident(name) if matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!') =>
                {
                    self.macros.push(name.to_string());
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        self.docs.extend((!run.is_empty()).then_some(run));
    }
}

#[test]
fn texts_of_documents_never_become_code() {
    let workspace = Workspace::locate().unwrap();
    let contract = hostile_contract();
    let complaints = xtask::rehearse(&workspace, &contract, "hostile", Limits::default()).unwrap();
    // Whether it says the same as the contract is another question: objects without a name have none to compare by.
    let refused: Vec<&String> = complaints.iter().filter(|complaint| !complaint.starts_with("error[drift]")).collect();
    assert_eq!(refused, Vec::<&String>::new(), "it compiles without a warning");

    let (mut read, mut comments) = (Read::default(), Vec::new());
    let folder = workspace.target().join("rehearsal/hostile/crates");
    for (path, source) in generated_sources(&folder) {
        let tokens: TokenStream = source.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut own = Read::default();
        own.of(tokens);
        // A carrier's comment is its schema's description too, word by word.
        if !path.starts_with(folder.join("models")) {
            comments
                .extend(own.docs.iter().filter(|run| run.iter().any(|text| text.to_string().contains(CALL))).cloned());
        }
        read.macros.append(&mut own.macros);
        read.docs.append(&mut own.docs);
    }
    assert!(read.macros.iter().any(|name| name == "format"), "{:?}", read.macros);
    assert!(!read.macros.iter().any(|name| name == "pwned"), "a text became code");
    let texts: Vec<String> = read.docs.iter().map(|run| run.iter().map(ToString::to_string).collect()).collect();
    let arrived = texts.iter().filter(|text| text.contains(CALL)).count();
    assert!(arrived > 10 * WAYS_OUT.len(), "only {arrived} comments hold what the documents say");
    runs_no_test(&comments);
    // Neither does what is left of the carriers' comments, nor what rustdoc may come to run one day.
    for package in ["models", "client", "api"] {
        let manifest = std::fs::read_to_string(folder.join(package).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("\ndoctest = false\n"), "{manifest}");
    }
}

/// Hands the comments to rustdoc as they are, without anything that would keep it from running what is in them.
fn runs_no_test(docs: &[Vec<TokenTree>]) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("comments.rs");
    let mut source = String::new();
    for (number, run) in docs.iter().enumerate() {
        run.iter().for_each(|text| source += &format!("#[doc = {text}]\n"));
        source += &format!("pub struct Comment{number};\n");
    }
    std::fs::write(&library, &source).unwrap();
    assert_eq!(tests_of(&library), 0, "rustdoc would run a text of the documents");
    // That it would find one.
    std::fs::write(&library, source + "/// ```\n/// assert!(true);\n/// ```\npub struct Found;\n").unwrap();
    assert_eq!(tests_of(&library), 1);
}

/// How many tests rustdoc finds in a file.
fn tests_of(library: &Path) -> usize {
    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let output = Command::new(rustdoc)
        .args(["--test", "--edition", "2024", "--crate-name", "comments", "--test-args", "--list"])
        .arg(library)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.ends_with(": test")).count()
}
