//! The keys, read from the JSON Schema of [`Settings`]: one description serves editors, checks and variables.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::settings::Settings;

/// A key of the configuration.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name in the file, sections before points: `limits.max_body_bytes`.
    pub path: String,
    /// What its value is.
    pub kind: Kind,
    /// The value that counts where nobody gives one; none where nothing is a value too.
    pub default: Option<Value>,
    /// What it is for.
    pub description: String,
}

/// What the value of a key is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A text.
    Text,
    /// One of these texts.
    Choice(Vec<String>),
    /// A whole number between two bounds.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A list of texts.
    Texts,
    /// Yes or no.
    Switch,
}

impl Key {
    /// The environment variable of the key.
    pub fn variable(&self) -> String {
        format!("CHAT_{}", self.path.replace('.', "_").to_uppercase())
    }
}

/// All keys, in the order of [`Settings`].
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let mut keys = Vec::new();
        collect("", &schema(), &mut keys);
        keys
    });
    &KEYS
}

/// The JSON Schema of the file, without references.
pub(super) fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Settings>().to_value();
    // Editors look for the schema under this key, or in a comment.
    if let Some(properties) = schema.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let text = "For editors: where this schema is.";
        properties.insert("$schema".to_owned(), serde_json::json!({ "description": text, "type": "string" }));
    }
    schema
}

fn collect(prefix: &str, schema: &Value, keys: &mut Vec<Key>) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (name, property) in properties.filter(|(name, _)| *name != "$schema") {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if property["properties"].is_object() {
            collect(&path, property, keys);
            continue;
        }
        let description = property["description"].as_str().unwrap_or_default().to_owned();
        keys.push(Key { kind: kind(property), default: property.get("default").cloned(), description, path });
    }
}

fn kind(property: &Value) -> Kind {
    let variants = property["oneOf"].as_array().into_iter().flatten().filter_map(|variant| variant["const"].as_str());
    let choice: Vec<String> = variants.map(str::to_owned).collect();
    match property["type"].as_str() {
        _ if !choice.is_empty() => Kind::Choice(choice),
        Some("integer") => Kind::Integer {
            min: property["minimum"].as_i64().unwrap_or(i64::MIN),
            max: property["maximum"].as_i64().unwrap_or(i64::MAX),
        },
        Some("array") => Kind::Texts,
        Some("boolean") => Kind::Switch,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_is_described_and_has_a_variable_of_its_own() {
        let variables: BTreeSet<String> = keys().iter().map(Key::variable).collect();
        assert_eq!(variables.len(), keys().len(), "two keys with one variable");
        assert!(!variables.contains(crate::config::FILE_VARIABLE));
        for key in keys() {
            assert!(!key.description.is_empty(), "{}", key.path);
            if let Kind::Integer { min, max } = key.kind {
                assert!(min >= 0 && max < i64::MAX, "{} has no bounds", key.path);
            }
        }
        let found = |path: &str| keys().iter().find(|key| key.path == path).unwrap();
        assert_eq!(found("installation").kind, Kind::Choice(vec!["onsite".to_owned(), "online".to_owned()]));
        assert_eq!(found("trusted_proxies").kind, Kind::Texts);
        assert_eq!(found("docs").kind, Kind::Switch);
        assert_eq!(found("limits.max_body_bytes").variable(), "CHAT_LIMITS_MAX_BODY_BYTES");
    }
}
