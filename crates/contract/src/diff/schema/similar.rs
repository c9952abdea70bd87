//! Whether two schemas are likely versions of one.

use std::collections::BTreeSet;

use crate::model::{Additional, Contract, Schema, Type};

/// Chains of references and parts are not followed further.
const MOST_DEPTH: usize = 8;

/// Whether two components have enough in common: the same kind, and of two objects that have
/// properties, a third of those of the smaller one.
pub(in crate::diff) fn similar(base: (&Contract, &Schema), revision: (&Contract, &Schema)) -> bool {
    let (a, b) = (Outline::of(base.0, base.1, 0), Outline::of(revision.0, revision.1, 0));
    if a.kind != b.kind {
        return a.kind.is_none() || b.kind.is_none();
    }
    let smaller = a.properties.len().min(b.properties.len());
    let shared = a.properties.intersection(&b.properties).count();
    smaller == 0 || shared * 3 >= smaller
}

/// A schema's kind and the names of its properties.
struct Outline<'s> {
    /// `None` where it may be anything, or combines others.
    kind: Option<&'static str>,
    properties: BTreeSet<&'s str>,
}

impl<'s> Outline<'s> {
    fn of(contract: &'s Contract, schema: &'s Schema, depth: usize) -> Self {
        let nothing = Self { kind: None, properties: BTreeSet::new() };
        if depth > MOST_DEPTH {
            return nothing;
        }
        match &schema.ty {
            Type::Ref(name) => match contract.schemas.get(name) {
                Some(target) => Self::of(contract, target, depth + 1),
                None => nothing,
            },
            Type::AllOf(parts) => {
                let parts: Vec<Self> = parts.iter().map(|part| Self::of(contract, part, depth + 1)).collect();
                Self {
                    kind: parts.iter().find_map(|part| part.kind),
                    properties: parts.into_iter().flat_map(|part| part.properties).collect(),
                }
            }
            Type::Object { properties, .. } => {
                Self { kind: Some("object"), properties: properties.keys().map(String::as_str).collect() }
            }
            ty => Self { kind: ty.name(), properties: BTreeSet::new() },
        }
    }
}

/// A schema's shape as a text that does not depend on the names of components; empty where there
/// is too little to tell it from others.
pub(in crate::diff) fn shape(schema: &Schema) -> String {
    let mut text = String::new();
    write(schema, &mut text, 0);
    let is_telling = match &schema.ty {
        Type::Object { properties, .. } => !properties.is_empty(),
        Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => true,
        _ => !schema.enumeration.is_empty() || schema.ty.name().is_some(),
    };
    if is_telling { text } else { String::new() }
}

fn write(schema: &Schema, text: &mut String, depth: usize) {
    if depth > MOST_DEPTH {
        return;
    }
    let mut list = |keyword: &str, parts: &[Schema]| {
        text.push_str(keyword);
        for part in parts {
            text.push(';');
            write(part, text, depth + 1);
        }
        text.push(')');
    };
    match &schema.ty {
        Type::Any => text.push('?'),
        Type::Ref(_) => text.push('$'),
        Type::AllOf(parts) => list("all(", parts),
        Type::OneOf(parts) => list("one(", parts),
        Type::AnyOf(parts) => list("any(", parts),
        Type::Array { items } => {
            text.push('[');
            write(items, text, depth + 1);
            text.push(']');
        }
        Type::Object { properties, required, additional } => {
            text.push('{');
            let mut names: Vec<&String> = properties.keys().collect();
            names.sort();
            for name in names {
                text.push_str(name);
                text.push(if required.contains(name) { '!' } else { ':' });
                write(&properties[name], text, depth + 1);
                text.push(',');
            }
            if let Additional::Schema(values) = additional {
                text.push('*');
                write(values, text, depth + 1);
            }
            text.push('}');
        }
        ty => {
            text.push_str(ty.name().unwrap_or_default());
            text.push_str(ty.format().unwrap_or_default());
        }
    }
    for value in &schema.enumeration {
        text.push('|');
        text.push_str(&value.to_string());
    }
}
