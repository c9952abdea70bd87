//! Messages, once and in order.

use std::collections::HashMap;

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Answer, Call, Client, Message};

/// A message as it is in the end.
#[derive(Clone, Copy)]
struct Found<'h> {
    session: i32,
    /// The place among the messages of the session.
    place: usize,
    message: &'h Message,
}

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    let mut found: HashMap<&str, Vec<Found<'_>>> = HashMap::new();
    for (session, messages) in &facts.history.end.messages {
        for (place, message) in messages.iter().enumerate().filter(|(_, message)| message.is_plain()) {
            found.entry(&message.text).or_default().push(Found { session: *session, place, message });
        }
        if !messages.is_sorted_by_key(|message| message.id) {
            let what = format!("the messages of session {session} are not in the order of their ids");
            findings.add(Rule::MessageOrder, what, []);
        }
    }
    let mut placed: HashMap<i32, Vec<(usize, &Operation<'_>)>> = HashMap::new();
    for operation in &facts.operations {
        let text = match operation.call() {
            Call::Start { text, .. } | Call::Post { text, .. } => text,
            _ => continue,
        };
        let found = found.remove(text.as_str()).unwrap_or_default();
        one(facts, operation, text, &found, findings);
        if let [only] = found.as_slice() {
            placed.entry(only.session).or_default().push((only.place, operation));
        }
    }
    let mut nobodys: Vec<Found<'_>> = found.into_values().flatten().collect();
    nobodys.sort_by_key(|found| found.message.id);
    for Found { session, message, .. } in nobodys {
        let what = format!("nobody wrote message {}, `{}`, of session {session}", message.id, message.text);
        findings.add(Rule::Messages, what, []);
    }
    for (session, mut placed) in placed {
        placed.sort_by_key(|(place, _)| *place);
        order(session, &placed, findings);
    }
}

/// One text that somebody sent.
fn one(facts: &Facts<'_>, operation: &Operation<'_>, text: &str, found: &[Found<'_>], findings: &mut Findings) {
    let mut add = |what| findings.add_of(Rule::Messages, what, [operation]);
    // The session, where it is known and has not been lost altogether.
    let session = operation.call().session().or_else(|| Some(operation.session()?.id));
    let session = session.filter(|session| facts.sessions.contains_key(session));
    if let (Call::Post { .. }, Some(Answer::Posted(id))) = (operation.call(), operation.answer()) {
        if operation.good().any(|(_, answer)| *answer != Answer::Posted(*id)) {
            add(format!("message {id} was answered first, and another when the post was repeated"));
        }
        if let [only] = found
            && only.message.id != *id
        {
            add(format!("`{text}` was acknowledged as message {id}, and is message {}", only.message.id));
        }
    }
    let ids = || found.iter().map(|found| found.message.id).collect::<Vec<_>>();
    match found {
        [] if operation.latest().is_some() && session.is_some() => {
            add(format!("`{text}` was acknowledged and is gone"))
        }
        [] => {}
        // The session that a refused start has made is worth one report.
        [_] if !operation.may_have_happened() && operation.call().session().is_some() => {
            add(format!("`{text}` was refused, but is message {}", ids()[0]));
        }
        [only] => {
            if session.is_some_and(|session| session != only.session) {
                add(format!("`{text}` is in session {}", only.session));
            }
            let expected = match operation.client() {
                Client::Customer(_) => "ToUser",
                Client::Agent(_) => "ToCustomer",
            };
            if only.message.kind != expected {
                add(format!("`{text}` is of the type {} instead of {expected}", only.message.kind));
            }
        }
        // A start that made several sessions is worth one report.
        several => {
            let first = several[0].session;
            if operation.call().session().is_some() || several.iter().all(|found| found.session == first) {
                add(format!("`{text}` is there {} times, as messages {:?}", several.len(), ids()));
            }
        }
    }
}

/// What was posted before is before.
fn order(session: i32, placed: &[(usize, &Operation<'_>)], findings: &mut Findings) {
    for (index, (_, earlier)) in placed.iter().enumerate() {
        for (_, later) in &placed[index + 1..] {
            if later.is_before(earlier) {
                let what = format!("session {session} has the first of these after the second");
                findings.add_of(Rule::MessageOrder, what, [*later, *earlier]);
            }
        }
    }
}
