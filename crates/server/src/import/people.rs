//! Checks the users of a file, and finds by name what entries refer to.

use std::collections::{BTreeMap, BTreeSet};

use super::document::UserEntry;
use super::{Located, Place, Problems, Ref};
use crate::passwords::Passwords;
use crate::records::{AssociateId, User};
use crate::store::{Inventory, NewUser};

/// The kind of associate that an employee is.
pub const EMPLOYEE: &str = "InternalAssociate";

/// Names of a file and of the database, and whom or what they stand for.
pub(super) struct Names<Id> {
    known: BTreeMap<String, Ref<Id>>,
}

impl<Id: Copy> Names<Id> {
    pub(super) fn new(existing: &BTreeMap<String, Id>) -> Self {
        Self { known: existing.iter().map(|(name, &id)| (name.clone(), Ref::Existing(id))).collect() }
    }

    pub(super) fn find(&self, name: &str) -> Option<Ref<Id>> {
        self.known.get(name).copied()
    }

    /// Claims `name` for the new item at `index`, unless it is taken.
    pub(super) fn claim(&mut self, name: String, index: usize, what: &str, place: Place, problems: &mut Problems) {
        match self.known.get(&name) {
            None => drop(self.known.insert(name, Ref::New(index))),
            Some(Ref::Existing(_)) => problems.add(place, format!("{what} `{name}` is in the database already")),
            Some(Ref::New(_)) => problems.add(place, format!("{what} `{name}` stands in the file twice")),
        }
    }
}

/// Refuses numbers that stand twice or are no ids.
pub(super) fn check_id(id: Option<i32>, seen: &mut BTreeSet<i32>, place: &Place, problems: &mut Problems) {
    match id {
        Some(id) if id < 1 => problems.add(place.key("id"), format!("ids start at 1, this is {id}")),
        Some(id) if !seen.insert(id) => problems.add(place.key("id"), format!("{id} is taken already")),
        _ => {}
    }
}

pub(super) fn users(
    entries: &[Located<UserEntry>],
    inventory: &Inventory,
    names: &mut Names<AssociateId>,
    passwords: &Passwords,
    problems: &mut Problems,
) -> Vec<NewUser> {
    let mut ids = inventory.users.values().map(|id| id.0).collect();
    let mut users = Vec::new();
    for (index, Located { place, value: entry }) in entries.iter().enumerate() {
        if let Err(reason) = check_user_name(&entry.user) {
            problems.add(place.key("user"), reason);
        }
        names.claim(entry.user.to_lowercase(), index, "user", place.key("user"), problems);
        if entry.full_name.trim().is_empty() {
            problems.add(place.key("full_name"), "customers see this name: it is not empty");
        }
        check_id(entry.id, &mut ids, place, problems);
        if entry.present && entry.deleted {
            problems.add(place.key("present"), "who is gone cannot be present");
        }
        let hash = match (&entry.password, &entry.password_hash) {
            (Some(password), None) => passwords.hash(password).map_err(|error| ("password", error.to_string())),
            (None, Some(hash)) => {
                Passwords::check_hash(hash).map(|()| hash.clone()).map_err(|error| ("password_hash", error))
            }
            (None, None) => Err(("password", "give `password` or `password_hash`".to_owned())),
            (Some(_), Some(_)) => Err(("password", "give `password` or `password_hash`, not both".to_owned())),
        };
        match hash {
            Err((key, reason)) => problems.add(place.key(key), reason),
            Ok(password_hash) => {
                users.push(NewUser { user: user(entry), id: entry.id.map(AssociateId), password_hash });
            }
        }
    }
    users
}

/// Says why `name` cannot be a user's name.
///
/// # Errors
/// It is empty, has blanks at its ends or control characters in it, others that XML cannot carry, or a colon, which Basic
/// sign-in cannot send.
pub fn check_user_name(name: &str) -> Result<(), String> {
    let is_carried = chat_models::xml::uncarried(name).is_none();
    if name.is_empty() || name.trim() != name || name.contains(|c: char| c == ':' || c.is_control()) || !is_carried {
        return Err("a user name is not empty and has neither a colon, nor control characters, nor blanks at its ends"
            .to_owned());
    }
    Ok(())
}

fn user(entry: &UserEntry) -> User {
    let or = |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_owned());
    User {
        // Replaced by the one that the database gives, unless `NewUser::id` names one.
        id: AssociateId(entry.id.unwrap_or_default()),
        user_name: entry.user.clone(),
        name: or(&entry.name, &entry.user),
        full_name: entry.full_name.clone(),
        formal_name: or(&entry.formal_name, &entry.full_name),
        tooltip: or(&entry.tooltip, &entry.full_name),
        kind: or(&entry.kind, EMPLOYEE),
        person_id: entry.person_id,
        ej_user_id: entry.ej_user_id,
        group_idx: entry.group,
        rank: entry.rank,
        deleted: entry.deleted,
        disabled: false,
        sign_in_generation: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_sent_in_every_way() {
        for (name, expected) in [
            ("tje0", true),
            ("Åse Lie", true),
            ("", false),
            (" a", false),
            ("a:b", false),
            ("a\u{1}", false),
            ("a\u{85}", false),
            ("a\u{FFFE}", false),
        ] {
            assert_eq!(check_user_name(name).is_ok(), expected, "{name:?}");
        }
    }
}
