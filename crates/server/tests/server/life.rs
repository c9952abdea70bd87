//! The life of a session through the real router, from the customer who starts one to the transcript.

mod customers;
mod forms;
mod idempotency;
mod messages;
mod presence;
mod rates;
mod start;
mod steps;
mod transcript;
mod transfers;

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::ConnectInfo;
use chat_models::ChatSessionEntity;
use chat_test_support::{TestApp, TestRequest, TestResponse};
use serde_json::{Value, json};

use crate::support::{World, test_app};

/// The states of a session, in the order of the documents.
const STATES: [&str; 12] = [
    "Invalid",
    "PreChatForm",
    "Faq",
    "OfflineForm",
    "InQueue",
    "CustomerLast",
    "UserLast",
    "Finished",
    "Deleted",
    "Closed",
    "RequestPosted",
    "ClosedFromQueue",
];

const KEY: &str = "X-Chat-Session-Key";
const PEER: &str = "203.0.113.7:40000";

/// Who works here: name and password.
pub(crate) const TJE0: (&str, &str) = ("tje0", "Tje0");
const INGRID: (&str, &str) = ("ingrid", "i");
const LENA: (&str, &str) = ("lena", "l");
const NILS: (&str, &str) = ("nils", "n");
const OTTO: (&str, &str) = ("otto", "o");

/// The office with these sessions, tje0 at the desk, called from [`PEER`].
pub(crate) struct Desk {
    world: World,
    pub(crate) http: TestApp,
}

/// A customer who has started a session.
pub(crate) struct Customer {
    pub(crate) session: i32,
    key: String,
}

impl Desk {
    pub(crate) async fn with(sessions: &str) -> Self {
        let world = World::with(sessions).await;
        let desk = Self { http: from(&world, PEER), world };
        desk.be_present(TJE0, 1).await;
        desk
    }

    async fn be_present(&self, user: (&str, &str), id: i32) {
        let body = json!([{ "UserId": id, "Present": true }]);
        let answer = self.post("/api/v1/Presence/SaveAll").basic(user.0, user.1).json(&body).send().await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    fn post(&self, path: &str) -> TestRequest {
        self.http.post(path)
    }

    /// What a user is answered to a step.
    async fn step(&self, user: (&str, &str), session: i32, step: &str) -> TestResponse {
        self.post(&path(session, step)).basic(user.0, user.1).send().await
    }

    /// The session after a step, which must be admitted.
    async fn stepped(&self, user: (&str, &str), session: i32, step: &str) -> ChatSessionEntity {
        let answer = self.step(user, session, step).await;
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
        answer.parse()
    }

    async fn says(&self, user: (&str, &str), session: i32, text: &str) -> TestResponse {
        self.post(&path(session, "Messages")).basic(user.0, user.1).json(&json!({ "Message": text })).send().await
    }

    /// A session that waits on Support.
    async fn customer(&self) -> Customer {
        let body = json!({ "CustomerName": "Kari Nordmann", "Message": "Where is my parcel?" });
        let answer = self.post("/api/v1/ChatTopic/10/Sessions").json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let session = answer.json();
        assert_eq!(session["Status"], "InQueue");
        Customer {
            session: i32::try_from(session["ChatSessionId"].as_i64().unwrap()).unwrap(),
            key: session["SessionKey"].as_str().unwrap().to_owned(),
        }
    }

    /// A session that tje0 handles.
    pub(crate) async fn conversation(&self) -> Customer {
        let customer = self.customer().await;
        self.stepped(TJE0, customer.session, "Pickup").await;
        customer
    }

    /// What a user is answered who asks for one session.
    pub(crate) async fn session(&self, user: (&str, &str), session: i32) -> TestResponse {
        self.http.get(&format!("/api/v1/ChatSession/{session}")).basic(user.0, user.1).send().await
    }

    /// The messages, as the manager sees them.
    pub(crate) async fn messages(&self, session: i32) -> Vec<Value> {
        let answer = self.http.get(&path(session, "Messages")).basic(INGRID.0, INGRID.1).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.parse()
    }
}

impl Customer {
    pub(crate) async fn says(&self, desk: &Desk, text: &str) -> TestResponse {
        let body = json!({ "Message": text });
        desk.post(&path(self.session, "Messages")).header(KEY, &self.key).json(&body).send().await
    }

    async fn reads(&self, desk: &Desk, query: &str) -> Vec<Value> {
        let path = path(self.session, &format!("Messages{query}"));
        let answer = desk.http.get(&path).header(KEY, &self.key).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.parse()
    }

    async fn ends(&self, desk: &Desk) -> TestResponse {
        desk.post(&path(self.session, "End")).header(KEY, &self.key).send().await
    }
}

/// The service as it is called from an address.
fn from(world: &World, peer: &str) -> TestApp {
    let peer: SocketAddr = peer.parse().unwrap();
    test_app(world.app.router().layer(Extension(ConnectInfo(peer))))
}

fn path(session: i32, step: &str) -> String {
    format!("/api/v1/ChatSession/{session}/{step}")
}

/// A session of an import file in each state, numbered from 1 in their order, with the key `the-key-N`. Those that had a
/// user have tje0.
fn in_every_state() -> String {
    let session = |(index, state): (usize, &&str)| {
        let id = index + 1;
        let has_user = matches!(*state, "CustomerLast" | "UserLast" | "Finished" | "Closed" | "Deleted");
        let user = if has_user { "user = \"tje0\"\nstarted = { minutes_ago = 8 }\n" } else { "" };
        let is_over = matches!(*state, "Finished" | "Closed" | "ClosedFromQueue");
        let ended = if is_over { "ended = { minutes_ago = 7 }\n" } else { "" };
        format!(
            "[[sessions]]\nid = {id}\ntopic = \"Support\"\nstatus = {state:?}\nkey = \"the-key-{id}\"\n\
             requested = {{ minutes_ago = 9 }}\n{user}{ended}"
        )
    };
    STATES.iter().enumerate().map(session).collect()
}

/// The number of the session in a state.
fn in_state(state: &str) -> i32 {
    STATES.iter().zip(1..).find(|(other, _)| **other == state).unwrap().1
}
