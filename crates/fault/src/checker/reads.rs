//! What readers saw.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::{Findings, Rule};
use crate::history::{Answer, Call, Client, Event, Message, Outcome};

/// A message that somebody was told is there: by when, its number, and by which call.
type Known<'h> = (u64, i32, &'h Event);

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    let mut posts: BTreeMap<i32, Vec<Known<'_>>> = BTreeMap::new();
    // By agents: when they were told of a session of theirs at the latest, which, and by which call.
    let mut pickups: BTreeMap<Client, Vec<Known<'_>>> = BTreeMap::new();
    for operation in &facts.operations {
        let Some((event, answer)) = operation.good().min_by_key(|(event, _)| event.end) else { continue };
        let (session, id) = match (operation.call(), answer) {
            (Call::Post { session, .. }, Answer::Posted(id)) => (*session, Some(*id)),
            (Call::Start { text, .. }, Answer::Session(session)) => {
                (session.id, kept(facts, session.id, |message| message.is_plain() && message.text == *text))
            }
            (Call::PickUp, Answer::Session(session)) => {
                pickups.entry(event.client).or_default().push((event.end, session.id, event));
                (session.id, kept(facts, session.id, |message| message.special == "Welcome"))
            }
            _ => continue,
        };
        posts.entry(session).or_default().extend(id.map(|id| (event.end, id, event)));
    }
    for event in &facts.history.events {
        if let Outcome::Ok(Answer::Sessions(listed)) = &event.outcome {
            let pickups = pickups.get(&event.client).map_or(&[][..], Vec::as_slice);
            for (latest, id, pickup) in pickups {
                if *latest < event.start
                    && facts
                        .sessions
                        .get(id)
                        .is_some_and(|session| session.user.map(Client::Agent) == Some(event.client))
                    && !listed.iter().any(|session| session.id == *id)
                {
                    findings.add(
                        Rule::Reads,
                        format!("session {id} is not among those of its agent"),
                        [*pickup, event],
                    );
                }
            }
        }
        let (Call::Read { session, after }, Outcome::Ok(Answer::Messages(seen))) = (&event.call, &event.outcome) else {
            continue;
        };
        // A session or message that is gone is the business of other rules.
        if !facts.sessions.contains_key(session) {
            continue;
        }
        let after = after.unwrap_or(i32::MIN);
        let kept = facts.messages(*session);
        let ids: BTreeSet<i32> = seen.iter().map(|message| message.id).collect();
        let posts = posts.get(session).map_or(&[][..], Vec::as_slice);
        for (latest, id, post) in posts {
            if *latest < event.start && *id > after && !ids.contains(id) && kept.iter().any(|message| message.id == *id)
            {
                let what = format!("message {id} was acknowledged, and not shown to one who read later");
                findings.add(Rule::Reads, what, [*post, event]);
            }
        }
        for message in seen {
            if message.id <= after {
                let what = format!("message {} was shown to one who asked for later ones", message.id);
                findings.add(Rule::Reads, what, [event]);
            }
            let same = |other: &Message| (other.id, &other.text) == (message.id, &message.text);
            if !kept.iter().any(same) && !posts.iter().any(|(_, id, _)| *id == message.id) {
                let what = format!("message {}, `{}`, was shown and is gone", message.id, message.text);
                findings.add(Rule::Reads, what, [event]);
            }
        }
        // A reader goes on after the last one that it saw, and would never see what comes before that.
        let last = ids.last().copied().unwrap_or(i32::MIN);
        let missed = |message: &&Message| after < message.id && message.id < last && !ids.contains(&message.id);
        // An acknowledged one was reported above.
        let is_known = |id| posts.iter().any(|(latest, post, _)| *post == id && *latest < event.start);
        for message in kept.iter().filter(missed).filter(|message| !is_known(message.id)) {
            let what =
                format!("message {} came into session {session} behind one who had read up to {last}", message.id);
            findings.add(Rule::Reads, what, [event]);
        }
    }
}

/// The number of a message that a session has in the end.
fn kept(facts: &Facts<'_>, session: i32, is_it: impl Fn(&Message) -> bool) -> Option<i32> {
    facts.messages(session).iter().find(|message| is_it(message)).map(|message| message.id)
}
