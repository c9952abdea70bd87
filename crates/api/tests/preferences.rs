//! Languages, culture and time zone: what the headers make of answers and errors, through the router; and whether
//! the contract's patterns say what the service admits.

use std::sync::Arc;

use chat_api::models::{Address, ChatSessionEntity, Contact, FieldProperty, FreeForm, Person, Ticket};
use chat_api::{ApiError, Authenticate, Presented, RequestContext, Resources};
use chat_test_support::TestResponse;
use docwright_contract::{read, yaml};
use http::{Method, StatusCode};
use regex::Regex;
use serde_json::{Value, json};

use crate::stand_in::{ITEMS, LIST, PICKUP, StandIn, app, router};

const VALUE: &str = "US:\"Supplier\";NO:\"Leverandør\"";

#[derive(Debug)]
struct Texts;

impl Resources for Texts {
    fn texts(&self, name: &str) -> Vec<(&str, &str)> {
        match name {
            "SR_HELLO" => vec![("en", "Hello"), ("no", "Hei")],
            "SR_ERROR_HEADER" => vec![("en", "Bad {header}"), ("no", "Feil i {header}")],
            "SR_ERROR_NOTHING_AT" => vec![("en", "Nothing at {path}"), ("no", "Ingenting på {path}")],
            _ => Vec::new(),
        }
    }
}

#[derive(Default)]
struct Fake;

impl Authenticate for Fake {
    type Caller = ();

    async fn authenticate(&self, _: Presented) -> Result<(), ApiError> {
        Ok(())
    }

    fn resources(&self) -> &dyn Resources {
        &Texts
    }
}

impl StandIn for Fake {
    async fn list(&self, _: RequestContext<()>) -> Result<Vec<ChatSessionEntity>, ApiError> {
        Ok(vec![session()])
    }

    /// Tells what the service is told, or refuses where no culture is wanted.
    async fn pick_up(&self, context: RequestContext<()>) -> Result<ChatSessionEntity, ApiError> {
        let culture = context.culture.ok_or_else(|| ApiError::not_found(VALUE))?;
        let zone = context.time_zone.and_then(|zone| zone.iana_name().map(str::to_owned));
        let language = context.language.wanted().first().map(ToString::to_string);
        Ok(ChatSessionEntity {
            customer_alias: Some(culture.integer(1234)),
            customer_host: zone,
            customer_name: language,
            ..ChatSessionEntity::default()
        })
    }
}

fn session() -> ChatSessionEntity {
    let address =
        json!({ "Label": VALUE, "Lines": ["[SR_HELLO]", { "Deep": VALUE }], "Since": "2026-07-01T12:00:00Z" });
    let Value::Object(address) = address else { unreachable!() };
    ChatSessionEntity {
        customer_name: Some(VALUE.to_owned()),
        first_message: Some("[SR_HELLO], [SR_UNKNOWN]!".to_owned()),
        last_message: Some("Plain \u{e6}".to_owned()),
        status: Some(VALUE.into()),
        when_requested: "2026-07-01T12:00:00.1234567Z".parse().ok(),
        when_started: "2026-01-01T12:00:00Z".parse().ok(),
        when_ended: "0001-01-01T00:00:00Z".parse().ok(),
        person: Some(Person { full_name: Some(VALUE.to_owned()), ..Person::default() }),
        contact: Some(Contact { address: Some(Address(FreeForm(address))), ..Contact::default() }),
        ticket: Some(Ticket { deadline: "2026-01-01T12:00:00+02:00".parse().ok(), ..Ticket::default() }),
        field_properties: Some(
            [(VALUE.to_owned(), FieldProperty { field_type: Some(VALUE.to_owned()), ..FieldProperty::default() })]
                .into(),
        ),
        ..ChatSessionEntity::default()
    }
}

async fn answer(method: Method, path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let request = app(router(Arc::new(Fake))).request(method, path);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

async fn send(method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let answer = answer(method, path, headers).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn without_headers_nothing_changes() {
    let expected = json!([session()]);
    for headers in [
        &[][..],
        &[("accept-language", "*")],
        &[("so-language", "x"), ("accept-language", "nb")],
        &[("so-culture", "nb")],
        &[("accept-language", "")],
    ] {
        assert_eq!(send(Method::GET, LIST, headers).await, (StatusCode::OK, expected.clone()), "{headers:?}");
    }
}

#[tokio::test]
async fn every_text_is_translated_and_every_date_time_moved() {
    let headers = [("so-language", "nb-no"), ("so-timezone", "no, includeTZOffset")];
    let (status, answer) = send(Method::GET, LIST, &headers).await;
    assert_eq!(status, StatusCode::OK);
    for (pointer, expected) in [
        ("/0/CustomerName", "Leverandør"),
        ("/0/FirstMessage", "Hei, [SR_UNKNOWN]!"),
        ("/0/LastMessage", "Plain \u{e6}"),
        ("/0/Person/FullName", "Leverandør"),
        ("/0/Contact/Address/Label", "Leverandør"),
        ("/0/Contact/Address/Lines/0", "Hei"),
        ("/0/Contact/Address/Lines/1/Deep", "Leverandør"),
        // What is not documented as a date-time is text.
        ("/0/Contact/Address/Since", "2026-07-01T12:00:00Z"),
        ("/0/Status", VALUE),
        ("/0/WhenRequested", "2026-07-01T14:00:00.1234567+02:00"),
        ("/0/WhenStarted", "2026-01-01T13:00:00+01:00"),
        // The date that is not set.
        ("/0/WhenEnded", "0001-01-01T00:00:00Z"),
        ("/0/Ticket/Deadline", "2026-01-01T11:00:00+01:00"),
    ] {
        assert_eq!(answer.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer}");
    }
    // Names of properties are no texts.
    assert_eq!(answer[0]["FieldProperties"][VALUE]["FieldType"], "Leverandør");
}

#[tokio::test]
async fn items_are_translated_and_moved_as_the_list_is() {
    let bytes = async |path: &str, headers: &[(&str, &str)]| {
        let answer = answer(Method::GET, path, headers).await;
        (answer.status, answer.body)
    };
    for headers in [
        &[][..],
        &[("so-language", "nb-no"), ("so-timezone", "no, includeTZOffset")],
        &[("accept-language", "en"), ("so-timezone", "261")],
        // XML cannot carry the key of a map.
        &[("accept", "application/xml"), ("so-language", "nb-no")],
    ] {
        assert_eq!(bytes(ITEMS, headers).await, bytes(LIST, headers).await, "{headers:?}");
    }
}

#[tokio::test]
async fn the_service_is_told_what_is_wanted() {
    for (headers, expected) in [
        (&[("so-language", "NO"), ("so-timezone", "261")][..], ["1\u{a0}234", "Europe/Oslo", "NO"]),
        (&[("so-language", "NO"), ("so-culture", "en-GB"), ("so-timezone", "utc")], ["1,234", "UTC", "NO"]),
        (&[("accept-language", "de;q=0.5, fr"), ("so-timezone", "US-NY")], ["1\u{202f}234", "America/New_York", "fr"]),
    ] {
        let (status, answer) = send(Method::POST, PICKUP, headers).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let told = ["CustomerAlias", "CustomerHost", "CustomerName"].map(|name| answer[name].as_str().unwrap());
        assert_eq!(told, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn errors_are_translated() {
    for (method, path, headers, status, message) in [
        (Method::POST, PICKUP, &[][..], 404, VALUE),
        (Method::GET, "/x", &[], 404, "there is nothing at `/x`"),
        (Method::GET, "/x", &[("so-language", "no")], 404, "Ingenting på /x"),
        (Method::GET, "/x", &[("accept-language", "en")], 404, "Nothing at /x"),
        (Method::GET, LIST, &[("so-language", "no"), ("so-culture", "?")], 400, "Feil i SO-Culture"),
        // Which language a malformed header asks for, nobody knows.
        (Method::GET, LIST, &[("so-language", "?")], 400, "header `SO-Language`: it is no language tag"),
        // No text for it: the message stays.
        (Method::POST, LIST, &[("so-language", "no")], 405, "`/api/list` cannot be called with POST"),
    ] {
        let (answered, error) = send(method, path, headers).await;
        assert_eq!((answered.as_u16(), error["ErrorMessage"].as_str()), (status, Some(message)), "{path} {headers:?}");
    }
}

/// The pattern that `openapi.yaml` has for a shared header.
fn pattern(header: &str) -> String {
    let contract = read::from_value(&yaml::from_str(include_str!("../../../openapi.yaml")).unwrap()).unwrap();
    let parameter = contract.parameters.values().find(|parameter| parameter.name == header).unwrap();
    parameter.schema.constraints.pattern.clone().unwrap()
}

#[test]
fn the_contract_says_which_time_zones_there_are() {
    assert!(
        pattern("SO-TimeZone") == chat_api::time_zone_pattern(),
        "the zones have changed: put the output of `cargo run -p chat-api --example zone_codes -- --pattern` into \
         openapi.overlay.yaml and run `cargo xtask generate`"
    );
}

#[tokio::test]
async fn the_contracts_patterns_say_what_is_admitted() {
    for (header, values) in [
        (
            "Accept-Language",
            &["", "nb", "nb-NO,en;q=0.5", "*", "x", ",nb,", "nb ; q=1.000", "nb_NO", "nb;q=2", "nb;q=0.1234"][..],
        ),
        (
            "Accept-Language",
            &["nb;q=0.", "nb;q=.5", "abcdefghi", "a-123456789", "nb;", "nb en", "i-klingon", "1a", "a1"],
        ),
        (
            "SO-Language",
            &["NO", "nb-NO", "*", "x", "", "nb,en", "nb;q=1", "nb_NO", "abcdefgh", "abcdefghi", "zh-Hant-TW"],
        ),
        ("SO-Culture", &["nb", "nb-NO", "zh-Hant", "zh-Hant-TW", "es-419", "NO", "qqq", "und", "", "x", "*", "nb_NO"]),
        (
            "SO-Culture",
            &["english", "nb-NO-x", "nb-N", "nb-1234", "ca-ES-valencia", "de-u-nu-latn", "abcd", "en-Latn-Latn"],
        ),
        ("SO-TimeZone", &["NO", "US-NY", "UTC", "1", "261", "460", "140", "Europe/Oslo", "Etc/GMT+3", "EST5EDT", "GB"]),
        (
            "SO-TimeZone",
            &["NO, includeTZOffset", "NO,includeTZOffset", "NO, x", "2", "", "Mars/Olympus", "Factory", "XX", "US-"],
        ),
    ] {
        let pattern = Regex::new(&pattern(header)).unwrap();
        for value in values {
            let (status, _) = send(Method::GET, LIST, &[(header, value)]).await;
            let expected = if pattern.is_match(value) { 200 } else { 400 };
            assert_eq!(status.as_u16(), expected, "{header}: {value:?}");
        }
    }
}
