//! Event streams: what happens in sessions, told to customers and users as it comes.
//!
//! A notice tells a server where something happened ([`crate::store::Notices`]), one reader a server looks there and tells all streams
//! ([`feed`]), and each stream says what concerns its listener. Notices save time and nothing depends on them: the
//! reader looks everywhere every few seconds.

mod board;
mod event;
mod feed;
mod session;
mod user;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chat_api::ApiError;
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;

pub(crate) use self::event::Event;
pub(crate) use self::feed::jittered;
use self::feed::{Feed, NoFeed};
use self::session::SessionEvents;
use self::user::UserEvents;
use crate::auth::{Authenticator, CallingUser, Standing};
use crate::clock::Clock;
use crate::connections::counted_as;
use crate::entropy::{Entropy, request_id};
use crate::records::{AssociateId, MessageId, SessionId};
use crate::service::failed;
use crate::store::{Audience, Notices, Store};
use crate::tally::{Permit, Tally};

/// Streams of one user at the same time: some windows in some browsers.
const STREAMS_PER_USER: usize = 16;

/// When one who has too many streams may try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How often streams look, whatever they are told. They take a quarter more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// For what happened without a notice.
    pub look_every: Duration,
    /// For who may hear of what.
    pub audience_every: Duration,
    /// For whether what let a listener in is still good.
    pub check_every: Duration,
    /// For whether something is to be noted. The note itself is due by the service's clock.
    pub note_every: Duration,
    /// How often it is noted that a customer's page is there.
    pub fetched_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(2),
            audience_every: Duration::from_secs(3),
            check_every: Duration::from_secs(15),
            note_every: Duration::from_secs(5),
            fetched_every: Duration::from_secs(30),
        }
    }
}

/// A user who listens.
#[derive(Clone)]
pub(crate) struct SignedInUser {
    id: AssociateId,
    /// As it was when the stream began.
    generation: Option<i64>,
    standing: Standing,
}

impl SignedInUser {
    /// Who signed in just now.
    pub(crate) fn of(user: &CallingUser) -> Self {
        Self { id: user.id, generation: None, standing: user.standing().clone() }
    }

    /// Whether the user may still sign in, and was not signed out altogether.
    fn is_known(&self, audience: &Audience) -> bool {
        self.generation.is_some() && audience.users.get(&self.id).copied() == self.generation
    }
}

/// Who listens.
pub(crate) enum Listener {
    /// The customer of the session, by its key.
    Customer {
        /// Where the customer calls from, if that is known.
        address: Option<IpAddr>,
    },
    /// Somebody who signed in.
    User(SignedInUser),
}

/// The event streams of a server.
pub struct Streams {
    feed: Arc<Feed>,
    clock: Arc<dyn Clock>,
    authenticator: Arc<Authenticator>,
    of_users: Tally<AssociateId>,
    of_customers: Tally<IpAddr>,
    ending: watch::Sender<bool>,
}

/// What [`Streams`] work with.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Of customers at one address.
    pub(crate) streams_per_address: u32,
    pub(crate) pace: Pace,
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.end();
    }
}

impl Streams {
    /// No stream yet.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { store, clock, authenticator, entropy, streams_per_address, pace } = parts;
        let notices = Notices::new(store.wire(), request_id(entropy.as_ref()));
        Self {
            feed: Feed::new(store, notices, pace),
            clock,
            authenticator,
            of_users: Tally::new(STREAMS_PER_USER),
            of_customers: Tally::new(usize::try_from(streams_per_address).unwrap_or(usize::MAX)),
            ending: watch::Sender::new(false),
        }
    }

    /// Tells the streams of this server and of the others on the same database that something happened to a session. To be
    /// called once it is committed.
    pub fn announce(&self, session: SessionId) {
        self.feed.notices.announce(session);
    }

    /// Ends all streams at once. There will be none any more.
    pub fn end(&self) {
        self.ending.send_replace(true);
        self.feed.end();
    }

    /// The events of a session for a listener who may read it, after the message `after`.
    ///
    /// # Errors
    /// - 429: the listener has as many streams as may be.
    /// - 503: the server stops, or the database does not answer.
    pub(crate) async fn of_session(
        self: &Arc<Self>,
        session: SessionId,
        listener: Listener,
        after: MessageId,
    ) -> Result<impl Stream<Item = Event> + Send + use<>, ApiError> {
        let place = self.enter(&listener)?;
        let watch = self.feed.watch(session).await.map_err(refused)?;
        let listener = match listener {
            Listener::User(user) => Listener::User(self.greet(user).await?),
            customer @ Listener::Customer { .. } => customer,
        };
        let events = SessionEvents::new(Arc::clone(self), listener, session, watch, after);
        Ok(unfold((events, place), async |(mut events, place)| {
            let event = events.next().await?;
            Some((event, (events, place)))
        }))
    }

    /// What happens in the topics of a user.
    ///
    /// # Errors
    /// As with a session.
    pub(crate) async fn of_user(
        self: &Arc<Self>,
        user: SignedInUser,
    ) -> Result<impl Stream<Item = Event> + Send + use<>, ApiError> {
        let place = self.of_users.enter(user.id).ok_or_else(too_many)?;
        let watch = self.feed.listen(user.id).await.map_err(refused)?;
        let user = self.greet(user).await?;
        let events = UserEvents::new(Arc::clone(self), user, watch);
        Ok(unfold((events, place), async |(mut events, place)| {
            let event = events.next().await?;
            Some((event, (events, place)))
        }))
    }

    fn enter(&self, listener: &Listener) -> Result<Place, ApiError> {
        let place = match listener {
            Listener::User(user) => self.of_users.enter(user.id).map(Place::User),
            // Unknown ones share a place in all.
            Listener::Customer { address } => {
                let address = address.unwrap_or(IpAddr::from([0, 0, 0, 0]));
                self.of_customers.enter(counted_as(address)).map(Place::Customer)
            }
        };
        place.ok_or_else(too_many)
    }

    /// The user with today's rights.
    async fn greet(&self, user: SignedInUser) -> Result<SignedInUser, ApiError> {
        self.feed.renew_audience().await.map_err(failed)?;
        let generation = self.feed.audience().borrow().users.get(&user.id).copied();
        Ok(SignedInUser { generation, ..user })
    }

    /// Whether what let the listener in is still good.
    async fn still_stands(&self, listener: &Listener) -> bool {
        let Listener::User(user) = listener else { return true };
        match self.authenticator.still_stands(&user.standing).await {
            Ok(stands) => stands,
            Err(error) => {
                tracing::debug!(%error, user = user.id.0, "cannot look at a sign-in again");
                true
            }
        }
    }
}

/// Counts a stream until it is dropped.
#[expect(dead_code, reason = "only held")]
enum Place {
    User(Permit<AssociateId>),
    Customer(Permit<IpAddr>),
}

fn too_many() -> ApiError {
    ApiError::too_many_requests(RETRY_AFTER)
}

fn refused(why: NoFeed) -> ApiError {
    let why = match why {
        NoFeed::Ended => "the server stops",
        NoFeed::Late => "the event streams cannot read the database now",
    };
    ApiError::unavailable(why).with_retry_after(RETRY_AFTER)
}
