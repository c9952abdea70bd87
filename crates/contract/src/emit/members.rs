//! Builds a JSON object member by member, in the order of the calls.

use std::borrow::Cow;

use indexmap::IndexMap;

use crate::model::Extensions;
use crate::tree::{Member, Tree};

#[derive(Default)]
pub(super) struct Members<'a>(Vec<Member<'a>>);

impl<'a> Members<'a> {
    /// Sets a member; one that is already there keeps its place.
    pub(super) fn put(&mut self, name: &'a str, value: impl Into<Tree<'a>>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((Cow::Borrowed(name), value)),
        }
    }

    pub(super) fn put_text(&mut self, name: &'a str, text: Option<&'a str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    /// Flags are false where they are absent, so only true is written.
    pub(super) fn put_flag(&mut self, name: &'a str, flag: bool) {
        if flag {
            self.put(name, Tree::Flag(true));
        }
    }

    pub(super) fn put_count(&mut self, name: &'a str, count: Option<u64>) {
        if let Some(count) = count {
            self.put(name, Tree::Count(count));
        }
    }

    pub(super) fn put_unless_empty(&mut self, name: &'a str, items: Vec<Tree<'a>>) {
        if !items.is_empty() {
            self.put(name, Tree::List(items));
        }
    }

    pub(super) fn put_map<T>(
        &mut self,
        name: &'a str,
        items: &'a IndexMap<String, T>,
        write: impl Fn(&'a T) -> Tree<'a>,
    ) {
        if !items.is_empty() {
            self.put(name, Tree::Object(items.iter().map(|(key, item)| (key.into(), write(item))).collect()));
        }
    }

    /// Adds what the model keeps verbatim; a member that is already there wins.
    pub(super) fn extend(&mut self, extensions: &'a Extensions) {
        for (name, value) in extensions {
            if !self.has(name) {
                self.0.push((name.into(), value.into()));
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<Members<'a>> for Tree<'a> {
    fn from(members: Members<'a>) -> Self {
        Self::Object(members.0)
    }
}

/// Escapes a name for use in a JSON pointer (RFC 6901).
pub(super) fn escape_pointer(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { Cow::Owned(name.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(name) }
}
