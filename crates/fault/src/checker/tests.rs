//! Histories made by hand: each breaks one rule, or comes near to it.

mod held;
mod random;

use super::*;
use crate::history::{Answer, Call, Client, Fault, FinalState, Hit, Message, Outcome, Pickup, Session, Setup};

const ADA: Client = Client::Customer(1);
const BEN: Client = Client::Customer(2);
const EVE: i32 = 10;
const MAX: i32 = 11;
const TOPIC: i32 = 5;

/// A history that can be changed in a line.
#[derive(Clone, Default)]
struct Story {
    history: History,
}

fn message(id: i32, kind: &str, special: &str, text: &str) -> Message {
    Message { id, kind: kind.to_owned(), special: special.to_owned(), text: text.to_owned() }
}

fn session(id: i32, customer: &str, status: &str, user: Option<i32>) -> Session {
    let (status, customer, rank) = (status.to_owned(), customer.to_owned(), user.map(|_| 1));
    let has_end = status.starts_with("Closed");
    Session { id, topic: TOPIC, status, user, rank, customer, has_end }
}

fn start(customer: &str, text: &str) -> Call {
    start_on(TOPIC, customer, text)
}

fn start_on(topic: i32, customer: &str, text: &str) -> Call {
    Call::Start { topic, customer: customer.to_owned(), text: text.to_owned() }
}

fn post(session: i32, text: &str) -> Call {
    Call::Post { session, text: text.to_owned() }
}

fn ok(session: Session) -> Outcome {
    Outcome::Ok(Answer::Session(session))
}

fn unknown() -> Outcome {
    Outcome::Unknown("the connection broke".to_owned())
}

impl Story {
    /// Ada and Ben start sessions 1 and 2; Eve and Max pick them up; Ada and Eve talk; Eve ends it; Max asks for more.
    fn new() -> Self {
        let mut story = Self::default();
        story.history.setup = Setup { seed: 1, responders: [(TOPIC, vec![EVE, MAX])].into(), pickup: Pickup::Serial };
        story
            .call(0, ADA, 0..10, start("Ada", "t1"), ok(session(1, "Ada", "InQueue", None)))
            .call(1, BEN, 20..30, start("Ben", "t2"), ok(session(2, "Ben", "InQueue", None)))
            .call(2, Client::Agent(EVE), 40..50, Call::PickUp, ok(session(1, "Ada", "UserLast", Some(EVE))))
            .call(3, Client::Agent(MAX), 60..70, Call::PickUp, ok(session(2, "Ben", "UserLast", Some(MAX))))
            .call(4, ADA, 80..90, post(1, "m1"), Outcome::Ok(Answer::Posted(5)))
            .call(5, Client::Agent(EVE), 100..110, post(1, "a1"), Outcome::Ok(Answer::Posted(6)));
        let (one, two) = (story.messages(1), story.messages(2));
        story
            .call(
                6,
                ADA,
                120..130,
                Call::Read { session: 1, after: Some(1) },
                Outcome::Ok(Answer::Messages(one[1..4].into())),
            )
            .call(7, Client::Agent(EVE), 140..150, Call::End { session: 1 }, ok(session(1, "Ada", "Closed", Some(EVE))))
            .call(8, Client::Agent(MAX), 160..170, Call::PickUp, Outcome::Refused(404));
        story.history.end = FinalState {
            sessions: vec![session(1, "Ada", "Closed", Some(EVE)), session(2, "Ben", "UserLast", Some(MAX))],
            messages: [(1, one), (2, two)].into(),
        };
        story
    }

    fn messages(&self, session: i32) -> Vec<Message> {
        if session == 1 {
            vec![
                message(1, "ToUser", "None", "t1"),
                message(3, "ToCustomer", "Welcome", "Hello!"),
                message(5, "ToUser", "None", "m1"),
                message(6, "ToCustomer", "None", "a1"),
                message(7, "Special", "ClosedByUser", ""),
            ]
        } else {
            vec![message(2, "ToUser", "None", "t2"), message(4, "ToCustomer", "Welcome", "Hello!")]
        }
    }

    /// Any other change.
    fn with(&mut self, change: impl FnOnce(&mut History)) -> &mut Self {
        change(&mut self.history);
        self
    }

    fn call(
        &mut self,
        operation: u64,
        client: Client,
        time: std::ops::Range<u64>,
        call: Call,
        outcome: Outcome,
    ) -> &mut Self {
        let (start, end) = (time.start, time.end);
        self.history.events.push(Event { client, operation, server: 0, call, start, end, outcome });
        self
    }

    fn event(&mut self, operation: u64) -> &mut Event {
        self.history.events.iter_mut().find(|event| event.operation == operation).unwrap()
    }

    fn time(&mut self, operation: u64, time: std::ops::Range<u64>) -> &mut Self {
        let event = self.event(operation);
        (event.start, event.end) = (time.start, time.end);
        self
    }

    fn outcome(&mut self, operation: u64, outcome: Outcome) -> &mut Self {
        self.event(operation).outcome = outcome;
        self
    }

    fn without(&mut self, operation: u64) -> &mut Self {
        self.history.events.retain(|event| event.operation != operation);
        self
    }

    /// A blow to the service.
    fn fault(&mut self, hit: Hit, time: std::ops::Range<u64>) -> &mut Self {
        let (start, end) = (time.start, time.end);
        self.with(|history| history.faults.push(Fault { hit, start, end }))
    }

    /// A session in the end, replacing the one with its number.
    fn has(&mut self, session: Session) -> &mut Self {
        self.lost(session.id).history.end.sessions.push(session);
        self
    }

    fn lost(&mut self, session: i32) -> &mut Self {
        self.history.end.sessions.retain(|other| other.id != session);
        self
    }

    /// A message at a place of a session.
    fn wrote(&mut self, session: i32, place: usize, message: Message) -> &mut Self {
        self.history.end.messages.entry(session).or_default().insert(place, message);
        self
    }

    fn erased(&mut self, session: i32, id: i32) -> &mut Self {
        self.history.end.messages.entry(session).or_default().retain(|message| message.id != id);
        self
    }

    /// Session 3, which Eve has after a pickup of which she was not told.
    fn third(&mut self, customer: &str, text: &str) -> &mut Self {
        self.call(20, Client::Agent(EVE), 180..190, Call::PickUp, unknown())
            .has(session(3, customer, "UserLast", Some(EVE)))
            .wrote(3, 0, message(8, "ToUser", "None", text))
            .wrote(3, 1, message(9, "ToCustomer", "Welcome", "Hello!"))
    }
}

/// Which rules are broken, once each.
#[track_caller]
fn check_story(name: &str, change: impl FnOnce(&mut Story) -> &mut Story, expected: &[Rule]) {
    let mut story = Story::new();
    change(&mut story);
    let report = check(&story.history);
    let found: Vec<Rule> = report.violations.iter().map(|violation| violation.rule).collect();
    let texts: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{name}: {texts:#?}");
}

fn seen(ids: &[i32]) -> Outcome {
    let kept = Story::default().messages(1);
    Outcome::Ok(Answer::Messages(kept.into_iter().filter(|message| ids.contains(&message.id)).collect()))
}

#[test]
fn a_correct_history_is_accepted() {
    check_story("as it is", |s| s, &[]);
}

#[test]
fn starts() {
    let rule = &[Rule::Starts];
    check_story("lost", |s| s.lost(2), rule);
    check_story("nobody asked", |s| s.third("Zoe", "z").call(9, BEN, 1..2, start("Zo", "z"), unknown()), rule);
    check_story("made twice", |s| s.third("Ada", "t1"), rule);
    check_story(
        "another topic",
        |s| {
            s.event(1).call = start_on(6, "Ben", "t2");
            s
        },
        rule,
    );
    check_story(
        "repeated and other",
        |s| s.call(0, ADA, 12..14, start("Ada", "t1"), ok(session(9, "Ada", "InQueue", None))),
        rule,
    );
    check_story(
        "told the same",
        |s| s.call(9, BEN, 31..32, start("Bea", "t9"), ok(session(2, "Bea", "InQueue", None))),
        &[Rule::Starts, Rule::Messages],
    );
    check_story(
        "refused and there",
        |s| s.third("Zoe", "z").call(9, BEN, 1..2, start("Zoe", "z"), Outcome::Refused(429)),
        rule,
    );

    check_story("unknown and there", |s| s.third("Zoe", "z").call(9, BEN, 1..2, start("Zoe", "z"), unknown()), &[]);
    check_story("unknown and not there", |s| s.call(9, BEN, 1..2, start("Zoe", "z"), unknown()), &[]);
    check_story(
        "unknown, and answered when it was repeated",
        |s| {
            s.call(9, BEN, 172..173, start("Zoe", "z"), unknown())
                .call(9, BEN, 174..175, start("Zoe", "z"), ok(session(3, "Zoe", "InQueue", None)))
                .third("Zoe", "z")
                .call(9, BEN, 190..200, start("Zoe", "z"), ok(session(3, "Zoe", "UserLast", Some(EVE))))
        },
        &[],
    );
}

#[test]
fn pickups() {
    let rule = &[Rule::Pickups];
    let again = || ok(Session { rank: Some(2), ..session(1, "Ada", "UserLast", Some(MAX)) });
    check_story("given twice", |s| s.call(9, Client::Agent(MAX), 60..70, Call::PickUp, again()), rule);
    check_story("another has it", |s| s.has(session(2, "Ben", "UserLast", Some(EVE))), rule);
    check_story("never", |s| s.without(3).without(8).erased(2, 4).has(session(2, "Ben", "InQueue", None)), rule);
    check_story("untold", |s| s.without(3).without(8), rule);
    check_story("may not respond", |s| s.with(|h| h.setup.responders = [(TOPIC, vec![EVE])].into()), rule);
    check_story(
        "other user",
        |s| s.outcome(3, ok(Session { rank: Some(1), ..session(2, "Ben", "UserLast", None) })),
        rule,
    );
    check_story(
        "repeated and other",
        |s| s.call(3, Client::Agent(MAX), 72..75, Call::PickUp, ok(session(7, "Ben", "UserLast", Some(MAX)))),
        rule,
    );

    check_story("untold but possible", |s| s.outcome(3, unknown()), &[]);
    check_story(
        "left before",
        |s| {
            s.without(3).without(8).erased(2, 4).has(session(2, "Ben", "ClosedFromQueue", None)).call(
                9,
                BEN,
                60..70,
                Call::End { session: 2 },
                ok(session(2, "Ben", "ClosedFromQueue", None)),
            )
        },
        &[],
    );
    check_story(
        "one unknown explains one only",
        |s| {
            s.third("Zoe", "z")
                .call(9, BEN, 1..2, start("Zoe", "z"), unknown())
                .call(21, BEN, 1..2, start("Zac", "y"), unknown())
                .has(Session { rank: Some(2), ..session(4, "Zac", "UserLast", Some(EVE)) })
                .wrote(4, 0, message(10, "ToUser", "None", "y"))
                .wrote(4, 1, message(11, "ToCustomer", "Welcome", "Hello!"))
        },
        rule,
    );
}

#[test]
fn queue_order() {
    let rule = &[Rule::QueueOrder];
    check_story("overtaken", |s| s.time(3, 32..35), rule);
    check_story("overtaken at the last moment", |s| s.time(3, 32..39), rule);

    check_story("at the same time", |s| s.time(3, 32..41), &[]);
    check_story("asked for at the same time", |s| s.time(3, 32..35).time(1, 9..30), &[]);
    check_story(
        "the first attempt was earlier",
        |s| s.time(3, 36..39).call(2, Client::Agent(EVE), 34..35, Call::PickUp, unknown()),
        &[],
    );
    check_story(
        "a refused attempt was none",
        |s| s.time(3, 36..38).call(2, Client::Agent(EVE), 34..35, Call::PickUp, Outcome::Refused(429)),
        rule,
    );
    check_story("nobody knows when", |s| s.time(3, 32..35).outcome(2, unknown()).time(2, 31..50), &[]);
    check_story(
        "another topic",
        |s| {
            s.event(1).call = start_on(6, "Ben", "t2");
            let session = || Session { topic: 6, ..session(2, "Ben", "UserLast", Some(MAX)) };
            s.with(|history| drop(history.setup.responders.insert(6, vec![MAX])))
                .time(3, 32..35)
                .outcome(3, ok(session()))
                .has(session())
        },
        &[],
    );
    check_story(
        "ended meanwhile",
        |s| s.time(3, 32..35).call(9, ADA, 33..34, Call::End { session: 1 }, unknown()),
        &[],
    );

    check_story("held where nothing is passed over", |s| s.time(3, 32..35).time(4, 34..38), rule);
}

#[test]
fn queue_hidden() {
    let rule = &[Rule::QueueHidden];
    check_story("hidden", |s| s.time(8, 12..38), rule);
    check_story(
        "hidden behind a cut",
        |s| s.time(8, 51..59).call(9, Client::Agent(EVE), 70..71, Call::PickUp, unknown()),
        rule,
    );

    check_story("while it came", |s| s.time(8, 9..15), &[]);
    check_story("while it was taken", |s| s.time(8, 52..61), &[]);
    check_story(
        "may not respond",
        |s| {
            s.event(8).client = Client::Agent(12);
            s.time(8, 12..38).with(|history| drop(history.setup.responders.insert(6, vec![12])))
        },
        &[],
    );
    check_story(
        "its customer may have left",
        |s| s.time(8, 12..38).call(9, ADA, 13..14, Call::End { session: 1 }, unknown()).time(2, 10..50),
        &[],
    );
}

#[test]
fn welcome() {
    check_story("none", |s| s.erased(1, 3).outcome(6, seen(&[5, 6])), &[Rule::Welcome]);
    check_story("two", |s| s.wrote(2, 2, message(8, "ToCustomer", "Welcome", "Hello!")), &[Rule::Welcome]);
}

#[test]
fn messages() {
    let rule = &[Rule::Messages];
    check_story("lost", |s| s.erased(1, 5).outcome(6, seen(&[3, 6])), rule);
    check_story("first message lost", |s| s.erased(2, 2), rule);
    check_story("doubled", |s| s.wrote(2, 2, message(8, "ToUser", "None", "t2")), &[Rule::Messages, Rule::Endings]);
    check_story("doubled behind", |s| s.wrote(1, 4, message(6, "ToCustomer", "None", "a1")), rule);
    check_story("nobody's", |s| s.wrote(2, 2, message(8, "ToCustomer", "None", "psst")), rule);
    check_story("another number", |s| s.outcome(5, Outcome::Ok(Answer::Posted(99))), rule);
    check_story(
        "repeated and other",
        |s| s.call(5, Client::Agent(EVE), 112..113, post(1, "a1"), Outcome::Ok(Answer::Posted(99))),
        rule,
    );
    check_story(
        "another session",
        |s| s.erased(1, 6).wrote(2, 2, message(6, "ToCustomer", "None", "a1")).outcome(6, seen(&[3, 5, 6])),
        rule,
    );
    check_story(
        "another type",
        |s| s.with(|h| h.end.messages.get_mut(&1).unwrap()[3].kind = "ToUser".to_owned()),
        rule,
    );
    check_story("refused and there", |s| s.outcome(5, Outcome::Refused(429)), rule);
    check_story(
        "unknown and doubled",
        |s| s.outcome(5, unknown()).wrote(1, 4, message(6, "ToCustomer", "None", "a1")),
        rule,
    );

    check_story("unknown and there", |s| s.outcome(5, unknown()), &[]);
    check_story("failed and there", |s| s.outcome(5, Outcome::Failed(503)).fault(Hit::Database, 105..106), &[]);
    check_story("unknown and not there", |s| s.outcome(5, unknown()).erased(1, 6).outcome(6, seen(&[3, 5])), &[]);
}

#[test]
fn message_order() {
    let rule = &[Rule::MessageOrder];
    fn swapped(s: &mut Story) -> &mut Story {
        let story = s.with(|history| {
            let messages = history.end.messages.get_mut(&1).unwrap();
            messages.swap(2, 3);
            (messages[2].id, messages[3].id) = (5, 6);
        });
        let posted = |id| Outcome::Ok(Answer::Posted(id));
        story.outcome(4, posted(6)).outcome(5, posted(5)).without(6)
    }
    check_story("swapped", swapped, rule);
    check_story("ids do not go up", |s| s.with(|h| h.end.messages.get_mut(&2).unwrap().reverse()), rule);

    check_story("at the same time", |s| swapped(s).time(5, 85..110), &[]);
    check_story("unknown may come later", |s| swapped(s).outcome(4, unknown()), &[]);
}

#[test]
fn reads() {
    let read_all = |session| Call::Read { session, after: None };
    let listed = || Outcome::Ok(Answer::Sessions(Vec::new()));
    let rule = &[Rule::Reads];
    check_story("not shown", |s| s.outcome(6, seen(&[3, 5])), rule);
    check_story(
        "first message not shown",
        |s| s.call(9, BEN, 31..32, read_all(2), Outcome::Ok(Answer::Messages(Vec::new()))),
        rule,
    );
    check_story("welcome not shown", |s| s.outcome(6, seen(&[5, 6])), rule);
    check_story("session not listed", |s| s.call(9, Client::Agent(MAX), 71..72, Call::List, listed()), rule);
    check_story("hole", |s| s.outcome(4, unknown()).outcome(6, seen(&[3, 6])), rule);
    check_story("too old", |s| s.outcome(6, seen(&[1, 3, 5, 6])), rule);
    check_story("shown and gone", |s| s.outcome(5, unknown()).erased(1, 6), rule);

    check_story("read before", |s| s.call(9, BEN, 29..32, read_all(2), Outcome::Ok(Answer::Messages(Vec::new()))), &[]);
    check_story("listed before", |s| s.call(9, Client::Agent(MAX), 69..72, Call::List, listed()), &[]);
    check_story("posted at the same time", |s| s.outcome(6, seen(&[3, 5])).time(6, 109..130), &[]);
    check_story("unknown", |s| s.outcome(6, seen(&[3, 5])).outcome(5, unknown()), &[]);
}

#[test]
fn ranks() {
    let rule = &[Rule::Ranks];
    fn hers(s: &mut Story) -> &mut Story {
        s.event(3).client = Client::Agent(EVE);
        let session = || session(2, "Ben", "UserLast", Some(EVE));
        s.outcome(3, ok(session())).has(session())
    }
    check_story("the same", hers, rule);
    check_story(
        "none",
        |s| s.outcome(3, ok(Session { rank: Some(0), ..session(2, "Ben", "UserLast", Some(MAX)) })),
        rule,
    );

    check_story(
        "over when the pickup was repeated",
        |s| s.outcome(2, ok(Session { rank: Some(0), ..session(1, "Ada", "Closed", Some(EVE)) })),
        &[],
    );
    check_story("one after the other", |s| hers(s).time(7, 111..112).time(3, 113..120).time(6, 114..130), &[]);
    // Max picks up another one without being told, and neither is over in the end.
    fn untold(s: &mut Story, rank: Option<i32>) -> &mut Story {
        s.call(9, BEN, 1..2, start("Zoe", "z"), unknown()).third("Zoe", "z");
        s.event(20).client = Client::Agent(MAX);
        s.has(Session { rank, ..session(3, "Zoe", "UserLast", Some(MAX)) })
    }
    check_story("the same, untold", |s| untold(s, Some(1)), rule);
    check_story("none, untold", |s| untold(s, None), rule);
    check_story("another, untold", |s| untold(s, Some(2)), &[]);
    check_story(
        "the same in the end only",
        |s| {
            s.call(9, BEN, 1..2, start("Zoe", "z"), unknown()).third("Zoe", "z").event(20).client = Client::Agent(MAX);
            s.outcome(20, ok(Session { rank: Some(2), ..session(3, "Zoe", "UserLast", Some(MAX)) })).has(session(
                3,
                "Zoe",
                "UserLast",
                Some(MAX),
            ))
        },
        rule,
    );
    check_story(
        "the same, told and in the end",
        |s| {
            s.call(9, BEN, 1..2, start("Zoe", "z"), unknown()).third("Zoe", "z").event(20).client = Client::Agent(MAX);
            s.outcome(20, ok(session(3, "Zoe", "UserLast", Some(MAX)))).has(session(3, "Zoe", "UserLast", Some(MAX)))
        },
        rule,
    );
    check_story("may have been over", |s| hers(s).call(9, ADA, 65..66, Call::End { session: 1 }, unknown()), &[]);
}

#[test]
fn endings() {
    let rule = &[Rule::Endings];
    check_story("not over", |s| s.erased(1, 7).has(session(1, "Ada", "UserLast", Some(EVE))), rule);
    check_story("nobody ended it", |s| s.without(7), rule);
    check_story("no instant", |s| s.has(Session { has_end: false, ..session(1, "Ada", "Closed", Some(EVE)) }), rule);
    check_story(
        "an instant too early",
        |s| s.has(Session { has_end: true, ..session(2, "Ben", "UserLast", Some(MAX)) }),
        rule,
    );
    check_story("another status", |s| s.has(session(1, "Ada", "ClosedFromQueue", Some(EVE))), rule);
    check_story("whose turn", |s| s.has(session(2, "Ben", "CustomerLast", Some(MAX))), rule);
    check_story("posted after", |s| s.time(5, 151..152).time(6, 153..154), rule);
    check_story(
        "stands after",
        |s| {
            s.outcome(5, unknown())
                .erased(1, 6)
                .wrote(1, 4, message(8, "ToCustomer", "None", "a1"))
                .outcome(6, seen(&[3, 5]))
        },
        rule,
    );
    check_story("refused for nothing", |s| s.call(9, BEN, 80..90, post(2, "m9"), Outcome::Refused(409)), rule);
    check_story("answered as active", |s| s.outcome(7, ok(session(1, "Ada", "UserLast", Some(EVE)))), rule);

    check_story("both end it", |s| s.call(9, ADA, 145..155, Call::End { session: 1 }, Outcome::Refused(409)), &[]);
    check_story("refused in the end", |s| s.call(9, ADA, 100..141, post(1, "m9"), Outcome::Refused(409)), &[]);
    check_story("an end that was cut off, and was", |s| s.outcome(7, unknown()), &[]);
    check_story(
        "an end that was cut off, and was not",
        |s| s.outcome(7, unknown()).erased(1, 7).has(session(1, "Ada", "UserLast", Some(EVE))),
        &[],
    );
    check_story("posted while it ended", |s| s.time(5, 145..155).outcome(6, seen(&[3, 5])), &[]);
}

#[test]
fn answers() {
    let rule = &[Rule::Answers];
    check_story("not known", |s| s.call(9, BEN, 80..90, post(2, "m9"), Outcome::Refused(401)), rule);
    check_story(
        "nothing there",
        |s| s.call(9, BEN, 80..90, Call::Read { session: 2, after: None }, Outcome::Refused(404)),
        rule,
    );
    check_story("no agent", |s| s.outcome(1, ok(session(2, "Ben", "OfflineForm", None))), rule);

    fn failed(s: &mut Story, status: u16) -> &mut Story {
        s.call(9, BEN, 80..90, post(2, "m9"), Outcome::Failed(status))
    }
    for status in [200, 408, 500, 501, 502, 503, 504] {
        check_story("failed", |s| failed(s, status), rule);
    }
    check_story("failed and had its database", |s| failed(s, 503).fault(Hit::Database, 91..95), rule);
    check_story("failed and another server died", |s| failed(s, 503).fault(Hit::Server(1), 81..85), rule);
    check_story("failed in another way", |s| failed(s, 500).fault(Hit::Database, 81..85), rule);
    const SECOND: u64 = 1_000_000;
    fn cut_before(s: &mut Story, time: std::ops::Range<u64>) -> &mut Story {
        failed(s, 503).time(9, time).fault(Hit::Database, 70..75)
    }
    check_story("failed long after", |s| cut_before(s, 21 * SECOND..22 * SECOND), rule);

    check_story("failed soon after", |s| cut_before(s, 19 * SECOND..23 * SECOND), &[]);
    check_story("failed without a database", |s| failed(s, 503).fault(Hit::Database, 81..85), &[]);
    check_story("busy", |s| s.call(9, BEN, 80..90, post(2, "m9"), Outcome::Refused(429)), &[]);
}

#[test]
fn a_violation_shows_the_calls() {
    let mut story = Story::new();
    story.time(3, 32..35);
    let texts: Vec<String> = check(&story.history).violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        ["violation[queue-order]: session 2 was picked up while session 1 waited before it\n  \
          0.000000..0.000010 customer 1, operation 0, server 0: start `Ada` on topic 5 -> session 1, InQueue\n  \
          0.000020..0.000030 customer 2, operation 1, server 0: start `Ben` on topic 5 -> session 2, InQueue\n  \
          0.000032..0.000035 agent 11, operation 3, server 0: pick up -> session 2, UserLast, user 11, rank 1\n  \
          0.000040..0.000050 agent 10, operation 2, server 0: pick up -> session 1, UserLast, user 10, rank 1\n  \
          0.000140..0.000150 agent 10, operation 7, server 0: end session 1 -> session 1, Closed, user 10, rank 1"]
    );
}
