//! Schemas that are made of others: `allOf`, `oneOf`, `anyOf`.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::super::components::{Comparison, Judged, Sides};
use super::super::place::{At, Step};
use super::super::{rules, words};
use super::{changed_type, compare, component, look, shapes, similar};
use crate::model::{Additional, Contract, Schema, Type};

/// `allOf` on either side: part by part where they correspond, else as the object that the parts
/// make up.
pub(super) fn all_of(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    if let (Type::AllOf(a), Type::AllOf(b)) = (&base.ty, &revision.ty)
        && a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| correspond(comparison, a, b))
    {
        for (number, (a, b)) in a.iter().zip(b).enumerate() {
            compare(comparison, a, b, &at.then(Step::Part("allOf", number)));
        }
        return;
    }
    // What is made up of components may have itself in it, and has the same in it everywhere.
    let key = (comparison.owner, format!("{:?}", base.ty), format!("{:?}", revision.ty));
    if !comparison.combinations.insert(key) || !look(comparison, at) {
        return;
    }
    let flat = (flattened(comparison.base, base, 0), flattened(comparison.revision, revision, 0));
    if let (Some(a), Some(b)) = &flat {
        return shapes(comparison, a, b, at);
    }
    let parts = |schema: &Schema| match &schema.ty {
        Type::AllOf(parts) => parts.clone(),
        _ => vec![schema.clone()],
    };
    let (a, b) = (parts(base), parts(revision));
    let matched = assign(comparison, &a, &b);
    unmatched(comparison, (&a, &b), &matched, "allOf", (&rules::PART_ADDED, &rules::PART_REMOVED), at);
}

fn correspond(comparison: &mut Comparison<'_>, a: &Schema, b: &Schema) -> bool {
    match (component(comparison.base, a), component(comparison.revision, b)) {
        (Some(a), Some(b)) => comparison.similar(a, b),
        (None, None) => a.ty.name() == b.ty.name() && a.ty.name().is_some(),
        _ => false,
    }
}

/// The object that the parts of `allOf` make up; `None` where they are no objects.
fn flattened(contract: &Contract, schema: &Schema, depth: usize) -> Option<Schema> {
    if depth > 16 {
        return None;
    }
    if let Some((_, target)) = component(contract, schema).and_then(|index| contract.schemas.get_index(index)) {
        return flattened(contract, target, depth + 1);
    }
    match &schema.ty {
        Type::Object { .. } | Type::Any => Some(schema.clone()),
        Type::AllOf(parts) => {
            let mut properties = IndexMap::new();
            let mut required = BTreeSet::new();
            let mut additional = Additional::Unstated;
            for part in parts {
                let part = flattened(contract, part, depth + 1)?;
                if let Type::Object { properties: more, required: also, additional: rest } = part.ty {
                    properties.extend(more);
                    required.extend(also);
                    if rest != Additional::Unstated {
                        additional = rest;
                    }
                }
            }
            Some(Schema { ty: Type::Object { properties, required, additional }, ..schema.clone() })
        }
        _ => None,
    }
}

/// `oneOf` and `anyOf` on either side.
pub(super) fn alternatives(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let of = |schema: &Schema| match &schema.ty {
        Type::OneOf(parts) => ("oneOf", parts.clone()),
        Type::AnyOf(parts) => ("anyOf", parts.clone()),
        Type::Any => ("", Vec::new()),
        _ => ("", vec![schema.clone()]),
    };
    let ((a_keyword, a), (b_keyword, b)) = (of(base), of(revision));
    if a.is_empty() || b.is_empty() {
        let pair = if a.is_empty() { &rules::TYPE_STATED } else { &rules::TYPE_UNSTATED };
        return comparison.value(pair, at, Some(words::schema(base)), Some(words::schema(revision)));
    }
    let matched = assign(comparison, &a, &b);
    if matched.is_empty() {
        return changed_type(comparison, base, revision, at);
    }
    let keyword = if b_keyword.is_empty() { a_keyword } else { b_keyword };
    for (old, new) in &matched {
        compare(comparison, &a[*old], &b[*new], &at.then(Step::Part(keyword, *new)));
    }
    unmatched(comparison, (&a, &b), &matched, keyword, (&rules::ALTERNATIVE_ADDED, &rules::ALTERNATIVE_REMOVED), at);
}

/// Which parts of the two sides are the same: by component, else by shape, else by type.
fn assign(comparison: &mut Comparison<'_>, a: &[Schema], b: &[Schema]) -> Vec<(usize, usize)> {
    let mut matched: Vec<(usize, usize)> = Vec::new();
    let same_name = |a: &Schema, b: &Schema| matches!((&a.ty, &b.ty), (Type::Ref(a), Type::Ref(b)) if a == b);
    let is_reference = |schema: &Schema| matches!(schema.ty, Type::Ref(_));
    let same_shape =
        |a: &Schema, b: &Schema| !is_reference(a) && !is_reference(b) && similar::shape(a) == similar::shape(b);
    let pass = |matched: &mut Vec<(usize, usize)>, same: &mut dyn FnMut(&Schema, &Schema) -> bool| {
        for (old, part) in a.iter().enumerate() {
            let taken = |index: usize, matched: &[(usize, usize)]| matched.iter().any(|(_, new)| *new == index);
            if matched.iter().any(|(known, _)| *known == old) {
                continue;
            }
            let found = b.iter().enumerate().find(|(index, other)| !taken(*index, matched) && same(part, other));
            if let Some((new, _)) = found {
                matched.push((old, new));
            }
        }
    };
    pass(&mut matched, &mut |a, b| same_name(a, b));
    pass(&mut matched, &mut |a, b| same_shape(a, b));
    pass(&mut matched, &mut |a, b| correspond(comparison, a, b));
    matched.sort_unstable();
    matched
}

/// Says which parts have no counterpart.
fn unmatched(
    comparison: &mut Comparison<'_>,
    (a, b): (&[Schema], &[Schema]),
    matched: &[(usize, usize)],
    keyword: &'static str,
    (added, removed): (&'static rules::Pair, &'static rules::Pair),
    at: &At<'_>,
) {
    for (old, part) in a.iter().enumerate().filter(|(old, _)| !matched.iter().any(|(known, _)| known == old)) {
        let values = (Some(words::schema(part)), None);
        comparison.note(Judged::ByDirection(removed), &at.then(Step::Part(keyword, old)), Sides::Base, values);
    }
    for (new, part) in b.iter().enumerate().filter(|(new, _)| !matched.iter().any(|(_, known)| known == new)) {
        let values = (None, Some(words::schema(part)));
        comparison.note(Judged::ByDirection(added), &at.then(Step::Part(keyword, new)), Sides::Revision, values);
    }
}
