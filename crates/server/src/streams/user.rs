//! What happens in the topics of one user.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::board::Fact;
use super::event::{Data, Event};
use super::feed::{PAGE, UserWatch, jittered};
use super::{Listener, SignedInUser, Streams};
use crate::records::{AssociateId, Message, MessageId, Permissions, SessionId, TopicId};
use crate::rules::carrier;
use crate::store::{Audience, Pulse, StoreError};

/// The stream of one user.
pub(super) struct UserEvents {
    streams: Arc<Streams>,
    user: SignedInUser,
    watch: UserWatch,
    audience: watch::Receiver<Arc<Audience>>,
    ending: watch::Receiver<bool>,
    desk: Desk,
    /// Whether facts were missed, or rights have changed: then the board says what is new.
    is_behind: bool,
    next_check: Instant,
}

/// What the user was told.
struct Desk {
    user: AssociateId,
    permissions: BTreeMap<TopicId, Permissions>,
    /// How many wait in each topic.
    waiting: BTreeMap<TopicId, usize>,
    /// Sessions that the user may see.
    sessions: HashMap<SessionId, Told>,
    queue: VecDeque<Event>,
}

struct Told {
    pulse: Pulse,
    /// Messages up to here were told, or were there before.
    up_to: MessageId,
}

impl UserEvents {
    pub(super) fn new(streams: Arc<Streams>, user: SignedInUser, mut watch: UserWatch) -> Self {
        let next_check = Instant::now() + jittered(streams.feed.pace().check_every);
        let mut audience = streams.feed.audience();
        let mut desk = Desk {
            user: user.id,
            permissions: BTreeMap::new(),
            waiting: BTreeMap::new(),
            sessions: HashMap::new(),
            queue: VecDeque::new(),
        };
        let heard = Arc::clone(&audience.borrow_and_update());
        desk.begin(&streams, &mut watch, &heard, streams.clock.now());
        let ending = streams.ending.subscribe();
        Self { streams, user, watch, audience, ending, desk, is_behind: false, next_check }
    }

    /// The next event; none at the end.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            let audience = Arc::clone(&self.audience.borrow());
            if *self.ending.borrow_and_update() || !self.user.is_known(&audience) {
                return None;
            }
            if let Some(event) = self.desk.queue.pop_front() {
                return Some(event);
            }
            if self.next_check <= Instant::now() {
                self.next_check = Instant::now() + jittered(self.streams.feed.pace().check_every);
                if !self.streams.still_stands(&Listener::User(self.user.clone())).await {
                    return None;
                }
                self.streams.feed.revive();
                self.streams.feed.with_board(|board| self.desk.forget(|session| board.has(session)));
            }
            if self.is_behind {
                self.catch_up(&audience).await;
                continue;
            }
            tokio::select! {
                _ = self.ending.changed() => {}
                facts = self.watch.facts.recv() => match facts {
                    Ok(facts) => {
                        let now = self.streams.clock.now();
                        self.is_behind |= facts.contains(&Fact::Afresh);
                        facts.iter().for_each(|fact| self.desk.hear(fact, &audience, now));
                    }
                    Err(RecvError::Lagged(_)) => self.is_behind = true,
                    Err(RecvError::Closed) => return None,
                },
                _ = self.audience.changed() => {
                    let audience = self.audience.borrow_and_update();
                    self.is_behind |= !self.desk.has_rights_of(&audience);
                }
                () = sleep_until(self.next_check) => {}
            }
        }
    }

    /// Looks at the board for what was not heard.
    async fn catch_up(&mut self, audience: &Audience) {
        let now = self.streams.clock.now();
        let unread = self.streams.feed.with_board(|board| {
            self.watch.facts = self.watch.facts.resubscribe();
            self.desk.set_rights(audience);
            let sessions: Vec<_> = board.sessions().map(|(pulse, up_to)| (pulse.clone(), up_to)).collect();
            let waiting: Vec<_> = self.desk.permissions.keys().map(|topic| (*topic, board.waiting(*topic))).collect();
            self.desk.compare(sessions, waiting, audience, now)
        });
        match self.read(unread, audience).await {
            Ok(()) => self.is_behind = false,
            Err(error) => {
                tracing::debug!(%error, user = self.user.id.0, "an event stream cannot read");
                let pause = tokio::time::sleep(self.streams.feed.pace().look_every);
                tokio::select! {
                    () = pause => {}
                    _ = self.ending.changed() => {}
                }
            }
        }
    }

    async fn read(&mut self, unread: Vec<(SessionId, MessageId)>, audience: &Audience) -> Result<(), StoreError> {
        let store = Arc::clone(&self.streams.feed.store);
        // Sessions that came to their end so long ago that the board has forgotten them.
        let lost = self.streams.feed.with_board(|board| self.desk.lost(|session| board.has(session)));
        for pulse in if lost.is_empty() { Vec::new() } else { store.pulses(&lost).await? } {
            self.desk.hear_session(None, &pulse, audience, self.streams.clock.now());
        }
        for session in &lost {
            self.desk.sessions.remove(session);
        }
        for (session, up_to) in unread {
            loop {
                let after = self.desk.sessions.get(&session).map_or(up_to, |told| told.up_to);
                if after >= up_to {
                    break;
                }
                let messages = store.messages(session, after, PAGE).await?;
                if messages.is_empty() {
                    break;
                }
                messages.iter().for_each(|message| self.desk.tell_message(message));
            }
        }
        Ok(())
    }
}

impl Desk {
    /// Begins with how things stand.
    fn begin(&mut self, streams: &Streams, watch: &mut UserWatch, audience: &Audience, now: Timestamp) {
        self.set_rights(audience);
        let (sessions, waiting) = streams.feed.with_board(|board| {
            // Nothing is told meanwhile: what is on the board by now need not be heard, and what follows will be.
            watch.facts = watch.facts.resubscribe();
            let mut sessions: Vec<_> = board.sessions().map(|(pulse, up_to)| (pulse.clone(), up_to)).collect();
            sessions.sort_by_key(|(pulse, _)| pulse.session);
            let waiting: Vec<_> = self.permissions.keys().map(|topic| (*topic, board.waiting(*topic))).collect();
            (sessions, waiting)
        });
        for (topic, waiting) in waiting {
            self.tell_queue(topic, waiting, audience);
        }
        for (pulse, up_to) in sessions {
            if !self.may_see(&pulse) {
                continue;
            }
            // Whoever comes back learns of all that began meanwhile, and of messages that were posted.
            if pulse.is_moving() {
                self.tell_session(&pulse);
            }
            self.tell_transfer(None, &pulse);
            self.tell_warnings(None, &pulse, audience, now);
            self.sessions.insert(pulse.session, Told { pulse, up_to });
        }
    }

    fn has_rights_of(&self, audience: &Audience) -> bool {
        match audience.members.get(&self.user) {
            Some(permissions) => *permissions == self.permissions,
            None => self.permissions.is_empty(),
        }
    }

    fn set_rights(&mut self, audience: &Audience) {
        self.permissions = audience.members.get(&self.user).cloned().unwrap_or_default();
        // A topic that is left and joined again is told anew.
        let permissions = &self.permissions;
        self.waiting.retain(|topic, _| permissions.contains_key(topic));
    }

    fn permissions(&self, pulse: &Pulse) -> Permissions {
        self.permissions.get(&pulse.topic).copied().unwrap_or_default()
    }

    fn is_asked(&self, pulse: &Pulse) -> bool {
        pulse.transfer_to == Some(self.user)
    }

    fn may_see(&self, pulse: &Pulse) -> bool {
        pulse.user == Some(self.user) || self.is_asked(pulse) || self.permissions(pulse).any()
    }

    /// Handles the session, or listens to it.
    fn hears_messages(&self, pulse: &Pulse) -> bool {
        pulse.user == Some(self.user) || self.permissions(pulse).listen
    }

    fn hear(&mut self, fact: &Fact, audience: &Audience, now: Timestamp) {
        match fact {
            Fact::Session { before, now: pulse } => self.hear_session(before.as_ref(), pulse, audience, now),
            Fact::Queue { topic, waiting } => self.tell_queue(*topic, *waiting, audience),
            Fact::Message { message, pulse } if self.hears_messages(pulse) => self.tell_message(message),
            Fact::Message { .. } | Fact::Afresh => {}
        }
    }

    /// `before` counts where the user was told nothing of the session yet.
    fn hear_session(&mut self, before: Option<&Pulse>, pulse: &Pulse, audience: &Audience, now: Timestamp) {
        let told = self.sessions.remove(&pulse.session);
        let up_to = told.as_ref().map(|told| told.up_to);
        let told = told.map(|told| told.pulse);
        let known = told.as_ref().or(before);
        // Whoever saw it until now learns that it went elsewhere.
        let is_visible = self.may_see(pulse) || told.is_some();
        if !is_visible {
            return;
        }
        let looks = |pulse: &Pulse| (pulse.topic, pulse.status, pulse.user, pulse.transfer_to);
        if known.map(looks) != Some(looks(pulse)) {
            self.tell_session(pulse);
        }
        if self.may_see(pulse) {
            self.tell_transfer(known, pulse);
            self.tell_warnings(known, pulse, audience, now);
            let up_to = up_to.unwrap_or_default();
            self.sessions.insert(pulse.session, Told { pulse: pulse.clone(), up_to });
        }
    }

    fn tell_session(&mut self, pulse: &Pulse) {
        self.queue.push_back(Event::new(Data::Session {
            chat_session_id: pulse.session.0,
            topic_id: pulse.topic.0,
            status: pulse.status.as_str(),
            user_id: pulse.user.map(|user| user.0),
            last_message_id: (pulse.last_message > MessageId::default()).then_some(pulse.last_message.0),
        }));
    }

    fn tell_queue(&mut self, topic: TopicId, waiting: usize, audience: &Audience) {
        if !self.permissions.contains_key(&topic) || self.waiting.insert(topic, waiting) == Some(waiting) {
            return;
        }
        let topic_name = audience.topics.get(&topic).cloned().unwrap_or_default();
        self.queue.push_back(Event::new(Data::Queue { topic_id: topic.0, topic_name, waiting }));
    }

    fn tell_transfer(&mut self, known: Option<&Pulse>, pulse: &Pulse) {
        if self.is_asked(pulse) && !known.is_some_and(|known| self.is_asked(known)) {
            self.queue.push_back(Event::new(Data::Transfer {
                chat_session_id: pulse.session.0,
                topic_id: pulse.topic.0,
                from_user_id: pulse.user.map(|user| user.0),
            }));
        }
    }

    /// Every level that was not told, to those whom it is for.
    fn tell_warnings(&mut self, known: Option<&Pulse>, pulse: &Pulse, audience: &Audience, now: Timestamp) {
        let permissions = self.permissions(pulse);
        let Some(since) = pulse.waits_since() else { return };
        let waited = now.duration_since(since).as_secs();
        // Warnings of an earlier wait say nothing of this one.
        let known = known.filter(|known| known.waits_since() == Some(since));
        let told_level = known.map_or(0, |known| known.alert_level);
        // Who looks away for a moment sees both levels at once.
        let is_warned = permissions.notify && audience.warned.contains(&pulse.topic);
        for (level, is_for) in [(1, is_warned), (2, permissions.manage)] {
            if is_for && told_level < level && level <= pulse.alert_level {
                self.queue.push_back(Event::new(Data::Warning {
                    chat_session_id: pulse.session.0,
                    topic_id: pulse.topic.0,
                    alert_level: level,
                    waiting_seconds: waited.max(0),
                }));
            }
        }
    }

    fn tell_message(&mut self, message: &Message) {
        if let Some(told) = self.sessions.get_mut(&message.session) {
            if message.id <= told.up_to {
                return;
            }
            told.up_to = message.id;
        }
        // Without an id: this stream is begun anew from how things stand, not from an event.
        self.queue.push_back(Event::new(Data::Message(Box::new(carrier::message(message.clone())))));
    }

    /// Tells what differs from what was told; gives the sessions with messages up to one that was not.
    fn compare(
        &mut self,
        mut sessions: Vec<(Pulse, MessageId)>,
        waiting: Vec<(TopicId, usize)>,
        audience: &Audience,
        now: Timestamp,
    ) -> Vec<(SessionId, MessageId)> {
        sessions.sort_by_key(|(pulse, _)| pulse.session);
        for (topic, waiting) in waiting {
            self.tell_queue(topic, waiting, audience);
        }
        let mut unread = Vec::new();
        for (pulse, up_to) in sessions {
            let is_known = self.sessions.contains_key(&pulse.session);
            if !is_known && !pulse.is_moving() {
                continue;
            }
            self.hear_session(None, &pulse, audience, now);
            if let Some(told) = self.sessions.get_mut(&pulse.session) {
                if !is_known {
                    // What was said before the user could hear it is not told.
                    told.up_to = up_to;
                } else if told.up_to < up_to && self.hears_messages(&pulse) {
                    unread.push((pulse.session, up_to));
                }
            }
        }
        unread
    }

    /// Forgets what makes no news any more.
    fn forget(&mut self, is_there: impl Fn(SessionId) -> bool) {
        self.sessions.retain(|session, _| is_there(*session));
    }

    /// What was told of and is not there any more.
    fn lost(&self, is_there: impl Fn(SessionId) -> bool) -> BTreeSet<SessionId> {
        self.sessions.keys().copied().filter(|session| !is_there(*session)).collect()
    }
}
