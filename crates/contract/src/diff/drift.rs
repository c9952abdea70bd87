//! How two sources differ that should say the same, in the words of a comparison.
//!
//! The canonical forms decide whether they differ. The changes say it in words; what they do not
//! name, or name without its values, is told by the canonical lines that differ.

use std::collections::{HashMap, HashSet};

use super::{Change, Place, Spot};
use crate::canonical::{self, Difference};
use crate::model::Contract;

/// More changes or lines than these are counted only.
const MOST: usize = 25;
/// And more places or operations of one change.
const MOST_OF_ONE: usize = 5;
/// What a source says of that which it does not have.
const NOTHING: &str = "(says nothing)";
/// Facts about a place that changes name with their values.
const NAMED: [&str; 20] = [
    "enum",
    "default",
    "deprecated",
    "read-only",
    "write-only",
    "minimum",
    "exclusive-minimum",
    "maximum",
    "exclusive-maximum",
    "multiple-of",
    "min-length",
    "max-length",
    "pattern",
    "min-items",
    "max-items",
    "unique-items",
    "min-properties",
    "max-properties",
    "operation-id",
    "security",
];

/// Two sources that differ.
#[derive(Debug)]
pub struct Drift {
    labels: [String; 2],
    changes: Vec<Told>,
    /// What the changes leave out.
    rest: Vec<Difference>,
}

/// A change with what each of the sources says.
#[derive(Debug)]
struct Told {
    change: Change,
    values: [Option<String>; 2],
}

impl Drift {
    /// What differs between two sources, each with what it is called; `None` where they say the same.
    pub fn between((a, a_contract): (&str, &Contract), (b, b_contract): (&str, &Contract)) -> Option<Self> {
        let differences = canonical::compare(a, &canonical::full(a_contract), b, &canonical::full(b_contract));
        if differences.is_empty() {
            return None;
        }
        let changes = super::compare(a_contract, b_contract);
        let known: HashMap<&str, &Difference> = differences.iter().map(|each| (each.subject.as_str(), each)).collect();
        let mut covered: HashSet<&str> = HashSet::new();
        let mut told = Vec::with_capacity(changes.len());
        for change in changes {
            let mut values = [change.base.clone(), change.revision.clone()];
            if !change.rule.is_summarised() {
                for place in &change.places {
                    covered
                        .extend(differences.iter().map(|each| each.subject.as_str()).filter(|each| names(place, each)));
                }
                let first = change
                    .places
                    .first()
                    .into_iter()
                    .flat_map(subjects)
                    .find_map(|subject| known.get(subject.as_str()));
                if let (Some(first), [None, None]) = (first, &values) {
                    values = [first.a.1.clone(), first.b.1.clone()];
                }
            }
            told.push(Told { change, values });
        }
        let covered: HashSet<String> = covered.into_iter().map(str::to_owned).collect();
        let rest = differences.into_iter().filter(|each| !covered.contains(&each.subject)).collect();
        Some(Self { labels: [a.to_owned(), b.to_owned()], changes: told, rest })
    }

    /// The places that [`Self::lines`] tells, of both sources.
    pub fn spots(&self) -> impl Iterator<Item = &Spot> {
        let places = self.changes.iter().take(MOST).filter_map(|told| told.change.places.first());
        places.flat_map(|place| place.base.iter().chain(&place.revision))
    }

    /// What differs, for people: each change with what both sources say of it, and where. `found`
    /// knows the lines of the first source and of the second.
    pub fn lines(&self, found: [&HashMap<&Spot, String>; 2]) -> Vec<String> {
        let mut lines = Vec::new();
        for told in self.changes.iter().take(MOST) {
            self.tell(told, found, &mut lines);
        }
        more(self.changes.len(), "change", &mut lines);
        for difference in self.rest.iter().take(MOST) {
            lines.extend(difference.to_string().lines().map(str::to_owned));
        }
        more(self.rest.len(), "difference", &mut lines);
        lines
    }

    fn tell(&self, told: &Told, found: [&HashMap<&Spot, String>; 2], lines: &mut Vec<String>) {
        let change = &told.change;
        lines.push(change.to_string());
        let Some(place) = change.places.first() else { return };
        let width = self.labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
        for (side, spot) in [&place.base, &place.revision].into_iter().enumerate() {
            let value = match (&told.values[side], spot) {
                (Some(value), _) => Some(value.as_str()),
                (None, None) => Some(NOTHING),
                (None, Some(_)) => told.values.iter().any(Option::is_some).then_some(NOTHING),
            };
            let line = spot.as_ref().and_then(|spot| found[side].get(spot));
            let said = match (value, line) {
                (Some(value), Some(line)) => format!("{value}, at {line}"),
                (Some(value), None) => value.to_owned(),
                (None, Some(line)) => format!("at {line}"),
                (None, None) => continue,
            };
            lines.push(format!("  {:>width$}: {said}", self.labels[side]));
        }
        let others: Vec<&str> = {
            let mut known = HashSet::from([change.subject.as_str()]);
            change.places.iter().map(|place| place.subject.as_str()).filter(|subject| known.insert(*subject)).collect()
        };
        for (word, all) in [("also", others), ("of", change.operations.iter().map(String::as_str).collect())] {
            let is_itself = matches!(&all[..], [only] if told.values.iter().flatten().any(|value| value == only));
            if !all.is_empty() && !is_itself {
                let shown = all.iter().take(MOST_OF_ONE).copied().collect::<Vec<_>>().join(", ");
                let hidden = all.len().saturating_sub(MOST_OF_ONE);
                let hidden = if hidden > 0 { format!(" and {hidden} more") } else { String::new() };
                lines.push(format!("  {word:>width$}: {shown}{hidden}"));
            }
        }
    }
}

fn more(count: usize, noun: &str, lines: &mut Vec<String>) {
    if let Some(hidden @ 1..) = count.checked_sub(MOST) {
        lines.push(format!("and {hidden} more {noun}{}", if hidden == 1 { "" } else { "s" }));
    }
}

/// Whether a change at this place names the fact with this canonical subject.
fn names(place: &Place, fact: &str) -> bool {
    let subjects = subjects(place);
    // Of what is new, gone or called otherwise, everything within is.
    let is_whole = subjects.len() < 2 || subjects[0] != subjects[1];
    subjects.iter().any(|subject| {
        let holder = subject.trim_end_matches(['[', ']', '{', '}']);
        fact == subject
            // Items and values that are plain stand in the expression of what holds them.
            || fact.strip_prefix(holder).is_some_and(|rest| subject[holder.len()..].starts_with(rest))
            || fact.strip_prefix(subject.as_str()).is_some_and(|rest| {
                (is_whole && rest.starts_with([' ', '.', '[', '{', '<']))
                    || rest.strip_prefix(' ').is_some_and(|fact| NAMED.contains(&fact))
            })
    })
}

/// What the canonical form calls a place, on each side that has it.
fn subjects(place: &Place) -> Vec<String> {
    [&place.base, &place.revision].into_iter().flatten().filter_map(|spot| subject(&spot.pointer)).collect()
}

/// What the canonical form calls what stands at a pointer; `None` where it counts differently.
fn subject(pointer: &str) -> Option<String> {
    let mut tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    let mut text = match tokens.next()?.as_str() {
        "paths" => {
            let (path, method) = (tokens.next()?, tokens.next()?);
            format!("{} {path}", method.to_uppercase())
        }
        "components" if tokens.next()? == "schemas" => format!("schema {}", tokens.next()?),
        _ => return None,
    };
    let mut is_content = false;
    while let Some(token) = tokens.next() {
        match token.as_str() {
            "parameters" => {
                let parameter = tokens.next()?;
                let (location, name) = parameter.split_once('.')?;
                let name = if location == "header" { name.to_ascii_lowercase() } else { name.to_owned() };
                text = format!("{text} {location} {name}");
            }
            "requestBody" => text.push_str(" body"),
            "responses" => text = format!("{text} response {}", tokens.next()?),
            "headers" => text = format!("{text} header {}", tokens.next()?.to_ascii_lowercase()),
            "content" => {
                text = format!("{text} {}", tokens.next()?);
                is_content = true;
            }
            "schema" if is_content => text.push_str(" schema"),
            "schema" => {}
            "properties" => text = format!("{text}.{}", tokens.next()?),
            "items" => text.push_str("[]"),
            "additionalProperties" => text.push_str("{}"),
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{read, yaml};

    const BASE: &str = include_str!("../../tests/fixtures/diff/base.yaml");

    /// What is said when the documents say this instead at a place; nothing for `null`.
    fn drift(pointer: &str, value: Value) -> String {
        let base: Value = yaml::from_str(BASE).unwrap();
        let mut edited = base.clone();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        let last = last.replace("~1", "/");
        let parent = edited.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => _ = parent.shift_remove(&last).unwrap(),
            value => _ = parent.insert(last, value),
        }
        let [base, edited] = [base, edited].map(|document| read::from_value(&document).unwrap());
        assert!(Drift::between(("a", &base), ("b", &base)).is_none());
        let drift = Drift::between(("openapi.yaml", &base), ("documents", &edited)).unwrap();
        let spots: HashMap<&Spot, String> =
            drift.spots().map(|spot| (spot, format!("file:{}", spot.pointer.len()))).collect();
        drift.lines([&spots, &HashMap::new()]).join("\n")
    }

    #[test]
    fn a_difference_is_told_with_both_values_and_its_place() {
        insta::assert_snapshot!(drift("/components/schemas/Person/properties/Last", json!({ "type": "integer" })), @r"
        breaking[response-type-changed]: Person.Last: string → integer
          openapi.yaml: string, at file:42
             documents: integer
                    of: getThing
        ");
        insta::assert_snapshot!(drift("/paths/~1things~1{id}~1copy", Value::Null), @r"
        breaking[operation-removed]: PUT /things/{id}/copy: copyThing
          openapi.yaml: copyThing, at file:31
             documents: (says nothing)
        ");
        insta::assert_snapshot!(drift("/components/schemas/Person/properties/Last/description", json!("The last name.")), @r#"
        compatible[description-changed]: Person.Last
          openapi.yaml: at file:42
                    of: getThing
        schema Person.Last description
          openapi.yaml: (says nothing)
             documents: "The last name."
        "#);
        insta::assert_snapshot!(drift("/components/schemas/Person/required", json!(["Last"])), @r"
        compatible[response-property-became-required]: Person.Last
          openapi.yaml: string, at file:42
             documents: string required
                    of: getThing
        ");
        insta::assert_snapshot!(drift("/components/schemas/Person/properties/Last/enum", json!(["A", "B"])), @r"
        compatible[response-became-enum]: Person.Last: `A`, `B`
          openapi.yaml: (says nothing), at file:42
             documents: `A`, `B`
                    of: getThing
        ");
        insta::assert_snapshot!(drift("/info/version", json!("7")), @r#"
        compatible[info-changed]: info
          openapi.yaml: at file:5
        info version
          openapi.yaml: "1.0.0"
             documents: "7"
        "#);
    }

    #[test]
    fn pointers_become_subjects() {
        for (pointer, expected) in [
            ("/paths/~1a~1{b}/get", Some("GET /a/{b}")),
            ("/paths/~1a/get/parameters/header.X-A.B", Some("GET /a header x-a.b")),
            ("/paths/~1a/get/parameters/query.top/schema/items", Some("GET /a query top[]")),
            ("/paths/~1a/post/requestBody/content/text~1xml/schema", Some("POST /a body text/xml schema")),
            ("/paths/~1a/get/responses/200/headers/ETag/schema", Some("GET /a response 200 header etag")),
            ("/components/schemas/A/properties/b/additionalProperties", Some("schema A.b{}")),
            ("/components/schemas/A/allOf/0", None),
            ("/info/title", None),
        ] {
            assert_eq!(subject(pointer).as_deref(), expected, "{pointer}");
        }
    }
}
