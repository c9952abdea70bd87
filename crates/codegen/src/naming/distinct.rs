//! What keeps names apart.

use std::collections::{BTreeMap, BTreeSet};

/// What a name stands for, which decides how a number goes behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A field, argument, function or module: `links_2`.
    Value,
    /// A type or variant: `Links2`, and `V1_2`.
    Type,
}

impl Form {
    fn numbered(self, name: &str, number: usize) -> String {
        let is_apart = self == Self::Value || name.ends_with(|last: char| last.is_ascii_digit());
        if is_apart { format!("{name}_{number}") } else { format!("{name}{number}") }
    }
}

/// A name for each of `names`, pairs of the contract's name and what it is in Rust, in the same order and all different, by the
/// rule in the [module's head](super). None of `reserved` is given away.
pub fn distinct(names: &[(&str, String)], reserved: &[&str], form: Form) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, (_, rust)) in names.iter().enumerate() {
        groups.entry(rust).or_default().push(index);
    }
    let mut taken: BTreeSet<String> =
        groups.keys().copied().chain(reserved.iter().copied()).map(str::to_owned).collect();
    let mut chosen = vec![String::new(); names.len()];
    for (rust, mut members) in groups {
        // The sort is stable: equal names stay in their order.
        members.sort_by_key(|index| (names[*index].0 != rust, names[*index].0));
        let mut members = members.into_iter();
        if !reserved.contains(&rust)
            && let Some(first) = members.next()
        {
            chosen[first] = rust.to_owned();
        }
        let mut number = 2;
        for index in members {
            while !taken.insert(form.numbered(rust, number)) {
                number += 1;
            }
            chosen[index] = form.numbered(rust, number);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[(&str, &str)], reserved: &[&str], form: Form, expected: &[&str]) {
        let pairs: Vec<(&str, String)> = names.iter().map(|(name, rust)| (*name, (*rust).to_owned())).collect();
        assert_eq!(distinct(&pairs, reserved, form), expected);
        // In another order each has the same name.
        let reversed: Vec<(&str, String)> = pairs.into_iter().rev().collect();
        let expected: Vec<&str> = expected.iter().rev().copied().collect();
        assert_eq!(distinct(&reversed, reserved, form), expected);
    }

    #[test]
    fn the_spelling_of_rust_keeps_the_name() {
        check(&[("GetAll", "get_all"), ("get_all", "get_all")], &[], Form::Value, &["get_all_2", "get_all"]);
        check(&[("getAll", "get_all"), ("GetAll", "get_all")], &[], Form::Value, &["get_all_2", "get_all"]);
    }

    #[test]
    fn numbers_leave_other_names_alone() {
        let names = [("a", "A"), ("A", "A"), ("A2", "A2"), ("a-", "A"), ("a3", "A3")];
        check(&names, &[], Form::Type, &["A4", "A", "A2", "A5", "A3"]);
        check(&[("V1", "V1"), ("v1", "V1")], &[], Form::Type, &["V1", "V1_2"]);
    }

    #[test]
    fn reserved_names_are_not_given_away() {
        check(&[("new", "new"), ("New", "new")], &["new", "new_2"], Form::Value, &["new_3", "new_4"]);
        check(&[("x", "x")], &["y"], Form::Value, &["x"]);
    }
}
