//! Error answers in the words of the mock and the shape of the contract.

use docwright_contract::model::{Operation, Schema, Type};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Answers, render};
use crate::generate::generate;
use crate::media::{self, Form};
use crate::schemas::{Direction, Schemas};

/// What APIs call the text that says what is wrong, best first; compared in small letters and
/// without underscores.
const MESSAGES: [&str; 11] = [
    "detail",
    "message",
    "errormessage",
    "errordescription",
    "description",
    "reason",
    "error",
    "msg",
    "text",
    "title",
    "faultstring",
];
/// What they call the status.
const STATUSES: [&str; 4] = ["status", "statuscode", "httpstatus", "code"];
/// Messages deeper down are not looked for.
const MAX_DEPTH: usize = 3;

/// The error in the body that the contract documents for the status, with its media type: where it
/// documents one, the caller takes it, and it has a place for a message.
pub(crate) fn own_error(
    schemas: &Schemas,
    operation: &Operation,
    answers: &Answers,
    headers: &HeaderMap,
    status: StatusCode,
    message: &str,
) -> Option<(Vec<u8>, String)> {
    let answer = answers.for_status(status)?;
    let response = answer.response(schemas.contract(), operation)?;
    // Only a documented answer for errors, not one for everything that documents a success.
    if answer.key == "default" && answers.usual().is_some_and(|usual| usual.key == "default") {
        return None;
    }
    let (index, media_type) = media::preferred(headers, &answer.media_types())?;
    let (_, content) = response.content.get_index(index)?;
    let form = Form::of(&media_type);
    match (form, content.schema.as_ref()) {
        (Form::Json | Form::Xml, Some(schema)) => {
            let mut value = generate(schemas, schema, Direction::Answer).value;
            if !put(schemas, schema, &mut value, status, message, 0) {
                return None;
            }
            let compiled = schemas.validator(schema, Direction::Answer);
            if !compiled.as_ref().as_ref().is_ok_and(|validator| validator.is_valid(&value)) {
                return None;
            }
            Some(render::generated(schemas, Some(schema), &value, form, &media_type))
        }
        (Form::Json, None) => {
            let mut value = content.example.as_deref()?.clone();
            let any = Schema::default();
            put(schemas, &any, &mut value, status, message, 0).then(|| (value.to_string().into_bytes(), media_type))
        }
        (Form::Text, schema) => {
            let is_text =
                schema.is_none_or(|schema| matches!(schemas.resolve(schema).ty, Type::String { .. } | Type::Any));
            is_text.then(|| (message.as_bytes().to_vec(), media_type))
        }
        _ => None,
    }
}

/// Puts the message where it belongs, and the status where there is a place for it.
fn put(schemas: &Schemas, schema: &Schema, value: &mut Value, status: StatusCode, message: &str, depth: usize) -> bool {
    match value {
        Value::Object(members) => {
            let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], "");
            for (name, member) in members.iter_mut() {
                if STATUSES.contains(&&*plain(name)) && member.is_number() {
                    *member = Value::from(status.as_u16());
                }
            }
            let rank = |name: &str| MESSAGES.iter().position(|message| *message == plain(name));
            let best = members
                .iter()
                .filter(|(_, member)| member.is_string())
                .filter_map(|(name, _)| Some((rank(name)?, name.clone())))
                .min();
            if let Some((_, name)) = best {
                members.insert(name, Value::from(message));
                return true;
            }
            if depth >= MAX_DEPTH {
                return false;
            }
            let any = Schema::default();
            members.iter_mut().any(|(name, member)| {
                let property = schemas.property(schema, name).unwrap_or(&any);
                (member.is_object() || member.is_array()) && put(schemas, property, member, status, message, depth + 1)
            })
        }
        Value::Array(items) => {
            let any = Schema::default();
            let of_items = schemas.items(schema).unwrap_or(&any);
            items.first_mut().is_some_and(|first| match first {
                // A list of texts below `errors` is a list of messages.
                Value::String(text) if depth > 0 => {
                    message.clone_into(text);
                    true
                }
                first => put(schemas, of_items, first, status, message, depth + 1),
            })
        }
        _ => false,
    }
}
