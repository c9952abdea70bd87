//! Explains properties of schemas.

use serde_json::Value;

use super::Trace;
use super::fact::{Certainty, Explanation, Fact, Mention};
use super::quote::{Words, contradicts, shortened, shown};
use crate::infer::evidence::{Property, Shape, SightingId, carrier_in};
use crate::infer::required;
use crate::infer::sameness::Rule;
use crate::infer::survey::MapEvidence;
use crate::infer::types::{Scalar, TypeName, is_loose, type_name};
use crate::text::clean_markdown;

/// What one sighting says of the property.
struct Said<'t> {
    id: SightingId,
    property: &'t Property<'t>,
    words: Words<'t>,
}

/// A rule's stable name, how sure its outcome is, and its grounds.
type Verdict = (&'static str, Certainty, String);

impl Trace<'_> {
    /// Explains a property.
    pub(super) fn property(&self, schema: &str, name: &str) -> Option<Explanation> {
        let group = &self.carriers.groups[self.group_named(schema)?];
        let merged = group.properties.get(name)?;
        let said = |id: &SightingId| {
            let sighting = &self.evidence.sightings[*id];
            let property = sighting.properties.get(name)?;
            Some(Said { id: *id, property, words: self.words(sighting, property) })
        };
        let said: Vec<Said<'_>> = group.sightings.iter().filter_map(said).collect();
        let mut facts = vec![self.property_type(merged, name, &said, &group.sightings)];
        facts.extend(self.held(merged, &said));
        facts.extend(self.property_demand(schema, name, group.required.contains(name), &said));
        facts.extend(self.property_description(merged, &said));
        Some(Explanation { kind: "property", subject: format!("{schema}.{name}"), facts })
    }

    /// What decided a property's type, and what disagrees.
    fn property_type(&self, merged: &Property<'_>, name: &str, said: &[Said<'_>], sightings: &[SightingId]) -> Fact {
        let ty = self.type_of(&merged.shape, name);
        let (agreeing, other): (Vec<&Said<'_>>, Vec<&Said<'_>>) =
            said.iter().partition(|said| self.fits(&said.property.shape, &merged.shape));
        // The first of those that say it most exactly decided.
        let exactness = |said: &Said<'_>| (self.type_of(&said.property.shape, name) == ty, said.property.voice);
        let Some(decisive) = agreeing.iter().copied().rev().max_by_key(|said| exactness(said)) else {
            let fact = Fact::new("type", ty, Certainty::Guessed, "known-rights");
            let fact = fact.because("no page expands the carrier; references of this family print this property in it");
            return fact.seen(sightings, |id| self.sighting(*id));
        };
        let (rule, certainty, because) = self.verdict(decisive, name);
        // Whoever decided is mentioned, however many others say the same.
        let mut places = vec![decisive];
        places.extend(agreeing.iter().copied().filter(|said| !std::ptr::eq(*said, decisive)));
        let mut losers: Vec<Mention> = places.iter().filter_map(|said| self.overruled(said, rule)).collect();
        losers.extend(other.iter().map(|said| self.mention(said.words.place, self.quote(&said.words))));
        let fact = Fact::new("type", ty, certainty, rule).because(because);
        let fact = fact.seen(&places, |said| self.evidence_for(said, rule));
        fact.but(&losers, Mention::clone)
    }

    /// Which rule made this type of what a page says.
    fn verdict(&self, said: &Said<'_>, name: &str) -> Verdict {
        use Certainty::{Deduced, Guessed, Stated};
        let sighting = &self.evidence.sightings[said.id];
        let shape = &said.property.shape;
        if sighting.root.is_patch && name == "value" {
            return ("json-patch", Deduced, "an operation of JSON Patch (RFC 6902) takes any value".to_owned());
        }
        let unshown =
            self.carriers.unshown_items(shape, name).and_then(|_| self.reason_of("items-without-sample", name));
        if let Some(reason) = unshown {
            return ("items-without-sample", Guessed, reason);
        }
        let Some(row) = said.words.row else { return self.sampled(said, name) };
        let cell = row.type_name.value.trim();
        let shows = said.words.sample.is_some_and(|value| !value.is_null());
        let verdict = |rule: &'static str, certainty, because: &str| (rule, certainty, because.to_owned());
        match type_name(cell) {
            TypeName::Array if is_records(shape) => {
                verdict("odata-records", Guessed, "records of OData have the fields that were asked for")
            }
            TypeName::Scalar(scalar) if is_loose(cell) && *shape != Shape::Scalar(scalar) => {
                verdict("loose-cell-and-sample", Deduced, "the cell names the kind, the sample shows the format")
            }
            TypeName::Scalar(_) | TypeName::Enumeration(_) => verdict("table-cell", Stated, ""),
            TypeName::Array if matches!(shape, Shape::Array(items) if **items != Shape::Unknown) => {
                verdict("cell-and-sample", Deduced, "only the sample shows what the list holds")
            }
            TypeName::Array => verdict("table-cell", Stated, "no sample shows what the list holds"),
            TypeName::Object => {
                verdict("object-cell", Deduced, "an `object` in a table is a map, as its keys are not listed")
            }
            TypeName::Named(name) if name.ends_with("[]") => verdict("table-cell", Stated, ""),
            TypeName::Unnamed | TypeName::Named(_) if carrier_in(shape).is_none() && shows => verdict(
                "sample-over-cell",
                Deduced,
                "the cell leaves the property to a carrier, which the sample is not",
            ),
            TypeName::Named(_) if self.is_placeholder(row) => verdict(
                "placeholder-cell",
                Deduced,
                "the name stands for carriers that have nothing in common, so that it names none",
            ),
            TypeName::Named(_) => verdict("table-cell", Stated, ""),
            TypeName::Unnamed => verdict("empty-cell", Deduced, "an empty cell leaves the property to another carrier"),
            TypeName::Unknown => verdict("sample-value", Deduced, "the cell names no type that is known"),
        }
    }

    /// Which rule read a sample's value that no table describes.
    fn sampled(&self, said: &Said<'_>, name: &str) -> Verdict {
        let value = said.words.sample;
        match (&said.property.shape, value) {
            (Shape::Map(_), Some(Value::Object(members))) => match self.evidence.survey.is_map(name, members) {
                MapEvidence::OtherTables => {
                    let because = "tables elsewhere call properties of this name maps";
                    ("map-by-other-tables", Certainty::Guessed, because.to_owned())
                }
                _ => ("map-keys", Certainty::Deduced, "the sample's keys are made up ones".to_owned()),
            },
            (Shape::Carrier(_), Some(Value::Null)) => {
                let because = "`null` stands for a carrier that the sample does not expand";
                ("null-for-carrier", Certainty::Deduced, because.to_owned())
            }
            (Shape::Scalar(Scalar::Byte), _) => {
                let because = "tables elsewhere call what is written so bytes";
                ("byte-text", Certainty::Deduced, because.to_owned())
            }
            (Shape::Unknown, _) => {
                ("sample-value", Certainty::Deduced, "the sample shows nothing that could tell the type".to_owned())
            }
            _ => ("sample-value", Certainty::Deduced, "only a sample shows it".to_owned()),
        }
    }

    /// What a page says for the outcome of a rule.
    fn evidence_for(&self, said: &Said<'_>, rule: &str) -> Mention {
        let words = said.words;
        match (rule, words.row, words.sample) {
            ("json-patch", ..) => self.mention(words.place, "a row of an operation of JSON Patch"),
            ("odata-records", Some(row), _) => self.mention(words.place, self.quote_cell(row)),
            ("sample-over-cell", _, Some(value)) => {
                let place = self.sample_place(words.place.page, value);
                self.mention(place.unwrap_or(words.place), format!("the sample shows {}", shown(value)))
            }
            // The sample stands among those that disagree.
            (_, Some(row), Some(value)) if contradicts(&row.type_name.value, value) => {
                self.mention(words.place, self.quote_cell(row))
            }
            _ => self.mention(words.place, self.quote(&words)),
        }
    }

    /// What a page says against its own outcome: the cell that a rule overruled, or the sample that
    /// the cell overruled.
    fn overruled(&self, said: &Said<'_>, rule: &str) -> Option<Mention> {
        let row = said.words.row?;
        if matches!(rule, "sample-over-cell" | "json-patch") {
            return Some(self.mention(said.words.place, self.quote_cell(row)));
        }
        // A sample of OData shows fields as if there were no others.
        let is_against = |value: &Value| rule == "odata-records" || contradicts(&row.type_name.value, value);
        let value = said.words.sample.filter(|value| is_against(value))?;
        let place = self.sample_place(said.words.place.page, value)?;
        Some(self.mention(place, format!("the sample shows {}", shown(value))))
    }

    /// Whether a shape is no more than less of the other.
    fn fits(&self, shape: &Shape, merged: &Shape) -> bool {
        match (shape, merged) {
            (Shape::Unknown, _) => true,
            (Shape::Scalar(a), Shape::Scalar(b)) => b.has_base_of(*a) || b.wider(*a) == Some(*b),
            (Shape::Enumeration(_), Shape::Enumeration(_)) => true,
            (Shape::Scalar(a), Shape::Enumeration(_)) => *a == Scalar::String,
            (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => self.fits(a, b),
            (Shape::Carrier(a), Shape::Carrier(b)) => self.carriers.group_of[*a] == self.carriers.group_of[*b],
            _ => false,
        }
    }

    /// How it was found which carrier a property holds.
    fn held(&self, merged: &Property<'_>, said: &[Said<'_>]) -> Option<Fact> {
        let group = self.carriers.group_of[carrier_in(&merged.shape)?];
        let ids: Vec<SightingId> = said.iter().filter_map(|said| carrier_in(&said.property.shape)).collect();
        let rules = self.carriers.unions.iter().filter(|union| union.sightings.iter().any(|id| ids.contains(id)));
        // What else is known of the carrier says more than that this property is always the same one.
        let last = rules.map(|union| union.rule).max_by_key(|rule| (*rule != Rule::SameProperty, *rule));
        let name = &self.carriers.names[group].name;
        let is_named = ids.iter().any(|id| self.statement(*id, name).is_some_and(|(_, is_verbatim)| is_verbatim));
        let (certainty, rule, because) = match last {
            _ if is_named => (Certainty::Stated, "stated-name", "a page names it here"),
            Some(rule) if rule.is_guess() => (Certainty::Guessed, rule.name(), rule.meaning()),
            Some(Rule::SameName) => (Certainty::Stated, Rule::SameName.name(), Rule::SameName.meaning()),
            Some(rule) => (Certainty::Deduced, rule.name(), rule.meaning()),
            None => (Certainty::Deduced, "own-carrier", "no other carrier is known to be the same"),
        };
        let (same, other): (Vec<SightingId>, Vec<SightingId>) =
            ids.into_iter().partition(|id| self.carriers.group_of[*id] == group);
        let fact =
            Fact::new("holds", format!("{name} (`explain {name}` says where that name comes from)"), certainty, rule);
        let fact = fact.because(because).seen(&same, |id| self.sighting(*id));
        Some(fact.but(&other, |id| {
            let Mention { what, .. } = self.sighting(*id);
            let other = &self.carriers.names[self.carriers.group_of[*id]].name;
            self.mention(self.evidence.sightings[*id].place, format!("{what}: `{other}`"))
        }))
    }

    /// Whether callers may leave it out, where some row says that they may not.
    fn property_demand(&self, schema: &str, name: &str, is_required: bool, said: &[Said<'_>]) -> Option<Fact> {
        let rows = said.iter().filter(|said| said.property.required.is_some());
        let (marked, other): (Vec<&Said<'_>>, Vec<&Said<'_>>) =
            rows.partition(|said| said.property.required == Some(true));
        if marked.is_empty() {
            return None;
        }
        Some(if is_required {
            Fact::new("required", "yes", Certainty::Stated, required::RULE)
                .seen(&marked, |said| self.mention(said.words.place, ""))
        } else {
            let because = self.reason_of(required::RULE, &format!("{schema}.{name}")).unwrap_or_default();
            let fact = Fact::new("required", "no", Certainty::Guessed, required::RULE).because(because);
            fact.seen(&other, |said| self.mention(said.words.place, "no mark"))
                .but(&marked, |said| self.mention(said.words.place, "marked as required"))
        })
    }

    fn property_description(&self, merged: &Property<'_>, said: &[Said<'_>]) -> Option<Fact> {
        let text = clean_markdown(merged.description?)?;
        let clean = |said: &Said<'_>| said.property.description.and_then(clean_markdown);
        let (same, other): (Vec<&Said<'_>>, Vec<&Said<'_>>) = said
            .iter()
            .filter(|said| said.property.description.is_some())
            .partition(|said| clean(said).as_deref() == Some(text.as_str()));
        let fact = Fact::new("description", text, Certainty::Stated, "first-text");
        let fact = fact.seen(&same, |said| self.mention(said.words.place, ""));
        Some(fact.but(&other, |said| self.mention(said.words.place, shortened(&clean(said).unwrap_or_default()))))
    }
}

/// Whether these are records whose fields nobody knows.
fn is_records(shape: &Shape) -> bool {
    matches!(shape, Shape::Array(items) if matches!(&**items, Shape::Map(values) if **values == Shape::Unknown))
}
