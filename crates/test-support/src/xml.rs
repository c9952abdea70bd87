//! Reads an XML answer with nothing but the contract in hand, as an SDK in another language would:
//! the `xml` metadata of its schemas says what elements mean.

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Schema, Type};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// An element with its text and its elements.
#[derive(Debug, Default)]
struct Element {
    name: String,
    /// What the attribute `type` says.
    kind: Option<String>,
    text: String,
    elements: Vec<Element>,
}

/// The JSON that the answer would have been.
pub(crate) fn to_json(contract: &Contract, schema: &Schema, body: &[u8]) -> Result<Value, String> {
    let root = parse(body)?;
    let expected = element_name(contract, schema).ok_or("the contract does not say what the root is called")?;
    if root.name != expected {
        return Err(format!("the root is `{}`, the contract calls it `{expected}`", root.name));
    }
    value(contract, schema, &root)
}

/// What the element of a root or item is called.
fn element_name<'c>(contract: &'c Contract, schema: &'c Schema) -> Option<&'c str> {
    schema.xml_name().or_else(|| match &schema.ty {
        Type::Ref(name) => contract.schemas.get(name)?.xml_name(),
        _ => None,
    })
}

fn value(contract: &Contract, schema: &Schema, element: &Element) -> Result<Value, String> {
    let name = &element.name;
    match &schema.ty {
        Type::Ref(component) => {
            let schema = contract.schemas.get(component).ok_or_else(|| format!("no component `{component}`"))?;
            value(contract, schema, element)
        }
        Type::AllOf(parts) if parts.len() == 1 => value(contract, &parts[0], element),
        Type::String { .. } if element.elements.is_empty() => Ok(Value::String(element.text.clone())),
        Type::Boolean | Type::Integer { .. } | Type::Number { .. } => {
            serde_json::from_str(&element.text).map_err(|error| format!("`{name}`: {error}"))
        }
        Type::Array { items } => {
            if schema.extensions.get("xml").and_then(|xml| xml.get("wrapped")) != Some(&Value::Bool(true)) {
                return Err(format!("the contract does not say that the list `{name}` has an element of its own"));
            }
            let expected = element_name(contract, items).ok_or_else(|| format!("items of `{name}` have no name"))?;
            match element.elements.iter().find(|item| item.name != expected) {
                Some(item) => Err(format!("an item of `{name}` is `{}`, not `{expected}`", item.name)),
                None => element.elements.iter().map(|item| value(contract, items, item)).collect(),
            }
        }
        Type::Object { properties, additional, .. } => {
            if properties.is_empty() && !matches!(additional, Additional::Schema(_)) {
                return free_form(element, Some("object"));
            }
            let mut members = Map::new();
            for child in &element.elements {
                let named =
                    properties.iter().find(|(name, property)| property.xml_name().unwrap_or(name) == child.name);
                let (key, inner) = match (named, additional) {
                    (Some((name, property)), _) => (name, property),
                    (None, Additional::Schema(values)) => (&child.name, &**values),
                    (None, _) => return Err(format!("`{name}` has no property `{}` in the contract", child.name)),
                };
                if members.insert(key.clone(), value(contract, inner, child)?).is_some() {
                    return Err(format!("`{name}` has `{key}` twice"));
                }
            }
            Ok(Value::Object(members))
        }
        _ => free_form(element, None),
    }
}

/// A value of which the contract says nothing: its elements say with the attribute `type` what they are.
fn free_form(element: &Element, kind: Option<&str>) -> Result<Value, String> {
    let elements = &element.elements;
    match kind.or(element.kind.as_deref()) {
        Some("object") => elements.iter().map(|child| Ok((child.name.clone(), free_form(child, None)?))).collect(),
        Some("array") => elements.iter().map(|item| free_form(item, None)).collect(),
        Some("null") => Ok(Value::Null),
        Some("number" | "boolean") => {
            serde_json::from_str(&element.text).map_err(|error| format!("`{}`: {error}", element.name))
        }
        _ => Ok(Value::String(element.text.clone())),
    }
}

fn parse(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| format!("the body is not XML: {error}"))?;
        let Some(current) = open.last_mut() else { return Err("an element ends twice".to_owned()) };
        match event {
            Event::Start(start) => open.push(element(&start)?),
            Event::End(_) => {
                let done = open.pop().unwrap_or_default();
                open.last_mut().ok_or("an element ends twice")?.elements.push(done);
            }
            Event::Text(text) => current.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(|error| error.to_string())? {
                Some(c) => current.text.push(c),
                None => {
                    let text = quick_xml::escape::resolve_xml_entity(&entity.xml10_content());
                    current.text.push_str(text.ok_or("an unknown entity")?);
                }
            },
            Event::Decl(_) => {}
            Event::Eof => break,
            other => return Err(format!("an answer has no {other:?}")),
        }
    }
    match open.as_mut_slice() {
        [document] if document.elements.len() == 1 => Ok(document.elements.remove(0)),
        _ => Err("there is not one root".to_owned()),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let kind = start.try_get_attribute("type").map_err(|error| error.to_string())?;
    let kind = kind.map(|attribute| attribute.value.into_owned());
    Ok(Element { name: start.name().as_ref().to_owned(), kind, ..Element::default() })
}
