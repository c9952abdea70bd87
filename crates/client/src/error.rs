//! Why a call has no result.

use std::any::TypeId;
use std::error::Error as StdError;
use std::fmt;

use progenitor_client::ResponseValue;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::generated::ErrorBody;
use crate::hooks::REPLACED_BODY;

/// Why a call has no result. Its text holds nothing of what was sent or answered but the status.
#[non_exhaustive]
pub enum Error {
    /// The server answered with a status that is no success.
    Answer(Box<Answer>),
    /// No answer: no connection, a time-out, or a connection that broke.
    NoAnswer(reqwest::Error),
    /// An answer of success whose body is not what the documents say.
    Unreadable(Unreadable),
    /// No answer within the client's time-out, of an operation that answers with a stream.
    TimedOut,
    /// The request could not be made from the arguments. The reason names them and holds no value.
    Request(String),
}

/// An answer that is no success.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<ErrorBody>,
}

/// Where the body of an answer stops to make sense.
#[derive(Debug)]
pub struct Unreadable(Reason);

#[derive(Debug)]
enum Reason {
    Json { line: usize, column: usize, category: serde_json::error::Category },
    NoEvents,
    TooLarge,
}

impl Error {
    /// The status, if an answer came that is no success.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            _ => None,
        }
    }

    /// The documented body of an error, if the answer had it. Where the contract documents none, it is whatever JSON the
    /// answer had.
    pub fn error_response(&self) -> Option<&ErrorBody> {
        match self {
            Self::Answer(answer) => answer.body.as_ref(),
            _ => None,
        }
    }

    /// The headers of an answer that is no success, `WWW-Authenticate` for instance.
    pub fn headers(&self) -> Option<&HeaderMap> {
        match self {
            Self::Answer(answer) => Some(&answer.headers),
            _ => None,
        }
    }

    /// Whether the status is 404: there is no such thing, or nothing to pick up.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the server took longer than the client's time-out. Whether it did what was
    /// asked of it is not known then.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::NoAnswer(error) => error.is_timeout(),
            Self::TimedOut => true,
            _ => false,
        }
    }

    /// An answer of success that is not the JSON that it should be.
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        let (line, column, category) = (error.line(), error.column(), error.classify());
        Self::Unreadable(Unreadable(Reason::Json { line, column, category }))
    }

    /// An answer of success that is not the stream of events that it should be.
    pub(crate) fn no_events() -> Self {
        Self::Unreadable(Unreadable(Reason::NoEvents))
    }

    /// An event that is larger than any should be.
    pub(crate) fn too_large() -> Self {
        Self::Unreadable(Unreadable(Reason::TooLarge))
    }

    fn answer(status: StatusCode, mut headers: HeaderMap, body: Option<ResponseValue<ErrorBody>>) -> Self {
        let replaced = headers.remove(REPLACED_BODY).is_some();
        let body = body.filter(|_| !replaced).map(ResponseValue::into_inner);
        Self::Answer(Box::new(Answer { status, headers, body }))
    }
}

impl From<progenitor_client::Error<ErrorBody>> for Error {
    fn from(error: progenitor_client::Error<ErrorBody>) -> Self {
        use progenitor_client::Error as Raw;
        match error {
            Raw::ErrorResponse(answer) => {
                let (status, headers) = (answer.status(), answer.headers().clone());
                Self::answer(status, headers, Some(answer))
            }
            Raw::UnexpectedResponse(answer) => Self::answer(answer.status(), answer.headers().clone(), None),
            // An address may hold personal data in its query.
            Raw::CommunicationError(error) | Raw::InvalidUpgrade(error) | Raw::ResponseBodyError(error) => {
                Self::NoAnswer(error.without_url())
            }
            // The message of the JSON reader quotes the body.
            Raw::InvalidResponsePayload(_, error) => Self::unreadable(&error),
            Raw::InvalidRequest(reason) | Raw::Custom(reason) => Self::Request(reason),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => write!(f, "the server answered {}", answer.status),
            Self::NoAnswer(error) if error.is_timeout() => f.write_str("the server did not answer in time"),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::NoAnswer(error) if error.is_connect() => f.write_str("cannot connect to the server"),
            Self::NoAnswer(_) => f.write_str("the connection to the server broke"),
            Self::Unreadable(Unreadable(reason)) => write!(f, "the server's answer cannot be read: {reason}"),
            Self::Request(reason) => write!(f, "the request cannot be sent: {reason}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column, category } => {
                write!(f, "{category:?} error at line {line}, column {column}")
            }
            Self::NoEvents => f.write_str("it is no stream of events"),
            Self::TooLarge => f.write_str("an event is too large"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => answer.fmt(f),
            Self::NoAnswer(error) => f.debug_tuple("NoAnswer").field(error).finish(),
            Self::TimedOut => f.write_str("TimedOut"),
            Self::Unreadable(place) => place.fmt(f),
            Self::Request(reason) => f.debug_tuple("Request").field(reason).finish(),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut answer = f.debug_struct("Answer");
        answer.field("status", &self.status);
        // Headers may set cookies; a documented body never holds a secret, and of others nothing is known.
        if TypeId::of::<ErrorBody>() != TypeId::of::<serde_json::Value>() {
            answer.field("body", &self.body);
        }
        answer.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NoAnswer(error) => error.source(),
            _ => None,
        }
    }
}
