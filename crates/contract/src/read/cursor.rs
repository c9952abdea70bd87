//! A value in the document together with where it stands.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    error::{NoteKind, Problem, ReadError},
    source::{Dialect, Source},
};
use crate::model::Extensions;

/// How many references in a row are followed; longer chains are circles.
const MAX_HOPS: usize = 64;
/// Members that OpenAPI 3 has, and that mean nothing in Swagger 2.0. None of them is a member of a schema.
const UNKNOWN_TO_SWAGGER: &[&str] = &[
    "openapi",
    "jsonSchemaDialect",
    "servers",
    "components",
    "webhooks",
    "requestBody",
    "callbacks",
    "content",
    "encoding",
    "links",
    "style",
    "explode",
    "allowReserved",
    "scheme",
    "bearerFormat",
    "flows",
    "openIdConnectUrl",
];

/// A value, its JSON pointer and its document.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) value: &'a Value,
    pointer: String,
    pub(super) source: &'a Source<'a>,
}

impl<'a> Cursor<'a> {
    pub(super) fn root(source: &'a Source<'a>) -> Self {
        Self { value: source.root, pointer: "#".to_owned(), source }
    }

    /// A part of this value, made into a value of its own, at the same place.
    pub(super) fn part<'b>(&self, value: &'b Value) -> Cursor<'b>
    where
        'a: 'b,
    {
        Cursor { value, pointer: self.pointer.clone(), source: self.source }
    }

    pub(super) fn note(&self, kind: NoteKind, message: impl Into<String>) {
        self.source.note(&self.pointer, kind, message.into());
    }

    pub(super) fn error(&self, problem: Problem) -> ReadError {
        ReadError { pointer: self.pointer.clone(), position: None, problem }
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> ReadError {
        self.error(Problem::Unexpected { expected, found: describe(self.value) })
    }

    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    fn step(&self, token: &str, value: &'a Value) -> Self {
        Self { value, pointer: format!("{}/{}", self.pointer, escape_pointer(token)), source: self.source }
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

    /// The members of the object in this member, none where it is absent or left empty in YAML.
    pub(super) fn members_of(&self, name: &str) -> Result<Vec<(&'a str, Self)>, ReadError> {
        self.filled(name).map_or(Ok(Vec::new()), |member| member.members())
    }

    fn filled(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|member| !member.value.is_null())
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, ReadError> {
        let items = self.value.as_array().ok_or_else(|| self.unexpected("an array"))?;
        Ok(items.iter().enumerate().map(|(index, item)| self.step(&index.to_string(), item)).collect())
    }

    /// The items of the array in this member, none where it is absent or left empty in YAML.
    pub(super) fn items_of(&self, name: &str) -> Result<Vec<Self>, ReadError> {
        self.filled(name).map_or(Ok(Vec::new()), |member| member.items())
    }

    pub(super) fn text(&self) -> Result<&'a str, ReadError> {
        self.value.as_str().ok_or_else(|| self.unexpected("text"))
    }

    /// A text. One that is left empty in YAML is null there, and says nothing.
    pub(super) fn text_of(&self, name: &str) -> Result<Option<String>, ReadError> {
        self.filled(name).map(|member| member.text().map(str::to_owned)).transpose()
    }

    /// The texts of the array in this member, none where it is absent.
    pub(super) fn texts_of(&self, name: &str) -> Result<Vec<String>, ReadError> {
        self.items_of(name)?.iter().map(|item| item.text().map(str::to_owned)).collect()
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
            .map(|member| whole(member.value).ok_or_else(|| member.unexpected("a whole number of at least zero")))
            .transpose()
    }

    /// Every member that is not in `known`, verbatim. What would only come to mean something in OpenAPI 3 gets another name.
    pub(super) fn rest(&self, known: &[&str]) -> Result<Extensions, ReadError> {
        let object = self.object()?;
        let mut rest = Extensions::new();
        for (name, value) in object {
            if self.source.dialect == Dialect::Swagger2 && UNKNOWN_TO_SWAGGER.contains(&name.as_str()) {
                if let Some(other) = self.other_name(name, "Swagger 2.0 has no such member") {
                    rest.insert(other, value.clone());
                }
            } else if !known.contains(&name.as_str()) {
                rest.insert(name.clone(), value.clone());
            }
        }
        Ok(rest)
    }

    /// The name of an extension that keeps a member which means nothing here, and would mean something where it is
    /// written; nothing where there is such an extension already. Both are noted.
    pub(super) fn other_name(&self, name: &str, why: &str) -> Option<String> {
        let place = self.get(name)?;
        let other = format!("x-{name}");
        if self.get(&other).is_some() {
            place.note(NoteKind::LeftOut, format!("{why}, and `{other}` is there too"));
            return None;
        }
        place.note(NoteKind::Moved, format!("{why}; kept as `{other}`"));
        Some(other)
    }

    /// What `$ref` says, where this is a reference.
    pub(super) fn reference(&self) -> Result<Option<&'a str>, ReadError> {
        self.get("$ref").map(|target| target.text()).transpose()
    }

    /// The name of the component of this kind that `target` refers to, as the contract calls it, having
    /// made sure that it exists; nothing where `target` leads elsewhere.
    pub(super) fn component_name(&self, target: &str, kind: &str) -> Result<Option<String>, ReadError> {
        let mut rest = target.strip_prefix("#/");
        for key in self.source.dialect.components(kind) {
            rest = rest.and_then(|rest| rest.strip_prefix(&key)).and_then(|rest| rest.strip_prefix('/'));
        }
        let Some(name) = rest.filter(|name| !name.contains('/')).map(unescape) else { return Ok(None) };
        match self.source.component(kind, &name) {
            Some(_) => Ok(Some(self.source.component_key(kind, &name))),
            None => Err(self.error(Problem::Dangling { target: target.to_owned() })),
        }
    }

    /// Follows references within the document to what they mean.
    pub(super) fn resolve(&self) -> Result<Self, ReadError> {
        let mut current = self.clone();
        for _ in 0..MAX_HOPS {
            let Some(target) = current.reference()? else { return Ok(current) };
            current = current.follow(target)?;
        }
        Err(self.error(Problem::Circular { target: self.reference()?.unwrap_or_default().to_owned() }))
    }

    /// What `target` refers to, which may be a reference again.
    pub(super) fn follow(&self, target: &str) -> Result<Self, ReadError> {
        self.follow_within(target, MAX_HOPS)
    }

    fn follow_within(&self, target: &str, hops: usize) -> Result<Self, ReadError> {
        let problem = |problem: fn(String) -> Problem| self.error(problem(target.to_owned()));
        let dangling = || problem(|target| Problem::Dangling { target });
        let path = match target.strip_prefix('#') {
            Some("") => return Ok(Self::root(self.source)),
            Some(path) => path.strip_prefix('/').ok_or_else(dangling)?,
            None => return Err(problem(|target| Problem::External { target })),
        };
        let mut next = Self::root(self.source);
        for token in path.split('/') {
            let token = unescape(token);
            // People also point through references.
            let mut found = next.child(&token);
            while found.is_none()
                && let Some(through) = next.reference()?
            {
                if hops == 0 {
                    return Err(problem(|target| Problem::Circular { target }));
                }
                next = next.follow_within(through, hops - 1)?;
                found = next.child(&token);
            }
            next = found.ok_or_else(dangling)?;
        }
        self.source.follow(&next.pointer);
        Ok(next)
    }

    /// The member or item of this name.
    fn child(&self, token: &str) -> Option<Self> {
        match self.value {
            Value::Array(items) => {
                let index = token.parse::<usize>().ok()?;
                items.get(index).map(|item| self.step(token, item))
            }
            _ => self.get(token),
        }
    }
}

/// A whole number of at least zero; `1.0` is one too.
fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|float| float.fract() == 0.0 && (0.0..=9e15).contains(float));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
    value.as_u64().or_else(|| float().map(|float| float as u64))
}

/// Escapes a name for use in a JSON pointer (RFC 6901).
pub(super) fn escape_pointer(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { Cow::Owned(name.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(name) }
}

/// Undoes the escapes of a JSON pointer in a URI fragment.
pub(super) fn unescape(token: &str) -> String {
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
