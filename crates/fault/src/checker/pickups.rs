//! Sessions that were picked up, by whom.

use std::collections::BTreeMap;

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Answer, Client, Session};

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    for pickup in facts.pickups() {
        told(facts, pickup, findings);
    }
    let mut untold: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for session in facts.sessions.values() {
        let id = session.id;
        let pickups: Vec<&Operation<'_>> = facts.pickups_of(id).collect();
        match (pickups.as_slice(), session.user) {
            ([], None) if session.status == "ClosedFromQueue" => {}
            ([], None) => {
                let what = format!("session {id} was never picked up: it is {}", session.status);
                findings.add_of(Rule::Pickups, what, facts.start_of(id));
            }
            ([], Some(user)) => untold.entry(user).or_default().push(id),
            ([pickup], user) => {
                if user.map(Client::Agent) != Some(pickup.client()) {
                    let user = user.map_or("nobody".to_owned(), |user| format!("agent {user}"));
                    let what = format!("session {id} was given to {}, but {user} has it", pickup.client());
                    findings.add_of(Rule::Pickups, what, [*pickup]);
                }
            }
            (several, _) => {
                let what = format!("session {id} was given to {} pickups", several.len());
                findings.add_of(Rule::Pickups, what, several.iter().copied());
            }
        }
    }
    // Each pickup that nobody knows the end of explains one session.
    for (user, sessions) in untold {
        let possible: Vec<&Operation<'_>> = facts.untold_pickups(user).collect();
        if sessions.len() > possible.len() {
            let what = format!(
                "agent {user} has the sessions {sessions:?} without having been told, after {} pickups with an unknown \
                 outcome",
                possible.len()
            );
            findings.add_of(Rule::Pickups, what, possible);
        }
    }
}

/// What the agent was told.
fn told(facts: &Facts<'_>, pickup: &Operation<'_>, findings: &mut Findings) {
    let (Some(Session { id, topic, user, .. }), Client::Agent(agent)) = (pickup.session(), pickup.client()) else {
        return;
    };
    let mut add = |what| findings.add_of(Rule::Pickups, what, [pickup]);
    for (_, answer) in pickup.good() {
        if !matches!(answer, Answer::Session(session) if session.id == *id) {
            add(format!("session {id} was answered first, and another when the pickup was repeated"));
        }
    }
    if *user != Some(agent) {
        add(format!("session {id} was answered with another user"));
    }
    if !facts.responds(agent, *topic) {
        add(format!("session {id} is in topic {topic}, in which agent {agent} cannot respond"));
    }
    // A session that is gone is the business of its start.
    if !facts.sessions.contains_key(id) && facts.start_of(*id).is_none() {
        add(format!("session {id} was picked up and is gone"));
    }
}
