//! The bytes of a connection, held to the contract: for tests that need a socket, and for clients that are not ours.

use std::collections::VecDeque;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use httparse::Status;

use crate::app::TestResponse;
use crate::contract::Contract;
use crate::passing::Passing;

/// More header lines than any test sends.
const MAX_HEADERS: usize = 1_024;

/// Both directions of a connection to a server, HTTP/1.1: what is sent says which operation is answered, and every answer
/// is validated.
#[derive(Debug)]
pub struct Wire {
    contract: Arc<Contract>,
    requests: Requests,
    answer: Answer,
    /// What came and is not understood yet.
    received: Vec<u8>,
}

impl Default for Wire {
    fn default() -> Self {
        Self::new(Contract::workspace())
    }
}

/// What was asked and is not answered yet.
#[derive(Debug, Default)]
struct Requests {
    /// What was sent and is not understood yet.
    sent: Vec<u8>,
    /// Bytes of a body that are still to be sent.
    body: Body,
    waiting: VecDeque<(Method, String)>,
    /// What was sent is no HTTP: nothing after it can be told apart.
    is_hopeless: bool,
}

/// How much is left of a body.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Body {
    #[default]
    Ended,
    Bytes(u64),
    /// A chunk's size comes next; behind the first chunk, its end comes before.
    ChunkSize,
    Chunk(u64),
    /// Lines up to an empty one.
    Trailers,
    UntilClosed,
}

/// The answer that is arriving.
#[derive(Debug)]
enum Answer {
    Head,
    Body(Box<Passing>, Body),
}

impl Wire {
    /// Holds answers to this contract.
    pub fn new(contract: Arc<Contract>) -> Self {
        Self { contract, requests: Requests::default(), answer: Answer::Head, received: Vec::new() }
    }

    /// Notes what goes to the server.
    pub fn sent(&mut self, bytes: &[u8]) {
        self.requests.go_on(bytes);
    }

    /// Goes on with what comes from the server, and gives the answers that are whole with it.
    ///
    /// # Errors
    /// A report of an answer that breaks the contract, or of what is no HTTP.
    pub fn received(&mut self, bytes: &[u8]) -> Result<Vec<TestResponse>, String> {
        self.received.extend_from_slice(bytes);
        let mut whole = Vec::new();
        loop {
            let (mut passing, mut body) = match std::mem::replace(&mut self.answer, Answer::Head) {
                Answer::Body(passing, body) => (passing, body),
                Answer::Head => match self.head()? {
                    Some(begun) => begun,
                    None => return Ok(whole),
                },
            };
            let mut data = Vec::new();
            body.take(&mut self.received, &mut data)?;
            passing.go_on(&data)?;
            if body != Body::Ended {
                self.answer = Answer::Body(passing, body);
                return Ok(whole);
            }
            whole.push(passing.end()?);
        }
    }

    /// The server has closed the connection: gives the answer that ends with it.
    ///
    /// # Errors
    /// A report of an answer that breaks the contract, or that has not come to its end.
    pub fn ended(&mut self) -> Result<Option<TestResponse>, String> {
        match std::mem::replace(&mut self.answer, Answer::Head) {
            Answer::Head if self.received.is_empty() => Ok(None),
            Answer::Head => Err(format!("an answer breaks off: {}", String::from_utf8_lossy(&self.received))),
            Answer::Body(passing, Body::UntilClosed) => passing.end().map(Some),
            Answer::Body(_, body) => Err(format!("an answer breaks off, its body is at {body:?}")),
        }
    }

    /// The head of the next answer, once it is whole.
    fn head(&mut self) -> Result<Option<(Box<Passing>, Body)>, String> {
        loop {
            let mut headers = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut head = httparse::Response::new(&mut headers);
            let length = match head.parse(&self.received) {
                Ok(Status::Complete(length)) => length,
                Ok(Status::Partial) => return Ok(None),
                Err(error) => {
                    return Err(format!("no HTTP: {error}: {}", String::from_utf8_lossy(&self.received)));
                }
            };
            let status =
                head.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or("an answer without a status")?;
            let headers = headers_of(head.headers)?;
            self.received.drain(..length);
            if status.is_informational() {
                continue;
            }
            let (method, path) = match self.requests.waiting.pop_front() {
                Some(request) => request,
                // What is refused before it is a request has no path, and is refused in the documented form.
                None if status.is_client_error() || status.is_server_error() => (Method::GET, String::new()),
                None => return Err(format!("status {status} for what is no request")),
            };
            let body = Body::of_answer(&method, status, &headers)?;
            let passing = Passing::begin(Arc::clone(&self.contract), method, path, status, headers)?;
            return Ok(Some((Box::new(passing), body)));
        }
    }
}

impl Requests {
    fn go_on(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
        while !self.is_hopeless {
            if self.body.take(&mut self.sent, &mut Vec::new()).is_err() {
                self.is_hopeless = true;
            }
            // Empty lines before a request are none (RFC 9112, section 2.2).
            let blank = self.sent.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if self.body != Body::Ended || blank == self.sent.len() {
                return;
            }
            let mut headers = vec![httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut head = httparse::Request::new(&mut headers);
            let parsed = match head.parse(&self.sent) {
                Ok(Status::Partial) => return,
                Ok(Status::Complete(length)) => Self::request(&head).map(|request| (request, length)),
                Err(_) => None,
            };
            match parsed {
                Some(((method, path, body), length)) => {
                    self.sent.drain(..length);
                    self.waiting.push_back((method, path));
                    self.body = body;
                }
                None => self.is_hopeless = true,
            }
        }
    }

    fn request(head: &httparse::Request<'_, '_>) -> Option<(Method, String, Body)> {
        let method = head.method?.parse().ok()?;
        let target: Uri = head.path?.parse().ok()?;
        let path = target.path_and_query().map_or("*", |path| path.as_str()).to_owned();
        let headers = headers_of(head.headers).ok()?;
        Some((method, path, Body::framed(&headers).ok()?.unwrap_or(Body::Ended)))
    }
}

impl Body {
    fn of_answer(method: &Method, status: StatusCode, headers: &HeaderMap) -> Result<Self, String> {
        let has_none = *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if has_none { Ok(Self::Ended) } else { Ok(Self::framed(headers)?.unwrap_or(Self::UntilClosed)) }
    }

    /// RFC 9112, section 6.3; nothing where the headers do not say it.
    fn framed(headers: &HeaderMap) -> Result<Option<Self>, String> {
        if headers.contains_key("transfer-encoding") {
            return Ok(Some(Self::ChunkSize));
        }
        let Some(length) = headers.get("content-length") else { return Ok(None) };
        let length = length.to_str().ok().and_then(|text| text.parse().ok()).ok_or("no `Content-Length`")?;
        Ok(Some(if length == 0 { Self::Ended } else { Self::Bytes(length) }))
    }

    /// Moves what belongs to the body out of `bytes`; its content goes to `data`.
    fn take(&mut self, bytes: &mut Vec<u8>, data: &mut Vec<u8>) -> Result<(), String> {
        loop {
            match *self {
                Self::Ended => return Ok(()),
                Self::UntilClosed => {
                    data.append(bytes);
                    return Ok(());
                }
                Self::Bytes(left) | Self::Chunk(left) => {
                    let taken = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    data.extend(bytes.drain(..taken));
                    let left = left - taken as u64;
                    *self = match (*self, left) {
                        (Self::Bytes(_), 0) => Self::Ended,
                        (Self::Bytes(_), left) => Self::Bytes(left),
                        (_, 0) => Self::ChunkSize,
                        (_, left) => Self::Chunk(left),
                    };
                    if left > 0 {
                        return Ok(());
                    }
                }
                Self::ChunkSize => {
                    // The end of the chunk before, which has no size of its own.
                    let start = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
                    if bytes.len() < start + 3 {
                        return Ok(());
                    }
                    match httparse::parse_chunk_size(&bytes[start..]) {
                        Ok(Status::Complete((length, size))) => {
                            bytes.drain(..start + length);
                            *self = if size == 0 { Self::Trailers } else { Self::Chunk(size) };
                        }
                        Ok(Status::Partial) => return Ok(()),
                        Err(_) => return Err(format!("no chunk: {}", String::from_utf8_lossy(bytes))),
                    }
                }
                Self::Trailers => {
                    let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else { return Ok(()) };
                    bytes.drain(..end + 2);
                    if end == 0 {
                        *self = Self::Ended;
                    }
                }
            }
        }
    }
}

fn headers_of(headers: &[httparse::Header<'_>]) -> Result<HeaderMap, String> {
    headers
        .iter()
        .map(|header| {
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|error| error.to_string())?;
            Ok((name, HeaderValue::from_bytes(header.value).map_err(|error| error.to_string())?))
        })
        .collect()
}

#[cfg(test)]
mod tests;
