//! The carriers against the documents' own sample answers, and against answers of other versions.

use chat_models::{
    Associate, ChatSessionEntity, ChatSessionEntityFlags, ChatSessionEntityStatus, DateTime, ErrorResponse, Flags,
};
use serde_json::{Value, json};

const FOR_USER: &str = include_str!("../../../documents/v1ChatSessionEntity_ChatSessionsForUser.md");
const PICK_UP: &str = include_str!("../../../documents/v1ChatSessionEntity_PickUpFirstChatSession.md");

/// The body of a page's sample answer: what follows the blank line in the second fence.
fn sample(page: &str) -> Value {
    let page = page.replace("\r\n", "\n");
    let fence = page.split("```").filter(|part| part.contains("HTTP/1.1 200")).collect::<Vec<_>>();
    let [answer] = fence.as_slice() else { panic!("one sample answer a page, found {}", fence.len()) };
    let (_, body) = answer.split_once("\n\n").expect("a blank line ends the headers");
    serde_json::from_str(body).expect("the sample is JSON")
}

/// `value` without the members of objects that are null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[test]
fn sample_answers_go_through_unchanged() {
    let list = sample(FOR_USER);
    let sessions: Vec<ChatSessionEntity> = serde_json::from_value(list.clone()).unwrap();
    // Properties that the sample leaves out are written as null.
    assert_eq!(without_nulls(serde_json::to_value(&sessions).unwrap()), list);
    let one = sample(PICK_UP);
    let session: ChatSessionEntity = serde_json::from_value(one.clone()).unwrap();
    assert_eq!(without_nulls(serde_json::to_value(&session).unwrap()), one);

    assert_eq!(session.chat_session_id, Some(813));
    assert_eq!(session.status, Some(ChatSessionEntityStatus::Closed));
    assert_eq!(session.flags, Some(Flags::from([ChatSessionEntityFlags::CustomerIsTyping])));
    assert_eq!(session.when_requested.unwrap().to_string(), "2008-12-12T09:40:58.8163549+01:00");
    let properties = session.field_properties.unwrap();
    assert_eq!(properties["fieldName"].field_length, Some(32));
}

#[test]
fn every_property_is_written_even_if_it_is_empty() {
    let written = serde_json::to_value(ChatSessionEntity::default()).unwrap();
    let members = written.as_object().unwrap();
    assert!(members.values().all(Value::is_null));
    let documented: Vec<String> = sample(PICK_UP).as_object().unwrap().keys().cloned().collect();
    assert_eq!(members.keys().cloned().collect::<Vec<_>>(), documented);
}

#[test]
fn answers_of_other_versions_are_read() {
    for (answer, expected) in [
        (json!({}), ChatSessionEntity::default()),
        (json!({ "NotYetDocumented": { "A": [1] } }), ChatSessionEntity::default()),
        (json!({ "Rank": null, "User": null, "Status": null, "FieldProperties": null }), ChatSessionEntity::default()),
        (
            json!({ "Status": "Snoozed", "Flags": "UserIsTyping, Away" }),
            ChatSessionEntity {
                status: Some("Snoozed".into()),
                flags: Some("UserIsTyping, Away".into()),
                ..ChatSessionEntity::default()
            },
        ),
        (
            json!({ "WhenEnded": "0001-01-01T00:00:00", "User": { "FullName": "Terje" } }),
            ChatSessionEntity {
                when_ended: Some(DateTime::default()),
                user: Some(Associate { full_name: Some("Terje".to_owned()), ..Associate::default() }),
                ..ChatSessionEntity::default()
            },
        ),
    ] {
        let read: ChatSessionEntity = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(read, expected, "{answer}");
        let again: ChatSessionEntity = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(again, expected, "{answer}");
    }
}

#[test]
fn an_address_keeps_what_it_holds() {
    let answer = json!({ "Contact": { "Address": { "Street": { "Address1": "Wergelandsveien 27" } } } });
    let session: ChatSessionEntity = serde_json::from_value(answer.clone()).unwrap();
    assert_eq!(without_nulls(serde_json::to_value(session).unwrap()), answer);
}

#[test]
fn wrong_values_are_refused() {
    for answer in
        [json!({ "Rank": "1" }), json!({ "WhenEnded": "yesterday" }), json!({ "User": [1] }), json!({ "Rank": 1e10 })]
    {
        assert!(serde_json::from_value::<ChatSessionEntity>(answer.clone()).is_err(), "{answer}");
    }
    let partly = json!({ "Error": true, "ErrorType": "NotFound" });
    assert!(serde_json::from_value::<ErrorResponse>(partly).is_err());
}

#[cfg(feature = "utoipa")]
#[test]
fn utoipa_says_what_the_contract_says() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_value(ChatSessionEntity::schema()).unwrap();
    let properties = &schema["properties"];
    assert_eq!(properties["Rank"]["type"], json!(["integer", "null"]));
    assert_eq!(properties["WhenEnded"]["type"], json!(["string", "null"]));
    assert_eq!(properties["WhenEnded"]["format"], "date-time");
    assert_eq!(properties["Status"]["x-extensible-enum"], json!(ChatSessionEntityStatus::VALUES));
    assert_eq!(properties["Flags"]["x-flags"], json!(ChatSessionEntityFlags::VALUES));
    assert_eq!(properties["User"]["oneOf"][0]["$ref"], "#/components/schemas/Associate");
    assert_eq!(properties["FieldProperties"]["additionalProperties"]["$ref"], "#/components/schemas/FieldProperty");
    assert_eq!(serde_json::to_value(chat_models::Address::schema()).unwrap(), json!({ "type": "object" }));
}

#[cfg(feature = "schemars")]
#[test]
fn schemars_says_what_the_contract_says() {
    let schema = schemars::schema_for!(ChatSessionEntity).to_value();
    let properties = &schema["properties"];
    assert_eq!(properties["Rank"]["type"], json!(["integer", "null"]));
    assert_eq!(properties["WhenEnded"]["format"], "date-time");
    assert_eq!(properties["Status"]["x-extensible-enum"], json!(ChatSessionEntityStatus::VALUES));
    assert_eq!(properties["Flags"]["x-flags"], json!(ChatSessionEntityFlags::VALUES));
    assert_eq!(properties["User"]["anyOf"][0]["$ref"], "#/$defs/Associate");
    assert_eq!(schema["$defs"]["Contact"]["properties"]["Address"]["anyOf"][0]["$ref"], "#/$defs/Address");
}
