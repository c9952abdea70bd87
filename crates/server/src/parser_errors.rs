//! Error bodies for requests that never reach the router.
//!
//! What hyper's parser refuses does not: hyper answers 400, 414 or 431 by itself, without a body, and has no hook for
//! it. So the stream below it looks for exactly those bytes and writes the documented error instead. Connections that
//! are too many, and requests that do not arrive, are told here too. Which form the caller wants is not known, so all of
//! it is JSON.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::entropy::{self, Entropy};

/// 503 for a connection that is one too many.
pub(crate) const TOO_MANY_CONNECTIONS: Refusal = Refusal {
    status: "503 Service Unavailable",
    error_type: "ServiceUnavailable",
    message: "there are too many connections; try again later",
    headers: "connection: close\r\nretry-after: 1\r\n",
};

/// 408 for headers that do not arrive in time.
pub(crate) const HEADERS_TOO_LATE: Refusal = Refusal {
    status: "408 Request Timeout",
    error_type: "RequestTimeout",
    message: "the headers did not arrive in time",
    headers: "connection: close\r\n",
};

/// An answer that is given without a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal<'a> {
    status: &'a str,
    error_type: &'a str,
    message: &'a str,
    /// Lines of the head with their ends.
    headers: &'a str,
}

impl Refusal<'_> {
    /// The whole answer, under a new request id, with which it stands in the log.
    pub(crate) fn answer(&self, entropy: &dyn Entropy) -> Vec<u8> {
        let Self { status, error_type, message, headers } = self;
        let id = entropy::request_id(entropy);
        tracing::info!(id, status, error_type, "refused what is no request");
        let source = env!("CARGO_PKG_NAME");
        let body = format!(
            r#"{{"Error":true,"ErrorType":"{error_type}","ErrorMessage":"{message}","ErrorSource":"{source}"}}"#
        );
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\n{headers}cache-control: no-store\r\ncontent-type: application/json; charset=utf-8\r\n\
             x-content-type-options: nosniff\r\nx-request-id: {id}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

/// A stream on which hyper's own refusals get the error body of the API.
pub(crate) struct WithErrorBodies<S> {
    stream: S,
    entropy: Arc<dyn Entropy>,
    /// What goes out in place of hyper's refusal, and how much of it has.
    replacement: Option<(Vec<u8>, usize)>,
}

impl<S> WithErrorBodies<S> {
    pub(crate) fn new(stream: S, entropy: Arc<dyn Entropy>) -> Self {
        Self { stream, entropy, replacement: None }
    }
}

impl<S: AsyncWrite + Unpin> WithErrorBodies<S> {
    /// Writes the replacement if `bytes` are a refusal of hyper's; `None` if they are not.
    fn poll_replace(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Option<io::Result<usize>>> {
        if self.replacement.is_none() {
            let Some(replacement) = replacement(bytes, self.entropy.as_ref()) else { return Poll::Ready(None) };
            self.replacement = Some((replacement, 0));
        }
        while let Some((replacement, written)) = &mut self.replacement {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &replacement[*written..])) {
                Ok(0) => return Poll::Ready(Some(Err(io::ErrorKind::WriteZero.into()))),
                Ok(count) => *written += count,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
            if *written == replacement.len() {
                self.replacement = None;
            }
        }
        Poll::Ready(Some(Ok(bytes.len())))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WithErrorBodies<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match ready!(self.poll_replace(cx, bytes)) {
            Some(result) => Poll::Ready(result),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A refusal is the last thing that hyper writes, and one piece.
        let first = slices.first().map_or(&[][..], |slice| slice);
        match ready!(self.poll_replace(cx, first)) {
            Some(result) => Poll::Ready(result),
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WithErrorBodies<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

/// The documented error for a refusal of hyper's: a head with nothing but these headers. Every answer of the router has
/// others too (`x-request-id`), and no body of it holds such line ends at its start.
fn replacement(bytes: &[u8], entropy: &dyn Entropy) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes).ok()?.strip_prefix("HTTP/1.1 ")?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?;
    let (error_type, message) = match status.get(..3)? {
        "400" => ("BadRequest", "the request is not HTTP/1.1"),
        "414" => ("UriTooLong", "the path and query are too long"),
        "431" => ("RequestHeaderFieldsTooLarge", "the headers are too large or too many"),
        _ => return None,
    };
    let others: Vec<&str> = lines.filter(|line| !line.eq_ignore_ascii_case("content-length: 0")).collect();
    let is_plain = |line: &&str| line.starts_with("date: ") || line.eq_ignore_ascii_case("connection: close");
    if !others.iter().all(is_plain) {
        return None;
    }
    let headers: String = others.iter().map(|line| format!("{line}\r\n")).collect();
    Some(Refusal { status, error_type, message, headers: &headers }.answer(entropy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hypers_own_refusals_are_replaced() {
        for (bytes, expected) in [
            ("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n", true),
            ("HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: x\r\n\r\n", true),
            ("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nx-request-id: 1\r\ndate: x\r\n\r\n", false),
            ("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\ndate: x\r\n\r\n", false),
            ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\ndate: x\r\n\r\n", false),
            ("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nbody", false),
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndate: x\r\n\r\n", false),
            ("", false),
        ] {
            assert_eq!(replacement(bytes.as_bytes(), &entropy::SystemEntropy).is_some(), expected, "{bytes}");
        }
    }
}
