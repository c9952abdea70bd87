//! Guesses what a JSONPath that selects nothing was meant to be.

use serde_json::Value;
use strsim::levenshtein;

/// The target with the first name that does not exist replaced by the most similar one beside
/// which it would stand. Only for paths of plain names.
pub(super) fn near_miss(target: &str, document: &Value) -> Option<String> {
    let names = names(target)?;
    let mut node = document;
    for (position, name) in names.iter().enumerate() {
        if let Some(next) = node.get(name) {
            node = next;
            continue;
        }
        let siblings = node.as_object()?.keys();
        let (distance, meant) =
            siblings.map(|sibling| (levenshtein(&name.to_lowercase(), &sibling.to_lowercase()), sibling)).min()?;
        if distance > (name.chars().count() / 3).max(1) {
            return None;
        }
        let mut corrected: Vec<&str> = names.iter().map(String::as_str).collect();
        corrected[position] = meant;
        return Some(path(&corrected));
    }
    None
}

/// The names of a path like `$.paths['/a'].get`; nothing where it has other selectors.
fn names(target: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = target.trim().strip_prefix('$')?;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\"")) {
            let quote = rest.chars().nth(1)?;
            let end = inner.find(&format!("{quote}]"))?;
            names.push(inner[..end].to_owned());
            rest = &inner[end + 2..];
        } else {
            let inner = rest.strip_prefix('.')?;
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            let name = &inner[..end];
            if name.is_empty() || name == "*" {
                return None;
            }
            names.push(name.to_owned());
            rest = &inner[end..];
        }
    }
    Some(names)
}

fn path(names: &[&str]) -> String {
    names.iter().fold("$".to_owned(), |path, name| {
        let plain =
            name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_numeric());
        if plain { format!("{path}.{name}") } else { format!("{path}['{name}']") }
    })
}
