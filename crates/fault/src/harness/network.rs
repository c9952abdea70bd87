//! Real servers, asked through the generated client.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use chat_client::Error;
use chat_client::models::{ChatMessage, ChatSessionEntity, CreateChatSessionRequest, PostChatMessageRequest};

use super::service::{Caller, Request, Sent, Service};
use crate::history::{Answer, Call, Message, Outcome, Session};
use crate::tls::no_tls;

/// How long a client waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next call.
const KEPT: Duration = Duration::from_millis(500);

/// A user's name and password.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) user: String,
    pub(super) password: String,
}

/// Servers at these addresses.
pub(super) struct Network {
    servers: Vec<SocketAddr>,
    /// By the agents' numbers.
    agents: Vec<SignIn>,
    /// By agents and servers: they keep their connections.
    clients: Vec<Vec<chat_client::Client>>,
    tls: rustls::ClientConfig,
}

impl Network {
    /// Servers at these addresses, and the agents who sign in there.
    ///
    /// # Errors
    /// A client cannot be set up.
    pub(super) fn new(servers: Vec<SocketAddr>, agents: Vec<SignIn>) -> anyhow::Result<Self> {
        let mut network = Self { servers, agents, clients: Vec::new(), tls: no_tls()? };
        for agent in &network.agents {
            let clients =
                (0..network.servers.len()).map(|server| network.agent(server, agent)).collect::<Result<_, _>>()?;
            network.clients.push(clients);
        }
        Ok(network)
    }

    /// A client of a user.
    pub(super) fn agent(
        &self,
        server: usize,
        SignIn { user, password }: &SignIn,
    ) -> anyhow::Result<chat_client::Client> {
        self.builder(server).basic(user, password).build().context("cannot set up a client")
    }

    /// Repeats nothing by itself: every attempt is written down.
    fn builder(&self, server: usize) -> chat_client::Builder {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(KEPT);
        chat_client::Client::builder(format!("http://{}", self.servers[server])).http(http).timeout(TIMEOUT).retries(0)
    }

    /// The client for a caller. Customers are new ones every time, with connections of their own.
    fn client(&self, server: usize, caller: &Caller) -> anyhow::Result<chat_client::Client> {
        let builder = match caller {
            Caller::Agent(number) => return Ok(self.clients[*number][server].clone()),
            Caller::Customer(None) => self.builder(server),
            Caller::Customer(Some(key)) => self.builder(server).api_key("chatSessionKey", key),
        };
        builder.build().context("cannot set up a client")
    }

    async fn answer(&self, server: usize, request: &Request) -> Result<(Answer, Option<String>), Outcome> {
        let client = self.client(server, &request.caller).map_err(|error| Outcome::Unknown(format!("{error:#}")))?;
        let key = request.idempotency_key.as_deref();
        let answer = match &request.call {
            Call::Start { topic, customer, text } => {
                let body = CreateChatSessionRequest {
                    customer_name: Some(customer.clone()),
                    message: Some(text.clone()),
                    ..CreateChatSessionRequest::default()
                };
                let started = client.create_chat_session(*topic, key, &body).await.map_err(outcome)?;
                return Ok((Answer::Session(session(&started)), started.session_key.clone()));
            }
            Call::PickUp => Answer::Session(session(&*client.pick_up_first_chat_session(key).await.map_err(outcome)?)),
            Call::Post { session, text } => {
                let body = PostChatMessageRequest { message: text.clone() };
                let posted = client.post_chat_message(*session, key, &body).await.map_err(outcome)?;
                Answer::Posted(posted.chat_message_id.unwrap_or_default())
            }
            Call::Read { session, after } => {
                let messages = client.get_chat_messages(*session, *after).await.map_err(outcome)?;
                Answer::Messages(messages.iter().map(message).collect())
            }
            Call::End { session: id } => {
                Answer::Session(session(&*client.end_chat_session(*id).await.map_err(outcome)?))
            }
            Call::List => {
                let Caller::Agent(number) = request.caller else { return Err(Outcome::Refused(401)) };
                let user = Some(self.agents[number].user.as_str());
                let sessions = client.chat_sessions_for_user().await.map_err(outcome)?;
                let is_own = |entity: &&ChatSessionEntity| {
                    entity.user.as_ref().and_then(|user| user.user_name.as_deref()) == user
                };
                Answer::Sessions(sessions.iter().filter(is_own).map(session).collect())
            }
        };
        Ok((answer, None))
    }
}

#[async_trait]
impl Service for Network {
    fn servers(&self) -> usize {
        self.servers.len()
    }

    async fn send(&self, server: usize, request: &Request) -> Sent {
        match self.answer(server, request).await {
            Ok((answer, session_key)) => Sent { outcome: Outcome::Ok(answer), session_key },
            Err(outcome) => outcome.into(),
        }
    }
}

/// A session as the history has it.
pub(super) fn session(entity: &ChatSessionEntity) -> Session {
    Session {
        id: entity.chat_session_id.unwrap_or_default(),
        topic: entity.topic_id.unwrap_or_default(),
        status: entity.status.as_ref().map(ToString::to_string).unwrap_or_default(),
        user: entity.user.as_ref().and_then(|user| user.associate_id),
        rank: entity.rank,
        customer: entity.customer_name.clone().unwrap_or_default(),
        has_end: entity.when_ended.is_some(),
    }
}

/// A message as the history has it.
pub(super) fn message(message: &ChatMessage) -> Message {
    Message {
        id: message.chat_message_id.unwrap_or_default(),
        kind: message.r#type.as_ref().map(ToString::to_string).unwrap_or_default(),
        special: message.special_type.as_ref().map(ToString::to_string).unwrap_or_default(),
        text: message.message.clone().unwrap_or_default(),
    }
}

/// What an error says about a call. Only a status of the client's own fault says that nothing was done. An answer that
/// arrived is none that got lost: what is wrong with it is the service's doing.
fn outcome(error: Error) -> Outcome {
    match (&error, error.status()) {
        (_, Some(status)) if status.is_client_error() && status.as_u16() != 408 => Outcome::Refused(status.as_u16()),
        (_, Some(status)) => Outcome::Failed(status.as_u16()),
        (Error::Unreadable(_), None) => Outcome::Failed(200),
        (_, None) => Outcome::Unknown(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Sends a request to a server that answers with these bytes. Also what it received.
    async fn send(request: &Request, answer: &'static str) -> (Sent, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut bytes, mut received) = ([0; 4096], String::new());
            while !received.contains("\r\n\r\n") {
                let count = stream.read(&mut bytes).await.unwrap();
                received.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            received.to_lowercase()
        });
        let agent = SignIn { user: "eve".to_owned(), password: "secret".to_owned() };
        let sent = Network::new(vec![address], vec![agent]).unwrap().send(0, request).await;
        (sent, server.await.unwrap())
    }

    fn request(caller: Caller, call: Call) -> Request {
        Request { caller, call, idempotency_key: Some("once".to_owned()) }
    }

    #[tokio::test]
    async fn only_a_refusal_says_that_nothing_was_done() {
        let pick_up = request(Caller::Agent(0), Call::PickUp);
        for (answer, expected) in [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Some(Outcome::Refused(404))),
            ("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}", Some(Outcome::Refused(409))),
            ("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", Some(Outcome::Failed(408))),
            ("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", Some(Outcome::Failed(500))),
            ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", Some(Outcome::Failed(503))),
            // Half of it, and all of it.
            ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"ChatSess", None),
            (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
                Some(Outcome::Failed(200)),
            ),
            ("HTTP/1.1 503 Service Unav", None),
            ("", None),
        ] {
            let (sent, received) = send(&pick_up, answer).await;
            match (&sent.outcome, expected) {
                (outcome, Some(expected)) => assert_eq!(*outcome, expected, "{answer}"),
                (Outcome::Unknown(_), None) => {}
                (outcome, None) => panic!("{answer}: {outcome}"),
            }
            assert!(received.contains("\r\nidempotency-key: once\r\n"), "{received}");
            assert!(received.contains("\r\nauthorization: basic "), "{received}");
        }
    }

    #[tokio::test]
    async fn a_customer_is_told_the_key_and_shows_it() {
        const STARTED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 76\r\n\r\n\
                               {\"ChatSessionId\":7,\"TopicId\":5,\"Status\":\"InQueue\",\"SessionKey\":\"k\",\"Rank\":0}";
        let call = Call::Start { topic: 5, customer: "Ada".to_owned(), text: "Hello?".to_owned() };
        let (sent, received) = send(&request(Caller::Customer(None), call), STARTED).await;
        assert_eq!(sent.session_key.as_deref(), Some("k"));
        let session = Session { id: 7, topic: 5, status: "InQueue".to_owned(), rank: Some(0), ..Session::default() };
        assert_eq!(sent.outcome, Outcome::Ok(Answer::Session(session)));
        assert!(received.starts_with("post /api/v1/chattopic/5/sessions "), "{received}");
        assert!(!received.contains("authorization"), "{received}");

        let call = Call::Read { session: 7, after: Some(3) };
        let (_, received) = send(&request(Caller::Customer(Some("k".to_owned())), call), "").await;
        assert!(received.starts_with("get /api/v1/chatsession/7/messages?after=3 "), "{received}");
        assert!(received.contains("\r\nx-chat-session-key: k\r\n"), "{received}");
    }
}
