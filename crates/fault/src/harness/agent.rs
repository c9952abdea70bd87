//! An agent, who picks up sessions, answers, and ends most of them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::line::{Line, Operation};
use super::plan::{AgentPlan, Plan};
use super::service::Caller;
use crate::history::{Answer, Call, Outcome, Session};

pub(super) struct Agent<'a> {
    line: Line,
    number: usize,
    user: i32,
    most_sessions: usize,
    /// Sessions in which something is still to be said.
    held: Vec<Held>,
    /// Sessions that the agent knows about, done or not.
    known: HashSet<i32>,
    /// A pickup whose outcome is not clear.
    pending: Option<Operation>,
    /// Whether a pickup was given up without knowing what came of it.
    misses_some: bool,
    plan: &'a Plan,
    begin: Instant,
    /// Whether no more customers come.
    is_last_call: &'a AtomicBool,
    written: u32,
}

#[derive(Clone, Copy)]
struct Held {
    session: i32,
    /// The last message that was read.
    after: Option<i32>,
    answers: u32,
    is_ended: bool,
}

/// What came of a pickup.
enum PickedUp {
    Session,
    Nothing,
    NobodyKnows,
}

impl<'a> Agent<'a> {
    /// `begin` is when the plan began.
    pub(super) fn new(
        line: Line,
        number: usize,
        user: i32,
        plan: &'a Plan,
        begin: Instant,
        is_last_call: &'a AtomicBool,
    ) -> Self {
        let AgentPlan { most_sessions, .. } = plan.agents[number];
        Self {
            line,
            number,
            user,
            most_sessions,
            held: Vec::new(),
            known: HashSet::new(),
            pending: None,
            misses_some: false,
            plan,
            begin,
            is_last_call,
            written: 0,
        }
    }

    /// Works until no more customers come and nothing is left to do.
    pub(super) async fn work(mut self) {
        loop {
            // Read before the queue is: who comes later is not the last.
            let is_last_call = self.is_last_call.load(Ordering::Acquire);
            let is_break = self.plan.is_break(self.begin.elapsed().as_millis());
            let has_room = is_last_call || (!is_break && self.held.len() < self.most_sessions);
            let mut pause = self.line.rng.u64(1..30);
            if has_room && (self.held.is_empty() || self.line.rng.bool()) {
                match self.pick_up().await {
                    PickedUp::Session => {}
                    PickedUp::NobodyKnows => self.misses_some = true,
                    PickedUp::Nothing if is_last_call && self.held.is_empty() && !self.misses_some => return,
                    PickedUp::Nothing => pause = self.line.rng.u64(30..200),
                }
            } else if !self.held.is_empty() {
                self.serve().await;
            }
            if self.misses_some && (is_last_call || self.line.rng.f64() < 0.2) {
                self.look_for_missed().await;
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn pick_up(&mut self) -> PickedUp {
        let caller = Caller::Agent(self.number);
        let mut operation = self.pending.take().unwrap_or_else(|| self.line.operation(caller, Call::PickUp));
        match self.line.carry_out(&mut operation).await.outcome {
            Outcome::Ok(Answer::Session(session)) => {
                self.hold(&session);
                PickedUp::Session
            }
            Outcome::Refused(_) => {
                // An attempt that was cut off may still find one: the same key will say which.
                self.pending = operation.is_uncertain.then_some(operation);
                PickedUp::Nothing
            }
            Outcome::Ok(_) | Outcome::Failed(_) | Outcome::Unknown(_) => PickedUp::NobodyKnows,
        }
    }

    fn hold(&mut self, session: &Session) {
        if self.known.insert(session.id) && !session.is_ended() {
            let rng = &mut self.line.rng;
            let (answers, is_ended) = (rng.u32(..4), rng.f64() < 0.7);
            self.held.push(Held { session: session.id, after: None, answers, is_ended });
        }
    }

    /// The next thing to do in one of the sessions.
    async fn serve(&mut self) {
        let caller = Caller::Agent(self.number);
        let place = self.line.rng.usize(..self.held.len());
        let Held { session, after, answers, is_ended } = self.held[place];
        let reads = self.line.rng.f64() < 0.4;
        let call = match answers {
            _ if reads => Call::Read { session, after },
            0 if is_ended => Call::End { session },
            // It stays as it is, and the agent keeps a rank for it.
            0 => {
                self.held.swap_remove(place);
                return;
            }
            _ => {
                self.written += 1;
                Call::Post { session, text: format!("agent {} writes {}", self.number, self.written) }
            }
        };
        let is_end = matches!(call, Call::End { .. });
        match self.line.call(caller, call).await.outcome {
            Outcome::Ok(Answer::Messages(messages)) => {
                let last = messages.iter().map(|message| message.id).max();
                self.held[place].after = last.or(after);
            }
            // The customer has ended it.
            Outcome::Refused(_) => drop(self.held.swap_remove(place)),
            _ if is_end => drop(self.held.swap_remove(place)),
            Outcome::Ok(_) | Outcome::Failed(_) | Outcome::Unknown(_) => {
                self.held[place].answers = answers.saturating_sub(1);
            }
        }
    }

    /// Sessions that a pickup found without the agent's being told.
    async fn look_for_missed(&mut self) {
        let listed = self.line.call(Caller::Agent(self.number), Call::List).await;
        if let Outcome::Ok(Answer::Sessions(sessions)) = listed.outcome {
            self.misses_some = false;
            let user = self.user;
            for session in sessions.iter().filter(|session| session.user == Some(user) && session.is_active()) {
                self.hold(session);
            }
        }
    }
}
