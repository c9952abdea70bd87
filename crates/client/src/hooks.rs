//! What happens around every request: what generated code calls before it sends one, and instead of sending it.

use std::time::Duration;

use http::header::Entry;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Client, Method, Request, Response};

use crate::Error;
use crate::defaults::{Defaults, Retry, add_cookies};
use crate::generated::ErrorBody;

/// Marks an answer whose body was put in by [`readable`]; never sent, and removed before callers see it.
pub(crate) const REPLACED_BODY: HeaderName = HeaderName::from_static("x-client-replaced-body");

/// How a request differs from others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Whether the server tells a repetition by its key, and so does nothing twice.
    pub(crate) is_keyed: bool,
    /// Whether the answer goes on for as long as the server likes.
    pub(crate) is_stream: bool,
}

/// Adds what is set for the whole client. What an operation says itself counts; of cookies, both.
pub(crate) fn prepare(defaults: &Defaults, request: &mut Request) {
    for (name, value) in &defaults.headers {
        match request.headers_mut().entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value.clone());
            }
            entry @ Entry::Occupied(_) if name == COOKIE => add_cookies(entry, value),
            Entry::Occupied(_) => {}
        }
    }
    for (name, value) in &defaults.query {
        if request.url().query_pairs().all(|(known, _)| known != *name) {
            request.url_mut().query_pairs_mut().append_pair(name, value);
        }
    }
    *request.timeout_mut() = Some(defaults.timeout);
}

/// Sends a request, again where that is allowed and may help.
pub(crate) async fn execute(defaults: &Defaults, client: &Client, request: Request) -> reqwest::Result<Response> {
    let may_repeat = may_repeat(&request, Manner::default());
    repeat(defaults.retry, client, request, may_repeat).await
}

/// The same, for a request that may differ from others.
pub(crate) async fn execute_as(
    manner: Manner,
    defaults: &Defaults,
    client: &Client,
    mut request: Request,
) -> Result<Response, Error> {
    let may_repeat = may_repeat(&request, manner);
    if !manner.is_stream {
        let response = repeat(defaults.retry, client, request, may_repeat).await;
        return response.map_err(|error| Error::NoAnswer(error.without_url()));
    }
    // What the HTTP client counts is the whole answer. Not setting it would leave that to a set-up of the user's own.
    *request.timeout_mut() = Some(Duration::MAX);
    let head = Head { retry: defaults.retry, timeout: defaults.timeout };
    head.wait_for(client, request, may_repeat).await
}

/// Whether what a request does may be done twice, or is not when it is sent twice.
fn may_repeat(request: &Request, manner: Manner) -> bool {
    *request.method() == Method::GET || manner.is_keyed
}

async fn repeat(retry: Retry, client: &Client, request: Request, may_repeat: bool) -> reqwest::Result<Response> {
    let mut request = request;
    let mut repeated = 0;
    loop {
        let again = if may_repeat && retry.allows(repeated) { request.try_clone() } else { None };
        let result = client.execute(request).await;
        match (wait(retry, &result, repeated), again) {
            (Some(wait), Some(again)) => {
                tokio::time::sleep(wait).await;
                request = again;
                repeated += 1;
            }
            _ => return Ok(readable(result?).await),
        }
    }
}

/// Waiting for the beginning of an answer that has no end of its own.
struct Head {
    retry: Retry,
    timeout: Duration,
}

impl Head {
    async fn wait_for(self, client: &Client, request: Request, may_repeat: bool) -> Result<Response, Error> {
        let mut request = request;
        let mut repeated = 0;
        loop {
            let again = if may_repeat && self.retry.allows(repeated) { request.try_clone() } else { None };
            let result = self.in_time(client.execute(request)).await?;
            match (wait(self.retry, &result, repeated), again) {
                (Some(wait), Some(again)) => {
                    tokio::time::sleep(wait).await;
                    request = again;
                    repeated += 1;
                }
                _ => {
                    let response = result.map_err(|error| Error::NoAnswer(error.without_url()))?;
                    // The body of an error is read here.
                    return self.in_time(readable(response)).await;
                }
            }
        }
    }

    async fn in_time<T>(&self, future: impl Future<Output = T>) -> Result<T, Error> {
        tokio::time::timeout(self.timeout, future).await.map_err(|_| Error::TimedOut)
    }
}

/// How long to wait before the request is sent again; nothing where what came is final.
fn wait(retry: Retry, result: &reqwest::Result<Response>, repeated: u32) -> Option<Duration> {
    match result {
        Ok(response) => retry.wait_after(response.status(), response.headers(), repeated),
        Err(error) => {
            // No connection came about, or it broke before the answer.
            let is_passing = error.is_connect() || (error.is_request() && !error.is_timeout());
            is_passing.then(|| retry.wait(repeated))
        }
    }
}

/// Gives an error answer a body that the generated code can read, where it has another one:
/// that code would drop the status together with a body it cannot read.
async fn readable(response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (version, mut headers) = (response.version(), response.headers().clone());
    let body = response.bytes().await.ok().filter(|body| serde_json::from_slice::<ErrorBody>(body).is_ok());
    headers.remove(REPLACED_BODY);
    let body = match body {
        Some(body) => reqwest::Body::from(body),
        None => {
            headers.insert(REPLACED_BODY, HeaderValue::from_static("1"));
            headers.remove(CONTENT_TYPE);
            reqwest::Body::from(serde_json::to_vec(&ErrorBody::default()).unwrap_or_default())
        }
    };
    // They are those of the body that came over the wire.
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    let mut answer = http::Response::new(body);
    (*answer.status_mut(), *answer.version_mut(), *answer.headers_mut()) = (status, version, headers);
    answer.into()
}
