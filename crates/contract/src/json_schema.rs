//! Self-contained JSON Schemas (draft 2020-12) of a contract's schemas, for validating values.

use serde_json::{Map, Value, json};

use crate::model::{Additional, Constraints, Contract, Schema, Type};
use crate::read;

/// The dialect that is written.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema with everything that it refers to in `$defs`. Nullable values are type arrays or a
/// choice with null; open enumerations stay open. A reference to a component that the contract
/// does not have admits nothing, so that the mistake shows.
pub fn for_schema(contract: &Contract, schema: &Schema) -> Value {
    let mut writer = Writer::default();
    let written = writer.schema(schema);
    let mut definitions = Map::new();
    while let Some(name) = writer.wanted.pop() {
        if definitions.contains_key(&name) {
            continue;
        }
        let definition = match contract.schemas.get(&name) {
            Some(schema) => writer.schema(schema),
            None => Value::Bool(false),
        };
        definitions.insert(name, definition);
    }
    definitions.sort_keys();
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!(DIALECT));
    root.extend(written.as_object().cloned().unwrap_or_default());
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(root)
}

#[derive(Default)]
struct Writer {
    /// Components referred to and perhaps not yet written.
    wanted: Vec<String>,
}

impl Writer {
    fn schema(&mut self, schema: &Schema) -> Value {
        let mut members = Map::new();
        self.shape(&schema.ty, &mut members);
        if let Some(format) = schema.ty.format() {
            members.insert("format".to_owned(), json!(format));
        }
        if !schema.enumeration.is_empty() {
            members.insert("enum".to_owned(), json!(schema.enumeration));
        }
        bounds(&schema.constraints, &mut members);
        self.kept(schema, &mut members);
        if schema.nullable { nullable(&schema.ty, members) } else { Value::Object(members) }
    }

    /// What the model keeps verbatim and validators know. There it is in OpenAPI's form.
    fn kept(&mut self, schema: &Schema, members: &mut Map<String, Value>) {
        for (name, value) in &schema.extensions {
            let written = match name.as_str() {
                "not"
                | "propertyNames"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "unevaluatedItems"
                | "unevaluatedProperties" => self.kept_schema(value),
                "patternProperties" | "dependentSchemas" => {
                    let all = value.as_object().into_iter().flatten();
                    all.map(|(name, value)| (name.clone(), self.kept_schema(value))).collect()
                }
                "prefixItems" => value.as_array().into_iter().flatten().map(|value| self.kept_schema(value)).collect(),
                "minContains" | "maxContains" | "dependentRequired" => value.clone(),
                _ => continue,
            };
            members.insert(name.clone(), written);
        }
    }

    fn kept_schema(&mut self, value: &Value) -> Value {
        match read::kept_schema(value) {
            Ok(schema) if !value.is_boolean() => self.schema(&schema),
            _ => value.clone(),
        }
    }

    fn shape(&mut self, ty: &Type, members: &mut Map<String, Value>) {
        if let Some(name) = ty.name() {
            members.insert("type".to_owned(), json!(name));
        }
        match ty {
            Type::Ref(name) => {
                self.wanted.push(name.clone());
                let token = name.replace('~', "~0").replace('/', "~1").replace('%', "%25");
                members.insert("$ref".to_owned(), json!(format!("#/$defs/{token}")));
            }
            Type::Array { items } => {
                members.insert("items".to_owned(), self.schema(items));
            }
            Type::Object { properties, required, additional } => {
                if !properties.is_empty() {
                    let written = properties.iter().map(|(name, property)| (name.clone(), self.schema(property)));
                    members.insert("properties".to_owned(), Value::Object(written.collect()));
                }
                if !required.is_empty() {
                    members.insert("required".to_owned(), json!(required));
                }
                match additional {
                    Additional::Unstated | Additional::Any => {}
                    Additional::Forbidden => {
                        members.insert("additionalProperties".to_owned(), json!(false));
                    }
                    Additional::Schema(values) => {
                        members.insert("additionalProperties".to_owned(), self.schema(values));
                    }
                }
            }
            Type::AllOf(parts) => self.parts("allOf", parts, members),
            Type::OneOf(parts) => self.parts("oneOf", parts, members),
            Type::AnyOf(parts) => self.parts("anyOf", parts, members),
            _ => {}
        }
    }

    fn parts(&mut self, keyword: &str, parts: &[Schema], members: &mut Map<String, Value>) {
        members.insert(keyword.to_owned(), parts.iter().map(|part| self.schema(part)).collect());
    }
}

/// Adds null to what the schema admits.
fn nullable(ty: &Type, mut members: Map<String, Value>) -> Value {
    match ty.name() {
        Some(name) => {
            members.insert("type".to_owned(), json!([name, "null"]));
            if let Some(values) = members.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
            Value::Object(members)
        }
        None => json!({ "anyOf": [members, { "type": "null" }] }),
    }
}

fn bounds(constraints: &Constraints, members: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let minimum = if constraints.exclusive_minimum { "exclusiveMinimum" } else { "minimum" };
    let maximum = if constraints.exclusive_maximum { "exclusiveMaximum" } else { "maximum" };
    put(minimum, constraints.minimum.clone().map(Value::Number));
    put(maximum, constraints.maximum.clone().map(Value::Number));
    put("multipleOf", constraints.multiple_of.clone().map(Value::Number));
    put("minLength", constraints.min_length.map(Value::from));
    put("maxLength", constraints.max_length.map(Value::from));
    put("pattern", constraints.pattern.clone().map(Value::from));
    put("minItems", constraints.min_items.map(Value::from));
    put("maxItems", constraints.max_items.map(Value::from));
    put("uniqueItems", constraints.unique_items.then_some(Value::Bool(true)));
    put("minProperties", constraints.min_properties.map(Value::from));
    put("maxProperties", constraints.max_properties.map(Value::from));
}

#[cfg(test)]
mod tests;
