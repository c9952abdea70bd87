//! The document that is read, and what comes to light on the way.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::cursor::{Cursor, escape_pointer};
use super::error::{Note, NoteKind, Problem, ReadError};

/// Which specification a document follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
}

impl Dialect {
    /// As people call it: `OpenAPI 3.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Swagger2 => "Swagger 2.0",
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
        }
    }

    /// The keys that lead to the components of this kind, named as in OpenAPI 3.
    pub(super) fn components(self, kind: &str) -> Vec<String> {
        let own = |name: &str| vec![name.to_owned()];
        match (self, kind) {
            (Self::Swagger2, "schemas") => own("definitions"),
            (Self::Swagger2, "securitySchemes") => own("securityDefinitions"),
            (Self::Swagger2, kind) => own(kind),
            (_, kind) => vec!["components".to_owned(), kind.to_owned()],
        }
    }
}

/// A document while it is read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) root: &'a Value,
    pub(super) dialect: Dialect,
    /// What is referred to is read wherever it is used, but each note counts once.
    notes: RefCell<IndexSet<Note>>,
    /// Pointers to what references led to and was read where they stand.
    followed: RefCell<HashSet<String>>,
    /// Schemas that get a name because references lead to them, by pointer.
    named: RefCell<IndexMap<String, String>>,
    names: RefCell<HashSet<String>>,
    /// Pointers to the path items within which something is read.
    entered: RefCell<Vec<String>>,
    /// Names of components that OpenAPI 3 does not allow, and what stands for them.
    clean: HashMap<(&'static str, &'a str), String>,
}

impl<'a> Source<'a> {
    pub(super) fn new(root: &'a Value, dialect: Dialect) -> Self {
        let mut source = Self {
            root,
            dialect,
            notes: RefCell::default(),
            followed: RefCell::default(),
            named: RefCell::default(),
            names: RefCell::default(),
            entered: RefCell::default(),
            clean: HashMap::new(),
        };
        for kind in ["schemas", "securitySchemes"] {
            source.clean_names(kind);
        }
        source
    }

    /// OpenAPI 3 allows letters, digits, `.`, `-` and `_` in names of components; Swagger 2.0
    /// anything, and people use that.
    fn clean_names(&mut self, kind: &'static str) {
        let Some(all) = self.components(kind).and_then(Value::as_object) else { return };
        let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let mut taken = HashSet::new();
        for name in all.keys().filter(|name| !name.chars().all(is_allowed)) {
            let mut base = String::new();
            for c in name.chars() {
                if is_allowed(c) {
                    base.push(c);
                } else if !base.ends_with('_') {
                    base.push('_');
                }
            }
            let mut clean = base.clone();
            let mut number = 1;
            while all.contains_key(&clean) || !taken.insert(clean.clone()) {
                number += 1;
                clean = format!("{base}_{number}");
            }
            let pointer = format!("#/{}/{}", self.dialect.components(kind).join("/"), escape_pointer(name));
            self.note(&pointer, NoteKind::Moved, format!("no name for a component in OpenAPI 3; read as `{clean}`"));
            self.clean.insert((kind, name.as_str()), clean);
        }
    }

    /// What the component of this kind and name is called in the contract.
    pub(super) fn component_key(&self, kind: &str, name: &str) -> String {
        let kind = match kind {
            "schemas" => "schemas",
            "securitySchemes" => "securitySchemes",
            _ => return name.to_owned(),
        };
        self.clean.get(&(kind, name)).cloned().unwrap_or_else(|| name.to_owned())
    }

    pub(super) fn note(&self, pointer: &str, kind: NoteKind, message: String) {
        let note = Note { pointer: pointer.to_owned(), position: None, kind, message };
        self.notes.borrow_mut().insert(note);
    }

    pub(super) fn into_notes(self) -> Vec<Note> {
        self.notes.into_inner().into_iter().collect()
    }

    pub(super) fn follow(&self, pointer: &str) {
        if !self.followed.borrow().contains(pointer) {
            self.followed.borrow_mut().insert(pointer.to_owned());
        }
    }

    pub(super) fn was_followed(&self, pointer: &str) -> bool {
        self.followed.borrow().contains(pointer)
    }

    /// Remembers that `place` is being read, as long as the answer lives. What is within itself
    /// cannot be read in place.
    pub(super) fn enter<'s>(&'s self, place: &Cursor<'_>) -> Result<Within<'s>, ReadError> {
        let mut entered = self.entered.borrow_mut();
        if entered.iter().any(|pointer| pointer == place.pointer()) {
            return Err(place.error(Problem::Circular { target: place.pointer().to_owned() }));
        }
        entered.push(place.pointer().to_owned());
        Ok(Within { entered: &self.entered })
    }

    /// The name under which the schema at `pointer` becomes a component.
    pub(super) fn name_schema(&self, pointer: &str) -> String {
        if let Some(name) = self.named.borrow().get(pointer) {
            return name.clone();
        }
        let base = name_of(pointer);
        let mut name = base.clone();
        let mut number = 1;
        let is_taken =
            |name: &str| self.component("schemas", name).is_some() || self.clean.values().any(|known| known == name);
        while is_taken(&name) || !self.names.borrow_mut().insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        let message = format!("references lead to this schema, which becomes the component `{name}`");
        self.note(pointer, NoteKind::Moved, message);
        self.named.borrow_mut().insert(pointer.to_owned(), name.clone());
        name
    }

    /// The schema that was the `index`th to get a name: its pointer and its name.
    pub(super) fn named_schema(&self, index: usize) -> Option<(String, String)> {
        self.named.borrow().get_index(index).map(|(pointer, name)| (pointer.clone(), name.clone()))
    }

    /// The component of this kind and name.
    pub(super) fn component(&self, kind: &str, name: &str) -> Option<&'a Value> {
        self.components(kind)?.get(name)
    }

    fn components(&self, kind: &str) -> Option<&'a Value> {
        self.dialect.components(kind).iter().try_fold(self.root, |value, key| value.get(key))
    }
}

/// Says that something is being read.
#[derive(Debug)]
pub(super) struct Within<'s> {
    entered: &'s RefCell<Vec<String>>,
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.entered.borrow_mut().pop();
    }
}

/// A name for the schema at `pointer`, out of the words that people chose. What differs between
/// versions of the specification does not count.
fn name_of(pointer: &str) -> String {
    const STRUCTURE: &[&str] = &[
        "components",
        "schemas",
        "definitions",
        "paths",
        "properties",
        "content",
        "schema",
        "responses",
        "parameters",
    ];
    let mut words = Vec::new();
    let mut tokens = pointer.trim_start_matches("#/").split('/').peekable();
    while let Some(token) = tokens.next() {
        if token == "content" {
            tokens.next();
        }
        if STRUCTURE.contains(&token) && tokens.peek().is_some() || token == "schema" || token == "content" {
            continue;
        }
        let plain: String = token
            .replace("~1", "/")
            .replace("~0", "~")
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("_");
        if !plain.is_empty() {
            words.push(plain);
        }
    }
    if words.is_empty() { "Schema".to_owned() } else { words.join("_") }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn names_consist_of_the_words_that_people_chose() {
        for (pointer, expected) in [
            ("#/components/schemas/Book/properties/pages", "Book_pages"),
            ("#/definitions/Book/properties/pages", "Book_pages"),
            ("#/paths/~1books~1{id}/get/responses/200/content/application~1json/schema", "books_id_get_200"),
            ("#/paths/~1books~1{id}/get/responses/200/schema/items", "books_id_get_200_items"),
            ("#/components/schemas/~1", "Schema"),
        ] {
            assert_eq!(name_of(pointer), expected);
        }
    }
}
