//! Sessions that were asked for, and no others.

use std::collections::HashMap;

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Answer, Call, Session};

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    let mut found: HashMap<&str, Vec<&Session>> = HashMap::new();
    for session in &facts.history.end.sessions {
        found.entry(&session.customer).or_default().push(session);
    }
    let mut told: HashMap<i32, &Operation<'_>> = HashMap::new();
    for start in facts.starts() {
        let Call::Start { topic, customer, .. } = start.call() else { continue };
        let mut add = |what| findings.add_of(Rule::Starts, what, [start]);
        let found = found.remove(customer.as_str()).unwrap_or_default();
        let ids: Vec<i32> = found.iter().map(|session| session.id).collect();
        let Some(acknowledged) = start.session() else {
            match found.len() {
                0 => {}
                1 if start.may_have_happened() => {}
                1 => add(format!("the start of `{customer}` was refused, but session {} is there", ids[0])),
                _ => add(format!("one start made the sessions {ids:?}")),
            }
            continue;
        };
        let id = acknowledged.id;
        for (_, answer) in start.good() {
            if !matches!(answer, Answer::Session(session) if session.id == id) {
                add(format!("session {id} was answered first, and another when the start was repeated"));
            }
        }
        match ids.as_slice() {
            [only] if *only == id && found[0].topic == *topic => {}
            [only] if *only == id => add(format!("session {id} is in topic {} instead of {topic}", found[0].topic)),
            [] => match facts.sessions.get(&id) {
                None => add(format!("session {id} was acknowledged and is gone")),
                // Both were told the same.
                Some(_) if told.contains_key(&id) => {}
                Some(other) => add(format!("session {id} was acknowledged, but belongs to `{}`", other.customer)),
            },
            _ => add(format!("session {id} was acknowledged; `{customer}` has the sessions {ids:?}")),
        }
        if let Some(other) = told.insert(id, start) {
            findings.add_of(Rule::Starts, format!("two starts were answered with session {id}"), [other, start]);
        }
    }
    let mut nobodys: Vec<&Session> = found.into_values().flatten().collect();
    nobodys.sort_by_key(|session| session.id);
    for Session { id, customer, .. } in nobodys {
        findings.add(Rule::Starts, format!("nobody asked for session {id} of `{customer}`"), []);
    }
}
