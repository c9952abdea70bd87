//! One reader for all streams of a server: it looks into the database, where notices point to and every few seconds
//! everywhere, and tells the streams what is new. A thousand streams cost the database what one does.
//!
//! It runs while there are streams.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::Pace;
use super::board::{Board, Fact, Heard, News};
use crate::outage::Outage;
use crate::records::{AssociateId, Message, MessageId, SessionId};
use crate::store::{Audience, Errand, Notices, Pulse, Store, StoreError, Whereabouts};

/// Batches of facts that a stream may be behind. One that is further behind looks at the board.
const BACKLOG: usize = 256;

/// Messages that are read at once.
pub(super) const PAGE: u32 = 100;

/// How long a stream waits for the first look.
const PATIENCE: Duration = Duration::from_secs(10);

/// The reader has so long for one look.
const LOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// Facts that belong together.
pub(super) type Facts = Arc<Vec<Fact>>;

/// What the streams of a server share.
pub(super) struct Feed {
    pub(super) store: Arc<dyn Store>,
    pub(super) notices: Notices,
    pace: Pace,
    state: Mutex<State>,
    facts: broadcast::Sender<Facts>,
    audience: watch::Sender<Arc<Audience>>,
    /// When the audience was asked for last. Held while it is.
    audience_asked: AsyncMutex<Option<Instant>>,
    /// Whether the board has been looked at.
    is_ready: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    board: Board,
    /// The streams of single sessions.
    watched: HashMap<SessionId, Watched>,
    /// Streams of each user.
    users: HashMap<AssociateId, usize>,
    reader: Option<JoinHandle<()>>,
    has_ended: bool,
}

struct Watched {
    streams: usize,
    /// None until somebody looked.
    heard: watch::Sender<Option<Heard>>,
}

impl State {
    fn is_idle(&self) -> bool {
        self.watched.is_empty() && self.users.is_empty()
    }

    /// Tells the streams of single sessions.
    fn tell(&self, touched: &BTreeSet<SessionId>) {
        let touched = || touched.iter().filter_map(|session| Some((session, self.watched.get(session)?)));
        let topics: BTreeSet<_> = touched().filter_map(|(session, _)| self.board.waits_in(*session)).collect();
        // Each queue is gone through once, however many are told their place in it.
        let places: HashMap<_, _> = topics.into_iter().flat_map(|topic| self.board.places(topic)).collect();
        for (session, watched) in touched() {
            let heard = Heard { pulse: self.board.pulse(*session).cloned(), place: places.get(session).copied() };
            watched.heard.send_if_modified(|before| {
                let is_new = before.as_ref() != Some(&heard);
                *before = Some(heard);
                is_new
            });
        }
    }
}

/// Why there is no stream.
#[derive(Debug)]
pub(super) enum NoFeed {
    /// The server stops.
    Ended,
    /// The database does not answer.
    Late,
}

impl Feed {
    pub(super) fn new(store: Arc<dyn Store>, notices: Notices, pace: Pace) -> Arc<Self> {
        Arc::new(Self {
            store,
            notices,
            pace,
            state: Mutex::default(),
            facts: broadcast::Sender::new(BACKLOG),
            audience: watch::Sender::default(),
            audience_asked: AsyncMutex::default(),
            is_ready: watch::Sender::new(false),
        })
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// Reads who may hear of what, unless somebody else does from now on. Whoever asks for a stream may have got his rights
    /// a moment ago.
    pub(super) async fn renew_audience(&self) -> Result<(), StoreError> {
        let wanted = Instant::now();
        let mut asked = self.audience_asked.lock().await;
        if asked.is_some_and(|asked| asked >= wanted) {
            return Ok(());
        }
        let now = Instant::now();
        let audience = self.store.audience().await?;
        *asked = Some(now);
        self.audience.send_if_modified(|before| {
            let is_new = **before != audience;
            if is_new {
                *before = Arc::new(audience);
            }
            is_new
        });
        Ok(())
    }

    /// Who may hear of what, and every change of it.
    pub(super) fn audience(&self) -> watch::Receiver<Arc<Audience>> {
        self.audience.subscribe()
    }

    /// Begins to watch one session.
    pub(super) async fn watch(self: &Arc<Self>, session: SessionId) -> Result<SessionWatch, NoFeed> {
        let (watch, has_looked) = {
            let mut state = self.begin()?;
            let known = state.board.heard(session);
            let watched = state
                .watched
                .entry(session)
                .or_insert_with(|| Watched { streams: 0, heard: watch::Sender::new(known) });
            watched.streams += 1;
            let watch = SessionWatch { heard: watched.heard.subscribe(), session, feed: Arc::clone(self) };
            // Whoever asks for the stream may know more of the session than the board.
            (watch, self.notices.look_at(session))
        };
        match timeout(PATIENCE, has_looked).await {
            Ok(Ok(())) => Ok(watch),
            _ => Err(NoFeed::Late),
        }
    }

    /// Begins to listen for a user.
    pub(super) async fn listen(self: &Arc<Self>, user: AssociateId) -> Result<UserWatch, NoFeed> {
        let watch = {
            let mut state = self.begin()?;
            *state.users.entry(user).or_default() += 1;
            UserWatch { facts: self.facts.subscribe(), user, feed: Arc::clone(self) }
        };
        self.ready().await?;
        Ok(watch)
    }

    /// A look at the board; nothing is told meanwhile.
    pub(super) fn with_board<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        look(&self.state().board)
    }

    /// Begins to read again, should the reader have come to grief.
    pub(super) fn revive(self: &Arc<Self>) {
        self.begin().ok();
    }

    /// Ends for ever.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.has_ended = true;
        if let Some(reader) = state.reader.take() {
            reader.abort();
        }
        self.notices.end();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>) -> Result<MutexGuard<'_, State>, NoFeed> {
        let mut state = self.state();
        if state.has_ended {
            return Err(NoFeed::Ended);
        }
        if state.reader.as_ref().is_none_or(JoinHandle::is_finished) {
            // Also after one that panicked.
            self.is_ready.send_replace(false);
            state.board = Board::default();
            // What happened while nobody listened is on the board as soon as there is one, and no news.
            self.notices.forget();
            let feed = Arc::clone(self);
            state.reader = Some(tokio::spawn(async move { feed.read().await }));
        }
        Ok(state)
    }

    async fn ready(&self) -> Result<(), NoFeed> {
        let mut is_ready = self.is_ready.subscribe();
        let ready = timeout(PATIENCE, is_ready.wait_for(|is_ready| *is_ready)).await;
        ready.map(|_| ()).map_err(|_| NoFeed::Late)
    }

    /// Reads for as long as there are streams.
    async fn read(&self) {
        let mut others = std::pin::pin!(self.notices.hear_others());
        let mut outage = Outage::new("cannot read what the event streams have to tell");
        let (mut next_look, mut next_audience) = (Instant::now(), Instant::now());
        loop {
            let Errand { whereabouts, waiting } = tokio::select! {
                biased;
                () = sleep_until(next_look) => Errand { whereabouts: Whereabouts::Everywhere, waiting: Vec::new() },
                errand = self.notices.next() => errand,
                () = &mut others => continue,
            };
            // Places in a queue can be told once all of it is known.
            let whereabouts = if self.with_board(Board::is_blank) { Whereabouts::Everywhere } else { whereabouts };
            let is_everywhere = matches!(whereabouts, Whereabouts::Everywhere);
            if is_everywhere {
                next_look = Instant::now() + jittered(self.pace.look_every);
                if self.is_done() {
                    return;
                }
            }
            let looked = timeout(LOOK_TIMEOUT, async {
                if is_everywhere && next_audience <= Instant::now() {
                    self.renew_audience().await?;
                    next_audience = Instant::now() + self.pace.audience_every;
                }
                self.look(whereabouts).await
            });
            match looked.await {
                Ok(Ok(())) => {
                    outage.over();
                    // Whoever waited may be gone.
                    for waiting in waiting {
                        waiting.send(()).ok();
                    }
                }
                Ok(Err(error)) => outage.failed(&error),
                Err(late) => outage.failed(&late),
            }
        }
    }

    /// Whether nobody listens any more. Whoever comes next begins anew.
    fn is_done(&self) -> bool {
        let mut state = self.state();
        let is_done = state.is_idle();
        if is_done {
            state.reader = None;
            state.board = Board::default();
            self.is_ready.send_replace(false);
            self.notices.forget();
        }
        is_done
    }

    async fn look(&self, whereabouts: Whereabouts) -> Result<(), StoreError> {
        let news = match whereabouts {
            Whereabouts::Everywhere => self.look_everywhere().await?,
            Whereabouts::At(sessions) => {
                let found = self.store.pulses(&sessions).await?;
                self.take_in(|board| board.look_at(&sessions, found, Instant::now()))
            }
        };
        for (pulse, after) in news {
            self.read_messages(pulse, after).await?;
        }
        Ok(())
    }

    async fn look_everywhere(&self) -> Result<Vec<(Pulse, MessageId)>, StoreError> {
        let floor = self.with_board(Board::floor);
        let moving = self.store.moving_sessions(floor).await?;
        let (asked, is_blank) = {
            let state = self.state();
            let mut asked = state.board.not_among(&moving, Instant::now());
            let found: BTreeSet<_> = moving.pulses.iter().map(|pulse| pulse.session).collect();
            asked.extend(state.watched.keys().filter(|session| !found.contains(session)));
            (asked, state.board.is_blank())
        };
        let found = if asked.is_empty() { Vec::new() } else { self.store.pulses(&asked).await? };
        if is_blank {
            let mut state = self.state();
            state.board.begin(moving, Instant::now());
            let all = state.watched.keys().copied().collect();
            // What is watched, and does not move, is no news either.
            state.board.look_at(&asked, found, Instant::now());
            state.tell(&all);
            self.facts.send(Arc::new(vec![Fact::Afresh])).ok();
            self.is_ready.send_replace(true);
            return Ok(Vec::new());
        }
        Ok(self.take_in(|board| board.look(moving, &asked, found, Instant::now())))
    }

    /// Tells what is new, and gives the messages that are still to be read for somebody.
    fn take_in(&self, take_in: impl FnOnce(&mut Board) -> News) -> Vec<(Pulse, MessageId)> {
        let mut state = self.state();
        let News { facts, unread, touched } = take_in(&mut state.board);
        state.tell(&touched);
        if !facts.is_empty() {
            // Nobody may be there to hear it.
            self.facts.send(Arc::new(facts)).ok();
        }
        let audience = self.audience.borrow();
        let is_listened_to = |pulse: &Pulse| {
            let listens = |user: &AssociateId| audience.permissions(*user, pulse.topic).listen;
            pulse.user.is_some_and(|user| state.users.contains_key(&user)) || state.users.keys().any(listens)
        };
        let (heard, unheard): (Vec<_>, Vec<_>) = unread.into_iter().partition(|(pulse, _)| is_listened_to(pulse));
        drop(audience);
        for (pulse, _) in unheard {
            state.board.told(pulse.session, pulse.last_message);
        }
        heard
    }

    async fn read_messages(&self, pulse: Pulse, mut after: MessageId) -> Result<(), StoreError> {
        loop {
            let messages = self.store.messages(pulse.session, after, PAGE).await?;
            let is_last = messages.len() < PAGE as usize;
            if let Some(last) = messages.last() {
                after = last.id;
                let fact = |message: Message| Fact::Message { message: Arc::new(message), pulse: pulse.clone() };
                // Under the lock: whoever looks at the board now either finds them told or is told them.
                let mut state = self.state();
                self.facts.send(Arc::new(messages.into_iter().map(fact).collect())).ok();
                state.board.told(pulse.session, after);
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// A quarter more or less, so that servers which began together do not always look together.
pub(crate) fn jittered(period: Duration) -> Duration {
    let quarter = period / 4;
    let noise = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
    let part = u32::try_from(noise % 1_000).unwrap_or_default();
    period - quarter + quarter * 2 * part / 1_000
}

/// Hears of one session, until it is dropped.
pub(super) struct SessionWatch {
    /// What is known of the session; none before the first look.
    pub(super) heard: watch::Receiver<Option<Heard>>,
    session: SessionId,
    feed: Arc<Feed>,
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        if let Some(watched) = state.watched.get_mut(&self.session) {
            watched.streams -= 1;
            if watched.streams == 0 {
                state.watched.remove(&self.session);
            }
        }
    }
}

/// Hears all facts, until it is dropped.
pub(super) struct UserWatch {
    pub(super) facts: broadcast::Receiver<Facts>,
    user: AssociateId,
    pub(super) feed: Arc<Feed>,
}

impl Drop for UserWatch {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        if let Some(streams) = state.users.get_mut(&self.user) {
            *streams -= 1;
            if *streams == 0 {
                state.users.remove(&self.user);
            }
        }
    }
}
