//! From the bytes of a file to a [`Document`], with a place for everything that is wrong.
//!
//! Both notations become JSON values first, so that one reader serves them; TOML also tells the line of each table.

use std::collections::BTreeMap;

use chat_models::xml::{XmlElement, to_xml, uncarried};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Document, Format, Located, Place, Problems};

/// The sections of a file, and `$schema` for editors.
const KEYS: [&str; 9] =
    ["$schema", "users", "topics", "sessions", "persons", "contacts", "projects", "sales", "tickets"];

/// Keys whose values are in no answer.
const UNSEEN: [&str; 2] = ["password", "password_hash"];

/// The line of each path that has one.
type Lines = BTreeMap<String, usize>;

impl Document {
    /// Understands the text of an import file.
    ///
    /// # Errors
    /// - The text is not in this notation.
    /// - Unknown sections or keys, values of the wrong type, missing keys: one problem an item.
    pub fn read(text: &str, format: Format) -> Result<Self, Problems> {
        let (root, lines) = match format {
            Format::Toml => toml_root(text),
            Format::Json => json_root(text).map(|root| (root, Lines::new())),
        }?;
        let mut reader = Reader { root, lines, problems: Problems::default() };
        reader.refuse_unknown_sections();
        let document = Self {
            users: reader.entries("users"),
            topics: reader.entries("topics"),
            sessions: reader.entries("sessions"),
            persons: reader.carriers("persons"),
            contacts: reader.carriers("contacts"),
            projects: reader.carriers("projects"),
            sales: reader.carriers("sales"),
            tickets: reader.carriers("tickets"),
        };
        reader.problems.none_or(document)
    }
}

struct Reader {
    root: Map<String, Value>,
    lines: Lines,
    problems: Problems,
}

impl Reader {
    fn refuse_unknown_sections(&mut self) {
        let unknown: Vec<String> = self.root.keys().filter(|key| !KEYS.contains(&key.as_str())).cloned().collect();
        for key in unknown {
            let place = self.place(key);
            self.problems.add(place, format!("no such section; there are {}", KEYS[1..].join(", ")));
        }
    }

    fn place(&self, path: String) -> Place {
        let line = self.lines.get(&path).copied();
        Place { path, line }
    }

    fn items(&mut self, section: &str) -> Vec<Located<Value>> {
        match self.root.remove(section) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let located = |(index, value)| Located { place: self.place(format!("{section}[{index}]")), value };
                items.into_iter().enumerate().map(located).collect()
            }
            Some(_) => {
                let place = self.place(section.to_owned());
                self.problems.add(place, "expected a list");
                Vec::new()
            }
        }
    }

    /// The entries of a section of our own.
    fn entries<T: DeserializeOwned>(&mut self, section: &str) -> Vec<Located<T>> {
        let items = self.items(section);
        for Located { place, value } in &items {
            self.refuse_uncarried(place, value);
        }
        items.into_iter().filter_map(|item| self.typed(item)).collect()
    }

    /// The entries of a section whose shape is a carrier's. Carriers take any key, as they must where they come from a
    /// newer server; a file that a person writes should not lose a misspelt one.
    fn carriers<T: DeserializeOwned + Serialize + XmlElement>(&mut self, section: &str) -> Vec<Located<T>> {
        let mut entries = Vec::new();
        for item in self.items(section) {
            let written = item.value.clone();
            let Some(entry) = self.typed::<T>(item) else { continue };
            match serde_json::to_value(&entry.value) {
                Ok(understood) => refuse_lost_keys(&entry.place, &written, &understood, &mut self.problems),
                Err(error) => self.problems.add(entry.place.clone(), error.to_string()),
            }
            if let Err(error) = to_xml(&entry.value) {
                let message = format!("{error}: change it, or sessions with this record cannot be answered in XML");
                self.problems.add(entry.place.clone(), message);
            }
            entries.push(entry);
        }
        entries
    }

    /// Refuses texts that some answer could not carry: a pickup would be carried out, and nobody told.
    fn refuse_uncarried(&mut self, place: &Place, value: &Value) {
        match value {
            Value::String(text) => {
                if let Some(c) = uncarried(text) {
                    let code = u32::from(c);
                    let place = Place { line: self.line_near(&place.path), ..place.clone() };
                    let message = format!("XML cannot carry the character U+{code:04X}: remove or replace it");
                    self.problems.add(place, message);
                }
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| self.refuse_uncarried(&place.item(index), item));
            }
            Value::Object(members) => {
                for (key, value) in members.iter().filter(|(key, _)| !UNSEEN.contains(&key.as_str())) {
                    self.refuse_uncarried(&place.key(key), value);
                }
            }
            _ => {}
        }
    }

    /// The line of what stands there, or of the nearest enclosing table that has one.
    fn line_near(&self, path: &str) -> Option<usize> {
        ancestors(path).find_map(|path| self.lines.get(path).copied())
    }

    fn typed<T: DeserializeOwned>(&mut self, item: Located<Value>) -> Option<Located<T>> {
        match serde_path_to_error::deserialize(item.value) {
            Ok(value) => Some(Located { place: item.place, value }),
            Err(error) => {
                let path = error.path().to_string();
                let path = if path == "." { item.place.path } else { format!("{}.{path}", item.place.path) };
                let line = self.line_near(&path);
                self.problems.add(Place { path, line }, error.into_inner().to_string());
                None
            }
        }
    }
}

fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind(['.', '[']).map(|end| &path[..end]))
}

fn refuse_lost_keys(place: &Place, written: &Value, understood: &Value, problems: &mut Problems) {
    match (written, understood) {
        (Value::Object(written), Value::Object(understood)) => {
            for (key, value) in written {
                match understood.get(key) {
                    Some(understood) => refuse_lost_keys(&place.key(key), value, understood, problems),
                    None => problems.add(place.key(key), "no such key in this record"),
                }
            }
        }
        (Value::Array(written), Value::Array(understood)) => {
            for (index, (written, understood)) in written.iter().zip(understood).enumerate() {
                refuse_lost_keys(&place.item(index), written, understood, problems);
            }
        }
        _ => {}
    }
}

fn json_root(text: &str) -> Result<Map<String, Value>, Problems> {
    let mut problems = Problems::default();
    match serde_json::from_str(text) {
        Ok(Value::Object(root)) => return Ok(root),
        Ok(_) => problems.add(Place::default(), "expected an object with the sections"),
        Err(error) => {
            problems.add(Place { line: Some(error.line()), ..Place::default() }, format!("not JSON: {error}"));
        }
    }
    Err(problems)
}

fn toml_root(text: &str) -> Result<(Map<String, Value>, Lines), Problems> {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_at = |offset: usize| starts.partition_point(|&start| start <= offset);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mut problems = Problems::default();
        for error in errors {
            let line = error.span().map(|span| line_at(span.start));
            problems.add(Place { line, ..Place::default() }, format!("not TOML: {}", error.message()));
        }
        return Err(problems);
    }
    let mut lines = Lines::new();
    let root = toml_table(table.into_inner(), "", &line_at, &mut lines);
    Ok((root, lines))
}

fn toml_table(
    table: DeTable<'_>,
    path: &str,
    line_at: &impl Fn(usize) -> usize,
    lines: &mut Lines,
) -> Map<String, Value> {
    table
        .into_iter()
        .map(|(key, value)| {
            let key = key.into_inner().into_owned();
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let value = toml_value(value, &path, line_at, lines);
            (key, value)
        })
        .collect()
}

fn toml_value(value: Spanned<DeValue<'_>>, path: &str, line_at: &impl Fn(usize) -> usize, lines: &mut Lines) -> Value {
    lines.insert(path.to_owned(), line_at(value.span().start));
    match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.into(),
            // Too large for any key of ours: the type error that follows shows it.
            Err(_) => Value::String(number.as_str().to_owned()),
        },
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(truth) => truth.into(),
        DeValue::Datetime(when) => Value::String(when.to_string()),
        DeValue::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| toml_value(item, &format!("{path}[{index}]"), line_at, lines))
            .collect(),
        DeValue::Table(table) => Value::Object(toml_table(table, path, line_at, lines)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, text: &str, expected: &[&str]) {
        let problems = Document::read(text, format).err().unwrap_or_default();
        let found: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn problems_of_toml_name_line_and_key() {
        check(Format::Toml, "", &[]);
        check(Format::Toml, "[[users]]\nuser = \"a\"\nfull_name = \"A\"\n", &[]);
        check(
            Format::Toml,
            "[[users]]\nuser = 1\n\n[[users]]\nuser = \"b\"\ncolour = 1\n[nobody]\n",
            &[
                "line 7: nobody: no such section; there are users, topics, sessions, persons, contacts, projects, sales, tickets",
                "line 2: users[0].user: invalid type: integer `1`, expected a string",
                "line 6: users[1].colour: unknown field `colour`, expected one of `user`, `password`, `password_hash`, \
                 `full_name`, `name`, `formal_name`, `tooltip`, `type`, `id`, `person_id`, `ej_user_id`, `group`, `rank`, \
                 `deleted`, `present`",
            ],
        );
        check(Format::Toml, "users = 3", &["line 1: users: expected a list"]);
        check(
            Format::Toml,
            "[[persons]]\nPersonId = 1\nNickname = 'x'",
            &["line 1: persons[0].Nickname: no such key in this record"],
        );
        check(
            Format::Toml,
            "[[sessions]]\ntopic = 'a'\nstatus = 'Faq'\nrequested = 'yesterday'",
            &["line 4: sessions[0].requested: expected a date-time with offset such as 2026-03-02T09:00:00Z, or { \
               minutes_ago = 12 }"],
        );
    }

    #[test]
    fn texts_that_no_answer_could_carry_are_refused() {
        check(
            Format::Toml,
            "[[users]]\nuser = \"a\"\npassword = \"\\u0001\"\nfull_name = \"A\\tB\"\ntooltip = \"A\\u0007\"\n\n\
             [[topics]]\nname = \"Support\"\nwelcome_message = \"\\u001b[1mHi\"\n\n\
             [[sessions]]\ntopic = \"Support\"\nstatus = \"Faq\"\n[sessions.customer]\nname = \"\\uFFFE\"\n\
             [[sessions.messages]]\nfrom = \"customer\"\nposted = { minutes_ago = 1 }\ntext = \"a\\u0000\"\n\n\
             [[persons]]\nPersonId = 1\nFullName = \"\\u0008\"\n",
            &[
                "line 5: users[0].tooltip: XML cannot carry the character U+0007: remove or replace it",
                "line 9: topics[0].welcome_message: XML cannot carry the character U+001B: remove or replace it",
                "line 15: sessions[0].customer.name: XML cannot carry the character U+FFFE: remove or replace it",
                "line 19: sessions[0].messages[0].text: XML cannot carry the character U+0000: remove or replace it",
                "line 21: persons[0]: `Person.FullName`: XML cannot carry the character U+0008: change it, or sessions \
                 with this record cannot be answered in XML",
            ],
        );
    }

    #[test]
    fn problems_of_json_name_the_key() {
        check(Format::Json, r#"{"$schema": "import.schema.json", "users": []}"#, &[]);
        check(Format::Json, "[]", &["expected an object with the sections"]);
        check(
            Format::Json,
            r#"{"topics": [{"name": "a", "members": [{"user": "b", "permissions": ["fly"]}]}]}"#,
            &["topics[0].members[0].permissions[0]: unknown variant `fly`, expected one of `respond`, `notify`, \
               `listen`, `manage`"],
        );
    }

    #[test]
    fn text_in_no_notation_is_refused_with_its_line() {
        for (format, text) in [(Format::Toml, "a = 1\nb ="), (Format::Json, "{\n")] {
            let problems = Document::read(text, format).expect_err("a syntax error");
            assert!(problems.0[0].place.line.is_some_and(|line| line >= 1), "{problems}");
        }
    }
}
