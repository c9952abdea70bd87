//! All clients at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::agent::Agent;
use super::customer;
use super::line::Line;
use super::plan::Plan;
use super::service::Service;
use crate::history::{Client, Recorder};

/// Customers that are served at the same time; who comes later waits outside.
const MOST_CUSTOMERS: usize = 64;

/// Lets all clients of a plan do their part. `topics` are the `TopicId`s and `users` the `AssociateId`s of the agents, by
/// their numbers in the plan. `trouble` is what goes on meanwhile: when it is over, and the last customer is done, the
/// agents pick up what is left.
pub async fn run_clients(
    plan: Arc<Plan>,
    service: Arc<dyn Service>,
    recorder: Arc<Recorder>,
    topics: Vec<i32>,
    users: Vec<i32>,
    trouble: impl Future<Output = ()>,
) {
    let begin = Instant::now();
    let is_last_call = Arc::new(AtomicBool::new(false));
    let line = |client, seed| Line::new(Arc::clone(&service), Arc::clone(&recorder), client, seed);

    let mut agents = JoinSet::new();
    for (number, user) in users.into_iter().enumerate() {
        let line = line(Client::Agent(user), plan.agents[number].seed);
        let (plan, is_last_call) = (Arc::clone(&plan), Arc::clone(&is_last_call));
        agents.spawn(async move {
            Agent::new(line, number, user, &plan, begin, &is_last_call).work().await;
        });
    }
    let places = Arc::new(Semaphore::new(MOST_CUSTOMERS));
    let mut customers = JoinSet::new();
    for (number, customer) in plan.customers.iter().enumerate() {
        let line = line(Client::Customer(number), customer.seed);
        let topic = topics[customer.topic];
        let (plan, places) = (Arc::clone(&plan), Arc::clone(&places));
        customers.spawn(async move {
            let customer = &plan.customers[number];
            tokio::time::sleep_until(begin + Duration::from_millis(customer.arrives_ms)).await;
            let _place = places.acquire().await;
            customer::play(line, number, customer, topic).await;
        });
    }
    trouble.await;
    all(customers).await;
    is_last_call.store(true, Ordering::Release);
    all(agents).await;
}

/// Waits for all, and passes on what one of them panicked with.
async fn all(mut tasks: JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}
