//! Answers that are streams of events (`text/event-stream`), read as the HTML standard says (section 9.2.6).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::Response;

use crate::Error;

/// How much an event may hold, in bytes.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// An event of an [`EventStream`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The id of the last event that had one: what `Last-Event-ID` says to go on from here. Empty where none had.
    pub id: String,
    /// The event's type; `message` where the server names none.
    pub event: String,
    /// The lines of its data, with `\n` in between.
    pub data: String,
}

/// The events of an answer, as they come in. It has no time-out, because it goes on for as long as the server likes; it
/// ends where the server or the connection does, and is not begun again by itself.
///
/// It is a [`Stream`], and [`next`](Self::next) needs no trait:
///
/// ```
/// async fn print(mut events: chat_client::EventStream) -> Result<(), chat_client::Error> {
///     while let Some(event) = events.next().await {
///         let event = event?;
///         println!("{} {}", event.event, event.data);
///     }
///     Ok(())
/// }
/// ```
pub struct EventStream {
    /// Nothing once it has ended.
    inner: Option<Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>>,
    /// What has come in and is not read yet.
    chunk: Bytes,
    decoder: Decoder,
}

impl EventStream {
    /// The events of an answer of success; none where it has no content.
    pub(crate) fn of(response: Response) -> Self {
        Self { inner: Some(Box::pin(response.bytes_stream())), chunk: Bytes::new(), decoder: Decoder::default() }
    }

    /// The next event; nothing once the stream has ended.
    ///
    /// # Errors
    /// The connection broke, or the server sent an event that is larger than 16 MiB. The stream has ended then.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        StreamExt::next(self).await
    }

    /// The id of the last event so far, also of one without data: what `Last-Event-ID` says to go on from here.
    pub fn last_event_id(&self) -> &str {
        &self.decoder.last_id
    }

    /// How long the server wants to be left alone before it is asked again, if it said so.
    pub fn retry(&self) -> Option<Duration> {
        self.decoder.retry
    }
}

impl Stream for EventStream {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let found = this.decoder.read(&mut this.chunk);
            if !matches!(found, Ok(None)) {
                if found.is_err() {
                    this.inner = None;
                }
                return Poll::Ready(found.transpose());
            }
            let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
            match ready!(inner.as_mut().poll_next(context)) {
                Some(Ok(chunk)) => this.chunk = chunk,
                // An event whose end has not come is none.
                None => this.inner = None,
                Some(Err(error)) => {
                    this.inner = None;
                    return Poll::Ready(Some(Err(Error::NoAnswer(error.without_url()))));
                }
            }
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

/// Lines and fields, across the borders of chunks.
#[derive(Default)]
struct Decoder {
    /// The line so far.
    line: Vec<u8>,
    /// Whether a line has ended, so that no byte order mark can come.
    has_begun: bool,
    /// Whether the last line ended with a carriage return: a line feed that follows belongs to it.
    after_return: bool,
    /// The event so far. Each line of data ends with a line feed.
    data: String,
    event: String,
    id: String,
    last_id: String,
    retry: Option<Duration>,
}

impl Decoder {
    /// Reads `chunk` up to the end of an event; nothing where it has none.
    fn read(&mut self, chunk: &mut Bytes) -> Result<Option<Event>, Error> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_return) && chunk.first() == Some(&b'\n') {
                let _ = chunk.split_to(1);
                continue;
            }
            let end = chunk.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = chunk.split_to(end.unwrap_or(chunk.len()));
            if self.line.len() + self.data.len() + part.len() > MAX_EVENT_BYTES {
                *chunk = Bytes::new();
                return Err(Error::too_large());
            }
            self.line.extend_from_slice(&part);
            if end.is_none() {
                break;
            }
            self.after_return = chunk.split_to(1).first() == Some(&b'\r');
            let line = std::mem::take(&mut self.line);
            let mark: &[u8] = if std::mem::replace(&mut self.has_begun, true) { b"" } else { b"\xef\xbb\xbf" };
            let line = String::from_utf8_lossy(line.strip_prefix(mark).unwrap_or(&line));
            if line.is_empty() {
                if let Some(event) = self.dispatch() {
                    return Ok(Some(event));
                }
            } else {
                self.field(&line);
            }
        }
        Ok(None)
    }

    fn field(&mut self, line: &str) {
        // A comment has an empty name.
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data += value;
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        self.id.clone_into(&mut self.last_id);
        let (event, mut data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
        data.pop()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Event { id: self.last_id.clone(), event, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line an event: id, type and data. The text comes in pieces of `size` bytes.
    fn read(bytes: &[u8], size: usize) -> (Vec<String>, Decoder) {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for piece in bytes.chunks(size) {
            let mut chunk = Bytes::copy_from_slice(piece);
            while let Some(Event { id, event, data }) = decoder.read(&mut chunk).unwrap() {
                events.push(format!("{id} {event} {data:?}"));
            }
        }
        (events, decoder)
    }

    #[test]
    fn streams_are_read_as_the_standard_says() {
        for (text, expected) in [
            ("", &[][..]),
            ("data: a\n\n", &[r#" message "a""#]),
            // Examples of the standard.
            ("data: YHOO\ndata: +2\ndata: 10\n\n", &[r#" message "YHOO\n+2\n10""#]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                &[r#"1 message "first event""#, r#" message "second event""#, r#" message " third event""#],
            ),
            ("data\n\ndata\ndata\n\ndata:", &[r#" message """#, r#" message "\n""#]),
            ("data:test\n\ndata: test\n\n", &[r#" message "test""#, r#" message "test""#]),
            // Ends of lines.
            ("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", &[r#" message "a""#, r#" message "b""#, r#" message "c""#]),
            ("data: a\r\n\ndata: b\n\n", &[r#" message "a""#, r#" message "b""#]),
            ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[r#" message "a""#]),
            // An id stays until there is another; one with NUL is none.
            (
                "id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\n",
                &[r#"1 message "a""#, r#"1 message "b""#, r#"1 message "c""#],
            ),
            ("event: add\nid: x y\ndata: a: b\n\ndata: c\n\n", &[r#"x y add "a: b""#, r#"x y message "c""#]),
            // Without data there is no event, and its type is forgotten.
            ("event: add\n\ndata: a\n\n", &[r#" message "a""#]),
            // Unknown fields, other letter cases, and spaces that belong to names.
            ("Data: a\n data: b\nunknown: c\ndata : d\n\ndata: \u{e5}\n\n", &["\u{20}message \"\u{e5}\""]),
            ("data: unfinished\n", &[]),
        ] {
            for size in [1, 2, 3, 1000] {
                assert_eq!(read(text.as_bytes(), size).0, expected, "{text:?} in pieces of {size}");
            }
        }
        assert_eq!(read(b"data: \xff\n\n", 1).0, ["\u{20}message \"\u{fffd}\""]);
    }

    #[test]
    fn what_to_go_on_with_is_remembered() {
        for (text, id, retry) in [
            ("id: 7\n\nretry: 1500\n", "7", Some(1500)),
            ("id: 7\n", "", None),
            ("retry: 10\nretry: 1.5\nretry: -1\nretry\n", "", Some(10)),
            ("retry: 99999999999999999999\n", "", None),
        ] {
            let decoder = read(text.as_bytes(), 1).1;
            let found = (decoder.last_id.as_str(), decoder.retry.map(|retry| retry.as_millis()));
            assert_eq!(found, (id, retry), "{text:?}");
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut decoder = Decoder::default();
        let piece = Bytes::from(vec![b'a'; 1 << 20]);
        let results = (0..17).map(|_| decoder.read(&mut piece.clone()).is_err());
        assert_eq!(results.filter(|is_refused| *is_refused).count(), 1);
    }
}
