//! Values in the ways in which parameters and forms write them.

use std::borrow::Cow;

use docwright_contract::model::{Additional, Location, Schema, Type};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::schemas::{Kinds, Schemas};
use crate::violation::quoted;

/// Brackets within brackets beyond this are refused.
const MAX_DEPTH: usize = 16;
/// An index in brackets that is larger names a property, not an item.
const MAX_INDEX: usize = 1_000;

/// OpenAPI's `style`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// Swagger 2.0's `tsv`.
    TabDelimited,
}

impl Style {
    /// The style of this name, else the usual one of the place.
    pub(crate) fn of(name: Option<&str>, location: Location) -> Self {
        match name {
            Some("simple") => Self::Simple,
            Some("label") => Self::Label,
            Some("matrix") => Self::Matrix,
            Some("form") => Self::Form,
            Some("spaceDelimited" | "ssv") => Self::SpaceDelimited,
            Some("pipeDelimited" | "pipes") => Self::PipeDelimited,
            Some("tabDelimited" | "tsv") => Self::TabDelimited,
            Some("deepObject") => Self::DeepObject,
            _ => match location {
                Location::Path | Location::Header => Self::Simple,
                Location::Query | Location::Cookie => Self::Form,
            },
        }
    }
}

/// How a place writes characters that mean something else there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoding {
    /// Percent signs, and a plus for a blank.
    Form,
    /// Percent signs.
    Path,
    /// As it is.
    Plain,
}

impl Encoding {
    pub(super) fn decode(self, text: &str) -> Result<String, String> {
        let decoded = match self {
            Self::Plain => return Ok(text.trim().to_owned()),
            Self::Path => percent_decode_str(text).decode_utf8().map(Cow::into_owned),
            Self::Form => percent_decode_str(&text.replace('+', " ")).decode_utf8().map(Cow::into_owned),
        };
        decoded.map_err(|_| format!("expected UTF-8 text, found {}", quoted(text)))
    }
}

/// What stands beside the parameter, for objects that are spread over the query.
pub(super) struct Spread<'s> {
    pub(super) query: &'s [(Cow<'s, str>, &'s str)],
    /// Whether another parameter has this name.
    pub(super) declared: &'s dyn Fn(&str) -> bool,
}

/// Whether objects of the schema take properties of any name.
pub(super) fn is_open(schemas: &Schemas, schema: &Schema) -> bool {
    match &schemas.resolve(schema).ty {
        Type::Object { additional: Additional::Any | Additional::Schema(_), .. } => true,
        Type::Object { properties, additional: Additional::Unstated, .. } => properties.is_empty(),
        _ => false,
    }
}

/// Reads one parameter.
pub(super) struct Reader<'a> {
    pub(super) schemas: &'a Schemas,
    pub(super) schema: &'a Schema,
    pub(super) name: &'a str,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) encoding: Encoding,
}

impl Reader<'_> {
    /// The value of the parameter, whose own values are `raw`.
    pub(super) fn read(&self, raw: &[Cow<'_, str>], spread: &Spread<'_>) -> Result<Option<Value>, String> {
        let kinds = self.schemas.kinds(self.schema);
        if self.style == Style::DeepObject {
            return self.deep(spread);
        }
        if kinds.object && !kinds.scalar() && !kinds.array && self.style == Style::Form && self.explode {
            return self.spread(spread);
        }
        let Some(first) = raw.first() else { return Ok(None) };
        let several = raw.len() > 1;
        if kinds.array && (several || !kinds.scalar() || self.delimited(first)) {
            return self.list(raw).map(Some);
        }
        if several {
            return Err(format!("expected once, found {} times", raw.len()));
        }
        if kinds.object && !kinds.scalar() {
            return self.object(first).map(Some);
        }
        let text = self.encoding.decode(&self.unprefixed(first)?)?;
        Ok(Some(kinds.read(&text)))
    }

    fn delimited(&self, raw: &str) -> bool {
        !self.explode && raw.contains(',')
    }

    /// Without what `label` and `matrix` begin with.
    fn unprefixed<'t>(&self, raw: &'t str) -> Result<Cow<'t, str>, String> {
        let expected = |form: &str| format!("expected the form `{form}`, found {}", quoted(raw));
        match self.style {
            Style::Label => raw.strip_prefix('.').map(Cow::Borrowed).ok_or_else(|| expected(".value")),
            Style::Matrix => {
                let rest = raw.strip_prefix(';').ok_or_else(|| expected(&format!(";{}=value", self.name)))?;
                match rest.strip_prefix(self.name) {
                    Some("") => Ok(Cow::Borrowed("")),
                    Some(rest) if rest.starts_with('=') => Ok(Cow::Borrowed(&rest[1..])),
                    // The members of a spread object have names of their own.
                    _ if self.explode => Ok(Cow::Borrowed(rest)),
                    _ => Err(expected(&format!(";{}=value", self.name))),
                }
            }
            _ => Ok(Cow::Borrowed(raw)),
        }
    }

    fn list(&self, raw: &[Cow<'_, str>]) -> Result<Value, String> {
        let any = Schema::default();
        let items = self.schemas.items(self.schema).unwrap_or(&any);
        let kinds = self.schemas.kinds(items);
        let is_free_text = kinds.string && self.schemas.resolve(items).enumeration.is_empty();
        let texts: Vec<String> = if self.style == Style::Form && self.explode {
            raw.iter().map(|value| value.clone().into_owned()).collect()
        } else {
            let [only] = raw else {
                return Err(format!("expected once, with its items in one value, found {} times", raw.len()));
            };
            let inner = self.unprefixed(only)?;
            if inner.is_empty() {
                return Ok(Value::Array(Vec::new()));
            }
            match (self.style, self.explode) {
                (Style::Label, true) => split(&inner, &["."]),
                (Style::Matrix, true) => {
                    let prefix = format!("{}=", self.name);
                    let parts = inner.split(';').map(|part| part.strip_prefix(&prefix).unwrap_or(part).to_owned());
                    parts.collect()
                }
                (Style::SpaceDelimited, _) => split(&inner, &["%20", "+", " "]),
                (Style::PipeDelimited, _) => split(&inner, &["|", "%7C", "%7c"]),
                (Style::TabDelimited, _) => split(&inner, &["\t", "%09"]),
                // Many callers escape the comma too. A single text may hold one, unless it is one of a list.
                (Style::Form, _) if !is_free_text => split(&inner, &[",", "%2C", "%2c"]),
                _ => split(&inner, &[","]),
            }
        };
        let values = texts.iter().map(|text| self.encoding.decode(text).map(|text| kinds.read(&text)));
        values.collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    /// An object in one value.
    fn object(&self, raw: &str) -> Result<Value, String> {
        let inner = self.unprefixed(raw)?;
        let mut members = Map::new();
        if inner.is_empty() {
            return Ok(Value::Object(members));
        }
        let parts = match (self.style, self.explode) {
            (Style::Label, true) => split(&inner, &["."]),
            (Style::Matrix, true) => split(&inner, &[";"]),
            (Style::SpaceDelimited, _) => split(&inner, &["%20", "+", " "]),
            (Style::PipeDelimited, _) => split(&inner, &["|", "%7C", "%7c"]),
            _ => split(&inner, &[","]),
        };
        let mut add = |name: &str, value: &str| -> Result<(), String> {
            let name = self.encoding.decode(name)?;
            let value = self.property_kinds(&name).read(&self.encoding.decode(value)?);
            members.insert(name, value);
            Ok(())
        };
        if self.explode {
            for part in &parts {
                let (name, value) =
                    part.split_once('=').ok_or_else(|| format!("expected `name=value`, found {}", quoted(part)))?;
                add(name, value)?;
            }
        } else {
            for pair in parts.chunks(2) {
                let [name, value] = pair else {
                    return Err("expected names and values in turn, found an odd number".to_owned());
                };
                add(name, value)?;
            }
        }
        Ok(Value::Object(members))
    }

    fn property_kinds(&self, name: &str) -> Kinds {
        let any = Schema::default();
        let property = self.schemas.property(self.schema, name).or_else(|| self.schemas.values(self.schema));
        self.schemas.kinds(property.unwrap_or(&any))
    }

    /// An object whose properties are parameters of their own.
    fn spread(&self, spread: &Spread<'_>) -> Result<Option<Value>, String> {
        let open = is_open(self.schemas, self.schema);
        let mut members: Map<String, Value> = Map::new();
        for (name, raw) in spread.query {
            let own = self.schemas.property(self.schema, name);
            if own.is_none() && (!open || (spread.declared)(name)) {
                continue;
            }
            let kinds = self.property_kinds(name);
            let text = self.encoding.decode(raw)?;
            if kinds.array {
                let any = Schema::default();
                let items = own.and_then(|own| self.schemas.items(own)).unwrap_or(&any);
                let item = self.schemas.kinds(items).read(&text);
                let list = members.entry(name.clone().into_owned()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(item);
                }
            } else if members.insert(name.clone().into_owned(), kinds.read(&text)).is_some() {
                return Err(format!("expected the property `{name}` once, found it more often"));
            }
        }
        Ok((!members.is_empty()).then_some(Value::Object(members)))
    }

    /// An object as `name[property]=value`, also with brackets within brackets.
    fn deep(&self, spread: &Spread<'_>) -> Result<Option<Value>, String> {
        let mut root = Node::default();
        let mut found = false;
        for (name, raw) in spread.query {
            let Some(rest) = name.strip_prefix(self.name) else { continue };
            if !rest.starts_with('[') {
                if rest.is_empty() {
                    return Err(format!("expected the form `{}[property]=value`, found {}", self.name, quoted(raw)));
                }
                continue;
            }
            found = true;
            let path = brackets(rest).ok_or_else(|| format!("expected brackets, found {}", quoted(name)))?;
            let value = self.encoding.decode(raw)?;
            root.insert(&path, value);
        }
        Ok(found.then(|| root.value(self.schemas, Some(self.schema))))
    }
}

fn split(text: &str, separators: &[&str]) -> Vec<String> {
    let separator = separators.iter().find(|separator| text.contains(**separator));
    match separator {
        Some(separator) => text.split(separator).map(str::to_owned).collect(),
        None => vec![text.to_owned()],
    }
}

/// `[a][b]` as `a`, `b`.
fn brackets(text: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[')?;
        let end = inner.find(']')?;
        names.push(&inner[..end]);
        rest = &inner[end + 1..];
        if names.len() > MAX_DEPTH {
            return None;
        }
    }
    Some(names)
}

/// What brackets say, before the schema tells lists from objects.
#[derive(Default)]
struct Node {
    values: Vec<String>,
    members: Vec<(String, Node)>,
}

impl Node {
    fn insert(&mut self, path: &[&str], value: String) {
        let Some((name, rest)) = path.split_first() else {
            self.values.push(value);
            return;
        };
        // `[]` is one more item of the same list.
        if name.is_empty() && rest.is_empty() {
            self.values.push(value);
            return;
        }
        let index = self.members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.members.push(((*name).to_owned(), Node::default()));
            self.members.len() - 1
        });
        self.members[index].1.insert(rest, value);
    }

    fn value(&self, schemas: &Schemas, schema: Option<&Schema>) -> Value {
        let any = Schema::default();
        let schema = schema.unwrap_or(&any);
        let kinds = schemas.kinds(schema);
        if kinds.array && !kinds.object {
            let items = schemas.items(schema);
            let item_kinds = schemas.kinds(items.unwrap_or(&any));
            let plain = self.values.iter().map(|text| item_kinds.read(text));
            let mut numbered: Vec<_> = self.members.iter().collect();
            if numbered.iter().all(|(name, _)| name.parse::<usize>().is_ok_and(|index| index <= MAX_INDEX)) {
                numbered.sort_by_key(|(name, _)| name.parse::<usize>().unwrap_or(MAX_INDEX));
            }
            return plain.chain(numbered.into_iter().map(|(_, node)| node.value(schemas, items))).collect();
        }
        if self.members.is_empty() {
            return match self.values.as_slice() {
                [one] => kinds.read(one),
                several => several.iter().map(|text| kinds.read(text)).collect(),
            };
        }
        let members = self.members.iter().map(|(name, node)| {
            let property = schemas.property(schema, name).or_else(|| schemas.values(schema));
            (name.clone(), node.value(schemas, property))
        });
        Value::Object(members.collect())
    }
}
