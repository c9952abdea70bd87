//! Writes a long document in pieces, side by side, which joined are what writing the whole at once gives.

use rayon::prelude::*;

use super::layout;
use crate::tree::{Member, Tree};

/// Objects below so many others are not taken apart: path items and components stand there.
pub(super) const DEEPEST: usize = 2;
/// Members of a piece. A few dozen take long enough to be worth a piece, and the pieces of a long document are
/// still many more than the processors.
const MOST_MEMBERS: usize = 16;

/// Some members of one object of the document.
struct Piece<'t, 'a> {
    /// The keys that no piece before this one shows, each below the one before.
    parents: Vec<&'t str>,
    /// How many objects the members stand in, without the document.
    depth: usize,
    members: &'t [Member<'a>],
}

/// Writes an object's members behind `text`.
pub(super) fn write(text: &mut String, members: &[Member<'_>]) {
    join(text, members, MOST_MEMBERS);
}

fn join(text: &mut String, members: &[Member<'_>], most_members: usize) {
    let mut cutter = Cutter { most_members, parents: Vec::new(), pieces: Vec::new() };
    cutter.cut(members, 0);
    let written: Vec<String> = cutter.pieces.par_iter().map(Piece::write).collect();
    text.reserve(written.iter().map(String::len).sum());
    for piece in written {
        text.push_str(&piece);
    }
}

struct Cutter<'t, 'a> {
    most_members: usize,
    /// Keys that still have to be shown.
    parents: Vec<&'t str>,
    pieces: Vec<Piece<'t, 'a>>,
}

impl<'t, 'a> Cutter<'t, 'a> {
    fn cut(&mut self, mut members: &'t [Member<'a>], depth: usize) {
        while let Some(first) = members.first() {
            if let Some((name, inner)) = apart(first, depth) {
                self.parents.push(name);
                self.cut(inner, depth + 1);
                members = &members[1..];
                continue;
            }
            let together = members.iter().take(self.most_members).take_while(|member| apart(member, depth).is_none());
            let (piece, rest) = members.split_at(together.count());
            self.pieces.push(Piece { parents: std::mem::take(&mut self.parents), depth, members: piece });
            members = rest;
        }
    }
}

/// A member whose own members become pieces. Its key takes one line of its own.
fn apart<'t, 'a>((name, value): &'t Member<'a>, depth: usize) -> Option<(&'t str, &'t [Member<'a>])> {
    let is_plain = || !name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    match value {
        Tree::Object(inner) if !inner.is_empty() && depth < DEEPEST && is_plain() => Some((name, inner)),
        _ => None,
    }
}

impl Piece<'_, '_> {
    fn write(&self) -> String {
        let mut text = String::new();
        let first = self.depth - self.parents.len();
        for (name, depth) in self.parents.iter().zip(first..) {
            layout::parent(&mut text, name, depth * layout::STEP);
        }
        layout::members(&mut text, self.members, self.depth * layout::STEP);
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::yaml::block;
    use crate::yaml::tests::{NASTY, Random};

    /// However the document is cut, the text is the one that writing all of it at once gives.
    #[track_caller]
    fn check(document: &Value) {
        let tree = Tree::of(document, DEEPEST + 1);
        let Tree::Object(members) = &tree else { panic!("a document is an object") };
        for most_members in [1, 2, MOST_MEMBERS] {
            let mut joined = String::new();
            join(&mut joined, members, most_members);
            assert_eq!(joined, block(&tree), "{most_members} members in a piece of {document}");
        }
    }

    #[test]
    fn pieces_join_to_what_writing_all_at_once_gives() {
        for text in NASTY {
            let item = json!({ *text: { "get": text, "put": [text, { "a": text }] }, "b": text, "/c": {}, "d": [] });
            check(&json!({
                "openapi": text,
                "info": { "title": text },
                "tags": [text],
                "paths": item,
                "components": { "schemas": item, "x": text, "responses": {}, "null": { *text: [] } },
                *text: item,
            }));
            check(&json!({ "a": { "b": { "c": text } } }));
            let list =
                json!([[text, [text], [], {}], { *text: text, "a": [[text], { *text: [{ "b": text }] }] }, text]);
            check(&json!({ "a": list, "paths": { "/a": { *text: list } } }));
        }
    }

    #[test]
    fn keys_that_take_more_than_their_line_join_too() {
        for length in [200, 201, 1_022, 1_023, 1_024, 1_025] {
            for letter in ["a", "é", ":"] {
                let key = letter.repeat(length);
                let inner = json!({ &key: { &key: [1, { &key: "a\n\nb" }], "b": [] }, "c": { &key: {} } });
                check(&json!({ "a": inner, "b": [inner, [inner]], &key: [[inner]] }));
            }
        }
    }

    #[test]
    fn random_pieces_join_too() {
        let mut random = Random(7);
        let mut object =
            |depth| Value::Object((0..7).map(|at| (format!("{at}{}", random.text()), random.value(depth))).collect());
        for _ in 0..300 {
            check(
                &json!({ "info": object(1), "paths": object(3), "components": { "schemas": object(3) }, "x-y": object(2) }),
            );
        }
    }
}
