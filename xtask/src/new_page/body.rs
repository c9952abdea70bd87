//! What stands in a body: a value, a map, or a carrier with the table and the sample of its properties.

use docwright_contract::Contract;
use docwright_contract::model::{MediaType, RefOr, Schema, Type};
use docwright_contract::text::clean_markdown;
use docwright_pages::template;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::values::{is_scalar, sample, scalars};
use crate::report::UsageError;

/// The type of a map, and of a body that has a table.
const OBJECT: &str = "object";
/// Properties that pages leave out of what callers send.
const RIGHTS: [&str; 2] = ["TableRight", "FieldProperties"];

/// What a body is, or each item of a list.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A single value of this type.
    Scalar(String),
    /// Texts by name.
    Map,
    /// A carrier.
    Carrier(Carrier),
}

/// A carrier as a page prints it.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    pub(super) name: String,
    /// Whether the contract shows no properties of it: then they are the author's to write.
    pub(super) is_new: bool,
    /// What it is, where the contract says so.
    pub(super) description: Option<String>,
    pub(super) rows: Vec<Row>,
    pub(super) sample: Map<String, Value>,
}

/// A row of a table of properties.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) ty: &'static str,
    pub(super) description: String,
    /// Whether callers may not leave it out.
    pub(super) required: bool,
}

impl Body {
    /// What the command line names, with what the contract knows of it.
    pub(super) fn named(name: &str, contract: &Contract) -> Result<Self, UsageError> {
        if is_scalar(name) {
            return Ok(Self::Scalar(name.to_owned()));
        }
        if name == OBJECT {
            return Ok(Self::Map);
        }
        if let Some(schema) = contract.schemas.get(name) {
            return Carrier::known(name, schema, contract).map(Self::Carrier);
        }
        let is_name =
            name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
        let like = contract.schemas.keys().find(|known| known.eq_ignore_ascii_case(name));
        match like {
            Some(like) => Err(UsageError(format!("no carrier is called `{name}`\n  help: did you mean `{like}`?"))),
            None if is_name => Ok(Self::Carrier(Carrier::new(name, None))),
            None => Err(UsageError(format!(
                "`{name}` is neither a carrier nor a type\n  help: a new carrier's name begins in upper case and has only \
                 letters and digits; types are {} and `{OBJECT}`",
                scalars()
            ))),
        }
    }

    /// As headings name it.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Scalar(ty) => ty,
            Self::Map | Self::Carrier(_) => OBJECT,
        }
    }

    pub(super) fn carrier(&self) -> Option<&Carrier> {
        match self {
            Self::Carrier(carrier) => Some(carrier),
            Self::Scalar(_) | Self::Map => None,
        }
    }

    /// What a sample shows of it.
    pub(super) fn sample(&self) -> Value {
        match self {
            Self::Scalar(ty) => sample(ty),
            Self::Map => json!({ "name": "text" }),
            Self::Carrier(carrier) => Value::Object(carrier.sample.clone()),
        }
    }

    /// The same as callers send it: what they may do with it is not theirs to say.
    pub(super) fn sent(mut self) -> Self {
        if let Self::Carrier(carrier) = &mut self {
            carrier.rows.retain(|row| !RIGHTS.contains(&row.name.as_str()));
            carrier.sample = without_rights(&carrier.sample);
        }
        self
    }
}

impl Carrier {
    /// One that the contract has. Where it is known by name alone, the page is the one to say what it holds.
    fn known(name: &str, schema: &Schema, contract: &Contract) -> Result<Self, UsageError> {
        let Type::Object { properties, required, .. } = &schema.ty else {
            let help = "give a component schema that has properties, or a new name";
            return Err(UsageError(format!("`{name}` is no carrier: it has no properties\n  help: {help}")));
        };
        if properties.is_empty() {
            return Ok(Self::new(name, schema.description.clone()));
        }
        let shown = shown(name, contract);
        let sample = properties.iter().map(|(property, schema)| {
            let value = shown.and_then(|shown| shown.get(property)).cloned();
            (property.clone(), value.unwrap_or_else(|| made_up(schema)))
        });
        let sample: Map<String, Value> = sample.collect();
        let rows = properties.iter().map(|(property, schema)| Row {
            name: property.clone(),
            ty: cell(schema, &sample[property]),
            description: schema.description.as_deref().and_then(in_a_cell).unwrap_or_default(),
            required: required.contains(property),
        });
        let description = schema.description.clone().filter(|text| is_clean(text));
        Ok(Self { name: name.to_owned(), is_new: false, description, rows: rows.collect(), sample })
    }

    /// One whose properties are the author's to write: an id and a name are there to begin with.
    fn new(name: &str, description: Option<String>) -> Self {
        let id = format!("{}Id", name.strip_suffix("Entity").filter(|stem| !stem.is_empty()).unwrap_or(name));
        let row = |name: &str, ty| Row {
            name: name.to_owned(),
            ty,
            description: template::PROPERTY.to_owned(),
            required: false,
        };
        let rows = vec![row(&id, "int32"), row("Name", "string")];
        let sample = rows.iter().map(|row| (row.name.clone(), sample(row.ty))).collect();
        let description = description.or_else(|| Some(template::CARRIER.to_owned()));
        Self { name: name.to_owned(), is_new: true, description, rows, sample }
    }

    /// What the page says of it, with the sentence that names it.
    pub(super) fn text(&self) -> String {
        let sentence = format!("Carrier object for {}.", self.name);
        match &self.description {
            Some(text) if text.contains(&sentence) || text.contains(" entity with API _Links added") => text.clone(),
            Some(text) => format!("{text}\n\n{sentence}"),
            None => sentence,
        }
    }
}

/// The fullest that the contract's examples show of a carrier.
fn shown<'c>(name: &str, contract: &'c Contract) -> Option<&'c Map<String, Value>> {
    let mut found = Vec::new();
    for operation in &contract.operations {
        let answers = operation.responses.values().filter_map(|response| match response {
            RefOr::Inline(response) => Some(response),
            RefOr::Ref(name) => contract.responses.get(name),
        });
        let sent = operation.request_body.iter().flat_map(|body| body.content.values());
        for media in sent.chain(answers.flat_map(|response| response.content.values())) {
            let MediaType { schema: Some(schema), .. } = media else { continue };
            if let Some(example) = media.first_example() {
                look(name, contract, schema, example, &mut found);
            }
        }
    }
    // Of equals the first: the order of the contract is that of the pages.
    found.into_iter().rev().max_by_key(|members| members.len())
}

fn look<'c>(
    name: &str,
    contract: &'c Contract,
    schema: &'c Schema,
    value: &'c Value,
    found: &mut Vec<&'c Map<String, Value>>,
) {
    match (&schema.ty, value) {
        (Type::Ref(target), Value::Object(members)) => {
            if target == name {
                found.push(members);
            }
            if let Some(Type::Object { properties, .. }) = contract.schemas.get(target).map(|schema| &schema.ty) {
                look_below(name, contract, properties, members, found);
            }
        }
        (Type::AllOf(parts), value) => parts.iter().for_each(|part| look(name, contract, part, value, found)),
        (Type::Array { items }, Value::Array(values)) => {
            values.iter().for_each(|value| look(name, contract, items, value, found));
        }
        (Type::Object { properties, .. }, Value::Object(members)) => {
            look_below(name, contract, properties, members, found);
        }
        _ => {}
    }
}

fn look_below<'c>(
    name: &str,
    contract: &'c Contract,
    properties: &'c IndexMap<String, Schema>,
    members: &'c Map<String, Value>,
    found: &mut Vec<&'c Map<String, Value>>,
) {
    for (property, value) in members {
        if let Some(schema) = properties.get(property) {
            look(name, contract, schema, value, found);
        }
    }
}

/// A value where no example shows one.
fn made_up(schema: &Schema) -> Value {
    match &schema.ty {
        Type::Array { .. } => json!([]),
        Type::String { .. } | Type::Boolean | Type::Integer { .. } | Type::Number { .. } => {
            sample(cell(schema, &Value::Null))
        }
        _ => json!({}),
    }
}

/// The type cell of a property; empty for another carrier.
fn cell(schema: &Schema, value: &Value) -> &'static str {
    match &schema.ty {
        Type::Boolean => "bool",
        Type::Integer { format } if format.as_deref() == Some("int64") => "int64",
        Type::Integer { .. } => "int32",
        Type::Number { .. } => "double",
        Type::String { format } => match format.as_deref() {
            Some("date-time") => "date-time",
            Some("byte") => "byte",
            _ => "string",
        },
        Type::Array { .. } => "array",
        Type::Object { properties, .. } if properties.is_empty() => OBJECT,
        Type::Any if !value.is_object() => "string",
        _ => "",
    }
}

/// A text that fits into a cell and says there what it says here.
fn in_a_cell(text: &str) -> Option<String> {
    (is_clean(text) && !text.contains('\n')).then(|| text.replace('|', "\\|"))
}

/// Whether a page says the same in the same words.
fn is_clean(text: &str) -> bool {
    clean_markdown(text).as_deref() == Some(text)
}

fn without_rights(members: &Map<String, Value>) -> Map<String, Value> {
    let kept = members.iter().filter(|(name, _)| !RIGHTS.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), rightless(value))).collect()
}

fn rightless(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(without_rights(members)),
        Value::Array(items) => items.iter().map(rightless).collect(),
        scalar => scalar.clone(),
    }
}
