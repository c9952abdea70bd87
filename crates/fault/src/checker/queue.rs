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
//! of A writes or reads, or while a pickup of A is being taken back: [`held`] says when. Where the
//! [`Setup`](crate::history::Setup) says so, B before A is counted instead, and only many of them are a violation: sessions
//! are held for moments, and another pickup has to come just then. It may not say that nothing waits: before that it has
//! to look without passing over.

use std::collections::BTreeMap;

use super::facts::{Facts, Operation};
use super::held::{self, Undone};
use super::{Findings, Rule};
use crate::history::{Call, Client, Event, Outcome, Pickup};

/// Of so many sessions one may be overtaken while it is held.
const SESSIONS_PER_OVERTAKEN: usize = 100;

/// So many may be in any case.
const FEW_OVERTAKEN: usize = 3;

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
    findings.report.queued_behind = topics.values().map(|sessions| behind(sessions)).sum();
    order(facts, &topics, findings);
    hidden(facts, &topics, findings);
}

/// How many sessions certainly came while another certainly waited.
fn behind(sessions: &[Waiting<'_, '_>]) -> usize {
    let is_behind = |session: &&Waiting<'_, '_>| {
        sessions.iter().any(|first| is_after(session.start, first) && session.since < first.until)
    };
    sessions.iter().filter(is_behind).count()
}

/// Whether a session was asked for when another waited already.
fn is_after(start: &Operation<'_>, first: &Waiting<'_, '_>) -> bool {
    start.earliest().is_some_and(|earliest| first.since < earliest)
}

/// A session, its start, and its pickup.
type Taken<'f, 'h> = (i32, &'f Operation<'h>, &'f Operation<'h>);

/// A session, with one that was picked up before it.
type Overtaken<'f, 'h> = (&'f Waiting<'f, 'h>, Taken<'f, 'h>);

fn order<'f>(facts: &'f Facts<'_>, topics: &'f BTreeMap<i32, Vec<Waiting<'f, '_>>>, findings: &mut Findings) {
    let undone = Undone::new(facts);
    let mut held = 0;
    // Those that only a pickup that was taken back explains, and which ones those may be.
    let (mut open, mut explanations): (Vec<Overtaken<'_, '_>>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    for (topic, sessions) in topics {
        let taken = taken(facts, *topic);
        for first in sessions {
            let overtakers = taken.iter().filter(|(_, start, pickup)| {
                is_after(start, first) && pickup.latest().is_some_and(|latest| latest < first.until)
            });
            let overtakers: Vec<&Taken<'_, '_>> = overtakers.collect();
            if facts.history.setup.pickup == Pickup::Serial {
                overtaken(facts, first, &overtakers, "", findings);
                continue;
            }
            let unheld = overtakers.iter().filter(|(_, _, pickup)| !held::by_own_call(facts, first.id, pickup));
            let explained: Vec<_> = unheld.map(|other| (*other, undone.holding(facts, *topic, other.2))).collect();
            let free: Vec<_> = explained.iter().filter(|(_, by)| by.is_empty()).map(|(other, _)| *other).collect();
            overtaken(facts, first, &free, "", findings);
            held += usize::from(free.is_empty() && !overtakers.is_empty());
            // Each has to be explained: the one for which there is least choice says most.
            if let (true, Some((other, by))) = (free.is_empty(), explained.into_iter().min_by_key(|(_, by)| by.len())) {
                open.push((first, *other));
                explanations.push(by);
            }
        }
    }
    for number in held::unserved(&explanations) {
        let (first, other) = &open[number];
        let why = "; pickups that were taken back explain others already";
        overtaken(facts, first, &[other], why, findings);
    }
    findings.report.overtaken_while_held = held;
    let all: usize = topics.values().map(Vec::len).sum();
    if held > FEW_OVERTAKEN.max(all / SESSIONS_PER_OVERTAKEN) {
        let what = format!("{held} of {all} sessions were overtaken: others may hold them for moments, not so often");
        findings.add(Rule::QueueOrder, what, []);
    }
}

/// The sessions of a topic whose agents were told.
fn taken<'f, 'h>(facts: &'f Facts<'h>, topic: i32) -> Vec<Taken<'f, 'h>> {
    let sessions = facts.sessions.values().filter(|session| session.topic == topic);
    sessions
        .filter_map(|session| Some((session.id, facts.start_of(session.id)?, facts.pickups_of(session.id).next()?)))
        .collect()
}

/// Reports a session, where any was picked up before it.
fn overtaken(facts: &Facts<'_>, first: &Waiting<'_, '_>, by: &[&Taken<'_, '_>], why: &str, findings: &mut Findings) {
    let [(id, start, pickup), rest @ ..] = by else { return };
    let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
    let what = format!("session {id} was picked up while session {} waited before it{more}{why}", first.id);
    let own = facts.pickups_of(first.id).chain(facts.ends_of(first.id));
    findings.add_of(Rule::QueueOrder, what, [first.start, *start, *pickup].into_iter().chain(own));
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
