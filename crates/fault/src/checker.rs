//! Whether a history is one that a correct service can have.
//!
//! An operation takes effect at one instant between the sending of its first attempt that was not refused and its first
//! good answer; one without a good answer at any later instant, or never. A rule is broken only where no choice of these
//! instants explains what was seen.

mod answers;
mod endings;
mod facts;
mod held;
mod messages;
mod pickups;
mod queue;
mod ranks;
mod reads;
mod starts;
#[cfg(test)]
mod tests;
mod welcome;

use std::fmt;

use self::facts::{Facts, Operation};
use crate::history::{Event, History};

/// What a correct service keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Every acknowledged start made exactly one session; there is no session that nobody asked for; and a repeated
    /// start is answered with the first one's.
    Starts,
    /// Every session was picked up once, by the agent who was told so, unless its customer left before.
    Pickups,
    /// Of one topic's sessions nobody gets a later one while an earlier one waits, or only now and then, where others hold
    /// the earlier one.
    QueueOrder,
    /// Nobody is told that nothing waits while something does.
    QueueHidden,
    /// Every session that was picked up has one welcome message, and no other has any.
    Welcome,
    /// Every acknowledged message is there once, every other at most once, and none that nobody wrote.
    Messages,
    /// Messages of a session stand in the order in which they were posted.
    MessageOrder,
    /// Who reads sees all that was acknowledged before, and nothing that is gone later.
    Reads,
    /// The active sessions of an agent have different ranks.
    Ranks,
    /// What was ended is over, nothing else is, and nothing happens after the end.
    Endings,
    /// Nobody is refused without a reason, and nobody is told that the service failed while its database is there.
    Answers,
}

/// How a rule is broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// What is wrong.
    pub what: String,
    /// The calls that show it, in the order in which they were sent.
    pub events: Vec<Event>,
}

/// What the checker says of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What is wrong; nothing, where the history is one of a correct service.
    pub violations: Vec<Violation>,
    /// How many sessions were overtaken while another call held them, where a pickup passes over such.
    pub overtaken_while_held: usize,
    /// How many sessions came while another of their topic waited: what there was to judge the order of a queue by.
    pub queued_behind: usize,
}

/// Checks a history against every rule.
pub fn check(history: &History) -> Report {
    let facts = Facts::new(history);
    let mut findings = Findings::default();
    starts::check(&facts, &mut findings);
    pickups::check(&facts, &mut findings);
    queue::check(&facts, &mut findings);
    welcome::check(&facts, &mut findings);
    messages::check(&facts, &mut findings);
    reads::check(&facts, &mut findings);
    ranks::check(&facts, &mut findings);
    endings::check(&facts, &mut findings);
    answers::check(&facts, &mut findings);
    findings.report
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    report: Report,
}

impl Findings {
    fn add<'h>(&mut self, rule: Rule, what: String, events: impl IntoIterator<Item = &'h Event>) {
        let mut events: Vec<Event> = events.into_iter().cloned().collect();
        events.sort_by_key(|event| (event.start, event.end));
        events.dedup();
        self.report.violations.push(Violation { rule, what, events });
    }

    /// With all attempts of these operations.
    fn add_of<'o, 'h: 'o>(
        &mut self,
        rule: Rule,
        what: String,
        operations: impl IntoIterator<Item = &'o Operation<'h>>,
    ) {
        self.add(rule, what, operations.into_iter().flat_map(|operation| operation.attempts.iter().copied()));
    }
}

impl Rule {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Pickups => "pickups",
            Self::QueueOrder => "queue-order",
            Self::QueueHidden => "queue-hidden",
            Self::Welcome => "welcome",
            Self::Messages => "messages",
            Self::MessageOrder => "message-order",
            Self::Reads => "reads",
            Self::Ranks => "ranks",
            Self::Endings => "endings",
            Self::Answers => "answers",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violation[{}]: {}", self.rule.code(), self.what)?;
        self.events.iter().try_for_each(|event| write!(f, "\n  {event}"))
    }
}
