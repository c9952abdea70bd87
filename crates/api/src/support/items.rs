//! Answers that are lists of any length.

use std::fmt;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::answer::{PIECE_BYTES, Recipient, no_xml};
use crate::localize::Preferences;
use crate::models::Visit;
use crate::models::xml::{XmlElement, XmlList};
use crate::{ApiError, Authenticate};

/// So much of a list is made before its answer begins. What goes wrong until then has the status of any error, and a list
/// that is no longer says its length.
pub(super) const BEGINNING_BYTES: usize = 64 * 1024;

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
pub struct Items<T>(BoxStream<'static, Result<T, ApiError>>);

impl<T> Items<T> {
    /// The items of this stream.
    pub fn new<S>(items: S) -> Self
    where
        S: Stream<Item = Result<T, ApiError>> + Send + 'static,
    {
        Self(items.boxed())
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
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

/// How a list is written.
pub(super) trait Form<T>: Send + 'static {
    /// Writes one more item.
    fn item(&mut self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError>;

    /// Writes what follows the last one.
    fn end(&mut self, to: &mut Vec<u8>);
}

/// An array in JSON.
#[derive(Default)]
pub(super) struct JsonForm {
    is_begun: bool,
}

impl<T: Serialize> Form<T> for JsonForm {
    fn item(&mut self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError> {
        to.push(if self.is_begun { b',' } else { b'[' });
        self.is_begun = true;
        serde_json::to_writer(to, item).map_err(ApiError::internal)
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        to.extend_from_slice(if self.is_begun { b"]" } else { b"[]" });
    }
}

/// The document of a list in XML.
pub(super) struct XmlForm<T> {
    list: XmlList<T>,
    /// Whether the operation may have changed something.
    may_change: bool,
}

impl<T: XmlElement> XmlForm<T> {
    pub(super) fn new(may_change: bool) -> Result<Self, ApiError> {
        let list = XmlList::new().map_err(|error| no_xml(&error, may_change))?;
        Ok(Self { list, may_change })
    }
}

impl<T: XmlElement + 'static> Form<T> for XmlForm<T> {
    fn item(&mut self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError> {
        let item = self.list.item(item).map_err(|error| no_xml(&error, self.may_change))?;
        to.extend_from_slice(item.as_bytes());
        Ok(())
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.list.end().as_bytes());
    }
}

/// Writes items as the caller wants them.
pub(super) struct Writer<T, F, S> {
    items: Items<T>,
    form: F,
    preferences: Preferences,
    /// Has the texts.
    service: Arc<S>,
    is_done: bool,
}

impl<T, F, S> Writer<T, F, S>
where
    T: Visit + Send + 'static,
    F: Form<T>,
    S: Authenticate,
{
    pub(super) fn new(items: Items<T>, form: F, preferences: Preferences, service: Arc<S>) -> Self {
        Self { items, form, preferences, service, is_done: false }
    }

    /// Whether all is written.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// What comes next: `enough` bytes and the rest of the last item, or less at the end.
    pub(super) async fn piece(&mut self, enough: usize) -> Result<Vec<u8>, ApiError> {
        let Preferences { language, time_zone, .. } = &self.preferences;
        let mut written = Vec::new();
        while !self.is_done && written.len() < enough {
            match self.items.next().await {
                Some(item) => {
                    let mut item = item?;
                    crate::localize(&mut item, language, time_zone.as_ref(), self.service.resources());
                    self.form.item(&item, &mut written)?;
                }
                None => {
                    self.form.end(&mut written);
                    self.is_done = true;
                }
            }
        }
        Ok(written)
    }

    /// `beginning` and all that follows it, made while it is sent. Holds `caller` so long.
    pub(super) fn body(self, beginning: Vec<u8>, caller: Option<Recipient>) -> Body {
        let rest = stream::try_unfold(self, async |mut writer| {
            let piece = writer.piece(PIECE_BYTES).await?;
            Ok((!piece.is_empty()).then_some((piece, writer)))
        });
        // It is sent when the request's own part of the log has ended.
        let request = tracing::Span::current();
        let pieces = stream::once(ready(Ok(beginning))).chain(rest).map_ok(Bytes::from);
        Body::from_stream(pieces.inspect_err(move |error: &ApiError| {
            let _held = &caller;
            request.in_scope(|| tracing::error!(error = error.in_full(), "an answer broke off"));
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http_body_util::BodyExt as _;

    use crate::Presented;
    use crate::models::xml::to_xml;

    use super::*;

    struct Nobody;

    impl Authenticate for Nobody {
        type Caller = ();

        async fn authenticate(&self, _: Presented) -> Result<(), ApiError> {
            Ok(())
        }
    }

    fn writer<F: Form<String>>(items: Items<String>, form: F) -> Writer<String, F, Nobody> {
        Writer::new(items, form, Preferences::default(), Arc::new(Nobody))
    }

    async fn whole<F: Form<String>>(items: &[String], form: F) -> String {
        let mut writer = writer(items.to_vec().into(), form);
        let mut whole = writer.piece(100).await.unwrap();
        while !writer.is_done() {
            let piece = writer.piece(100).await.unwrap();
            assert!(piece.len() < 200, "{}", piece.len());
            whole.extend(piece);
        }
        String::from_utf8(whole).unwrap()
    }

    #[tokio::test]
    async fn pieces_make_up_the_list() {
        let items: Vec<String> = (0..1_000).map(|number| format!("<{number}> \"\u{e6}\"")).collect();
        for items in [&items[..], &items[..1], &[]] {
            let items = items.to_vec();
            assert_eq!(whole(&items, JsonForm::default()).await, serde_json::to_string(&items).unwrap());
            assert_eq!(whole(&items, XmlForm::new(false).unwrap()).await, to_xml(&items).unwrap());
        }
    }

    #[tokio::test]
    async fn items_are_asked_for_as_they_are_taken_and_the_caller_is_held_so_long() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let item = move |number| {
            count.store(number, Ordering::Relaxed);
            if number < 1_000 { Ok("x".repeat(1_021)) } else { Err(ApiError::internal("secret")) }
        };
        let mut writer = writer(Items::new(stream::iter((1..).map(item))), JsonForm::default());
        let beginning = writer.piece(BEGINNING_BYTES).await.unwrap();
        assert_eq!((beginning.len(), asked.load(Ordering::Relaxed)), (BEGINNING_BYTES, 64));
        let caller = Arc::new(());
        let mut body = writer.body(beginning, Some(Arc::clone(&caller) as Recipient));
        let mut sent = Vec::new();
        for expected in [64, 80, 96] {
            sent.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
            assert_eq!(asked.load(Ordering::Relaxed), expected);
        }
        // The error comes, and neither an end of the list nor anything of the error.
        while let Ok(frame) = body.frame().await.unwrap() {
            sent.extend(frame.into_data().unwrap());
        }
        assert!(sent.starts_with(b"[\"xx") && sent.ends_with(b"xx\"") && body.frame().await.is_none());
        assert_eq!(Arc::strong_count(&caller), 2);
        drop(body);
        assert_eq!(Arc::strong_count(&caller), 1);
    }
}
