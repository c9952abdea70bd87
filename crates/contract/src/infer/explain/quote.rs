//! The pages' own words, for explanations to quote.

use docwright_pages::page::{Page, PropertyRow, Sample, Span};
use serde_json::Value;

use super::Trace;
use crate::infer::evidence::{Place, Property, Sighting};
use crate::infer::types::{Scalar, TypeName, is_loose, sample_scalar, type_name};
use crate::json_tree::Node;

/// Longer values are cut.
const LONGEST_CHARS: usize = 40;

/// What one page says of one property.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'t> {
    /// The property's row, where a table has one.
    pub(super) row: Option<&'t PropertyRow>,
    /// What the sample shows of it.
    pub(super) sample: Option<&'t Value>,
    /// Where: the row, or else the sample.
    pub(super) place: Place,
}

impl Trace<'_> {
    /// What the page of a sighting says of one of its properties.
    pub(super) fn words<'t>(&'t self, sighting: &Sighting<'t>, property: &Property<'t>) -> Words<'t> {
        let place = property.place;
        let row = rows(self.sources[place.page].page)
            .filter(|_| is_tabled(sighting, property))
            .find(|row| row.name.span == place.span);
        let sample = property.sample;
        let shown_at = sample.filter(|_| row.is_none()).and_then(|value| self.sample_place(place.page, value));
        Words { row, sample, place: shown_at.unwrap_or(place) }
    }

    /// Where a value stands that a page's samples show.
    pub(super) fn sample_place(&self, page: usize, value: &Value) -> Option<Place> {
        let Page { sample_request, sample_response, .. } = self.sources[page].page;
        [sample_request, sample_response].into_iter().flatten().find_map(|sample| {
            let (text, body) = (sample.body_text.as_ref()?, sample.body.as_deref()?);
            let start = text.span.start + Node::parse(&text.value).at_pointer(&pointer_to(body, value)?).offset;
            Some(Place { page, span: Span { start, end: start } })
        })
    }

    /// What a page says, in a sentence.
    pub(super) fn quote(&self, words: &Words<'_>) -> String {
        let cell = words.row.map(|row| self.quote_cell(row));
        let sample = words.sample.map(|value| format!("the sample shows {}", shown(value)));
        match (cell, sample) {
            (Some(cell), Some(sample)) => format!("{cell}, {sample}"),
            (cell, sample) => cell.or(sample).unwrap_or_default(),
        }
    }

    /// What a type cell says.
    pub(super) fn quote_cell(&self, row: &PropertyRow) -> String {
        let cell = row.type_name.value.trim();
        match type_name(cell) {
            TypeName::Unnamed => "the cell is empty".to_owned(),
            TypeName::Unknown => format!("the cell says `{cell}`, which is no type"),
            TypeName::Named(_) if self.is_placeholder(row) => {
                format!("the cell says `{cell}`, a placeholder that names nothing")
            }
            TypeName::Scalar(_) if is_loose(cell) => format!("the cell says no more than `{cell}`"),
            _ => format!("the cell says `{}`", shortened(cell)),
        }
    }

    /// Whether what a cell names stands for carriers that have nothing in common.
    pub(super) fn is_placeholder(&self, row: &PropertyRow) -> bool {
        self.evidence.survey.name(row.type_name.value.trim(), Some(&row.name.value)).is_none()
    }
}

/// Whether a table prints this property of a sighting. Below a table there are samples only, and what
/// the sample alone shows of a root stands at the root's own place.
pub(super) fn is_tabled(sighting: &Sighting<'_>, property: &Property<'_>) -> bool {
    sighting.property.is_none() && property.place != sighting.place
}

/// Whether a sample's value is none that its cell allows. `null` is: it says nothing.
pub(super) fn contradicts(cell: &str, value: &Value) -> bool {
    match type_name(cell) {
        _ if value.is_null() => false,
        TypeName::Scalar(scalar) => !sample_scalar(value).is_some_and(|shown| {
            scalar.has_base_of(shown)
                || scalar.wider(shown) == Some(scalar)
                || scalar == Scalar::Number && shown.wider(scalar) == Some(shown)
        }),
        TypeName::Enumeration(values) => !value.as_str().is_some_and(|shown| values.iter().any(|value| value == shown)),
        TypeName::Array => !value.is_array(),
        TypeName::Named(name) if name.ends_with("[]") => !value.is_array(),
        TypeName::Object | TypeName::Unnamed | TypeName::Named(_) => !value.is_object(),
        TypeName::Unknown => false,
    }
}

/// A sample's value in a few characters: `[ {…} ]`.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => match items.as_slice() {
            [] => "[]".to_owned(),
            [item] => format!("[ {} ]", shown(item)),
            [first, ..] => format!("[ {}, … ]", shown(first)),
        },
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        scalar => shortened(&scalar.to_string()),
    }
}

/// A text in one short line.
pub(super) fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Where the body of a sample begins, where it is JSON.
pub(super) fn body_span(sample: Option<&Sample>) -> Option<Span> {
    let sample = sample.filter(|sample| sample.body.is_some())?;
    sample.body_text.as_ref().map(|text| text.span)
}

/// The rows of a page's tables of properties.
pub(super) fn rows(page: &Page) -> impl Iterator<Item = &PropertyRow> {
    let request = page.request_body.as_ref().and_then(|body| body.properties.as_deref());
    let response = page.response.as_ref().and_then(|response| response.properties.as_deref());
    request.into_iter().chain(response).flatten()
}

/// The JSON pointer to this very value in a document.
fn pointer_to(root: &Value, target: &Value) -> Option<String> {
    if std::ptr::eq(root, target) {
        return Some(String::new());
    }
    match root {
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let rest = pointer_to(item, target)?;
            Some(format!("/{index}{rest}"))
        }),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let rest = pointer_to(value, target)?;
            Some(format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{contradicts, pointer_to, shown};

    #[test]
    fn sample_values_are_cut_short() {
        let check = |value: serde_json::Value, text: &str| assert_eq!(shown(&value), text);
        check(json!([]), "[]");
        check(json!([{"a": 1}]), "[ {…} ]");
        check(json!([1, 2]), "[ 1, … ]");
        check(json!({}), "{}");
        check(json!(null), "null");
        check(json!("two\nlines"), r#""two\nlines""#);
        check(json!("x".repeat(50)), &format!("\"{}…", "x".repeat(39)));
    }

    #[test]
    fn cells_and_samples_may_contradict() {
        let check = |cell: &str, value: serde_json::Value, expected: bool| {
            assert_eq!(contradicts(cell, &value), expected, "{cell} {value}");
        };
        check("int32", json!(1), false);
        check("int32", json!("large"), true);
        check("int32", json!(null), false);
        check("int32", json!({}), true);
        check("int64", json!(1), false);
        check("double", json!(1), false);
        check("Number", json!(1), false);
        check("string", json!("2001-02-03T04:05:06Z"), false);
        check("array", json!({}), true);
        check("object", json!([]), true);
        check("", json!({}), false);
        check("", json!(1), true);
        check("Box[]", json!([]), false);
        check("Enum: A, B", json!("A"), false);
        check("Enum: A, B", json!("C"), true);
    }

    #[test]
    fn equal_values_are_told_apart_by_place() {
        let document = json!({"a": [1, 1], "b/c": {"~": 1}});
        let check = |pointer: &str| {
            let target = document.pointer(pointer).expect("the value exists");
            assert_eq!(pointer_to(&document, target).as_deref(), Some(pointer));
        };
        ["", "/a/0", "/a/1", "/b~1c", "/b~1c/~0"].into_iter().for_each(check);
        assert_eq!(pointer_to(&document, &json!(1)), None);
    }
}
