//! What belongs to a single call: its key, its place in a stream of events; and the keys of the whole client.

use super::*;

/// A contract whose operation takes this header, which others share.
fn with_header(method: &str, header: Value) -> Contract {
    let operation = json!({
        "operationId": "v1ThingEntity_Read",
        "parameters": [{ "$ref": "#/components/parameters/Own" }],
        "responses": { "200": answer(json!({ "$ref": CARRIER })) },
    });
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Test", "version": "1" },
        "paths": { "/x": { method: operation } },
        "components": { "schemas": { "Carrier": { "type": "object" } }, "parameters": { "Own": header } },
    });
    read::from_value(&document).unwrap()
}

fn key(required: bool, schema: Value) -> Value {
    json!({ "name": "Idempotency-Key", "in": "header", "required": required, "schema": schema })
}

#[test]
fn a_key_is_made_unless_the_caller_gives_one() {
    let text = || json!({ "type": "string" });
    for (required, schema, call) in [
        (false, text(), r#".idempotency_key("Idempotency-Key", 32, idempotency_key)"#),
        (true, text(), r#".idempotency_key("Idempotency-Key", 32, idempotency_key)"#),
        (
            true,
            json!({ "type": "string", "format": "uuid" }),
            r#".idempotency_uuid("Idempotency-Key", idempotency_key)"#,
        ),
        (
            false,
            json!({ "type": "string", "minLength": 40, "maxLength": 64 }),
            r#".idempotency_key("Idempotency-Key", 40, idempotency_key)"#,
        ),
        (
            false,
            json!({ "type": "string", "maxLength": 20 }),
            r#".idempotency_key("Idempotency-Key", 20, idempotency_key)"#,
        ),
    ] {
        let expected = format!(r#"Request::new("POST", "/x"){call}.value("application/json", &self.raw)"#);
        check_call(&with_header("post", key(required, schema)), "idempotency_key: Option<&str>", &expected);
    }
    let contract = with_header("post", key(true, text()));
    check(
        &contract,
        "read(idempotency_key: Option<&str>) -> Result<ResponseValue<crate::models::Carrier>, Error>",
        &[],
    );
    let root = &generate(&contract).unwrap().files[0].contents;
    assert!(root.contains("/// Without `idempotency_key` the client makes a key for this call."), "{root}");
}

#[test]
fn where_to_go_on_is_said_by_each_call() {
    let last = json!({ "name": "Last-Event-ID", "in": "header", "schema": { "type": "string" } });
    check(
        &with_header("get", last),
        "read(last_event_id: Option<&str>) -> Result<ResponseValue<crate::models::Carrier>, Error>",
        &[],
    );
}

#[test]
fn events_are_read_one_by_one() {
    let events = |media_type: &str| json!({ "description": "", "content": { media_type: {} } });
    let both = json!({ "description": "", "content": { "text/event-stream": {}, "text/plain": {} } });
    let nothing = json!({ "description": "" });
    for (responses, ty) in [
        (json!({ "200": events("text/event-stream") }), "EventStream"),
        (json!({ "200": events("Text/Event-Stream; charset=utf-8"), "204": nothing }), "EventStream"),
        (json!({ "200": both }), "ByteStream"),
        (json!({ "200": events("text/plain") }), "ByteStream"),
    ] {
        let contract = reading("/x", json!({ "responses": responses }));
        check(&contract, &format!("read() -> Result<ResponseValue<{ty}>, Error>"), &[]);
    }
    let contract = reading("/x", json!({ "responses": { "200": events("text/event-stream") } }));
    check_call(&contract, "", r#"Request::new("GET", "/x").events("text/event-stream", &self.raw)"#);
}

#[test]
fn keys_of_the_contract_are_known_by_their_schemes() {
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "Test", "version": "1" }, "paths": {},
        "components": { "securitySchemes": {
            "own": { "type": "apiKey", "in": "query", "name": "key" },
            "ticket": { "type": "apiKey", "in": "header", "name": "Authorization" },
        } },
    });
    let root = generate(&read::from_value(&document).unwrap()).unwrap().files.remove(0).contents;
    let root: String = root.split_whitespace().collect();
    assert!(
        root.contains(r#"API_KEYS:&[ApiKey]=&[ApiKey{scheme:"own",place:KeyPlace::Query,name:"key",},];"#),
        "{root}"
    );
}
