//! What is kept verbatim and not understood: `not`, `patternProperties`, callbacks, webhooks. The
//! schemas that are referred to from there travel too.

use serde_json::Value;

use super::super::components::{Comparison, Compensated, Ways};

/// What a reference to a component schema starts with.
const REFERENCE: &str = "#/components/schemas/";
/// Members that hold data, or texts.
const DATA: [&str; 6] = ["example", "examples", "default", "enum", "description", "externalDocs"];
/// Schema keywords whose schemas are tests, not what a value is: a stricter one admits more.
const TESTS: [&str; 4] = ["not", "if", "contains", "dependentSchemas"];

/// Members whose members have names that the document chose.
const NAMED: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "mapping"];
/// Members of operations and of the document that hold operations.
const HAVE_OPERATIONS: [&str; 4] = ["callbacks", "x-webhooks", "x-path-items", "components"];

/// A reference within what is kept.
struct Reference<'v> {
    name: String,
    ways: Ways,
    /// Where it stands.
    value: &'v Value,
}

/// Whether two values are the same except for the names of schemas which are called otherwise on
/// the two sides. The schemas that they refer to meet.
pub(super) fn compare(comparison: &mut Comparison<'_>, name: &str, a: Option<&Value>, b: Option<&Value>) -> bool {
    let ways = match (comparison.ways, TESTS.contains(&name)) {
        (Ways::NONE, _) | (_, true) => Ways::BOTH,
        (ways, _) => ways,
    };
    let mut found = [Vec::new(), Vec::new()];
    for (value, found) in [a, b].into_iter().zip(&mut found) {
        if let Some(value) = value {
            let holder = Holder { name, has_operations: HAVE_OPERATIONS.contains(&name) };
            collect(value, ways, holder, found);
        }
    }
    let [old, new] = found;
    let is_rename = |old: &str, new: &str| {
        !comparison.revision.schemas.contains_key(old) && !comparison.base.schemas.contains_key(new)
    };
    let is_same = match (a, b) {
        _ if a == b => true,
        (Some(a), Some(b)) => {
            let renamed: Vec<(&Value, &Value)> = old
                .iter()
                .zip(&new)
                .filter(|(old, new)| old.name == new.name || is_rename(&old.name, &new.name))
                .map(|(old, new)| (old.value, new.value))
                .collect();
            old.len() == new.len() && renamed.len() == old.len() && !old.is_empty() && equal(a, b, &renamed)
        }
        _ => false,
    };
    let mut met = Vec::new();
    for (index, reference) in old.iter().enumerate() {
        let other = new.iter().find(|other| other.name == reference.name);
        let other = other.or_else(|| new.get(index).filter(|other| is_rename(&reference.name, &other.name)));
        if let Some(other) = other {
            met.push((reference.name.clone(), other.name.clone(), reference.ways.or(other.ways)));
        }
    }
    let present = comparison.ways;
    let mut is_similar = true;
    for (old, new, ways) in met {
        let indexes = (comparison.base.schemas.get_index_of(&old), comparison.revision.schemas.get_index_of(&new));
        if let (Some(old), Some(new)) = indexes {
            if comparison.similar(old, new) {
                comparison.ways = ways;
                comparison.meet(old, new, Compensated::default());
            } else {
                is_similar = false;
            }
        }
    }
    comparison.ways = present;
    is_same && is_similar
}

/// What a value is a member of.
#[derive(Clone, Copy)]
struct Holder<'n> {
    name: &'n str,
    has_operations: bool,
}

fn collect<'v>(value: &'v Value, ways: Ways, holder: Holder<'_>, found: &mut Vec<Reference<'v>>) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(REFERENCE) {
                let name = name.replace("~1", "/").replace("~0", "~");
                found.push(Reference { name, ways, value });
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ways, holder, found)),
        Value::Object(members) => {
            let are_names = NAMED.contains(&holder.name);
            for (name, member) in members {
                if !are_names && DATA.contains(&name.as_str()) {
                    continue;
                }
                // Here it is the API that calls, and sends the request.
                let ways = match name.as_str() {
                    "requestBody" | "parameters" if holder.has_operations && ways == Ways::BOTH => Ways::RESPONSE,
                    "responses" if holder.has_operations && ways == Ways::BOTH => Ways::REQUEST,
                    _ => ways,
                };
                collect(member, ways, Holder { name: if are_names { "" } else { name }, ..holder }, found);
            }
        }
        _ => {}
    }
}

/// Whether two values are the same where these references are.
fn equal(a: &Value, b: &Value, renamed: &[(&Value, &Value)]) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b, renamed)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b, renamed)))
        }
        _ => a == b || renamed.iter().any(|(old, new)| std::ptr::eq(*old, a) && std::ptr::eq(*new, b)),
    }
}
