//! What a caller asks of the answer: `Prefer: code=404, example=name, dynamic=true` (RFC 7240).

use http::{HeaderMap, HeaderName};

/// The header.
pub(crate) static PREFER: HeaderName = HeaderName::from_static("prefer");
/// The header that says which preferences counted.
pub(crate) static PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preferences that the mock knows; others are ignored, as the RFC asks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Preferences {
    /// The status of the answer.
    pub(crate) code: Option<String>,
    /// The name of an example.
    pub(crate) example: Option<String>,
    /// A value from the schema, although there is an example.
    pub(crate) dynamic: bool,
}

impl Preferences {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for value in headers.get_all(&PREFER) {
            let text = String::from_utf8_lossy(value.as_bytes());
            for (name, value) in parts(&text) {
                match name.to_ascii_lowercase().as_str() {
                    // The first of a name counts, says the RFC.
                    "code" if preferences.code.is_none() => preferences.code = Some(value),
                    "example" if preferences.example.is_none() => preferences.example = Some(value),
                    "dynamic" => preferences.dynamic |= value.is_empty() || value.eq_ignore_ascii_case("true"),
                    _ => {}
                }
            }
        }
        preferences
    }

    /// The value of `Preference-Applied`, where anything was asked.
    pub(crate) fn applied(&self) -> Option<String> {
        let code = self.code.as_ref().map(|code| format!("code={code}"));
        let example = self.example.as_ref().map(|name| {
            let is_token = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            if is_token { format!("example={name}") } else { format!("example=\"{}\"", name.replace(['"', '\\'], "_")) }
        });
        let dynamic = self.dynamic.then(|| "dynamic=true".to_owned());
        let all: Vec<String> = code.into_iter().chain(example).chain(dynamic).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// Names and values, separated by commas or semicolons outside quotes.
fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            ',' | ';' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    let split = parts.map(|part| part.split_once('=').map_or((part, ""), |(name, value)| (name.trim(), value.trim())));
    split.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{PREFER, Preferences};

    #[test]
    fn what_is_preferred() {
        #[track_caller]
        fn check(text: &str, code: Option<&str>, example: Option<&str>, dynamic: bool) {
            let mut headers = HeaderMap::new();
            headers.insert(&PREFER, HeaderValue::from_str(text).unwrap());
            let expected = Preferences { code: code.map(str::to_owned), example: example.map(str::to_owned), dynamic };
            assert_eq!(Preferences::of(&headers), expected, "{text}");
        }
        check("code=404", Some("404"), None, false);
        check("Code = 404 , example=\"a, b; \\\"c\\\"\"", Some("404"), Some("a, b; \"c\""), false);
        check("dynamic", None, None, true);
        check("dynamic=false; example=x", None, Some("x"), false);
        check("code=404, code=500", Some("404"), None, false);
        check("respond-async, wait=10", None, None, false);
        check("", None, None, false);
    }
}
