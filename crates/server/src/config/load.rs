//! From file, variables and flags to [`Settings`], with everything that is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::FILE_VARIABLE;
use super::keys::{Key, Kind, keys};
use super::problems::{Origin, Problem, Problems};
use super::settings::Settings;

/// What a value of the configuration is given by.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file: its path and its text.
    pub file: Option<(PathBuf, String)>,
    /// The environment; variables that do not begin with `CHAT_` are not looked at.
    pub variables: Vec<(String, String)>,
    /// The flags.
    pub flags: Vec<Given>,
}

/// A value that a flag gives.
#[derive(Clone, Debug)]
pub struct Given {
    /// The flag, for messages.
    pub flag: String,
    /// The key that it sets.
    pub key: String,
    /// The value, as text.
    pub value: String,
}

/// The values so far, with where they come from. Later ones win.
#[derive(Default)]
struct Gathered {
    values: BTreeMap<&'static str, (Value, Origin)>,
    problems: Vec<Problem>,
}

impl Settings {
    /// The settings that the sources give together: a flag wins over a variable, a variable over the file, the file
    /// over the default.
    ///
    /// # Errors
    /// - The file is not TOML, or has keys that do not exist.
    /// - A variable `CHAT_…` or a flag is for no key.
    /// - A value is not what its key takes, also where another value wins.
    pub fn load(source: &Source) -> Result<Self, Problems> {
        let mut gathered = Gathered::default();
        if let Some((path, text)) = &source.file {
            gathered.read_file(path, text);
        }
        for (name, value) in &source.variables {
            gathered.read_variable(name, value);
        }
        for given in &source.flags {
            gathered.read_flag(given);
        }
        gathered.finish()
    }
}

impl Gathered {
    fn read_file(&mut self, path: &Path, text: &str) {
        let line_at = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let origin = |offset: usize| Origin::File(path.to_owned(), line_at(offset));
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let message = format!("not TOML: {}", error.message());
            let help = "`key = value`, texts in quotes; chat-server.example.toml shows all keys";
            self.complain(origin(error.span().map_or(0, |span| span.start)), None, message, help.to_owned());
        }
        if errors.is_empty() {
            self.read_table("", table.get_ref(), &origin);
        }
    }

    fn read_table(&mut self, prefix: &str, table: &DeTable<'_>, origin: &impl Fn(usize) -> Origin) {
        for (name, value) in table {
            let path =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let origin_of_key = origin(name.span().start);
            if path == "$schema" {
                continue;
            }
            let is_section = keys().iter().any(|key| key.path.starts_with(&format!("{path}.")));
            match (value.get_ref(), keys().iter().find(|key| key.path == path)) {
                (DeValue::Table(table), None) if is_section => self.read_table(&path, table, origin),
                (_, None) if is_section => {
                    let help = format!("begin it with a line `[{path}]`");
                    self.complain(origin_of_key, Some(&path), "this is a section, not a value".to_owned(), help);
                }
                (_, None) => {
                    let help = suggestion(&path);
                    self.complain(origin_of_key, Some(&path), "there is no such key".to_owned(), help);
                }
                (value, Some(key)) => self.give(key, json(value), origin_of_key),
            }
        }
    }

    fn read_variable(&mut self, name: &str, text: &str) {
        if !name.starts_with("CHAT_") || name == FILE_VARIABLE || is_of_an_orchestrator(name) {
            return;
        }
        let origin = Origin::Variable(name.to_owned());
        match keys().iter().find(|key| key.variable() == name) {
            Some(key) => self.give(key, read(key, text), origin),
            None => {
                let path = name["CHAT_".len()..].to_lowercase();
                let nearest = nearest(&path).map(|key| format!("did you mean {}?", key.variable()));
                let rule = "`CHAT_` and the key in capitals, `_` for `.`; or unset it".to_owned();
                self.complain(origin, None, "no key has this variable".to_owned(), nearest.unwrap_or(rule));
            }
        }
    }

    fn read_flag(&mut self, given: &Given) {
        let origin = Origin::Flag(given.flag.clone());
        match keys().iter().find(|key| key.path == given.key) {
            Some(key) => self.give(key, read(key, &given.value), origin),
            None => {
                let help = suggestion(&given.key);
                self.complain(origin, Some(&given.key), "there is no such key".to_owned(), help);
            }
        }
    }

    /// Takes a value, unless it is not what the key takes.
    fn give(&mut self, key: &'static Key, value: Value, origin: Origin) {
        let problem = check(key, &value).or_else(|| {
            // What only its own type can tell: an address, an origin. Everything else is at its default.
            serde_json::from_value::<Settings>(nested(&key.path, value.clone())).err().map(|error| error.to_string())
        });
        match problem {
            None => drop(self.values.insert(&key.path, (value, origin))),
            Some(message) => {
                let help = help(key, &origin);
                self.complain(origin, Some(&key.path), message, help);
            }
        }
    }

    fn finish(mut self) -> Result<Settings, Problems> {
        let mut root = json!({});
        for (path, (value, _)) in &self.values {
            merge(&mut root, nested(path, value.clone()));
        }
        let settings = match serde_json::from_value::<Settings>(root) {
            Ok(settings) => settings,
            // Each value was read by itself already.
            Err(error) => {
                let origin = Origin::Flag("all values together".to_owned());
                self.complain(origin, None, error.to_string(), "report this as a defect".to_owned());
                return Err(Problems(self.problems));
            }
        };
        self.check_together(&settings);
        if self.problems.is_empty() { Ok(settings) } else { Err(Problems(self.problems)) }
    }

    /// What no key can tell by itself.
    fn check_together(&mut self, settings: &Settings) {
        let cost = settings.password_cost;
        if cost.memory_kib < 8 * cost.lanes {
            let message = format!("{} KiB are too little for {} lanes", cost.memory_kib, cost.lanes);
            let help = format!("at least {} KiB, or fewer lanes", 8 * cost.lanes);
            self.complain_about(["password_cost.memory_kib", "password_cost.lanes"], message, help);
        }
    }

    /// Complains about the first of these keys that somebody gave.
    fn complain_about<const N: usize>(&mut self, paths: [&str; N], message: String, help: String) {
        let given = paths.iter().find_map(|path| self.values.get(path).map(|(_, origin)| (*path, origin.clone())));
        if let Some((path, origin)) = given {
            self.complain(origin, Some(path), message, help);
        }
    }

    fn complain(&mut self, origin: Origin, key: Option<&str>, message: String, help: String) {
        self.problems.push(Problem { origin, key: key.map(str::to_owned), message, help });
    }
}

/// Kubernetes gives every container the addresses of all services; one that is called `chat` looks like ours.
fn is_of_an_orchestrator(name: &str) -> bool {
    name.starts_with("CHAT_SERVICE_") || name == "CHAT_PORT" || name.starts_with("CHAT_PORT_")
}

/// A variable's or flag's text as the value that the key takes; as it is where it is none.
fn read(key: &Key, text: &str) -> Value {
    match key.kind {
        Kind::Integer { .. } => text.trim().parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Kind::Texts => text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
        Kind::Switch => text.trim().parse::<bool>().map_or_else(|_| json!(text), |is_on| json!(is_on)),
        Kind::Text | Kind::Choice(_) => json!(text),
    }
}

/// Says why the value is not of the key's kind.
fn check(key: &Key, value: &Value) -> Option<String> {
    let fits = match &key.kind {
        Kind::Text => value.as_str().is_some_and(|text| !text.trim().is_empty()),
        Kind::Choice(choice) => value.as_str().is_some_and(|text| choice.iter().any(|known| known == text)),
        Kind::Integer { min, max } => value.as_i64().is_some_and(|number| (*min..=*max).contains(&number)),
        Kind::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        Kind::Switch => value.is_boolean(),
    };
    (!fits).then(|| format!("expected {}, found `{}`", expected(&key.kind), shown(key, value)))
}

fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Choice(choice) => format!("one of `{}`", choice.join("`, `")),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Texts => "a list of texts".to_owned(),
        Kind::Switch => "`true` or `false`".to_owned(),
    }
}

/// The value, cut; that of `database` may hold a password.
fn shown(key: &Key, value: &Value) -> String {
    if key.path == "database" { "…".to_owned() } else { value.to_string().chars().take(60).collect() }
}

fn help(key: &Key, origin: &Origin) -> String {
    let example = match (&key.default, &key.kind) {
        (Some(value), _) if *value != json!([]) => value.clone(),
        (_, Kind::Texts) => json!(["…", "…"]),
        _ => json!("…"),
    };
    let plain = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    let listed = if example.is_array() { "…,…".to_owned() } else { plain };
    let written = match origin {
        Origin::File(..) => {
            let name = key.path.rsplit('.').next().unwrap_or(&key.path);
            format!("write `{name} = {example}`")
        }
        Origin::Variable(name) => format!("write `{name}={listed}`"),
        Origin::Flag(flag) => match flag.split_once(' ') {
            Some((set, _)) => format!("write `{set} {}={listed}`", key.path),
            None => format!("write `{flag} {listed}`"),
        },
    };
    let first = key.description.split(". ").next().unwrap_or_default().trim_end_matches('.').replace('\n', " ");
    format!("{written}: {first}")
}

fn suggestion(path: &str) -> String {
    nearest(path).map_or_else(
        || "`chat-server config print` lists all keys".to_owned(),
        |key| format!("did you mean `{}`?", key.path),
    )
}

/// The key whose name differs by few letters, or that has the same last part.
fn nearest(path: &str) -> Option<&'static Key> {
    let plain = |path: &str| path.replace(['.', '-'], "_").to_lowercase();
    let wanted = plain(path);
    let last = path.rsplit('.').next().unwrap_or(path);
    let by_distance = keys().iter().map(|key| (distance(&wanted, &plain(&key.path)), key));
    let (fewest, key) = by_distance.min_by_key(|(distance, _)| *distance)?;
    if fewest <= 1 + wanted.len() / 6 {
        return Some(key);
    }
    keys().iter().find(|key| key.path.rsplit('.').next() == Some(last))
}

/// How many letters must be added, removed or replaced (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// `{"limits": {"max_body_bytes": value}}`
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |value, name| Value::Object(Map::from_iter([(name.to_owned(), value)])))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(name, value)| merge(into.entry(name).or_insert(Value::Null), value));
        }
        (into, from) => *into = from,
    }
}

/// The value as JSON; what JSON cannot say becomes its text, which no key takes.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text.as_ref()),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            parsed.map_or_else(|_| json!(number.to_string()), |number| json!(number))
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, |number| json!(number)),
        DeValue::Boolean(value) => json!(value),
        DeValue::Datetime(value) => json!(value.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}
