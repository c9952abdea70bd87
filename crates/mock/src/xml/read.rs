//! XML as the value that a schema describes.

use docwright_contract::model::Schema;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::{is_flagged, item_name, name, root_name};
use crate::schemas::Schemas;

/// Elements within elements beyond this are refused: what works on them recurses.
const MAX_DEPTH: usize = 100;

/// Why a body is no XML.
#[derive(Debug, PartialEq)]
pub(crate) struct XmlError(pub(crate) String);

/// The value of an XML document. Where the schema does not say what an element is, it is text, or an
/// object where it has elements within.
pub(crate) fn read(schemas: &Schemas, schema: &Schema, bytes: &[u8]) -> Result<Value, XmlError> {
    let root = parse(bytes)?;
    let expected = root_name(schemas, schema);
    let expected = expected.rsplit(':').next().unwrap_or_default();
    if root.name != expected {
        return Err(XmlError(format!("expected the root element `{expected}`, found `{}`", root.name)));
    }
    let kinds = schemas.kinds(schema);
    if kinds.array && !kinds.object {
        return Ok(list(schemas, schema, root.children.iter().collect()));
    }
    Ok(value(schemas, schema, &root))
}

#[derive(Debug, Default)]
struct Element {
    /// Without prefix.
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn is_nil(&self) -> bool {
        self.attributes.iter().any(|(name, value)| name == "nil" && matches!(value.as_str(), "true" | "1"))
    }
}

fn value(schemas: &Schemas, schema: &Schema, element: &Element) -> Value {
    if element.is_nil() {
        return Value::Null;
    }
    let kinds = schemas.kinds(schema);
    let has_parts = !element.children.is_empty();
    if kinds.array && !kinds.object && !kinds.scalar() {
        return list(schemas, schema, element.children.iter().collect());
    }
    if has_parts || kinds.object && !kinds.scalar() {
        return object(schemas, schema, element);
    }
    kinds.read(&element.text)
}

fn list(schemas: &Schemas, schema: &Schema, elements: Vec<&Element>) -> Value {
    let any = Schema::default();
    let items = schemas.items(schema).unwrap_or(&any);
    elements.into_iter().map(|element| value(schemas, items, element)).collect()
}

fn object(schemas: &Schemas, schema: &Schema, element: &Element) -> Value {
    let mut members = Map::new();
    let mut used = vec![false; element.children.len()];
    let text = element.text.trim();
    for (property, of_property) in schemas.properties(schema) {
        let own = name(schemas, of_property);
        if is_flagged(schemas, of_property, "attribute") {
            let wanted = own.unwrap_or(property);
            if let Some((_, text)) = element.attributes.iter().find(|(name, _)| name == wanted) {
                members.insert(property.to_owned(), schemas.kinds(of_property).read(text));
            }
            continue;
        }
        let kinds = schemas.kinds(of_property);
        let wrapped = is_flagged(schemas, of_property, "wrapped");
        let unwrapped_list = kinds.array && !kinds.object && !wrapped;
        let wanted = match schemas.items(of_property) {
            Some(items) if unwrapped_list => item_name(schemas, items, Some(property)),
            _ => own.unwrap_or(property).to_owned(),
        };
        let mut matching = Vec::new();
        for (child, used) in element.children.iter().zip(&mut used) {
            if child.name == wanted && !*used {
                *used = true;
                matching.push(child);
            }
        }
        let read = match matching.as_slice() {
            [] => continue,
            all if unwrapped_list => list(schemas, of_property, all.to_vec()),
            [one] => value(schemas, of_property, one),
            // Repeated where one is expected: the check of the value says so.
            all => all.iter().map(|one| value(schemas, of_property, one)).collect(),
        };
        members.insert(property.to_owned(), read);
    }
    let any = Schema::default();
    let values = schemas.values(schema).unwrap_or(&any);
    for (child, _) in element.children.iter().zip(used).filter(|(_, used)| !used) {
        members.insert(child.name.clone(), value(schemas, values, child));
    }
    // Text where elements belong is nothing that a value could say.
    if members.is_empty()
        && !text.is_empty()
        && schemas.properties(schema).is_empty()
        && schemas.values(schema).is_none()
    {
        return Value::String(text.to_owned());
    }
    Value::Object(members)
}

fn parse(bytes: &[u8]) -> Result<Element, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError("the text is not UTF-8".to_owned()))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let position = reader.buffer_position();
        let wrong = |what: String| XmlError(format!("{what}, at byte {position}"));
        match reader.read_event().map_err(|error| wrong(error.to_string()))? {
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let ends = matches!(event, Event::Empty(_));
                let (Event::Start(start) | Event::Empty(start)) = event else { continue };
                if root.is_some() {
                    return Err(wrong("more than one root element".to_owned()));
                }
                if open.len() >= MAX_DEPTH {
                    return Err(wrong(format!("elements nest more than {MAX_DEPTH} levels deep")));
                }
                let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
                    let key = attribute.key;
                    if key.as_ref() == "xmlns" || key.as_ref().starts_with("xmlns:") {
                        continue;
                    }
                    let value = unescape(&attribute.value).map_err(|error| wrong(error.to_string()))?;
                    element.attributes.push((key.local_name().as_ref().to_owned(), value.into_owned()));
                }
                if ends { close(element, &mut open, &mut root) } else { open.push(element) }
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root);
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                match open.last_mut() {
                    Some(element) => element.text.push_str(&text),
                    None if text.trim().is_empty() => {}
                    None => return Err(wrong("text outside the root element".to_owned())),
                }
            }
            Event::CData(text) => {
                let text = text.xml10_content();
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let reference = format!("&{};", &*reference);
                let resolved = unescape(&reference).map_err(|error| wrong(error.to_string()))?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&resolved);
                }
            }
            // Entities of a document's own unfold without end: none are read.
            Event::DocType(_) => return Err(wrong("a document type is not accepted".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match (root, open.last()) {
        (_, Some(element)) => Err(XmlError(format!("the element `{}` is not closed", element.name))),
        (Some(root), None) => Ok(root),
        (None, None) => Err(XmlError("no root element".to_owned())),
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}
