//! The events of one session, for its customer or a user.
//!
//! A stream is told that there is something new and reads it by itself, from where it is: so it may be as slow as its
//! reader, and still tells every message once and in order. Messages of a session are numbered under its lock, so that none is
//! committed behind one that was told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::board::Heard;
use super::event::{Data, Event};
use super::feed::{PAGE, SessionWatch, jittered};
use super::{Listener, Streams};
use crate::records::{MessageId, SessionId, Status};
use crate::rules::{carrier, life};
use crate::store::{Audience, Pulse};

/// After an error of the database.
const RETRY: Duration = Duration::from_secs(1);

/// Between two attempts to note something.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// How often the customer's messages are noted as fetched at most.
const FETCHED_GRANULARITY: SignedDuration = SignedDuration::from_secs(1);

/// The stream of one session.
pub(super) struct SessionEvents {
    streams: Arc<Streams>,
    listener: Listener,
    session: SessionId,
    watch: SessionWatch,
    audience: watch::Receiver<Arc<Audience>>,
    ending: watch::Receiver<bool>,
    /// Messages up to here are in the queue or gone from it. What the listener says to have is at first taken at its word.
    cursor: MessageId,
    /// Messages up to here were given and taken.
    taken: MessageId,
    /// How the session stood when that was told last.
    told: Option<(Status, Option<usize>)>,
    queue: VecDeque<Event>,
    /// Whether there may be something to read.
    is_stale: bool,
    is_over: bool,
    fetched: Fetched,
    next_check: Instant,
}

/// What is noted of the customer's page.
#[derive(Default)]
struct Fetched(Option<(Timestamp, MessageId)>);

impl Fetched {
    /// Whether there are messages up to `up_to` that were not noted.
    fn is_behind(&self, up_to: MessageId) -> bool {
        up_to > self.0.map_or(MessageId::default(), |(_, noted_up_to)| noted_up_to)
    }

    /// How long after `now` it is time to note messages that were not noted.
    fn wait(&self, now: Timestamp) -> Duration {
        let waited = self.0.map_or(FETCHED_GRANULARITY, |(noted, _)| now.duration_since(noted));
        let wait = (FETCHED_GRANULARITY - waited).clamp(SignedDuration::ZERO, FETCHED_GRANULARITY);
        wait.unsigned_abs()
    }

    /// Whether it is time to note that the page is there at `now` and has all messages up to `up_to`.
    fn is_due(&self, now: Timestamp, up_to: MessageId, every: Duration) -> bool {
        self.0.is_none_or(|(noted, noted_up_to)| {
            let since = now.duration_since(noted);
            (up_to > noted_up_to && since >= FETCHED_GRANULARITY)
                || since >= SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX)
        })
    }
}

impl SessionEvents {
    pub(super) fn new(
        streams: Arc<Streams>,
        listener: Listener,
        session: SessionId,
        watch: SessionWatch,
        after: MessageId,
    ) -> Self {
        let next_check = Instant::now() + jittered(streams.feed.pace().check_every);
        Self {
            audience: streams.feed.audience(),
            ending: streams.ending.subscribe(),
            streams,
            listener,
            session,
            watch,
            cursor: after,
            taken: MessageId::default(),
            told: None,
            queue: VecDeque::new(),
            is_stale: true,
            is_over: false,
            fetched: Fetched::default(),
            next_check,
        }
    }

    /// The next event; none at the end. Asked again, what was given before has been taken.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.ending.borrow_and_update() {
                return None;
            }
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.told.is_some() {
                self.taken = self.cursor;
            }
            self.note_fetched().await;
            if self.is_over {
                return None;
            }
            if self.next_check <= Instant::now() {
                self.next_check = Instant::now() + jittered(self.streams.feed.pace().check_every);
                self.streams.feed.revive();
                if !self.streams.still_stands(&self.listener).await {
                    return None;
                }
            }
            let mut next_try = self.next_check;
            if self.is_stale {
                match self.read().await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::debug!(%error, session = self.session.0, "an event stream cannot read");
                        next_try = next_try.min(Instant::now() + RETRY);
                    }
                }
            }
            let next_try = next_try.min(Instant::now() + self.until_next_note());
            tokio::select! {
                _ = self.ending.changed() => {}
                heard = self.watch.heard.changed() => {
                    self.is_stale = true;
                    self.is_over |= heard.is_err();
                }
                _ = self.audience.changed() => self.is_stale = true,
                () = sleep_until(next_try) => {}
            }
        }
    }

    /// Reads what is new into the queue; `false` where there is nothing.
    async fn read(&mut self) -> Result<bool, crate::store::StoreError> {
        let Some(Heard { pulse, place }) = self.watch.heard.borrow_and_update().clone() else {
            // Nobody has looked yet.
            self.is_stale = false;
            return Ok(false);
        };
        let audience = Arc::clone(&self.audience.borrow_and_update());
        let Some(pulse) = pulse.filter(|pulse| self.listener.may_read(pulse, &audience)) else {
            self.is_over = true;
            return Ok(true);
        };
        let standing = (pulse.status, place);
        if self.told.is_none() {
            // Nobody has messages that will be posted later: whoever says so would never hear of them.
            self.cursor = self.cursor.min(pulse.last_message);
        }
        if self.told.is_none() && !pulse.status.is_over() {
            self.tell(standing);
        }
        if pulse.last_message > self.cursor {
            let messages = self.streams.feed.store.messages(self.session, self.cursor, PAGE).await?;
            let is_last = messages.len() < PAGE as usize;
            for message in messages {
                self.cursor = message.id;
                let id = Some(message.id.to_string());
                if let Some(message) = self.listener.shown(message) {
                    self.queue.push_back(Event { id, data: Data::Message(Box::new(carrier::message(message))) });
                }
            }
            if !is_last {
                return Ok(true);
            }
        }
        if self.told != Some(standing) {
            self.tell(standing);
        }
        self.is_stale = false;
        self.is_over = pulse.status.is_over();
        Ok(true)
    }

    fn tell(&mut self, (status, place): (Status, Option<usize>)) {
        self.told = Some((status, place));
        self.queue.push_back(Event::new(Data::Status { status: status.as_str(), queue_pos: place }));
    }

    fn is_of_customer(&self) -> bool {
        matches!(self.listener, Listener::Customer { .. })
    }

    /// Notes that the customer's page is there, every now and then, and at the end.
    async fn note_fetched(&mut self) {
        if !self.is_of_customer() {
            return;
        }
        let (now, every) = (self.streams.clock.now(), self.streams.feed.pace().fetched_every);
        let is_due = match self.is_over {
            true => self.fetched.is_behind(self.taken),
            false => self.fetched.is_due(now, self.taken, every),
        };
        if is_due {
            // A note that could not be written comes again.
            let noted = self.streams.feed.store.customer_fetched(self.session, self.taken, now).await;
            match noted {
                Ok(()) => self.fetched = Fetched(Some((now, self.taken))),
                Err(error) => tracing::debug!(%error, session = self.session.0, "cannot note what was fetched"),
            }
        }
    }

    /// How long until there may be something to note.
    fn until_next_note(&self) -> Duration {
        let every = self.streams.feed.pace().note_every;
        match self.is_of_customer() && self.fetched.is_behind(self.taken) {
            // Not at once: what has just failed fails again.
            true => every.min(self.fetched.wait(self.streams.clock.now()).max(MIN_PAUSE)),
            false => every,
        }
    }
}

/// A stream that breaks off has told what it told.
impl Drop for SessionEvents {
    fn drop(&mut self) {
        if !self.is_of_customer() || !self.fetched.is_behind(self.taken) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (streams, session, taken) = (Arc::clone(&self.streams), self.session, self.taken);
        runtime.spawn(async move {
            let noted = streams.feed.store.customer_fetched(session, taken, streams.clock.now()).await;
            if let Err(error) = noted {
                tracing::debug!(%error, session = session.0, "cannot note what was fetched");
            }
        });
    }
}

impl Listener {
    /// Whether the session is still one of which the listener may read.
    fn may_read(&self, pulse: &Pulse, audience: &Audience) -> bool {
        match self {
            Self::Customer { .. } => true,
            Self::User(user) => {
                let permissions = audience.permissions(user.id, pulse.topic);
                let is_concerned = pulse.user == Some(user.id) || pulse.transfer_to == Some(user.id);
                user.is_known(audience)
                    && (is_concerned || permissions.respond || permissions.listen || permissions.manage)
            }
        }
    }

    /// The message as the listener sees it, if at all.
    fn shown(&self, mut message: crate::records::Message) -> Option<crate::records::Message> {
        if matches!(self, Self::Customer { .. }) {
            if !life::customer_sees(&message.posted) {
                return None;
            }
            // It is being read.
            message.read_by_customer = true;
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_noted_when_they_have_more_and_every_now_and_then() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |millis| now + SignedDuration::from_millis(millis);
        let every = Duration::from_secs(30);
        assert!(Fetched::default().is_due(now, MessageId(0), every));
        let fetched = Fetched(Some((now, MessageId(5))));
        for (millis, up_to, expected) in [
            (0, 5, false),
            (29_999, 5, false),
            (30_000, 5, true),
            (999, 6, false),
            (1_000, 6, true),
            // The clock was put back.
            (-60_000, 6, false),
        ] {
            assert_eq!(fetched.is_due(at(millis), MessageId(up_to), every), expected, "{millis} {up_to}");
        }
    }

    #[test]
    fn what_was_not_noted_is_noted_as_soon_as_may_be() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |millis| now + SignedDuration::from_millis(millis);
        let fetched = Fetched(Some((now, MessageId(5))));
        for (up_to, expected) in [(4, false), (5, false), (6, true)] {
            assert_eq!(fetched.is_behind(MessageId(up_to)), expected, "{up_to}");
        }
        for (millis, expected) in [(0, 1_000), (400, 600), (1_000, 0), (90_000, 0), (-60_000, 1_000)] {
            assert_eq!(fetched.wait(at(millis)), Duration::from_millis(expected), "{millis}");
        }
        assert!(Fetched::default().is_behind(MessageId(1)) && !Fetched::default().is_behind(MessageId(0)));
        assert_eq!(Fetched::default().wait(now), Duration::ZERO);
    }
}
