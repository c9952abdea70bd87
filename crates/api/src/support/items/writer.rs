//! Lists, written as the caller takes them.

use std::future::ready;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::stream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::super::answer::{PIECE_BYTES, Recipient, no_xml};
use super::{Item, Items};
use crate::localize::Preferences;
use crate::models::Visit;
use crate::models::xml::{XmlElement, XmlList};
use crate::{ApiError, Authenticate};

/// So much of a list is made before its answer begins. What goes wrong until then has the status of any error, and a list
/// that is no longer says its length.
pub(in crate::support) const BEGINNING_BYTES: usize = 64 * 1024;

/// How a list is written.
pub(in crate::support) trait Form<T>: Send + 'static {
    /// What tells it from others.
    const NAME: &str;

    /// Writes what stands before the next item.
    fn before_item(&mut self, to: &mut Vec<u8>);

    /// Writes an item, the same wherever it stands.
    fn item(&self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError>;

    /// Writes what follows the last one.
    fn end(&mut self, to: &mut Vec<u8>);
}

/// An array in JSON.
#[derive(Default)]
pub(in crate::support) struct JsonForm {
    is_begun: bool,
}

impl<T: Serialize> Form<T> for JsonForm {
    const NAME: &str = "JSON";

    fn before_item(&mut self, to: &mut Vec<u8>) {
        to.push(if self.is_begun { b',' } else { b'[' });
        self.is_begun = true;
    }

    fn item(&self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError> {
        serde_json::to_writer(to, item).map_err(ApiError::internal)
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        to.extend_from_slice(if self.is_begun { b"]" } else { b"[]" });
    }
}

/// The document of a list in XML.
pub(in crate::support) struct XmlForm<T> {
    list: XmlList<T>,
    /// Whether the operation may have changed something.
    may_change: bool,
}

impl<T: XmlElement> XmlForm<T> {
    pub(in crate::support) fn new(may_change: bool) -> Result<Self, ApiError> {
        let list = XmlList::new().map_err(|error| no_xml(&error, may_change))?;
        Ok(Self { list, may_change })
    }
}

impl<T: XmlElement + 'static> Form<T> for XmlForm<T> {
    const NAME: &str = "XML";

    fn before_item(&mut self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.list.before_item().as_bytes());
    }

    fn item(&self, item: &T, to: &mut Vec<u8>) -> Result<(), ApiError> {
        let item = self.list.item(item).map_err(|error| no_xml(&error, self.may_change))?;
        to.extend_from_slice(item.as_bytes());
        Ok(())
    }

    fn end(&mut self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.list.end().as_bytes());
    }
}

/// Writes items as the caller wants them.
pub(in crate::support) struct Writer<T, F, S> {
    items: Items<T>,
    form: F,
    preferences: Preferences,
    /// How items are known to be written; none where it has no name.
    manner: Option<Arc<str>>,
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
    pub(in crate::support) fn new(items: Items<T>, form: F, preferences: Preferences, service: Arc<S>) -> Self {
        let manner = items.written.as_ref().and_then(|_| manner(F::NAME, &preferences));
        Self { items, form, preferences, manner, service, is_done: false }
    }

    /// Whether all is written.
    pub(in crate::support) fn is_done(&self) -> bool {
        self.is_done
    }

    /// What comes next: `enough` bytes and the rest of the last item, or less at the end.
    pub(in crate::support) async fn piece(&mut self, enough: usize) -> Result<Vec<u8>, ApiError> {
        let mut written = Vec::new();
        while !self.is_done && written.len() < enough {
            match self.items.items.next().await {
                Some(item) => {
                    let item = item?;
                    self.form.before_item(&mut written);
                    self.write(item, &mut written)?;
                }
                None => {
                    self.form.end(&mut written);
                    self.is_done = true;
                }
            }
        }
        Ok(written)
    }

    fn write(&self, item: Item<T>, to: &mut Vec<u8>) -> Result<(), ApiError> {
        let (Some(written), Some(manner), Item::Source(source)) = (&self.items.written, &self.manner, &item) else {
            return self.write_value(item, to);
        };
        let content = source.content.clone();
        if let Some(known) = written.find(manner, &content) {
            to.extend_from_slice(&known);
            return Ok(());
        }
        let start = to.len();
        self.write_value(item, to)?;
        written.keep(manner, &content, &to[start..]);
        Ok(())
    }

    fn write_value(&self, item: Item<T>, to: &mut Vec<u8>) -> Result<(), ApiError> {
        let Preferences { language, time_zone, .. } = &self.preferences;
        let mut value = item.made()?;
        crate::localize(&mut value, language, time_zone.as_ref(), self.service.resources());
        self.form.item(&value, to)
    }

    /// `beginning` and all that follows it, made while it is sent. Holds `caller` so long.
    pub(in crate::support) fn body(self, beginning: Vec<u8>, caller: Option<Recipient>) -> Body {
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

/// Callers who want more languages than have room here are none of those who ask again and again.
const LONGEST_MANNER: usize = 4096;

/// All that decides how a value is written: the form and whatever [`localize`](crate::localize()) goes by. None where the time
/// zone has no name by which it would be known, or where it is long.
fn manner(form: &str, preferences: &Preferences) -> Option<Arc<str>> {
    let Preferences { language, time_zone, culture: _ } = preferences;
    let zone = match time_zone {
        Some(zone) => Some(zone.iana_name()?),
        None => None,
    };
    let manner = format!("{form} {language:?} {zone:?}");
    (manner.len() <= LONGEST_MANNER).then(|| manner.into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http_body_util::BodyExt as _;
    use jiff::tz::{self, TimeZone};

    use crate::models::xml::to_xml;
    use crate::{LanguagePreference, LanguageTag, Presented};

    use super::super::{Source, Written};
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

    /// Keeps everything.
    #[derive(Default)]
    struct Everything(Mutex<HashMap<(Arc<str>, Bytes), Bytes>>);

    impl Written for Everything {
        fn find(&self, manner: &Arc<str>, content: &Bytes) -> Option<Bytes> {
            self.0.lock().unwrap().get(&(manner.clone(), content.clone())).cloned()
        }

        fn keep(&self, manner: &Arc<str>, content: &Bytes, written: &[u8]) {
            self.0.lock().unwrap().insert((manner.clone(), content.clone()), Bytes::copy_from_slice(written));
        }
    }

    #[tokio::test]
    async fn what_was_written_of_the_same_content_is_not_made_again() {
        let written = Arc::new(Everything::default());
        let made = Arc::new(AtomicUsize::new(0));
        let items = |contents: &[&'static str]| {
            let made = Arc::clone(&made);
            let sources = contents.iter().map(move |&content| {
                let made = Arc::clone(&made);
                let make = move || {
                    made.fetch_add(1, Ordering::Relaxed);
                    if content.is_empty() { Err(ApiError::internal("nothing")) } else { Ok(content.to_string()) }
                };
                Ok(Item::Source(Source { content: Bytes::from_static(content.as_bytes()), make: Box::new(make) }))
            });
            Items::remembered(stream::iter(sources.collect::<Vec<_>>()), Arc::clone(&written) as _)
        };
        let zone = |name| Preferences { time_zone: Some(TimeZone::get(name).unwrap()), ..Preferences::default() };
        let english = LanguagePreference::only(LanguageTag::vendor("en"));
        let english = || Preferences { language: english.clone(), ..Preferences::default() };
        // What is asked for, how, and how many of them are made.
        let asked = [
            (&["a", "b", "a"][..], Preferences::default(), 2),
            (&["c", "b"], Preferences::default(), 1),
            (&["a", "b"], zone("Europe/Oslo"), 2),
            (&["a"], zone("Europe/London"), 1),
            (&["b", "a"], english(), 2),
            (&["b", "a"], english(), 0),
            (&["a"], zone("Europe/Oslo"), 0),
            // Known by no name.
            (&["a"], Preferences { time_zone: Some(tz::offset(1).to_time_zone()), ..Preferences::default() }, 1),
            (&["a"], Preferences { time_zone: Some(tz::offset(1).to_time_zone()), ..Preferences::default() }, 1),
        ];
        for (contents, preferences, count) in asked {
            made.store(0, Ordering::Relaxed);
            let form = JsonForm::default();
            let mut writer = Writer::new(items(contents), form, preferences, Arc::new(Nobody));
            let text = String::from_utf8(writer.piece(1_000).await.unwrap()).unwrap();
            assert_eq!(text, serde_json::to_string(contents).unwrap());
            assert_eq!(made.load(Ordering::Relaxed), count, "{contents:?}");
        }
        // In another form, and what cannot be made is not known either.
        assert_eq!(items(&["a"]).next().await.unwrap().unwrap(), "a");
        for count in 1..=2 {
            made.store(0, Ordering::Relaxed);
            let mut writer = writer(items(&["a", "", "b"]), XmlForm::new(false).unwrap());
            assert_eq!(writer.piece(1_000).await.unwrap_err().status(), http::StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(made.load(Ordering::Relaxed), 3 - count);
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
