//! The clients against a service in memory, whose answers get lost, and against services with faults.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fastrand::Rng;

use super::plan::{Plan, Size};
use super::service::{Caller, Request, Sent, Service};
use super::{Summary, run_clients};
use crate::checker::{Report, Rule, check};
use crate::history::{Client, Fault, History, Hit, Outcome, Pickup, Recorder, Setup};
use crate::model::{Bug, Model};

/// A service that loses requests and answers, and sometimes carries out later what was lost.
struct Flaky {
    model: Arc<Mutex<Model>>,
    users: Vec<i32>,
    rng: Mutex<Rng>,
}

#[async_trait]
impl Service for Flaky {
    fn servers(&self) -> usize {
        3
    }

    async fn send(&self, _: usize, request: &Request) -> Sent {
        let (fate, before, after) = {
            let mut rng = self.rng.lock().unwrap();
            (rng.u32(..100), rng.u64(..1500), rng.u64(..1500))
        };
        tokio::time::sleep(Duration::from_micros(before)).await;
        let client = match &request.caller {
            Caller::Customer(_) => Client::Customer(0),
            Caller::Agent(number) => Client::Agent(self.users[*number]),
        };
        let (model, request) = (Arc::clone(&self.model), request.clone());
        let apply = move || model.lock().unwrap().apply(client, &request.call, request.idempotency_key.as_deref());
        let lost = || if after.is_multiple_of(7) { Outcome::Failed(503) } else { Outcome::Unknown("lost".to_owned()) };
        let outcome = match fate {
            0..6 => lost(),
            6..14 => {
                apply();
                lost()
            }
            14..18 => {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    apply();
                });
                lost()
            }
            _ => apply(),
        };
        tokio::time::sleep(Duration::from_micros(after)).await;
        outcome.into()
    }
}

/// A run of a second, against a service with or without a fault, to which blows are dealt that do nothing to it.
async fn play(seed: u64, pickup: Pickup, bug: Option<Bug>) -> (History, Report) {
    let size = Size { servers: 3, agents: 6, customers: 60, topics: 3, seconds: 1, cut_database: false };
    let plan = Arc::new(Plan::new(seed, &size));
    let (topics, users): (Vec<i32>, Vec<i32>) = ((1..=3).collect(), (100..106).collect());
    let of_topic = |topic: usize| {
        let own = plan.agents.iter().zip(&users).filter(|(agent, _)| agent.topics.contains(&topic));
        own.map(|(_, user)| *user).collect()
    };
    let responders: std::collections::BTreeMap<i32, Vec<i32>> =
        topics.iter().enumerate().map(|(number, topic)| (*topic, of_topic(number))).collect();
    let model = Arc::new(Mutex::new(Model::new(responders.clone(), bug)));
    let rng = Mutex::new(Rng::with_seed(seed));
    let service = Arc::new(Flaky { model: Arc::clone(&model), users: users.clone(), rng });
    let recorder = Arc::new(Recorder::new(None).unwrap());
    recorder.setup(Setup { seed, responders, pickup });
    let trouble = async {
        for number in 0..10 {
            let start = recorder.now();
            tokio::time::sleep(Duration::from_millis(100)).await;
            let hit = if number % 2 == 0 { Hit::Database } else { Hit::Server(number % 3) };
            recorder.fault(Fault { hit, start, end: recorder.now() });
        }
    };
    let run = run_clients(plan, service, Arc::clone(&recorder), topics, users, trouble);
    tokio::time::timeout(Duration::from_secs(60), run).await.expect("comes to rest");
    // What was lost and is carried out later.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let state = model.lock().unwrap().state();
    let history = recorder.finish(state).unwrap();
    let report = check(&history);
    (history, report)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correct_service_is_accepted() {
    for (seed, pickup) in [(1, Pickup::Serial), (2, Pickup::SkipsHeld)] {
        let (history, report) = play(seed, pickup, None).await;
        let violations: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        assert!(history.end.sessions.len() > 40);
        let count = |is_it: fn(&Outcome) -> bool| history.events.iter().filter(|event| is_it(&event.outcome)).count();
        let (failed, unknown) = (count(|outcome| matches!(outcome, Outcome::Failed(503))), count(Outcome::is_unknown));
        assert!(failed > 2 && unknown > 20, "{failed} and {unknown} of {}", history.events.len());
        let summary = Summary::of(&history, &report).to_string();
        assert!(summary.contains("pick up") && summary.contains("violations: 0"), "{summary}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_found() {
    let bugs = [
        (Bug::ForgetsKeys, Rule::Starts),
        (Bug::LosesMessages, Rule::Messages),
        (Bug::LosesSessions, Rule::Starts),
        (Bug::TakesLast, Rule::QueueOrder),
        (Bug::GivesTwice, Rule::Pickups),
        (Bug::NoWelcome, Rule::Welcome),
        (Bug::SameRanks, Rule::Ranks),
        (Bug::WritesAfterEnd, Rule::Endings),
        (Bug::Hides, Rule::QueueHidden),
    ];
    let ways = bugs.map(|(bug, rule)| (bug, Pickup::Serial, rule));
    // Where pickups pass over what others hold, the order still has to be one.
    let ways = ways.into_iter().chain([(Bug::TakesLast, Pickup::SkipsHeld, Rule::QueueOrder)]);
    let runs: Vec<_> = ways
        .map(|(bug, pickup, rule)| tokio::spawn(async move { (bug, rule, play(3, pickup, Some(bug)).await.1) }))
        .collect();
    for run in runs {
        let (bug, rule, report) = run.await.unwrap();
        let found: Vec<&str> = report.violations.iter().map(|violation| violation.rule.code()).collect();
        assert!(found.contains(&rule.code()), "{bug:?}: {found:?}");
    }
}
