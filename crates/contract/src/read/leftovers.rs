//! Components that the model has no field for.
//!
//! Bodies, headers, examples, links, callbacks and path items are read where references to them
//! stand. What nothing refers to is kept, in one form whatever the version.

use serde_json::{Map, Value};

use super::{
    cursor::Cursor,
    error::{NoteKind, ReadError},
    media, operation,
};
use crate::emit;
use crate::model::Contract;

const READ: &[&str] = &["schemas", "parameters", "responses", "securitySchemes"];

pub(super) fn keep(root: &Cursor<'_>, contract: &mut Contract) -> Result<(), ReadError> {
    let Some(components) = root.get("components").filter(|components| !components.value.is_null()) else {
        return Ok(());
    };
    let mut kept = Map::new();
    for (kind, all) in components.members()? {
        if READ.contains(&kind) || all.value.is_null() {
            continue;
        }
        let known = ["requestBodies", "headers", "examples", "links", "callbacks", "pathItems"].contains(&kind);
        if !known {
            kept.insert(kind.to_owned(), all.value.clone());
            continue;
        }
        let mut some = Map::new();
        for (name, each) in all.members()? {
            if !each.source.was_followed(each.pointer()) {
                each.note(NoteKind::Moved, "nothing refers to this component; it is kept as it is");
                some.insert(name.to_owned(), in_one_form(kind, name, &each)?);
            }
        }
        if !some.is_empty() {
            kept.insert(kind.to_owned(), Value::Object(some));
        }
    }
    if !kept.is_empty() {
        contract.extensions.insert("components".to_owned(), Value::Object(kept));
    }
    Ok(())
}

fn in_one_form(kind: &str, name: &str, place: &Cursor<'_>) -> Result<Value, ReadError> {
    let named = |all: Value| all.get(name).cloned().unwrap_or_default();
    Ok(match kind {
        "requestBodies" => emit::part::request_body(&media::request_body(&place.resolve()?)?),
        "headers" => emit::part::header(&media::header(&place.resolve()?)?),
        "callbacks" => named(operation::kept_callbacks(vec![(name, place.clone())])?),
        "pathItems" => named(operation::kept_items(vec![(name, place.clone())])?),
        _ => place.resolve()?.value.clone(),
    })
}
