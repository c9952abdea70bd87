//! Notices: where to look, told after something was committed there.
//!
//! A notice never says what is there; who hears it reads the database. So none has to arrive: they only save time, and
//! whoever depends on what they point to also looks by itself every few seconds.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{Listening, MAX_WIRE_BYTES, StoreError, Wire};
use crate::outage::Outage;
use crate::records::SessionId;

/// Sessions that are remembered one by one until somebody looks. More are everything.
const MAX_REMEMBERED: usize = 4_096;

/// How long notices for other servers are gathered.
const GATHER: Duration = Duration::from_millis(10);

/// How long the database has to take them.
const PATIENCE: Duration = Duration::from_secs(5);

/// When to try again to listen.
const PAUSE: Duration = Duration::from_secs(1);

/// On the wire, in place of sessions.
const EVERYWHERE: &str = "*";

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// At these sessions.
    At(BTreeSet<SessionId>),
    /// At everything: there were too many, or some may have been lost.
    Everywhere,
}

impl Default for Whereabouts {
    fn default() -> Self {
        Self::At(BTreeSet::new())
    }
}

impl Whereabouts {
    fn is_nowhere(&self) -> bool {
        matches!(self, Self::At(sessions) if sessions.is_empty())
    }

    fn add(&mut self, session: SessionId) {
        if let Self::At(sessions) = self {
            sessions.insert(session);
            if sessions.len() > MAX_REMEMBERED {
                *self = Self::Everywhere;
            }
        }
    }
}

/// Where to look, and who waits for it.
#[derive(Debug, Default)]
pub(crate) struct Errand {
    pub(crate) whereabouts: Whereabouts,
    /// To be told when somebody has looked.
    pub(crate) waiting: Vec<oneshot::Sender<()>>,
}

/// Gathers until somebody takes it.
#[derive(Debug, Default)]
struct Gathered {
    errand: Mutex<Errand>,
    more: Notify,
}

impl Gathered {
    fn put(&self, put: impl FnOnce(&mut Errand)) {
        put(&mut self.errand.lock().unwrap_or_else(PoisonError::into_inner));
        self.more.notify_one();
    }

    fn take(&self) -> Errand {
        std::mem::take(&mut *self.errand.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Comes back with something. Cancelled, it has taken nothing.
    async fn next(&self) -> Errand {
        loop {
            let taken = self.take();
            if !taken.whereabouts.is_nowhere() {
                return taken;
            }
            self.more.notified().await;
        }
    }

    fn put_everywhere(&self) {
        self.put(|errand| errand.whereabouts = Whereabouts::Everywhere);
    }
}

/// The notices of one server: its own, and those of the others on the same database.
pub struct Notices {
    /// For this server.
    here: Arc<Gathered>,
    /// For the others, where there may be any.
    elsewhere: Option<Elsewhere>,
}

struct Elsewhere {
    wire: Arc<dyn Wire>,
    gathered: Arc<Gathered>,
    /// Begins the texts of this server, which it need not hear.
    sender: String,
    sending: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Elsewhere {
    fn stop(&self) {
        if let Some(sending) = self.sending.lock().unwrap_or_else(PoisonError::into_inner).take() {
            sending.abort();
        }
    }

    /// Sends from the first notice on, for ever.
    fn keep_sending(&self) {
        let mut sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        if sending.as_ref().is_none_or(JoinHandle::is_finished) {
            let (wire, gathered, sender) = (Arc::clone(&self.wire), Arc::clone(&self.gathered), self.sender.clone());
            *sending = Some(tokio::spawn(async move { send(wire.as_ref(), &gathered, &sender).await }));
        }
    }
}

impl Notices {
    /// `sender` is one word, which no other server has.
    pub fn new(wire: Option<Arc<dyn Wire>>, sender: String) -> Self {
        let elsewhere =
            wire.map(|wire| Elsewhere { wire, gathered: Arc::default(), sender, sending: Mutex::default() });
        Self { here: Arc::default(), elsewhere }
    }

    /// Tells this server and the others that something happened to a session. To be called after it was committed, in
    /// a runtime.
    pub fn announce(&self, session: SessionId) {
        self.here.put(|errand| errand.whereabouts.add(session));
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.gathered.put(|errand| errand.whereabouts.add(session));
            elsewhere.keep_sending();
        }
    }

    /// Sends this server alone to look at a session; gives a word when it has. An error says that it could not.
    pub(crate) fn look_at(&self, session: SessionId) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        self.here.put(|errand| {
            errand.whereabouts.add(session);
            errand.waiting.push(done);
        });
        is_done
    }

    /// Where to look next, once there is something. Cancelled, it has taken nothing.
    pub(crate) async fn next(&self) -> Errand {
        self.here.next().await
    }

    /// What has been told so far is of no use to anybody, but for those who still wait for a look.
    pub(crate) fn forget(&self) {
        self.here.put(|errand| {
            errand.waiting.retain(|waiting| !waiting.is_closed());
            let is_awaited = !errand.waiting.is_empty();
            errand.whereabouts = if is_awaited { Whereabouts::Everywhere } else { Whereabouts::default() };
        });
    }

    /// Hears the other servers, for ever.
    pub(crate) fn hear_others(&self) -> impl Future<Output = ()> + Send + use<> {
        let here = Arc::clone(&self.here);
        let elsewhere =
            self.elsewhere.as_ref().map(|elsewhere| (Arc::clone(&elsewhere.wire), elsewhere.sender.clone()));
        async move {
            match elsewhere {
                Some((wire, sender)) => listen(wire.as_ref(), &here, &sender).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Sends nothing any more.
    pub(crate) fn end(&self) {
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.stop();
        }
    }
}

async fn send(wire: &dyn Wire, gathered: &Gathered, sender: &str) {
    let mut outage = Outage::new("cannot tell other servers what happened");
    loop {
        let first = gathered.next().await;
        sleep(GATHER).await;
        let whereabouts = match (first.whereabouts, gathered.take().whereabouts) {
            (Whereabouts::At(mut first), Whereabouts::At(more)) => {
                first.extend(more);
                Whereabouts::At(first)
            }
            _ => Whereabouts::Everywhere,
        };
        // What cannot be sent is dropped: by the time it could, everybody has looked.
        match timeout(PATIENCE, wire.send(texts(sender, &whereabouts))).await {
            Ok(Ok(())) => outage.over(),
            Ok(Err(error)) => outage.failed(&error),
            Err(late) => outage.failed(&late),
        }
    }
}

async fn listen(wire: &dyn Wire, here: &Gathered, sender: &str) {
    let mut outage = Outage::new("cannot hear what happens on other servers");
    loop {
        let ended = match wire.listen().await {
            Ok(listening) => {
                outage.over();
                // What was told until now, nobody has heard.
                here.put_everywhere();
                hear(listening, here, sender).await
            }
            Err(error) => error,
        };
        outage.failed(&ended);
        sleep(PAUSE).await;
    }
}

async fn hear(mut listening: Box<dyn Listening>, here: &Gathered, sender: &str) -> StoreError {
    loop {
        match listening.next().await {
            Ok(Some(text)) => here.put(|errand| read(&text, sender, &mut errand.whereabouts)),
            Ok(None) => here.put_everywhere(),
            Err(error) => return error,
        }
    }
}

/// `SENDER 12 13 14`, as many texts as it takes.
fn texts(sender: &str, whereabouts: &Whereabouts) -> Vec<String> {
    let sessions = match whereabouts {
        Whereabouts::At(sessions) => sessions,
        Whereabouts::Everywhere => return vec![format!("{sender} {EVERYWHERE}")],
    };
    let mut texts = Vec::new();
    let mut text = sender.to_owned();
    for session in sessions {
        // A space and the longest number.
        if text.len() + 12 > MAX_WIRE_BYTES {
            texts.push(std::mem::replace(&mut text, sender.to_owned()));
        }
        write!(text, " {session}").expect("a String takes any text");
    }
    texts.push(text);
    texts
}

/// Passes over what this server sent, and what it cannot understand: a later version may say more.
fn read(text: &str, sender: &str, whereabouts: &mut Whereabouts) {
    let mut words = text.split(' ');
    if words.next() == Some(sender) {
        return;
    }
    for word in words {
        match word.parse() {
            Ok(session) => whereabouts.add(SessionId(session)),
            Err(_) if word == EVERYWHERE => *whereabouts = Whereabouts::Everywhere,
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sessions: impl IntoIterator<Item = i32>) -> Whereabouts {
        Whereabouts::At(sessions.into_iter().map(SessionId).collect())
    }

    #[test]
    fn notices_travel_in_texts_that_the_wire_takes() {
        for (sent, count) in
            [(at([1]), 1), (at(1..=4_000), 3), (at((1..700).map(|n| i32::MAX - n)), 1), (Whereabouts::Everywhere, 1)]
        {
            let texts = texts("0af7", &sent);
            assert_eq!(texts.len(), count);
            assert!(texts.iter().all(|text| text.len() <= MAX_WIRE_BYTES));
            let (mut heard, mut own) = (at([]), at([]));
            for text in &texts {
                read(text, "b7ad", &mut heard);
                read(text, "0af7", &mut own);
            }
            assert_eq!((heard, own), (sent, at([])));
        }
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        for (text, expected) in [("", at([])), ("x", at([])), ("x 1 y:2 3", at([1, 3])), ("x 99999999999", at([]))] {
            let mut heard = at([]);
            read(text, "b7ad", &mut heard);
            assert_eq!(heard, expected, "{text}");
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_forgotten() {
        let notices = Notices::new(None, "x".to_owned());
        notices.announce(SessionId(1));
        drop(notices.look_at(SessionId(2)));
        notices.forget();
        notices.announce(SessionId(3));
        assert_eq!(notices.next().await.whereabouts, at([3]));
        let mut looked = notices.look_at(SessionId(4));
        notices.forget();
        let Errand { whereabouts, waiting } = notices.next().await;
        assert_eq!((whereabouts, waiting.len()), (Whereabouts::Everywhere, 1));
        drop(waiting);
        assert!(looked.try_recv().is_err());
    }

    #[tokio::test]
    async fn too_many_notices_become_one() {
        let notices = Notices::new(None, "x".to_owned());
        for session in [2, 1, 2] {
            notices.announce(SessionId(session));
        }
        assert_eq!(notices.next().await.whereabouts, at([1, 2]));
        for session in 0..=4_096 {
            notices.announce(SessionId(session));
        }
        assert_eq!(notices.next().await.whereabouts, Whereabouts::Everywhere);
    }
}
