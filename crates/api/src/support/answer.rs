//! Writing answers.

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use super::Binary;
use crate::ApiError;
use crate::localize::{Localizer, Preferences, Resources};
use crate::models::Visit;
use crate::models::xml::{XmlElement, to_xml};
use crate::negotiation::{is_xml, negotiate};

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
}

impl<'s> Answer<'s> {
    pub(super) fn negotiate(
        method: &Method,
        headers: &HeaderMap,
        produces: &[&'static str],
        resources: &'s dyn Resources,
    ) -> Result<Self, ApiError> {
        let media_type = if produces.is_empty() { None } else { Some(negotiate(headers, produces)?) };
        let preferences = Preferences::from_headers(headers)?;
        Ok(Self { media_type, may_change: !method.is_safe(), preferences, resources })
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
        Ok(self.text(status, body))
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
            Ok(body) => Ok(self.text(status, body.into_bytes())),
            Err(error) => {
                let done = if self.may_change { "; the operation was carried out all the same" } else { "" };
                Err(ApiError::not_acceptable(format!("the answer is no XML, ask for JSON: {error}{done}")))
            }
        }
    }

    /// The bytes as they are.
    ///
    /// # Errors
    /// None; the same form as its siblings.
    pub fn binary(self, status: StatusCode, value: Binary) -> Result<Response, ApiError> {
        let negotiated = self.media_type.filter(|media_type| !media_type.contains('*'));
        let media_type = value.content_type.as_deref().or(negotiated).unwrap_or("application/octet-stream");
        Ok(with_type(status, value.bytes, media_type))
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
        let mut localizer = Localizer { language, time_zone: time_zone.as_ref(), resources: self.resources };
        if !localizer.is_idle() {
            value.visit(&mut localizer);
        }
    }

    fn text(&self, status: StatusCode, body: Vec<u8>) -> Response {
        let media_type = self.media_type.unwrap_or("application/json");
        with_type(status, Bytes::from(body), &format!("{media_type}; charset=utf-8"))
    }
}

fn with_type(status: StatusCode, body: Bytes, media_type: &str) -> Response {
    let mut response = (status, body).into_response();
    if let Ok(value) = HeaderValue::from_str(media_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}
