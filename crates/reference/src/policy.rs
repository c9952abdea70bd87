//! What the page may load, and whom it may call.

use std::collections::BTreeSet;

use serde_json::Value;

/// Scripts and styles of the site alone, and no inline ones; Swagger UI's icons are `data:`, pictures in answers `blob:`.
/// No other pictures, of the site neither: texts of a contract could name any address of its server as one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data: blob:; \
    base-uri 'none'; form-action 'none'";

/// More servers than this are not called; nobody lists so many.
const MAX_SERVERS: usize = 100;

/// The content security policy for a contract: what is called is the page's own server, and those that the contract
/// names.
pub(crate) fn policy(contract: &Value) -> String {
    let mut origins = BTreeSet::new();
    for url in urls(contract) {
        if origins.len() == MAX_SERVERS {
            break;
        }
        origins.extend(origin(&url));
    }
    let servers: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    format!("{POLICY}; connect-src 'self'{servers}")
}

/// The addresses of all servers that the contract names: at its root, at paths and at operations. First those that are
/// chosen at the beginning, then those that people may choose.
fn urls(contract: &Value) -> impl Iterator<Item = String> {
    let items = contract.get("paths").and_then(Value::as_object).into_iter().flat_map(|paths| paths.values());
    let places = items.flat_map(|item| {
        let operations = item.as_object().into_iter().flat_map(|item| item.values());
        std::iter::once(item).chain(operations)
    });
    let stated = std::iter::once(contract).chain(places).filter_map(|place| place.get("servers")?.as_array()).flatten();
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for mut urls in stated.map(server_urls) {
        others.extend(urls.split_off(urls.len().min(1)));
        chosen.extend(urls);
    }
    chosen.into_iter().chain(swagger_servers(contract)).chain(others)
}

/// The addresses of a server: the one with the defaults of its variables, then those with the other values.
fn server_urls(server: &Value) -> Vec<String> {
    let Some(url) = server.get("url").and_then(Value::as_str) else { return Vec::new() };
    // The variables of a path change no origin.
    let host = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let end = url[host..].find('/').filter(|_| host > 0).map_or(url.len(), |path| host + path);
    let mut urls = vec![url[..end].to_owned()];
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        let place = &format!("{{{name}}}");
        let default = variable.get("default");
        let listed = variable.get("enum").and_then(Value::as_array).into_iter().flatten();
        let values =
            default.into_iter().chain(listed.filter(|value| Some(*value) != default)).filter_map(Value::as_str);
        let values: Vec<&str> = values.take(MAX_SERVERS).collect();
        if values.is_empty() || !urls[0].contains(place) {
            continue;
        }
        let filled = urls.iter().flat_map(|url| values.iter().map(move |value| url.replace(place, value)));
        urls = filled.take(MAX_SERVERS).collect();
    }
    urls
}

/// The same of Swagger 2.0.
fn swagger_servers(contract: &Value) -> Vec<String> {
    let Some(host) = contract.get("host").and_then(Value::as_str) else { return Vec::new() };
    let schemes = contract.get("schemes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let schemes: Vec<&str> = schemes.collect();
    let schemes = if schemes.is_empty() { vec!["https", "http"] } else { schemes };
    schemes.iter().map(|scheme| format!("{scheme}://{host}")).collect()
}

/// `https://api.example.com:8443` of an address; `None` of what is no plain origin: it goes into a policy, in which a
/// blank or a semicolon would begin something else.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte));
    let is_named = host.starts_with(|first: char| first.is_ascii_alphanumeric());
    (matches!(&*scheme, "http" | "https") && is_plain && is_named).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_plain_origins_get_into_the_policy() {
        for (url, expected) in [
            ("https://api.example.com/v1?x=1", Some("https://api.example.com")),
            ("HTTP://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://user:secret@api.example.com/", Some("https://api.example.com")),
            ("/", None),
            ("//api.example.com", None),
            ("ftp://api.example.com", None),
            ("https://*.example.com", None),
            ("https://", None),
            ("https://a; script-src *", None),
            ("https://a'b", None),
            ("https://{region}.example.com", None),
            ("javascript://a/%0aalert(1)", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn every_server_of_a_contract_may_be_called() {
        let contract = json!({
            "servers": [
                { "url": "https://{region}.example.com", "variables": { "region": { "default": "eu" } } },
                { "url": "/" },
            ],
            "paths": { "/a": {
                "servers": [{ "url": "https://a.example.com" }],
                "get": { "servers": [{ "url": "http://b.example.com:81/x" }] },
            } },
        });
        let policy = policy(&contract);
        let connect = "connect-src 'self' http://b.example.com:81 https://a.example.com https://eu.example.com";
        assert!(policy.ends_with(connect), "{policy}");
    }

    #[test]
    fn every_choice_of_a_server_may_be_called() {
        let region: Vec<String> = (0..90).map(|number| format!("r{number}")).collect();
        let contract = |enumerated: &[String]| {
            json!({ "servers": [
                {
                    "url": "https://{region}.example.com:{port}/{tenant}",
                    "variables": {
                        "tenant": { "default": "t0", "enum": enumerated },
                        "region": { "default": "eu", "enum": enumerated },
                        "port": { "default": "443", "enum": ["443", "8443"] },
                    },
                },
                { "url": "{server}/v1", "variables": { "server": { "default": "https://last.example.com" } } },
            ] })
        };
        let policy = policy(&contract(&region[..1]));
        let connect = "connect-src 'self' https://eu.example.com:443 https://eu.example.com:8443 \
            https://last.example.com https://r0.example.com:443 https://r0.example.com:8443";
        assert!(policy.ends_with(connect), "{policy}");
        let long = super::policy(&contract(&region));
        assert_eq!(long.matches("https://").count(), MAX_SERVERS, "{long}");
        assert!(long.contains(" https://last.example.com"), "defaults come first: {long}");
    }

    #[test]
    fn pictures_come_with_the_page_alone() {
        assert!(policy(&json!({})).contains("; img-src data: blob:; "));
    }

    #[test]
    fn servers_of_swagger_may_be_called() {
        let swagger = json!({ "swagger": "2.0", "host": "c.example.com", "schemes": ["https"], "paths": {} });
        assert!(policy(&swagger).ends_with("connect-src 'self' https://c.example.com"));
    }
}
