//! An answer that is held to the contract while it arrives: its head at once, the events of a stream one by one, any
//! other body when it is whole.

use std::sync::Arc;

use axum::body::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::app::TestResponse;
use crate::contract::Contract;
use crate::events::{EVENTS, Events};
use crate::response::media_type;
use crate::route::{self, Route};

/// How much of a body a report shows.
const SHOWN_BODY_CHARS: usize = 2_000;

/// An answer that has begun.
#[derive(Debug)]
pub(crate) struct Passing {
    contract: Arc<Contract>,
    method: Method,
    path: String,
    answer: TestResponse,
    /// What has come of the body.
    body: Vec<u8>,
    /// Where the body is a stream of events.
    events: Option<Events>,
}

impl Passing {
    /// Begins with the head.
    ///
    /// # Errors
    /// A report of all in which it breaks the contract.
    pub(crate) fn begin(
        contract: Arc<Contract>,
        method: Method,
        path: String,
        status: StatusCode,
        headers: HeaderMap,
    ) -> Result<Self, String> {
        let is_stream = status.is_success() && media_type(&headers).as_deref() == Some(EVENTS);
        let events = match route::find(contract.model(), &method, &path) {
            Route::Operation(operation) if is_stream => Some(Events::of(&operation.operation_id)),
            _ => None,
        };
        let found = contract.validate_head(&method, &path, status, &headers);
        let answer = TestResponse { status, headers, body: Bytes::new() };
        let passing = Self { contract, method, path, answer, body: Vec::new(), events };
        passing.reported(found).map(|()| passing)
    }

    /// The head.
    pub(crate) fn head(&self) -> &TestResponse {
        &self.answer
    }

    /// Goes on with these bytes of the body.
    ///
    /// # Errors
    /// A report of what is wrong with events that are whole now.
    pub(crate) fn go_on(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.body.extend_from_slice(bytes);
        let Some(events) = &mut self.events else { return Ok(()) };
        let problems = events.read(&self.contract, bytes);
        self.reported(if problems.is_empty() { Ok(()) } else { Err(problems) })
    }

    /// Ends where the body does.
    ///
    /// # Errors
    /// A report of all in which the answer breaks the contract.
    pub(crate) fn end(self) -> Result<TestResponse, String> {
        let TestResponse { status, headers, .. } = &self.answer;
        let found = match &self.events {
            Some(events) => events.end().map_or(Ok(()), |problem| Err(vec![problem])),
            None => self.contract.validate_response(&self.method, &self.path, *status, headers, &self.body),
        };
        self.reported(found)?;
        Ok(TestResponse { body: self.body.into(), ..self.answer })
    }

    fn reported(&self, found: Result<(), Vec<String>>) -> Result<(), String> {
        let Err(problems) = found else { return Ok(()) };
        let Self { method, path, answer, body, .. } = self;
        let mut text = format!("the answer to {method} {path} breaks the contract ({})", answer.status);
        for problem in &problems {
            text.push_str("\n  - ");
            text.push_str(problem);
        }
        text.push_str("\nheaders:");
        for (name, value) in &answer.headers {
            text.push_str(&format!("\n  {name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
        let body = String::from_utf8_lossy(body);
        let shown: String = body.chars().take(SHOWN_BODY_CHARS).collect();
        let more = if shown.len() < body.len() { " …" } else { "" };
        text.push_str(&format!("\nbody:\n  {shown}{more}"));
        Err(text)
    }
}
