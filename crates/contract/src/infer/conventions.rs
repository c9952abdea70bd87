//! What references of this family print in one state and leave out in another: the carriers of
//! rights. Some states show them in the samples of every page, others never expand them, so that no
//! page says what they hold.

use super::carriers::Group;
use super::evidence::{Property, Shape, Sighting, Voice};
use super::types::Scalar;
use super::{Decision, Place};

/// Carriers of rights, by the property that leads to them: what the caller may do, and why not more.
const RIGHTS_CARRIERS: [&str; 2] = ["TableRight", "FieldRight"];
const RIGHTS_PROPERTIES: [&str; 2] = ["Mask", "Reason"];

/// Fills in the carriers of rights where no page expands them, and says so.
pub(super) fn expand_rights(groups: &mut [Group<'_>], sightings: &[Sighting<'_>], decisions: &mut Vec<Decision>) {
    for group in groups.iter_mut().filter(|group| group.properties.is_empty()) {
        let first = &sightings[group.sightings[0]];
        let Some(name) = RIGHTS_CARRIERS.into_iter().find(|name| first.property.as_deref() == Some(name)) else {
            continue;
        };
        let text = Property {
            shape: Shape::Scalar(Scalar::String),
            voice: Voice::Sample,
            description: None,
            place: first.place,
            sample: None,
            required: None,
        };
        group.properties.extend(RIGHTS_PROPERTIES.map(|property| (property, text.clone())));
        decisions.push(Decision {
            subject: name.to_owned(),
            rule: "known-rights",
            guess: true,
            reason: format!(
                "no page expands `{name}`; references of this family print `{}` in it",
                RIGHTS_PROPERTIES.join("` and `")
            ),
            place: Some(Place::from(first.place)),
        });
    }
}
