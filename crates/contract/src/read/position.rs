//! Where in a text the values stand that JSON pointers name.

mod json;

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Options, Parser};

use super::cursor::escape_pointer;
use super::error::Position;
use super::text::is_json;

/// The lines and columns of values in a JSON or YAML text, by pointer (`#/info/title`). A member is
/// where its key is. A pointer that leads through an alias or a merged key of YAML, or to what the
/// text does not have, gets the place of the nearest ancestor that has one.
pub fn positions(text: &str, pointers: &HashSet<&str>) -> HashMap<String, Position> {
    let mut wanted = HashSet::new();
    for pointer in pointers {
        let mut part = *pointer;
        while wanted.insert(part.to_owned()) {
            match part.rfind('/') {
                Some(end) => part = &part[..end],
                None => break,
            }
        }
    }
    let mut finder = Finder { wanted, found: HashMap::new() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if is_json(text) {
        json::find(text, &mut finder);
    } else {
        find_in_yaml(text, &mut finder);
    }
    let nearest = |pointer: &str| {
        let mut part = pointer;
        loop {
            match finder.found.get(part) {
                Some(position) => return Some(*position),
                None => part = &part[..part.rfind('/')?],
            }
        }
    };
    pointers.iter().filter_map(|pointer| Some(((*pointer).to_owned(), nearest(pointer)?))).collect()
}

/// What is looked for.
struct Finder {
    /// The pointers and their ancestors.
    wanted: HashSet<String>,
    found: HashMap<String, Position>,
}

impl Finder {
    /// Whether the value at `pointer`, which is at `position`, has something in it that is looked
    /// for.
    fn visit(&mut self, pointer: &str, position: Position) -> bool {
        let is_wanted = self.wanted.contains(pointer);
        if is_wanted {
            self.found.entry(pointer.to_owned()).or_insert(position);
        }
        is_wanted
    }
}

/// An open object or array.
enum Open {
    Object { pointer: Option<String>, key: Option<(Option<String>, Position)> },
    Array { pointer: Option<String>, index: usize },
}

fn find_in_yaml(text: &str, finder: &mut Finder) {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut open: Vec<Open> = Vec::new();
    for next in Parser::new_from_str_with_options(text, options) {
        let Ok((event, span)) = next else { return };
        let position = Position { line: span.start.line(), column: span.start.col() + 1 };
        let (scalar, starts) = match &event {
            Event::Scalar(text, ..) => (Some(text.as_ref()), None),
            Event::Alias(..) => (None, None),
            Event::MappingStart(..) => (None, Some(true)),
            Event::SequenceStart(..) => (None, Some(false)),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                continue;
            }
            _ => continue,
        };
        // A key, or the place of a value.
        let place = match open.last_mut() {
            None => Some(("#".to_owned(), position)),
            Some(Open::Object { pointer, key: key @ None }) => {
                let inner =
                    pointer.as_ref().zip(scalar).map(|(pointer, name)| format!("{pointer}/{}", escape_pointer(name)));
                *key = Some((inner, position));
                if starts.is_none() {
                    continue;
                }
                // A key that is no text leads to nothing.
                None
            }
            Some(Open::Object { key, .. }) => key.take().and_then(|(pointer, place)| Some((pointer?, place))),
            Some(Open::Array { pointer, index }) => {
                let inner = pointer.as_ref().map(|pointer| (format!("{pointer}/{index}"), position));
                *index += 1;
                inner
            }
        };
        let pointer = place.filter(|(pointer, place)| finder.visit(pointer, *place)).map(|(pointer, _)| pointer);
        match starts {
            Some(true) => open.push(Open::Object { pointer, key: None }),
            Some(false) => open.push(Open::Array { pointer, index: 0 }),
            None => {}
        }
    }
}
