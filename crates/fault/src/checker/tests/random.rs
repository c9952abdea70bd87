//! Histories of a correct service, with random interleavings and answers that are lost.

use std::collections::BTreeMap;

use fastrand::Rng;
use proptest::prelude::*;

use crate::checker::check;
use crate::history::{Answer, Call, Client, Event, History, Outcome, Pickup, Setup};
use crate::model::Model;

/// Somebody who makes one call after the other, again until the outcome is clear or patience is over.
struct Caller {
    client: Client,
    /// What it does, and whether it was sent, done, and answered.
    running: Option<Running>,
    /// The session, if it has one.
    session: Option<i32>,
    written: usize,
}

struct Running {
    event: Event,
    key: Option<String>,
    /// What the service answered, once it was carried out.
    done: Option<Outcome>,
}

struct World {
    rng: Rng,
    now: u64,
    operations: u64,
    model: Model,
    history: History,
    /// Calls whose clients were told nothing, which may be carried out later.
    late: Vec<Running>,
}

impl World {
    fn step(&mut self, caller: &mut Caller) {
        self.now += 1;
        match &mut caller.running {
            None => caller.running = self.send(caller, None),
            Some(running) if running.done.is_none() && self.rng.f64() < 0.6 => {
                running.done = Some(self.model.apply(caller.client, &running.event.call, running.key.as_deref()));
            }
            Some(running) if running.done.is_some() && self.rng.f64() < 0.8 => {
                let running = caller.running.take().unwrap();
                let outcome = running.done.unwrap();
                self.told(caller, Event { outcome, ..running.event });
            }
            Some(_) if self.rng.f64() < 0.3 => {
                let running = caller.running.take().unwrap();
                let event = running.event.clone();
                if running.done.is_none() {
                    self.late.push(Running { event: event.clone(), key: running.key.clone(), done: None });
                }
                self.told(caller, event.clone());
                // Only what carries a key, and an end, may be repeated.
                let may_repeat = running.key.is_some() || matches!(event.call, Call::End { .. });
                if may_repeat && self.rng.f64() < 0.8 {
                    caller.running =
                        Some(Running { event: Event { start: self.now, ..event }, key: running.key, done: None });
                }
            }
            Some(_) => {}
        }
        if !self.late.is_empty() && self.rng.f64() < 0.1 {
            let late = self.late.swap_remove(self.rng.usize(..self.late.len()));
            self.model.apply(late.event.client, &late.event.call, late.key.as_deref());
        }
    }

    fn send(&mut self, caller: &mut Caller, call: Option<Call>) -> Option<Running> {
        caller.written += 1;
        let text = format!("{} {}", caller.client, caller.written);
        let call = call.or_else(|| match (caller.client, caller.session) {
            (Client::Customer(_), None) => {
                Some(Call::Start { topic: self.rng.i32(1..=2), customer: text.clone(), text })
            }
            (Client::Agent(_), None) => Some(Call::PickUp),
            (client, Some(session)) => Some(match self.rng.u32(..10) {
                0 => Call::End { session },
                1 | 2 => Call::Read { session, after: None },
                3 | 4 if matches!(client, Client::Agent(_)) => Call::PickUp,
                _ => Call::Post { session, text },
            }),
        })?;
        let key = match &call {
            Call::Start { .. } | Call::PickUp | Call::Post { .. } => Some(self.operations.to_string()),
            _ => None,
        };
        let (client, operation) = (caller.client, self.operations);
        self.operations += 1;
        let outcome = Outcome::Unknown("cut".to_owned());
        let event = Event { client, operation, server: 0, call, start: self.now, end: 0, outcome };
        Some(Running { event, key, done: None })
    }

    fn told(&mut self, caller: &mut Caller, event: Event) {
        let event = Event { end: self.now, ..event };
        match (&event.call, &event.outcome) {
            (Call::Start { .. } | Call::PickUp, Outcome::Ok(Answer::Session(session))) => {
                caller.session = Some(session.id)
            }
            (Call::End { .. }, Outcome::Ok(_)) | (_, Outcome::Refused(409)) => caller.session = None,
            _ => {}
        }
        self.history.events.push(event);
    }

    /// Calls that can still be carried out, and agents who pick up what is left.
    fn drain(&mut self, agents: &[i32]) {
        for late in std::mem::take(&mut self.late) {
            if self.rng.bool() {
                self.model.apply(late.event.client, &late.event.call, late.key.as_deref());
            }
        }
        for agent in agents {
            let mut caller = Caller { client: Client::Agent(*agent), running: None, session: None, written: 0 };
            loop {
                self.now += 2;
                let running = self.send(&mut caller, Some(Call::PickUp)).unwrap();
                let outcome = self.model.apply(caller.client, &running.event.call, running.key.as_deref());
                self.now += 2;
                let is_empty = outcome == Outcome::Refused(404);
                self.told(&mut caller, Event { outcome, ..running.event });
                if is_empty {
                    break;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_serial_service_is_accepted(seed: u64, steps in 100_usize..3000, customers in 1_usize..8) {
        let responders: BTreeMap<i32, Vec<i32>> = [(1, vec![100, 101, 102]), (2, vec![101, 103])].into();
        let setup = Setup { seed, responders: responders.clone(), pickup: Pickup::Serial };
        let mut world = World {
            rng: Rng::with_seed(seed),
            now: 0,
            operations: 0,
            model: Model::new(responders, None),
            history: History { setup, ..History::default() },
            late: Vec::new(),
        };
        let agents = [100, 101, 102, 103];
        let clients = (0..customers).map(Client::Customer).chain(agents.map(Client::Agent));
        let mut callers: Vec<Caller> =
            clients.map(|client| Caller { client, running: None, session: None, written: 0 }).collect();
        for _ in 0..steps {
            let caller = world.rng.usize(..callers.len());
            world.step(&mut callers[caller]);
        }
        for running in callers.into_iter().filter_map(|caller| caller.running) {
            world.history.events.push(Event { end: world.now, ..running.event.clone() });
            if running.done.is_none() {
                world.late.push(running);
            }
        }
        world.drain(&agents);
        world.history.end = world.model.state();
        let violations: Vec<String> = check(&world.history).violations.iter().map(ToString::to_string).collect();
        prop_assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}
