//! Gathers what pages show of carriers: every object that a table or a sample prints is one
//! [`Sighting`], before anybody knows which sightings are the same carrier.

use std::collections::BTreeSet;

use docwright_pages::page::{PropertyRow, Span};
use indexmap::IndexMap;
use serde_json::Value;

use super::types::{TypeName, sample_scalar, type_name};
use crate::model::Schema;
use crate::text::clean_markdown;

/// The index of a [`Sighting`] in [`Evidence::sightings`].
pub(super) type SightingId = usize;

/// Where a page says something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    /// Index of the page.
    pub(super) page: usize,
    /// Where in the page.
    pub(super) span: Span,
}

/// What a page shows of one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing: the sample holds `null`, or there is none.
    Unknown,
    /// A scalar.
    Scalar(Box<Schema>),
    /// A list of such values.
    Array(Box<Shape>),
    /// A map to such values.
    Map(Box<Shape>),
    /// A carrier.
    Carrier(SightingId),
}

/// One object as one page prints it.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    /// Where.
    pub(super) place: Place,
    /// The property that leads to it, in the singular where that holds several.
    pub(super) property: Option<String>,
    /// The name that the page states for it: a sentence, a heading or a type cell.
    pub(super) stated_name: Option<String>,
    /// The name that the operation's id suggests, for the root of a body.
    pub(super) id_name: Option<String>,
    /// A request root that belongs to this one operation.
    pub(super) request_of: Option<String>,
    /// What the page says about it, cleaned.
    pub(super) description: Option<String>,
    /// Its properties, in the page's order; empty where the page prints `{}`, `null` or nothing.
    pub(super) properties: IndexMap<String, Property>,
}

/// One property of a [`Sighting`].
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// Its value.
    pub(super) shape: Shape,
    /// Whether a table says so; a sample only shows one value.
    pub(super) stated: bool,
    /// The table's description, cleaned.
    pub(super) description: Option<String>,
    /// Where.
    pub(super) place: Place,
}

/// Where a root carrier stands and what is known of its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Root {
    pub(super) stated_name: Option<String>,
    pub(super) id_name: Option<String>,
    pub(super) request_of: Option<String>,
    pub(super) description: Option<String>,
}

/// All sightings of all pages.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) sightings: Vec<Sighting>,
    /// Properties that some table declares as a map (`object`).
    map_properties: BTreeSet<String>,
    /// Properties that some table leaves to another carrier (an empty or a naming cell).
    carrier_properties: BTreeSet<String>,
}

impl Evidence {
    /// Remembers what tables say of a property's kind, for the samples that nest it. All tables
    /// must have passed here before any sample is read.
    pub(super) fn note_table(&mut self, rows: &[PropertyRow]) {
        for row in rows {
            let properties = match type_name(&row.type_name.value) {
                TypeName::Object => &mut self.map_properties,
                TypeName::Unnamed | TypeName::Named(_) => &mut self.carrier_properties,
                TypeName::Scalar(_) | TypeName::Array | TypeName::Unknown => continue,
            };
            properties.insert(row.name.value.clone());
        }
    }

    /// A carrier that a table prints, with what the sample shows of its values.
    pub(super) fn root(&mut self, root: Root, rows: &[PropertyRow], sample: Option<&Value>, place: Place) -> Shape {
        let mut properties = IndexMap::new();
        for row in rows {
            let name = row.name.value.clone();
            let place = Place { page: place.page, span: row.name.span };
            let value = sample.and_then(|sample| sample.get(&name));
            let shape = self.cell(&row.type_name.value, &name, value, place);
            let description = clean_markdown(&row.description.value);
            properties.entry(name).or_insert(Property { shape, stated: true, description, place });
        }
        for (name, value) in sample.and_then(Value::as_object).into_iter().flatten() {
            if !properties.contains_key(name) {
                let shape = self.sample(name, value, place);
                properties.insert(name.clone(), Property { shape, stated: false, description: None, place });
            }
        }
        self.add(Sighting {
            place,
            property: None,
            stated_name: root.stated_name,
            id_name: root.id_name,
            request_of: root.request_of,
            description: root.description,
            properties,
        })
    }

    /// What a type cell says of a property, with the help of its sample value.
    fn cell(&mut self, cell: &str, property: &str, value: Option<&Value>, place: Place) -> Shape {
        match type_name(cell) {
            TypeName::Scalar(schema) => Shape::Scalar(schema),
            TypeName::Object => Shape::Map(Box::new(self.map_values(property, value, place))),
            TypeName::Array => Shape::Array(Box::new(self.items(property, value, place))),
            TypeName::Unnamed => self.carrier(property, None, value, place),
            TypeName::Named(name) => self.carrier(property, Some(name), value, place),
            // Said by a warning; the sample knows better, if there is one.
            TypeName::Unknown => value.map_or(Shape::Unknown, |value| self.sample(property, value, place)),
        }
    }

    /// What a sample value shows.
    pub(super) fn sample(&mut self, property: &str, value: &Value, place: Place) -> Shape {
        match value {
            Value::Array(_) => Shape::Array(Box::new(self.items(property, Some(value), place))),
            Value::Object(members) if self.is_map(property, members) => {
                Shape::Map(Box::new(self.map_values(property, Some(value), place)))
            }
            Value::Object(_) => self.carrier(property, None, Some(value), place),
            Value::Null if self.carrier_properties.contains(property) => self.carrier(property, None, None, place),
            _ => sample_scalar(value).map_or(Shape::Unknown, |schema| Shape::Scalar(Box::new(schema))),
        }
    }

    /// Whether an object in a sample is a map: because tables say so of a property of this name,
    /// or because its keys are ones that only a generator of map samples writes.
    fn is_map(&self, property: &str, members: &serde_json::Map<String, Value>) -> bool {
        match (self.map_properties.contains(property), self.carrier_properties.contains(property)) {
            (true, false) => true,
            (false, true) => false,
            _ => {
                let made_up = |key: &String| key == "fieldName" || key.contains(':') || *key == format!("{property}1");
                !members.is_empty() && members.keys().all(made_up)
            }
        }
    }

    /// What all items of a sample list show.
    pub(super) fn items(&mut self, property: &str, value: Option<&Value>, place: Place) -> Shape {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // Items of one list are alike; the first that shows something tells.
        let telling = items.iter().find(|item| !item.is_null() && item.as_object().is_none_or(|o| !o.is_empty()));
        match telling.or(items.first()) {
            Some(item) => self.sample(&singular(property), item, place),
            None => Shape::Unknown,
        }
    }

    /// What all values of a sample map show.
    pub(super) fn map_values(&mut self, property: &str, value: Option<&Value>, place: Place) -> Shape {
        match value.and_then(Value::as_object).and_then(|members| members.values().next()) {
            Some(value) => self.sample(&singular(property), value, place),
            None => Shape::Unknown,
        }
    }

    /// A carrier below a property, expanded by its sample or not.
    fn carrier(&mut self, property: &str, name: Option<String>, value: Option<&Value>, place: Place) -> Shape {
        let mut properties = IndexMap::new();
        for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
            let shape = self.sample(name, value, place);
            properties.insert(name.clone(), Property { shape, stated: false, description: None, place });
        }
        self.add(Sighting {
            place,
            property: Some(property.to_owned()),
            stated_name: name,
            id_name: None,
            request_of: None,
            description: None,
            properties,
        })
    }

    fn add(&mut self, sighting: Sighting) -> Shape {
        self.sightings.push(sighting);
        Shape::Carrier(self.sightings.len() - 1)
    }
}

/// The English singular of a property's name, for one of the things that it holds.
pub(super) fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for plural in ["sses", "xes", "ches", "shes"] {
        if name.ends_with(plural) {
            return name[..name.len() - 2].to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) && stem.len() > 1 => stem.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn names_lose_their_plural() {
        let check = |plural: &str, expected: &str| assert_eq!(singular(plural), expected);
        check("FieldProperties", "FieldProperty");
        check("Interests", "Interest");
        check("Addresses", "Address");
        check("Boxes", "Box");
        check("Address", "Address");
        check("Status", "Status");
        check("User", "User");
        check("s", "s");
    }
}
