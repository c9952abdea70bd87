//! A customer, who asks, writes, reads, and sometimes leaves.

use std::time::Duration;

use super::line::Line;
use super::plan::{CustomerPlan, Step};
use super::service::Caller;
use crate::history::{Answer, Call, Outcome};

/// Plays a customer from the start of the session on.
pub(super) async fn play(mut line: Line, number: usize, plan: &CustomerPlan, topic: i32) {
    let customer = format!("customer {number}");
    let start = Call::Start { topic, text: format!("{customer} asks"), customer: customer.clone() };
    let started = line.call(Caller::Customer(None), start).await;
    let Outcome::Ok(Answer::Session(session)) = started.outcome else { return };
    let caller = Caller::Customer(started.session_key);
    let session = session.id;
    let mut after = None;
    for (index, step) in plan.steps.iter().enumerate() {
        let call = match step {
            Step::Wait { ms } => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                continue;
            }
            Step::Post => Call::Post { session, text: format!("{customer} writes {index}") },
            Step::Read => Call::Read { session, after },
            Step::End => Call::End { session },
        };
        match line.call(caller.clone(), call).await.outcome {
            Outcome::Ok(Answer::Messages(messages)) => {
                after = messages.iter().map(|message| message.id).max().or(after);
            }
            // The agent has ended it.
            Outcome::Refused(_) => return,
            Outcome::Ok(_) | Outcome::Failed(_) | Outcome::Unknown(_) => {}
        }
        let pause = line.rng.u64(1..60);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
