//! The facts of schemas.

use serde_json::Number;

use super::{
    Lines,
    expression::{self, Nulls},
    facts::Facts,
};
use crate::model::{Additional, Constraints, Schema, Type};

impl Facts {
    /// All that a schema says, below the subject `place`.
    pub(super) fn schema(&mut self, place: &str, schema: &Schema, required: Option<bool>) {
        let mut value = expression::of(schema, Nulls::Shown);
        if required == Some(true) {
            value.push_str(" required");
        }
        self.add(place, &value);
        self.schema_details(place, schema);
        for (part, schema, required) in parts(schema) {
            // A plain item or value is in the expression already.
            if is_plain(schema) && !part.starts_with('.') {
                continue;
            }
            self.schema(&format!("{place}{part}"), schema, Some(required));
        }
    }

    fn schema_details(&mut self, place: &str, schema: &Schema) {
        self.text(&format!("{place} title"), schema.title.as_deref());
        self.text(&format!("{place} description"), schema.description.as_deref());
        self.flag(&format!("{place} deprecated"), schema.deprecated);
        self.flag(&format!("{place} read-only"), schema.read_only);
        self.flag(&format!("{place} write-only"), schema.write_only);
        if !schema.enumeration.is_empty() {
            let mut values: Vec<_> = schema.enumeration.iter().map(expression::json).collect();
            values.sort();
            self.add(&format!("{place} enum"), &values.join(" | "));
        }
        self.json(&format!("{place} default"), schema.default.as_ref());
        self.json(&format!("{place} example"), schema.example.as_ref());
        for (name, value) in bounds(&schema.constraints) {
            self.add(&format!("{place} {name}"), &value);
        }
        self.extensions(place, &schema.extensions);
    }
}

/// Names, types, formats, maps and required properties, a line each.
pub(super) fn shape(place: &str, schema: &Schema, lines: &mut Lines) {
    lines.add(place, expression::of(schema, Nulls::Hidden));
    for (part, schema, required) in parts(schema) {
        let place = format!("{place}{part}");
        if required {
            lines.add(format!("{place} required"), "true");
        }
        if part.starts_with('.') || holds_properties(schema) {
            shape(&place, schema, lines);
        }
    }
}

/// Whether there are properties somewhere within, which an expression does not show.
pub(super) fn holds_properties(schema: &Schema) -> bool {
    parts(schema).iter().any(|(part, inner, _)| part.starts_with('.') || holds_properties(inner))
}

/// The schemas within a schema with their places: `.Name`, `[]`, `{}`, `<0>`.
pub(super) fn parts(schema: &Schema) -> Vec<(String, &Schema, bool)> {
    let choice = |parts: &'_ [Schema]| -> Vec<usize> {
        // The order of a choice is no fact: number by content.
        let mut order: Vec<_> = (0..parts.len()).collect();
        order.sort_by_key(|index| expression::of(&parts[*index], Nulls::Shown));
        order
    };
    match &schema.ty {
        Type::Array { items } => vec![("[]".to_owned(), items, false)],
        Type::Object { properties, required, additional } => {
            let mut all: Vec<_> = properties
                .iter()
                .map(|(name, property)| (format!(".{}", expression::name(name)), property, required.contains(name)))
                .collect();
            if let Additional::Schema(values) = additional {
                all.push(("{}".to_owned(), values, false));
            }
            all
        }
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => choice(parts)
            .into_iter()
            .enumerate()
            .map(|(number, index)| (format!("<{number}>"), &parts[index], false))
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether an expression says everything about the schema.
fn is_plain(schema: &Schema) -> bool {
    let named = Schema { ty: schema.ty.clone(), nullable: schema.nullable, ..Schema::default() };
    named == *schema && parts(schema).into_iter().all(|(part, inner, _)| !part.starts_with('.') && is_plain(inner))
}

fn bounds(constraints: &Constraints) -> Vec<(&'static str, String)> {
    let bound = |name, exclusive, bound: &Option<Number>, is_exclusive| {
        bound.as_ref().map(|bound| (if is_exclusive { exclusive } else { name }, bound.to_string()))
    };
    let count = |name, count: Option<u64>| count.map(|count| (name, count.to_string()));
    [
        bound("minimum", "exclusive-minimum", &constraints.minimum, constraints.exclusive_minimum),
        bound("maximum", "exclusive-maximum", &constraints.maximum, constraints.exclusive_maximum),
        bound("multiple-of", "multiple-of", &constraints.multiple_of, false),
        count("min-length", constraints.min_length),
        count("max-length", constraints.max_length),
        constraints.pattern.as_ref().map(|pattern| ("pattern", expression::text(pattern))),
        count("min-items", constraints.min_items),
        count("max-items", constraints.max_items),
        constraints.unique_items.then(|| ("unique-items", "true".to_owned())),
        count("min-properties", constraints.min_properties),
        count("max-properties", constraints.max_properties),
    ]
    .into_iter()
    .flatten()
    .collect()
}
