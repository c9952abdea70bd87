//! Documents whose author means harm: whatever they say stays text, and stays where it belongs.

mod code;
mod places;
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// An undefined macro: wherever its call became code, nothing compiles.
const CALL: &str = "pwned!{}";

/// Ways out of comments, attributes, literals and lines, each with the call behind it.
const WAYS_OUT: &[&str] = &[
    "*/ pwned!{} /*",
    "\"] pwned!{} #[doc = \"",
    "\"#] pwned!{} #[doc = r#\"",
    "\"##; pwned!{} r##\"",
    "\\\"); pwned!{} (\"",
    "\n#![cfg(any())]\npwned!{}",
    "\n#[cfg(any())]\npwned!{}",
    "\r pwned!{} //",
    "\u{85}pwned!{}",
    "\u{2028}pwned!{}",
    "\u{b}pwned!{}\u{c}",
    "\u{202e}pwned!{}\u{2066}\u{61c}",
    "\0pwned!{}\u{1b}[2J",
    "{} {0} {{pwned!{}}} {name:?}",
    "$crate ${pwned!{}} $(pwned!{})*",
    "' } pwned!{} fn x() { '",
    "\n```\n\n```rust\npwned!{}\n```\n",
    "\n\n    pwned!{}\n\n",
    "\n~~~ignore\n~~~\n\n~~~\npwned!{}\n~~~",
    "<script>pwned!{}</script> [pwned!{}](javascript:pwned) [`std::process::exit`]",
    "</textarea>--><!--pwned!{}\u{feff}",
];

/// A folder with documents in it, and one for what is made of them; nothing else.
struct Place {
    folder: TempDir,
}

/// What a command did.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.path("documents")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs a command here.
    fn xtask(&self, arguments: &[&str]) -> Run {
        self.run(Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments))
    }

    /// The same, where the system lets it have 3 GB of addresses and no more: it ends before the machine is in trouble.
    fn xtask_in_little_memory(&self, arguments: &[&str]) -> Run {
        if cfg!(not(unix)) {
            return self.xtask(arguments);
        }
        let limited = ["-c", "ulimit -v 3000000 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_xtask")];
        self.run(Command::new("sh").args(limited).args(arguments))
    }

    fn run(&self, command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.current_dir(self.folder.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// All that stands here, with what files hold; links are named and not followed.
    fn everything(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for entry in walkdir::WalkDir::new(self.folder.path()).min_depth(1) {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(self.folder.path()).unwrap().display().to_string();
            let contents = match entry.file_type() {
                kind if kind.is_file() => fs::read_to_string(entry.path()).unwrap(),
                kind if kind.is_symlink() => fs::read_link(entry.path()).unwrap().display().to_string(),
                _ => String::new(),
            };
            found.insert(path, contents);
        }
        found
    }
}

/// A page with one text wherever a page has one. A table's cell is one line.
fn page(number: usize, text: &str) -> String {
    let cell: String = text.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }).collect();
    let cell = cell.replace('|', "\\|");
    let sample = json!({ "Name": text, "Nested": { (text): text, "Other": text }, "Kind": cell });
    format!(
        "---\ntitle: POST Thing{number}/{{id}} {cell}\nid: v1Thing{number}Entity_Make\nauthor: {cell}\n---\n\n\
         # POST Thing{number}/{{id}}\n\n```http\nPOST /api/v1/Thing{number}/{{id}}\n```\n\nMakes {text}\n\nMore {text}\n\n\
         | Path Part | Type | Description |\n|---|---|---|\n| id | string | Which {cell} |\n\n\
         ## Query String Parameters\n\n| Parameter Name | Type | Description |\n|---|---|---|\n\
         | kind | Enum: {cell}, B | What {cell} |\n| {cell} | string | Odd {cell} |\n\n\
         ## Request Headers\n\n| Parameter Name | Description |\n|---|---|\n| Accept | `application/json` {cell} |\n\
         | X-Odd | An own one {cell} |\n\n## Request Body: Thing{number}\n\nSent {text}\n\n\
         | Property Name | Type | Description |\n|---|---|---|\n| Name | string | Called {cell} |\n| {cell} | string | Odd {cell} |\n\n\
         ## Response: Thing{number}\n\nAnswered {text}\n\n| Response | Description |\n|---|---|\n| 200 | OK {cell} |\n| 404 | {cell} |\n\n\
         Response body: Thing{number}\n\n| Property Name | Type | Description |\n|---|---|---|\n| Name | string | Called {cell} |\n\
         | Kind | Enum: {cell}, B | A kind {cell} |\n| Nested | | Inside {cell} |\n\n## Sample Request\n\n\
         ```http!\nPOST /api/v1/Thing{number}/{{id}}\nX-Odd: {cell}\n\n{sample}\n```\n\n\
         ```http_\nHTTP/1.1 200 OK\nContent-Type: application/json; charset=utf-8\n\n{sample}\n```\n"
    )
}

/// An OpenAPI document with these texts wherever one has any: names, texts, values, examples.
fn contract(texts: &[&str]) -> Value {
    let (mut paths, mut schemas) = (json!({}), json!({}));
    for (number, text) in texts.iter().enumerate() {
        let pointer = text.replace('~', "~0").replace('/', "~1");
        let carrier = json!({ "$ref": format!("#/components/schemas/{pointer}") });
        let content = json!({ "application/json": { "schema": carrier, "example": { "Name": text, (*text): text } } });
        let parameter = |name: &str, place: &str, schema: Value| json!({ "name": name, "in": place, "required": place == "path", "description": text, "schema": schema });
        paths[format!("/other{number}/{{id}}")] = json!({ "post": {
            "operationId": text,
            "tags": [format!("tag {text}")],
            "summary": text,
            "description": text,
            "externalDocs": { "description": text, "url": "https://example.com" },
            "parameters": [
                parameter("id", "path", json!({ "type": "string", "pattern": text })),
                parameter(text, "query", json!({ "type": "string", "enum": [text, "b"], "default": text })),
                parameter(&format!("X-Odd{number}"), "header", json!({ "type": "string", "example": text })),
            ],
            "requestBody": { "description": text, "required": true, "content": content },
            "responses": { "200": { "description": text, "content": content }, "404": { "description": text } },
            "x-odd": { (*text): text },
        } });
        schemas[*text] = json!({
            "type": "object",
            "title": text,
            "description": text,
            "properties": {
                "Name": { "type": "string", "description": text, "default": text, "pattern": text },
                (*text): { "type": "string", "description": text },
                "Kind": { "type": "string", "description": text, "enum": [text, "b"] },
                "Open": { "type": "string", "x-extensible-enum": [text, "b"] },
                "Inner": { "type": "object", "description": text, "properties": { (*text): { "type": "integer", "format": text } } },
            },
        });
    }
    let all = texts.concat();
    json!({
        "openapi": "3.0.3",
        "info": { "title": all, "version": all, "description": all, "contact": { "name": all } },
        "servers": [{ "url": "https://example.com", "description": all }],
        "tags": [{ "name": all, "description": all }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "odd": { "type": "apiKey", "in": "header", "name": "X-Key", "description": all } },
        },
        "security": [{ "odd": [] }],
    })
}

/// The source files below a folder that hold what was generated, not the support that comes along.
fn generated_sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let sources = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    sources.map(|entry| (entry.path().to_owned(), fs::read_to_string(entry.path()).unwrap())).collect()
}
