//! Components that are chosen by a discriminator: where operations use `Pet`, a `Cat` may travel
//! that has `Pet` as a part.

use std::collections::HashMap;

use super::components::{Comparison, Compensated, Judged, Sides};
use super::place::At;
use super::rules;
use crate::model::{Contract, Schema, Type};

/// The components of a contract that stand for others, with those that have them as a part.
pub(super) struct Families(HashMap<usize, Vec<usize>>);

impl Families {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut heirs: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, schema) in contract.schemas.values().enumerate() {
            for parent in parents(contract, schema) {
                heirs.entry(parent).or_default().push(index);
            }
        }
        // Heirs have the discriminator of what they inherit from, and may have heirs themselves.
        let says = |schema: &Schema| schema.extensions.contains_key("discriminator");
        let all = contract.schemas.values().enumerate();
        let mut open: Vec<usize> =
            all.filter(|(_, schema)| says(schema) || in_parts(schema, &says)).map(|(at, _)| at).collect();
        let mut families = HashMap::new();
        while let Some(index) = open.pop() {
            if let Some(own) = heirs.remove(&index) {
                open.extend(&own);
                families.insert(index, own);
            }
        }
        Self(families)
    }

    fn heirs(&self, index: usize) -> Vec<usize> {
        self.0.get(&index).cloned().unwrap_or_default()
    }
}

/// Whether an inline part of `allOf` says so.
fn in_parts(schema: &Schema, says: &dyn Fn(&Schema) -> bool) -> bool {
    matches!(&schema.ty, Type::AllOf(parts) if parts.iter().any(|part| !matches!(part.ty, Type::Ref(_)) && says(part)))
}

/// What a schema has as parts. One that only refers to another is the same, and no heir.
fn parents(contract: &Contract, schema: &Schema) -> Vec<usize> {
    let Type::AllOf(parts) = &schema.ty else { return Vec::new() };
    let names = parts.iter().filter_map(|part| match &part.ty {
        Type::Ref(name) => contract.schemas.get_index_of(name),
        _ => None,
    });
    names.collect()
}

/// The heirs of a pair of components meet, by name, else by what they hold.
pub(super) fn compare(comparison: &mut Comparison<'_>, (base, revision): (usize, usize), at: &At<'_>) {
    let mut old = comparison.families[0].heirs(base);
    let mut new = comparison.families[1].heirs(revision);
    if old.is_empty() || new.is_empty() {
        return;
    }
    let (base, revision) = (comparison.base, comparison.revision);
    let name = |contract: &Contract, index: usize| {
        contract.schemas.get_index(index).map(|(name, _)| name.clone()).unwrap_or_default()
    };
    for pass in [Pass::Names, Pass::Contents] {
        let mut left = Vec::new();
        for index in old {
            let (own, is_kept) = (name(base, index), revision.schemas.contains_key(&name(base, index)));
            let found = new.iter().position(|other| match pass {
                Pass::Names => name(revision, *other) == own,
                Pass::Contents => {
                    !is_kept && !base.schemas.contains_key(&name(revision, *other)) && comparison.similar(index, *other)
                }
            });
            match found {
                Some(position) => comparison.meet(index, new.remove(position), Compensated::default()),
                None => left.push(index),
            }
        }
        old = left;
    }
    for index in old {
        let values = (Some(name(base, index)), None);
        comparison.note(Judged::ByDirection(&rules::ALTERNATIVE_REMOVED), at, Sides::Both, values);
    }
    for index in new {
        let values = (None, Some(name(revision, index)));
        comparison.note(Judged::ByDirection(&rules::ALTERNATIVE_ADDED), at, Sides::Both, values);
    }
}

#[derive(Clone, Copy)]
enum Pass {
    Names,
    Contents,
}
