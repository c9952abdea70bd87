//! Names in documents and the places that are written to and read from.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::json;

use super::{Place, contract, page};

/// Names that lead elsewhere, or that an operating system takes for something else.
const NAMES: &[&str] = &[
    "../x",
    "../../../../../../tmp/x",
    "/etc/x",
    "C:\\x",
    "\\\\host\\x",
    "..",
    ".",
    "a/../../b",
    "a\0b",
    "a\nb",
    "con",
    "CON",
    "aux.rs",
    "nul",
    "com1",
    "lpt9",
    "x.",
    "x ",
    "-rf",
    "~",
    "$HOME",
    "%TEMP%",
    "a:b",
    "mod",
    "lib",
    "Cargo.toml",
];

/// Whether a name means a file of that name on every system: Windows opens a device for some, whatever stands behind the
/// first dot.
fn is_plain(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_numbered = |device: &str| stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest != "_");
    let is_device = ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt");
    let is_named_plainly = name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    is_named_plainly && !is_device && !name.ends_with('.') && !name.starts_with('-') && name != ".."
}

#[test]
fn names_of_documents_stay_within_the_output_folder() {
    let place = Place::new();
    let inner = "inner/most/out";
    place.write("contract.json", &contract(NAMES).to_string());
    for (number, name) in NAMES.iter().enumerate() {
        let page = page(number, name)
            .replace(&format!("id: v1Thing{number}Entity_Make"), &format!("id: {}", name.replace(['\n', '\0'], "")));
        place.write(&format!("documents/{number}.md"), &page);
    }
    let before = place.everything();
    for (number, arguments) in [
        &["generate", "--contract", "contract.json"][..],
        &["docs", "--contract", "contract.json"],
        &["generate", "--documents", "documents", "--skip-bad-pages"],
    ]
    .into_iter()
    .enumerate()
    {
        let run = place.xtask(&[arguments, &["--out", &format!("{inner}/{number}")]].concat());
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
    }

    let after = place.everything();
    let written: Vec<&String> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(written.iter().filter(|path| path.ends_with(".rs")).count() > 2 * NAMES.len(), "{written:?}");
    for path in written {
        assert!(inner.starts_with(path.as_str()) || path.starts_with(&format!("{inner}/")), "{path}");
        assert!(path.split('/').all(is_plain), "`{path}` is no name everywhere");
    }
    for (path, contents) in &before {
        assert_eq!(after.get(path), Some(contents), "`{path}` was changed");
    }
}

/// Links that lead out of the output folder, wherever they stand on the way.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    for (link, target) in [
        ("out/openapi.yaml", "outside/file"),
        ("out/openapi.yaml", "outside/nothing"),
        ("out/crates", "outside"),
        ("out/crates/models/src", "outside"),
        ("out/crates/models/src/generated", "outside/nothing"),
        ("out/.docwright", "outside/file"),
        ("out/index.html", "outside/file"),
        ("out/.docwright-docs", "outside/nothing"),
    ] {
        let place = Place::new();
        place.write("documents/page.md", &page(1, "Thing"));
        place.write("contract.json", &contract(&["Thing"]).to_string());
        fs::create_dir(place.path("outside")).unwrap();
        place.write("outside/file", "mine");
        fs::create_dir_all(place.path(link).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(place.path(target), place.path(link)).unwrap();
        let before = place.everything();
        let of_docs = link.contains("docs") || link.contains("index");
        let commands: &[&[&str]] = if of_docs {
            &[&["docs", "--contract", "contract.json", "--out", "out"]]
        } else {
            &[
                &["generate", "--documents", "documents", "--out", "out"],
                &["generate", "--contract", "contract.json", "--out", "out"],
            ]
        };
        for command in commands {
            let run = place.xtask(command);
            assert_eq!(run.code, Some(2), "{link}: {run:?}");
            assert!(run.stderr.contains("is a symbolic link; remove it"), "{link}: {run:?}");
            assert_eq!(place.everything(), before, "{link} → {target}");
        }
    }
}

/// Links among the pages could show files that whoever runs the command may read, and nobody else.
#[cfg(unix)]
#[test]
fn links_among_the_pages_are_not_read() {
    let place = Place::new();
    place.write("documents/page.md", &page(1, "Thing"));
    place.write("secret.md", &page(2, "SECRET"));
    fs::create_dir(place.path("private")).unwrap();
    place.write("private/secret.md", &page(3, "SECRET"));
    std::os::unix::fs::symlink(place.path("secret.md"), place.path("documents/link.md")).unwrap();
    std::os::unix::fs::symlink(place.path("private"), place.path("documents/folder")).unwrap();
    let run = place.xtask(&["generate", "--documents", "documents", "--out", "out", "--contract-only", "--verbose"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let contract = fs::read_to_string(place.path("out/openapi.yaml")).unwrap();
    assert!(contract.contains("v1Thing1Entity_Make") && !contract.contains("SECRET"), "{contract}");
    assert!(!run.stdout.contains("SECRET") && !run.stderr.contains("SECRET"), "{run:?}");
}

/// Neither a file nor a server learns that a document refers to it.
#[test]
fn references_out_of_a_document_are_refused_and_never_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/schema.json", listener.local_addr().unwrap());
    let place = Place::new();
    place.write("secret.json", &json!({ "type": "object", "description": "SECRET" }).to_string());
    let secret = place.path("secret.json").display().to_string();
    for target in [
        address.clone(),
        format!("{address}#/Thing"),
        format!("file://{secret}"),
        secret,
        "secret.json".to_owned(),
        "secret.json#/x".to_owned(),
    ] {
        let text = contract(&["Thing"]).to_string().replace("#/components/schemas/Thing", &target);
        place.write("contract.json", &text);
        place.write("swagger.json", &json!({
            "swagger": "2.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/x": { "get": { "operationId": "x", "responses": { "200": { "description": "", "schema": { "$ref": target } } } } } },
        }).to_string());
        for file in ["contract.json", "swagger.json"] {
            for arguments in [
                &["generate", "--contract", file, "--out", "out"][..],
                &["docs", "--contract", file, "--out", "site"],
                &["diff", file, file],
                &["mock", "--contract", file, "--listen", "127.0.0.1:0"],
            ] {
                let run = place.xtask(arguments);
                assert_eq!(run.code, Some(failure_of(arguments[0])), "{arguments:?}: {run:?}");
                assert!(
                    run.stderr.contains("outside this document: bundle the documents into one"),
                    "{arguments:?}: {run:?}"
                );
                assert!(!run.stdout.contains("SECRET") && !run.stderr.contains("SECRET"), "{run:?}");
            }
        }
    }
    assert!(!place.path("out").exists() && !place.path("site").exists());
    let asked = listener.accept();
    assert!(matches!(&asked, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "{asked:?}");
}

/// The exit code of a command that fails: 1 of `diff` tells of changes.
fn failure_of(command: &str) -> i32 {
    if command == "diff" { 2 } else { 1 }
}

/// A few lines that would unfold to billions of values.
#[test]
fn small_documents_do_not_unfold_to_huge_ones() {
    let place = Place::new();
    let mut bomb = "openapi: 3.0.3\nx0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let before = format!("*x{}, ", level - 1).repeat(9);
        bomb += &format!("x{level}: &x{level} [{}]\n", before.trim_end_matches(", "));
    }
    place.write("bomb.yaml", &bomb);
    let merges: String =
        (1..30).map(|level| format!("m{level}: &m{level} {{ <<: *m{0}, a: *m{0}, b: *m{0} }}\n", level - 1)).collect();
    place.write("merges.yaml", &format!("openapi: 3.0.3\nm0: &m0 {{ a: 1 }}\n{merges}"));
    place.write("deep.yaml", &format!("openapi: {}", "[".repeat(1_000_000)));
    place.write("deep.json", &format!("{{\"openapi\": {}", "[".repeat(1_000_000)));
    let overlay =
        format!("overlay: 1.0.0\ninfo: {{ title: o, version: '1' }}\n{}", bomb.replace("openapi: 3.0.3\n", ""));
    place.write("overlay.yaml", &overlay);
    place.write("plain.json", &contract(&["Thing"]).to_string());
    for file in ["bomb.yaml", "merges.yaml", "deep.yaml", "deep.json"] {
        for arguments in [
            &["generate", "--contract", file, "--out", "out", "--contract-only"][..],
            &["docs", "--contract", file, "--out", "site"],
            &["diff", "plain.json", file],
        ] {
            let run = place.xtask_in_little_memory(arguments);
            assert_eq!(run.code, Some(failure_of(arguments[0])), "{arguments:?}: {run:?}");
        }
    }
    let run = place.xtask_in_little_memory(&[
        "generate",
        "--contract",
        "plain.json",
        "--overlay",
        "overlay.yaml",
        "--out",
        "out",
    ]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(!Path::new(&place.path("out")).exists());
}
