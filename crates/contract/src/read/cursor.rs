//! A value in the document together with where it stands.

use serde_json::{Map, Value};

use super::error::{Problem, ReadError};
use crate::model::Extensions;

/// How many references in a row are followed; longer chains are circles.
const MAX_HOPS: usize = 64;

/// A value, its JSON pointer and its document.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) value: &'a Value,
    pointer: String,
    root: &'a Value,
}

impl<'a> Cursor<'a> {
    pub(super) fn root(root: &'a Value) -> Self {
        Self { value: root, pointer: "#".to_owned(), root }
    }

    pub(super) fn error(&self, problem: Problem) -> ReadError {
        ReadError { pointer: self.pointer.clone(), problem }
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> ReadError {
        self.error(Problem::Unexpected { expected, found: describe(self.value) })
    }

    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    fn step(&self, token: &str, value: &'a Value) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{token}", self.pointer), root: self.root }
    }

    /// The member of this name, where this is an object that has it.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        self.value.get(name).map(|value| self.step(name, value))
    }

    pub(super) fn require(&self, member: &'static str) -> Result<Self, ReadError> {
        self.object()?;
        self.get(member).ok_or_else(|| self.error(Problem::Missing { member }))
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, ReadError> {
        self.value.as_object().ok_or_else(|| self.unexpected("an object"))
    }

    /// The members of an object, in order.
    pub(super) fn members(&self) -> Result<Vec<(&'a str, Self)>, ReadError> {
        Ok(self.object()?.iter().map(|(name, value)| (name.as_str(), self.step(name, value))).collect())
    }

    /// The members of the object in this member, none where it is absent.
    pub(super) fn members_of(&self, name: &str) -> Result<Vec<(&'a str, Self)>, ReadError> {
        self.get(name).map_or(Ok(Vec::new()), |member| member.members())
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, ReadError> {
        let items = self.value.as_array().ok_or_else(|| self.unexpected("an array"))?;
        Ok(items.iter().enumerate().map(|(index, item)| self.step(&index.to_string(), item)).collect())
    }

    /// The items of the array in this member, none where it is absent.
    pub(super) fn items_of(&self, name: &str) -> Result<Vec<Self>, ReadError> {
        self.get(name).map_or(Ok(Vec::new()), |member| member.items())
    }

    pub(super) fn text(&self) -> Result<&'a str, ReadError> {
        self.value.as_str().ok_or_else(|| self.unexpected("text"))
    }

    pub(super) fn text_of(&self, name: &str) -> Result<Option<String>, ReadError> {
        self.get(name).map(|member| member.text().map(str::to_owned)).transpose()
    }

    /// A flag, false where it is absent.
    pub(super) fn flag_of(&self, name: &str) -> Result<bool, ReadError> {
        self.get(name).map_or(Ok(false), |member| member.flag())
    }

    pub(super) fn flag(&self) -> Result<bool, ReadError> {
        self.value.as_bool().ok_or_else(|| self.unexpected("true or false"))
    }

    pub(super) fn count_of(&self, name: &str) -> Result<Option<u64>, ReadError> {
        self.get(name)
            .map(|member| member.value.as_u64().ok_or_else(|| member.unexpected("a whole number of at least zero")))
            .transpose()
    }

    /// Every member that is not in `known`, verbatim.
    pub(super) fn rest(&self, known: &[&str]) -> Result<Extensions, ReadError> {
        let object = self.object()?;
        Ok(object
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }

    /// What `$ref` says, where this is a reference.
    pub(super) fn reference(&self) -> Result<Option<&'a str>, ReadError> {
        self.get("$ref").map(|target| target.text()).transpose()
    }

    /// The name of the component of this kind that `target` refers to, having made sure that it
    /// exists.
    pub(super) fn component_name(&self, target: &str, kind: &str) -> Result<String, ReadError> {
        let name = target
            .strip_prefix("#/components/")
            .and_then(|rest| rest.strip_prefix(kind))
            .and_then(|rest| rest.strip_prefix('/'))
            .filter(|name| !name.contains('/'))
            .map(unescape)
            .ok_or_else(|| self.error(Problem::Foreign { target: target.to_owned() }))?;
        match self.root.get("components").and_then(|components| components.get(kind)).and_then(|all| all.get(&name)) {
            Some(_) => Ok(name),
            None => Err(self.error(Problem::Dangling { target: target.to_owned() })),
        }
    }

    /// Follows references within the document to what they mean.
    pub(super) fn resolve(&self) -> Result<Self, ReadError> {
        let mut current = self.clone();
        for _ in 0..MAX_HOPS {
            let Some(target) = current.reference()? else { return Ok(current) };
            let Some(path) = target.strip_prefix('#').filter(|path| path.starts_with('/')) else {
                return Err(current.error(Problem::Foreign { target: target.to_owned() }));
            };
            let mut next = Self::root(self.root);
            for token in path[1..].split('/') {
                let token = unescape(token);
                next =
                    next.get(&token).ok_or_else(|| current.error(Problem::Dangling { target: target.to_owned() }))?;
            }
            current = next;
        }
        Err(self.error(Problem::Circular { target: self.reference()?.unwrap_or_default().to_owned() }))
    }
}

/// Undoes the escapes of a JSON pointer in a URI fragment.
fn unescape(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.chars().count() <= 40 => format!("`{text}`"),
        Value::String(_) => "a long text".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
