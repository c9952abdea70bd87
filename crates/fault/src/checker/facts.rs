//! A history, sorted by what rules ask for.

use std::collections::{BTreeMap, HashMap};

use crate::history::{Answer, Call, Client, Event, History, Message, Outcome, Session};

/// A logical call with all its attempts.
#[derive(Debug)]
pub(super) struct Operation<'h> {
    /// In the order in which they were sent.
    pub(super) attempts: Vec<&'h Event>,
}

/// A history, sorted.
#[derive(Debug)]
pub(super) struct Facts<'h> {
    pub(super) history: &'h History,
    pub(super) operations: Vec<Operation<'h>>,
    /// The sessions that there are in the end.
    pub(super) sessions: BTreeMap<i32, &'h Session>,
    /// By the session that was answered.
    starts: HashMap<i32, usize>,
    /// By the customer's name.
    customers: HashMap<&'h str, usize>,
    /// Acknowledged ones, by the session that was answered.
    pickups: HashMap<i32, Vec<usize>>,
    /// Operations on a given session.
    on_session: HashMap<i32, Vec<usize>>,
    /// Pickups that may have taken a session without the agent's being told, by agent.
    untold_pickups: HashMap<i32, Vec<usize>>,
}

impl<'h> Operation<'h> {
    pub(super) fn client(&self) -> Client {
        self.first().client
    }

    pub(super) fn call(&self) -> &'h Call {
        &self.first().call
    }

    /// The earliest instant at which it can have happened; none where every attempt was refused.
    pub(super) fn earliest(&self) -> Option<u64> {
        self.attempts.iter().find(|event| !matches!(event.outcome, Outcome::Refused(_))).map(|event| event.start)
    }

    /// The latest instant at which it can have happened; none where that is not known.
    pub(super) fn latest(&self) -> Option<u64> {
        self.good().map(|(event, _)| event.end).min()
    }

    /// What was answered first.
    pub(super) fn answer(&self) -> Option<&'h Answer> {
        self.good().min_by_key(|(event, _)| event.end).map(|(_, answer)| answer)
    }

    /// The session that was answered first.
    pub(super) fn session(&self) -> Option<&'h Session> {
        match self.answer()? {
            Answer::Session(session) => Some(session),
            _ => None,
        }
    }

    /// Attempts that were answered well.
    pub(super) fn good(&self) -> impl Iterator<Item = (&'h Event, &'h Answer)> {
        self.attempts.iter().filter_map(|event| match &event.outcome {
            Outcome::Ok(answer) => Some((*event, answer)),
            _ => None,
        })
    }

    /// Whether it may have happened, or has.
    pub(super) fn may_have_happened(&self) -> bool {
        self.earliest().is_some()
    }

    /// Whether it was over before the other could begin.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        matches!((self.latest(), other.earliest()), (Some(latest), Some(earliest)) if latest < earliest)
    }

    fn first(&self) -> &'h Event {
        self.attempts[0]
    }
}

impl<'h> Facts<'h> {
    pub(super) fn new(history: &'h History) -> Self {
        let mut by_number: BTreeMap<u64, Vec<&'h Event>> = BTreeMap::new();
        for event in &history.events {
            by_number.entry(event.operation).or_default().push(event);
        }
        let operations = by_number.into_values().map(|mut attempts| {
            attempts.sort_by_key(|event| (event.start, event.end));
            Operation { attempts }
        });
        let mut facts = Self {
            history,
            operations: operations.collect(),
            sessions: history.end.sessions.iter().map(|session| (session.id, session)).collect(),
            starts: HashMap::new(),
            customers: HashMap::new(),
            pickups: HashMap::new(),
            on_session: HashMap::new(),
            untold_pickups: HashMap::new(),
        };
        for (index, operation) in facts.operations.iter().enumerate() {
            match (operation.call(), operation.session(), operation.client()) {
                (Call::Start { customer, .. }, session, _) => {
                    facts.customers.insert(customer, index);
                    session.and_then(|session| facts.starts.insert(session.id, index));
                }
                (Call::PickUp, Some(session), _) => facts.pickups.entry(session.id).or_default().push(index),
                (Call::PickUp, None, Client::Agent(user)) if operation.may_have_happened() => {
                    facts.untold_pickups.entry(user).or_default().push(index);
                }
                (call, _, _) => {
                    if let Some(session) = call.session() {
                        facts.on_session.entry(session).or_default().push(index);
                    }
                }
            }
        }
        facts
    }

    /// Operations of one kind.
    pub(super) fn starts(&self) -> impl Iterator<Item = &Operation<'h>> {
        self.operations.iter().filter(|operation| matches!(operation.call(), Call::Start { .. }))
    }

    /// Operations of one kind.
    pub(super) fn pickups(&self) -> impl Iterator<Item = &Operation<'h>> {
        self.operations.iter().filter(|operation| matches!(operation.call(), Call::PickUp))
    }

    /// The start that made a session, as the customer was told or the session's name says.
    pub(super) fn start_of(&self, session: i32) -> Option<&Operation<'h>> {
        let by_name = || self.customers.get(self.sessions.get(&session)?.customer.as_str());
        self.starts.get(&session).or_else(by_name).map(|index| &self.operations[*index])
    }

    /// The pickups whose agents were told that they have this session.
    pub(super) fn pickups_of(&self, session: i32) -> impl Iterator<Item = &Operation<'h>> {
        self.pickups.get(&session).into_iter().flatten().map(|index| &self.operations[*index])
    }

    /// The pickups of which the agent was not told what came of them.
    pub(super) fn untold_pickups(&self, user: i32) -> impl Iterator<Item = &Operation<'h>> {
        self.untold_pickups.get(&user).into_iter().flatten().map(|index| &self.operations[*index])
    }

    /// Posts, reads and ends of a session.
    pub(super) fn on_session(&self, session: i32) -> impl Iterator<Item = &Operation<'h>> {
        self.on_session.get(&session).into_iter().flatten().map(|index| &self.operations[*index])
    }

    /// Ends of a session.
    pub(super) fn ends_of(&self, session: i32) -> impl Iterator<Item = &Operation<'h>> {
        self.on_session(session).filter(|operation| matches!(operation.call(), Call::End { .. }))
    }

    /// The earliest instant at which a session can have ended; none where nobody tried.
    pub(super) fn earliest_end(&self, session: i32) -> Option<u64> {
        self.ends_of(session).filter_map(Operation::earliest).min()
    }

    /// The earliest instant at which a session can have left the queue; none where nothing explains that it did.
    pub(super) fn earliest_leave(&self, session: i32) -> Option<u64> {
        let told = self.pickups_of(session).filter_map(Operation::earliest).min();
        let untold = || {
            let user = self.sessions.get(&session)?.user?;
            self.untold_pickups(user).filter_map(Operation::earliest).min()
        };
        let picked_up = told.or_else(untold);
        picked_up.into_iter().chain(self.earliest_end(session)).min()
    }

    /// The messages that a session has in the end.
    pub(super) fn messages(&self, session: i32) -> &'h [Message] {
        self.history.end.messages.get(&session).map_or(&[], Vec::as_slice)
    }

    /// Whether an agent can respond in a topic.
    pub(super) fn responds(&self, user: i32, topic: i32) -> bool {
        self.history.setup.responders.get(&topic).is_some_and(|users| users.contains(&user))
    }
}
