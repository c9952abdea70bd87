//! Bodies that are forms: `multipart/form-data` and `application/x-www-form-urlencoded`.

use std::convert::Infallible;
use std::str::FromStr;

use axum::body::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::body::not_valid;
use crate::{ApiError, shortened};

/// A form as it was sent: fields and files, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form(Vec<FormPart>);

/// A field or a file of a [`Form`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormPart {
    /// The field's name.
    pub name: String,
    /// The file's name, where it is one.
    pub file_name: Option<String>,
    /// Its media type, where the form says it.
    pub content_type: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

/// A type that a form can be read into. Generated code implements it.
pub trait FromForm: Sized {
    /// Takes what it needs.
    ///
    /// # Errors
    /// 400 where a field is missing or not valid.
    fn from_form(form: Form) -> Result<Self, ApiError>;
}

impl FromForm for Form {
    fn from_form(form: Form) -> Result<Self, ApiError> {
        Ok(form)
    }
}

impl Form {
    /// All fields and files.
    pub fn parts(&self) -> &[FormPart] {
        &self.0
    }

    /// A field's text, if the form has it.
    ///
    /// # Errors
    /// 400 where it is not what `T` reads.
    pub fn text<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        self.named(name).next().map(|part| part.parse()).transpose()
    }

    /// The texts of a field that is repeated.
    ///
    /// # Errors
    /// 400 where one is not what `T` reads.
    pub fn texts<T: FromStr>(&self, name: &str) -> Result<Vec<T>, ApiError> {
        self.named(name).map(FormPart::parse).collect()
    }

    /// A field that holds JSON, if the form has it.
    ///
    /// # Errors
    /// 400 where it is not what `T` reads.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let value = self.named(name).next().map(|part| serde_json::from_slice(&part.bytes));
        value.transpose().map_err(|error| not_valid(&error))
    }

    /// A file, if the form has it.
    pub fn file(&self, name: &str) -> Option<FormPart> {
        self.named(name).next().cloned()
    }

    /// The files of a field that is repeated.
    pub fn files(&self, name: &str) -> Vec<FormPart> {
        self.named(name).cloned().collect()
    }

    /// The parts with a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &FormPart> {
        self.0.iter().filter(move |part| part.name == name)
    }

    pub(super) fn from_urlencoded(bytes: &[u8]) -> Result<Self, ApiError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).map_err(|error| not_valid(&error))?;
        let part = |(name, value): (String, String)| FormPart { name, bytes: value.into(), ..FormPart::default() };
        Ok(Self(pairs.into_iter().map(part).collect()))
    }

    pub(super) async fn from_multipart(headers: &HeaderMap, bytes: Bytes) -> Result<Self, ApiError> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(|error| not_valid(&error))?;
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(bytes)]), boundary);
        let mut form = Self::default();
        while let Some(field) = parts.next_field().await.map_err(|error| not_valid(&error))? {
            let (name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
            let content_type = field.content_type().map(ToString::to_string);
            let bytes = field.bytes().await.map_err(|error| not_valid(&error))?;
            form.0.push(FormPart { name, file_name, content_type, bytes });
        }
        Ok(form)
    }
}

impl FormPart {
    fn parse<T: FromStr>(&self) -> Result<T, ApiError> {
        let text = std::str::from_utf8(&self.bytes).ok();
        text.and_then(|text| text.parse().ok()).ok_or_else(|| {
            let what = format!("form field `{}`", shortened(&self.name));
            let error = ApiError::bad_request(format!("{what} is not valid"));
            error.with_reference("SR_ERROR_NOT_VALID", [("what", (&*what).into())])
        })
    }
}
