//! What generated handlers are made of: reading a request and writing its answer.
//!
//! Public for generated code; a service only implements the traits.

mod document;
mod parameters;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, RawPathParams, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use mediatype::{MediaType, ReadParams as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::negotiation::{is_json, is_xml, negotiate};
use crate::{ApiError, Authenticate, Credentials, RequestContext};

pub use document::Document;
pub use parameters::{FromHeaders, Query, UnknownValue, cookie, header, header_list, path, required};

/// A request that may reach the service: its answer's media type is settled and its caller known.
///
/// Negotiation and sign-in come first, so that nothing is done for a caller who could not read
/// the answer or may not call.
#[derive(Debug)]
pub struct Call<C, H> {
    /// For the service.
    pub context: RequestContext<C, H>,
    parts: Parts,
    body: Body,
    answer: Answer,
}

impl<C, H: FromHeaders> Call<C, H> {
    /// Begins an operation that needs a caller.
    ///
    /// `produces` are the contract's media types of the answer, in order; those that cannot be
    /// written yet (XML) are passed over.
    ///
    /// # Errors
    /// 406 or 400 for `Accept`, 400 for malformed headers, and whatever `service` refuses with.
    pub async fn begin<S>(service: &S, request: Request, produces: &[&'static str]) -> Result<Self, ApiError>
    where
        S: Authenticate<Caller = C>,
    {
        let (parts, body) = request.into_parts();
        let answer = Answer::negotiate(&parts.headers, produces)?;
        let headers = H::from_headers(&parts.headers)?;
        let caller = service.authenticate(Credentials::from_headers(&parts.headers)?).await?;
        let context = RequestContext { caller, headers, request_id: request_id(&parts.headers) };
        Ok(Self { context, parts, body, answer })
    }

    /// The values of the path's parameters, in the order of the path.
    ///
    /// # Errors
    /// 400 where one is not UTF-8 once it is decoded.
    pub async fn path(&mut self) -> Result<Vec<String>, ApiError> {
        use axum::extract::FromRequestParts as _;
        let values = RawPathParams::from_request_parts(&mut self.parts, &()).await;
        let values = values.map_err(|rejection| ApiError::bad_request(format!("path: {rejection}")))?;
        Ok(values.iter().map(|(_, value)| value.to_owned()).collect())
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

    /// A JSON body.
    ///
    /// # Errors
    /// 400 where there is none or it is not what `T` reads, 413 where it is too large, 415 where
    /// its media type is none of `consumes` that is JSON.
    pub async fn json<T: DeserializeOwned>(&mut self, consumes: &[&str]) -> Result<T, ApiError> {
        required("the body", self.optional_json(consumes).await?)
    }

    /// A JSON body, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`json`](Self::json), except for the missing body.
    pub async fn optional_json<T: DeserializeOwned>(&mut self, consumes: &[&str]) -> Result<Option<T>, ApiError> {
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        check_content_type(self.headers(), consumes.iter().copied().filter(|media_type| is_json(media_type)))?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| ApiError::bad_request(format!("the body is not valid: {error}")))
    }

    /// A body of any other kind, with the media type that the request claims.
    ///
    /// # Errors
    /// 400 where there is none, 413 where it is too large, 415 where its media type is none of `consumes`.
    pub async fn binary(&mut self, consumes: &[&str]) -> Result<Binary, ApiError> {
        required("the body", self.optional_binary(consumes).await?)
    }

    /// A body of any other kind, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`binary`](Self::binary), except for the missing body.
    pub async fn optional_binary(&mut self, consumes: &[&str]) -> Result<Option<Binary>, ApiError> {
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        check_content_type(self.headers(), consumes.iter().copied())?;
        let content_type = header::<String>(self.headers(), CONTENT_TYPE.as_str())?;
        Ok(Some(Binary { content_type, bytes }))
    }

    /// What the service sees, and what writes its answer.
    pub fn split(self) -> (RequestContext<C, H>, Answer) {
        (self.context, self.answer)
    }

    async fn bytes(&mut self) -> Result<Bytes, ApiError> {
        let request = Request::from_parts(self.parts.clone(), std::mem::take(&mut self.body));
        Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::payload_too_large("the body is too large"),
            _ => ApiError::bad_request("the body could not be read").with_cause(rejection),
        })
    }
}

impl<C, H: FromHeaders> Call<Option<C>, H> {
    /// Begins an operation that may be called without signing in: a caller who shows nothing is none.
    ///
    /// # Errors
    /// As [`begin`](Call::begin).
    pub async fn begin_open<S>(service: &S, request: Request, produces: &[&'static str]) -> Result<Self, ApiError>
    where
        S: Authenticate<Caller = C>,
    {
        let (parts, body) = request.into_parts();
        let answer = Answer::negotiate(&parts.headers, produces)?;
        let headers = H::from_headers(&parts.headers)?;
        let caller = match Credentials::from_headers(&parts.headers)? {
            Credentials::Missing => None,
            credentials => Some(service.authenticate(credentials).await?),
        };
        let context = RequestContext { caller, headers, request_id: request_id(&parts.headers) };
        Ok(Self { context, parts, body, answer })
    }
}

/// A body that is neither JSON nor XML.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Binary {
    /// Its media type. In an answer, nothing stands for the negotiated one.
    pub content_type: Option<String>,
    /// The bytes themselves.
    pub bytes: Bytes,
}

impl utoipa::PartialSchema for Binary {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl utoipa::ToSchema for Binary {}

/// How the answer is written.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// `None` where the operation answers without content.
    media_type: Option<&'static str>,
}

impl Answer {
    fn negotiate(headers: &HeaderMap, produces: &[&'static str]) -> Result<Self, ApiError> {
        if produces.is_empty() {
            return Ok(Self { media_type: None });
        }
        let offered: Vec<_> = produces.iter().copied().filter(|media_type| !is_xml(media_type)).collect();
        let media_type = negotiate(headers, &offered)
            .map_err(|error| error.with_header(VARY, HeaderValue::from_static("Accept")))?;
        Ok(Self { media_type: Some(media_type) })
    }

    /// `value` in the negotiated media type.
    ///
    /// # Errors
    /// 500 where the value cannot be written, which is a mistake in its type.
    pub fn json<T: Serialize>(self, status: StatusCode, value: &T) -> Result<Response, ApiError> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        let media_type = self.media_type.unwrap_or("application/json");
        Ok(self.with_type(status, Bytes::from(body), &format!("{media_type}; charset=utf-8")))
    }

    /// The bytes as they are.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn binary(self, status: StatusCode, value: Binary) -> Result<Response, ApiError> {
        let negotiated = self.media_type.filter(|media_type| !media_type.contains('*'));
        let media_type = value.content_type.as_deref().or(negotiated).unwrap_or("application/octet-stream");
        Ok(self.with_type(status, value.bytes, media_type))
    }

    /// No content.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn empty(self, status: StatusCode) -> Result<Response, ApiError> {
        Ok(status.into_response())
    }

    fn with_type(self, status: StatusCode, body: Bytes, media_type: &str) -> Response {
        let mut response = (status, body).into_response();
        if let Ok(value) = HeaderValue::from_str(media_type) {
            response.headers_mut().insert(CONTENT_TYPE, value);
        }
        response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
        response
    }
}

/// What the server, or the client before it, calls this request.
fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-request-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// # Errors
/// 415 where the request's media type is not among `accepted`, or says another charset than UTF-8.
fn check_content_type<'a>(headers: &HeaderMap, accepted: impl Iterator<Item = &'a str>) -> Result<(), ApiError> {
    let accepted: Vec<&str> = accepted.collect();
    let refuse = || ApiError::unsupported_media_type(format!("`Content-Type` must be one of: {}", accepted.join(", ")));
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(refuse)?;
    let sent = MediaType::parse(value).map_err(|_| refuse())?;
    let is_utf8 = sent
        .params()
        .filter(|(name, _)| *name == "charset")
        .all(|(_, charset)| charset.unquoted_str().eq_ignore_ascii_case("utf-8"));
    let is_accepted = accepted
        .iter()
        .filter_map(|media_type| MediaType::parse(media_type).ok())
        .any(|known| known.essence() == sent.essence());
    if is_accepted && is_utf8 { Ok(()) } else { Err(refuse()) }
}
