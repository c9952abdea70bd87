//! Keeps the order of members across a removal.

use serde_json::{Map, Value};

/// Puts the members of `after` in the order that they have in `before`. `after` is `before` with
/// parts taken away.
pub(super) fn restore(before: &Value, after: &mut Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let mut left = std::mem::take(after);
            let mut ordered = Map::new();
            for (name, old) in before {
                if let Some((name, mut value)) = left.shift_remove_entry(name) {
                    restore(old, &mut value);
                    ordered.insert(name, value);
                }
            }
            ordered.extend(left);
            *after = ordered;
        }
        // Items that moved up have lost their counterpart; their members are where they were,
        // because a removal within them is the only thing that moves members.
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (old, new) in before.iter().zip(after) {
                restore(old, new);
            }
        }
        _ => {}
    }
}
