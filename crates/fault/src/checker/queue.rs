//! First come, first served.
//!
//! Session A *certainly waits* from the good answer to its start until the earliest instant at which somebody can have
//! picked it up or ended it: the first attempt, not refused, of its pickup or of an end. Two things must not happen then:
//!
//! - `queue-order`: the pickup of session B of the same topic, whose start was first sent after A's was answered, begins
//!   and is answered. Then A is before B in the queue and waits at every instant at which B can have been taken.
//! - `queue-hidden`: an agent who can respond in A's topic asks, and is answered that nothing waits.
//!
//! A store with `SKIP LOCKED` passes over a session that another transaction holds, and so may take B while the customer
//! of A writes or reads, or after a pickup of A that was cut off until its transaction is taken back. Where the
//! [`Setup`](crate::history::Setup) says so, B before A is counted instead, if such a call ran during B's pickup. It may
//! not say that nothing waits: before that it has to look without passing over.

use std::collections::BTreeMap;

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Call, Client, Event, Outcome, Pickup};

/// Microseconds that a call which was cut off may go on at the server, until it notices.
const HELD_AFTER_CUT: u64 = 2_000_000;

/// Refused pickups that a violation shows, at most.
const MOST_EVENTS: usize = 5;

/// A session that came into the queue at a known time.
struct Waiting<'f, 'h> {
    id: i32,
    start: &'f Operation<'h>,
    /// When it certainly waited, and until when.
    since: u64,
    until: u64,
}

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    let mut topics: BTreeMap<i32, Vec<Waiting<'_, '_>>> = BTreeMap::new();
    for session in facts.sessions.values() {
        let id = session.id;
        // One that never left is the business of another rule.
        let (Some(start), Some(until)) = (facts.start_of(id), facts.earliest_leave(id)) else { continue };
        let is_queued = start.session().is_some_and(|told| told.id == id && told.status != "OfflineForm");
        if let (Some(since), true) = (start.latest(), is_queued) {
            topics.entry(session.topic).or_default().push(Waiting { id, start, since, until });
        }
    }
    for (topic, sessions) in &topics {
        order(facts, *topic, sessions, findings);
    }
    hidden(facts, &topics, findings);
}

fn order(facts: &Facts<'_>, topic: i32, sessions: &[Waiting<'_, '_>], findings: &mut Findings) {
    let taken: Vec<(i32, &Operation<'_>, &Operation<'_>)> = facts
        .sessions
        .values()
        .filter(|session| session.topic == topic)
        .filter_map(|session| Some((session.id, facts.start_of(session.id)?, facts.pickups_of(session.id).next()?)))
        .collect();
    let skips_held = facts.history.setup.pickup == Pickup::SkipsHeld;
    for first in sessions {
        let overtakers = taken.iter().filter(|(_, start, pickup)| {
            start.earliest().is_some_and(|earliest| first.since < earliest)
                && pickup.latest().is_some_and(|latest| latest < first.until)
        });
        let (held, free): (Vec<_>, Vec<_>) =
            overtakers.partition(|(_, _, pickup)| skips_held && is_held(facts, topic, first.id, pickup));
        findings.report.overtaken_while_held += usize::from(!held.is_empty());
        if let [(id, start, pickup), rest @ ..] = free.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
            let what = format!("session {id} was picked up while session {} waited before it{more}", first.id);
            let own = facts.pickups_of(first.id).chain(facts.ends_of(first.id));
            findings.add_of(Rule::QueueOrder, what, [first.start, *start, *pickup].into_iter().chain(own));
        }
    }
}

/// Whether another call may have held the session while the pickup looked for one.
fn is_held(facts: &Facts<'_>, topic: i32, session: i32, pickup: &Operation<'_>) -> bool {
    let (Some(from), Some(to)) = (pickup.earliest(), pickup.latest()) else { return false };
    let overlaps = |event: &Event| {
        let after = if matches!(event.outcome, Outcome::Unknown(_)) { HELD_AFTER_CUT } else { 0 };
        event.start <= to && from <= event.end.saturating_add(after)
    };
    let mut calls = facts.on_session(session).flat_map(|operation| &operation.attempts);
    let mut cut_off = facts.pickups().filter(|other| match other.client() {
        Client::Agent(user) => facts.responds(user, topic),
        Client::Customer(_) => false,
    });
    calls.any(|event| overlaps(event))
        || cut_off.any(|other| {
            other.attempts.iter().any(|event| matches!(event.outcome, Outcome::Unknown(_)) && overlaps(event))
        })
}

fn hidden(facts: &Facts<'_>, topics: &BTreeMap<i32, Vec<Waiting<'_, '_>>>, findings: &mut Findings) {
    // Agents ask often: a session that is hidden is so from many of them.
    let mut told: BTreeMap<i32, (&Waiting<'_, '_>, Vec<&Event>)> = BTreeMap::new();
    for event in &facts.history.events {
        let (Call::PickUp, Outcome::Refused(404), Client::Agent(user)) = (&event.call, &event.outcome, event.client)
        else {
            continue;
        };
        let waiting = topics
            .iter()
            .filter(|(topic, _)| facts.responds(user, **topic))
            .flat_map(|(_, sessions)| sessions)
            .find(|session| session.since < event.start && event.end < session.until);
        if let Some(waiting) = waiting {
            told.entry(waiting.id).or_insert((waiting, Vec::new())).1.push(event);
        }
    }
    for (id, (waiting, events)) in told {
        let what = match events.as_slice() {
            [only] => format!("{} was told that nothing waits while session {id} did", only.client),
            several => format!("{} times agents were told that nothing waits while session {id} did", several.len()),
        };
        let own = facts.pickups_of(id).chain(facts.ends_of(id)).chain([waiting.start]);
        let own = own.flat_map(|operation| operation.attempts.iter().copied());
        findings.add(Rule::QueueHidden, what, own.chain(events.into_iter().take(MOST_EVENTS)));
    }
}
