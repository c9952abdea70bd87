//! Writes a long document in pieces, side by side: each piece is written as if it stood alone below
//! its ancestors, so that joined they are what writing the whole at once gives.

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::block;
use crate::tree::{Member, Tree};

/// Objects below so many others are not taken apart: path items and components stand there.
pub(super) const DEEPEST: usize = 2;
/// Members of a piece. A few dozen take long enough to be worth a piece, and the pieces of a long document are
/// still many more than the processors.
const MOST_MEMBERS: usize = 16;

/// Some members of one object of the document.
struct Piece<'t> {
    /// The keys that lead to the object.
    ancestors: Vec<&'t str>,
    /// How many of the ancestors, from the last on, no piece before this one shows.
    new_ancestors: usize,
    members: &'t [Member<'t>],
}

/// Writes an object's members behind `text`.
pub(super) fn write(text: &mut String, members: &[Member<'_>]) {
    join(text, members, MOST_MEMBERS);
}

fn join(text: &mut String, members: &[Member<'_>], most_members: usize) {
    let mut pieces = Vec::new();
    Cutter { most_members, ancestors: Vec::new(), new_ancestors: 0, pieces: &mut pieces }.cut(members);
    let written: Vec<(String, usize)> = pieces.par_iter().map(Piece::write).collect();
    text.reserve(written.iter().map(|(piece, start)| piece.len() - start).sum());
    for (piece, start) in written {
        text.push_str(&piece[start..]);
    }
}

struct Cutter<'t, 'p> {
    most_members: usize,
    ancestors: Vec<&'t str>,
    new_ancestors: usize,
    pieces: &'p mut Vec<Piece<'t>>,
}

impl<'t> Cutter<'t, '_> {
    fn cut(&mut self, mut members: &'t [Member<'t>]) {
        while let Some(first) = members.first() {
            if let Some((name, inner)) = self.apart(first) {
                self.ancestors.push(name);
                self.new_ancestors += 1;
                self.cut(inner);
                self.ancestors.pop();
                members = &members[1..];
                continue;
            }
            let together = members.iter().take(self.most_members).take_while(|member| self.apart(member).is_none());
            let (piece, rest) = members.split_at(together.count());
            self.pieces.push(Piece {
                ancestors: self.ancestors.clone(),
                new_ancestors: std::mem::take(&mut self.new_ancestors),
                members: piece,
            });
            members = rest;
        }
    }

    /// A member whose own members become pieces. Its key takes one line of its own.
    fn apart(&self, (name, value): &'t Member<'t>) -> Option<(&'t str, &'t [Member<'t>])> {
        let is_plain = || !name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        match value {
            Tree::Object(inner) if !inner.is_empty() && self.ancestors.len() < DEEPEST && is_plain() => {
                Some((name, inner))
            }
            _ => None,
        }
    }
}

impl Piece<'_> {
    /// The piece below all of its ancestors, and where in that its own text begins.
    fn write(&self) -> (String, usize) {
        let text = block(&Below { ancestors: &self.ancestors, members: self.members });
        let known = self.ancestors.len() - self.new_ancestors;
        let start = text.split_inclusive('\n').take(known).map(str::len).sum();
        (text, start)
    }
}

/// Members below their ancestors.
struct Below<'t> {
    ancestors: &'t [&'t str],
    members: &'t [Member<'t>],
}

impl Serialize for Below<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.ancestors.split_first() {
            Some((first, ancestors)) => serializer.collect_map([(first, Below { ancestors, members: self.members })]),
            None => serializer.collect_map(self.members.iter().map(|(name, value)| (name, value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
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
