//! What pages leave out about carriers and their properties.

use std::collections::BTreeMap;

use super::super::collect::{Collector, Spot};
use super::super::kinds::{
    Kind, SAMPLES_ONLY, UNDESCRIBED_CARRIER, UNDESCRIBED_PROPERTY, UNEXPANDED_CARRIER, UNKNOWN_SHAPE,
};
use super::super::occurrences::{Occurrences, properties};
use super::super::shape::{component_within, is_described, is_unexpanded, is_unknown};
use super::check_values;
use crate::model::Schema;

/// How many carriers a message names before it only counts them.
const NAMED_CARRIERS: usize = 3;

/// A property that lacks something in several carriers: its name, and the carrier that it is.
type Shared<'c> = (&'static str, &'c str, &'c str);

/// Looks at every component.
pub(crate) fn check<'c>(pages: &mut Collector<'c>, occurrences: &Occurrences<'c>) {
    let mut shared: BTreeMap<Shared<'c>, Vec<&'c str>> = BTreeMap::new();
    let contract = pages.input.contract;
    for (name, schema) in &contract.schemas {
        let spots = occurrences.spots((name, None), pages);
        if is_unexpanded(schema) {
            let spots = occurrences.all_spots((name, None), pages);
            pages.add(&UNEXPANDED_CARRIER, name, format!("no page shows what `{name}` holds"), spots);
            continue;
        }
        let Some(all) = properties(schema) else { continue };
        if occurrences.is_in_table((name, None)) {
            if !is_described(schema.description.as_deref()) {
                pages.add(&UNDESCRIBED_CARRIER, name, format!("nothing says what `{name}` is"), spots);
            }
        } else if all.values().all(|property| !is_described(property.description.as_deref())) {
            let count = all.len();
            let message = format!("`{name}` stands in samples only: none of its {count} properties is described");
            pages.add(&SAMPLES_ONLY, name, message, spots);
        }
        for (property, schema) in all {
            check_property(pages, occurrences, (name, property), schema, &mut shared);
        }
    }
    for ((code, property, _), carriers) in shared {
        let kind = if code == UNKNOWN_SHAPE.code { &UNKNOWN_SHAPE } else { &UNDESCRIBED_PROPERTY };
        let subjects = carriers.iter().map(|carrier| (*carrier, Some(property)));
        let spots: Vec<Spot> = subjects.flat_map(|subject| occurrences.spots(subject, pages)).collect();
        add_shared(pages, kind, property, &carriers, spots);
    }
}

fn check_property<'c>(
    pages: &mut Collector<'c>,
    occurrences: &Occurrences<'c>,
    (carrier, property): (&'c str, &'c str),
    schema: &'c Schema,
    shared: &mut BTreeMap<Shared<'c>, Vec<&'c str>>,
) {
    let subject = (carrier, Some(property));
    let mut lacks = |kind: &Kind| {
        // One carrier is the same thing everywhere; a text of that name is another one each time.
        let target = component_within(schema).unwrap_or(carrier);
        shared.entry((kind.code, property, target)).or_default().push(carrier);
    };
    if is_unknown(schema) {
        lacks(&UNKNOWN_SHAPE);
    }
    if !is_described(schema.description.as_deref()) && occurrences.is_in_table(subject) {
        lacks(&UNDESCRIBED_PROPERTY);
    }
    check_values(pages, property, schema, |pages| occurrences.spots(subject, pages));
}

fn add_shared(pages: &mut Collector<'_>, kind: &Kind, property: &str, carriers: &[&str], spots: Vec<Spot>) {
    let what = if kind.code == UNKNOWN_SHAPE.code { "shows no value of a known type" } else { "has no description" };
    match carriers {
        [carrier] => {
            let subject = format!("{carrier}.{property}");
            let message = format!("`{subject}` {what}");
            pages.add(kind, subject, message, spots);
        }
        _ => {
            let named: Vec<String> =
                carriers.iter().take(NAMED_CARRIERS).map(|carrier| format!("`{carrier}`")).collect();
            let more = if carriers.len() > NAMED_CARRIERS { ", …" } else { "" };
            let message = format!("`{property}` {what} in {} carriers", carriers.len());
            let note = format!("in {}{more}", named.join(", "));
            pages.add_noted(kind, property, message, Some(note), spots);
        }
    }
}
