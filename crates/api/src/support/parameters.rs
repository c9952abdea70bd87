//! Values of path, query and header parameters.

use std::borrow::Cow;
use std::str::FromStr;

use http::{HeaderMap, Uri};

use crate::ApiError;

/// The headers that all operations share, read from a request. Generated code implements it.
pub trait FromHeaders: Sized {
    /// Reads what is there.
    ///
    /// # Errors
    /// 400 where a header is not valid.
    fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError>;
}

/// Headers that RFC 9110 defines as lists: several of them are one list.
const LISTS: &[&str] = &["Accept-Language"];

/// One header, if the request has it.
///
/// # Errors
/// 400 where it is there more than once and no list, is no text, or not what `T` reads.
pub fn header<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Option<T>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let what = format!("header `{name}`");
    let not_text = |_| {
        let error = ApiError::bad_request(format!("{what} holds other characters than printable ASCII"));
        error.with_reference("SR_ERROR_CHARACTERS", [("what", (&*what).into())])
    };
    let mut text = Cow::Borrowed(value.to_str().map_err(not_text)?);
    for value in values {
        if !LISTS.iter().any(|list| list.eq_ignore_ascii_case(name)) {
            return Err(twice(&what));
        }
        text = Cow::Owned(format!("{text}, {}", value.to_str().map_err(not_text)?));
    }
    parse(&what, &text).map(Some)
}

/// A header that lists its values with commas in between.
///
/// # Errors
/// 400 where one is not what `T` reads.
pub fn header_list<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Vec<T>, ApiError> {
    let list = header::<String>(headers, name)?.unwrap_or_default();
    let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| parse(&format!("header `{name}`"), item)).collect()
}

/// One cookie, if the request has it.
///
/// # Errors
/// 400 where the header `Cookie` is no text, or the value not what `T` reads.
pub fn cookie<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Option<T>, ApiError> {
    let Some(cookies) = header::<String>(headers, "Cookie")? else { return Ok(None) };
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(key, _)| *key == name).map(|(_, value)| value);
    value.map(|value| parse(&format!("cookie `{name}`"), value)).transpose()
}

/// A path parameter by its place among those of the path.
///
/// # Errors
/// 400 where the value is not what `T` reads.
pub fn path<T: FromStr>(values: &[String], index: usize, name: &str) -> Result<T, ApiError> {
    let value = values.get(index).map_or("", String::as_str);
    parse(&format!("path parameter `{name}`"), value)
}

/// A value that must be there.
///
/// # Errors
/// 400 where it is not; `what` names it.
pub fn required<T>(what: &str, value: Option<T>) -> Result<T, ApiError> {
    let missing = || ApiError::bad_request(format!("{what} is missing"));
    value.ok_or_else(|| missing().with_reference("SR_ERROR_MISSING", [("what", what.into())]))
}

/// A value that is not among those that a parameter may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown value")]
pub struct UnknownValue;

/// The names and values of a query string, decoded, in order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(uri: &Uri) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(uri)
            .map(|axum::extract::Query(pairs)| Self(pairs))
            .map_err(|rejection| not_valid("query string", format!("query string: {rejection}")))
    }

    /// One parameter, if the request has it.
    ///
    /// # Errors
    /// 400 where it is there more than once, or not what `T` reads.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let mut values = self.values(name);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(twice(&format!("query parameter `{name}`")));
        }
        parse(&format!("query parameter `{name}`"), value).map(Some)
    }

    /// All values of a parameter that is repeated (`?id=1&id=2`).
    ///
    /// # Errors
    /// 400 where one is not what `T` reads.
    pub fn repeated<T: FromStr>(&self, name: &str) -> Result<Vec<T>, ApiError> {
        self.values(name).map(|value| parse(&format!("query parameter `{name}`"), value)).collect()
    }

    /// All values of a parameter that lists them with `separator` in between (`?id=1,2`).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn separated<T: FromStr>(&self, name: &str, separator: char) -> Result<Vec<T>, ApiError> {
        let list = self.get::<String>(name)?.unwrap_or_default();
        let items = list.split(separator).filter(|item| !item.is_empty());
        items.map(|item| parse(&format!("query parameter `{name}`"), item)).collect()
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn parse<T: FromStr>(what: &str, value: &str) -> Result<T, ApiError> {
    value.parse().map_err(|_| not_valid(what, format!("{what} is not valid")))
}

fn not_valid(what: &str, message: String) -> ApiError {
    ApiError::bad_request(message).with_reference("SR_ERROR_NOT_VALID", [("what", what.into())])
}

fn twice(what: &str) -> ApiError {
    let error = ApiError::bad_request(format!("{what} is there more than once"));
    error.with_reference("SR_ERROR_TWICE", [("what", what.into())])
}
