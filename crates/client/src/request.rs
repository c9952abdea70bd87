//! Requests that progenitor cannot make: bodies that are not JSON, cookies, objects as parameters, OPTIONS and TRACE,
//! and answers that may be empty. They get the same headers, time-out and repetitions as all others.

mod idempotency;
mod style;

use std::fmt::Display;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_client::{ByteStream, ClientInfo, ResponseValue};
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Response, StatusCode, Url, multipart};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::style::Style;
use crate::defaults::Defaults;
use crate::generated::ErrorBody;
use crate::hooks::{self, Manner};
use crate::{Error, EventStream};

/// What a segment of a path may hold as it is (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What a part of a query may hold as it is; what stands between such parts is not escaped.
const QUERY: &AsciiSet = &SEGMENT.remove(b'*').remove(b' ');
/// What a cookie's value may not hold (RFC 6265, section 4.1.1).
const COOKIE_VALUE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'\\');

/// A request that is being put together. What is wrong with an argument is said when it is sent.
pub(crate) struct Request {
    method: &'static str,
    path: String,
    /// Pairs, escaped.
    query: Vec<String>,
    headers: HeaderMap,
    cookies: Vec<String>,
    content: Content,
    manner: Manner,
    problem: Option<String>,
}

enum Content {
    None,
    Bytes(Body),
    Multipart(multipart::Form),
}

impl Request {
    /// `path` is the template of the contract; [`path`](Self::path) fills it.
    pub(crate) fn new(method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            content: Content::None,
            manner: Manner::default(),
            problem: None,
        }
    }

    /// Fills `{name}` in the path.
    pub(crate) fn path<T: Serialize + ?Sized>(mut self, name: &str, style: Style, value: &T) -> Self {
        let Some(value) = self.as_value(name, value) else { return self };
        let text = style.text(name, &value, &|part| utf8_percent_encode(part, SEGMENT).to_string());
        // Addresses are shortened along dots, and an empty segment is another path.
        if matches!(text.as_str(), "" | "." | "..") {
            return self.fail(format!("path parameter `{name}` is empty or dots alone"));
        }
        // What was filled in before has no braces, for those are escaped.
        self.path = self.path.replace(&format!("{{{name}}}"), &text);
        self
    }

    /// Adds to the query what there is: nothing for null and for an empty list.
    pub(crate) fn query<T: Serialize + ?Sized>(mut self, name: &str, style: Style, value: &T) -> Self {
        let Some(value) = self.as_value(name, value) else { return self };
        let pairs = style.pairs(name, &value, &in_query).into_iter();
        self.query.extend(pairs.map(|(name, value)| format!("{}={value}", in_query(&name))));
        self
    }

    /// Adds a header, unless the value is null.
    pub(crate) fn header<T: Serialize + ?Sized>(mut self, name: &str, style: Style, value: &T) -> Self {
        let Some(value) = self.as_value(name, value).filter(|value| !value.is_null()) else { return self };
        let text = style.text(name, &value, &str::to_owned);
        match (HeaderName::try_from(name), HeaderValue::from_str(&text)) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
                self
            }
            (Err(error), _) => self.fail(format!("header `{name}`: {error}")),
            (_, Err(error)) => self.fail(format!("header `{name}`: {error}")),
        }
    }

    /// Adds the key by which the server tells a repetition of this call from another call: the caller's, or a fresh one of
    /// so many hexadecimal digits. With it the request is sent again as a GET request is.
    pub(crate) fn idempotency_key(self, name: &str, digits: usize, key: Option<&str>) -> Self {
        self.keyed(name, key.map(str::to_owned).or_else(|| idempotency::fresh(digits)))
    }

    /// The same, where a fresh key has to be a UUID.
    pub(crate) fn idempotency_uuid(self, name: &str, key: Option<&str>) -> Self {
        self.keyed(name, key.map(str::to_owned).or_else(idempotency::fresh_uuid))
    }

    fn keyed(mut self, name: &str, key: Option<String>) -> Self {
        match key.filter(|key| !key.trim().is_empty()) {
            None => self.fail(format!("there is no key for header `{name}`")),
            Some(key) => {
                self.manner.is_keyed = true;
                self.header(name, Style::Simple, &key)
            }
        }
    }

    /// Adds a cookie, unless the value is null. What a cookie cannot hold is percent-encoded.
    pub(crate) fn cookie<T: Serialize + ?Sized>(mut self, name: &str, style: Style, value: &T) -> Self {
        let Some(value) = self.as_value(name, value).filter(|value| !value.is_null()) else { return self };
        let text = style.text(name, &value, &|part| utf8_percent_encode(part, COOKIE_VALUE).to_string());
        self.cookies.push(format!("{name}={text}"));
        self
    }

    /// A JSON body of this media type; none for nothing.
    pub(crate) fn json<T: Serialize + ?Sized>(self, media_type: &str, body: Option<&T>) -> Self {
        match body.map(serde_json::to_vec) {
            None => self,
            Some(Ok(bytes)) => self.body(media_type, Some(bytes)),
            // The reason may quote the value.
            Some(Err(_)) => self.fail("the body cannot be written as JSON"),
        }
    }

    /// The properties of a value as `application/x-www-form-urlencoded`: a list repeats its name, an object in the
    /// object is JSON, null is left out.
    pub(crate) fn form<T: Serialize + ?Sized>(mut self, body: Option<&T>) -> Self {
        let Some(value) = body.and_then(|body| self.as_value("body", body)) else { return self };
        let Value::Object(properties) = value else { return self.fail("a form is made of properties") };
        let pairs = properties.iter().flat_map(|(name, value)| match value {
            Value::Object(_) => Style::Json.pairs(name, value, &str::to_owned),
            _ => Style::FormExploded.pairs(name, value, &str::to_owned),
        });
        // An address has a writer of this form.
        let Ok(mut url) = Url::parse("form:") else { return self.fail("the form cannot be written") };
        url.query_pairs_mut().extend_pairs(pairs);
        let text = url.query().unwrap_or_default().to_owned();
        self.body("application/x-www-form-urlencoded", Some(text))
    }

    /// A body of `multipart/form-data`.
    pub(crate) fn multipart(mut self, body: Option<multipart::Form>) -> Self {
        self.content = body.map_or(Content::None, Content::Multipart);
        self
    }

    /// A body of any other media type, as it is.
    pub(crate) fn body(mut self, media_type: &str, body: Option<impl Into<Body>>) -> Self {
        let Some(body) = body else { return self };
        self.content = Content::Bytes(body.into());
        match HeaderValue::from_str(media_type) {
            Ok(media_type) => {
                self.headers.insert(CONTENT_TYPE, media_type);
                self
            }
            Err(error) => self.fail(format!("media type: {error}")),
        }
    }

    /// Sends it; the answer holds nothing of interest.
    pub(crate) async fn empty(self, client: &impl ClientInfo<Defaults>) -> Result<ResponseValue<()>, Error> {
        Ok(ResponseValue::empty(self.send(client, None).await?))
    }

    /// Sends it; the answer holds JSON.
    pub(crate) async fn value<T: DeserializeOwned>(
        self,
        accept: &'static str,
        client: &impl ClientInfo<Defaults>,
    ) -> Result<ResponseValue<T>, Error> {
        let response = self.send(client, Some(accept)).await?;
        Ok(ResponseValue::from_response::<ErrorBody>(response).await?)
    }

    /// Sends it; the answer holds JSON or nothing at all.
    pub(crate) async fn optional<T: DeserializeOwned>(
        self,
        accept: &'static str,
        client: &impl ClientInfo<Defaults>,
    ) -> Result<ResponseValue<Option<T>>, Error> {
        let response = self.send(client, Some(accept)).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.map_err(|error| Error::NoAnswer(error.without_url()))?;
        let inner = match bytes.as_ref() {
            b"" => None,
            bytes => Some(serde_json::from_slice(bytes).map_err(|error| Error::unreadable(&error))?),
        };
        Ok(ResponseValue::new(inner, status, headers))
    }

    /// Sends it; the answer is read by the caller.
    pub(crate) async fn bytes(
        self,
        accept: &'static str,
        client: &impl ClientInfo<Defaults>,
    ) -> Result<ResponseValue<ByteStream>, Error> {
        Ok(ResponseValue::stream(self.send(client, Some(accept)).await?))
    }

    /// Sends it; the answer goes on for as long as the server likes, and has no events where it has no content.
    pub(crate) async fn events(
        mut self,
        accept: &'static str,
        client: &impl ClientInfo<Defaults>,
    ) -> Result<ResponseValue<EventStream>, Error> {
        self.manner.is_stream = true;
        let response = self.send(client, Some(accept)).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if status != StatusCode::NO_CONTENT && !essence.eq_ignore_ascii_case("text/event-stream") {
            return Err(Error::no_events());
        }
        Ok(ResponseValue::new(EventStream::of(response), status, headers))
    }

    async fn send(
        mut self,
        client: &impl ClientInfo<Defaults>,
        accept: Option<&'static str>,
    ) -> Result<Response, Error> {
        if let Some(accept) = accept {
            self.headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if !self.cookies.is_empty() {
            match HeaderValue::from_str(&self.cookies.join("; ")) {
                Ok(mut cookies) => {
                    cookies.set_sensitive(true);
                    self.headers.insert(COOKIE, cookies);
                }
                Err(error) => self = self.fail(format!("cookie: {error}")),
            }
        }
        if let Some(problem) = self.problem {
            return Err(Error::Request(problem));
        }
        let invalid = |error: &dyn Display| Error::Request(error.to_string());
        let method = Method::from_bytes(self.method.as_bytes()).map_err(|error| invalid(&error))?;
        let url = format!("{}{}", client.baseurl(), self.path);
        let mut request = client.client().request(method, url).headers(self.headers);
        request = match self.content {
            Content::None => request,
            Content::Bytes(body) => request.body(body),
            Content::Multipart(form) => request.multipart(form),
        };
        let mut request = request.build().map_err(|error| invalid(&error.without_url()))?;
        if !self.query.is_empty() {
            // A path of the contract may have a query of its own.
            let before = request.url().query().filter(|query| !query.is_empty());
            let query = before.into_iter().chain(self.query.iter().map(String::as_str)).collect::<Vec<_>>().join("&");
            request.url_mut().set_query(Some(&query));
        }
        hooks::prepare(client.inner(), &mut request);
        let response = hooks::execute_as(self.manner, client.inner(), client.client(), request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(if status.is_client_error() || status.is_server_error() {
            match ResponseValue::from_response(response).await {
                Ok(answer) => progenitor_client::Error::ErrorResponse(answer).into(),
                Err(error) => progenitor_client::Error::<ErrorBody>::into(error),
            }
        } else {
            progenitor_client::Error::<ErrorBody>::UnexpectedResponse(response).into()
        })
    }

    fn as_value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Option<Value> {
        serde_json::to_value(value)
            // The reason may quote the value.
            .inspect_err(|_| {
                self.problem.get_or_insert(format!("`{name}` cannot be written as JSON"));
            })
            .ok()
    }

    /// Keeps the first problem.
    fn fail(mut self, problem: impl Display) -> Self {
        self.problem.get_or_insert(problem.to_string());
        self
    }
}

/// A part of a query, escaped as forms are.
fn in_query(part: &str) -> String {
    utf8_percent_encode(part, QUERY).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests;
