//! Where keys, dashes and values stand: blocks as the serializer lays them out, at a fraction of its time.
//!
//! A level takes two columns, and the dashes of a list stand below the key that it belongs to.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Node, block, scalars};
use crate::tree::{Member, Tree};

/// Columns of a level, and of a dash with its blank.
pub(super) const STEP: usize = 2;
/// Keys that take more than 1,024 characters are laid out in another way, which is left to the serializer: longer
/// ones (in bytes) could, once their characters are escaped.
const LONGEST_KEY: usize = 200;

/// What stands before a value, in the same line.
#[derive(Clone, Copy)]
struct Place {
    /// Where the key or the dash begins.
    column: usize,
    behind: Behind,
}

#[derive(Clone, Copy)]
enum Behind {
    /// `key:`
    Key,
    /// `- `
    Dash,
}

/// Writes members whose keys begin at `column`.
pub(super) fn members(out: &mut String, members: &[Member<'_>], column: usize) {
    for (name, value) in members {
        indent(out, column);
        member(out, name, value, column);
    }
}

/// Writes a key alone, whose members stand in the lines below it.
pub(super) fn parent(out: &mut String, name: &str, column: usize) {
    indent(out, column);
    scalars::key(out, name);
    out.push_str(":\n");
}

/// A value that stands below others.
trait Part {
    /// Writes it behind a key or a dash.
    fn write(&self, out: &mut String, place: Place);

    /// The same for the serializer.
    fn node(&self) -> impl Serialize;
}

impl Part for Tree<'_> {
    fn write(&self, out: &mut String, place: Place) {
        match self {
            Tree::Value(value) => value.write(out, place),
            Tree::Later(make) => make().write(out, place),
            Tree::Flag(flag) => in_line(out, place, |out| scalars::flag(out, *flag)),
            Tree::Count(count) => in_line(out, place, |out| scalars::number(out, &(*count).into())),
            Tree::Number(number) => in_line(out, place, |out| scalars::number(out, number)),
            Tree::Text(text) => in_line(out, place, |out| scalars::text(out, text, place.column)),
            Tree::List(items) => list(out, items, place),
            Tree::Object(members) => object(out, members.iter().map(|(name, value)| (&**name, value)), place),
        }
    }

    fn node(&self) -> impl Serialize {
        self
    }
}

impl Part for Value {
    fn write(&self, out: &mut String, place: Place) {
        match self {
            Value::Null => in_line(out, place, |out| out.push_str("null")),
            Value::Bool(flag) => in_line(out, place, |out| scalars::flag(out, *flag)),
            Value::Number(number) => in_line(out, place, |out| scalars::number(out, number)),
            Value::String(text) => in_line(out, place, |out| scalars::text(out, text, place.column)),
            Value::Array(items) => list(out, items, place),
            Value::Object(members) => object(out, members.iter().map(|(name, value)| (name.as_str(), value)), place),
        }
    }

    fn node(&self) -> impl Serialize {
        Node(self)
    }
}

fn in_line(out: &mut String, place: Place, write: impl FnOnce(&mut String)) {
    if let Behind::Key = place.behind {
        out.push(' ');
    }
    write(out);
    out.push('\n');
}

fn list(out: &mut String, items: &[impl Part], place: Place) {
    if items.is_empty() {
        in_line(out, place, |out| out.push_str("[]"));
    }
    let column = match place.behind {
        Behind::Key => place.column,
        Behind::Dash => place.column + STEP,
    };
    for (index, item) in items.iter().enumerate() {
        begin(out, index, column, place);
        out.push_str("- ");
        item.write(out, Place { column, behind: Behind::Dash });
    }
}

fn object<'v, T: Part + 'v>(out: &mut String, members: impl ExactSizeIterator<Item = (&'v str, &'v T)>, place: Place) {
    if members.len() == 0 {
        in_line(out, place, |out| out.push_str("{}"));
    }
    let column = place.column + STEP;
    for (index, (name, value)) in members.enumerate() {
        begin(out, index, column, place);
        member(out, name, value, column);
    }
}

/// Goes to where an item or a member begins: the first one behind a dash in the dash's line.
fn begin(out: &mut String, index: usize, column: usize, place: Place) {
    match (index, place.behind) {
        (0, Behind::Dash) => return,
        (0, Behind::Key) => out.push('\n'),
        _ => {}
    }
    indent(out, column);
}

fn member(out: &mut String, name: &str, value: &impl Part, column: usize) {
    if name.len() > LONGEST_KEY {
        let written = block(&Alone { name, value: value.node() });
        scalars::lines(out, &written, column);
        return;
    }
    scalars::key(out, name);
    out.push(':');
    value.write(out, Place { column, behind: Behind::Key });
}

/// An object of one member, for the serializer.
struct Alone<'n, T> {
    name: &'n str,
    value: T,
}

impl<T: Serialize> Serialize for Alone<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.name, &self.value)])
    }
}

pub(super) fn indent(out: &mut String, columns: usize) {
    /// Deep enough for nearly everything.
    const BLANKS: &str = "                                                                ";
    match BLANKS.get(..columns) {
        Some(blanks) => out.push_str(blanks),
        None => out.extend(std::iter::repeat_n(' ', columns)),
    }
}
