//! What the service counts about itself, for Prometheus and everything that reads its format.
//!
//! Labels are operations, states and topics, all of them few. Nothing of a person is ever among them: no name, no
//! address, no session.

mod body;
mod listener;
mod queues;
mod routes;
mod store;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

pub(crate) use self::body::counted;
pub use self::listener::serve_metrics;
pub(crate) use self::listener::{Sources, router};
pub(crate) use self::queues::Queues;
pub(crate) use self::store::MeteredStore;
use crate::auth::SignInError;
use crate::records::{Message, MessageType, Status};
use crate::store::{Kind, StoreError};

/// Seconds of an answer.
const ANSWER_SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Seconds of a call of the database.
const STORE_SECONDS: [f64; 10] = [0.000_25, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0];

/// Seconds that a customer waits for a user.
const WAIT_SECONDS: [f64; 11] = [5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0];

/// States in which a session has ended, or a form is left to be filled in.
const ENDS: [Status; 3] = [Status::Closed, Status::ClosedFromQueue, Status::Finished];

type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    operation: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InStatus {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfType {
    r#type: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    database: &'static str,
}

/// The counters of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    request_seconds: Histograms<Operation>,
    requests_running: Gauge,
    event_streams: Family<Operation, Gauge>,
    connections: Gauge,
    connections_refused: Counter,
    sign_ins: Family<Outcome, Counter>,
    passwords_hashed: Counter,
    written_sessions: Family<Outcome, Counter>,
    sessions_started: Family<InStatus, Counter>,
    sessions_picked_up: Counter,
    sessions_ended: Family<InStatus, Counter>,
    pickup_wait_seconds: Histogram,
    messages: Family<OfType, Counter>,
    store_seconds: Histogram,
    store_errors: Family<Outcome, Counter>,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new(database: Option<Kind>, max_connections: usize) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("chat"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(ANSWER_SECONDS)),
            requests_running: Gauge::default(),
            event_streams: Family::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            sign_ins: Family::default(),
            passwords_hashed: Counter::default(),
            written_sessions: Family::default(),
            sessions_started: Family::default(),
            sessions_picked_up: Counter::default(),
            sessions_ended: Family::default(),
            pickup_wait_seconds: Histogram::new(WAIT_SECONDS),
            messages: Family::default(),
            store_seconds: Histogram::new(STORE_SECONDS),
            store_errors: Family::default(),
        };
        metrics.begin_at_zero();
        metrics.register(database, max_connections);
        metrics
    }

    /// What has not happened yet is zero, not absent: alerts compare with it.
    fn begin_at_zero(&self) {
        for result in ["ok", "recalled", "wrong", "throttled", "crowded", "failed"] {
            drop(self.sign_ins.get_or_create(&Outcome { result }));
        }
        for result in ["busy", "failed", "damaged"] {
            drop(self.store_errors.get_or_create(&Outcome { result }));
        }
        for result in ["found", "missed"] {
            drop(self.written_sessions.get_or_create(&Outcome { result }));
        }
        for status in [Status::InQueue, Status::OfflineForm] {
            drop(self.sessions_started.get_or_create(&InStatus { status: status.as_str() }));
        }
        for status in ENDS {
            drop(self.sessions_ended.get_or_create(&InStatus { status: status.as_str() }));
        }
        for kind in [MessageType::ToCustomer, MessageType::ToUser, MessageType::Special] {
            drop(self.messages.get_or_create(&OfType { r#type: kind.as_str() }));
        }
    }

    fn register(&mut self, database: Option<Kind>, max_connections: usize) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Answered requests", self.requests.clone());
        let help = "From the request to the head of its answer";
        registry.register_with_unit("http_request", help, Unit::Seconds, self.request_seconds.clone());
        registry.register("http_requests_running", "Requests without an answer so far", self.requests_running.clone());
        registry.register("event_streams_open", "Answers that are event streams", self.event_streams.clone());
        registry.register("connections_open", "Connections of callers", self.connections.clone());
        let limit = ConstGauge::new(i64::try_from(max_connections).unwrap_or(i64::MAX));
        registry.register("connections_limit", "Connections of callers that there may be", limit);
        let help = "Connections beyond the limits, which were told so or closed";
        registry.register("connections_refused", help, self.connections_refused.clone());
        registry.register("sign_ins", "Passwords that were checked, or not even looked at", self.sign_ins.clone());
        let help = "Passwords that were hashed to be checked";
        registry.register("passwords_hashed", help, self.passwords_hashed.clone());
        let help = "Sessions that were sent in lists, by whether it was remembered how they were written";
        registry.register("written_sessions", help, self.written_sessions.clone());
        registry.register("sessions_started", "Sessions that customers asked for", self.sessions_started.clone());
        registry.register("sessions_picked_up", "Sessions that a user took", self.sessions_picked_up.clone());
        registry.register("sessions_ended", "Sessions that ended, by whomever", self.sessions_ended.clone());
        let help = "From the request of a session to the user who took it";
        registry.register_with_unit("pickup_wait", help, Unit::Seconds, self.pickup_wait_seconds.clone());
        registry.register("messages", "Messages that were posted", self.messages.clone());
        registry.register_with_unit("store_call", "Calls of the database", Unit::Seconds, self.store_seconds.clone());
        registry.register("store_errors", "Calls of the database that failed", self.store_errors.clone());
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        registry.register_with_unit("start_time", "When the server started", Unit::Seconds, ConstGauge::new(started));
        let database = match database {
            Some(Kind::Sqlite) => "sqlite",
            Some(Kind::Postgres) => "postgres",
            None => "other",
        };
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION"), database }).set(1);
        registry.register("build_info", "Which program runs, on which database", build);
    }

    /// A request begins; it counts as running until it is answered or given up.
    pub(crate) fn request(self: &Arc<Self>, method: &Method, path: &str) -> Running {
        self.requests_running.inc();
        Running {
            metrics: Arc::clone(self),
            operation: routes::operation(method, path),
            method: routes::method(method),
        }
    }

    /// A connection is open until this is dropped.
    pub(crate) fn connection(&self) -> Open {
        Open::one_more(&self.connections)
    }

    /// A connection was refused.
    pub(crate) fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// A password was checked, or could not be.
    pub(crate) fn sign_in<T>(&self, result: &Result<T, SignInError>) {
        let result = match result {
            Ok(_) => "ok",
            Err(SignInError::Wrong) => "wrong",
            Err(SignInError::TooOften(_)) => "throttled",
            Err(SignInError::Crowded) => "crowded",
            Err(SignInError::Store(_) | SignInError::Password(_)) => "failed",
        };
        self.sign_ins.get_or_create(&Outcome { result }).inc();
    }

    /// A password was right without being hashed.
    pub(crate) fn sign_in_recalled(&self) {
        self.sign_ins.get_or_create(&Outcome { result: "recalled" }).inc();
    }

    /// A password is hashed, to be compared with the one that is stored.
    pub(crate) fn password_hashed(&self) {
        self.passwords_hashed.inc();
    }

    /// Counts sessions of lists of which it was remembered how they were written.
    pub(crate) fn written_sessions_found(&self) -> Counter {
        self.written_sessions.get_or_create_owned(&Outcome { result: "found" })
    }

    /// Counts those that had to be written anew.
    pub(crate) fn written_sessions_missed(&self) -> Counter {
        self.written_sessions.get_or_create_owned(&Outcome { result: "missed" })
    }

    fn session_started(&self, status: Status) {
        self.sessions_started.get_or_create(&InStatus { status: status.as_str() }).inc();
    }

    fn session_picked_up(&self, waited_secs: Option<i64>) {
        self.sessions_picked_up.inc();
        if let Some(seconds) = waited_secs.and_then(|seconds| u32::try_from(seconds.max(0)).ok()) {
            self.pickup_wait_seconds.observe(seconds.into());
        }
    }

    fn session_ended(&self, status: Status) {
        self.sessions_ended.get_or_create(&InStatus { status: status.as_str() }).inc();
    }

    fn messages_posted(&self, messages: &[Message]) {
        for message in messages {
            self.messages.get_or_create(&OfType { r#type: message.posted.message_type.as_str() }).inc();
        }
    }

    fn store_called<T>(&self, took: Duration, result: &Result<T, StoreError>) {
        self.store_seconds.observe(took.as_secs_f64());
        if let Err(error) = result {
            self.store_failed(error);
        }
    }

    fn store_failed(&self, error: &StoreError) {
        let result = match error {
            error if error.is_busy() => "busy",
            StoreError::Damaged { .. } => "damaged",
            error if error.is_failure() => "failed",
            // What callers asked for wrongly is no failure of the database.
            _ => return,
        };
        self.store_errors.get_or_create(&Outcome { result }).inc();
    }

    /// Everything, in the text format of OpenMetrics, with what `more` registers besides.
    fn write(&self, more: impl FnOnce(&mut Registry)) -> Result<String, std::fmt::Error> {
        let mut besides = Registry::with_prefix("chat");
        more(&mut besides);
        let mut text = String::with_capacity(16 * 1024);
        text::encode_registry(&mut text, &self.registry)?;
        text::encode_registry(&mut text, &besides)?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// A request that runs, until it is dropped.
pub(crate) struct Running {
    metrics: Arc<Metrics>,
    operation: &'static str,
    method: &'static str,
}

impl Running {
    /// It was answered.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        let Self { ref metrics, operation, method } = *self;
        metrics.requests.get_or_create(&Answer { operation, method, status: status.as_u16() }).inc();
        metrics.request_seconds.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    /// Its answer is a stream, which is open until this is dropped.
    pub(crate) fn stream(&self) -> Open {
        Open::one_more(&self.metrics.event_streams.get_or_create(&Operation { operation: self.operation }))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.metrics.requests_running.dec();
    }
}

/// One that a gauge counts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Open {
    fn one_more(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(metrics: &Metrics, name: &str) -> Vec<String> {
        let text = metrics.write(|_| ()).unwrap();
        assert!(text.ends_with("# EOF\n"));
        text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
    }

    #[test]
    fn requests_are_counted_by_operation_method_and_status() {
        let metrics = Arc::new(Metrics::new(Some(Kind::Sqlite), 800));
        let first = metrics.request(&Method::POST, "/api/v1/ChatSession/Pickup");
        let second = metrics.request(&Method::GET, "/wp-login.php");
        assert_eq!(lines_of(&metrics, "chat_http_requests_running"), ["chat_http_requests_running 2"]);
        first.answered(StatusCode::OK, Duration::from_millis(3));
        drop((first, second));
        assert_eq!(lines_of(&metrics, "chat_http_requests_running"), ["chat_http_requests_running 0"]);
        let operation = "v1ChatSessionEntity_PickUpFirstChatSession";
        assert_eq!(
            lines_of(&metrics, "chat_http_requests_total"),
            [format!(r#"chat_http_requests_total{{operation="{operation}",method="POST",status="200"}} 1"#)]
        );
        let le = lines_of(&metrics, "chat_http_request_seconds_bucket");
        assert!(le.iter().any(|line| line.contains(r#"le="0.0025""#) && line.ends_with(" 0")), "{le:?}");
        assert!(le.iter().any(|line| line.contains(r#"le="0.005""#) && line.ends_with(" 1")), "{le:?}");
    }

    #[test]
    fn streams_count_while_they_are_open() {
        let metrics = Arc::new(Metrics::new(None, 1));
        let running = metrics.request(&Method::GET, "/nowhere");
        let stream = running.stream();
        let line = |count| format!(r#"chat_event_streams_open{{operation="unknown"}} {count}"#);
        assert_eq!(lines_of(&metrics, "chat_event_streams_open"), [line(1)]);
        drop(stream);
        assert_eq!(lines_of(&metrics, "chat_event_streams_open"), [line(0)]);
    }

    #[test]
    fn failures_of_the_database_are_told_from_wrong_calls() {
        let metrics = Metrics::new(Some(Kind::Postgres), 1);
        for (error, expected) in [
            (StoreError::Database(sqlx::Error::PoolTimedOut), "busy"),
            (StoreError::Database(sqlx::Error::PoolClosed), "failed"),
            (StoreError::Damaged { what: "x".to_owned(), reason: "y".to_owned() }, "damaged"),
            (StoreError::UnknownUser("x".to_owned()), ""),
            (StoreError::Duplicate("x".to_owned()), ""),
        ] {
            let counts = || lines_of(&metrics, "chat_store_errors_total");
            let before = counts();
            metrics.store_called::<()>(Duration::ZERO, &Err(error));
            let changed: Vec<_> = counts().into_iter().filter(|line| !before.contains(line)).collect();
            assert_eq!(changed.len(), usize::from(!expected.is_empty()), "{expected}: {changed:?}");
            assert!(changed.iter().all(|line| line.contains(&format!("result={expected:?}"))), "{changed:?}");
        }
    }
}
