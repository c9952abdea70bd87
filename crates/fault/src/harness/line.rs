//! One client's line to the servers: attempts, until the outcome is clear.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::service::{Caller, Request, Sent, Service};
use crate::history::{Call, Client, Event, Outcome, Recorder};

/// How often a call is tried. With the waits in between that is longer than any server is down.
const MOST_ATTEMPTS: u32 = 200;

/// How often a client does not ask again when it was not told what came of a call.
const IMPATIENCE: f64 = 0.05;

/// The longest wait before the next attempt, in milliseconds.
const LONGEST_WAIT: u64 = 400;

/// Sends what a client asks for, and writes down what came of it.
pub(super) struct Line {
    service: Arc<dyn Service>,
    recorder: Arc<Recorder>,
    client: Client,
    server: usize,
    pub(super) rng: Rng,
}

/// A call, as often as it takes.
pub(super) struct Operation {
    number: u64,
    request: Request,
    /// Whether an attempt may have done it without the client's being told.
    pub(super) is_uncertain: bool,
}

impl Line {
    pub(super) fn new(service: Arc<dyn Service>, recorder: Arc<Recorder>, client: Client, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let server = rng.usize(..service.servers());
        Self { service, recorder, client, server, rng }
    }

    /// A new operation. What changes something and is not over with the first time gets a key.
    pub(super) fn operation(&mut self, caller: Caller, call: Call) -> Operation {
        let takes_key = matches!(call, Call::Start { .. } | Call::PickUp | Call::Post { .. });
        let idempotency_key = takes_key.then(|| format!("{:016x}{:016x}", self.rng.u64(..), self.rng.u64(..)));
        let request = Request { caller, call, idempotency_key };
        Operation { number: self.recorder.operation(), request, is_uncertain: false }
    }

    /// Tries until the outcome is clear, or, now and then, only until it is not.
    pub(super) async fn carry_out(&mut self, operation: &mut Operation) -> Sent {
        let is_impatient = self.rng.f64() < IMPATIENCE;
        let mut wait = 20;
        for attempt in 1.. {
            let sent = self.try_once(operation).await;
            match &sent.outcome {
                outcome if outcome.is_unknown() && (is_impatient || attempt == MOST_ATTEMPTS) => return sent,
                Outcome::Failed(_) | Outcome::Unknown(_) => self.server = self.rng.usize(..self.service.servers()),
                Outcome::Refused(429) if attempt < MOST_ATTEMPTS => {}
                Outcome::Ok(_) | Outcome::Refused(_) => return sent,
            }
            tokio::time::sleep(Duration::from_millis(self.rng.u64(wait / 2..=wait))).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        unreachable!("attempts are counted")
    }

    /// A new operation, carried out.
    pub(super) async fn call(&mut self, caller: Caller, call: Call) -> Sent {
        let mut operation = self.operation(caller, call);
        self.carry_out(&mut operation).await
    }

    async fn try_once(&mut self, operation: &mut Operation) -> Sent {
        let start = self.recorder.now();
        let sent = self.service.send(self.server, &operation.request).await;
        let (client, server, number) = (self.client, self.server, operation.number);
        let (call, outcome) = (operation.request.call.clone(), sent.outcome.clone());
        operation.is_uncertain |= outcome.is_unknown();
        let end = self.recorder.now();
        self.recorder.event(Event { client, operation: number, server, call, start, end, outcome });
        sent
    }
}
