//! All states, all steps, all kinds of caller; then what each step changes.

use std::sync::Arc;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::records::{AssociateId, Customer, NewTopic, OpeningHours, SessionId, SessionView, TopicId};
use crate::rules::pickup::Waits;
use crate::rules::text::Composer;

const OWNER: i32 = 1;
const ASKED: i32 = 7;

fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn user(id: i32) -> User {
    User {
        id: AssociateId(id),
        user_name: format!("user{id}"),
        name: format!("U{id}"),
        full_name: format!("User {id}"),
        formal_name: String::new(),
        tooltip: String::new(),
        kind: "Employee".to_owned(),
        person_id: None,
        ej_user_id: None,
        group_idx: None,
        rank: None,
        deleted: false,
        disabled: false,
        sign_in_generation: 0,
    }
}

fn permissions(words: &str) -> Permissions {
    let has = |word| words.split_whitespace().any(|other| other == word);
    Permissions { respond: has("respond"), notify: has("notify"), listen: has("listen"), manage: has("manage") }
}

fn topic() -> Topic {
    Topic {
        id: TopicId(10),
        about: NewTopic {
            name: "Support".to_owned(),
            language: "en".to_owned(),
            welcome_message: "Welcome, {cque}".to_owned(),
            ..NewTopic::default()
        },
        waits: Waits { accepted: 1, total_seconds: 60 },
        last_accept: None,
    }
}

/// A session that came to this state in an ordinary way: with a user once there was a conversation, and asked over to
/// another while there is one.
fn session(status: Status) -> Session {
    let was_accepted = status.is_active() || matches!(status, Status::Finished | Status::Closed | Status::Deleted);
    let an_hour_ago = now() - SignedDuration::from_hours(1);
    Session {
        id: SessionId(5),
        topic: TopicId(10),
        status,
        user: was_accepted.then_some(AssociateId(OWNER)),
        transfer_to: status.is_active().then_some(AssociateId(ASKED)),
        customer: Customer { alias: "Kari".to_owned(), ..Customer::default() },
        first_message: "Hi".to_owned(),
        last_message: "Anyone?".to_owned(),
        when_requested: Some(an_hour_ago),
        when_started: was_accepted.then_some(an_hour_ago),
        when_ended: None,
        when_idle: Some(an_hour_ago),
        when_fetched: Some(an_hour_ago),
        unanswered_since: (status == Status::CustomerLast).then_some(an_hour_ago),
        was_reset: false,
        key: "key".to_owned(),
        initial_queue_pos: 1,
        alert_level: 2,
        rank: i32::from(status.is_active()),
        flags: if status.is_active() { "CustomerIsTyping, UserIsTyping" } else { "" }.to_owned(),
    }
}

fn situation(status: Status, actor: Option<(i32, &str)>) -> Situation {
    let session = session(status);
    Situation {
        user: session.user.map(|id| user(id.0)),
        session,
        topic: topic(),
        actor: actor.map(|(id, words)| (user(id), permissions(words))),
        target: Some((user(9), permissions("respond"))),
        someone_present: true,
        place: 2,
        ranks_in_use: vec![1, 3],
    }
}

fn composer() -> Composer {
    Composer { resources: Arc::new(chat_api::NoResources), culture: None }
}

type Step = fn(&Situation) -> Result<Change, Refusal>;

/// Callers, and a letter a state.
type Rows = &'static [(&'static str, &'static str)];

const CALLERS: [(&str, Option<(i32, &str)>); 9] = [
    // Without any permission: that the session is theirs is enough.
    ("owner", Some((OWNER, ""))),
    ("manager", Some((2, "manage notify"))),
    ("respondent", Some((3, "respond"))),
    ("listener", Some((4, "listen"))),
    ("notified", Some((5, "notify"))),
    ("stranger", Some((6, ""))),
    ("asked", Some((ASKED, "respond"))),
    // And lost the right to respond afterwards.
    ("asked once", Some((ASKED, "listen"))),
    ("customer", None),
];

/// For each step and caller a letter a state, in the order of [`Status::ALL`]: the state that follows, `f` for forbidden,
/// `c` for a conflict.
///
/// `O` OfflineForm, `Q` InQueue, `C` CustomerLast, `U` UserLast, `F` Finished, `X` Closed, `Z` ClosedFromQueue; nothing
/// leads to the others.
#[rustfmt::skip]
const STEPS: &[(&str, Step, Rows)] = &[
    ("post by user", |s| post_by_user(s, "Hello", now()), &[
        ("owner",      "fffffUUcccff"),
        ("manager",    "cccccfffffcc"),
        ("respondent", "cccccfffffcc"),
        ("asked",      "cccccfffffcc"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("pick up", |s| pick_up(s, now(), &composer()), &[
        ("owner",      "ffffffffffff"),
        ("manager",    "ffffffffffff"),
        ("respondent", "ccccUccccccc"),
        ("asked",      "ccccUccccccc"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("request transfer", request_transfer, &[
        ("owner",      "fffffCUcccff"),
        ("manager",    "cccccCUccccc"),
        ("respondent", "cccccfffffcc"),
        ("asked",      "cccccfffffcc"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("accept transfer", |s| accept_transfer(s, now()), &[
        ("owner",      "fffffffcccff"),
        ("manager",    "cccccffccccc"),
        ("respondent", "cccccffccccc"),
        ("asked",      "cccccCUccccc"),
        ("asked once", "ffffffffffff"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("reject transfer", |s| reject_transfer(s, now()), &[
        ("owner",      "fffffffcccff"),
        ("manager",    "cccccffccccc"),
        ("respondent", "cccccffccccc"),
        ("asked",      "cccccCUccccc"),
        ("asked once", "fffffCUfffff"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("reset", reset, &[
        ("owner",      "fffffQQcccff"),
        ("manager",    "cccccQQccccc"),
        ("respondent", "cccccfffffcc"),
        ("asked",      "cccccfffffcc"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    ("end by user", |s| end_by_user(s, now()), &[
        ("owner",      "fffffXXXccff"),
        ("manager",    "cXXXXXXXccXc"),
        ("respondent", "cffffffffffc"),
        ("asked",      "cffffffffffc"),
        ("listener",   "ffffffffffff"),
        ("notified",   "ffffffffffff"),
        ("stranger",   "ffffffffffff"),
        ("customer",   "ffffffffffff"),
    ]),
    // Who is the customer is settled by the key, before these are asked.
    ("post by customer", |s| post_by_customer(s, "Hello", now()), &[("customer", "ccccQCCccccc")]),
    ("end by customer", |s| end_by_customer(s, now()), &[("customer", "cXXXZXXXccXc")]),
    ("close idle", |s| close_idle(s, idle_since(now()), now()), &[("customer", "ccccZXXccccc")]),
];

fn idle_since(since: Timestamp) -> IdleSince {
    IdleSince { waiting: Some(since), customer: Some(since), user: Some(since) }
}

fn letter(outcome: &Result<Change, Refusal>) -> char {
    match outcome {
        Err(Refusal::Forbidden(_)) => 'f',
        Err(Refusal::Conflict(_)) => 'c',
        Err(_) => '?',
        Ok(change) => match change.session.status {
            Status::OfflineForm => 'O',
            Status::InQueue => 'Q',
            Status::CustomerLast => 'C',
            Status::UserLast => 'U',
            Status::Finished => 'F',
            Status::Closed => 'X',
            Status::ClosedFromQueue => 'Z',
            _ => '!',
        },
    }
}

#[test]
fn every_step_of_every_caller_in_every_state_is_as_the_table_says() {
    let mut failures = Vec::new();
    for (name, step, rows) in STEPS {
        for (caller, expected) in *rows {
            let actor = CALLERS.iter().find(|(name, _)| name == caller).unwrap().1;
            let found: String = Status::ALL
                .iter()
                .map(|&status| {
                    let situation = situation(status, actor);
                    let outcome = step(&situation);
                    match &outcome {
                        Err(Refusal::Conflict(conflict)) => {
                            let message = conflict.to_string();
                            assert!(message.contains(&format!("`{}`", status.as_str())), "{message}");
                        }
                        Err(Refusal::Forbidden(reserved)) => {
                            let message = reserved.to_string();
                            assert!(!Status::ALL.iter().any(|status| message.contains(status.as_str())), "{message}");
                        }
                        _ => {}
                    }
                    if let Ok(change) = &outcome {
                        check_always(&situation, change);
                    }
                    letter(&outcome)
                })
                .collect();
            if found != *expected {
                failures.push(format!("{name} by {caller}: {found} instead of {expected}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What holds after every step.
#[track_caller]
fn check_always(before: &Situation, change: &Change) {
    let session = &change.session;
    assert_eq!((session.id, session.topic), (before.session.id, before.session.topic));
    assert_eq!(session.key, before.session.key);
    assert_eq!(session.when_requested, before.session.when_requested);
    assert_eq!(session.unanswered_since.is_some(), session.status == Status::CustomerLast, "{session:?}");
    assert_eq!(session.rank > 0, session.status.is_active(), "{session:?}");
    assert_eq!(session.status.is_active(), session.user.is_some() && session.when_ended.is_none(), "{session:?}");
    if !session.status.is_active() {
        assert_eq!(session.transfer_to, None);
        assert!(!session.flags.contains("UserIsTyping"));
    }
    let is_over = matches!(session.status, Status::Closed | Status::ClosedFromQueue | Status::Finished);
    assert_eq!(session.when_ended.is_some(), is_over);
    assert_eq!(
        change.accepted_after_secs.is_some(),
        before.session.status == Status::InQueue && session.status.is_active()
    );
    assert!(change.messages.iter().all(|message| message.when_posted == now()));
}

/// The status, position and whether there is a message.
fn opening(someone_present: bool, hours: &[OpeningHours], waiting: i64) -> Opening {
    let mut topic = topic();
    topic.about.hours = hours.to_vec();
    start(&NewSituation { topic, someone_present, waiting }, first_message("Hi", "Kari", now()), now())
}

#[test]
fn session_waits_within_the_hours_while_somebody_is_there() {
    // 2 March 2026 is a Monday.
    let open = OpeningHours { weekday: Weekday::Monday, opens: 540, closes: 600 };
    let shut = OpeningHours { weekday: Weekday::Tuesday, opens: 540, closes: 600 };
    for (someone_present, hours, expected) in [
        (true, &[][..], Status::InQueue),
        (true, &[open], Status::InQueue),
        (true, &[shut], Status::OfflineForm),
        (false, &[open], Status::OfflineForm),
        (false, &[], Status::OfflineForm),
    ] {
        assert_eq!(opening(someone_present, hours, 0).status, expected, "{someone_present} {hours:?}");
    }
    let begun = opening(true, &[], 4);
    assert_eq!((begun.initial_queue_pos, begun.when_requested), (5, now()));
    assert_eq!(opening(true, &[], i64::MAX).initial_queue_pos, i32::MAX);
    let message = begun.message.unwrap();
    assert_eq!((message.message_type, message.special_type), (MessageType::ToUser, SpecialType::None));
    assert_eq!((message.text.as_str(), message.author.as_str()), ("Hi", "Kari"));
    assert_eq!(first_message("", "Kari", now()), None);
}

#[test]
fn messages_are_copied_stop_their_writers_typing_and_count_as_a_sign_of_life() {
    let long = "ø".repeat(2000);
    let owner = Some((OWNER, ""));
    for (change, message_type, author, flags) in [
        (
            post_by_customer(&situation(Status::UserLast, None), &long, now()),
            MessageType::ToUser,
            "Kari",
            "UserIsTyping",
        ),
        (
            post_by_user(&situation(Status::CustomerLast, owner), &long, now()),
            MessageType::ToCustomer,
            "User 1",
            "CustomerIsTyping",
        ),
    ] {
        let change = change.unwrap();
        assert_eq!(change.session.first_message, "Hi");
        assert_eq!(change.session.last_message.chars().count(), 1024);
        assert_eq!(change.session.when_idle, Some(now()));
        assert_eq!(change.session.flags, flags);
        let [message] = change.messages.as_slice() else { panic!("{:?}", change.messages) };
        assert_eq!((message.message_type, message.author.as_str()), (message_type, author));
        assert_eq!(message.text, long);
    }
    let mut silent = situation(Status::InQueue, None);
    silent.session.first_message.clear();
    assert_eq!(post_by_customer(&silent, "One", now()).unwrap().session.first_message, "One");
}

#[test]
fn customers_wait_from_their_first_message_without_an_answer() {
    let later = |seconds| now() + SignedDuration::from_secs(seconds);
    let begin = Situation { session: session(Status::UserLast), ..situation(Status::UserLast, Some((OWNER, ""))) };
    let step = |before: &Situation, change: Result<Change, Refusal>| Situation {
        session: change.unwrap().session,
        ..before.clone()
    };
    let wait = |situation: &Situation| (situation.session.unanswered_since, situation.session.alert_level);
    let asked = step(&begin, post_by_customer(&begin, "Hello?", later(0)));
    assert_eq!(wait(&asked), (Some(later(0)), 0), "what was warned of is over");
    let mut warned = step(&asked, post_by_customer(&asked, "Anyone?", later(60)));
    assert_eq!((wait(&warned), warned.session.when_idle), ((Some(later(0)), 0), Some(later(60))));
    warned.session.alert_level = 1;
    let nagged = step(&warned, post_by_customer(&warned, "??", later(90)));
    assert_eq!(wait(&nagged), (Some(later(0)), 1));
    assert_eq!(wait(&step(&nagged, post_by_user(&nagged, "Here I am", later(95)))), (None, 0));
    let asker = Situation { actor: Some((user(ASKED), permissions("respond"))), ..nagged };
    assert_eq!(wait(&step(&asker, accept_transfer(&asker, later(95)))), (Some(later(0)), 1), "still no answer");
}

#[test]
fn given_session_is_picked_up_like_the_first() {
    let change = pick_up(&situation(Status::InQueue, Some((3, "respond"))), now(), &composer()).unwrap();
    let session = change.session;
    assert_eq!((session.user, session.rank, session.status), (Some(AssociateId(3)), 2, Status::UserLast));
    assert_eq!((session.when_started, session.when_idle, session.alert_level), (Some(now()), Some(now()), 0));
    assert_eq!((session.first_message.as_str(), session.last_message.as_str()), ("Hi", "Welcome, 2"));
    assert_eq!(change.accepted_after_secs, Some(3600));
    let [welcome] = change.messages.as_slice() else { panic!("{:?}", change.messages) };
    assert_eq!((welcome.special_type, welcome.author.as_str()), (SpecialType::Welcome, "User 3"));
}

#[test]
fn transfer_is_asked_of_one_who_is_able() {
    let asked_of = |id: i32, words: &str, deleted: bool| {
        let mut situation = situation(Status::UserLast, Some((OWNER, "")));
        situation.target = Some((User { deleted, ..user(id) }, permissions(words)));
        request_transfer(&situation).map(|change| change.session.transfer_to)
    };
    assert_eq!(asked_of(9, "respond", false), Ok(Some(AssociateId(9))), "in place of the one who was asked before");
    assert_eq!(asked_of(9, "manage", false), Ok(Some(AssociateId(9))));
    for (words, deleted) in [("", false), ("listen notify", false), ("respond", true)] {
        assert_eq!(asked_of(9, words, deleted), Err(Refusal::Invalid(Unfit::Target(AssociateId(9)))), "{words}");
    }
    let own = asked_of(OWNER, "respond", false).unwrap_err();
    assert_eq!(own.to_string(), "the user handles the session already: it is `UserLast`");
    // Nothing is said, and the user goes on.
    let change = request_transfer(&situation(Status::UserLast, Some((2, "manage")))).unwrap();
    assert_eq!((change.messages.len(), change.session.user), (0, Some(AssociateId(OWNER))));
}

#[test]
fn accepted_transfer_changes_the_user_and_rejected_does_not() {
    let asked = situation(Status::CustomerLast, Some((ASKED, "respond")));
    let accepted = accept_transfer(&asked, now()).unwrap();
    let session = accepted.session;
    assert_eq!((session.user, session.rank, session.transfer_to), (Some(AssociateId(ASKED)), 2, None));
    assert_eq!((session.status, session.when_started), (Status::CustomerLast, asked.session.when_started));
    assert_eq!((session.when_idle, session.last_message.as_str()), (Some(now()), "Anyone?"));
    let rejected = reject_transfer(&asked, now()).unwrap();
    let expected = Session { transfer_to: None, ..asked.session };
    assert_eq!(rejected.session, expected);
    for (messages, special_type, shown) in [
        (accepted.messages, SpecialType::TransferedSession, true),
        (rejected.messages, SpecialType::TransferRejected, false),
    ] {
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!((message.message_type, message.special_type), (MessageType::Special, special_type));
        assert_eq!((message.special_param.as_str(), message.text.as_str()), ("User 7", ""));
        assert_eq!(customer_sees(message), shown);
    }
}

#[test]
fn reset_session_is_as_it_was_before_it_was_picked_up() {
    for (someone_present, status) in [(true, Status::InQueue), (false, Status::OfflineForm)] {
        let situation = Situation { someone_present, ..situation(Status::UserLast, Some((OWNER, ""))) };
        let change = reset(&situation).unwrap();
        let expected = Session {
            status,
            user: None,
            rank: 0,
            when_started: None,
            alert_level: 0,
            was_reset: true,
            transfer_to: None,
            flags: "CustomerIsTyping".to_owned(),
            ..situation.session
        };
        assert_eq!(change, Change { session: expected, messages: Vec::new(), accepted_after_secs: None });
    }
}

#[test]
fn ended_session_says_who_ended_it_and_leads_to_its_form() {
    let ended = |status, has_post_chat_form, by_customer| {
        let mut situation = situation(status, Some((2, "manage")));
        situation.topic.about.has_post_chat_form = has_post_chat_form;
        let change = if by_customer { end_by_customer(&situation, now()) } else { end_by_user(&situation, now()) };
        let change = change.unwrap();
        assert_eq!((change.session.when_ended, change.session.flags.as_str()), (Some(now()), ""));
        let said = change.messages.first().map(|message| (message.special_type, message.author.clone()));
        (change.session.status, said)
    };
    let by_user = || Some((SpecialType::ClosedByUser, "User 2".to_owned()));
    let by_customer = || Some((SpecialType::ClosedByCustomer, "Kari".to_owned()));
    assert_eq!(ended(Status::UserLast, false, false), (Status::Closed, by_user()));
    assert_eq!(ended(Status::UserLast, true, false), (Status::Finished, by_user()));
    assert_eq!(ended(Status::CustomerLast, true, true), (Status::Finished, by_customer()));
    assert_eq!(ended(Status::Finished, true, true), (Status::Closed, None));
    assert_eq!(ended(Status::InQueue, true, true), (Status::ClosedFromQueue, by_customer()));
    assert_eq!(ended(Status::InQueue, true, false), (Status::Closed, by_user()), "the queue is left by customers");
    assert_eq!(ended(Status::OfflineForm, true, true), (Status::Closed, by_customer()));

    let mut finished = situation(Status::Finished, None);
    let earlier = now() - SignedDuration::from_mins(5);
    finished.session.when_ended = Some(earlier);
    assert_eq!(end_by_customer(&finished, now()).unwrap().session.when_ended, Some(earlier));
}

#[test]
fn only_what_is_still_idle_is_closed() {
    let closed = |status, since: IdleSince, when_idle: Option<Timestamp>| {
        let mut situation = situation(status, None);
        situation.topic.about.has_post_chat_form = true;
        situation.session.when_idle = when_idle;
        close_idle(&situation, since, now()).map(|change| {
            let [message] = change.messages.as_slice() else { panic!("{:?}", change.messages) };
            assert_eq!(message.special_type, SpecialType::ClosedByIdle);
            change.session.status
        })
    };
    let long_ago = Some(now() - SignedDuration::from_hours(2));
    let half = now() - SignedDuration::from_mins(30);
    let nothing = IdleSince { waiting: None, customer: None, user: None };
    assert_eq!(closed(Status::UserLast, idle_since(half), long_ago), Ok(Status::Closed));
    assert_eq!(closed(Status::UserLast, idle_since(half), None), Ok(Status::Closed));
    assert_eq!(closed(Status::InQueue, idle_since(half), long_ago), Ok(Status::ClosedFromQueue));
    for (status, since, when_idle) in [
        (Status::UserLast, idle_since(half), Some(now())),
        (Status::UserLast, idle_since(half), Some(half)),
        (Status::UserLast, IdleSince { customer: None, ..idle_since(half) }, long_ago),
        (Status::CustomerLast, IdleSince { user: None, ..idle_since(half) }, long_ago),
        (Status::InQueue, nothing, long_ago),
        (Status::InQueue, idle_since(half), Some(now())),
    ] {
        let expected = Refusal::Conflict(Conflict { status, obstacle: Obstacle::NotIdle });
        assert_eq!(closed(status, since, when_idle), Err(expected), "{status:?} {since:?}");
    }
}

#[test]
fn readers_are_those_whom_the_session_concerns() {
    let reader = |id: i32, words: &str| {
        let session = session(Status::UserLast);
        let (user, transfer_to) = (Some(user(OWNER)), Some(user(ASKED)));
        let view =
            SessionView { session, user, transfer_to, links: Default::default(), permissions: permissions(words) };
        let reader = Reader::of(AssociateId(id), &view);
        (reader.may_look().is_ok(), reader.may_read().is_ok())
    };
    for (id, words, expected) in [
        (OWNER, "", (true, true)),
        (ASKED, "", (true, true)),
        (2, "manage", (true, true)),
        (3, "respond", (true, true)),
        (4, "listen", (true, true)),
        (5, "notify", (true, false)),
        (6, "", (false, false)),
    ] {
        assert_eq!(reader(id, words), expected, "{id} {words}");
    }
}
