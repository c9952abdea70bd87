//! Builds a JSON object member by member, in the order of the calls.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::model::Extensions;

#[derive(Default)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(super) fn put_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    /// Flags are false where they are absent, so only true is written.
    pub(super) fn put_flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.put(name, true);
        }
    }

    pub(super) fn put_count(&mut self, name: &str, count: Option<u64>) {
        if let Some(count) = count {
            self.put(name, count);
        }
    }

    pub(super) fn put_unless_empty(&mut self, name: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.put(name, items);
        }
    }

    pub(super) fn put_map<T>(&mut self, name: &str, items: &IndexMap<String, T>, write: impl Fn(&T) -> Value) {
        if !items.is_empty() {
            self.put(name, Value::Object(items.iter().map(|(key, item)| (key.clone(), write(item))).collect()));
        }
    }

    /// Adds what the model keeps verbatim; a member that is already there wins.
    pub(super) fn extend(&mut self, extensions: &Extensions) {
        for (name, value) in extensions {
            if !self.0.contains_key(name) {
                self.put(name, value.clone());
            }
        }
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Object(members.0)
    }
}

/// Escapes a name for use in a JSON pointer (RFC 6901).
pub(super) fn escape_pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
