//! `multipart/*` bodies (RFC 2046, RFC 7578), read whole.

use docwright_contract::model::Schema;
use indexmap::IndexMap;
use mediatype::{MediaType, Name, ReadParams as _};
use serde_json::{Map, Value};

use super::Encoding;
use crate::media;
use crate::schemas::Schemas;

/// More parts than this are refused.
const MAX_PARTS: usize = 1_000;

#[derive(Debug, PartialEq)]
struct Part<'b> {
    name: String,
    is_file: bool,
    content_type: Option<String>,
    content: &'b [u8],
}

/// The object that the parts make: JSON parts as what they hold, files as text.
pub(super) fn read(
    schemas: &Schemas,
    schema: &Schema,
    encoding: &IndexMap<String, Encoding>,
    content_type: &str,
    body: &[u8],
) -> Result<Value, String> {
    let parts = parts(content_type, body)?;
    // Only forms name their parts.
    if media::essence(content_type) != "multipart/form-data" {
        return Ok(Value::Array(parts.iter().map(|part| String::from_utf8_lossy(part.content).into()).collect()));
    }
    let mut members: Map<String, Value> = Map::new();
    for part in parts {
        let any = Schema::default();
        let property = schemas.property(schema, &part.name).or_else(|| schemas.values(schema)).unwrap_or(&any);
        let is_list = {
            let kinds = schemas.kinds(property);
            kinds.array && !kinds.scalar()
        };
        let own = encoding.get(&part.name).and_then(|encoding| encoding.content_type.as_deref());
        if let (Some(allowed), Some(found)) = (own, &part.content_type)
            && !allowed.split(',').any(|allowed| media::is_of(allowed.trim(), found))
        {
            return Err(format!("part `{}`: expected the media type `{allowed}`, found `{found}`", part.name));
        }
        let of_items = schemas.items(property).unwrap_or(&any);
        let is_json = part.content_type.as_deref().or(own).is_some_and(media::is_json);
        let value = value(schemas, if is_list { of_items } else { property }, &part, is_json)?;
        match members.get_mut(&part.name) {
            Some(Value::Array(list)) if is_list => list.push(value),
            None if is_list && !value.is_array() => _ = members.insert(part.name, Value::Array(vec![value])),
            None => _ = members.insert(part.name, value),
            Some(_) => return Err(format!("expected the part `{}` once, found it more often", part.name)),
        }
    }
    Ok(Value::Object(members))
}

fn value(schemas: &Schemas, schema: &Schema, part: &Part<'_>, is_json: bool) -> Result<Value, String> {
    let kinds = schemas.kinds(schema);
    // Objects are JSON unless a part says otherwise.
    let is_document = is_json || part.content_type.is_none() && kinds.object && !kinds.scalar();
    if is_document {
        return serde_json::from_slice(part.content)
            .map_err(|error| format!("part `{}`: expected JSON: {error}", part.name));
    }
    let text = String::from_utf8_lossy(part.content);
    if part.is_file { Ok(Value::String(text.into_owned())) } else { Ok(kinds.read(&text)) }
}

fn parts<'b>(content_type: &str, body: &'b [u8]) -> Result<Vec<Part<'b>>, String> {
    let boundary = MediaType::parse(content_type)
        .ok()
        .and_then(|parsed| {
            parsed.get_param(Name::new_unchecked("boundary")).map(|value| value.unquoted_str().into_owned())
        })
        .filter(|boundary| !boundary.is_empty())
        .ok_or("expected a `boundary` in the content type")?;
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    // Text before the first boundary is to be passed over.
    let first = find_delimiter(body, delimiter.as_bytes());
    let mut rest = &body[first.ok_or("expected the boundary, which the body does not have")?.after..];
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let unclosed = "expected the closing boundary, which is missing";
        // Blanks after a boundary are allowed.
        let line = find(rest, b"\r\n").ok_or(unclosed)?;
        let inside = &rest[line + 2..];
        let end = find_delimiter(inside, delimiter.as_bytes()).ok_or(unclosed)?;
        let (headers, content) = match inside.strip_prefix(b"\r\n") {
            // No headers: the empty line stands first.
            Some(_) => (&inside[..0], inside.get(2..end.start).unwrap_or_default()),
            None => {
                let inside = &inside[..end.start];
                let split = find(inside, b"\r\n\r\n").ok_or("expected an empty line after the headers of a part")?;
                (&inside[..split], &inside[split + 4..])
            }
        };
        if parts.len() >= MAX_PARTS {
            return Err(format!("expected at most {MAX_PARTS} parts"));
        }
        parts.push(part(headers, content));
        rest = &inside[end.after..];
    }
}

fn part<'b>(headers: &[u8], content: &'b [u8]) -> Part<'b> {
    let mut part = Part { name: String::new(), is_file: false, content_type: None, content };
    let headers = String::from_utf8_lossy(headers);
    for line in headers.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-type") {
            part.content_type = Some(value.trim().to_owned());
        } else if name.eq_ignore_ascii_case("content-disposition") {
            part.name = disposition(value, "name").unwrap_or_default();
            part.is_file = disposition(value, "filename").is_some() || disposition(value, "filename*").is_some();
        }
    }
    part
}

/// A parameter of a content disposition. Quoted text may hold semicolons.
fn disposition(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    while let Some(start) = rest.find(';') {
        rest = rest[start + 1..].trim_start();
        let equals = rest.find('=')?;
        let name = rest[..equals].trim();
        let after = rest[equals + 1..].trim_start();
        let (text, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let mut text = String::new();
                let mut chars = quoted.char_indices();
                let mut end = quoted.len();
                while let Some((position, c)) = chars.next() {
                    match c {
                        '"' => {
                            end = position + 1;
                            break;
                        }
                        '\\' => text.extend(chars.next().map(|(_, c)| c)),
                        c => text.push(c),
                    }
                }
                (text, &quoted[end..])
            }
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = next;
    }
    None
}

struct Delimiter {
    /// Where the line break before it begins.
    start: usize,
    after: usize,
}

fn find_delimiter(bytes: &[u8], delimiter: &[u8]) -> Option<Delimiter> {
    if bytes.starts_with(delimiter) {
        return Some(Delimiter { start: 0, after: delimiter.len() });
    }
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], b"\r\n--") {
        let start = from + found;
        if bytes[start + 2..].starts_with(delimiter) {
            return Some(Delimiter { start, after: start + 2 + delimiter.len() });
        }
        from = start + 2;
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
