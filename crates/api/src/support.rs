//! What generated handlers are made of: reading a request and writing its answer.
//!
//! Public for generated code; a service only implements the traits.

mod answer;
mod body;
mod document;
mod events;
mod form;
mod form_value;
mod items;
mod parameters;
mod templates;

use axum::body::Bytes;
use axum::extract::{MatchedPath, RawPathParams, Request};
use axum::http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::localize::Preferences;
use crate::{ApiError, Authenticate, Peer, Presented, RequestContext};

pub use answer::{Answer, Mixed};
pub use body::{Binary, MaxBodyBytes};
pub use document::{Document, verbatim};
pub use events::{Event, EventStream};
pub use form::{Form, FormPart, FromForm};
pub use items::{Item, Items, Source, Written};
pub use parameters::{
    FromHeaders, PathValues, Query, UnknownValue, cookie, cookie_list, header, header_list, path, path_list, required,
};
pub use templates::with_templates;

pub use crate::keys::{ApiKey, KeyPlace, Security};

/// A request that may reach the service: its answer's media type is settled, its caller known, and its body there.
///
/// Negotiation and sign-in come first, so that nothing is done for a caller who could not read
/// the answer or may not call, and none of the body is read. The body comes next, whether or not the operation looks at
/// it: one that is too large or breaks off changes nothing.
#[derive(Debug)]
pub struct Call<'s, C, H> {
    /// For the service.
    pub context: RequestContext<C, H>,
    parts: Parts,
    body: Bytes,
    answer: Answer<'s>,
}

impl<'s, C, H: FromHeaders> Call<'s, C, H> {
    /// Begins an operation that needs a caller.
    ///
    /// `produces` are the contract's media types of the answer, in order, and `security` is what it says of signing in.
    ///
    /// # Errors
    /// 406 or 400 for `Accept`, 400 for malformed headers, whatever `service` refuses with, 413 for a body that is too
    /// large, and 400 for one that breaks off.
    pub async fn begin<S>(
        service: &'s S,
        request: Request,
        produces: &[&'static str],
        security: Security,
    ) -> Result<Self, ApiError>
    where
        S: Authenticate<Caller = C>,
        C: Clone + Send + Sync + 'static,
    {
        let (parts, body) = request.into_parts();
        let answer = Answer::negotiate(&parts.method, &parts.headers, produces, service.resources())?;
        let headers = H::from_headers(&parts.headers)?;
        let caller = service.authenticate(Presented::from_parts(&parts, &security)?).await?;
        let answer = answer.to(&caller);
        let body = body::whole(&parts, body).await?;
        let context = context(caller, headers, &parts, &answer);
        Ok(Self { context, parts, body, answer })
    }

    /// The values of the path's parameters, in the order of the path.
    ///
    /// # Errors
    /// 400 where one is not UTF-8 once it is decoded.
    pub async fn path(&mut self) -> Result<PathValues, ApiError> {
        use axum::extract::FromRequestParts as _;
        let values = RawPathParams::from_request_parts(&mut self.parts, &()).await;
        let values = values.map_err(|rejection| {
            let error = ApiError::bad_request(format!("path: {rejection}"));
            error.with_reference("SR_ERROR_NOT_VALID", [("what", "path".into())])
        })?;
        let values = values.iter().map(|(_, value)| value.to_owned()).collect();
        let matched = self.parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Ok(PathValues::new(values, self.parts.uri.path(), matched))
    }

    /// The names and values of the query string, decoded.
    ///
    /// # Errors
    /// 400 where it is not a query string.
    pub fn query(&self) -> Result<Query, ApiError> {
        Query::parse(&self.parts.uri)
    }

    /// The headers of the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// What the service sees, and what writes its answer.
    pub fn split(self) -> (RequestContext<C, H>, Answer<'s>) {
        (self.context, self.answer)
    }
}

impl<'s, C, H: FromHeaders> Call<'s, Option<C>, H> {
    /// Begins an operation that may be called without signing in: a caller who shows nothing is none, and so is one who
    /// shows nothing but keys that the operation does not take, or a browser's cookie without its session's own value.
    ///
    /// # Errors
    /// As [`begin`](Call::begin).
    pub async fn begin_open<S>(
        service: &'s S,
        request: Request,
        produces: &[&'static str],
        security: Security,
    ) -> Result<Self, ApiError>
    where
        S: Authenticate<Caller = C>,
        C: Clone + Send + Sync + 'static,
    {
        let (parts, body) = request.into_parts();
        let answer = Answer::negotiate(&parts.method, &parts.headers, produces, service.resources())?;
        let headers = H::from_headers(&parts.headers)?;
        let caller = match Presented::optional_from_parts(&parts, &security)? {
            Some(presented) => Some(service.authenticate(presented).await?),
            None => None,
        };
        let answer = answer.to(&caller);
        let body = body::whole(&parts, body).await?;
        let context = context(caller, headers, &parts, &answer);
        Ok(Self { context, parts, body, answer })
    }
}

fn context<C, H>(caller: C, headers: H, request: &Parts, answer: &Answer<'_>) -> RequestContext<C, H> {
    let Preferences { language, culture, time_zone } = answer.preferences().clone();
    let peer = request.extensions.get::<Peer>().map(|Peer(address)| *address);
    RequestContext { caller, headers, request_id: request_id(&request.headers), peer, language, culture, time_zone }
}

/// A status that has no name.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or_default()
}

/// What the server, or the client before it, calls this request.
fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-request-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}
