//! The API reference of a contract as a web site: search, the documents' own texts, examples, and requests to try.
//!
//! [`site`] makes all files of it from an OpenAPI or Swagger document. Nothing in them calls another host: Swagger UI,
//! which renders operations and sends requests, comes with the site. The same files work on a server and, opened from a
//! disk, without one; a contract of thousands of operations is usable at once, because Swagger UI only ever gets the
//! document of the operation that is looked at (`assets/script/model.js`).
//!
//! What it leaves to others: reading and judging contracts, writing files, HTTP.

mod page;
mod policy;
mod swagger_ui;

use std::borrow::Cow;
use std::fmt::Write as _;

use flate2::Crc;
use serde_json::Value;

pub use swagger_ui::{ArchiveError, VERSION as SWAGGER_UI_VERSION};

/// What a site is made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The contract that is shown: OpenAPI 3.0, 3.1 or Swagger 2.0, as its author wrote it.
    pub contract: &'a Value,
    /// The contract to be downloaded as `openapi.yaml`.
    pub yaml: &'a str,
    /// The contract to be downloaded as `openapi.json`.
    pub json: &'a str,
    /// What the addresses of files begin with: empty beside the page, `/docs/` where the page has several addresses.
    pub base: &'a str,
    /// How the browser's own session signs in, where the contract's server has such sessions.
    pub session: Option<Session<'a>>,
}

/// A browser session that *try it* may use: a cookie that scripts cannot read, and a random value that requests repeat.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// The address of the page that signs in.
    pub sign_in: &'a str,
    /// The cookie that holds the session's random value.
    pub xsrf_cookie: &'a str,
    /// The header that repeats it.
    pub xsrf_header: &'a str,
}

/// All files of a site.
#[derive(Clone, Debug)]
pub struct Site {
    /// The files; the page is [`PAGE`].
    pub files: Vec<File>,
    /// The content security policy that the page states, for servers to state it too.
    pub policy: String,
}

/// The page's own path.
pub const PAGE: &str = "index.html";

/// A file of a site.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it stands, relative to the page.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub contents: Cow<'static, str>,
    /// The same as a gzip stream, where there is one at no cost.
    pub gzip: Option<&'static [u8]>,
    /// Changes with the contents. Pages ask for `path?v=version`.
    pub version: String,
}

impl File {
    fn new(path: &'static str, contents: impl Into<Cow<'static, str>>) -> Self {
        let contents = contents.into();
        let version = fingerprint(contents.as_bytes());
        Self { path, media_type: media_type(path), contents, gzip: None, version }
    }
}

impl Site {
    /// The file of this path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

const THEME: &str = include_str!("../assets/theme.js");
const STYLE: &str = include_str!("../assets/reference.css");

/// The site's own script: parts in one scope that nothing else can reach.
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("../assets/script/model.js"),
    include_str!("../assets/script/search.js"),
    include_str!("../assets/script/navigation.js"),
    include_str!("../assets/script/requests.js"),
    include_str!("../assets/script/streams.js"),
    include_str!("../assets/script/access.js"),
    include_str!("../assets/script/pages.js"),
    include_str!("../assets/script/main.js"),
    "})();\n",
);

/// Makes the site of a contract.
///
/// # Errors
/// The archive of Swagger UI that is compiled in cannot be read.
///
/// # Examples
/// ```
/// let contract = serde_json::json!({
///     "openapi": "3.0.3",
///     "info": { "title": "Desks", "version": "1.0.0" },
///     "paths": {},
/// });
/// let json = contract.to_string();
/// let source =
///     docwright_reference::Source { contract: &contract, yaml: "openapi: 3.0.3\n", json: &json, base: "", session: None };
/// let site = docwright_reference::site(&source)?;
/// assert!(site.file("index.html").is_some_and(|page| page.contents.contains("Desks")));
/// # Ok::<(), docwright_reference::ArchiveError>(())
/// ```
pub fn site(source: &Source<'_>) -> Result<Site, ArchiveError> {
    let mut files = swagger_ui::files()?;
    files.extend([
        File::new("theme.js", THEME),
        File::new("reference.css", STYLE),
        File::new("reference.js", SCRIPT),
        File::new("contract.js", contract_script(source)),
        File::new("openapi.yaml", source.yaml.to_owned()),
        File::new("openapi.json", source.json.to_owned()),
    ]);
    let policy = policy::policy(source.contract);
    let page = page::page(source, &files, &policy);
    files.insert(0, File::new(PAGE, page));
    Ok(Site { files, policy })
}

/// The contract as a script, because a page that was opened from a disk may not read files, but may load scripts.
///
/// A text to be parsed, because browsers read megabytes of JSON several times faster than they read as much script.
fn contract_script(source: &Source<'_>) -> String {
    let session = source
        .session
        .map(|session| serde_json::json!({ "xsrfCookie": session.xsrf_cookie, "xsrfHeader": session.xsrf_header }));
    let session = escaped(&session.unwrap_or_default().to_string());
    let contract = escaped(&source.contract.to_string());
    format!("globalThis.reference = {{ session: JSON.parse('{session}'), contract: JSON.parse('{contract}') }};\n")
}

/// A text as it stands between single quotes in a script, wherever that script stands.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str(r"\\"),
            '\'' => escaped.push_str(r"\'"),
            // What could end the script, or begin a comment of HTML in it; and line ends of older scripts.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{0}'..='\u{1f}' | '\u{7f}' => {
                _ = write!(escaped, "\\u{:04x}", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Short, the same for the same bytes, and most likely another for others.
fn fingerprint(bytes: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(bytes);
    format!("{:08x}{:x}", crc.sum(), bytes.len())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        // RFC 9512.
        Some("yaml") => "application/yaml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests;
