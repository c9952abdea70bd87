//! Why a call has no result.

use std::error::Error as StdError;
use std::fmt;

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
    /// The request could not be made from the arguments.
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
pub struct Unreadable {
    line: usize,
    column: usize,
    category: serde_json::error::Category,
}

impl Error {
    /// The status, if an answer came that is no success.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            _ => None,
        }
    }

    /// The documented body of an error, if the answer had it.
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
        matches!(self, Self::NoAnswer(error) if error.is_timeout())
    }

    fn answer(status: StatusCode, mut headers: HeaderMap, body: Option<ErrorBody>) -> Self {
        let replaced = headers.remove(REPLACED_BODY).is_some();
        Self::Answer(Box::new(Answer { status, headers, body: body.filter(|_| !replaced) }))
    }
}

impl From<progenitor_client::Error<ErrorBody>> for Error {
    fn from(error: progenitor_client::Error<ErrorBody>) -> Self {
        use progenitor_client::Error as Raw;
        match error {
            Raw::ErrorResponse(answer) => {
                let (status, headers) = (answer.status(), answer.headers().clone());
                Self::answer(status, headers, Some(answer.into_inner()))
            }
            Raw::UnexpectedResponse(answer) => Self::answer(answer.status(), answer.headers().clone(), None),
            // An address may hold personal data in its query.
            Raw::CommunicationError(error) | Raw::InvalidUpgrade(error) | Raw::ResponseBodyError(error) => {
                Self::NoAnswer(error.without_url())
            }
            // The message of the JSON reader quotes the body.
            Raw::InvalidResponsePayload(_, error) => {
                Self::Unreadable(Unreadable { line: error.line(), column: error.column(), category: error.classify() })
            }
            Raw::InvalidRequest(reason) | Raw::Custom(reason) => Self::Request(reason),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => write!(f, "the server answered {}", answer.status),
            Self::NoAnswer(error) if error.is_timeout() => f.write_str("the server did not answer in time"),
            Self::NoAnswer(error) if error.is_connect() => f.write_str("cannot connect to the server"),
            Self::NoAnswer(_) => f.write_str("the connection to the server broke"),
            Self::Unreadable(Unreadable { line, column, category }) => {
                write!(f, "the server's answer cannot be read: {category:?} error at line {line}, column {column}")
            }
            Self::Request(_) => f.write_str("the request cannot be sent: an argument is not valid"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => answer.fmt(f),
            Self::NoAnswer(error) => f.debug_tuple("NoAnswer").field(error).finish(),
            Self::Unreadable(place) => place.fmt(f),
            Self::Request(_) => f.write_str("Request"),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may set cookies; the documented body never holds a secret.
        f.debug_struct("Answer").field("status", &self.status).field("body", &self.body).finish_non_exhaustive()
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
