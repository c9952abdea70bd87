//! Values for schemas: valid where a valid one can be found, and the same every time.
//!
//! Examples and defaults within a schema are used where they fit. Optional properties are filled in
//! as deep as the value stays of a size that people read; a carrier within itself ends there.

mod merge;
mod number;
mod pattern;
mod text;

use std::borrow::Cow;
use std::collections::BTreeSet;

use docwright_contract::model::{Additional, Constraints, Schema, Type};
use serde_json::{Map, Value};

use crate::schemas::{Direction, Schemas, is_absent};

/// A value of this many parts is large enough; optional properties further down are left out.
const ENOUGH_NODES: usize = 2_000;
/// Optional properties deeper than this are always left out.
const MAX_DEPTH: usize = 8;
/// Nothing is generated beyond, required or not.
const MAX_NODES: usize = 100_000;
/// Nor is more of this size, in characters and parts of texts and examples.
const MAX_SIZE: usize = 4 * 1024 * 1024;
/// Parts of patterns, as often as they are repeated, that one attempt looks at.
const MAX_STEPS: usize = 500_000;
/// How deeply required parts may nest.
const MAX_NESTING: usize = 200;
/// How many different items are tried for a list without duplicates.
const MAX_VARIATIONS: usize = 1_000;
/// How many branches of choices are tried where the first do not fit.
const MAX_CHOICES: usize = 8;
/// No list or text is longer than this for the sake of a schema.
const MAX_LENGTH: u64 = 10_000;

/// What came of a schema.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) value: Value,
    /// What the value fails to fulfil, where none was found that fulfils everything.
    pub(crate) failing: Option<String>,
}

/// A value of the schema that travels in this direction.
pub(crate) fn generate(schemas: &Schemas, schema: &Schema, direction: Direction) -> Generated {
    let choice = |examples, optional, branch| Choice { examples, optional, branch, direction };
    let (first, certain) = attempt(schemas, schema, choice(true, true, 0));
    if certain && let Some(value) = first {
        return Generated { value, failing: None };
    }
    // Compiled for this once: most schemas never need it.
    let validator = match schemas.compile(schema, direction) {
        Ok(validator) => validator,
        Err(error) => {
            return Generated { value: first.unwrap_or_default(), failing: Some(format!("no valid schema: {error}")) };
        }
    };
    let mut fallback = None;
    for branch in 0..MAX_CHOICES {
        for (examples, optional) in [(true, true), (false, true), (false, false)] {
            let (value, _) = attempt(schemas, schema, choice(examples, optional, branch));
            let Some(value) = value else { continue };
            if validator.is_valid(&value) {
                return Generated { value, failing: None };
            }
            fallback.get_or_insert(value);
        }
    }
    match fallback {
        Some(value) => {
            let failing = validator.validate(&value).err().map(|error| error.masked().to_string());
            Generated { value, failing }
        }
        None => Generated { value: Value::Null, failing: Some("the schema has no finite value".to_owned()) },
    }
}

/// How an attempt goes about it.
#[derive(Clone, Copy)]
struct Choice {
    examples: bool,
    optional: bool,
    /// Which branch of choices comes first.
    branch: usize,
    direction: Direction,
}

/// The value with optional parts as deep as it stays readable, and whether it is surely valid.
fn attempt(schemas: &Schemas, schema: &Schema, choice: Choice) -> (Option<Value>, bool) {
    let mut best = None;
    let deepest = if choice.optional { MAX_DEPTH } else { 0 };
    for depth in usize::from(choice.optional)..=deepest {
        let mut generator = Generator::new(schemas, choice, depth);
        let value = generator.value(schema, 0);
        if best.is_some() && generator.nodes > ENOUGH_NODES {
            break;
        }
        let whole = !generator.cut_short;
        best = Some((value, generator.certain));
        if whole {
            break;
        }
    }
    best.unwrap_or((None, false))
}

struct Generator<'a> {
    schemas: &'a Schemas,
    choice: Choice,
    /// Down to which level of objects optional properties are filled in.
    depth: usize,
    level: usize,
    /// The component schemas on the way here.
    within: Vec<String>,
    nesting: usize,
    nodes: usize,
    size: usize,
    /// What of [`MAX_STEPS`] is left.
    steps: usize,
    /// Whether something optional was left out for its depth.
    cut_short: bool,
    certain: bool,
}

impl<'a> Generator<'a> {
    fn new(schemas: &'a Schemas, choice: Choice, depth: usize) -> Self {
        Self {
            schemas,
            choice,
            depth,
            level: 0,
            within: Vec::new(),
            nesting: 0,
            nodes: 0,
            size: 0,
            steps: MAX_STEPS,
            cut_short: false,
            certain: true,
        }
    }

    /// The value number `variation` of the schema; `None` where there is none.
    fn value(&mut self, schema: &Schema, variation: usize) -> Option<Value> {
        self.nesting += 1;
        let done = !self.has_room() || self.nesting > MAX_NESTING;
        let value = if done { None } else { self.unbounded(schema, variation) };
        self.nesting -= 1;
        value
    }

    /// Whether one more value may be generated.
    fn has_room(&mut self) -> bool {
        self.nodes += 1;
        self.nodes <= MAX_NODES && self.size <= MAX_SIZE
    }

    fn unbounded(&mut self, schema: &Schema, variation: usize) -> Option<Value> {
        let flat = merge::flat(self.schemas, schema)?;
        self.nodes += flat.names.len();
        self.certain &= flat.certain;
        if flat.names.iter().any(|name| self.within.contains(name)) {
            return flat.schema.nullable.then_some(Value::Null);
        }
        let level = self.within.len();
        self.within.extend(flat.names);
        let value = self.shaped(&flat.schema, variation);
        self.within.truncate(level);
        // What else could go wrong is a schema without a value.
        value.or_else(|| (flat.schema.nullable && variation == 0).then_some(Value::Null))
    }

    fn shaped(&mut self, schema: &Schema, variation: usize) -> Option<Value> {
        if self.choice.examples && variation == 0 {
            for value in schema.example.iter().chain(&schema.default) {
                if self.fits(schema, value) {
                    self.size += size(value);
                    return Some(value.clone());
                }
            }
        }
        if !schema.enumeration.is_empty() {
            return self.listed(schema, variation);
        }
        // Keywords that only validators know.
        self.certain &= !["not", "patternProperties", "propertyNames", "if", "contains", "dependentSchemas"]
            .iter()
            .any(|keyword| schema.extensions.contains_key(*keyword));
        match &schema.ty {
            Type::Any => match variation {
                0 => Some(Value::Object(Map::new())),
                _ => Some(Value::String(text::plain(&schema.constraints, variation)?)),
            },
            // References and combinations are gone, except where they are empty or endless.
            Type::Ref(_) | Type::AllOf(_) => None,
            Type::Boolean => [true, false].get(variation).map(|flag| Value::Bool(*flag)),
            Type::Integer { format } => number::integer(&schema.constraints, format.as_deref(), variation),
            Type::Number { .. } => number::number(&schema.constraints, variation),
            Type::String { format } => {
                let text = self.text(schema, format.as_deref(), variation)?;
                self.size += text.len();
                Some(Value::String(text))
            }
            Type::Array { items } => self.array(&schema.constraints, items, variation),
            Type::Object { properties, required, additional } => {
                let object = ObjectShape { properties, required, additional, constraints: &schema.constraints };
                self.object(&object, variation)
            }
            Type::OneOf(parts) | Type::AnyOf(parts) => self.branch(schema, parts, variation),
        }
    }

    /// Whether an example within a schema can be taken over.
    fn fits(&mut self, schema: &Schema, value: &Value) -> bool {
        if value.is_null() {
            // Says nothing to a reader, even where it is allowed.
            return false;
        }
        let validated = match &schema.ty {
            Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
                let compiled = self.schemas.validator(&bare(schema), self.choice.direction);
                compiled.as_ref().as_ref().is_ok_and(|validator| validator.is_valid(value))
            }
            Type::Array { .. } => value.is_array(),
            Type::Object { .. } => value.is_object(),
            _ => true,
        };
        if validated && (value.is_array() || value.is_object() || schema.ty.name().is_none()) {
            self.certain = false;
        }
        validated
    }

    /// One of the values that the schema lists.
    fn listed(&mut self, schema: &Schema, variation: usize) -> Option<Value> {
        let compiled = self.schemas.validator(&bare(schema), self.choice.direction);
        let validator = compiled.as_ref().as_ref().ok();
        let mut fitting = schema
            .enumeration
            .iter()
            .filter(|value| schema.ty.name().is_none() || validator.is_none_or(|validator| validator.is_valid(value)));
        self.certain &= schema.ty.name().is_some() || schema.ty == Type::Any;
        match fitting.nth(variation) {
            Some(value) => {
                self.size += size(value);
                Some(value.clone())
            }
            // Lists of values that are all of the wrong type are documents' mistakes: values win.
            None if variation == 0 => {
                self.certain = false;
                schema.enumeration.first().cloned()
            }
            None => None,
        }
    }

    fn text(&mut self, schema: &Schema, format: Option<&str>, variation: usize) -> Option<String> {
        let Some(pattern) = &schema.constraints.pattern else {
            return match format.map(|format| text::formatted(format, &schema.constraints, variation)) {
                Some(text::Formatted::Text(text)) => Some(text),
                Some(text::Formatted::Impossible) => {
                    self.certain = false;
                    text::plain(&schema.constraints, variation)
                }
                Some(text::Formatted::Unknown) | None => text::plain(&schema.constraints, variation),
            };
        };
        let compiled = self.schemas.validator(&bare(schema), self.choice.direction);
        let valid = |text: &String| match &*compiled {
            Ok(validator) => validator.is_valid(&Value::String(text.clone())),
            Err(_) => true,
        };
        let from_format = format.and_then(|format| match text::formatted(format, &schema.constraints, variation) {
            text::Formatted::Text(text) => Some(text),
            _ => None,
        });
        let written = pattern::candidates(pattern, &schema.constraints, variation, &mut self.steps);
        let found = from_format.into_iter().chain(written).find(valid);
        self.certain &= found.is_some();
        found.or_else(|| text::plain(&schema.constraints, variation))
    }

    fn array(&mut self, constraints: &Constraints, items: &Schema, variation: usize) -> Option<Value> {
        let least = constraints.min_items.unwrap_or(0);
        let most = constraints.max_items.unwrap_or(u64::MAX);
        // The first list has one item where it may, each further one more.
        let wanted = least.max(1).saturating_add(variation as u64).min(most);
        if least > MAX_LENGTH || least > most || variation > 0 && wanted < least.max(1) + variation as u64 {
            return if variation == 0 { Some(Value::Array(Vec::new())).filter(|_| least == 0) } else { None };
        }
        let spare = least == 0 && variation == 0;
        if spare && self.level >= self.depth && self.is_composite(items) {
            self.cut_short = true;
            return Some(Value::Array(Vec::new()));
        }
        let mut list: Vec<Value> = Vec::new();
        let mut number = 0;
        while (list.len() as u64) < wanted {
            let Some(item) = self.value(items, if constraints.unique_items { number } else { 0 }) else {
                if constraints.unique_items && number > 0 && (list.len() as u64) >= least {
                    break;
                }
                return spare.then(|| Value::Array(Vec::new()));
            };
            number += 1;
            if constraints.unique_items && list.contains(&item) {
                if number > MAX_VARIATIONS {
                    return None;
                }
                continue;
            }
            list.push(item);
        }
        Some(Value::Array(list))
    }

    /// Whether the schema is of something with parts, which optional depth counts.
    fn is_composite(&self, schema: &Schema) -> bool {
        let kinds = self.schemas.kinds(schema);
        kinds.object || kinds.array
    }

    fn object(&mut self, shape: &ObjectShape<'_>, variation: usize) -> Option<Value> {
        self.level += 1;
        let object = self.members(shape, variation);
        self.level -= 1;
        object.map(Value::Object)
    }

    fn members(&mut self, shape: &ObjectShape<'_>, variation: usize) -> Option<Map<String, Value>> {
        let contract = self.schemas.contract();
        let most = usize::try_from(shape.constraints.max_properties.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let least = usize::try_from(shape.constraints.min_properties.unwrap_or(0)).unwrap_or(usize::MAX);
        if least > MAX_LENGTH as usize {
            return None;
        }
        let mut members = Map::new();
        // A variation differs in its first members that can.
        let mut varied = variation == 0;
        let undeclared = shape.required.iter().filter(|name| !shape.properties.contains_key(*name));
        let required_count = shape.required.len();
        let mut optional_room = most.saturating_sub(required_count);
        let fill = self.level <= self.depth;
        for (name, property) in shape.properties {
            if is_absent(contract, property, self.choice.direction) {
                continue;
            }
            let required = shape.required.contains(name);
            if !required && (!fill || optional_room == 0) {
                self.cut_short |= !fill && optional_room > 0 && self.choice.optional;
                continue;
            }
            let wanted = if varied { 0 } else { variation };
            let certain = self.certain;
            let mut value = self.value(property, wanted);
            if value.is_some() {
                varied = true;
            } else if wanted > 0 {
                value = self.value(property, 0);
            }
            match value {
                Some(value) => {
                    optional_room -= usize::from(!required);
                    members.insert(name.clone(), value);
                }
                None if required => return None,
                // Left out, so its doubts do not matter.
                None => self.certain = certain,
            }
        }
        for name in undeclared {
            let value = self.additional(shape.additional, if varied { 0 } else { variation })?;
            varied |= variation > 0;
            members.insert(name.clone(), value);
        }
        let is_map = matches!(shape.additional, Additional::Schema(_)) && fill && optional_room > 0;
        let wanted = least.max(members.len() + usize::from(is_map && shape.properties.is_empty()));
        let mut number = 0;
        while members.len() < wanted.min(most) || !varied {
            number += 1;
            if number > MAX_VARIATIONS.max(wanted) {
                return None;
            }
            let name = match (number, varied) {
                (1, true) => "key".to_owned(),
                (number, true) => format!("key{number}"),
                (number, false) => format!("key{variation}_{number}"),
            };
            if members.contains_key(&name) {
                continue;
            }
            if members.len() >= most {
                return None;
            }
            match self.additional(shape.additional, 0) {
                Some(value) => _ = members.insert(name, value),
                None if members.len() >= least && varied => break,
                None => return None,
            }
            varied = true;
        }
        Some(members)
    }

    /// A value for a property without a schema of its own.
    fn additional(&mut self, additional: &Additional, variation: usize) -> Option<Value> {
        match additional {
            Additional::Forbidden => None,
            Additional::Unstated | Additional::Any if !self.has_room() => None,
            Additional::Unstated | Additional::Any => {
                Some(Value::String(text::plain(&Constraints::default(), variation)?))
            }
            Additional::Schema(values) => self.value(values, variation),
        }
    }

    /// A value of one of the choices, with the name of the choice where the document says how.
    fn branch(&mut self, schema: &Schema, parts: &[Schema], variation: usize) -> Option<Value> {
        // Another choice may admit the value too, which one of several must not.
        self.certain &= matches!(schema.ty, Type::AnyOf(_)) && *schema == bare_choice(schema);
        for offset in 0..parts.len() {
            let part = &parts[(self.choice.branch + offset) % parts.len()];
            let Some(mut value) = self.value(part, variation) else { continue };
            if let Some(discriminator) = schema.extensions.get("discriminator") {
                merge::discriminate(self.schemas, discriminator, part, &mut value);
                self.certain = false;
            }
            return Some(value);
        }
        None
    }
}

struct ObjectShape<'s> {
    properties: &'s indexmap::IndexMap<String, Schema>,
    required: &'s BTreeSet<String>,
    additional: &'s Additional,
    constraints: &'s Constraints,
}

/// How much a value takes, about.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| 1 + size(item)).sum(),
        Value::Object(members) => members.iter().map(|(name, member)| name.len() + size(member)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// The schema with nothing but what validates a value without parts, so that equal ones share a
/// validator.
fn bare(schema: &Schema) -> Schema {
    Schema {
        ty: match &schema.ty {
            Type::Array { .. } | Type::Object { .. } | Type::OneOf(_) | Type::AnyOf(_) => Type::Any,
            ty => ty.clone(),
        },
        enumeration: schema.enumeration.clone(),
        constraints: schema.constraints.clone(),
        ..Schema::default()
    }
}

/// A choice with nothing said around it that would count.
fn bare_choice(schema: &Schema) -> Schema {
    Schema { enumeration: Vec::new(), constraints: Constraints::default(), ..schema.clone() }
}

/// A schema that is borrowed where it stands alone.
type Held<'a> = Cow<'a, Schema>;

#[cfg(test)]
mod tests;
