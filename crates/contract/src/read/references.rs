//! Circles of references between component schemas.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::{
    cursor::{Cursor, escape_pointer},
    error::{NoteKind, Problem, ReadError},
};
use crate::model::{Schema, Type};

/// Refuses references that lead to nothing but each other, and notes schemas that are a part of
/// themselves: `allOf` in a circle says nothing either, but people mean something by the rest.
pub(super) fn check(root: &Cursor<'_>, schemas: &IndexMap<String, Schema>) -> Result<(), ReadError> {
    for name in schemas.keys() {
        let mut known = HashSet::from([name.as_str()]);
        let mut next = name.as_str();
        while let Some(Schema { ty: Type::Ref(target), .. }) = schemas.get(next) {
            if target == name {
                let target = format!("{}/{}", pointer(root), escape_pointer(target));
                let place = format!("{}/{}", pointer(root), escape_pointer(name));
                return Err(ReadError { pointer: place, position: None, problem: Problem::Circular { target } });
            }
            if !known.insert(target) {
                break;
            }
            next = target;
        }
    }
    for name in in_circles(schemas) {
        let place = format!("{}/{}", pointer(root), escape_pointer(name));
        root.source.note(&place, NoteKind::Invalid, "this schema is a part of itself, by `allOf`".to_owned());
    }
    Ok(())
}

fn pointer(root: &Cursor<'_>) -> String {
    format!("#/{}", root.source.dialect.components("schemas").join("/"))
}

/// The schemas that `allOf` leads back to themselves.
fn in_circles(schemas: &IndexMap<String, Schema>) -> Vec<&str> {
    let edges: HashMap<&str, Vec<&str>> = schemas
        .iter()
        .map(|(name, schema)| (name.as_str(), parts(schema)))
        .filter(|(_, parts)| !parts.is_empty())
        .collect();
    let leads_back = |name: &&str| {
        let mut seen = HashSet::new();
        let mut open = edges.get(name).cloned().unwrap_or_default();
        while let Some(part) = open.pop() {
            if part == *name {
                return true;
            }
            if seen.insert(part) {
                open.extend(edges.get(part).into_iter().flatten());
            }
        }
        false
    };
    schemas.keys().map(String::as_str).filter(leads_back).collect()
}

/// What every value of this schema is a value of.
fn parts(schema: &Schema) -> Vec<&str> {
    match &schema.ty {
        Type::Ref(name) => vec![name],
        Type::AllOf(all) => all.iter().flat_map(parts).collect(),
        _ => Vec::new(),
    }
}
