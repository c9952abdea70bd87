//! Answers that are lists of any length.

mod writer;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};

pub(super) use self::writer::{BEGINNING_BYTES, Form, JsonForm, Writer, XmlForm};
use crate::ApiError;

/// What a service answers with where the contract has `x-docwright-stream`: the items of a list, one after the other.
///
/// The next one is asked for when the caller has taken what came before, so that the list is never whole in memory. Let the
/// stream hold nothing between two items that others wait for, such as a database connection: callers may be slow. The
/// caller is held until the answer has ended, as with every answer.
///
/// An error among the first 64 KiB is answered as any error. With a later one, which goes to the log, the answer breaks off:
/// a caller never takes it for the whole list.
///
/// ```
/// use chat_api::support::Items;
/// use futures_util::stream;
///
/// let answer = Items::new(stream::iter((1..=1_000_000).map(Ok)));
/// ```
pub struct Items<T> {
    items: BoxStream<'static, Result<Item<T>, ApiError>>,
    written: Option<Arc<dyn Written>>,
}

/// An item of a list.
pub enum Item<T> {
    /// The item itself.
    Made(T),
    /// What it is made of, if it has to be.
    Source(Source<T>),
}

/// What an item is made of.
pub struct Source<T> {
    /// All that the item depends on: what is made of the same content is the same.
    pub content: Bytes,
    /// Makes the item.
    pub make: Box<dyn FnOnce() -> Result<T, ApiError> + Send>,
}

/// Remembers how items of one type were written, for callers who ask for the same again and again.
pub trait Written: Send + Sync {
    /// What was kept of this content, if it is still there. `manner` says how the caller wants it: the media type, the
    /// language, the time zone.
    fn find(&self, manner: &Arc<str>, content: &Bytes) -> Option<Bytes>;

    /// Keeps what was written, or forgets it: as there is room.
    fn keep(&self, manner: &Arc<str>, content: &Bytes, written: &[u8]);
}

impl<T: 'static> Items<T> {
    /// The items of this stream.
    pub fn new<S>(items: S) -> Self
    where
        S: Stream<Item = Result<T, ApiError>> + Send + 'static,
    {
        Self { items: items.map_ok(Item::Made).boxed(), written: None }
    }

    /// The same, where items may be known by what they are made of: what was written of the same content before is not
    /// made again.
    pub fn remembered<S>(items: S, written: Arc<dyn Written>) -> Self
    where
        S: Stream<Item = Result<Item<T>, ApiError>> + Send + 'static,
    {
        Self { items: items.boxed(), written: Some(written) }
    }
}

impl<T> Item<T> {
    /// The item itself.
    ///
    /// # Errors
    /// It cannot be made of its source.
    pub fn made(self) -> Result<T, ApiError> {
        match self {
            Self::Made(value) => Ok(value),
            Self::Source(source) => (source.make)(),
        }
    }
}

impl<T: Send + 'static> From<Vec<T>> for Items<T> {
    fn from(items: Vec<T>) -> Self {
        Self::new(stream::iter(items.into_iter().map(Ok)))
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.as_mut().poll_next(cx).map(|item| item.map(|item| item?.made()))
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Item<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}
