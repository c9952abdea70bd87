//! Checks the topics of a file with their members.

use std::collections::BTreeSet;

use super::document::{HoursEntry, MemberEntry, Permission, TopicEntry};
use super::people::{Names, check_id};
use super::{Located, NewMember, NewTopic, Place, Problems, hours};
use crate::records::{self, AssociateId, OpeningHours, Permissions, TopicId};
use crate::store::Inventory;

pub(super) fn topics(
    entries: &[Located<TopicEntry>],
    inventory: &Inventory,
    names: &mut Names<TopicId>,
    users: &Names<AssociateId>,
    problems: &mut Problems,
) -> Vec<NewTopic> {
    let mut ids = inventory.topics.values().map(|id| id.0).collect();
    let mut topics = Vec::new();
    for (index, Located { place, value: entry }) in entries.iter().enumerate() {
        if let Err(reason) = check_topic_name(&entry.name) {
            problems.add(place.key("name"), reason);
        }
        names.claim(entry.name.clone(), index, "topic", place.key("name"), problems);
        check_id(entry.id, &mut ids, place, problems);
        topics.push(NewTopic {
            id: entry.id.map(TopicId),
            about: about(entry, place, problems),
            members: members(&entry.members, users, &place.key("members"), problems),
        });
    }
    topics
}

/// Says why `name` cannot be a topic's name.
///
/// # Errors
/// It is empty, or has control characters in it or blanks at its ends.
pub fn check_topic_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.trim() != name || name.contains(char::is_control) {
        return Err("a topic's name is not empty and has neither control characters nor blanks at its ends".to_owned());
    }
    Ok(())
}

fn about(entry: &TopicEntry, place: &Place, problems: &mut Problems) -> records::NewTopic {
    if let Some(Err(reason)) = entry.time_zone.as_deref().map(hours::check_time_zone) {
        problems.add(place.key("time_zone"), reason);
    }
    for (seconds, key) in [(entry.warn_after_s, "warn_after_s"), (entry.warn_managers_after_s, "warn_managers_after_s")]
    {
        if seconds.is_some_and(|seconds| seconds < 1) {
            problems.add(place.key(key), "expected at least 1 second");
        }
    }
    if entry.warn_after_s.zip(entry.warn_managers_after_s).is_some_and(|(members, managers)| managers < members) {
        problems.add(place.key("warn_managers_after_s"), "managers are not warned before `warn_after_s`");
    }
    records::NewTopic {
        name: entry.name.clone(),
        language: entry.language.clone(),
        welcome_message: entry.welcome_message.clone(),
        time_zone: entry.time_zone.clone().unwrap_or_default(),
        hours: opening_hours(&entry.hours, &place.key("hours"), problems),
        warn_after_secs: entry.warn_after_s,
        warn_managers_after_secs: entry.warn_managers_after_s,
        has_post_chat_form: entry.post_chat_form,
    }
}

fn opening_hours(entries: &[HoursEntry], place: &Place, problems: &mut Problems) -> Vec<OpeningHours> {
    let mut all: Vec<OpeningHours> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = place.item(index);
        if entry.days.is_empty() {
            problems.add(place.key("days"), "name at least one day");
        }
        let mut time = |text: &str, key: &str| {
            let time = hours::parse_time(text);
            if time.is_none() {
                problems.add(place.key(key), format!("expected hours and minutes such as 08:00, this is `{text}`"));
            }
            time
        };
        let (Some(opens), Some(closes)) = (time(&entry.opens, "opens"), time(&entry.closes, "closes")) else {
            continue;
        };
        if opens >= closes {
            problems.add(place.key("closes"), "a topic closes after it opens, on the same day");
            continue;
        }
        for (number, day) in entry.days.iter().enumerate() {
            let span = OpeningHours { weekday: hours::weekday(*day), opens, closes };
            if all.iter().any(|other| hours::overlap(other, &span)) {
                problems.add(place.key("days").item(number), "another span of the same day overlaps this one");
            }
            all.push(span);
        }
    }
    all.sort_by_key(|span| (span.weekday.to_monday_zero_offset(), span.opens));
    all
}

fn members(
    entries: &[MemberEntry],
    users: &Names<AssociateId>,
    place: &Place,
    problems: &mut Problems,
) -> Vec<NewMember> {
    let mut seen = BTreeSet::new();
    let mut members = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = place.item(index);
        let permissions = permissions(&entry.permissions);
        if !permissions.any() {
            problems.add(place.key("permissions"), "a member needs at least one of respond, notify, listen, manage");
        }
        match users.find(&entry.user.to_lowercase()) {
            None => problems.add(place.key("user"), format!("no user is called `{}`", entry.user)),
            Some(user) if !seen.insert(user) => {
                problems.add(place.key("user"), format!("`{}` is a member of this topic already", entry.user));
            }
            Some(user) => members.push(NewMember { user, permissions }),
        }
    }
    members
}

fn permissions(entries: &[Permission]) -> Permissions {
    Permissions {
        respond: entries.contains(&Permission::Respond),
        notify: entries.contains(&Permission::Notify),
        listen: entries.contains(&Permission::Listen),
        manage: entries.contains(&Permission::Manage),
    }
}
