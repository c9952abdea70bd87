//! Schemas in OpenAPI 3.0.3's dialect.

use serde_json::Value;

use super::{members::Members, reference};
use crate::model::{Additional, Constraints, Contract, Schema, Type};
use crate::tree::Tree;

/// How many references in a row are followed to find a type; longer chains are cycles.
const MAX_HOPS: usize = 32;

pub(super) struct SchemaWriter<'a> {
    contract: &'a Contract,
}

impl<'a> SchemaWriter<'a> {
    pub(super) fn new(contract: &'a Contract) -> Self {
        Self { contract }
    }

    /// A nullable value that has no type of its own (a reference, a combination) is written with
    /// the type of what it refers to, because 3.0.3 gives `nullable` a meaning only beside `type`.
    pub(super) fn schema(&self, schema: &'a Schema) -> Tree<'a> {
        if let Type::Ref(name) = &schema.ty
            && *schema == Schema::reference(name.as_str())
        {
            return reference("schemas", name);
        }
        let mut members = Members::default();
        if let Some(name) = self.written_type(schema) {
            members.put("type", name);
        }
        members.put_text("format", schema.ty.format());
        // Anything at all includes null, so `nullable` says nothing there.
        let null_as_member = schema.nullable && self.needs_null_member(schema);
        members.put_flag("nullable", schema.nullable && !null_as_member && schema.ty != Type::Any);
        members.put_text("title", schema.title.as_deref());
        members.put_text("description", schema.description.as_deref());
        members.put_flag("deprecated", schema.deprecated);
        members.put_flag("readOnly", schema.read_only);
        members.put_flag("writeOnly", schema.write_only);
        members.put_unless_empty("enum", enumeration(schema));
        if let Some(default) = &schema.default {
            members.put("default", default);
        }
        constraints(&mut members, &schema.constraints);
        members.extend(&schema.extensions);
        self.shape(&mut members, &schema.ty, null_as_member);
        if let Some(example) = &schema.example {
            members.put("example", example);
        }
        members.into()
    }

    fn shape(&self, members: &mut Members<'a>, ty: &'a Type, null_as_member: bool) {
        match ty {
            Type::Any | Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {}
            Type::Ref(name) => members.put("allOf", Tree::List(vec![reference("schemas", name)])),
            Type::Array { items } => members.put("items", self.schema(items)),
            Type::Object { properties, required, additional } => {
                members.put_unless_empty("required", required.iter().map(|name| name.as_str().into()).collect());
                members.put_map("properties", properties, |property| self.schema(property));
                match additional {
                    Additional::Unstated => {}
                    Additional::Forbidden => members.put("additionalProperties", Tree::Flag(false)),
                    Additional::Any => members.put("additionalProperties", Tree::Flag(true)),
                    Additional::Schema(values) => {
                        let any = |values: &Tree<'_>| matches!(values, Tree::Object(members) if members.is_empty());
                        let values = self.schema(values);
                        members.put("additionalProperties", if any(&values) { Tree::Flag(true) } else { values });
                    }
                }
            }
            Type::AllOf(parts) => members.put("allOf", self.list(parts, false)),
            Type::OneOf(parts) => members.put("oneOf", self.list(parts, null_as_member)),
            Type::AnyOf(parts) => members.put("anyOf", self.list(parts, null_as_member)),
        }
    }

    fn list(&self, parts: &'a [Schema], null_as_member: bool) -> Tree<'a> {
        let null = null_as_member.then(|| {
            let mut members = Members::default();
            members.put("type", "object");
            members.put_flag("nullable", true);
            members.put("enum", Tree::List(vec![Tree::null()]));
            members.into()
        });
        parts.iter().map(|part| self.schema(part)).chain(null).collect()
    }

    fn written_type(&self, schema: &Schema) -> Option<&'static str> {
        match &schema.ty {
            Type::Ref(_) => Some(self.type_name(schema, 0).unwrap_or("object")),
            Type::AllOf(_) if schema.nullable => Some(self.type_name(schema, 0).unwrap_or("object")),
            Type::OneOf(_) | Type::AnyOf(_) if schema.nullable => self.type_name(schema, 0),
            Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => None,
            ty => ty.name(),
        }
    }

    /// A choice between different types has no one type that `nullable` could stand beside.
    fn needs_null_member(&self, schema: &Schema) -> bool {
        matches!(schema.ty, Type::OneOf(_) | Type::AnyOf(_)) && self.type_name(schema, 0).is_none()
    }

    /// The one JSON type that all values of the schema have, where there is one.
    fn type_name(&self, schema: &Schema, hops: usize) -> Option<&'static str> {
        if hops > MAX_HOPS {
            return None;
        }
        match &schema.ty {
            Type::Ref(name) => self.type_name(self.contract.schemas.get(name)?, hops + 1),
            Type::AllOf(parts) => parts.iter().find_map(|part| self.type_name(part, hops + 1)),
            Type::OneOf(parts) | Type::AnyOf(parts) => {
                let mut names = parts.iter().map(|part| self.type_name(part, hops + 1));
                let first = names.next()??;
                names.all(|name| name == Some(first)).then_some(first)
            }
            ty => ty.name(),
        }
    }
}

/// A closed list of values admits null only where it names it.
fn enumeration(schema: &Schema) -> Vec<Tree<'_>> {
    let values = &schema.enumeration;
    let null = (schema.nullable && !values.is_empty() && !values.iter().any(Value::is_null)).then(Tree::null);
    values.iter().map(Tree::from).chain(null).collect()
}

fn constraints<'a>(members: &mut Members<'a>, constraints: &'a Constraints) {
    if let Some(minimum) = &constraints.minimum {
        members.put("minimum", Tree::Number(minimum));
    }
    members.put_flag("exclusiveMinimum", constraints.exclusive_minimum);
    if let Some(maximum) = &constraints.maximum {
        members.put("maximum", Tree::Number(maximum));
    }
    members.put_flag("exclusiveMaximum", constraints.exclusive_maximum);
    if let Some(multiple_of) = &constraints.multiple_of {
        members.put("multipleOf", Tree::Number(multiple_of));
    }
    members.put_count("minLength", constraints.min_length);
    members.put_count("maxLength", constraints.max_length);
    members.put_text("pattern", constraints.pattern.as_deref());
    members.put_count("minItems", constraints.min_items);
    members.put_count("maxItems", constraints.max_items);
    members.put_flag("uniqueItems", constraints.unique_items);
    members.put_count("minProperties", constraints.min_properties);
    members.put_count("maxProperties", constraints.max_properties);
}
