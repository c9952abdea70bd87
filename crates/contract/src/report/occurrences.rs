//! Where each carrier and each of its properties stands: in tables, and nested in samples.

use std::collections::BTreeMap;

use docwright_pages::page::{PropertyRow, Sample};

use super::collect::{Collector, Spot};
use super::shape::{answer, component, component_within, schema_of};
use crate::json_tree::{Content, Node};
use crate::model::{Contract, Schema, Type};

/// A carrier, or one of its properties.
pub(super) type Subject<'c> = (&'c str, Option<&'c str>);

/// Where something stands first on a page.
#[derive(Clone, Copy, Debug)]
struct Sight {
    page: usize,
    offset: usize,
    in_table: bool,
}

/// Every carrier and property with its places, one a page; a table's place is preferred.
#[derive(Debug, Default)]
pub(super) struct Occurrences<'c> {
    sights: BTreeMap<Subject<'c>, Vec<Sight>>,
}

impl<'c> Occurrences<'c> {
    /// Looks at all bodies of all pages.
    pub(super) fn find(pages: &Collector<'c>) -> Self {
        let mut all = Self::default();
        let contract = pages.input.contract;
        for (index, page, operation) in pages.documented() {
            let request = operation.request_body.as_ref().and_then(|body| schema_of(body.content.values()));
            let response = answer(contract, operation).and_then(|response| schema_of(response.content.values()));
            let request_rows = page.request_body.as_ref().and_then(|body| body.properties.as_deref());
            let response_rows = page.response.as_ref().and_then(|response| response.properties.as_deref());
            let bodies = [
                (request, request_rows, page.sample_request.as_ref()),
                (response, response_rows, page.sample_response.as_ref()),
            ];
            // All tables first, so that a sample never takes a table's place.
            for (schema, rows, _) in bodies {
                if let (Some(schema), Some(rows)) = (schema, rows) {
                    all.note_rows(contract, index, schema, rows);
                }
            }
            for (schema, _, sample) in bodies {
                if let (Some(schema), Some(sample)) = (schema, sample) {
                    all.note_sample(contract, index, schema, sample);
                }
            }
        }
        all
    }

    /// The places of a carrier or property, tables' places alone where there are any.
    pub(super) fn spots(&self, subject: Subject<'_>, pages: &Collector<'_>) -> Vec<Spot> {
        let sights = self.sights.get(&subject).map(Vec::as_slice).unwrap_or_default();
        let tables_only = self.is_in_table(subject);
        let wanted = sights.iter().filter(|sight| sight.in_table || !tables_only);
        wanted.map(|sight| pages.spot(sight.page, sight.offset)).collect()
    }

    /// Every place of a carrier or property, in tables and samples.
    pub(super) fn all_spots(&self, subject: Subject<'_>, pages: &Collector<'_>) -> Vec<Spot> {
        let sights = self.sights.get(&subject).map(Vec::as_slice).unwrap_or_default();
        sights.iter().map(|sight| pages.spot(sight.page, sight.offset)).collect()
    }

    /// Whether any table lists it.
    pub(super) fn is_in_table(&self, subject: Subject<'_>) -> bool {
        self.sights.get(&subject).is_some_and(|sights| sights.iter().any(|sight| sight.in_table))
    }

    fn note(&mut self, subject: Subject<'c>, sight: Sight) {
        let sights = self.sights.entry(subject).or_default();
        if sights.last().is_none_or(|last| last.page != sight.page) {
            sights.push(sight);
        }
    }

    fn note_rows(&mut self, contract: &'c Contract, page: usize, schema: &'c Schema, rows: &[PropertyRow]) {
        let Some(name) = component_within(schema) else { return };
        let Some(properties) = contract.schemas.get(name).and_then(properties) else { return };
        for row in rows {
            let sight = Sight { page, offset: row.name.span.start, in_table: true };
            self.note((name, None), sight);
            if let Some((property, _)) = properties.get_key_value(row.name.value.trim()) {
                self.note((name, Some(property)), sight);
            }
        }
    }

    fn note_sample(&mut self, contract: &'c Contract, page: usize, schema: &'c Schema, sample: &Sample) {
        if let (Some(text), Some(_)) = (&sample.body_text, &sample.body) {
            let tree = Node::parse(&text.value);
            self.note_value(contract, page, schema, (&tree, text.span.start));
        }
    }

    fn note_value(&mut self, contract: &'c Contract, page: usize, schema: &'c Schema, (node, base): (&Node, usize)) {
        let sight = |node: &Node| Sight { page, offset: base + node.offset, in_table: false };
        match &node.content {
            Content::Array(items) => {
                if let Type::Array { items: schema } = &schema.ty {
                    items.iter().for_each(|item| self.note_value(contract, page, schema, (item, base)));
                }
            }
            Content::Object(members) => {
                let name = component(schema);
                let schema = name.and_then(|name| contract.schemas.get(name)).unwrap_or(schema);
                if let Some(name) = name {
                    self.note((name, None), sight(node));
                }
                for (key, member) in members {
                    if let Some((property, schema)) = properties(schema).and_then(|all| all.get_key_value(key)) {
                        if let Some(name) = name {
                            self.note((name, Some(property)), sight(member));
                        }
                        self.note_value(contract, page, schema, (member, base));
                    } else if let Some(values) = schema.map_values() {
                        self.note_value(contract, page, values, (member, base));
                    }
                }
            }
            Content::Scalar => {}
        }
    }
}

/// The named properties of an object.
pub(super) fn properties(schema: &Schema) -> Option<&indexmap::IndexMap<String, Schema>> {
    match &schema.ty {
        Type::Object { properties, .. } => Some(properties),
        _ => None,
    }
}
