//! What happens around every request of the generated client.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Request, Response};

use crate::Defaults;
use crate::generated::ErrorBody;
use crate::generated::progenitor::Client;

/// Marks an answer whose body was put in by [`readable`]; never sent, and removed before callers see it.
pub(crate) const REPLACED_BODY: HeaderName = HeaderName::from_static("x-chat-client-replaced-body");

impl ClientHooks<Defaults> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        let defaults = self.inner();
        let headers = request.headers_mut();
        // progenitor sends the contract's version, which the API does not know.
        headers.remove("api-version");
        for (name, value) in &defaults.headers {
            // What an operation says itself counts.
            headers.entry(name).or_insert_with(|| value.clone());
        }
        *request.timeout_mut() = Some(defaults.timeout);
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let retry = self.inner().retry;
        let mut request = request;
        let mut repeated = 0;
        loop {
            let again = if retry.allows(request.method(), repeated) { request.try_clone() } else { None };
            let result = self.client().execute(request).await;
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
