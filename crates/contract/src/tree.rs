//! A document on its way to be written: JSON whose texts and examples stay where they are.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// What `null` is borrowed from.
static NULL: Value = Value::Null;

/// A JSON value; most of it is borrowed from what it shows.
pub(crate) enum Tree<'a> {
    /// Something that is JSON already, such as an example.
    Value(&'a Value),
    /// Made where it is written, and gone when it is: long documents are never whole.
    Later(Box<dyn Fn() -> Tree<'a> + Send + Sync + 'a>),
    Flag(bool),
    Count(u64),
    Number(&'a Number),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    /// Its keys are unique.
    Object(Vec<Member<'a>>),
}

/// A member of an object.
pub(crate) type Member<'a> = (Cow<'a, str>, Tree<'a>);

impl<'a> Tree<'a> {
    pub(crate) fn null() -> Self {
        Self::Value(&NULL)
    }

    /// An object with one member.
    pub(crate) fn one(name: &'a str, value: impl Into<Tree<'a>>) -> Self {
        Self::Object(vec![(Cow::Borrowed(name), value.into())])
    }

    pub(crate) fn later(make: impl Fn() -> Tree<'a> + Send + Sync + 'a) -> Self {
        Self::Later(Box::new(make))
    }

    /// The same value, of which so many levels of objects are taken apart.
    pub(crate) fn of(value: &'a Value, levels: usize) -> Self {
        match value {
            Value::Object(members) if levels > 0 => {
                Self::Object(members.iter().map(|(name, value)| (name.into(), Self::of(value, levels - 1))).collect())
            }
            value => Self::Value(value),
        }
    }
}

impl From<Tree<'_>> for Value {
    fn from(tree: Tree<'_>) -> Self {
        match tree {
            Tree::Value(value) => value.clone(),
            Tree::Later(make) => make().into(),
            Tree::Flag(flag) => Self::Bool(flag),
            Tree::Count(count) => count.into(),
            Tree::Number(number) => Self::Number(number.clone()),
            Tree::Text(text) => Self::String(text.into_owned()),
            Tree::List(items) => items.into_iter().map(Self::from).collect(),
            Tree::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name.into_owned(), value.into())).collect())
            }
        }
    }
}

impl<'a> From<&'a str> for Tree<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Tree<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Value(value)
    }
}

impl<'a> FromIterator<Tree<'a>> for Tree<'a> {
    fn from_iter<I: IntoIterator<Item = Tree<'a>>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}
