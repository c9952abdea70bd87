//! Gathers what pages show of carriers: every object that a table or a sample prints is one
//! [`Sighting`], before anybody knows which sightings are the same carrier.

use std::borrow::Cow;
use std::mem::discriminant;
use std::sync::Arc;

use docwright_pages::page::{PropertyRow, Span};
use serde_json::Value;

use super::Decision;
use super::fast::{Ordered, Set};
use super::phrases::{owners_of, stated_carrier};
use super::survey::{MapEvidence, Survey};
use super::types::{Scalar, TypeName, is_loose, sample_scalar, type_name};

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
    Scalar(Scalar),
    /// Text with these values.
    Enumeration(Vec<String>),
    /// A list of such values.
    Array(Box<Shape>),
    /// A map to such values.
    Map(Box<Shape>),
    /// A carrier.
    Carrier(SightingId),
}

impl Shape {
    /// Counts the carriers in it on from `first`.
    pub(super) fn shift(&mut self, first: SightingId) {
        match self {
            Self::Carrier(id) => *id += first,
            Self::Array(inner) | Self::Map(inner) => inner.shift(first),
            Self::Unknown | Self::Scalar(_) | Self::Enumeration(_) => {}
        }
    }
}

/// How a page says a property's type. What is more exact wins over what is less.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Voice {
    /// A table says only what kind of scalar it is, and no sample shows more.
    LooseTable,
    /// A sample shows one value.
    Sample,
    /// A table says it.
    Table,
}

/// One object as one page prints it.
#[derive(Clone, Debug)]
pub(super) struct Sighting<'p> {
    /// Where.
    pub(super) place: Place,
    /// The property that leads to it, in the singular where that holds several.
    pub(super) property: Option<Cow<'p, str>>,
    /// What a table says of that property, as the page has it.
    pub(super) led_by: Option<&'p str>,
    /// The name that the page states for it: a sentence, a heading or a type cell.
    pub(super) stated_name: Option<String>,
    /// For the root of a body: what else may be its name.
    pub(super) root: Root<'p>,
    /// Carriers of which a text here says that they have one of its properties.
    pub(super) owners: Vec<&'p str>,
    /// Its properties, in the page's order; empty where the page prints `{}`, `null` or nothing.
    pub(super) properties: Ordered<&'p str, Property<'p>>,
}

impl Sighting<'_> {
    /// The name that leads to it: of the property, or of what the operation is about.
    pub(super) fn leading_name(&self) -> Option<&str> {
        self.property.as_deref().or(self.root.object.as_deref())
    }
}

/// One property of a [`Sighting`].
#[derive(Clone, Debug)]
pub(super) struct Property<'p> {
    /// Its value.
    pub(super) shape: Shape,
    /// How the page says so.
    pub(super) voice: Voice,
    /// The table's description, as the page has it.
    pub(super) description: Option<&'p str>,
    /// Where.
    pub(super) place: Place,
    /// What the sample shows of it, where it does.
    pub(super) sample: Option<&'p Value>,
    /// Whether the row of a table marks it as required; `None` where there is no row.
    pub(super) required: Option<bool>,
}

impl<'p> Property<'p> {
    /// One that a sample shows and no table prints.
    fn sampled(shape: Shape, value: &'p Value, place: Place) -> Self {
        Self { shape, voice: Voice::Sample, description: None, place, sample: Some(value), required: None }
    }
}

/// What is known of the root of a body beside its properties.
#[derive(Clone, Debug, Default)]
pub(super) struct Root<'p> {
    /// What the operation's name is about: `GetUserInfo` is about `UserInfo`.
    pub(super) object: Option<String>,
    /// The entity that the operation's id names.
    pub(super) entity: Option<&'p str>,
    /// What the heading of a request calls it.
    pub(super) heading: Option<&'p str>,
    /// For a request root that belongs to this one operation: its name.
    pub(super) request_of: Option<String>,
    /// What the page says about it, as the page has it.
    pub(super) description: Option<&'p str>,
    /// Whether it is an operation of JSON Patch (RFC 6902), whose value may be anything.
    pub(super) is_patch: bool,
}

/// All sightings of all pages.
#[derive(Debug, Default)]
pub(super) struct Evidence<'p> {
    pub(super) sightings: Vec<Sighting<'p>>,
    pub(super) survey: Arc<Survey<'p>>,
    /// What had to be guessed on the way.
    pub(super) guesses: Vec<Decision>,
    /// Subjects and rules of these.
    pub(super) guessed: Set<(String, &'static str)>,
    /// Cells that leave a property to a carrier although its sample shows none.
    pub(super) no_carriers: Vec<NoCarrier<'p>>,
}

/// A cell that leaves a property to a carrier although its sample shows none.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoCarrier<'p> {
    pub(super) page: usize,
    pub(super) row: &'p PropertyRow,
}

impl<'p> Evidence<'p> {
    /// Nothing yet, to be gathered by what all pages say.
    pub(super) fn begin(survey: &Arc<Survey<'p>>) -> Self {
        Self { survey: Arc::clone(survey), ..Self::default() }
    }

    /// Adds what the next page shows, whose sightings were counted on already ([`shift`](Self::shift)).
    pub(super) fn append(&mut self, page: Self) {
        self.sightings.extend(page.sightings);
        self.no_carriers.extend(page.no_carriers);
        for guess in page.guesses {
            self.keep(guess);
        }
    }

    /// Counts the sightings on from `first`: so many are in the pages before.
    pub(super) fn shift(&mut self, first: SightingId) {
        let properties = self.sightings.iter_mut().flat_map(|sighting| sighting.properties.values_mut());
        properties.for_each(|property| property.shape.shift(first));
    }

    /// A carrier that a table prints, with what the sample shows of its values.
    pub(super) fn root(
        &mut self,
        stated_name: Option<String>,
        root: Root<'p>,
        rows: &'p [PropertyRow],
        sample: Option<&'p Value>,
        place: Place,
    ) -> Shape {
        let shown = sample.and_then(Value::as_object).map_or(0, serde_json::Map::len);
        let mut properties = Ordered::with_capacity_and_hasher(rows.len().max(shown), Default::default());
        // Not every table knows what its values are, though it says so.
        let free = |name: &str| name == "value" && root.is_patch;
        let is_odata = rows.iter().any(|row| matches!(row.name.value.as_str(), "odata.metadata" | "@odata.context"));
        for row in rows {
            let name = row.name.value.as_str();
            let place = Place { page: place.page, span: row.name.span };
            let value = sample.and_then(|sample| sample.get(name));
            let text = row.description.value.as_str();
            let description = Some(text).filter(|text| !text.trim().is_empty());
            let (shape, voice) = if free(name) {
                let reason = "an operation of JSON Patch (RFC 6902) takes any value, whatever the table says";
                self.guess("JsonPatchOperation.value", "json-patch", reason.to_owned(), place);
                (Shape::Unknown, Voice::Table)
            } else if is_odata && name == "value" {
                let reason = "records of OData have the fields that were asked for, which a sample cannot know";
                self.guess(name, "odata-records", reason.to_owned(), place);
                (Shape::Array(Box::new(Shape::Map(Box::new(Shape::Unknown)))), Voice::Table)
            } else {
                self.cell(row, description, value, place)
            };
            let required = Some(row.required);
            properties.entry(name).or_insert(Property { shape, voice, description, place, sample: value, required });
        }
        for (name, value) in sample.and_then(Value::as_object).into_iter().flatten() {
            if !properties.contains_key(name.as_str()) {
                let shape = self.sample(Cow::Borrowed(name), value, place);
                properties.insert(name, Property::sampled(shape, value, place));
            }
        }
        let has = |name: &str| properties.contains_key(name);
        let texts = rows.iter().map(|row| row.description.value.as_str()).filter(|text| text.contains(['{', '<']));
        let owners = texts.flat_map(|text| owners_of(has, text)).collect();
        self.add(Sighting { place, property: None, led_by: None, stated_name, root, owners, properties })
    }

    /// What a type cell says of a property, with the help of its sample value.
    fn cell(
        &mut self,
        row: &'p PropertyRow,
        text: Option<&'p str>,
        value: Option<&'p Value>,
        place: Place,
    ) -> (Shape, Voice) {
        let (cell, property) = (row.type_name.value.as_str(), row.name.value.as_str());
        let first = self.sightings.len();
        let name = Cow::Borrowed(property);
        let shape = match type_name(cell) {
            TypeName::Scalar(scalar) if is_loose(cell) => return self.loose(scalar, value),
            TypeName::Scalar(scalar) => Shape::Scalar(scalar),
            TypeName::Enumeration(values) => Shape::Enumeration(values),
            TypeName::Object => Shape::Map(Box::new(self.map_values(property, value, place))),
            TypeName::Array => Shape::Array(Box::new(self.items(property, value, place))),
            TypeName::Named(items) if items.ends_with("[]") => {
                let shape = self.items(property, value, place);
                if let Some(id) = carrier_in(&shape).filter(|id| *id >= first) {
                    self.sightings[id].stated_name = Some(items.trim_end_matches("[]").to_owned());
                }
                Shape::Array(Box::new(shape))
            }
            TypeName::Unnamed | TypeName::Named(_)
                if value.is_some_and(|value| !value.is_null() && !value.is_object()) =>
            {
                self.no_carriers.push(NoCarrier { page: place.page, row });
                return (value.map_or(Shape::Unknown, |value| self.sample(name, value, place)), Voice::Sample);
            }
            TypeName::Unnamed => self.carrier(name, None, value, place),
            TypeName::Named(stated) => {
                let stated = self.survey.name(&stated, Some(property)).map(str::to_owned);
                self.carrier(name, stated, value, place)
            }
            // Said by a warning; the sample knows better, if there is one.
            TypeName::Unknown => value.map_or(Shape::Unknown, |value| self.sample(name, value, place)),
        };
        if let (Some(text), Some(id)) = (text, carrier_in(&shape).filter(|id| *id >= first)) {
            let sighting = &mut self.sightings[id];
            sighting.led_by = Some(text);
            sighting.stated_name = sighting.stated_name.take().or_else(|| stated_carrier(text));
        }
        (shape, Voice::Table)
    }

    /// A cell that says `Integer`, `Number` or `String` and leaves the format to the sample.
    fn loose(&self, cell: Scalar, value: Option<&Value>) -> (Shape, Voice) {
        match value.and_then(|value| self.scalar(value)) {
            Some(shown) if shown.has_base_of(cell) => (Shape::Scalar(shown), Voice::Sample),
            // A sample writes a number without fraction like an integer.
            Some(_) if cell == Scalar::Number => (Shape::Scalar(Scalar::Double), Voice::Sample),
            _ => (Shape::Scalar(cell), Voice::LooseTable),
        }
    }

    fn scalar(&self, value: &Value) -> Option<Scalar> {
        let is_byte = value.as_str().is_some_and(|text| self.survey.is_byte_text(text));
        if is_byte { Some(Scalar::Byte) } else { sample_scalar(value) }
    }

    /// What a sample value shows.
    pub(super) fn sample(&mut self, property: Cow<'p, str>, value: &'p Value, place: Place) -> Shape {
        match value {
            Value::Array(_) => Shape::Array(Box::new(self.items(&property, Some(value), place))),
            Value::Object(members) if self.survey.is_map(&property, members) != MapEvidence::None => {
                if self.survey.is_map(&property, members) == MapEvidence::OtherTables {
                    let reason =
                        format!("`{property}` is a map, because tables elsewhere call properties of that name maps");
                    self.guess(&property, "map-by-other-tables", reason, place);
                }
                Shape::Map(Box::new(self.map_values(&property, Some(value), place)))
            }
            Value::Object(_) => self.carrier(property, None, Some(value), place),
            Value::Null if self.survey.null_is_carrier(&property) => self.carrier(property, None, None, place),
            _ => self.scalar(value).map_or(Shape::Unknown, Shape::Scalar),
        }
    }

    /// What all items of a sample list show.
    pub(super) fn items(&mut self, property: &str, value: Option<&'p Value>, place: Place) -> Shape {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // Items of one list are alike; the first that shows something tells.
        let telling = items.iter().find(|item| !item.is_null() && item.as_object().is_none_or(|o| !o.is_empty()));
        match telling.or(items.first()) {
            Some(item) => self.sample(Cow::Owned(singular(property)), item, place),
            None => Shape::Unknown,
        }
    }

    /// What all values of a sample map show; nothing, where they are of several kinds.
    pub(super) fn map_values(&mut self, property: &str, value: Option<&'p Value>, place: Place) -> Shape {
        let mut values = value.and_then(Value::as_object).into_iter().flatten().map(|(_, value)| value);
        let Some(first) = values.next() else { return Shape::Unknown };
        if !values.all(|value| discriminant(value) == discriminant(first)) {
            return Shape::Unknown;
        }
        self.sample(Cow::Owned(singular(property)), first, place)
    }

    /// A carrier below a property, expanded by its sample or not.
    fn carrier(
        &mut self,
        property: Cow<'p, str>,
        stated_name: Option<String>,
        value: Option<&'p Value>,
        place: Place,
    ) -> Shape {
        let members = value.and_then(Value::as_object);
        let mut properties =
            Ordered::with_capacity_and_hasher(members.map_or(0, serde_json::Map::len), Default::default());
        for (name, value) in members.into_iter().flatten() {
            let shape = self.sample(Cow::Borrowed(name), value, place);
            properties.insert(name.as_str(), Property::sampled(shape, value, place));
        }
        self.add(Sighting {
            place,
            property: Some(property),
            led_by: None,
            stated_name,
            root: Root::default(),
            owners: Vec::new(),
            properties,
        })
    }

    fn guess(&mut self, subject: &str, rule: &'static str, reason: String, place: Place) {
        let place = Some(super::Place::from(place));
        self.keep(Decision { subject: subject.to_owned(), rule, guess: true, reason, place });
    }

    fn keep(&mut self, guess: Decision) {
        // Once a subject and rule is enough, whatever many pages print it.
        if self.guessed.insert((guess.subject.clone(), guess.rule)) {
            self.guesses.push(guess);
        }
    }

    fn add(&mut self, sighting: Sighting<'p>) -> Shape {
        self.sightings.push(sighting);
        Shape::Carrier(self.sightings.len() - 1)
    }
}

/// The carrier that a value is, or that its items or values are.
pub(super) fn carrier_in(shape: &Shape) -> Option<SightingId> {
    match shape {
        Shape::Carrier(id) => Some(*id),
        Shape::Array(inner) | Shape::Map(inner) => carrier_in(inner),
        Shape::Unknown | Shape::Scalar(_) | Shape::Enumeration(_) => None,
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
