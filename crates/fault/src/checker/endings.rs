//! The end of sessions, and what comes after.

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Answer, Call, Event, Outcome, Session};

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    for session in facts.sessions.values() {
        state(facts, session, findings);
        after_the_end(facts, session.id, findings);
    }
    for operation in &facts.operations {
        let (Call::Post { session, .. } | Call::End { session }) = operation.call() else { continue };
        for event in &operation.attempts {
            refused(facts, *session, event, findings);
            if let (Call::End { .. }, Outcome::Ok(Answer::Session(answer))) = (&event.call, &event.outcome)
                && !answer.is_ended()
            {
                findings.add(Rule::Endings, format!("session {session} was answered as {}", answer.status), [*event]);
            }
        }
    }
}

/// The state of a session, with what led to it.
fn state(facts: &Facts<'_>, session: &Session, findings: &mut Findings) {
    let Session { id, status, user, has_end, .. } = session;
    let mut add = |what| findings.add_of(Rule::Endings, what, facts.ends_of(*id));
    if !session.is_ended() {
        if facts.ends_of(*id).any(|end| end.latest().is_some()) {
            return add(format!("the end of session {id} was acknowledged, and it is {status}"));
        }
        if *has_end {
            add(format!("session {id} is {status} and has an end"));
        }
        let last =
            facts.messages(*id).iter().filter(|message| message.kind != "Special").max_by_key(|message| message.id);
        let expected = match last.map(|message| message.kind.as_str()) {
            Some("ToUser") => "CustomerLast",
            _ => "UserLast",
        };
        // One that waits is the business of another rule.
        if user.is_some() && status != expected {
            add(format!("session {id} is {status}, but its last message makes it {expected}"));
        }
        return;
    }
    if facts.earliest_end(*id).is_none() {
        return add(format!("session {id} is {status}, and nobody ended it"));
    }
    if !*has_end {
        add(format!("session {id} is {status} and has no end"));
    }
    let expected = if user.is_some() { "Closed" } else { "ClosedFromQueue" };
    if status != expected {
        add(format!("session {id} is {status} instead of {expected}"));
    }
}

/// What was acknowledged although the session was over.
fn after_the_end(facts: &Facts<'_>, session: i32, findings: &mut Findings) {
    let first = facts.ends_of(session).filter(|end| end.latest().is_some()).min_by_key(|end| end.latest());
    let is_post = |operation: &&Operation<'_>| matches!(operation.call(), Call::Post { .. });
    let changes = facts.on_session(session).filter(is_post).chain(facts.pickups_of(session));
    for change in changes.filter(|change| change.latest().is_some()) {
        if let Some(end) = first.filter(|end| end.is_before(change)) {
            let what = format!("session {session} was over, and then came a {}", change.call().name());
            findings.add_of(Rule::Endings, what, [end, change]);
        }
    }
    let messages = facts.messages(session);
    let closing = messages.iter().position(|message| message.special.starts_with("Closed"));
    if let Some(late) = closing.and_then(|place| messages[place..].iter().find(|message| message.is_plain())) {
        let what = format!("session {session} has message {}, `{}`, after its end", late.id, late.text);
        findings.add_of(Rule::Endings, what, facts.ends_of(session));
    }
}

/// A post or an end that the session's state did not admit: somebody else must have ended it.
fn refused(facts: &Facts<'_>, session: i32, event: &Event, findings: &mut Findings) {
    let ended = facts
        .ends_of(session)
        .flat_map(|end| &end.attempts)
        .any(|end| !matches!(end.outcome, Outcome::Refused(_)) && end.start < event.end);
    if event.outcome == Outcome::Refused(409) && !ended && facts.sessions.contains_key(&session) {
        let what = format!("a {} was refused while session {session} was not over", event.call.name());
        findings.add(Rule::Endings, what, [event]);
    }
}
