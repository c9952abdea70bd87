//! Values of path, query and header parameters.

use std::borrow::Cow;
use std::str::FromStr;

use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

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

/// A header that lists its values with `separator` in between.
///
/// # Errors
/// 400 where one is not what `T` reads.
pub fn header_list<T: FromStr>(headers: &HeaderMap, name: &str, separator: char) -> Result<Vec<T>, ApiError> {
    let list = header::<String>(headers, name)?.unwrap_or_default();
    let items = list.split(separator).map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| parse(&format!("header `{name}`"), item)).collect()
}

/// One cookie, if the request has it. What a cookie cannot hold is percent-encoded in it.
///
/// # Errors
/// 400 where the header `Cookie` is no text, or the value not what `T` reads.
pub fn cookie<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Option<T>, ApiError> {
    let value = raw_cookie(headers, name)?;
    value.map(|value| parse(&format!("cookie `{name}`"), &unescaped(&value))).transpose()
}

/// A cookie that lists its values with commas in between. An item may hold an escaped comma.
///
/// # Errors
/// As [`cookie`].
pub fn cookie_list<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<Vec<T>, ApiError> {
    let raw = raw_cookie(headers, name)?.unwrap_or_default();
    items(&format!("cookie `{name}`"), raw.split(',').map(str::trim), &unescaped(&raw), ',', unescaped)
}

fn raw_cookie(headers: &HeaderMap, name: &str) -> Result<Option<String>, ApiError> {
    let Some(cookies) = header::<String>(headers, "Cookie")? else { return Ok(None) };
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    Ok(pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()))
}

/// The values of a path's parameters, in the order of the path.
#[derive(Clone, Debug, Default)]
pub struct PathValues {
    /// Decoded.
    values: Vec<String>,
    /// As they were sent: what separates items is told from what they hold.
    raw: Vec<String>,
}

impl PathValues {
    /// `path` is what was sent, and `matched` the route that it took: a router within another one sees the end of
    /// the path alone.
    pub(super) fn new(values: Vec<String>, path: &str, matched: &str) -> Self {
        let is_parameter = |step: &str| step.starts_with('{') && step.ends_with('}') && !step.starts_with("{{");
        let steps = matched.rsplit('/').zip(path.rsplit('/'));
        let mut raw: Vec<String> =
            steps.filter(|(step, _)| is_parameter(step)).map(|(_, value)| value.to_owned()).collect();
        raw.reverse();
        // Without a route there is nothing to tell apart.
        let raw = if raw.len() == values.len() { raw } else { values.clone() };
        Self { values, raw }
    }
}

/// A path parameter by its place among those of the path.
///
/// # Errors
/// 400 where the value is not what `T` reads.
pub fn path<T: FromStr>(values: &PathValues, index: usize, name: &str) -> Result<T, ApiError> {
    let value = values.values.get(index).map_or("", String::as_str);
    parse(&format!("path parameter `{name}`"), value)
}

/// A path parameter that lists its values with `separator` in between. An item may hold an escaped separator; where that
/// makes it no `T`, it separates as well, because many clients escape all commas.
///
/// # Errors
/// 400 where one is not what `T` reads.
pub fn path_list<T: FromStr>(
    values: &PathValues,
    index: usize,
    name: &str,
    separator: char,
) -> Result<Vec<T>, ApiError> {
    let text = |all: &[String]| all.get(index).cloned().unwrap_or_default();
    let (value, raw) = (text(&values.values), text(&values.raw));
    items(&format!("path parameter `{name}`"), split(&raw, separator).into_iter(), &value, separator, unescaped)
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

/// The names and values of a query string in order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<Pair>);

#[derive(Clone, Debug)]
struct Pair {
    name: String,
    value: String,
    /// The value as it was sent: what separates items is told from what they hold.
    raw: String,
}

impl Query {
    pub(crate) fn parse(uri: &Uri) -> Result<Self, ApiError> {
        let axum::extract::Query(pairs) = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|rejection| not_valid("query string", format!("query string: {rejection}")))?;
        let raw = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let raw = raw.map(|pair| pair.split_once('=').map_or("", |(_, value)| value));
        let pairs = pairs.into_iter().zip(raw);
        Ok(Self(pairs.map(|((name, value), raw)| Pair { name, value, raw: raw.to_owned() }).collect()))
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

    /// All values of a parameter that lists them with `separator` in between (`?id=1,2`). An item may hold an escaped comma;
    /// where that makes it no `T`, the comma separates as well, because many clients escape all commas.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn separated<T: FromStr>(&self, name: &str, separator: char) -> Result<Vec<T>, ApiError> {
        let what = format!("query parameter `{name}`");
        let mut pairs = self.0.iter().filter(|pair| pair.name == name);
        let Some(Pair { value, raw, .. }) = pairs.next() else { return Ok(Vec::new()) };
        if pairs.next().is_some() {
            return Err(twice(&what));
        }
        let parts = match separator {
            ' ' if !raw.contains("%20") => raw.split('+').collect(),
            _ => split(raw, separator),
        };
        items(&what, parts.into_iter(), value, separator, decoded)
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |pair| pair.name == name).map(|pair| pair.value.as_str())
    }
}

/// The parts of a text that was sent: where a separator stands as it is, an escaped one belongs to an item. Only a comma
/// is always sent as it is.
fn split(raw: &str, separator: char) -> Vec<&str> {
    let escaped = format!("%{:02X}", u32::from(separator));
    let forms = match separator {
        ',' => vec![",".to_owned()],
        _ => vec![separator.to_string(), escaped.to_lowercase(), escaped],
    };
    let form = forms.iter().find(|form| raw.contains(form.as_str()));
    form.map_or_else(|| vec![raw], |form| raw.split(form.as_str()).collect())
}

/// The items that `parts` of a text are; where one is none, those of the whole text, decoded.
fn items<'a, T: FromStr>(
    what: &str,
    parts: impl Iterator<Item = &'a str>,
    whole: &str,
    separator: char,
    decode: fn(&str) -> String,
) -> Result<Vec<T>, ApiError> {
    let parts = parts.filter(|part| !part.is_empty());
    let found: Result<Vec<T>, ApiError> = parts.map(|part| parse(what, &decode(part))).collect();
    found.or_else(|error| {
        let parts = whole.split(separator).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok()).collect::<Option<_>>().ok_or(error)
    })
}

/// Text without its percent signs.
fn unescaped(raw: &str) -> String {
    percent_decode_str(raw).decode_utf8_lossy().into_owned()
}

/// A part of a query as it is meant.
fn decoded(raw: &str) -> String {
    unescaped(&raw.replace('+', " "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_before_they_are_decoded() {
        for (query, separator, expected) in [
            ("p=a,b", ',', "a b"),
            ("p=a%2Cb,c", ',', "a,b c"),
            ("p=a%2Cb", ',', "a,b"),
            ("q=1&&p=%C3%A5,x%26&r", ',', "å x&"),
            ("p=,a,,", ',', "a"),
            ("p", ',', ""),
            ("p=a%20b+c", ' ', "a b c"),
            ("p=a+b", ' ', "a b"),
            ("p=a%7Cb|c", '|', "a|b c"),
            ("p=a%7Cb", '|', "a b"),
            ("p=a%09b", '\t', "a b"),
        ] {
            let query = Query::parse(&format!("/?{query}").parse().unwrap()).unwrap();
            assert_eq!(query.separated::<String>("p", separator).unwrap().join(" "), expected, "{query:?}");
        }
        for (query, expected) in
            [("p=1,2", Some(vec![1, 2])), ("p=1%2C2", Some(vec![1, 2])), ("p=1,x", None), ("p=1&p=2", None)]
        {
            let query = Query::parse(&format!("/?{query}").parse().unwrap()).unwrap();
            assert_eq!(query.separated::<i32>("p", ',').ok(), expected, "{query:?}");
        }
    }

    #[test]
    fn lists_of_paths_and_cookies_are_split_before_they_are_decoded() {
        for (template, path, separator, expected) in [
            ("/a/{p}", "/a/1,2", ',', "1;2"),
            ("/a/{p}", "/a/x%2Cy,%C3%A5", ',', "x,y;å"),
            ("/base/a/{p}", "/a/x%2Cy", ',', "x,y"),
            ("/a/{p}", "/a/1%7C2", '|', "1;2"),
            ("/a/{p}", "/a/1%092", '\t', "1;2"),
            ("/other", "/a/x%2Cy", ',', "x;y"),
        ] {
            let values = PathValues::new(vec![unescaped(path.rsplit('/').next().unwrap())], path, template);
            let found = path_list::<String>(&values, 0, "p", separator).unwrap();
            assert_eq!(found.join(";"), expected, "{template} {path}");
        }
        let values = PathValues::new(vec!["1,2".to_owned()], "/1%2C2", "/{p}");
        assert_eq!(path_list::<i32>(&values, 0, "p", ',').unwrap(), [1, 2]);

        let headers: HeaderMap = [(http::header::COOKIE, "a=1; p=x%2Cy, b".parse().unwrap())].into_iter().collect();
        assert_eq!(cookie_list::<String>(&headers, "p").unwrap(), ["x,y", "b"]);
        assert_eq!(cookie::<String>(&headers, "p").unwrap().unwrap(), "x,y, b");
    }
}
