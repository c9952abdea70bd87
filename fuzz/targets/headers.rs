//! The headers of a request, a line each (`Accept: text/html`). Every reader refuses with 400 or understands; what is
//! negotiated is what RFC 9110 says, secrets are never shown, and what is understood can be written and is understood the
//! same again.

#![no_main]

#[path = "../../crates/api/tests/negotiation/reference.rs"]
mod reference;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chat_api::{
    ApiError, Credentials, Culture, LanguagePreference, LanguageTag, SessionCookie, negotiate, parse_time_zone,
    time_zone_pattern,
};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use regex::Regex;

/// What the service offers where its contract says most.
const OFFERED: &[&str] =
    &["application/json", "text/json", "application/xml", "text/xml", "application/merge-patch+json"];

/// The languages that texts are there in.
static LANGUAGES: LazyLock<Vec<LanguageTag>> =
    LazyLock::new(|| ["US", "NO", "GE", "en-GB", "zh-Hant"].into_iter().map(LanguageTag::vendor).collect());

/// What the contract admits as a time zone.
static ZONES: LazyLock<Regex> = LazyLock::new(|| Regex::new(&time_zone_pattern()).expect("it is a pattern"));

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    check_media_type(&headers);
    check_languages(&headers);
    headers.get_all("so-timezone").iter().filter_map(|value| value.to_str().ok()).for_each(check_zone);
    for cookie in [SessionCookie::Plain, SessionCookie::Host] {
        check_credentials(&headers, cookie);
    }
});

fn refused(error: &ApiError) {
    assert_eq!(error.status(), 400, "{error}");
    assert!(error.message().len() < 2_000, "what was sent is repeated at length: {error}");
}

/// The values of a header as text; nothing where one is none.
fn texts(headers: &HeaderMap, name: HeaderName) -> Option<Vec<&str>> {
    headers.get_all(name).iter().map(|value| value.to_str().ok()).collect()
}

fn check_media_type(headers: &HeaderMap) {
    use reference::Answer;

    let expected = texts(headers, ACCEPT).map_or(Answer::Malformed, |lines| reference::media_type(&lines, OFFERED));
    let found = match negotiate(headers, OFFERED) {
        Ok(media_type) => Answer::Chosen(media_type),
        Err(error) if error.status() == 406 => Answer::NotAcceptable,
        Err(error) => {
            refused(&error);
            Answer::Malformed
        }
    };
    assert_eq!(found, expected, "{headers:?}");
}

fn check_languages(headers: &HeaderMap) {
    let found = match LanguagePreference::from_headers(headers) {
        Ok(found) => found,
        Err(error) => return refused(&error),
    };
    if let Some(best) = found.best(&LANGUAGES) {
        assert!(best < LANGUAGES.len() && !found.is_unchanged(), "{found:?}");
    }
    if !headers.contains_key("so-language") {
        let lines = texts(headers, ACCEPT_LANGUAGE).expect("it was understood");
        // The layer looks at 32 of a line, and no further.
        if lines.iter().all(|line| line.matches(',').count() < 32) {
            let ranges = reference::language_ranges(&lines.join(","));
            let mut ranges = ranges.unwrap_or_else(|| panic!("{lines:?} was understood"));
            ranges.sort_by(|(_, a), (_, b)| b.cmp(a));
            let end = ranges.iter().position(|(range, _)| matches!(range.as_str(), "*" | "x" | "X"));
            ranges.truncate(end.unwrap_or(ranges.len()));
            let wanted = ranges.iter().filter(|(_, weight)| *weight > 0).map(|(range, _)| range.clone());
            let found: Vec<String> = found.wanted().iter().map(ToString::to_string).collect();
            assert_eq!(found, wanted.collect::<Vec<_>>(), "{lines:?}");
        }
    }
    match Culture::from_headers(headers, &found) {
        Ok(None) => {}
        Ok(Some(culture)) => {
            let again: LanguageTag = LanguageTag::vendor(&culture.to_string());
            assert_eq!(again.to_string(), culture.to_string());
            assert!(!culture.integer(-1_234_567).is_empty());
        }
        Err(error) => refused(&error),
    }
}

fn check_zone(value: &str) {
    match parse_time_zone(value) {
        Ok(zone) => {
            let name = zone.iana_name().expect("zones are of the database");
            assert_eq!(parse_time_zone(name).ok(), Some(zone.clone()), "{value:?}");
            assert_eq!(parse_time_zone(&format!(" {} , includetzoffset", name.to_lowercase())).ok(), Some(zone));
        }
        Err(message) => {
            assert!(!ZONES.is_match(value), "the contract admits {value:?}");
            assert!(message.len() < 500 && !message.contains(|c: char| c.is_control()), "{message:?}");
        }
    }
}

fn check_credentials(headers: &HeaderMap, cookie: SessionCookie) {
    let credentials = match Credentials::from_headers(headers, cookie) {
        Ok(credentials) => credentials,
        Err(error) => {
            refused(&error);
            let shown = format!("{error} {error:?}");
            for value in headers.get_all(AUTHORIZATION).iter().filter_map(|value| value.to_str().ok()) {
                let secret = value.rsplit(' ').next().unwrap_or_default();
                assert!(secret.len() < 40 || !shown.contains(secret), "{shown}");
            }
            return;
        }
    };
    let shown = format!("{credentials:?}");
    let (expected, again) = match &credentials {
        Credentials::Basic { user, password } => {
            assert!(!user.contains(':') && !format!("{user}{}", password.expose()).contains(char::is_control));
            let again = STANDARD.encode(format!("{user}:{}", password.expose()));
            (format!("Basic {{ user: {user:?}, password: [redacted] }}"), Some(("basic", again)))
        }
        Credentials::SoTicket(secret) => {
            ("SoTicket([redacted])".to_owned(), Some(("SOTICKET", secret.expose().to_owned())))
        }
        Credentials::Bearer(secret) => ("Bearer([redacted])".to_owned(), Some(("bearer", secret.expose().to_owned()))),
        Credentials::Session { xsrf, .. } => {
            assert!(!headers.contains_key(AUTHORIZATION), "what is said expressly comes first");
            let xsrf = if xsrf.is_some() { "Some([redacted])" } else { "None" };
            (format!("Session {{ token: [redacted], xsrf: {xsrf} }}"), None)
        }
        Credentials::Missing | Credentials::Unsupported { .. } => return,
    };
    assert_eq!(shown, expected, "a secret is shown, or something else is not");
    let Some((scheme, again)) = again else { return };
    let mut once_more = HeaderMap::new();
    once_more.insert(AUTHORIZATION, format!("{scheme} {again}").parse().expect("it was a header"));
    let read = match Credentials::from_headers(&once_more, cookie) {
        Ok(read) => read,
        Err(error) => panic!("{error}: {once_more:?}"),
    };
    let is_same = match (&credentials, &read) {
        (Credentials::Basic { user, password }, Credentials::Basic { user: again, password: once_more }) => {
            (user, password) == (again, once_more)
        }
        (Credentials::SoTicket(a), Credentials::SoTicket(b)) | (Credentials::Bearer(a), Credentials::Bearer(b)) => {
            a == b
        }
        _ => false,
    };
    assert!(is_same, "{headers:?}");
}
