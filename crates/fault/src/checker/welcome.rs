//! One welcome a session.

use super::facts::Facts;
use super::{Findings, Rule};

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    for session in facts.sessions.values() {
        let id = session.id;
        let found = facts.messages(id).iter().filter(|message| message.special == "Welcome").count();
        let expected = usize::from(session.user.is_some());
        if found != expected {
            let what = format!("session {id} has {found} welcome messages instead of {expected}");
            findings.add_of(Rule::Welcome, what, facts.pickups_of(id));
        }
    }
}
