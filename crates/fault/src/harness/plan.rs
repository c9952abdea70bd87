//! What is to happen, drawn from a seed.

use std::ops::Range;

use fastrand::Rng;

/// How much is to happen.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Servers that can be killed.
    pub servers: usize,
    /// Agents.
    pub agents: usize,
    /// Customers, who start a session each.
    pub customers: usize,
    /// Topics.
    pub topics: usize,
    /// Seconds in which customers come and servers die.
    pub seconds: u64,
    /// Whether the database drops its connections now and then.
    pub cut_database: bool,
}

/// Everything that is to happen. The same seed and size give the same plan; when things happen in fact, and who is faster,
/// is another matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The customers.
    pub(super) customers: Vec<CustomerPlan>,
    /// The agents.
    pub(super) agents: Vec<AgentPlan>,
    /// Servers that die, in the order of time.
    pub(super) kills: Vec<Kill>,
    /// When the database drops its connections, in milliseconds.
    pub(super) database_cuts: Vec<u64>,
    /// When nobody picks up, in milliseconds from the beginning: customers wait one behind the other then, and are picked
    /// up by everybody at once when it is over.
    pub(super) breaks: Vec<Range<u64>>,
    /// What connections are cut by.
    pub(super) cuts: u64,
    /// How many topics there are.
    pub(super) topics: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomerPlan {
    /// Milliseconds from the beginning.
    pub(super) arrives_ms: u64,
    /// The topic, by number.
    pub(super) topic: usize,
    pub(super) steps: Vec<Step>,
    /// What else is drawn.
    pub(super) seed: u64,
}

/// What a customer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait { ms: u64 },
    Post,
    Read,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentPlan {
    /// The topics in which the agent can respond, by number.
    pub(super) topics: Vec<usize>,
    /// How many sessions the agent has at the same time, at most.
    pub(super) most_sessions: usize,
    /// What else is drawn.
    pub(super) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    /// Milliseconds from the beginning.
    pub(super) at_ms: u64,
    pub(super) server: usize,
    /// Milliseconds until it is started again.
    pub(super) down_ms: u64,
}

impl Plan {
    /// Draws a plan.
    pub fn new(seed: u64, size: &Size) -> Self {
        let mut rng = Rng::with_seed(seed);
        let end_ms = size.seconds * 1000;
        let mut customers: Vec<CustomerPlan> =
            (0..size.customers).map(|_| CustomerPlan::new(&mut rng, size.topics, end_ms * 9 / 10)).collect();
        customers.sort_by_key(|customer| customer.arrives_ms);
        Self {
            customers,
            agents: (0..size.agents).map(|number| AgentPlan::new(&mut rng, number, size.topics)).collect(),
            kills: kills(&mut rng, size.servers, end_ms),
            database_cuts: if size.cut_database { times(&mut rng, end_ms, 4000..9000) } else { Vec::new() },
            breaks: breaks(&mut rng, end_ms),
            cuts: rng.u64(..),
            topics: size.topics,
        }
    }

    /// Whether nobody picks up, so many milliseconds from the beginning.
    pub(super) fn is_break(&self, at_ms: u128) -> bool {
        self.breaks.iter().any(|rest| (u128::from(rest.start)..u128::from(rest.end)).contains(&at_ms))
    }
}

impl CustomerPlan {
    fn new(rng: &mut Rng, topics: usize, end_ms: u64) -> Self {
        let mut steps = Vec::new();
        let leaves_at_once = rng.f64() < 0.06;
        for _ in 0..if leaves_at_once { 0 } else { rng.usize(1..=6) } {
            steps.push(match rng.u32(..10) {
                0..5 => Step::Post,
                5..8 => Step::Read,
                _ => Step::Wait { ms: rng.u64(20..400) },
            });
        }
        if leaves_at_once || rng.f64() < 0.25 {
            steps.push(Step::End);
        }
        Self { arrives_ms: rng.u64(..end_ms.max(1)), topic: rng.usize(..topics), steps, seed: rng.u64(..) }
    }
}

impl AgentPlan {
    /// Every other agent can respond everywhere, the rest in two topics.
    fn new(rng: &mut Rng, number: usize, topics: usize) -> Self {
        let mut own: Vec<usize> =
            if number.is_multiple_of(2) { (0..topics).collect() } else { vec![number % topics, (number + 1) % topics] };
        own.sort_unstable();
        own.dedup();
        Self { topics: own, most_sessions: rng.usize(1..=4), seed: rng.u64(..) }
    }
}

/// A server every two to five seconds, each of which comes back.
fn kills(rng: &mut Rng, servers: usize, end_ms: u64) -> Vec<Kill> {
    let kill = |at_ms| Kill { at_ms, server: 0, down_ms: 0 };
    let mut kills: Vec<Kill> = times(rng, end_ms, 2000..5000).into_iter().map(kill).collect();
    for kill in &mut kills {
        (kill.server, kill.down_ms) = (rng.usize(..servers), rng.u64(100..1500));
    }
    kills
}

/// A break every four to six seconds. It is longer than most servers are down, so that sessions come in it.
fn breaks(rng: &mut Rng, end_ms: u64) -> Vec<Range<u64>> {
    let begins = times(rng, end_ms, 4000..6000);
    begins.into_iter().map(|begin| begin..begin + rng.u64(1200..2500)).collect()
}

fn times(rng: &mut Rng, end_ms: u64, distance: Range<u64>) -> Vec<u64> {
    let mut times = Vec::new();
    let mut now = 1000 + rng.u64(..distance.start);
    while now < end_ms {
        times.push(now);
        now += rng.u64(distance.clone());
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything() {
        let size = Size { servers: 3, agents: 8, customers: 50, topics: 4, seconds: 60, cut_database: true };
        assert_eq!(Plan::new(7, &size), Plan::new(7, &size));
        assert_ne!(Plan::new(7, &size), Plan::new(8, &size));
    }

    #[test]
    fn a_plan_stays_within_its_size() {
        for seed in 0..50 {
            let size = Size { servers: 2, agents: 5, customers: 40, topics: 3, seconds: 30, cut_database: false };
            let plan = Plan::new(seed, &size);
            assert_eq!((plan.customers.len(), plan.agents.len()), (40, 5));
            assert!(plan.customers.is_sorted_by_key(|customer| customer.arrives_ms));
            assert!(plan.customers.iter().all(|customer| customer.arrives_ms < 30_000 && customer.topic < 3));
            assert!(plan.agents.iter().all(|agent| agent.topics.iter().all(|topic| *topic < 3)));
            assert!(!plan.kills.is_empty() && plan.kills.iter().all(|kill| kill.server < 2 && kill.at_ms < 30_000));
            assert!(plan.database_cuts.is_empty());
            assert!(
                !plan.breaks.is_empty() && plan.breaks.iter().all(|rest| rest.start < 30_000 && rest.start < rest.end)
            );
            assert!(plan.breaks.is_sorted_by(|earlier, later| earlier.end < later.start));
        }
    }
}
