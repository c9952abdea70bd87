//! Reads an answer that does not end.

use std::time::Duration;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chat_server::records::AssociateId;
use chat_server::{App, Config, Pace};
use chat_test_support::{TestAnswer, TestApp, TestResponse};
use serde_json::{Value, json};

use crate::support::{NOW, World, test_app};

pub(crate) const EVENTS: &str = "/api/v1/ChatSession/Events";

/// Nothing here takes so long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks all the time.
pub(crate) const QUICK: Pace = Pace {
    look_every: Duration::from_millis(30),
    audience_every: Duration::from_millis(30),
    check_every: Duration::from_millis(40),
    note_every: Duration::from_millis(30),
    fetched_every: Duration::from_secs(30),
};

/// Looks where notices point to, and nowhere else.
pub(crate) const BY_NOTICES: Pace =
    Pace { look_every: Duration::from_secs(3600), audience_every: Duration::from_secs(3600), ..QUICK };

/// A service in the office.
pub(crate) struct Office {
    pub(crate) app: App,
    pub(crate) http: TestApp,
    pub(crate) world: World,
}

/// A session and what proves its customer.
pub(crate) struct Started {
    pub(crate) id: i64,
    pub(crate) key: String,
}

impl Started {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/ChatSession/{}/{rest}", self.id)
    }
}

impl Office {
    /// Everybody is present.
    pub(crate) async fn open(sessions: &str, pace: Pace) -> Self {
        Self::with(sessions, |config| Config { pace, ..config }).await
    }

    pub(crate) async fn with(sessions: &str, change: impl FnOnce(Config) -> Config) -> Self {
        let world = World::with(sessions).await;
        let everybody: Vec<_> = (1..=5).map(|user| (AssociateId(user), true)).collect();
        world.app.store().set_presences(&everybody, NOW.parse().unwrap()).await.unwrap();
        let app = App::open(change(world.config())).await.unwrap();
        Self { http: test_app(app.router()), app, world }
    }

    /// Another server on the same database.
    pub(crate) async fn another(&self, pace: Pace) -> (App, TestApp) {
        let app = App::open(Config { pace, ..self.world.config() }).await.unwrap();
        let http = test_app(app.router());
        (app, http)
    }

    pub(crate) async fn start(&self, message: &str) -> Started {
        start(&self.http, message).await
    }

    /// The stream of a session for its customer.
    pub(crate) async fn stream_of(&self, started: &Started) -> Events {
        Events::open(&self.http, &started.path("Events"), &[("X-Chat-Session-Key", &started.key)]).await.unwrap()
    }

    /// The stream of a user.
    pub(crate) async fn stream_for(&self, user: &str, password: &str) -> Events {
        Events::open(&self.http, EVENTS, &[("Authorization", &basic(user, password))]).await.unwrap()
    }

    pub(crate) async fn say(&self, started: &Started, message: &str) -> i64 {
        say(&self.http, started, message).await
    }
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[track_caller]
pub(crate) fn ok(answer: &TestResponse) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// A customer asks for a session in Support.
pub(crate) async fn start(http: &TestApp, message: &str) -> Started {
    let customer = json!({ "CustomerAlias": "Kari", "CustomerConsented": true, "Message": message });
    let session = ok(&http.post("/api/v1/ChatTopic/10/Sessions").json(&customer).send().await);
    Started { id: session["ChatSessionId"].as_i64().unwrap(), key: session["SessionKey"].as_str().unwrap().to_owned() }
}

/// The customer says something; the id of the message.
pub(crate) async fn say(http: &TestApp, started: &Started, message: &str) -> i64 {
    let request = http.post(&started.path("Messages")).header("X-Chat-Session-Key", &started.key);
    ok(&request.json(&json!({ "Message": message })).send().await)["ChatMessageId"].as_i64().unwrap()
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Event {
    fn read(block: &str) -> Option<Self> {
        let fields: Vec<(&str, &str)> = block
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name, value.trim_start()))
            .collect();
        let field = |name: &str| fields.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        // Comments, and what only says when to come back.
        let data = field("data")?;
        Some(Self { id: field("id"), name: field("event").unwrap(), data: serde_json::from_str(&data).unwrap() })
    }

    /// A short form to compare with.
    pub(crate) fn short(&self) -> String {
        let data = &self.data;
        let of = |name: &str| data[name].to_string().replace('"', "");
        match self.name.as_str() {
            "message" => format!("message {} {}", of("SpecialType"), of("Message")),
            "session" if data.get("ChatSessionId").is_none() => format!("session {} {}", of("Status"), of("QueuePos")),
            "session" => format!("session {} {} {}", of("ChatSessionId"), of("Status"), of("UserId")),
            "queue" => format!("queue {} {}", of("TopicName"), of("Waiting")),
            "transfer" => format!("transfer {} {}", of("ChatSessionId"), of("FromUserId")),
            "warning" => format!("warning {} {} {}", of("ChatSessionId"), of("AlertLevel"), of("WaitingSeconds")),
            other => panic!("{other}"),
        }
    }
}

/// An open stream.
pub(crate) struct Events {
    answer: TestAnswer,
    text: String,
}

impl Events {
    /// Begins one; the status where it is refused.
    pub(crate) async fn open(http: &TestApp, path: &str, headers: &[(&str, &str)]) -> Result<Self, StatusCode> {
        let request = http.get(path).header("Accept", "text/event-stream");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.begin().await;
        if answer.status() != StatusCode::OK {
            return Err(answer.rest().await.status);
        }
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        Ok(Self { answer, text: String::new() })
    }

    /// The next event; none where the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = Event::read(block);
                self.text = rest.to_owned();
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let piece = tokio::time::timeout(PATIENCE, self.answer.piece()).await.expect("nothing comes")?;
            self.text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    }

    /// The next events, in their short form.
    pub(crate) async fn shorts(&mut self, count: usize) -> Vec<String> {
        let mut shorts = Vec::new();
        for _ in 0..count {
            match self.next().await {
                Some(event) => shorts.push(event.short()),
                None => panic!("the stream ended after {shorts:?}"),
            }
        }
        shorts
    }

    /// Events up to this one, in their short form.
    pub(crate) async fn up_to(&mut self, last: &str) -> Vec<String> {
        let mut shorts = Vec::new();
        while shorts.last().is_none_or(|short| short != last) {
            shorts.extend(self.shorts(1).await);
        }
        shorts
    }

    /// Whether nothing comes for a while.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(200), self.next()).await.is_err()
    }
}
