//! Refusals and failures that nothing explains.

use super::facts::Facts;
use super::{Findings, Rule};
use crate::history::{Answer, Call, Event, Hit, Outcome};

/// Too many requests: never a lie.
const BUSY: u16 = 429;

/// The service cannot answer just now.
const UNAVAILABLE: u16 = 503;

/// Microseconds in which servers connect again when the database has dropped their connections.
const CONNECTS_WITHIN: u64 = 20_000_000;

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    for event in &facts.history.events {
        match (&event.call, &event.outcome) {
            (Call::PickUp, Outcome::Refused(404)) => {}
            // Whether the session was over is the business of another rule.
            (Call::Post { .. } | Call::End { .. }, Outcome::Refused(409)) => {}
            (_, Outcome::Refused(BUSY)) => {}
            (call, Outcome::Refused(status)) => {
                findings.add(Rule::Answers, format!("a {} cannot be refused with {status}", call.name()), [event]);
            }
            (_, Outcome::Failed(UNAVAILABLE)) if is_without_database(facts, event) => {}
            (call, Outcome::Failed(status)) => {
                let why = match *status {
                    UNAVAILABLE => "nobody has cut the database",
                    200..300 => "a body that cannot be read",
                    _ => "no fault of ours is a reason",
                };
                findings.add(Rule::Answers, format!("a {} was answered with {status}: {why}", call.name()), [event]);
            }
            (Call::Start { .. }, Outcome::Ok(Answer::Session(session))) if session.status == "OfflineForm" => {
                let what = format!("session {} does not wait, although agents are present", session.id);
                findings.add(Rule::Answers, what, [event]);
            }
            _ => {}
        }
    }
}

/// Whether the database has dropped the servers' connections not long ago, or while the call ran.
fn is_without_database(facts: &Facts<'_>, event: &Event) -> bool {
    facts.history.faults.iter().any(|fault| {
        fault.hit == Hit::Database
            && fault.start <= event.end
            && event.start <= fault.end.saturating_add(CONNECTS_WITHIN)
    })
}
