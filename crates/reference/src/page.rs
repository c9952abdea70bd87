//! The page: a frame of our own around what scripts fill in.

use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};
use serde_json::Value;

use crate::{File, Source};

const TEMPLATE: &str = include_str!("../assets/index.html");

/// What a contract without a title is called.
const UNTITLED: &str = "API";

/// The page of a site with these files.
pub(crate) fn page(source: &Source<'_>, files: &[File], policy: &str) -> String {
    let info = |member: &str| source.contract.pointer(&format!("/info/{member}")).and_then(Value::as_str);
    let title = info("title").filter(|title| !title.trim().is_empty()).unwrap_or(UNTITLED);
    filled(TEMPLATE, |name| match name {
        "title" => text(title).into_owned(),
        "version" => text(info("version").unwrap_or_default()).into_owned(),
        "policy" => attribute(policy).into_owned(),
        "account" => account(source),
        path => {
            let version = files.iter().find(|file| file.path == path).map(|file| &*file.version).unwrap_or_default();
            let address = format!("{}{path}?v={version}", source.base);
            attribute(&address).into_owned()
        }
    })
}

/// The way to the page that signs in; the script says who is signed in.
fn account(source: &Source<'_>) -> String {
    source.session.map_or_else(String::new, |session| {
        format!("<a id=\"account\" class=\"account\" href=\"{}\">Sign in</a>\n", attribute(session.sign_in))
    })
}

/// Fills each `{{name}}` of a template. What is filled in is not looked at again.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        filled.push_str(&value(name));
        filled.push_str(rest);
    }
    filled
}
