//! A store that counts what goes through it: the one place that all parts of the service share, the background's too.
//!
//! How sessions begin, are accepted and end is read off the rules' own changes, so that what counts is what was
//! committed, and once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Metrics;
use crate::auth::{SecretHash, SecretKind};
use crate::import::Batch;
use crate::records::{
    AssociateId, Login, Membership, Message, MessageId, NewTopic, Permissions, Presence, SessionId, SessionView,
    Status, Topic, TopicId, User,
};
use crate::rules::life::Situation;
use crate::store::{
    AccountStore, Application, Audience, CredentialStore, Ended, Expired, FamiliarStore, FeedStore, IdleSince,
    Inventory, IssuedSecret, LifeStore, LongWaiting, Moving, NewBrowserSession, NewSecret, NewUser, Outcome, PickUp,
    Pulse, Rule, SessionChange, SessionStart, SessionsPage, Store, StoreError, TopicStore, Wire,
};

/// Counts calls of another store.
pub(crate) struct MeteredStore {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

/// What a rule made of a session.
#[derive(Clone, Copy)]
struct Step {
    /// How the session stands after having ended just now.
    ended: Option<Status>,
    /// Seconds that it waited, where it was accepted just now.
    accepted_after_secs: Option<i64>,
    /// Whether it had been accepted before.
    was_reset: bool,
}

impl MeteredStore {
    /// Counts calls of `store`.
    pub(crate) fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { store, metrics }
    }

    async fn metered<T>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        let begun = Instant::now();
        let result = call.await;
        self.metrics.store_called(begun.elapsed(), &result);
        result
    }
}

/// The same rule, which also notes what it decided last: a store may ask it again.
fn noting(rule: Rule) -> (Rule, Arc<Mutex<Option<Step>>>) {
    let noted = Arc::new(Mutex::new(None));
    let notes = Arc::clone(&noted);
    let rule = move |situation: &Situation| {
        let decided = rule(situation);
        *notes.lock().unwrap_or_else(PoisonError::into_inner) = decided.as_ref().ok().map(|change| Step {
            ended: (situation.session.when_ended.is_none() && change.session.when_ended.is_some())
                .then_some(change.session.status),
            accepted_after_secs: change.accepted_after_secs,
            was_reset: situation.session.was_reset,
        });
        decided
    };
    (Arc::new(rule), noted)
}

/// Declares methods that hand their call on.
macro_rules! metered {
    ($trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)* } $($by_hand:tt)*) => {
        #[async_trait]
        impl $trait for MeteredStore {
            $(
                async fn $name(&self, $($argument: $type),*) -> Result<$output, StoreError> {
                    self.metered(self.store.$name($($argument),*)).await
                }
            )*
            $($by_hand)*
        }
    };
}

metered!(Store {
    check() -> ();
    is_current() -> bool;
    login(user_name: &str) -> Option<Login>;
    sessions_for(caller: AssociateId) -> Vec<SessionView>;
    users() -> Vec<User>;
    add_user(user: NewUser) -> AssociateId;
    is_empty() -> bool;
    inventory() -> Inventory;
    import(batch: Batch) -> ();
}
async fn sessions_page(&self, caller: AssociateId, after: SessionId, limit: u32) -> Result<SessionsPage, StoreError> {
    let page = self.metered(self.store.sessions_page(caller, after, limit)).await?;
    let metrics = Arc::clone(&self.metrics);
    Ok(page.watched(move |error| metrics.store_failed(error)))
}

async fn pick_up_first(&self, pickup: PickUp) -> Result<Outcome, StoreError> {
    let outcome = self.metered(self.store.pick_up_first(pickup)).await;
    if let Ok(Outcome::Done { view, messages, repeated: false }) = &outcome {
        // Who was accepted before has not waited since the request.
        let waited = view.session.when_started.zip(view.session.when_requested).filter(|_| !view.session.was_reset);
        self.metrics.session_picked_up(waited.map(|(started, asked)| started.duration_since(asked).as_secs()));
        self.metrics.messages_posted(messages);
    }
    outcome
}

async fn close(&self) {
    self.store.close().await;
});

metered!(LifeStore {
    session(caller: Option<AssociateId>, session: SessionId) -> Option<SessionView>;
    messages(session: SessionId, after: MessageId, limit: u32) -> Vec<Message>;
    customer_fetched(session: SessionId, up_to: MessageId, now: Timestamp) -> ();
    queue_place(session: SessionId) -> Option<i64>;
    idle_sessions(since: IdleSince, limit: u32) -> Vec<SessionId>;
    raise_alerts(now: Timestamp, limit: u32) -> Vec<LongWaiting>;
    forget_idempotency(before: Timestamp, limit: u32) -> u64;
    delete_ended(before: Timestamp, limit: u32) -> u64;
    sessions_of_customer(email: &str) -> Vec<SessionView>;
    delete_sessions(sessions: &[SessionId]) -> u64;
}
async fn start_session(&self, start: SessionStart) -> Result<Outcome, StoreError> {
    let outcome = self.metered(self.store.start_session(start)).await;
    if let Ok(Outcome::Done { view, messages, repeated: false }) = &outcome {
        self.metrics.session_started(view.session.status);
        self.metrics.messages_posted(messages);
    }
    outcome
}

async fn change_session(&self, change: SessionChange) -> Result<Outcome, StoreError> {
    let (rule, noted) = noting(change.rule);
    let outcome = self.metered(self.store.change_session(SessionChange { rule, ..change })).await;
    if let Ok(Outcome::Done { messages, repeated: false, .. }) = &outcome {
        self.metrics.messages_posted(messages);
        let noted = *noted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(status) = noted.and_then(|step| step.ended) {
            self.metrics.session_ended(status);
        }
        if let Some((step, waited)) = noted.and_then(|step| Some((step, step.accepted_after_secs?))) {
            self.metrics.session_picked_up(Some(waited).filter(|_| !step.was_reset));
        }
    }
    outcome
});

metered!(TopicStore {
    topics() -> Vec<Topic>;
    topic(topic: TopicId) -> Option<Topic>;
    add_topic(topic: NewTopic) -> TopicId;
    set_topic(topic: TopicId, about: NewTopic) -> bool;
    set_member(topic: TopicId, user: AssociateId, permissions: Permissions) -> ();
    memberships_of(user: AssociateId) -> Vec<Membership>;
    members_of(topic: TopicId) -> Vec<Membership>;
    queue_lengths(topics: &[TopicId]) -> Vec<(TopicId, i64)>;
    presences() -> Vec<Presence>;
    set_presences(presences: &[(AssociateId, bool)], now: Timestamp) -> ();
});

metered!(AccountStore {
    set_password(user_name: &str, password_hash: &str, now: Timestamp) -> Ended;
    disable_user(user_name: &str, now: Timestamp) -> Ended;
    enable_user(user_name: &str) -> ();
    end_sign_ins(user_name: &str, now: Timestamp) -> Ended;
});

metered!(CredentialStore {
    user(id: AssociateId) -> Option<User>;
    decoy_hash(seed: u32) -> Option<String>;
    replace_hash(user: AssociateId, old: &str, new: &str) -> ();
    add_secret(secret: NewSecret) -> i64;
    secret_owner(kind: SecretKind, hash: SecretHash, now: Timestamp) -> Option<AssociateId>;
    secrets(kind: SecretKind) -> Vec<IssuedSecret>;
    revoke_secret(kind: SecretKind, id: i64, now: Timestamp) -> bool;
    secrets_of(user: AssociateId, kind: SecretKind, now: Timestamp, limit: u32) -> Vec<IssuedSecret>;
    revoke_secret_of(user: AssociateId, kind: SecretKind, id: i64, now: Timestamp) -> ();
    revoke_secrets_of(user: AssociateId, kind: SecretKind, now: Timestamp) -> ();
    begin_session(session: NewBrowserSession) -> ();
    session_owner(hash: SecretHash, now: Timestamp, idle_since: Timestamp) -> Option<User>;
    end_session(hash: SecretHash) -> ();
    end_sessions_of(user: AssociateId, now: Timestamp) -> ();
    delete_expired(now: Timestamp, idle_since: Timestamp, limit: u32) -> Expired;
    add_application(name: &str, hash: SecretHash, now: Timestamp) -> ();
    application(hash: SecretHash) -> Option<String>;
    applications() -> Vec<Application>;
    revoke_application(name: &str, now: Timestamp) -> bool;
});

metered!(FamiliarStore {
    address_used(user_name: &str, address: &str, since: Timestamp) -> Option<Timestamp>;
    keep_address(user: &User, address: &str, now: Timestamp, limit: u32) -> ();
    device_used(user_name: &str, device: SecretHash, since: Timestamp) -> Option<Timestamp>;
    keep_device(user: &User, device: SecretHash, now: Timestamp, limit: u32) -> ();
    forget_familiar(addresses: Timestamp, devices: Timestamp, limit: u32) -> ();
});

metered!(FeedStore {
    moving_sessions(above: Option<SessionId>) -> Moving;
    pulses(sessions: &BTreeSet<SessionId>) -> Vec<Pulse>;
    audience() -> Audience;
    is_session_good(hash: SecretHash, now: Timestamp, idle_since: Timestamp) -> bool;
}
fn wire(&self) -> Option<Arc<dyn Wire>> {
    self.store.wire()
});
