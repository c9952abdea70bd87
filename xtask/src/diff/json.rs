//! Changes for machines.

use docwright_contract::diff::Spot;
use serde_json::{Value, json};

use super::client::TypeChange;
use super::listing::{VERDICTS, count, step};
use super::{Comparison, Located};

/// Grows when a member changes its meaning.
const FORMAT_VERSION: u32 = 1;

pub(super) fn write(comparison: &Comparison) -> Value {
    let [breaking, maybe, compatible] = VERDICTS.map(|verdict| count(comparison, verdict));
    let client = &comparison.client;
    let (step, why) = step(comparison);
    json!({
        "format_version": FORMAT_VERSION,
        "base": comparison.base,
        "revision": comparison.revision,
        "counts": { "breaking": breaking, "maybe_breaking": maybe, "compatible": compatible },
        "changes": comparison.changes.iter().map(change).collect::<Vec<_>>(),
        "client": {
            "removed_methods": client.removed,
            "added_methods": client.added,
            "renamed_methods": client.renamed.iter().map(|(from, to)| json!({"from": from, "to": to})).collect::<Vec<_>>(),
            "changed_methods": client.signatures.iter()
                .map(|(name, from, to)| json!({"name": name, "from": from, "to": to})).collect::<Vec<_>>(),
            "renamed_types": client.types_renamed.iter().map(|(from, to)| json!({"from": from, "to": to})).collect::<Vec<_>>(),
            "removed_types": client.types_removed,
            "added_types": client.types_added,
            "changed_types": client.types_changed.iter().map(type_change).collect::<Vec<_>>(),
            "not_compared": client.not_compared,
        },
        "next_version": { "step": step.name(), "because": why },
    })
}

fn type_change(change: &TypeChange) -> Value {
    json!({
        "name": change.name,
        "kind": change.kind.map(|(from, to)| json!({"from": from, "to": to})),
        "removed": change.removed,
        "added": change.added.iter().map(|(name, is)| json!({"name": name, "to": is})).collect::<Vec<_>>(),
        "changed": change.changed.iter()
            .map(|(name, from, to)| json!({"name": name, "from": from, "to": to})).collect::<Vec<_>>(),
    })
}

fn change(located: &Located) -> Value {
    let change = &located.change;
    let spot = |spot: &Option<Spot>, line: &Option<String>| {
        spot.as_ref().map(|spot| json!({ "pointer": spot.pointer, "line": line }))
    };
    let places: Vec<Value> = change
        .places
        .iter()
        .zip(located.base.iter().zip(&located.revision))
        .map(|(place, (base, revision))| {
            json!({
                "subject": place.subject,
                "operation": place.operation,
                "base": spot(&place.base, base),
                "revision": spot(&place.revision, revision),
            })
        })
        .collect();
    json!({
        "code": change.rule.code,
        "verdict": change.rule.verdict,
        "also": change.also.map(|rule| json!({ "code": rule.code, "verdict": rule.verdict })),
        "direction": change.direction,
        "subject": change.subject,
        "base": change.base,
        "revision": change.revision,
        "meaning": change.rule.meaning,
        "operations": change.operations,
        "places": places,
    })
}
