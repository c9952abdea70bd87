//! What all pages together say about words and values, gathered before any carrier is read: which
//! property names lead to carriers and which to maps, what `null` stands for in samples, which type
//! names are mere placeholders.

use std::collections::{BTreeMap, BTreeSet};

use docwright_pages::page::{Page, PropertyRow};
use rayon::prelude::*;
use serde_json::Value;

use super::evidence::Place;
use super::fast::Set;
use super::sameness::RIGHTS;
use super::types::{Scalar, TypeName, is_loose, type_name};

/// Type names that the generator of the pages prints for carriers whose definition has no
/// description. Where there are enough pages the survey finds such names by itself.
const KNOWN_PLACEHOLDERS: [&str; 2] = ["TableRight", "RecurrenceInfo"];

/// What tables and samples say everywhere.
#[derive(Debug, Default)]
pub(super) struct Survey<'p> {
    /// Properties that some table declares as a map (`object`).
    map_properties: Set<&'p str>,
    /// Properties that some table leaves to another carrier (an empty or a naming cell).
    carrier_properties: Set<&'p str>,
    /// Properties that some table declares as a scalar or a list.
    plain_properties: Set<&'p str>,
    /// Sample texts of properties that tables declare as `byte`, and as other text.
    byte_texts: Set<&'p str>,
    plain_texts: Set<&'p str>,
    /// How often samples hold `null` for a carrier, and for anything else.
    null_carriers: usize,
    other_nulls: usize,
    placeholders: BTreeSet<&'p str>,
    /// Placeholders in type cells, by name.
    pub(super) ignored: BTreeMap<&'p str, Use>,
}

/// What says that an object in a sample is a map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum MapEvidence {
    /// Its keys.
    Keys,
    /// Tables elsewhere, which call properties of this name maps: a guess.
    OtherTables,
    /// Nothing: it is a carrier.
    None,
}

/// Where a name is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) first: Place,
    pub(super) times: usize,
}

impl<'p> Survey<'p> {
    /// Surveys the pages, some at a time on each core; what came of them is put together in their order.
    pub(super) fn new(pages: &[(usize, &'p Page)]) -> Self {
        const TOGETHER: usize = 64;
        let parts: Vec<Part<'p>> = pages.par_chunks(TOGETHER).map(Part::of).collect();
        let mut whole = Part::default();
        for part in parts {
            whole.append(part);
        }
        let Part { mut survey, tables_of, without_content, uses } = whole;
        // Whoever tables a name means it, though a page without content claims it as well.
        survey.placeholders.extend(without_content.into_iter().filter(|name| !tables_of.contains_key(name)));
        survey.placeholders.extend(tables_of.iter().filter(|(_, tables)| contradict(tables)).map(|(name, _)| *name));
        survey.ignored = uses.into_iter().filter(|(name, _)| survey.is_placeholder(name)).collect();
        survey
    }

    fn note_table(&mut self, rows: &'p [PropertyRow], sample: Option<&'p Value>) {
        for row in rows {
            let name = row.name.value.as_str();
            let value = sample.and_then(|sample| sample.get(name));
            let is_null = value.is_some_and(Value::is_null);
            match type_name(&row.type_name.value) {
                // A list, though the cell names what its items are.
                TypeName::Named(items) if items.ends_with("[]") => {
                    self.plain_properties.insert(name);
                }
                TypeName::Unnamed | TypeName::Named(_) => {
                    self.carrier_properties.insert(name);
                    self.null_carriers += usize::from(is_null);
                    continue;
                }
                TypeName::Object => {
                    self.map_properties.insert(name);
                }
                TypeName::Scalar(scalar) => {
                    self.plain_properties.insert(name);
                    if let Some(text) = value.and_then(Value::as_str).filter(|_| !is_loose(&row.type_name.value)) {
                        let texts = if scalar == Scalar::Byte { &mut self.byte_texts } else { &mut self.plain_texts };
                        texts.insert(text);
                    }
                }
                TypeName::Enumeration(_) | TypeName::Array => {
                    self.plain_properties.insert(name);
                }
                TypeName::Unknown => continue,
            }
            self.other_nulls += usize::from(is_null);
        }
    }

    /// Whether an object in a sample is a map: because tables say so of a property of this name,
    /// or because its keys are ones that only a generator of map samples writes.
    pub(super) fn is_map(&self, property: &str, members: &serde_json::Map<String, Value>) -> MapEvidence {
        // What generators of samples write as keys, and nobody else does.
        const KEYS: [&str; 3] = ["fieldName", "Self", "Archive"];
        let is_numbered = |key: &str| {
            key.strip_prefix(property).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        };
        let is_made_up = |key: &String| KEYS.contains(&key.as_str()) || key.contains(':') || is_numbered(key);
        let made_up = !members.is_empty() && members.keys().all(is_made_up);
        match (self.map_properties.contains(property), self.carrier_properties.contains(property)) {
            (true, false) if made_up || members.is_empty() => MapEvidence::Keys,
            (true, false) => MapEvidence::OtherTables,
            (false, true) => MapEvidence::None,
            _ if made_up => MapEvidence::Keys,
            _ => MapEvidence::None,
        }
    }

    /// Whether `null` in a sample stands for a carrier that the sample does not expand: because a table
    /// says so of a property of this name, or because no table knows the name and `null` stands for
    /// nothing else on any page.
    pub(super) fn null_is_carrier(&self, property: &str) -> bool {
        let only_carriers = self.null_carriers > 0 && self.other_nulls == 0;
        let is_known = self.plain_properties.contains(property) || self.map_properties.contains(property);
        self.carrier_properties.contains(property) || only_carriers && !is_known
    }

    /// Whether samples show this text for bytes, and for nothing else.
    pub(super) fn is_byte_text(&self, text: &str) -> bool {
        self.byte_texts.contains(text) && !self.plain_texts.contains(text)
    }

    /// The carrier's name in a type cell or heading; `None` where that is a placeholder. `property` is
    /// the one that leads to it: a property called like its type is what it says.
    pub(super) fn name<'n>(&self, name: &'n str, property: Option<&str>) -> Option<&'n str> {
        (property == Some(name) || !self.is_placeholder(name)).then_some(name)
    }

    pub(super) fn is_placeholder(&self, name: &str) -> bool {
        KNOWN_PLACEHOLDERS.contains(&name) || self.placeholders.contains(name)
    }
}

/// What some of the pages say.
#[derive(Default)]
struct Part<'p> {
    survey: Survey<'p>,
    /// The names in each table, by the name of what it prints.
    tables_of: BTreeMap<&'p str, Vec<BTreeSet<&'p str>>>,
    /// Names of what pages without content claim to answer.
    without_content: BTreeSet<&'p str>,
    /// Names in type cells.
    uses: BTreeMap<&'p str, Use>,
}

impl<'p> Part<'p> {
    fn of(pages: &[(usize, &'p Page)]) -> Self {
        let mut part = Self::default();
        pages.iter().for_each(|(index, page)| part.note(*index, page));
        part
    }

    fn note(&mut self, index: usize, page: &'p Page) {
        for row in tables(page) {
            let (cell, name) = (row.type_name.value.trim(), row.name.value.as_str());
            if cell != name && is_name(cell) {
                let first = Place { page: index, span: row.type_name.span };
                self.uses.entry(cell).or_insert(Use { first, times: 0 }).times += 1;
            }
        }
        let request = page.request_body.as_ref().and_then(|body| body.properties.as_deref());
        self.survey.note_table(request.unwrap_or_default(), sample_of(page.sample_request.as_ref()));
        let Some(response) = &page.response else { return };
        let rows = response.properties.as_deref();
        self.survey.note_table(rows.unwrap_or_default(), sample_of(page.sample_response.as_ref()));
        let Some(name) = response.body.as_ref().map(|body| body.value.trim()).filter(|name| is_name(name)) else {
            return;
        };
        let has_content = response.statuses.iter().any(|row| has_content(row.status.value.trim()));
        match rows {
            None if !has_content => {
                self.without_content.insert(name);
            }
            Some(rows) => {
                self.tables_of.entry(name).or_default().push(rows.iter().map(|row| row.name.value.as_str()).collect());
            }
            None => {}
        }
    }

    /// Adds what pages after these say.
    fn append(&mut self, other: Self) {
        let (survey, more) = (&mut self.survey, other.survey);
        survey.map_properties.extend(more.map_properties);
        survey.carrier_properties.extend(more.carrier_properties);
        survey.plain_properties.extend(more.plain_properties);
        survey.byte_texts.extend(more.byte_texts);
        survey.plain_texts.extend(more.plain_texts);
        survey.null_carriers += more.null_carriers;
        survey.other_nulls += more.other_nulls;
        for (name, tables) in other.tables_of {
            self.tables_of.entry(name).or_default().extend(tables);
        }
        self.without_content.extend(other.without_content);
        for (name, used) in other.uses {
            self.uses.entry(name).or_insert(Use { first: used.first, times: 0 }).times += used.times;
        }
    }
}

/// Whether OpenAPI expects content with this status.
pub(super) fn has_content(status: &str) -> bool {
    status.starts_with('2') && status != "204" && status != "205"
}

fn sample_of(sample: Option<&docwright_pages::page::Sample>) -> Option<&Value> {
    let body = sample?.body.as_deref()?;
    body.as_array().map_or(Some(body), |items| items.first())
}

/// Whether what a heading says is a carrier's name.
fn is_name(text: &str) -> bool {
    matches!(type_name(text), TypeName::Named(_))
}

/// Whether most tables of one name print carriers that have next to nothing in common: a name that one
/// page uses by mistake stays a name.
fn contradict(tables: &[BTreeSet<&str>]) -> bool {
    let is_own = |name: &&&str| !RIGHTS.contains(*name);
    let agree = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        let shared = one.intersection(other).filter(is_own).count();
        shared * 2 >= one.iter().filter(is_own).count().min(other.iter().filter(is_own).count())
    };
    // A table against a few others tells; all against all would take long where one name is everywhere.
    const SAMPLED: usize = 8;
    let most = tables.iter().take(SAMPLED).map(|one| tables.iter().filter(|other| agree(one, other)).count()).max();
    most.is_some_and(|most| most * 2 < tables.len())
}

/// The rows of a page's tables of properties.
fn tables(page: &Page) -> impl Iterator<Item = &PropertyRow> {
    let request = page.request_body.as_ref().and_then(|body| body.properties.as_deref());
    let response = page.response.as_ref().and_then(|response| response.properties.as_deref());
    request.into_iter().chain(response).flatten()
}
