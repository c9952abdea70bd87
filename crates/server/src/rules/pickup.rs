//! Picking up a session: what changes when an agent answers a waiting customer.
//!
//! A store finds the session that has waited longest and locks it; this module says what becomes of it; the store writes
//! that down in the same transaction.

use jiff::{SignedDuration, Timestamp};

use super::text::{self, Composer, QueueFigures};
use crate::records::{AssociateId, MessageType, NewMessage, Session, SpecialType, Status};

/// What a store knows about the session that is about to be picked up.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// When the customer asked for it.
    pub when_requested: Timestamp,
    /// Its place in the queue of its topic, from 1.
    pub place: i64,
    /// The first message so far, empty when nobody wrote anything.
    pub first_message: String,
    /// The last message so far.
    pub last_message: String,
    /// The topic's welcome message, empty for none.
    pub welcome_message: String,
    /// The topic's language, empty for none.
    pub language: String,
    /// How customers of the topic waited so far.
    pub waits: Waits,
    /// The full name of the agent who answers.
    pub agent_full_name: String,
    /// Whether it was accepted before and put back.
    pub was_reset: bool,
    /// Ranks of the agent's other active sessions, in any order.
    pub ranks_in_use: Vec<i32>,
}

/// How long the customers of a topic waited for their answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Sessions accepted.
    pub accepted: i64,
    /// Seconds that these waited, altogether.
    pub total_seconds: i64,
}

impl Waits {
    /// Those of one session, as it was before it was accepted after so many seconds. A customer waits for an answer once:
    /// who comes back into the queue out of a conversation has had one, and counted. The time since the request would be
    /// mostly that of the conversation.
    pub fn of_one(session: &Session, seconds: i64) -> Self {
        Self::of_first(!session.was_reset, seconds)
    }

    /// Those of one session that was requested and accepted at these instants.
    pub fn between(requested: Timestamp, accepted: Timestamp) -> Self {
        Self::of_first(true, waited_seconds(requested, accepted))
    }

    fn of_first(is_first: bool, seconds: i64) -> Self {
        if is_first { Self { accepted: 1, total_seconds: seconds.max(0) } } else { Self::default() }
    }

    /// With these.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self { accepted: self.accepted + more.accepted, total_seconds: self.total_seconds + more.total_seconds }
    }

    /// Average seconds from request to accept (`SecondsPrAccept`), rounded down; 0 before the first.
    pub fn average_seconds(self) -> i64 {
        if self.accepted == 0 { 0 } else { self.total_seconds / self.accepted }
    }
}

fn waited_seconds(requested: Timestamp, accepted: Timestamp) -> i64 {
    // A clock that was set back must not shorten other people's waiting.
    accepted.duration_since(requested).as_secs().max(0)
}

/// What becomes of a session that is picked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The new status.
    pub status: Status,
    /// `WhenStarted`, `WhenIdle` and the topic's `LastAccept`.
    pub when: Timestamp,
    /// The number among the agent's active sessions.
    pub rank: i32,
    /// The welcome message, unless the topic has none.
    pub message: Option<NewMessage>,
    /// `FirstMessage` from now on.
    pub first_message: String,
    /// `LastMessage` from now on.
    pub last_message: String,
    /// How long the customer waited. The topic's figures grow by it, see [`Waits::of_one`].
    pub waited_seconds: i64,
}

impl Acceptance {
    /// Makes the session what it is from now on.
    pub fn apply(&self, session: &mut Session, agent: AssociateId) {
        session.status = self.status;
        session.user = Some(agent);
        session.rank = self.rank;
        session.when_started = Some(self.when);
        session.when_idle = Some(self.when);
        // Somebody has answered.
        session.alert_level = 0;
        session.first_message.clone_from(&self.first_message);
        session.last_message.clone_from(&self.last_message);
    }
}

/// Says what becomes of a waiting session when it is picked up at `now`; `composer` makes the welcome message.
pub fn accept(waiting: &Waiting, now: Timestamp, composer: &Composer) -> Acceptance {
    let waited_seconds = waited_seconds(waiting.when_requested, now);
    let waits = waiting.waits.and(Waits::of_first(!waiting.was_reset, waited_seconds));
    let figures =
        QueueFigures { place: waiting.place, average_wait: SignedDuration::from_secs(waits.average_seconds()) };
    let welcome = composer.topic_text(&waiting.welcome_message, &waiting.language, figures);
    let copy = text::message_copy(&welcome);
    let or_welcome = |message: &str| if message.is_empty() { copy.clone() } else { message.to_owned() };
    Acceptance {
        status: Status::UserLast,
        when: now,
        rank: lowest_free_rank(&waiting.ranks_in_use),
        first_message: or_welcome(&waiting.first_message),
        last_message: if welcome.is_empty() { waiting.last_message.clone() } else { copy.clone() },
        message: (!welcome.is_empty()).then(|| NewMessage {
            message_type: MessageType::ToCustomer,
            special_type: SpecialType::Welcome,
            special_param: String::new(),
            text: welcome,
            author: waiting.agent_full_name.clone(),
            when_posted: now,
        }),
        waited_seconds,
    }
}

/// The lowest positive number that is not among `in_use`.
pub fn lowest_free_rank(in_use: &[i32]) -> i32 {
    let mut sorted: Vec<i32> = in_use.iter().copied().filter(|&rank| rank > 0).collect();
    sorted.sort_unstable();
    let mut free = 1;
    for rank in sorted {
        if rank > free {
            break;
        }
        if rank == free {
            free += 1;
        }
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn composer() -> Composer {
        Composer { resources: std::sync::Arc::new(chat_api::NoResources), culture: None }
    }

    fn waiting() -> Waiting {
        Waiting {
            when_requested: at(1_000),
            place: 1,
            first_message: String::new(),
            last_message: String::new(),
            welcome_message: "Welcome, {cque} after {cavw}".to_owned(),
            language: "en".to_owned(),
            waits: Waits { accepted: 1, total_seconds: 60 },
            was_reset: false,
            agent_full_name: "Terje Nilsen".to_owned(),
            ranks_in_use: vec![1, 3],
        }
    }

    #[test]
    fn ranks_fill_gaps_first() {
        #[track_caller]
        fn check(in_use: &[i32], expected: i32) {
            assert_eq!(lowest_free_rank(in_use), expected);
        }
        check(&[], 1);
        check(&[1, 2, 3], 4);
        check(&[3, 1], 2);
        check(&[2, 3], 1);
        check(&[0, 0, -1, 1, 1], 2);
    }

    #[test]
    fn acceptance_welcomes_the_customer() {
        let accepted = accept(&waiting(), at(1_180), &composer());
        assert_eq!((accepted.status, accepted.rank, accepted.when), (Status::UserLast, 2, at(1_180)));
        assert_eq!(accepted.waited_seconds, 180);
        assert_eq!(accepted.last_message, "Welcome, 1 after 00:02");
        assert_eq!(accepted.first_message, accepted.last_message);
        let message = accepted.message.expect("a welcome message");
        assert_eq!((message.message_type, message.special_type), (MessageType::ToCustomer, SpecialType::Welcome));
        assert_eq!(message.author, "Terje Nilsen");
    }

    #[test]
    fn first_message_of_the_customer_stays_first() {
        let first = Waiting { first_message: "Hi".into(), last_message: "Anyone?".into(), ..waiting() };
        let accepted = accept(&first, at(1_000), &composer());
        assert_eq!(accepted.first_message, "Hi");
        assert_eq!(accepted.last_message, "Welcome, 1 after 00:00");
    }

    #[test]
    fn topic_without_welcome_message_says_nothing() {
        let silent = Waiting { welcome_message: String::new(), last_message: "Anyone?".into(), ..waiting() };
        let accepted = accept(&silent, at(1_000), &composer());
        assert_eq!((accepted.message, accepted.last_message.as_str()), (None, "Anyone?"));
        assert_eq!(accepted.status, Status::UserLast);
    }

    #[test]
    fn second_acceptance_is_no_second_wait() {
        let again = Waiting { was_reset: true, ..waiting() };
        let accepted = accept(&again, at(1_000 + 3_600), &composer());
        assert_eq!(accepted.last_message, "Welcome, 1 after 00:01", "that of the others");
        assert_eq!(accepted.waited_seconds, 3_600);
    }

    #[test]
    fn clock_set_back_counts_as_no_waiting() {
        assert_eq!(Waits::between(at(100), at(50)), Waits { accepted: 1, total_seconds: 0 });
        assert_eq!(Waits::default().average_seconds(), 0);
    }
}
