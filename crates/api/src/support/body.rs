//! Reading the bodies of requests.

use axum::body::{Body, Bytes, HttpBody as _};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use mediatype::{MediaType, ReadParams as _};
use serde::de::DeserializeOwned;

use super::{Call, Form, FromForm, FromHeaders, form_value, header, required};
use crate::models::xml::{XmlElement, XmlLimits, from_xml};
use crate::negotiation::{is_json, is_xml};
use crate::{ApiError, shortened};

const MULTIPART: &str = "multipart/form-data";
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// How many bytes of a body are read where the server says nothing else.
const DEFAULT_MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most bytes that a body may have, which a server puts into the extensions of a request. The default is 1 MiB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MaxBodyBytes(pub usize);

/// The whole body of a request.
///
/// # Errors
/// 413 where it is too large, without waiting for it where its length is announced; 400 where it breaks off.
pub(super) async fn whole(parts: &Parts, body: Body) -> Result<Bytes, ApiError> {
    let max = parts.extensions.get().map_or(DEFAULT_MAX_BODY_BYTES, |MaxBodyBytes(max)| *max);
    let too_large = || {
        let error = ApiError::payload_too_large(format!("the body has more than {max} bytes"));
        error.with_reference("SR_ERROR_BODY_LIMIT", [("limit", max.into())])
    };
    if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > max) {
        return Err(too_large());
    }
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => {
            let unread = ApiError::bad_request("the body could not be read").with_cause(error);
            Err(unread.with_reference("SR_ERROR_BODY_UNREAD", []))
        }
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

impl<C, H: FromHeaders> Call<'_, C, H> {
    /// A JSON body.
    ///
    /// # Errors
    /// 400 where there is none or it is not what `T` reads, 415 where its media type is none of `consumes` that is JSON.
    pub fn json<T: DeserializeOwned>(&mut self, consumes: &[&str]) -> Result<T, ApiError> {
        required("request body", self.optional_json(consumes)?)
    }

    /// A JSON body, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`json`](Self::json), except for the missing body.
    pub fn optional_json<T: DeserializeOwned>(&mut self, consumes: &[&str]) -> Result<Option<T>, ApiError> {
        let bytes = std::mem::take(&mut self.body);
        if bytes.is_empty() {
            return Ok(None);
        }
        let known = |media_type: &&str| is_json(media_type) || is_alike(media_type);
        let readable: Vec<&str> = consumes.iter().copied().filter(known).collect();
        let sent = check_content_type(self.headers(), &readable)?;
        from_json_or_form(&bytes, sent).map(Some)
    }

    /// A JSON or XML body.
    ///
    /// # Errors
    /// 400 where there is none or it is not what `T` reads, 415 where its media type is none of `consumes` that is JSON or XML.
    pub fn json_or_xml<T: DeserializeOwned + XmlElement>(&mut self, consumes: &[&str]) -> Result<T, ApiError> {
        required("request body", self.optional_json_or_xml(consumes)?)
    }

    /// A JSON or XML body, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`json_or_xml`](Self::json_or_xml), except for the missing body.
    pub fn optional_json_or_xml<T: DeserializeOwned + XmlElement>(
        &mut self,
        consumes: &[&str],
    ) -> Result<Option<T>, ApiError> {
        let bytes = std::mem::take(&mut self.body);
        if bytes.is_empty() {
            return Ok(None);
        }
        let known = |media_type: &&str| is_json(media_type) || is_xml(media_type) || is_alike(media_type);
        let readable: Vec<&str> = consumes.iter().copied().filter(known).collect();
        let sent = check_content_type(self.headers(), &readable)?;
        if !is_xml(sent) {
            return from_json_or_form(&bytes, sent).map(Some);
        }
        let limits = XmlLimits::default();
        if bytes.len() > limits.max_bytes {
            let message = format!("the body has more than {} bytes, the most that are read as XML", limits.max_bytes);
            let error = ApiError::payload_too_large(message);
            return Err(error.with_reference("SR_ERROR_BODY_LIMIT", [("limit", limits.max_bytes.into())]));
        }
        from_xml(&bytes, limits).map(Some).map_err(|error| not_valid(&error))
    }

    /// A form, with its fields and files.
    ///
    /// # Errors
    /// 400 where there is none or it is not what `T` reads, 415 where its media type is none of `consumes` that is a
    /// form.
    pub async fn form<T: FromForm>(&mut self, consumes: &[&str]) -> Result<T, ApiError> {
        required("request body", self.optional_form(consumes).await?)
    }

    /// A form, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`form`](Self::form), except for the missing body.
    pub async fn optional_form<T: FromForm>(&mut self, consumes: &[&str]) -> Result<Option<T>, ApiError> {
        let bytes = std::mem::take(&mut self.body);
        if bytes.is_empty() {
            return Ok(None);
        }
        let known = |media_type: &&str| is_essence(media_type, URLENCODED) || is_essence(media_type, MULTIPART);
        let readable: Vec<&str> = consumes.iter().copied().filter(known).collect();
        let form = match check_content_type(self.headers(), &readable)? {
            sent if is_essence(sent, URLENCODED) => Form::from_urlencoded(&bytes)?,
            _ => Form::from_multipart(self.headers(), bytes).await?,
        };
        T::from_form(form).map(Some)
    }

    /// A body of plain text.
    ///
    /// # Errors
    /// 400 where there is none or it is not UTF-8, 415 where its media type is none of `consumes`.
    pub fn text(&mut self, consumes: &[&str]) -> Result<String, ApiError> {
        required("request body", self.optional_text(consumes)?)
    }

    /// A body of plain text, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`text`](Self::text), except for the missing body.
    pub fn optional_text(&mut self, consumes: &[&str]) -> Result<Option<String>, ApiError> {
        let bytes = std::mem::take(&mut self.body);
        if bytes.is_empty() {
            return Ok(None);
        }
        check_content_type(self.headers(), consumes)?;
        String::from_utf8(bytes.into()).map(Some).map_err(|error| not_valid(&error))
    }

    /// A body of any other kind, with the media type that the request claims.
    ///
    /// # Errors
    /// 400 where there is none, 415 where its media type is none of `consumes`.
    pub fn binary(&mut self, consumes: &[&str]) -> Result<Binary, ApiError> {
        required("request body", self.optional_binary(consumes)?)
    }

    /// A body of any other kind, or none where the request's body is empty.
    ///
    /// # Errors
    /// As [`binary`](Self::binary), except for the missing body.
    pub fn optional_binary(&mut self, consumes: &[&str]) -> Result<Option<Binary>, ApiError> {
        let bytes = std::mem::take(&mut self.body);
        if bytes.is_empty() {
            return Ok(None);
        }
        check_content_type(self.headers(), consumes)?;
        let content_type = header::<String>(self.headers(), CONTENT_TYPE.as_str())?;
        Ok(Some(Binary { content_type, bytes }))
    }
}

/// Whether a carrier is read from what has this media type as if it were JSON: where the contract leaves it open, and
/// from a form with the same fields.
fn is_alike(media_type: &str) -> bool {
    media_type.contains('*') || is_essence(media_type, URLENCODED)
}

fn from_json_or_form<T: DeserializeOwned>(bytes: &[u8], media_type: &str) -> Result<T, ApiError> {
    if is_essence(media_type, URLENCODED) {
        return form_value::from_bytes(bytes).map_err(|error| not_valid(&error));
    }
    serde_json::from_slice(bytes).map_err(|error| not_valid(&error))
}

/// The error may repeat what was sent, of whatever length.
pub(super) fn not_valid(error: &dyn std::error::Error) -> ApiError {
    let why = error.to_string();
    let why = shortened(&why);
    let error = ApiError::bad_request(format!("the body is not valid: {why}"));
    error.with_reference("SR_ERROR_BODY", [("why", (&*why).into())])
}

/// The one of `accepted` that the request's media type is.
///
/// # Errors
/// 415 where it is none, or says another charset than UTF-8. The answer's `Accept` says what would do (RFC 9110,
/// section 15.5.16).
fn check_content_type<'a>(headers: &HeaderMap, accepted: &[&'a str]) -> Result<&'a str, ApiError> {
    let refuse = || {
        let accepted = accepted.join(", ");
        let error = ApiError::unsupported_media_type(format!("`Content-Type` must be one of: {accepted}"));
        let error = error.with_reference("SR_ERROR_CONTENT_TYPE", [("accepted", (&*accepted).into())]);
        match HeaderValue::from_str(&accepted) {
            Ok(accepted) => error.with_header(ACCEPT, accepted),
            Err(_) => error,
        }
    };
    // Who leaves it open needs no answer.
    if !headers.contains_key(CONTENT_TYPE)
        && let Some(any) = accepted.iter().find(|media_type| **media_type == "*/*")
    {
        return Ok(any);
    }
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(refuse)?;
    let sent = MediaType::parse(value).map_err(|_| refuse())?;
    let is_utf8 = sent
        .params()
        .filter(|(name, _)| *name == "charset")
        .all(|(_, charset)| charset.unquoted_str().eq_ignore_ascii_case("utf-8"));
    let is_sent = |known: &&&str| is_of(&sent, known);
    accepted.iter().find(is_sent).copied().filter(|_| is_utf8).ok_or_else(refuse)
}

/// Whether a media type is this one, or within this range (`image/*`, `application/*+json`).
fn is_of(sent: &MediaType<'_>, known: &str) -> bool {
    MediaType::parse(known).is_ok_and(|known| {
        let subtype = known.subty == sent.subty || known.subty == "*";
        let suffix = known.suffix == sent.suffix || (known.subty == "*" && known.suffix.is_none());
        (known.ty == sent.ty || known.ty == "*") && subtype && suffix
    })
}

fn is_essence(media_type: &str, essence: &str) -> bool {
    MediaType::parse(media_type).is_ok_and(|parsed| parsed.essence().to_string() == essence)
}
