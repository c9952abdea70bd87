//! A chat service in memory, and services with known faults: what the checker has to accept, and what it has to find.

use std::collections::{BTreeMap, HashMap};

use crate::history::{Answer, Call, Client, FinalState, Message, Outcome, Session};

/// A service that does one call at a time.
#[derive(Debug, Default)]
pub(crate) struct Model {
    bug: Option<Bug>,
    responders: BTreeMap<i32, Vec<i32>>,
    sessions: Vec<Session>,
    messages: BTreeMap<i32, Vec<Message>>,
    last_message: i32,
    /// What was answered to calls that may be repeated.
    answered: HashMap<String, Answer>,
    /// Calls that changed something, for faults that do not always show.
    changes: usize,
}

/// A fault of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A repeated call is carried out again.
    ForgetsKeys,
    /// Now and then a message is acknowledged and not kept.
    LosesMessages,
    /// Now and then a session is acknowledged and not kept.
    LosesSessions,
    /// The last session of the queue is the first.
    TakesLast,
    /// Now and then a session stays in the queue when it is picked up.
    GivesTwice,
    /// Now and then there is no welcome.
    NoWelcome,
    /// All ranks are 1.
    SameRanks,
    /// A message is taken after the end.
    WritesAfterEnd,
    /// Now and then it says that nothing waits.
    Hides,
}

impl Model {
    pub(crate) fn new(responders: BTreeMap<i32, Vec<i32>>, bug: Option<Bug>) -> Self {
        Self { bug, responders, ..Self::default() }
    }

    /// Carries out a call.
    pub(crate) fn apply(&mut self, client: Client, call: &Call, key: Option<&str>) -> Outcome {
        if let Some(answer) = key.and_then(|key| self.answered.get(key)) {
            return Outcome::Ok(answer.clone());
        }
        let outcome = self.carry_out(client, call);
        if let (Some(key), Outcome::Ok(answer)) = (key, &outcome)
            && self.bug != Some(Bug::ForgetsKeys)
        {
            self.answered.insert(key.to_owned(), answer.clone());
        }
        outcome
    }

    /// What it has.
    pub(crate) fn state(&self) -> FinalState {
        FinalState { sessions: self.sessions.clone(), messages: self.messages.clone() }
    }

    fn carry_out(&mut self, client: Client, call: &Call) -> Outcome {
        match (call, client) {
            (Call::Start { topic, customer, text }, _) => self.start(*topic, customer, text),
            (Call::PickUp, Client::Agent(user)) => self.pick_up(user),
            (Call::PickUp | Call::List, Client::Customer(_)) => Outcome::Refused(401),
            (Call::Post { session, text }, _) => {
                let is_open = self.find(*session).is_some_and(|session| session.is_active() || session.is_waiting());
                if !is_open && self.bug != Some(Bug::WritesAfterEnd) {
                    return Outcome::Refused(409);
                }
                let (kind, status) = match client {
                    Client::Customer(_) => ("ToUser", "CustomerLast"),
                    Client::Agent(_) => ("ToCustomer", "UserLast"),
                };
                if let Some(session) = self.find(*session).filter(|session| session.is_active()) {
                    session.status = status.to_owned();
                }
                let id = self.post(*session, kind, "None", text);
                if self.shows(Bug::LosesMessages) {
                    self.messages.entry(*session).or_default().pop();
                }
                Outcome::Ok(Answer::Posted(id))
            }
            (Call::Read { session, after }, _) => {
                let messages = self.messages.get(session).cloned().unwrap_or_default();
                let is_new = |message: &Message| after.is_none_or(|after| message.id > after);
                Outcome::Ok(Answer::Messages(messages.into_iter().filter(is_new).collect()))
            }
            (Call::End { session }, _) => match self.find(*session) {
                Some(session) if !session.is_ended() => {
                    let status = if session.user.is_some() { "Closed" } else { "ClosedFromQueue" };
                    (session.status, session.has_end) = (status.to_owned(), true);
                    let session = session.clone();
                    self.post(session.id, "Special", "ClosedByUser", "");
                    Outcome::Ok(Answer::Session(session))
                }
                Some(_) => Outcome::Refused(409),
                None => Outcome::Refused(404),
            },
            (Call::List, Client::Agent(user)) => {
                let own = self.sessions.iter().filter(|session| session.user == Some(user));
                Outcome::Ok(Answer::Sessions(own.cloned().collect()))
            }
        }
    }

    fn start(&mut self, topic: i32, customer: &str, text: &str) -> Outcome {
        let id = i32::try_from(self.sessions.len()).unwrap() + 1;
        let (status, customer) = ("InQueue".to_owned(), customer.to_owned());
        let session = Session { id, topic, status, customer, ..Session::default() };
        self.sessions.push(session.clone());
        self.post(id, "ToUser", "None", text);
        if self.shows(Bug::LosesSessions) {
            // Others keep their numbers.
            self.sessions[id as usize - 1].customer = format!("nobody {id}");
        }
        Outcome::Ok(Answer::Session(session))
    }

    fn pick_up(&mut self, user: i32) -> Outcome {
        let hides = self.shows(Bug::Hides);
        let rank = (1..).find(|rank| {
            let mut own = self.sessions.iter().filter(|session| session.user == Some(user) && session.is_active());
            self.bug == Some(Bug::SameRanks) || own.all(|session| session.rank != Some(*rank))
        });
        let mut waiting = self.sessions.iter_mut().filter(|session| {
            session.is_waiting() && self.responders.get(&session.topic).is_some_and(|users| users.contains(&user))
        });
        let first = if self.bug == Some(Bug::TakesLast) { waiting.next_back() } else { waiting.next() };
        let Some(session) = first.filter(|_| !hides) else { return Outcome::Refused(404) };
        (session.status, session.user, session.rank) = ("UserLast".to_owned(), Some(user), rank);
        let picked = session.clone();
        if !self.shows(Bug::NoWelcome) {
            self.post(picked.id, "ToCustomer", "Welcome", "Hello!");
        }
        if self.shows(Bug::GivesTwice)
            && let Some(session) = self.find(picked.id)
        {
            session.status = "InQueue".to_owned();
        }
        Outcome::Ok(Answer::Session(picked))
    }

    fn post(&mut self, session: i32, kind: &str, special: &str, text: &str) -> i32 {
        self.last_message += 1;
        let (id, kind, special, text) = (self.last_message, kind.to_owned(), special.to_owned(), text.to_owned());
        self.messages.entry(session).or_default().push(Message { id, kind, special, text });
        id
    }

    fn find(&mut self, id: i32) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    /// Whether a fault shows this time.
    fn shows(&mut self, bug: Bug) -> bool {
        if self.bug != Some(bug) {
            return false;
        }
        self.changes += 1;
        self.changes.is_multiple_of(5)
    }
}
