//! What the events of streams must be.
//!
//! OpenAPI 3.0 has no words for events: the contract describes them in the texts of the operations. This is the same in
//! schemas, and a test holds its names to those texts.

use docwright_contract::model::{Schema, Type};
use serde_json::{Map, Value, json};

use crate::contract::Contract;

/// The media type of streams.
pub(crate) const EVENTS: &str = "text/event-stream";

/// The events of an operation.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) operation_id: &'static str,
    pub(crate) events: &'static [(&'static str, Data)],
    /// Whether a message's event has the message's id, after which a stream that is begun anew goes on.
    pub(crate) resumes: bool,
}

/// What an event says in JSON.
#[derive(Debug)]
pub(crate) enum Data {
    /// A carrier of the contract.
    Component(&'static str),
    /// An object with these properties and no other.
    Object(&'static [(&'static str, Kind)]),
}

/// What a property of an event holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Id,
    /// Nobody or nothing, where it is null.
    IdOrNull,
    Text,
    /// One of the contract's for a chat session.
    Status,
    Count,
    /// A place in the queue, which is left out where there is none.
    OptionalPlace,
    /// 1 or 2.
    Level,
}

pub(crate) const STREAMS: &[Stream] = &[
    Stream {
        operation_id: "v1ChatSessionEntity_StreamChatSession",
        events: &[
            ("message", Data::Component("ChatMessage")),
            ("session", Data::Object(&[("Status", Kind::Status), ("QueuePos", Kind::OptionalPlace)])),
        ],
        resumes: true,
    },
    Stream {
        operation_id: "v1ChatSessionEntity_StreamForUser",
        events: &[
            ("queue", Data::Object(&[("TopicId", Kind::Id), ("TopicName", Kind::Text), ("Waiting", Kind::Count)])),
            (
                "session",
                Data::Object(&[
                    ("ChatSessionId", Kind::Id),
                    ("TopicId", Kind::Id),
                    ("Status", Kind::Status),
                    ("UserId", Kind::IdOrNull),
                    ("LastMessageId", Kind::IdOrNull),
                ]),
            ),
            ("message", Data::Component("ChatMessage")),
            (
                "transfer",
                Data::Object(&[("ChatSessionId", Kind::Id), ("TopicId", Kind::Id), ("FromUserId", Kind::IdOrNull)]),
            ),
            (
                "warning",
                Data::Object(&[
                    ("ChatSessionId", Kind::Id),
                    ("TopicId", Kind::Id),
                    ("AlertLevel", Kind::Level),
                    ("WaitingSeconds", Kind::Count),
                ]),
            ),
        ],
        resumes: false,
    },
];

/// A stream as it arrives.
#[derive(Debug)]
pub(crate) struct Events {
    operation_id: String,
    /// What is not a whole event yet.
    rest: Vec<u8>,
}

impl Events {
    pub(crate) fn of(operation_id: &str) -> Self {
        Self { operation_id: operation_id.to_owned(), rest: Vec::new() }
    }

    /// In what the events break the contract that have come to their ends with these bytes.
    pub(crate) fn read(&mut self, contract: &Contract, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut problems = Vec::new();
        // The service writes line feeds alone, though more is allowed.
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            match std::str::from_utf8(&block) {
                Ok(block) => problems.extend(self.check(contract, block)),
                Err(error) => problems.push(format!("an event is not UTF-8: {error}")),
            }
        }
        problems
    }

    /// What is wrong where the stream has ended.
    pub(crate) fn end(&self) -> Option<String> {
        let rest = String::from_utf8_lossy(&self.rest);
        (!rest.is_empty()).then(|| format!("the stream ends within an event: {rest}"))
    }

    fn check(&self, contract: &Contract, block: &str) -> Vec<String> {
        let (mut name, mut id, mut data, mut problems) = (None, None, None::<String>, Vec::new());
        for line in block.lines().filter(|line| !line.is_empty() && !line.starts_with(':')) {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => name = Some(value),
                "id" => id = Some(value),
                "data" => match &mut data {
                    Some(data) => data.extend(["\n", value]),
                    None => data = Some(value.to_owned()),
                },
                "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {}
                _ => problems.push(format!("an event has the line `{line}`")),
            }
        }
        // A comment, or when to come back.
        let Some(data) = data else { return problems };
        let name = name.unwrap_or("message");
        // Contracts of tests have streams of their own, of which nobody says what they tell.
        let Some(stream) = STREAMS.iter().find(|stream| stream.operation_id == self.operation_id) else {
            return problems;
        };
        let Some((_, expected)) = stream.events.iter().find(|(known, _)| *known == name) else {
            problems.push(format!("`{}` has no event `{name}`", self.operation_id));
            return problems;
        };
        match serde_json::from_str::<Value>(&data) {
            Ok(value) => {
                let broken = expected.check(contract, &value);
                problems.extend(broken.into_iter().map(|problem| format!("event `{name}`: {problem}")));
                let expected_id = (stream.resumes && name == "message").then(|| value["ChatMessageId"].to_string());
                if id != expected_id.as_deref() {
                    problems.push(format!("event `{name}`: its id is {id:?}, not {expected_id:?}"));
                }
            }
            Err(error) => problems.push(format!("event `{name}`: the data is not JSON: {error}")),
        }
        problems
    }
}

impl Data {
    fn check(&self, contract: &Contract, value: &Value) -> Vec<String> {
        match self {
            Self::Component(name) => contract.validate_value(&Schema::reference(*name), value),
            Self::Object(properties) => {
                let schemas: Map<String, Value> =
                    properties.iter().map(|(name, kind)| ((*name).to_owned(), kind.schema(contract))).collect();
                let required: Vec<&str> = properties
                    .iter()
                    .filter(|(_, kind)| !matches!(kind, Kind::OptionalPlace))
                    .map(|(name, _)| *name)
                    .collect();
                let schema = json!({
                    "type": "object", "properties": schemas, "required": required, "additionalProperties": false,
                });
                contract.validate_json(&schema, value)
            }
        }
    }
}

impl Kind {
    fn schema(self, contract: &Contract) -> Value {
        match self {
            Self::Id => json!({ "type": "integer", "minimum": 1, "maximum": i32::MAX }),
            Self::IdOrNull => json!({ "type": ["integer", "null"], "minimum": 1, "maximum": i32::MAX }),
            Self::Text => json!({ "type": "string", "minLength": 1 }),
            Self::Status => json!({ "enum": statuses(contract) }),
            Self::Count => json!({ "type": "integer", "minimum": 0 }),
            Self::OptionalPlace => json!({ "type": "integer", "minimum": 1 }),
            Self::Level => json!({ "enum": [1, 2] }),
        }
    }
}

/// The statuses that the contract lists for a chat session.
fn statuses(contract: &Contract) -> Value {
    let properties = match contract.model().schemas.get("ChatSessionEntity").map(|schema| &schema.ty) {
        Some(Type::Object { properties, .. }) => properties,
        _ => return json!([]),
    };
    properties.get("Status").and_then(|status| status.extensions.get("x-extensible-enum")).cloned().unwrap_or(json!([]))
}

#[cfg(test)]
mod tests {
    use docwright_contract::model::RefOr;

    use super::*;

    /// The operations that the contract says answer with events.
    fn streaming(contract: &Contract) -> Vec<(&str, &str)> {
        let answers_events = |response: &RefOr<docwright_contract::model::Response>| match response {
            RefOr::Inline(response) => response.content.contains_key(EVENTS),
            RefOr::Ref(_) => false,
        };
        let operations = contract.model().operations.iter();
        operations
            .filter(|operation| operation.responses.values().any(answers_events))
            .map(|operation| (operation.operation_id.as_str(), operation.description.as_deref().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn events_are_those_that_the_contract_describes() {
        let contract = Contract::workspace();
        let described = streaming(&contract);
        assert_eq!(described.len(), STREAMS.len(), "{described:?}");
        for stream in STREAMS {
            let (_, text) = described.iter().find(|(id, _)| *id == stream.operation_id).expect("the contract has it");
            for (name, data) in stream.events {
                assert!(text.contains(&format!("`{name}`")), "{name}: {text}");
                match data {
                    Data::Component(name) => assert!(text.contains(name), "{name}: {text}"),
                    Data::Object(properties) => {
                        for (name, _) in *properties {
                            assert!(text.contains(&format!("\"{name}\"")), "{name}: {text}");
                        }
                    }
                }
            }
            // An item of the text begins with an event, and the braces in it hold all properties.
            for item in text.split("\n- `").skip(1) {
                let name = item.split('`').next().unwrap_or_default();
                let (_, data) = stream.events.iter().find(|(known, _)| *known == name).expect(name);
                if let Data::Object(properties) = data {
                    let names: Vec<String> = properties.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                    assert!(item.contains(&format!("{{{}}}", names.join(", "))), "{names:?}: {item}");
                }
            }
        }
        assert!(statuses(&contract).as_array().is_some_and(|statuses| statuses.len() > 4));
    }

    /// What is found in a text, read whole and byte by byte.
    fn problems(operation: &str, text: &str) -> Vec<String> {
        let contract = Contract::workspace();
        let operation = format!("v1ChatSessionEntity_{operation}");
        let mut whole = Events::of(&operation);
        let mut problems = whole.read(&contract, text.as_bytes());
        problems.extend(whole.end());
        let mut pieces = Events::of(&operation);
        let mut once_more: Vec<String> = text.bytes().flat_map(|byte| pieces.read(&contract, &[byte])).collect();
        once_more.extend(pieces.end());
        assert_eq!(problems, once_more);
        problems
    }

    #[test]
    fn events_that_break_the_contract_are_found() {
        const SESSION: &str = "StreamChatSession";
        for (operation, text, expected) in [
            (SESSION, ":\n\nretry: 2000\n\nevent: session\ndata: {\"Status\":\"InQueue\",\"QueuePos\":2}\n\n", &[][..]),
            (SESSION, "id: 7\nevent: message\ndata: {\"ChatMessageId\":7,\ndata: \"Message\":\"é\"}\n\n", &[]),
            (SESSION, "event: message\ndata: {\"ChatMessageId\":7}\n\n", &["its id is None, not Some(\"7\")"]),
            (
                SESSION,
                "id: 1\nevent: session\ndata: {\"Status\":\"InQueue\"}\n\n",
                &["its id is Some(\"1\"), not None"],
            ),
            (SESSION, "id: x\ndata: {\"ChatMessageId\":\"x\"}\n\n", &["`/ChatMessageId`: ", "its id is"]),
            (SESSION, "event: session\ndata: {\"Status\":\"Odd\"}\n\n", &["`/Status`: "]),
            (SESSION, "event: session\ndata: {\"Status\":\"InQueue\",\"QueuePos\":0}\n\n", &["`/QueuePos`: "]),
            (SESSION, "event: session\ndata: {\"Status\":\"InQueue\",\"UserId\":1}\n\n", &["UserId"]),
            (SESSION, "event: queue\ndata: {}\n\n", &["has no event `queue`"]),
            (SESSION, "event: session\ndata: {\n\n", &["not JSON"]),
            (SESSION, "event: session\ndata: {}", &["ends within an event"]),
            (SESSION, "evnt: session\n\n", &["an event has the line `evnt: session`"]),
            ("StreamForUser", "event: queue\ndata: {\"TopicId\":1,\"TopicName\":\"a\",\"Waiting\":0}\n\n", &[]),
            ("StreamForUser", "event: queue\ndata: {\"TopicId\":1,\"Waiting\":-1}\n\n", &["`/Waiting`", "TopicName"]),
            (
                "StreamForUser",
                "event: warning\ndata: {\"ChatSessionId\":1,\"TopicId\":1,\"AlertLevel\":3,\"WaitingSeconds\":1}\n\n",
                &["`/AlertLevel`: "],
            ),
            ("OfAnotherContract", "data: 1\n\nodd\n\n", &["an event has the line `odd`"]),
        ] {
            let found = problems(operation, text);
            assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
            for part in expected {
                assert!(found.iter().any(|problem| problem.contains(part)), "{text}: {found:?}");
            }
        }
    }
}
