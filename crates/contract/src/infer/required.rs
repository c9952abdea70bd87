//! Which properties callers may not leave out.
//!
//! Only tables of requests mark properties as required. A carrier is one schema wherever it is used, and answers promise
//! nothing. So a property is required where every request's row for it bears the mark, unless an answer holds the carrier
//! too; a mark that does not count is told as a guess.

use std::collections::{BTreeSet, HashSet};

use super::carriers::Carriers;
use super::evidence::{Property, Shape, Sighting};
use super::{Decision, Place};

/// The rule's name.
pub(super) const RULE: &str = "required-mark";

/// Notes with each carrier which of its properties are required.
pub(super) fn decide<'s>(
    carriers: &mut Carriers<'_>,
    sightings: &[Sighting<'_>],
    answers: impl Iterator<Item = &'s Shape>,
    decisions: &mut Vec<Decision>,
) {
    let mut answered: Option<HashSet<usize>> = None;
    let mut answers = Some(answers);
    for group in 0..carriers.groups.len() {
        let marked = marked(carriers, group, sightings);
        if marked.is_empty() {
            continue;
        }
        // Hardly any reference marks properties, so that most need not know.
        let answered = answered
            .get_or_insert_with(|| carriers.reached(answers.take().into_iter().flatten()).into_iter().collect());
        let is_answered = answered.contains(&group);
        let schema = carriers.names[group].name.clone();
        for name in marked {
            let rows = || rows(carriers, group, name, sightings);
            let all = rows().count();
            let with_mark = rows().filter(|property| property.required == Some(true)).count();
            let why = if is_answered {
                format!("answers hold `{schema}` too, and promise nothing")
            } else if with_mark < all {
                format!("{} of the {all} tables that print it do not say so", all - with_mark)
            } else {
                carriers.groups[group].required.insert(name);
                continue;
            };
            let place = rows().find(|property| property.required == Some(true)).map(|property| property.place);
            decisions.push(Decision {
                subject: format!("{schema}.{name}"),
                rule: RULE,
                guess: true,
                reason: format!(
                    "a request's table marks it as required, but {why}; it stays optional, unless the overlay adds it to \
                     the schema's `required`"
                ),
                place: place.map(Place::from),
            });
        }
    }
}

/// The properties that some row marks, in the order of their names.
fn marked<'p>(carriers: &Carriers<'p>, group: usize, sightings: &[Sighting<'_>]) -> BTreeSet<&'p str> {
    let group = &carriers.groups[group];
    let printed = group.sightings.iter().flat_map(|id| &sightings[*id].properties);
    let marked = printed.filter(|(_, row)| row.required == Some(true));
    marked.filter_map(|(name, _)| group.properties.get_key_value(&**name)).map(|(name, _)| *name).collect()
}

/// What tables say of a property.
fn rows<'s, 'p>(
    carriers: &'s Carriers<'_>,
    group: usize,
    name: &'s str,
    sightings: &'s [Sighting<'p>],
) -> impl Iterator<Item = &'s Property<'p>> {
    let properties = carriers.groups[group].sightings.iter().filter_map(move |id| sightings[*id].properties.get(name));
    properties.filter(|property| property.required.is_some())
}
