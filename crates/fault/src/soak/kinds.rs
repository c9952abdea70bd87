//! The kinds of what clients do: which refusals belong to each, and of which a run must have seen something go well.

use std::time::Duration;

/// What a client does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    SessionList,
    Topics,
    Presence,
    Pickup,
    Session,
    AgentReads,
    Transcript,
    AgentPosts,
    AgentEnds,
    AgentListens,
    AgentEvent,
    IsOpen,
    Start,
    CustomerReads,
    CustomerPosts,
    CustomerEnds,
    CustomerListens,
    CustomerEvent,
    SlowHeaders,
    SlowBody,
    SlowReader,
    NoReader,
    Silent,
    Stops,
    Resets,
    ClosesItsSide,
    Malformed,
    Oversized,
}

impl Kind {
    /// What reports call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SessionList => "list of sessions",
            Self::Topics => "topics",
            Self::Presence => "presence",
            Self::Pickup => "pickup",
            Self::Session => "session",
            Self::AgentReads => "messages",
            Self::Transcript => "transcript",
            Self::AgentPosts => "message of an agent",
            Self::AgentEnds => "end by an agent",
            Self::AgentListens => "events of an agent: begun",
            Self::AgentEvent => "events of an agent",
            Self::IsOpen => "is the topic open",
            Self::Start => "start of a session",
            Self::CustomerReads => "messages of a customer",
            Self::CustomerPosts => "message of a customer",
            Self::CustomerEnds => "end by a customer",
            Self::CustomerListens => "events of a customer: begun",
            Self::CustomerEvent => "events of a customer",
            Self::SlowHeaders => "headers, a byte at a time",
            Self::SlowBody => "body, a byte at a time",
            Self::SlowReader => "long list, read slowly",
            Self::NoReader => "long list, not read",
            Self::Silent => "half open: nothing is sent",
            Self::Stops => "half open: stops within a request",
            Self::Resets => "half open: resets within a request",
            Self::ClosesItsSide => "half open: closes its side",
            Self::Malformed => "malformed requests",
            Self::Oversized => "oversized requests",
        }
    }

    /// Statuses that refuse a well-formed call of this kind, and say how things stand: nobody waits for an agent (404), or the
    /// other side has ended the session meanwhile (409). A session that has ended stays there to be read.
    pub(super) fn admitted(self) -> &'static [u16] {
        match self {
            Self::Pickup => &[404],
            Self::AgentPosts | Self::AgentEnds | Self::CustomerPosts | Self::CustomerEnds => &[409],
            _ => &[],
        }
    }

    /// Whether the time it takes says something: events come when something happens, and what is slow or half open is so
    /// on purpose.
    pub(super) fn is_timed(self) -> bool {
        !matches!(
            self,
            Self::AgentEvent
                | Self::CustomerEvent
                | Self::SlowReader
                | Self::NoReader
                | Self::Silent
                | Self::Stops
                | Self::Resets
                | Self::ClosesItsSide
        )
    }

    /// What it is a part of; nothing where another kind follows on it, or the client alone decides.
    pub(super) fn whole(self) -> Option<Whole> {
        match self {
            Self::SessionList | Self::Topics | Self::Presence => Some(Whole::Looks),
            Self::Pickup => Some(Whole::Pickups),
            Self::Session | Self::AgentReads | Self::Transcript => Some(Whole::AgentReads),
            Self::AgentPosts | Self::AgentEnds => Some(Whole::AgentSteps),
            Self::AgentEvent => Some(Whole::AgentEvents),
            Self::Start => Some(Whole::Starts),
            Self::CustomerReads => Some(Whole::CustomerReads),
            Self::CustomerPosts | Self::CustomerEnds => Some(Whole::CustomerSteps),
            Self::CustomerEvent => Some(Whole::CustomerEvents),
            Self::SlowHeaders | Self::SlowBody => Some(Whole::SlowSenders),
            Self::SlowReader => Some(Whole::SlowReaders),
            Self::NoReader => Some(Whole::NoReaders),
            Self::Silent | Self::Stops | Self::ClosesItsSide => Some(Whole::HalfOpen),
            Self::Malformed => Some(Whole::Malformed),
            Self::Oversized => Some(Whole::Oversized),
            Self::AgentListens | Self::IsOpen | Self::CustomerListens | Self::Resets => None,
        }
    }
}

/// Kinds that are judged together: of each whole, a run must have seen something go well. One kind alone may be so rare in a
/// short run, or on a slow machine, that none of it is no news.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whole {
    Looks,
    Pickups,
    AgentReads,
    AgentSteps,
    AgentEvents,
    Starts,
    CustomerReads,
    CustomerSteps,
    CustomerEvents,
    SlowSenders,
    SlowReaders,
    NoReaders,
    HalfOpen,
    Malformed,
    Oversized,
}

impl Whole {
    pub(super) const ALL: [Self; 15] = [
        Self::Looks,
        Self::Pickups,
        Self::AgentReads,
        Self::AgentSteps,
        Self::AgentEvents,
        Self::Starts,
        Self::CustomerReads,
        Self::CustomerSteps,
        Self::CustomerEvents,
        Self::SlowSenders,
        Self::SlowReaders,
        Self::NoReaders,
        Self::HalfOpen,
        Self::Malformed,
        Self::Oversized,
    ];

    /// What a report says that there was none of.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Looks => "list of sessions, of topics or of who is present",
            Self::Pickups => "pickup that got a session",
            Self::AgentReads => "session, message or transcript that an agent read",
            Self::AgentSteps => "message or end by an agent that was accepted",
            Self::AgentEvents => "event that an agent heard of",
            Self::Starts => "session that was started",
            Self::CustomerReads => "message that a customer read",
            Self::CustomerSteps => "message or end by a customer that was accepted",
            Self::CustomerEvents => "event that a customer heard of",
            Self::SlowSenders => "slow sender who was refused",
            Self::SlowReaders => "slow reader who was served",
            Self::NoReaders => "connection that was closed because nobody read",
            Self::HalfOpen => "half-open connection that was closed",
            Self::Malformed => "malformed request that was refused",
            Self::Oversized => "oversized request that was refused",
        }
    }

    /// Whether refusals are what must be seen of it: those who do wrong get no other answer.
    pub(super) fn is_to_be_refused(self) -> bool {
        matches!(self, Self::SlowSenders | Self::NoReaders | Self::HalfOpen | Self::Malformed | Self::Oversized)
    }

    /// How long a run of [`LEAST_CONNECTIONS`] goes on that must have seen it, on a slow machine too.
    ///
    /// Most of it happens a hundred times in ten seconds on two cores with a server that is not optimised, or, as what the
    /// server does with hostile traffic, as soon as its patience of a quarter of the run is over. What needs longer is
    /// rare (agents seldom look around), or takes its time (a list that is read slowly or not at all).
    pub(super) fn needs(self) -> Duration {
        match self {
            Self::Looks | Self::SlowReaders | Self::NoReaders => Duration::from_secs(120),
            _ => Duration::from_secs(10),
        }
    }
}

/// With fewer connections, there is not enough of everything.
pub(super) const LEAST_CONNECTIONS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_that_somebody_else_may_come_before_have_refusals() {
        for (kind, admitted) in [
            (Kind::SessionList, &[][..]),
            (Kind::Topics, &[]),
            (Kind::Presence, &[]),
            (Kind::IsOpen, &[]),
            (Kind::Start, &[]),
            (Kind::AgentListens, &[]),
            (Kind::CustomerListens, &[]),
            // A session that has ended can still be read.
            (Kind::Session, &[]),
            (Kind::AgentReads, &[]),
            (Kind::Transcript, &[]),
            (Kind::CustomerReads, &[]),
            (Kind::Pickup, &[404]),
            (Kind::AgentPosts, &[409]),
            (Kind::AgentEnds, &[409]),
            (Kind::CustomerPosts, &[409]),
            (Kind::CustomerEnds, &[409]),
        ] {
            assert_eq!(kind.admitted(), admitted, "{kind:?}");
        }
    }
}
