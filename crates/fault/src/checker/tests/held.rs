//! Sessions that are overtaken where a pickup passes over what others hold.

use super::*;

const RULE: &[Rule] = &[Rule::QueueOrder];
const SECOND: u64 = 1_000_000;

/// Max gets session 2 while session 1 waits, at 32 to 35.
fn overtaken(s: &mut Story) -> &mut Story {
    s.with(|history| history.setup.pickup = Pickup::SkipsHeld).time(3, 32..35)
}

/// Eve asks, and is not told what came of it.
fn cut_off(s: &mut Story, time: std::ops::Range<u64>) -> &mut Story {
    s.call(9, Client::Agent(EVE), time, Call::PickUp, unknown())
}

#[test]
fn a_call_about_the_session_holds_it() {
    check_story("not held", overtaken, RULE);
    check_story("by its customer", |s| overtaken(s).time(4, 34..38), &[]);
    check_story("by its customer too late", |s| overtaken(s).time(4, 36..38), RULE);
    check_story("by its customer too early", |s| overtaken(s).time(4, 11..31), RULE);
    check_story("by a call that may go on", |s| overtaken(s).time(4, 11..31).outcome(4, unknown()), &[]);
    check_story("by the customer of another", |s| overtaken(s).call(9, BEN, 31..40, post(2, "m9"), unknown()), RULE);
}

#[test]
fn a_pickup_that_was_taken_back_held_it() {
    fn held(s: &mut Story) -> &mut Story {
        cut_off(overtaken(s), 20..30)
    }
    let server = Hit::Server(0);
    check_story("with its server", |s| held(s).fault(server, 33..34), &[]);
    check_story("with the database", |s| held(s).fault(Hit::Database, 31..33), &[]);
    check_story("its server died before", |s| held(s).fault(server, 12..15), RULE);
    check_story("its server died when it was over", |s| held(s).fault(server, 3 * SECOND..4 * SECOND), RULE);
    check_story("another server died", |s| held(s).fault(Hit::Server(1), 33..34), RULE);
    check_story("a connection that was cut takes nothing back", held, RULE);
    check_story("it was sent too late", |s| cut_off(overtaken(s), 36..40).fault(server, 38..39), RULE);
    fn of_another(s: &mut Story) -> &mut Story {
        overtaken(s).call(9, Client::Agent(12), 20..30, Call::PickUp, unknown())
    }
    check_story("its agent cannot respond", |s| of_another(s).fault(server, 33..34), RULE);

    // The server tries again when the database is back, and may find another session, or none.
    fn answered(s: &mut Story, end: u64) -> &mut Story {
        overtaken(s).call(9, Client::Agent(EVE), 20..end, Call::PickUp, Outcome::Refused(404))
    }
    check_story("answered after the cut", |s| answered(s, 51).fault(Hit::Database, 39..40), &[]);
    check_story("answered before the cut", |s| answered(s, 41).fault(Hit::Database, 42..43), RULE);
}

/// As many topics, each with two sessions of which Max gets the second first, while Eve's pickups are taken back.
fn many(topics: i32, pickups: u64) -> Vec<String> {
    let mut story = Story::default();
    story.history.setup.pickup = Pickup::SkipsHeld;
    let mut operation = 0;
    let mut call = |story: &mut Story, client, time, call, outcome| {
        operation += 1;
        story.call(operation, client, time, call, outcome);
    };
    for topic in 1..=topics {
        story.history.setup.responders.insert(topic, vec![EVE, MAX]);
        for (id, time, taken) in [(2 * topic - 1, 0..10, 80..90), (2 * topic, 20..30, 50..60)] {
            let (name, rank) = (format!("customer {id}"), Some(id));
            let waits = Session { topic, ..session(id, &name, "InQueue", None) };
            let active = Session { topic, rank, ..session(id, &name, "UserLast", Some(MAX)) };
            let asks = message(2 * id, "ToUser", "None", &name);
            let start = start_on(topic, &name, &name);
            call(&mut story, Client::Customer(usize::try_from(id).unwrap()), time, start, ok(waits));
            call(&mut story, Client::Agent(MAX), taken, Call::PickUp, ok(active.clone()));
            story.has(active).wrote(id, 0, asks).wrote(id, 1, message(2 * id + 1, "ToCustomer", "Welcome", "Hello!"));
        }
    }
    for _ in 0..pickups {
        call(&mut story, Client::Agent(EVE), 40..45, Call::PickUp, unknown());
    }
    story.fault(Hit::Server(0), 46..48);
    let report = check(&story.history);
    assert_eq!(report.queued_behind, usize::try_from(topics).unwrap());
    assert!(report.violations.iter().all(|violation| violation.rule == Rule::QueueOrder), "{:?}", report.violations);
    report.violations.into_iter().map(|violation| violation.what).collect()
}

#[test]
fn each_pickup_explains_one_session() {
    assert_eq!(many(3, 3), [""; 0]);
    for pickups in 0..3 {
        assert_eq!(many(3, pickups).len(), 3 - usize::try_from(pickups).unwrap());
    }
    assert_eq!(
        many(2, 1),
        [
            "session 4 was picked up while session 3 waited before it; pickups that were taken back explain others already"
        ]
    );
}

#[test]
fn many_sessions_are_not_held_by_chance() {
    assert_eq!(many(4, 100), ["4 of 8 sessions were overtaken: others may hold them for moments, not so often"]);
}
