//! Agents and customers who do nothing wrong, through the generated client.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chat_client::models::{ChatSessionEntity, CreateChatSessionRequest, PostChatMessageRequest};
use chat_client::{Client, Error, EventStream, ResponseValue};
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::setup::SignIn;
use super::tally::Outcome;
use super::{Shares, World};

/// How long a client waits for an answer; whoever waits longer has met a fault.
const TIMEOUT: Duration = Duration::from_secs(60);
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

/// Calls, notes what came of it, and hands on a good answer. A refusal that says how things stand (404 where nobody
/// waits, 409 where the other side was faster) is an answer too.
async fn call<T>(
    world: &World,
    kind: &'static str,
    request: impl Future<Output = Result<ResponseValue<T>, Error>>,
) -> Option<T> {
    let begin = Instant::now();
    let result = request.await;
    let took = begin.elapsed();
    let (outcome, answer) = match result {
        Ok(answer) => (Outcome::Good, Some(answer.into_inner())),
        Err(error) => match error.status().map(|status| status.as_u16()) {
            Some(404 | 409) => (Outcome::Refused, None),
            _ => (Outcome::Fault(causes(&error)), None),
        },
    };
    world.tally.note(kind, outcome, took);
    answer
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
            (_, 0..2) => drop(call(&world, "list of sessions", client.chat_sessions_for_user()).await),
            (_, 2..4) => drop(call(&world, "topics", client.chat_topics_for_user()).await),
            (_, 4..6) => drop(call(&world, "presence", client.get_all_chat_presence()).await),
            (Some(session), 6..9) => drop(call(&world, "transcript", client.get_transcript(session)).await),
            (Some(session), 9..20) => drop(call(&world, "session", client.get_chat_session(session)).await),
            (Some(session), 20..45) => drop(call(&world, "messages", client.get_chat_messages(session, None)).await),
            (Some(session), 45..75) => {
                let body = PostChatMessageRequest { message: format!("Answer {}", rng.u32(..)) };
                if call(&world, "message of an agent", client.post_chat_message(session, None, &body)).await.is_none() {
                    held.retain(|known| *known != session);
                }
            }
            (Some(session), 75..85) => {
                call(&world, "end by an agent", client.end_chat_session(session)).await;
                held.retain(|known| *known != session);
            }
            _ if held.len() < MOST_SESSIONS => {
                let picked: Option<ChatSessionEntity> =
                    call(&world, "pickup", client.pick_up_first_chat_session(None)).await;
                held.extend(picked.and_then(|session| session.chat_session_id));
            }
            _ => {}
        }
    }
}

/// Reads events until the end, and begins again where the server ended them in good order.
async fn listening_agent(world: Arc<World>, client: Client) {
    while !world.is_over() {
        let Some(events) = call(&world, "events of an agent: begun", client.stream_for_user()).await else { return };
        listen(&world, "events of an agent", events).await;
    }
}

/// Reads events as they come.
async fn listen(world: &World, kind: &'static str, mut events: EventStream) {
    loop {
        let begin = Instant::now();
        let outcome = match tokio::time::timeout_at(world.end, events.next()).await {
            Err(_) => Outcome::Left,
            Ok(None) => return,
            // The time between two events says nothing.
            Ok(Some(Ok(_))) => Outcome::Refused,
            Ok(Some(Err(error))) => Outcome::Fault(causes(&error)),
        };
        let goes_on = outcome == Outcome::Refused;
        let outcome = if goes_on { Outcome::Good } else { outcome };
        world.tally.note(kind, outcome, begin.elapsed());
        if !goes_on {
            return;
        }
    }
}

/// Customers, one after the other.
async fn customer(world: Arc<World>, mut rng: Rng, listens: bool) {
    // Not all at once.
    world.pause(world.thought(&mut rng) * 4).await;
    while !world.is_over() {
        if let Err(error) = conversation(&world, &mut rng, listens).await {
            world.tally.note("start of a session", Outcome::Fault(format!("{error:#}")), Duration::ZERO);
        }
        world.pause(world.thought(&mut rng) * 4).await;
    }
}

/// A session from its start to its end, or until the customer has had enough.
async fn conversation(world: &World, rng: &mut Rng, listens: bool) -> anyhow::Result<()> {
    let topic = world.prepared.topics[rng.usize(..world.prepared.topics.len())];
    let anyone = client(world, None, None)?;
    call(world, "is the topic open", anyone.is_within_opening_hours(topic)).await;
    let body = CreateChatSessionRequest {
        customer_name: Some(format!("Customer {}", rng.u32(..))),
        message: Some("Where is my parcel?".to_owned()),
        ..CreateChatSessionRequest::default()
    };
    let Some(started) = call(world, "start of a session", anyone.create_chat_session(topic, None, &body)).await else {
        return Ok(());
    };
    drop(anyone);
    let (session, key) = (
        started.chat_session_id.context("a session without id")?,
        started.session_key.context("a session without key")?,
    );
    let client = client(world, None, Some(&key))?;
    let listener = if listens {
        call(world, "events of a customer: begun", client.stream_chat_session(session, None)).await
    } else {
        None
    };
    let talk = talk(world, &client, session, rng);
    match listener {
        // Whoever listens to the end has heard all.
        Some(events) => drop(tokio::join!(talk, listen(world, "events of a customer", events))),
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
            if call(world, "message of a customer", client.post_chat_message(session, None, &body)).await.is_none() {
                break;
            }
        } else {
            let Some(messages) = call(world, "messages of a customer", client.get_chat_messages(session, after)).await
            else {
                break;
            };
            after = messages.iter().filter_map(|message| message.chat_message_id).max().or(after);
        }
    }
    call(world, "end by a customer", client.end_chat_session(session)).await;
}
