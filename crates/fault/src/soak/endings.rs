//! Which ends of a connection are right for a client that does wrong.

use std::time::Duration;

use tokio::time::Instant;

use super::World;
use super::slow::SLACK;
use super::tally::Outcome;
use super::wire::{End, Wire};

/// Whether the server may close a connection without an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Silence {
    /// It may: where nobody asked for anything yet, nobody waits for an answer.
    Admitted,
    /// It may not. What remains is a reset, by which a system may drop an answer: it comes where the server has not read
    /// all that we sent.
    OnlyReset,
}

/// How far the wait for an end has come.
#[derive(Clone, Copy, Debug)]
struct Wait {
    so_far: Duration,
    most: Duration,
    /// Whether the run is over: what has not ended by then says nothing.
    is_run_over: bool,
}

/// Waits until the server closes the connection, which it must do.
pub(super) async fn is_closed(world: &World, mut wire: Wire, admitted: &[u16], silence: Silence) -> Outcome {
    let begin = Instant::now();
    loop {
        let end = wire.end(Duration::from_secs(1)).await;
        let most = world.patience + SLACK;
        let wait = Wait { so_far: begin.elapsed(), most, is_run_over: world.is_over() };
        if let Some(outcome) = judged(&end, admitted, silence, wait) {
            return outcome;
        }
    }
}

/// What this comes to; nothing while it may still end well.
fn judged(end: &End, admitted: &[u16], silence: Silence, wait: Wait) -> Option<Outcome> {
    if let Some(status) = end.status()
        && !admitted.contains(&status)
    {
        return Some(Outcome::Fault(format!("answered {status} instead of {admitted:?}")));
    }
    match (end, silence) {
        (End::Closed(Some(_)) | End::Reset(Some(_)), _) => Some(Outcome::Refused),
        (End::Closed(None) | End::Reset(None), Silence::Admitted) => Some(Outcome::Refused),
        // Nobody knows whether there was an answer.
        (End::Reset(None), Silence::OnlyReset) => Some(Outcome::Left),
        (End::Closed(None), Silence::OnlyReset) => {
            Some(Outcome::Fault(format!("closed without an answer instead of {admitted:?}")))
        }
        (End::Open(_), _) if wait.is_run_over => Some(Outcome::Left),
        (End::Open(answer), _) if wait.so_far > wait.most => {
            let answer = answer.map_or_else(String::new, |status| format!(", {status} answered"));
            Some(Outcome::Fault(format!("still open after {} s{answer}", wait.so_far.as_secs())))
        }
        // An answer alone does not end it: the connection must not be kept.
        (End::Open(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(so_far: u64) -> Wait {
        Wait { so_far: Duration::from_secs(so_far), most: Duration::from_secs(60), is_run_over: false }
    }

    fn fault(what: &str) -> Option<Outcome> {
        Some(Outcome::Fault(what.to_owned()))
    }

    #[test]
    fn answers_must_be_those_that_are_admitted() {
        for silence in [Silence::Admitted, Silence::OnlyReset] {
            for (end, expected) in [
                (End::Closed(Some(400)), Some(Outcome::Refused)),
                (End::Reset(Some(431)), Some(Outcome::Refused)),
                (End::Closed(Some(200)), fault("answered 200 instead of [400, 431]")),
                (End::Reset(Some(500)), fault("answered 500 instead of [400, 431]")),
                (End::Open(Some(200)), fault("answered 200 instead of [400, 431]")),
            ] {
                assert_eq!(judged(&end, &[400, 431], silence, wait(1)), expected, "{end:?}, {silence:?}");
            }
        }
    }

    #[test]
    fn a_connection_must_be_closed_in_time_whether_it_was_answered_or_not() {
        for silence in [Silence::Admitted, Silence::OnlyReset] {
            for (answer, expected) in
                [(None, "still open after 61 s"), (Some(400), "still open after 61 s, 400 answered")]
            {
                let end = End::Open(answer);
                assert_eq!(judged(&end, &[400], silence, wait(60)), None, "{end:?}, {silence:?}");
                assert_eq!(judged(&end, &[400], silence, wait(61)), fault(expected), "{end:?}, {silence:?}");
                let wait = Wait { is_run_over: true, ..wait(61) };
                assert_eq!(judged(&end, &[400], silence, wait), Some(Outcome::Left), "{end:?}, {silence:?}");
            }
        }
    }

    #[test]
    fn only_half_open_connections_may_be_closed_without_an_answer() {
        for (end, silence, expected) in [
            (End::Closed(None), Silence::Admitted, Some(Outcome::Refused)),
            (End::Reset(None), Silence::Admitted, Some(Outcome::Refused)),
            (End::Closed(None), Silence::OnlyReset, fault("closed without an answer instead of [413]")),
            (End::Reset(None), Silence::OnlyReset, Some(Outcome::Left)),
        ] {
            assert_eq!(judged(&end, &[413], silence, wait(1)), expected, "{end:?}, {silence:?}");
        }
    }
}
