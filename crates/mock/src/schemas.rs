//! Schemas as the mock looks at them: references followed, and validators compiled once.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use docwright_contract::json_schema;
use docwright_contract::model::{Additional, Contract, Schema, Type};
use jiff::fmt::temporal::Pieces;
use jsonschema::{Draft, Validator};
use serde_json::{Number, Value};

/// How many references in a row are followed; longer chains are circles.
const MAX_HOPS: usize = 32;

/// Which way a value travels: `readOnly` properties are not asked of callers, `writeOnly` ones are
/// not in answers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Direction {
    /// From the caller.
    Request,
    /// To the caller.
    Answer,
}

/// A compiled schema, or why it cannot be compiled.
pub(crate) type Compiled = Result<Validator, String>;

/// A schema that requests are held to, compiled with the first of them.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) schema: Schema,
    compiled: OnceLock<Arc<Compiled>>,
}

impl Check {
    pub(crate) fn new(schema: Schema) -> Self {
        Self { schema, compiled: OnceLock::new() }
    }

    pub(crate) fn compiled(&self, schemas: &Schemas) -> &Compiled {
        self.compiled.get_or_init(|| schemas.validator(&self.schema, Direction::Request))
    }
}

/// The schemas of a contract, with the validators that were needed so far.
#[derive(Debug)]
pub(crate) struct Schemas {
    contract: Arc<Contract>,
    requests: OnceLock<Contract>,
    answers: OnceLock<Contract>,
    /// Equal schemas have one validator, wherever they stand: parameters repeat a lot.
    compiled: Mutex<HashMap<(Direction, String), Arc<Compiled>>>,
}

impl Schemas {
    pub(crate) fn new(contract: Arc<Contract>) -> Self {
        Self { contract, requests: OnceLock::new(), answers: OnceLock::new(), compiled: Mutex::default() }
    }

    pub(crate) fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The component schema of this name.
    pub(crate) fn component(&self, name: &str) -> Option<&Schema> {
        self.contract.schemas.get(name)
    }

    /// The schema itself, or the one at the end of its references.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let mut current = schema;
        for _ in 0..MAX_HOPS {
            match &current.ty {
                Type::Ref(name) => match self.component(name) {
                    Some(next) => current = next,
                    None => break,
                },
                _ => break,
            }
        }
        current
    }

    /// The validator of the schema, compiled on first use and then shared by all equal schemas.
    pub(crate) fn validator(&self, schema: &Schema, direction: Direction) -> Arc<Compiled> {
        let key = (direction, format!("{schema:?}"));
        if let Some(known) = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        // Compiled outside the lock: large schemas take a while, and others need not wait.
        let compiled = Arc::new(self.compile(schema, direction));
        let mut all = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key).or_insert(compiled))
    }

    /// The same for a schema that is used once.
    pub(crate) fn compile(&self, schema: &Schema, direction: Direction) -> Compiled {
        let view = self.view(direction);
        let document = json_schema::for_schema(view, &directed(&self.contract, schema, direction));
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("date-time", is_date_time)
            .with_format("byte", |text: &str| STANDARD.decode(text).is_ok())
            .build(&document)
            .map_err(|error| error.to_string())
    }

    /// The contract's schemas as they hold in this direction.
    fn view(&self, direction: Direction) -> &Contract {
        let cell = match direction {
            Direction::Request => &self.requests,
            Direction::Answer => &self.answers,
        };
        cell.get_or_init(|| {
            let schemas = self.contract.schemas.iter();
            let schemas = schemas.map(|(name, schema)| (name.clone(), directed(&self.contract, schema, direction)));
            Contract { schemas: schemas.collect(), ..Contract::default() }
        })
    }
}

/// The schema without the demands that do not hold in this direction, and with the bounds that its
/// formats mean.
fn directed(contract: &Contract, schema: &Schema, direction: Direction) -> Schema {
    let mut schema = schema.clone();
    direct(contract, &mut schema, direction);
    schema
}

fn direct(contract: &Contract, schema: &mut Schema, direction: Direction) {
    match &mut schema.ty {
        Type::Any | Type::Ref(_) | Type::Boolean | Type::Number { .. } | Type::String { .. } => {}
        Type::Integer { format } => {
            let bounds = match format.as_deref() {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some("int64") => Some((i64::MIN, i64::MAX)),
                _ => None,
            };
            if let Some((least, most)) = bounds {
                let constraints = &mut schema.constraints;
                constraints.minimum.get_or_insert_with(|| Number::from(least));
                constraints.maximum.get_or_insert_with(|| Number::from(most));
            }
        }
        Type::Array { items } => direct(contract, items, direction),
        Type::Object { properties, required, additional } => {
            required
                .retain(|name| properties.get(name).is_none_or(|property| !is_absent(contract, property, direction)));
            for property in properties.values_mut() {
                direct(contract, property, direction);
            }
            if let Additional::Schema(values) = additional {
                direct(contract, values, direction);
            }
        }
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => {
            for part in parts {
                direct(contract, part, direction);
            }
        }
    }
}

/// Whether the property does not travel in this direction.
pub(crate) fn is_absent(contract: &Contract, property: &Schema, direction: Direction) -> bool {
    let mut current = property;
    for _ in 0..MAX_HOPS {
        let absent = match direction {
            Direction::Request => current.read_only,
            Direction::Answer => current.write_only,
        };
        if absent {
            return true;
        }
        let next = match &current.ty {
            Type::Ref(name) => contract.schemas.get(name),
            Type::AllOf(parts) if parts.len() == 1 => parts.first(),
            _ => None,
        };
        match next {
            Some(next) => current = next,
            None => return false,
        }
    }
    false
}

/// The JSON types that a schema admits, as a set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Kinds {
    pub(crate) null: bool,
    pub(crate) boolean: bool,
    pub(crate) integer: bool,
    pub(crate) number: bool,
    pub(crate) string: bool,
    pub(crate) array: bool,
    pub(crate) object: bool,
}

impl Kinds {
    /// Whether a value without parts is admitted.
    pub(crate) fn scalar(self) -> bool {
        self.boolean || self.integer || self.number || self.string
    }

    /// The value that a text means where these types are admitted. Text that means none of them
    /// stays text, which the validator then refuses.
    pub(crate) fn read(self, text: &str) -> Value {
        if self.boolean && matches!(text, "true" | "false") {
            return Value::Bool(text == "true");
        }
        if (self.integer || self.number)
            && let Some(number) = number(text)
        {
            return Value::Number(number);
        }
        if self.null && !self.string && matches!(text, "" | "null") {
            return Value::Null;
        }
        Value::String(text.to_owned())
    }
}

/// A number as JSON writes it; also large ones, but neither `+1` nor `0x1` nor `Infinity`.
fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    serde_json::from_str(text).ok()
}

impl Schemas {
    /// The types that the schema admits, all of its choices together.
    pub(crate) fn kinds(&self, schema: &Schema) -> Kinds {
        let mut kinds = Kinds::default();
        self.add_kinds(schema, &mut kinds, &mut BTreeSet::new());
        kinds
    }

    /// `seen` are the components that were looked at: another look would find the same, and components that name one
    /// another twice each would be looked at for ever.
    fn add_kinds<'a>(&'a self, schema: &'a Schema, kinds: &mut Kinds, seen: &mut BTreeSet<&'a str>) {
        kinds.null |= schema.nullable;
        match &schema.ty {
            Type::Any => match schema.enumeration.is_empty() {
                true => kinds.string = true,
                false => schema.enumeration.iter().for_each(|value| add_kind_of(value, kinds)),
            },
            Type::Ref(name) => {
                if let Some(target) = self.component(name).filter(|_| seen.insert(name)) {
                    self.add_kinds(target, kinds, seen);
                }
            }
            Type::Boolean => kinds.boolean = true,
            Type::Integer { .. } => kinds.integer = true,
            Type::Number { .. } => kinds.number = true,
            Type::String { .. } => kinds.string = true,
            Type::Array { .. } => kinds.array = true,
            Type::Object { .. } => kinds.object = true,
            // The parts say the same type, or nothing.
            Type::AllOf(parts) => match parts.iter().find(|part| self.resolve(part).ty != Type::Any) {
                Some(part) => self.add_kinds(part, kinds, seen),
                None => kinds.string = true,
            },
            Type::OneOf(parts) | Type::AnyOf(parts) => {
                parts.iter().for_each(|part| self.add_kinds(part, kinds, seen));
            }
        }
    }

    /// What each item may be, where the schema admits lists.
    pub(crate) fn items<'a>(&'a self, schema: &'a Schema) -> Option<&'a Schema> {
        self.find(schema, &mut BTreeSet::new(), &|ty| match ty {
            Type::Array { items } => Some(&**items),
            _ => None,
        })
    }

    /// What the property of this name may be, where the schema admits objects that have it.
    pub(crate) fn property<'a>(&'a self, schema: &'a Schema, name: &str) -> Option<&'a Schema> {
        self.find(schema, &mut BTreeSet::new(), &|ty| match ty {
            Type::Object { properties, .. } => properties.get(name),
            _ => None,
        })
    }

    /// What properties that have no name in the schema may be, where it says so.
    pub(crate) fn values<'a>(&'a self, schema: &'a Schema) -> Option<&'a Schema> {
        self.find(schema, &mut BTreeSet::new(), &|ty| match ty {
            Type::Object { additional: Additional::Schema(values), .. } => Some(&**values),
            _ => None,
        })
    }

    /// All named properties, those of combined schemas too; the first of a name wins.
    pub(crate) fn properties<'a>(&'a self, schema: &'a Schema) -> Vec<(&'a str, &'a Schema)> {
        let mut found: Vec<(&str, &Schema)> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut rest = vec![schema];
        while let Some(schema) = rest.pop() {
            match &schema.ty {
                Type::Object { properties, .. } => {
                    for (name, property) in properties {
                        if !found.iter().any(|(known, _)| *known == name) {
                            found.push((name, property));
                        }
                    }
                }
                Type::Ref(name) if seen.insert(name) => rest.extend(self.component(name)),
                Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => rest.extend(parts.iter().rev()),
                _ => {}
            }
        }
        found
    }

    fn find<'a>(
        &'a self,
        schema: &'a Schema,
        seen: &mut BTreeSet<&'a str>,
        wanted: &dyn Fn(&'a Type) -> Option<&'a Schema>,
    ) -> Option<&'a Schema> {
        match &schema.ty {
            Type::Ref(name) => {
                let target = self.component(name).filter(|_| seen.insert(name))?;
                self.find(target, seen, wanted)
            }
            Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => {
                parts.iter().find_map(|part| self.find(part, seen, wanted))
            }
            ty => wanted(ty),
        }
    }
}

fn add_kind_of(value: &Value, kinds: &mut Kinds) {
    match value {
        Value::Null => kinds.null = true,
        Value::Bool(_) => kinds.boolean = true,
        Value::Number(number) if number.is_f64() => kinds.number = true,
        Value::Number(_) => kinds.integer = true,
        Value::String(_) => kinds.string = true,
        Value::Array(_) => kinds.array = true,
        Value::Object(_) => kinds.object = true,
    }
}

/// A date and a time, with an offset or without: RFC 3339 wants one, but many a documented sample
/// has none, and a sample must not be refused.
fn is_date_time(text: &str) -> bool {
    let Ok(pieces) = Pieces::parse(text) else { return false };
    let has_annotation = pieces.time_zone_annotation().is_some();
    pieces.time().is_some() && !has_annotation && text.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn date_times_may_lack_their_offset() {
        for (text, expected) in [
            ("2010-10-19T09:40:58Z", true),
            ("2010-10-19T09:40:58.1234567+02:00", true),
            ("2010-10-19T09:40:58", true),
            ("0001-01-01T00:00:00", true),
            ("2010-10-19", false),
            ("2010-13-19T09:40:58", false),
            ("2010-10-19T09:40:58+02:00[Europe/Oslo]", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(is_date_time(text), expected, "{text}");
        }
    }
}
