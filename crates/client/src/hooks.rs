//! What happens around every request: what generated code calls before it sends one, and instead of sending it.

use http::header::Entry;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Client, Request, Response};

use crate::defaults::Defaults;
use crate::generated::ErrorBody;

/// Marks an answer whose body was put in by [`readable`]; never sent, and removed before callers see it.
pub(crate) const REPLACED_BODY: HeaderName = HeaderName::from_static("x-client-replaced-body");

/// Adds what is set for the whole client. What an operation says itself counts; of cookies, both.
pub(crate) fn prepare(defaults: &Defaults, request: &mut Request) {
    for (name, value) in &defaults.headers {
        match request.headers_mut().entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value.clone());
            }
            Entry::Occupied(mut entry) if name == COOKIE => {
                let both = HeaderValue::from_bytes(&[value.as_bytes(), b"; ", entry.get().as_bytes()].concat());
                if let Ok(mut both) = both {
                    both.set_sensitive(true);
                    entry.insert(both);
                }
            }
            Entry::Occupied(_) => {}
        }
    }
    *request.timeout_mut() = Some(defaults.timeout);
}

/// Sends a request, again where that is allowed and may help.
pub(crate) async fn execute(defaults: &Defaults, client: &Client, request: Request) -> reqwest::Result<Response> {
    let retry = defaults.retry;
    let mut request = request;
    let mut repeated = 0;
    loop {
        let again = if retry.allows(request.method(), repeated) { request.try_clone() } else { None };
        let result = client.execute(request).await;
        let wait = match &result {
            Ok(response) => retry.wait_after(response.status(), response.headers(), repeated),
            Err(error) => error.is_connect().then(|| retry.wait(repeated)),
        };
        match (wait, again) {
            (Some(wait), Some(again)) => {
                tokio::time::sleep(wait).await;
                request = again;
                repeated += 1;
            }
            _ => return Ok(readable(result?).await),
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
