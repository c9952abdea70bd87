//! Values as XML.

use docwright_contract::model::Schema;
use quick_xml::escape::escape;
use serde_json::Value;

use super::{hint, is_flagged, item_name, root_name};
use crate::schemas::Schemas;

/// Deeper values than this are cut off; generated ones never are.
const MAX_DEPTH: usize = 200;

/// The value as an XML document.
pub(crate) fn write(schemas: &Schemas, schema: &Schema, value: &Value) -> String {
    let mut writer = Writer { schemas, text: String::from(r#"<?xml version="1.0" encoding="utf-8"?>"#), depth: 0 };
    let root = root_name(schemas, schema);
    match value {
        // A document has one root, so a list is wrapped there in any case.
        Value::Array(items) => {
            let schema_of_items = schemas.items(schema);
            let item = schema_of_items.map_or_else(|| "item".to_owned(), |items| item_name(schemas, items, None));
            writer.list(&root, schema, &item, schema_of_items, items);
        }
        Value::Null => writer.empty(&root, schema),
        _ => writer.element(&root, schema, value),
    }
    writer.text
}

struct Writer<'a> {
    schemas: &'a Schemas,
    text: String,
    depth: usize,
}

impl Writer<'_> {
    /// A value that is no list, as an element.
    fn element(&mut self, name: &str, schema: &Schema, value: &Value) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let name = self.open(name, schema);
        match value {
            Value::Object(members) => {
                for (property, value) in members {
                    let of_property = self.schemas.property(schema, property);
                    if let Some(of_property) = of_property
                        && is_flagged(self.schemas, of_property, "attribute")
                        && !value.is_null()
                    {
                        let attribute = qualified(
                            self.schemas,
                            of_property,
                            super::name(self.schemas, of_property).unwrap_or(property),
                        );
                        self.attribute(&attribute, &plain(value));
                    }
                }
                self.text.push('>');
                let any = Schema::default();
                for (property, value) in members {
                    match self.schemas.property(schema, property) {
                        Some(of_property) if is_flagged(self.schemas, of_property, "attribute") => {}
                        Some(of_property) => {
                            let element = super::name(self.schemas, of_property).unwrap_or(property).to_owned();
                            self.property(property, &element, of_property, value);
                        }
                        // The key of a map is its value's name.
                        None => self.property(property, property, self.schemas.values(schema).unwrap_or(&any), value),
                    }
                }
            }
            other => {
                self.text.push('>');
                self.text.push_str(&escape(visible(&plain(other))));
            }
        }
        self.close(&name);
        self.depth -= 1;
    }

    fn property(&mut self, property: &str, element: &str, schema: &Schema, value: &Value) {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                let of_items = self.schemas.items(schema);
                if is_flagged(self.schemas, schema, "wrapped") {
                    let item = of_items
                        .map_or_else(|| element.to_owned(), |items| item_name(self.schemas, items, Some(element)));
                    self.list(element, schema, &item, of_items, items);
                } else {
                    let item = of_items
                        .map_or_else(|| property.to_owned(), |items| item_name(self.schemas, items, Some(property)));
                    self.items(&item, of_items, items);
                }
            }
            value => self.element(element, schema, value),
        }
    }

    fn list(&mut self, name: &str, schema: &Schema, item: &str, of_items: Option<&Schema>, items: &[Value]) {
        let name = self.open(name, schema);
        self.text.push('>');
        self.items(item, of_items, items);
        self.close(&name);
    }

    fn items(&mut self, name: &str, schema: Option<&Schema>, items: &[Value]) {
        let any = Schema::default();
        let schema = schema.unwrap_or(&any);
        for item in items {
            match item {
                Value::Array(inner) => {
                    let of_items = self.schemas.items(schema);
                    let inner_name =
                        of_items.map_or_else(|| "item".to_owned(), |items| item_name(self.schemas, items, None));
                    self.list(name, schema, &inner_name, of_items, inner);
                }
                Value::Null => self.empty(name, schema),
                item => self.element(name, schema, item),
            }
        }
    }

    fn empty(&mut self, name: &str, schema: &Schema) {
        let name = self.open(name, schema);
        self.text.push('>');
        self.close(&name);
    }

    /// The beginning of a start tag with its namespace, and the name to close it with.
    fn open(&mut self, name: &str, schema: &Schema) -> String {
        let name = qualified(self.schemas, schema, name);
        self.text.push('<');
        self.text.push_str(&name);
        if let Some(namespace) = hint(self.schemas, schema, "namespace").and_then(Value::as_str) {
            let prefix = name.split_once(':').map(|(prefix, _)| format!("xmlns:{prefix}"));
            self.attribute(prefix.as_deref().unwrap_or("xmlns"), namespace);
        }
        name
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        self.text.push_str(&escape(visible(value)));
        self.text.push('"');
    }

    fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }
}

/// The name with the prefix that the hint asks for.
fn qualified(schemas: &Schemas, schema: &Schema, name: &str) -> String {
    let name = valid_name(name);
    match hint(schemas, schema, "prefix").and_then(Value::as_str) {
        Some(prefix) if !prefix.is_empty() => format!("{}:{name}", valid_name(prefix)),
        _ => name,
    }
}

/// The name with an underscore for everything that XML does not allow in one.
fn valid_name(name: &str) -> String {
    let mut valid: String =
        name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' }).collect();
    if !valid.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        valid.insert(0, '_');
    }
    valid
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// The text without the characters that no XML document can hold.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => c,
            _ => '\u{FFFD}',
        })
        .collect()
}
