//! Writing answers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use super::items::{self, Form, JsonForm, Writer, XmlForm};
use super::{Binary, EventStream, Items};
use crate::ApiError;
use crate::Authenticate;
use crate::localize::{Preferences, Resources};
use crate::models::Visit;
use crate::models::xml::{XmlElement, XmlError, to_xml};
use crate::negotiation::{is_json, is_xml, negotiate};

/// How the answer is written.
#[derive(Clone, Debug)]
pub struct Answer<'s> {
    /// `None` where the operation answers without content.
    media_type: Option<&'static str>,
    /// Whether the operation may have changed something before its answer is written.
    may_change: bool,
    /// How its texts and date-times are written.
    preferences: Preferences,
    resources: &'s dyn Resources,
    /// The caller, until the answer is sent.
    caller: Option<Recipient>,
}

/// An answer that is a value, in JSON or XML, or bytes of another kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Mixed<T> {
    /// What JSON and XML carry.
    Value(T),
    /// Anything else.
    Binary(Binary),
}

/// Whoever gets the answer; only to be held.
pub(super) type Recipient = Arc<dyn std::any::Any + Send + Sync>;

/// Bytes that are handed over at once. The server's buffer takes a few such pieces ahead.
pub(super) const PIECE_BYTES: usize = 16 * 1024;

/// A body that holds the caller until it is sent: as long as a slow reader takes, what the caller stands for (a place
/// among the requests that run) is taken.
struct HeldBody {
    /// What is not sent yet.
    bytes: Bytes,
    _caller: Recipient,
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let piece = self.bytes.len().min(PIECE_BYTES);
        let piece = self.bytes.split_to(piece);
        Poll::Ready((!piece.is_empty()).then(|| Ok(http_body::Frame::data(piece))))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes.len() as u64)
    }
}

impl<'s> Answer<'s> {
    pub(super) fn negotiate(
        method: &Method,
        headers: &HeaderMap,
        produces: &[&'static str],
        resources: &'s dyn Resources,
    ) -> Result<Self, ApiError> {
        let media_type = match negotiate(headers, produces) {
            _ if produces.is_empty() => None,
            Ok(media_type) => Some(media_type),
            // The contract leaves it to the service which of them it is.
            Err(error) if error.status() == StatusCode::NOT_ACCEPTABLE => {
                let range = produces.iter().find(|media_type| media_type.contains('*'));
                Some(range.copied().ok_or(error)?)
            }
            Err(error) => return Err(error),
        };
        let preferences = Preferences::from_headers(headers)?;
        Ok(Self { media_type, may_change: !method.is_safe(), preferences, resources, caller: None })
    }

    /// The same where only some of the operation's media types can be: the first of them where another was negotiated.
    #[must_use]
    pub fn only(self, media_types: &[&'static str]) -> Self {
        let negotiated = self.media_type.filter(|media_type| media_types.contains(media_type));
        Self { media_type: negotiated.or_else(|| media_types.first().copied()), ..self }
    }

    /// The same, for this caller, of whom a clone lives until the answer is sent.
    pub(super) fn to<C: Clone + Send + Sync + 'static>(self, caller: &C) -> Self {
        Self { caller: Some(Arc::new(caller.clone())), ..self }
    }

    pub(super) fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// `value` as JSON, under the negotiated media type, with texts and date-times as the caller wants them.
    ///
    /// # Errors
    /// 500 where the value cannot be written, which is a mistake in its type.
    pub fn json<T: Serialize + Visit>(self, status: StatusCode, mut value: T) -> Result<Response, ApiError> {
        self.localize(&mut value);
        self.written_json(status, &value)
    }

    fn written_json<T: Serialize>(&self, status: StatusCode, value: &T) -> Result<Response, ApiError> {
        let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
        let media_type = self.json_media_type();
        // As plain text, a text is what it says and not a literal of JSON.
        let text = (is_plain_text(media_type) && body.first() == Some(&b'"')).then(|| serde_json::from_slice(&body));
        let body = text.and_then(Result::ok).map_or(body, String::into_bytes);
        Ok(self.written(status, body, media_type))
    }

    /// `value` in the negotiated media type, JSON or XML, with texts and date-times as the caller wants them.
    ///
    /// # Errors
    /// - 406 where XML was negotiated and cannot carry the value. The message names the property.
    /// - 500 where the value cannot be written, which is a mistake in its type.
    pub fn json_or_xml<T>(self, status: StatusCode, mut value: T) -> Result<Response, ApiError>
    where
        T: Serialize + XmlElement + Visit,
    {
        self.localize(&mut value);
        if !self.media_type.is_some_and(is_xml) {
            return self.written_json(status, &value);
        }
        match to_xml(&value) {
            Ok(body) => Ok(self.written(status, body.into_bytes(), self.media_type.unwrap_or("application/xml"))),
            Err(error) => Err(no_xml(&error, self.may_change)),
        }
    }

    /// Items as a list in JSON, like [`json`](Self::json) of all of them, but only so many are in memory as the caller has
    /// room for.
    ///
    /// # Errors
    /// What keeps the beginning of the list from being made: the first 64 KiB, before which nothing is sent. Later errors
    /// are logged, and the answer breaks off.
    pub async fn json_items<T, S>(
        self,
        status: StatusCode,
        items: Items<T>,
        service: Arc<S>,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + Visit + Send + 'static,
        S: Authenticate,
    {
        let media_type = self.json_media_type();
        self.list(status, media_type, items, JsonForm::default(), service).await
    }

    /// Items as a list in the negotiated media type, JSON or XML, as [`json_items`](Self::json_items) does.
    ///
    /// # Errors
    /// As with [`json_items`](Self::json_items); 406 where XML was negotiated and cannot carry an item of the beginning.
    pub async fn json_or_xml_items<T, S>(
        self,
        status: StatusCode,
        items: Items<T>,
        service: Arc<S>,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + XmlElement + Visit + Send + 'static,
        S: Authenticate,
    {
        match self.media_type.filter(|media_type| is_xml(media_type)) {
            Some(media_type) => {
                let form = XmlForm::new(self.may_change)?;
                self.list(status, media_type, items, form, service).await
            }
            None => self.json_items(status, items, service).await,
        }
    }

    async fn list<T, F, S>(
        self,
        status: StatusCode,
        media_type: &str,
        items: Items<T>,
        form: F,
        service: Arc<S>,
    ) -> Result<Response, ApiError>
    where
        T: Visit + Send + 'static,
        F: Form<T>,
        S: Authenticate,
    {
        let mut writer = Writer::new(items, form, self.preferences.clone(), service);
        let beginning = writer.piece(items::BEGINNING_BYTES).await?;
        if writer.is_done() {
            return Ok(self.written(status, beginning, media_type));
        }
        let body = writer.body(beginning, self.caller.clone());
        Ok(with_body(status, body, &with_charset(media_type)))
    }

    /// Text as it is.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn text(self, status: StatusCode, mut value: String) -> Result<Response, ApiError> {
        self.localize(&mut value);
        let media_type = self.media_type.filter(|media_type| is_plain_text(media_type)).unwrap_or("text/plain");
        Ok(self.written(status, value.into_bytes(), media_type))
    }

    /// A value in JSON or XML, or bytes, whichever the service gives.
    ///
    /// # Errors
    /// As [`json_or_xml`](Self::json_or_xml).
    pub fn mixed<T>(self, status: StatusCode, value: Mixed<T>) -> Result<Response, ApiError>
    where
        T: Serialize + XmlElement + Visit,
    {
        match value {
            Mixed::Value(value) => self.json_or_xml(status, value),
            Mixed::Binary(value) => self.binary(status, value),
        }
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

    /// Events as they come, until the service or the caller ends it. Texts and date-times in them are the service's own:
    /// nothing is translated here.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn events(self, status: StatusCode, value: EventStream) -> Result<Response, ApiError> {
        Ok(value.written(status, self.caller))
    }

    /// No content.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn empty(self, status: StatusCode) -> Result<Response, ApiError> {
        Ok(status.into_response())
    }

    fn localize(&self, value: &mut dyn Visit) {
        let Preferences { language, time_zone, .. } = &self.preferences;
        crate::localize(value, language, time_zone.as_ref(), self.resources);
    }

    fn json_media_type(&self) -> &'static str {
        let media_type = self.media_type.filter(|media_type| is_json(media_type) || is_plain_text(media_type));
        media_type.unwrap_or("application/json")
    }

    fn written(&self, status: StatusCode, body: Vec<u8>, media_type: &str) -> Response {
        self.with_type(status, Bytes::from(body), &with_charset(media_type))
    }

    fn with_type(&self, status: StatusCode, bytes: Bytes, media_type: &str) -> Response {
        let body = match &self.caller {
            Some(caller) => Body::new(HeldBody { bytes, _caller: Arc::clone(caller) }),
            None => Body::new(Full::new(bytes)),
        };
        with_body(status, body, media_type)
    }
}

fn with_body(status: StatusCode, body: Body, media_type: &str) -> Response {
    let mut response = (status, body).into_response();
    if let Ok(value) = HeaderValue::from_str(media_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

fn with_charset(media_type: &str) -> String {
    let charset = if media_type.contains("charset=") { "" } else { "; charset=utf-8" };
    format!("{media_type}{charset}")
}

/// Why an answer cannot be XML.
pub(super) fn no_xml(error: &XmlError, may_change: bool) -> ApiError {
    let (done, reference) = match may_change {
        true => ("; the operation was carried out all the same", "SR_ERROR_NO_XML_BUT_DONE"),
        false => ("", "SR_ERROR_NO_XML"),
    };
    let why = error.to_string();
    let error = ApiError::not_acceptable(format!("the answer is no XML, ask for JSON: {why}{done}"));
    error.with_reference(reference, [("why", (&*why).into())])
}

/// Whether what has this media type is text without a form of its own.
fn is_plain_text(media_type: &str) -> bool {
    media_type.starts_with("text/") && !is_json(media_type) && !is_xml(media_type)
}
