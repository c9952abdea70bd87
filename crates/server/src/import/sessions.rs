//! Checks the sessions of a file and works out what follows from them: copies of messages, ranks, figures of topics.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::document::{CustomerEntry, MessageEntry, Moment, SessionEntry, Writer};
use super::people::{Names, check_id};
use super::plan::Surroundings;
use super::{Batch, Document, Located, NewSession, Place, Problems, Ref, TopicWaits};
use crate::entropy;
use crate::records::{
    AssociateId, Customer, MessageType, NewMessage, Session, SessionId, SpecialType, Status, TopicId,
};
use crate::rules::pickup::{Waits, lowest_free_rank};
use crate::rules::text::message_copy;
use crate::store::RecordKind;

/// What sessions may refer to.
pub(super) struct Known<'a> {
    pub(super) users: &'a Names<AssociateId>,
    pub(super) topics: &'a Names<TopicId>,
    pub(super) records: &'a BTreeSet<(RecordKind, i32)>,
}

const FLAGS: [&str; 2] = ["CustomerIsTyping", "UserIsTyping"];

/// Plans all sessions of `document` into `batch`, whose users are planned already.
pub(super) fn plan(
    document: &Document,
    surroundings: &Surroundings<'_>,
    known: &Known<'_>,
    batch: &mut Batch,
    problems: &mut Problems,
) {
    let mut planner = Planner {
        surroundings,
        known,
        problems,
        ids: surroundings.inventory.sessions.iter().map(|id| id.0).collect(),
        keys: BTreeSet::new(),
        ranks: surroundings.inventory.ranks.iter().map(|(&user, ranks)| (Ref::Existing(user), ranks.clone())).collect(),
        full_names: BTreeMap::new(),
    };
    for (&id, name) in &surroundings.inventory.full_names {
        planner.full_names.insert(Ref::Existing(id), name.clone());
    }
    for (index, user) in document.users.iter().enumerate() {
        planner.full_names.insert(Ref::New(index), user.value.full_name.clone());
    }
    for entry in &document.sessions {
        if let Some(session) = planner.session(entry) {
            batch.sessions.push(session);
        }
    }
    set_queue_positions(document, &mut batch.sessions);
    batch.waits = topic_waits(&batch.sessions);
}

/// The first message of the customer that the user has not answered.
fn unanswered_since(messages: &[NewMessage]) -> Option<Timestamp> {
    messages.iter().rev().take_while(|message| message.is_of_customer()).last().map(|message| message.when_posted)
}

struct Planner<'a> {
    surroundings: &'a Surroundings<'a>,
    known: &'a Known<'a>,
    problems: &'a mut Problems,
    ids: BTreeSet<i32>,
    keys: BTreeSet<String>,
    ranks: BTreeMap<Ref<AssociateId>, Vec<i32>>,
    full_names: BTreeMap<Ref<AssociateId>, String>,
}

impl Planner<'_> {
    fn session(&mut self, Located { place, value: entry }: &Located<SessionEntry>) -> Option<NewSession> {
        check_id(entry.id, &mut self.ids, place, self.problems);
        let topic = self.known.topics.find(&entry.topic);
        if topic.is_none() {
            self.problems.add(place.key("topic"), format!("no topic is called `{}`", entry.topic));
        }
        let user = self.user(entry.user.as_deref(), place.key("user"));
        let transfer_to = self.user(entry.transfer_to.as_deref(), place.key("transfer_to"));
        let status = self.status(entry, place);
        let customer = self.customer(&entry.customer, &place.key("customer"));
        let messages = self.messages(&entry.messages, user, &place.key("messages"));
        let key = self.key(entry, place);
        let flags = self.flags(&entry.flags, &place.key("flags"));
        let links = self.links(entry, place);
        let (requested, started, ended) = (self.at(entry.requested), self.at(entry.started), self.at(entry.ended));
        for (moment, key) in [(requested, "requested"), (started, "started"), (ended, "ended")] {
            if moment.is_some_and(|moment| moment > self.surroundings.now) {
                self.problems.add(place.key(key), format!("`{key}` is in the future"));
            }
        }
        if entry.initial_queue_pos.is_some_and(|position| position < 0) {
            self.problems.add(place.key("initial_queue_pos"), "a place in a queue is not negative");
        }
        for (earlier, later, keys) in [
            (requested, started, ("requested", "started")),
            (started, ended, ("started", "ended")),
            (requested, ended, ("requested", "ended")),
        ] {
            if earlier.zip(later).is_some_and(|(earlier, later)| earlier > later) {
                self.problems.add(place.key(keys.1), format!("`{}` is before `{}`", keys.1, keys.0));
            }
        }
        let (topic, status) = (topic?, status?);
        let rank = match user {
            Some(user) if status.is_active() => self.rank(user),
            _ => 0,
        };
        let copy = |message: Option<&NewMessage>| message.map(|m| message_copy(&m.text)).unwrap_or_default();
        Some(NewSession {
            session: Session {
                id: entry.id.map(SessionId),
                topic,
                status,
                user,
                transfer_to,
                customer,
                first_message: copy(messages.first()),
                last_message: copy(messages.last()),
                when_requested: requested,
                when_started: started,
                when_ended: ended,
                when_idle: messages.last().map(|message| message.when_posted).or(started).or(requested),
                when_fetched: self.at(entry.fetched),
                unanswered_since: (status == Status::CustomerLast)
                    .then(|| unanswered_since(&messages).max(started))
                    .flatten(),
                was_reset: false,
                key,
                initial_queue_pos: entry.initial_queue_pos.unwrap_or_default(),
                alert_level: entry.alert_level,
                rank,
                flags,
            },
            links,
            messages,
        })
    }

    fn at(&self, moment: Option<Moment>) -> Option<Timestamp> {
        moment.map(|moment| match moment {
            Moment::At(at) => at,
            Moment::Ago(ago) => self
                .surroundings
                .now
                .checked_sub(SignedDuration::from_mins(i64::from(ago.minutes_ago)))
                .unwrap_or(Timestamp::MIN),
        })
    }

    fn user(&mut self, name: Option<&str>, place: Place) -> Option<Ref<AssociateId>> {
        let name = name?;
        let user = self.known.users.find(&name.to_lowercase());
        if user.is_none() {
            self.problems.add(place, format!("no user is called `{name}`"));
        }
        user
    }

    /// The status, if it is one and the session has what it needs.
    fn status(&mut self, entry: &SessionEntry, place: &Place) -> Option<Status> {
        let Some(status) = Status::parse(&entry.status) else {
            let all: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
            let message = format!("no status is called `{}`; there are {}", entry.status, all.join(", "));
            self.problems.add(place.key("status"), message);
            return None;
        };
        let (active, ended) = (status.is_active(), matches!(status, Status::Closed | Status::ClosedFromQueue));
        for (needed, has, key) in [
            (active || ended || status == Status::InQueue, entry.requested.is_some(), "requested"),
            (active, entry.started.is_some(), "started"),
            (active, entry.user.is_some(), "user"),
            (ended, entry.ended.is_some(), "ended"),
        ] {
            if needed && !has {
                self.problems.add(place.key(key), format!("a session in status `{}` needs `{key}`", entry.status));
            }
        }
        for (has, key) in [
            (entry.user.is_some(), "user"),
            (entry.started.is_some(), "started"),
            (entry.ended.is_some(), "ended"),
            (entry.transfer_to.is_some(), "transfer_to"),
        ] {
            if status == Status::InQueue && has {
                self.problems.add(place.key(key), "a session that waits in the queue has none");
            }
        }
        Some(status)
    }

    fn customer(&mut self, entry: &CustomerEntry, place: &Place) -> Customer {
        let alias = entry.alias.as_ref().unwrap_or(&entry.name);
        for (key, text, max_chars) in [
            ("alias", alias, 64),
            ("host", &entry.host, 255),
            ("name", &entry.name, 255),
            ("email", &entry.email, 255),
            ("phone", &entry.phone, 32),
            ("company", &entry.company, 255),
        ] {
            let chars = text.chars().count();
            if chars > max_chars {
                self.problems.add(place.key(key), format!("at most {max_chars} characters, this has {chars}"));
            }
        }
        Customer {
            alias: alias.clone(),
            host: entry.host.clone(),
            name: entry.name.clone(),
            email: entry.email.clone(),
            phone: entry.phone.clone(),
            company_name: entry.company.clone(),
            consented: entry.consented,
        }
    }

    fn messages(&mut self, entries: &[MessageEntry], user: Option<Ref<AssociateId>>, place: &Place) -> Vec<NewMessage> {
        let mut messages: Vec<NewMessage> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let place = place.item(index);
            let when_posted = self.at(Some(entry.posted)).unwrap_or(self.surroundings.now);
            if messages.last().is_some_and(|before| before.when_posted > when_posted) {
                self.problems.add(place.key("posted"), "this is before the message that stands before it");
            }
            let (message_type, author) = match (entry.from, user) {
                (Writer::Customer, _) => (MessageType::ToUser, String::new()),
                (Writer::Agent, Some(user)) => {
                    (MessageType::ToCustomer, self.full_names.get(&user).cloned().unwrap_or_default())
                }
                (Writer::Agent, None) => {
                    self.problems.add(place.key("from"), "the session has no `user` who could have written this");
                    continue;
                }
            };
            let text = entry.text.clone();
            messages.push(NewMessage {
                message_type,
                special_type: SpecialType::None,
                special_param: String::new(),
                text,
                author,
                when_posted,
            });
        }
        messages
    }

    fn key(&mut self, entry: &SessionEntry, place: &Place) -> String {
        let Some(key) = &entry.key else { return entropy::session_key(self.surroundings.entropy) };
        // The messages leave the key out: it is a secret.
        if key.is_empty() || key.chars().count() > 255 {
            self.problems.add(place.key("key"), "a session key has 1 to 255 characters");
        } else if !self.keys.insert(key.clone()) {
            self.problems.add(place.key("key"), "another session of the file has this key");
        }
        key.clone()
    }

    fn flags(&mut self, flags: &[String], place: &Place) -> String {
        for (index, flag) in flags.iter().enumerate() {
            if !FLAGS.contains(&flag.as_str()) {
                self.problems
                    .add(place.item(index), format!("no flag is called `{flag}`; there are {}", FLAGS.join(", ")));
            }
        }
        let set: BTreeSet<&str> = flags.iter().map(String::as_str).collect();
        set.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn links(&mut self, entry: &SessionEntry, place: &Place) -> Vec<(RecordKind, i32)> {
        let mut links = Vec::new();
        for (kind, id) in
            RecordKind::ALL.into_iter().zip([entry.person, entry.contact, entry.project, entry.sale, entry.ticket])
        {
            let Some(id) = id else { continue };
            if self.known.records.contains(&(kind, id)) {
                links.push((kind, id));
            } else {
                self.problems.add(place.key(kind.name()), format!("there is no {} {id}", kind.name()));
            }
        }
        links
    }

    fn rank(&mut self, user: Ref<AssociateId>) -> i32 {
        let in_use = self.ranks.entry(user).or_default();
        let rank = lowest_free_rank(in_use);
        in_use.push(rank);
        rank
    }
}

/// Where the file does not say: one more than the sessions of the topic that wait and were requested earlier.
fn set_queue_positions(document: &Document, sessions: &mut [NewSession]) {
    if sessions.len() != document.sessions.len() {
        // Some have problems: nothing will be imported.
        return;
    }
    let mut waiting: BTreeMap<Ref<TopicId>, Vec<Timestamp>> = BTreeMap::new();
    for NewSession { session, .. } in sessions.iter().filter(|s| s.session.status == Status::InQueue) {
        waiting.entry(session.topic).or_default().extend(session.when_requested);
    }
    for requested in waiting.values_mut() {
        requested.sort_unstable();
    }
    for (Located { value: entry, .. }, NewSession { session, .. }) in document.sessions.iter().zip(sessions) {
        if let (None, Some(requested)) = (entry.initial_queue_pos, session.when_requested) {
            let earlier =
                waiting.get(&session.topic).map_or(0, |others| others.partition_point(|other| *other < requested));
            session.initial_queue_pos = i32::try_from(earlier + 1).unwrap_or(i32::MAX);
        }
    }
}

fn topic_waits(sessions: &[NewSession]) -> Vec<TopicWaits> {
    let mut waits: BTreeMap<Ref<TopicId>, TopicWaits> = BTreeMap::new();
    for NewSession { session, .. } in sessions {
        if let (Some(requested), Some(started)) = (session.when_requested, session.when_started) {
            let topic = session.topic;
            let sum = waits.entry(topic).or_insert(TopicWaits { topic, waits: Waits::default(), last_accept: started });
            sum.waits = sum.waits.and(Waits::between(requested, started));
            sum.last_accept = sum.last_accept.max(started);
        }
    }
    waits.into_values().collect()
}
