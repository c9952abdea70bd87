//! Samples that break the schema of their own operation, or show other properties than their table.

use std::collections::{BTreeMap, BTreeSet};

use docwright_pages::page::{Page, PropertyRow, Sample};
use serde_json::Value;

use super::super::collect::{Collector, Spot};
use super::super::kinds::{SAMPLE_BREAKS_SCHEMA, SAMPLE_HAS_MORE, SAMPLE_LACKS_ROWS};
use super::super::{Direction, Source};
use crate::json_tree::Node;

/// Looks at the samples of every page.
pub(crate) fn check(pages: &mut Collector<'_>) {
    for (index, page, _) in pages.documented() {
        for direction in [Direction::Request, Direction::Response] {
            if let Some((rows, sample)) = table_and_sample(page, direction) {
                compare(pages, (index, page), direction, rows, sample);
            }
        }
    }
    check_breaks(pages);
}

fn sample(page: &Page, direction: Direction) -> Option<&Sample> {
    match direction {
        Direction::Request => page.sample_request.as_ref(),
        Direction::Response => page.sample_response.as_ref(),
    }
}

fn table_and_sample(page: &Page, direction: Direction) -> Option<(&[PropertyRow], &Sample)> {
    let rows = match direction {
        Direction::Request => page.request_body.as_ref()?.properties.as_deref(),
        Direction::Response => page.response.as_ref()?.properties.as_deref(),
    };
    Some((rows?, sample(page, direction)?))
}

/// Compares a table's rows with the keys of its sample, or of the sample's first item.
fn compare(
    pages: &mut Collector<'_>,
    (index, page): (usize, &Page),
    direction: Direction,
    rows: &[PropertyRow],
    sample: &Sample,
) {
    let (Some(body), Some(text)) = (sample.body.as_deref(), &sample.body_text) else { return };
    let Some(shown) = body.as_array().map_or(Some(body), |items| items.first()).and_then(Value::as_object) else {
        return;
    };
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.name.value.trim()).collect();
    let (id, name) = (&page.id.value, direction.name());
    let missing: Vec<&PropertyRow> = rows.iter().filter(|row| !shown.contains_key(row.name.value.trim())).collect();
    if let Some(first) = missing.first() {
        let names = quoted(missing.iter().map(|row| row.name.value.trim()));
        let spot = pages.spot_of(index, first.name.span);
        pages.add(&SAMPLE_LACKS_ROWS, id, format!("the {name} of `{id}` does not show {names}"), [spot]);
    }
    let extra: Vec<&str> = shown.keys().map(String::as_str).filter(|key| !listed.contains(key)).collect();
    if let Some(first) = extra.first() {
        let prefix = if body.is_array() { "/0/" } else { "/" };
        let pointer = format!("{prefix}{}", first.replace('~', "~0").replace('/', "~1"));
        let offset = text.span.start + Node::parse(&text.value).at_pointer(&pointer).offset;
        let names = quoted(extra.into_iter());
        let spot = pages.spot(index, offset);
        pages.add(&SAMPLE_HAS_MORE, id, format!("the {name} of `{id}` shows {names}, which its table lacks"), [spot]);
    }
}

/// Names in backticks, the first of many.
fn quoted<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 5;
    let count = names.len();
    let mut text = names.take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if count > SHOWN {
        text.push_str(&format!(" and {} more", count - SHOWN));
    }
    text
}

/// Turns broken values into findings: the same property that breaks the same rule is one.
fn check_breaks(pages: &mut Collector<'_>) {
    let sources: &[Source<'_>] = pages.input.sources;
    let by_id: BTreeMap<&str, usize> =
        sources.iter().enumerate().map(|(index, source)| (source.page.id.value.as_str(), index)).collect();
    let mut trees: BTreeMap<(usize, Direction), Node> = BTreeMap::new();
    for broken in pages.input.sample_breaks {
        let Some(index) = by_id.get(broken.operation_id.as_str()).copied() else { continue };
        let Some(text) = sample(sources[index].page, broken.direction).and_then(|sample| sample.body_text.as_ref())
        else {
            continue;
        };
        let tree = trees.entry((index, broken.direction)).or_insert_with(|| Node::parse(&text.value));
        let spot: Spot = pages.spot(index, text.span.start + tree.at_pointer(&broken.pointer).offset);
        let property = broken.pointer.rsplit('/').find(|part| !part.is_empty() && part.parse::<usize>().is_err());
        let property = property.unwrap_or(&broken.operation_id).replace("~1", "/").replace("~0", "~");
        let message = match broken.keyword.as_str() {
            "format" | "type" => format!("`{property}` is sampled with a value of another type than its table's"),
            keyword => format!("`{property}` is sampled with a value that its schema refuses (`{keyword}`)"),
        };
        let note = format!("{} at `{}`: {}", broken.direction.name(), broken.pointer, broken.message);
        pages.add_noted(&SAMPLE_BREAKS_SCHEMA, property, message, Some(note), [spot]);
    }
}
