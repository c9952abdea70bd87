//! Adding a page must not rename what has nothing to do with it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{inferred, page};
use crate::infer::Inferred;
use crate::model::Type;

/// Words that properties and operations are made of: few, so that names clash.
const WORDS: [&str; 6] = ["Owner", "Part", "Role", "Type", "Status", "Box"];

/// The schemas by name, each with the names of its properties.
fn shapes(found: &Inferred) -> BTreeMap<String, BTreeSet<String>> {
    let properties = |ty: &Type| match ty {
        Type::Object { properties, .. } => properties.keys().cloned().collect(),
        _ => BTreeSet::new(),
    };
    found.contract.schemas.iter().map(|(name, schema)| (name.clone(), properties(&schema.ty))).collect()
}

/// A page that answers one object with a part below each of these words. `world` keeps the pages of
/// different worlds apart: they share no word.
fn arbitrary_page(world: &'static str) -> impl Strategy<Value = String> {
    let part = (0..WORDS.len(), 0..3_usize, 1..4_usize);
    (0..10_000_u32, proptest::collection::vec(part, 1..4), any::<bool>()).prop_map(move |(key, parts, stated)| {
        let id = format!("v1{world}Agent_Get{world}{}", WORDS[key as usize % WORDS.len()]);
        let mut rows = vec![(format!("{world}Id"), "int32")];
        let mut sample = vec![format!("\"{world}Id\": 1")];
        for (word, shape, size) in parts {
            let name = format!("{world}{}", WORDS[word]);
            let inner: Vec<String> = (0..=size).map(|n| format!("\"{world}P{shape}{n}\": 1")).collect();
            sample.push(format!("\"{name}\": {{{}}}", inner.join(", ")));
            rows.push((name, ""));
        }
        let rows: Vec<(&str, &str)> = rows.iter().map(|(name, ty)| (name.as_str(), *ty)).collect();
        let sentence = if stated { format!("Carrier object for {world}Thing{key}.") } else { String::new() };
        let sample = format!("{{{}}}", sample.join(", "));
        page(&format!("{id}{key}"), &format!("/api/v1/{world}/{key}"), "object", &sentence, &rows, &sample)
    })
}

fn distinct(pages: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    pages.into_iter().filter(|text| seen.insert(text.lines().nth(2).map(str::to_owned))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever clashes among the pages of one world, pages that share no word with them change
    /// neither their names nor their shapes, wherever they stand.
    #[test]
    fn pages_of_another_world_change_nothing(
        here in proptest::collection::vec(arbitrary_page("Moon"), 1..6).prop_map(distinct),
        there in proptest::collection::vec(arbitrary_page("Sun"), 1..4).prop_map(distinct),
        first in any::<bool>(),
    ) {
        let before = shapes(&inferred(&here));
        let all = if first { [there, here].concat() } else { [here, there].concat() };
        let after = shapes(&inferred(&all));
        for (name, shape) in before {
            prop_assert_eq!(after.get(&name), Some(&shape), "{}", name);
        }
    }
}
