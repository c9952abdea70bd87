//! Agents and customers who do nothing wrong, through the generated client.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chat_client::models::{ChatSessionEntity, CreateChatSessionRequest, PostChatMessageRequest};
use chat_client::{Client, Error, Event, EventStream, ResponseValue};
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::kinds::Kind;
use super::setup::SignIn;
use super::tally::Outcome;
use super::{Shares, World};

/// How long a client waits for an answer; whoever waits longer has met a fault.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Between the end of a stream and the next attempt.
const BETWEEN_STREAMS: Duration = Duration::from_secs(2);
/// Sessions that an agent has at a time.
const MOST_SESSIONS: usize = 4;

pub(super) fn spawn(
    clients: &mut JoinSet<()>,
    world: &Arc<World>,
    shares: Shares,
    rng: &mut Rng,
) -> anyhow::Result<()> {
    for sign_in in &world.prepared.agents {
        let client = client(world, Some(sign_in), None)?;
        let is_patient = matches!(sign_in, SignIn::Basic { .. });
        clients.spawn(agent(Arc::clone(world), client.clone(), rng.fork(), is_patient));
        // The events come over a connection of their own.
        clients.spawn(listening_agent(Arc::clone(world), client));
    }
    for number in 0..shares.listening_customers + shares.customers {
        clients.spawn(customer(Arc::clone(world), rng.fork(), number < shares.listening_customers));
    }
    Ok(())
}

/// A client that repeats nothing, so that nothing is hidden, and keeps its connection.
fn client(world: &World, sign_in: Option<&SignIn>, key: Option<&str>) -> anyhow::Result<Client> {
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(world.tls.clone())
        .pool_max_idle_per_host(1)
        // Before the server closes it: a request must not meet a connection that ends.
        .pool_idle_timeout(world.patience / 2);
    let builder = Client::builder(format!("http://{}", world.address)).http(http).timeout(TIMEOUT).retries(0);
    let builder = match sign_in {
        Some(SignIn::Basic { user, password }) => builder.basic(user, password),
        Some(SignIn::Ticket(ticket)) => builder.so_ticket(ticket),
        None => builder,
    };
    let builder = match key {
        Some(key) => builder.api_key("chatSessionKey", key),
        None => builder,
    };
    builder.build().context("cannot set up a client")
}

/// Calls, notes what came of it, and hands on a good answer.
async fn call<T>(
    world: &World,
    kind: Kind,
    request: impl Future<Output = Result<ResponseValue<T>, Error>>,
) -> Option<T> {
    let begin = Instant::now();
    let result = request.await;
    let took = begin.elapsed();
    let (outcome, answer) = match result {
        Ok(answer) => (Outcome::Good, Some(answer.into_inner())),
        Err(error) => {
            let status = error.status().map(|status| status.as_u16());
            (not_good(kind, status, || causes(&error)), None)
        }
    };
    world.tally.note(kind, outcome, took);
    answer
}

/// What an answer comes to that is not good. A refusal that says how things stand is as it should be, where such a call may
/// meet it.
fn not_good(kind: Kind, status: Option<u16>, what: impl FnOnce() -> String) -> Outcome {
    match status {
        Some(status) if kind.admitted().contains(&status) => Outcome::Refused,
        _ => Outcome::Fault(what()),
    }
}

/// An error with what led to it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}

/// An agent, who picks up, answers and ends, and looks around now and then.
async fn agent(world: Arc<World>, client: Client, mut rng: Rng, is_patient: bool) {
    let mut held: Vec<i32> = Vec::new();
    while !world.is_over() {
        // Every sign-in with a password is work.
        let pauses = if is_patient { 4 } else { 1 };
        world.pause(world.thought(&mut rng) * pauses).await;
        if world.is_over() {
            break;
        }
        let session = (!held.is_empty()).then(|| held[rng.usize(..held.len())]);
        match (session, rng.u32(..100)) {
            (_, 0..2) => drop(call(&world, Kind::SessionList, client.chat_sessions_for_user()).await),
            (_, 2..4) => drop(call(&world, Kind::Topics, client.chat_topics_for_user()).await),
            (_, 4..6) => drop(call(&world, Kind::Presence, client.get_all_chat_presence()).await),
            (Some(session), 6..9) => drop(call(&world, Kind::Transcript, client.get_transcript(session)).await),
            (Some(session), 9..20) => drop(call(&world, Kind::Session, client.get_chat_session(session)).await),
            (Some(session), 20..45) => {
                drop(call(&world, Kind::AgentReads, client.get_chat_messages(session, None)).await)
            }
            (Some(session), 45..75) => {
                let body = PostChatMessageRequest { message: format!("Answer {}", rng.u32(..)) };
                if call(&world, Kind::AgentPosts, client.post_chat_message(session, None, &body)).await.is_none() {
                    held.retain(|known| *known != session);
                }
            }
            (Some(session), 75..85) => {
                call(&world, Kind::AgentEnds, client.end_chat_session(session)).await;
                held.retain(|known| *known != session);
            }
            _ if held.len() < MOST_SESSIONS => {
                let picked: Option<ChatSessionEntity> =
                    call(&world, Kind::Pickup, client.pick_up_first_chat_session(None)).await;
                held.extend(picked.and_then(|session| session.chat_session_id));
            }
            _ => {}
        }
    }
}

/// Reads events until the end. The server has no reason to end them before, so nothing is hidden by beginning again.
async fn listening_agent(world: Arc<World>, client: Client) {
    while !world.is_over() {
        if let Some(events) = call(&world, Kind::AgentListens, client.stream_for_user()).await {
            listen(&world, Kind::AgentEvent, events).await;
        }
        world.pause(BETWEEN_STREAMS).await;
    }
}

/// Reads events as they come.
async fn listen(world: &World, kind: Kind, mut events: EventStream) {
    // Of a session's stream: whether it has told that the session is over.
    let mut is_told_over = false;
    loop {
        let begin = Instant::now();
        let outcome = match tokio::time::timeout_at(world.end, events.next()).await {
            // The time between two events says nothing.
            Ok(Some(Ok(event))) => {
                is_told_over |= says_over(&event);
                world.tally.note(kind, Outcome::Good, begin.elapsed());
                continue;
            }
            Ok(Some(Err(error))) => Outcome::Fault(causes(&error)),
            Ok(None) => match ended(kind, is_told_over) {
                Some(outcome) => outcome,
                None => return,
            },
            Err(_) => Outcome::Left,
        };
        world.tally.note(kind, outcome, begin.elapsed());
        return;
    }
}

/// What it comes to that the server has ended a stream while the run went on; nothing where that is as it should be: a
/// customer's stream ends with the session, and says so.
fn ended(kind: Kind, is_told_over: bool) -> Option<Outcome> {
    match kind {
        Kind::CustomerEvent if is_told_over => None,
        Kind::CustomerEvent => Some(Outcome::Fault("the server ended the stream, and not with the session".to_owned())),
        _ => Some(Outcome::Fault("the server ended the stream".to_owned())),
    }
}

/// Whether an event of a session's stream says that the session is over.
fn says_over(event: &Event) -> bool {
    event.event == "session"
        && serde_json::from_str::<serde_json::Value>(&event.data)
            .is_ok_and(|data| matches!(data["Status"].as_str(), Some("Closed" | "ClosedFromQueue")))
}

/// Customers, one after the other.
async fn customer(world: Arc<World>, mut rng: Rng, listens: bool) {
    // Not all at once.
    world.pause(world.thought(&mut rng) * 4).await;
    while !world.is_over() {
        if let Err(error) = conversation(&world, &mut rng, listens).await {
            world.tally.note(Kind::Start, Outcome::Fault(format!("{error:#}")), Duration::ZERO);
        }
        world.pause(world.thought(&mut rng) * 4).await;
    }
}

/// A session from its start to its end, or until the customer has had enough.
async fn conversation(world: &World, rng: &mut Rng, listens: bool) -> anyhow::Result<()> {
    let topic = world.prepared.topics[rng.usize(..world.prepared.topics.len())];
    let anyone = client(world, None, None)?;
    call(world, Kind::IsOpen, anyone.is_within_opening_hours(topic)).await;
    let body = CreateChatSessionRequest {
        customer_name: Some(format!("Customer {}", rng.u32(..))),
        message: Some("Where is my parcel?".to_owned()),
        ..CreateChatSessionRequest::default()
    };
    let Some(started) = call(world, Kind::Start, anyone.create_chat_session(topic, None, &body)).await else {
        return Ok(());
    };
    drop(anyone);
    let (session, key) = (
        started.chat_session_id.context("a session without id")?,
        started.session_key.context("a session without key")?,
    );
    let client = client(world, None, Some(&key))?;
    let listener = if listens {
        call(world, Kind::CustomerListens, client.stream_chat_session(session, None)).await
    } else {
        None
    };
    let talk = talk(world, &client, session, rng);
    match listener {
        // Whoever listens to the end has heard all.
        Some(events) => drop(tokio::join!(talk, listen(world, Kind::CustomerEvent, events))),
        None => talk.await,
    }
    Ok(())
}

/// Writes and reads a few times, and ends the session.
async fn talk(world: &World, client: &Client, session: i32, rng: &mut Rng) {
    let mut after = None;
    for _ in 0..rng.u32(3..12) {
        world.pause(world.thought(rng)).await;
        if world.is_over() {
            return;
        }
        if rng.bool() {
            let body = PostChatMessageRequest { message: format!("Question {}", rng.u32(..)) };
            if call(world, Kind::CustomerPosts, client.post_chat_message(session, None, &body)).await.is_none() {
                break;
            }
        } else {
            let Some(messages) = call(world, Kind::CustomerReads, client.get_chat_messages(session, after)).await
            else {
                break;
            };
            after = messages.iter().filter_map(|message| message.chat_message_id).max().or(after);
        }
    }
    call(world, Kind::CustomerEnds, client.end_chat_session(session)).await;
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Listens as the first agent, until the end.
    pub(in crate::soak) async fn listen_as_agent(world: &Arc<World>) {
        let client = client(world, world.prepared.agents.first(), None).unwrap();
        listening_agent(Arc::clone(world), client).await;
    }

    fn outcome(kind: Kind, status: Option<u16>) -> Outcome {
        not_good(kind, status, || "what it was".to_owned())
    }

    #[test]
    fn a_refusal_counts_where_such_a_call_may_meet_it_and_is_a_fault_elsewhere() {
        let fault = || Outcome::Fault("what it was".to_owned());
        assert_eq!(outcome(Kind::Pickup, Some(404)), Outcome::Refused);
        assert_eq!(outcome(Kind::Pickup, Some(409)), fault());
        assert_eq!(outcome(Kind::AgentPosts, Some(409)), Outcome::Refused);
        assert_eq!(outcome(Kind::AgentPosts, Some(404)), fault());
        for kind in [Kind::SessionList, Kind::Start, Kind::AgentListens, Kind::CustomerReads] {
            for status in [404, 409] {
                assert_eq!(outcome(kind, Some(status)), fault(), "{kind:?}");
            }
        }
        for status in [Some(400), Some(429), Some(500), Some(503), None] {
            assert_eq!(outcome(Kind::Pickup, status), fault(), "{status:?}");
        }
    }

    #[test]
    fn only_a_stream_that_told_the_end_of_its_session_may_end() {
        let is_fault = |kind, is_told_over| matches!(ended(kind, is_told_over), Some(Outcome::Fault(_)));
        assert_eq!(ended(Kind::CustomerEvent, true), None);
        assert!(is_fault(Kind::CustomerEvent, false));
        // An agent hears of many sessions.
        assert!(is_fault(Kind::AgentEvent, false) && is_fault(Kind::AgentEvent, true));
    }

    #[test]
    fn the_end_of_a_session_is_told_by_its_status() {
        for (name, data, is_over) in [
            ("session", r#"{"Status":"Closed"}"#, true),
            ("session", r#"{"Status":"ClosedFromQueue"}"#, true),
            ("session", r#"{"Status":"InQueue","QueuePos":1}"#, false),
            ("message", r#"{"Status":"Closed"}"#, false),
            ("session", "Closed", false),
        ] {
            let mut event = Event::default();
            (event.event, event.data) = (name.to_owned(), data.to_owned());
            assert_eq!(says_over(&event), is_over, "{name} {data}");
        }
    }
}
