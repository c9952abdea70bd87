use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::json;

use super::*;

/// Whoever wrote this contract means no good.
fn evil() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "</title><script>alert(1)</script>",
            "version": "\"><img src=x onerror=alert(2)>",
            "description": "</script><script>alert(3)</script>\u{2028}<!-- it's \\ {{policy}}",
        },
        "servers": [{ "url": "https://x; script-src 'unsafe-inline' *" }],
        "paths": {},
    })
}

fn made(contract: &Value, session: Option<Session<'_>>) -> Site {
    let json = contract.to_string();
    site(&Source { contract, yaml: "openapi: 3.0.3\n", json: &json, base: "/docs/", session }).unwrap()
}

fn text<'a>(site: &'a Site, path: &str) -> &'a str {
    &site.file(path).unwrap_or_else(|| panic!("{path}")).contents
}

#[test]
fn texts_of_the_contract_are_no_html_and_no_script() {
    let site = made(&evil(), None);
    let page = text(&site, PAGE);
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert_eq!(page.matches("<script").count(), 4, "its own");
    assert!(!page.contains("<img") && !page.contains("{{"), "{page}");
    let script = text(&site, "contract.js");
    for unwanted in ["<", ">", "\u{2028}", "it's"] {
        assert!(!script.contains(unwanted), "{unwanted:?} in {script}");
    }
    assert!(script.contains(r"it\'s"), "{script}");
    assert!(site.policy.ends_with("connect-src 'self'"), "{}", site.policy);
}

#[test]
fn a_script_holds_the_contract_word_for_word() {
    let script = contract_script(&Source { contract: &evil(), yaml: "", json: "", base: "", session: None });
    let (_, literal) = script.split_once("contract: JSON.parse('").unwrap();
    let literal = literal.strip_suffix("') };\n").unwrap();
    // As a script reads it: a backslash and what follows.
    let mut read = String::new();
    let mut rest = literal.chars();
    while let Some(character) = rest.next() {
        match (character == '\\').then(|| rest.next()).flatten() {
            None => read.push(character),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                read.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
            }
            Some(other) => read.push(other),
        }
    }
    assert_eq!(serde_json::from_str::<Value>(&read).unwrap(), evil());
}

#[test]
fn everything_that_the_page_loads_is_a_file_of_the_site() {
    let session = Session { sign_in: "/signin", xsrf_cookie: "XSRF-TOKEN", xsrf_header: "X-XSRF-TOKEN" };
    let site = made(&evil(), Some(session));
    let page = text(&site, PAGE);
    let mut loaded = 0;
    for address in page.split(['"']).filter(|part| part.contains("?v=")) {
        let (path, version) = address.strip_prefix("/docs/").unwrap().split_once("?v=").unwrap();
        let file = site.file(path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(file.version, version, "{path}");
        loaded += 1;
    }
    assert!(loaded >= 8, "{loaded}");
    let without_names = page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "");
    assert!(!without_names.contains("http"), "no other host: {page}");
    for inline in ["<style", " style=", " onclick=", "<script>", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    assert!(page.contains(r#"<a id="account" class="account" href="/signin">"#));
    assert!(!text(&made(&evil(), None), PAGE).contains("account"), "no session, no way to sign in");
}

#[test]
fn styles_load_nothing_from_elsewhere() {
    let site = made(&evil(), None);
    for path in ["swagger-ui.css", "reference.css"] {
        let style = text(&site, path);
        assert!(!style.contains("@import"), "{path}");
        for address in style.split("url(").skip(1) {
            assert!(address.trim_start_matches(['"', '\'']).starts_with("data:"), "{path}: {}", &address[..40]);
        }
    }
}

#[test]
fn what_is_sent_compressed_is_the_same() {
    let site = made(&evil(), None);
    for path in ["swagger-ui-bundle.js", "swagger-ui.css"] {
        let file = site.file(path).unwrap();
        let mut inflated = String::new();
        GzDecoder::new(file.gzip.unwrap()).read_to_string(&mut inflated).unwrap();
        assert!(inflated == *file.contents, "{path}");
    }
    assert!(text(&site, "swagger-ui-LICENSE.txt").contains("Apache License"));
}

#[test]
fn versions_change_with_contents_alone() {
    let (one, same) = (made(&evil(), None), made(&evil(), None));
    let other = made(&json!({ "openapi": "3.0.3", "info": {}, "paths": {} }), None);
    for file in &one.files {
        assert_eq!(file.version, same.file(file.path).unwrap().version, "{}", file.path);
        let is_made_of_it = ["index.html", "contract.js", "openapi.json"].contains(&file.path);
        assert_eq!(file.version != other.file(file.path).unwrap().version, is_made_of_it, "{}", file.path);
    }
}
