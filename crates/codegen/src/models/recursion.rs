//! Which carriers hold themselves, so that their size would have no end.

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::{Schema, Type};

/// For each component, the components that a value of it holds without a list or map between.
pub(super) struct Recursion(BTreeMap<String, BTreeSet<String>>);

impl Recursion {
    pub(super) fn of(contract: &Contract) -> Self {
        let direct: BTreeMap<&str, BTreeSet<&str>> =
            contract.schemas.iter().map(|(name, schema)| (name.as_str(), direct_references(schema))).collect();
        let reach = direct.keys().map(|name| {
            let mut reached = BTreeSet::new();
            let mut pending: Vec<&str> = direct[name].iter().copied().collect();
            while let Some(next) = pending.pop() {
                if reached.insert(next.to_owned()) {
                    pending.extend(direct.get(next).into_iter().flatten().copied());
                }
            }
            ((*name).to_owned(), reached)
        });
        Self(reach.collect())
    }

    /// Whether a field of type `target` in `owner` needs a box.
    pub(super) fn needs_box(&self, owner: &str, target: &str) -> bool {
        owner == target || self.0.get(target).is_some_and(|reached| reached.contains(owner))
    }
}

fn direct_references(schema: &Schema) -> BTreeSet<&str> {
    match &schema.ty {
        Type::Ref(name) => BTreeSet::from([name.as_str()]),
        Type::Object { properties, .. } => properties.values().flat_map(direct_references).collect(),
        Type::AllOf(parts) if parts.len() == 1 => direct_references(&parts[0]),
        _ => BTreeSet::new(),
    }
}
