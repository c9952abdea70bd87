//! Refusals that nothing explains.

use super::facts::Facts;
use super::{Findings, Rule};
use crate::history::{Answer, Call, Outcome};

/// Too many requests: never a lie.
const BUSY: u16 = 429;

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
            (Call::Start { .. }, Outcome::Ok(Answer::Session(session))) if session.status == "OfflineForm" => {
                let what = format!("session {} does not wait, although agents are present", session.id);
                findings.add(Rule::Answers, what, [event]);
            }
            _ => {}
        }
    }
}
