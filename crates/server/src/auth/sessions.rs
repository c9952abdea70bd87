//! Browser sessions: begun by the sign-in page, shown by a cookie, ended on the server.

use std::time::Duration;

use chat_api::Secret;
use jiff::{SignedDuration, Timestamp};

use super::secrets::derived;
use super::{Authenticator, Purpose};
use crate::records::{AssociateId, User};
use crate::store::{NewBrowserSession, StoreError};

/// A browser session as its own pages know it.
pub(crate) struct SignedIn {
    /// What the cookie holds.
    pub(crate) token: Secret,
    /// Who signed in.
    pub(crate) user: User,
}

impl SignedIn {
    /// The session's random value, which `X-XSRF-TOKEN` must repeat.
    pub(crate) fn xsrf(&self) -> Secret {
        xsrf(&self.token)
    }

    /// Whether this is the session's random value.
    pub(crate) fn is_xsrf(&self, shown: &Secret) -> bool {
        is_xsrf_of(&self.token, shown)
    }
}

/// Whether this is the random value of the session that a cookie would show.
pub(crate) fn is_xsrf_of(token: &Secret, shown: &Secret) -> bool {
    *shown == xsrf(token)
}

/// Made from the cookie's value by a one-way function: scripts may read it, and learn nothing about the cookie; the
/// service need not keep it; every session has its own.
pub(super) fn xsrf(token: &Secret) -> Secret {
    derived(b"chat-server xsrf", token)
}

impl Authenticator {
    /// Begins a session under a name that nobody can have known before. Fails where the user's sign-ins were ended since
    /// `user` was read, together with the hash of the password.
    pub(crate) async fn begin_session(&self, user: User) -> Result<SignedIn, StoreError> {
        let (token, hash) = Purpose::Session.make(self.parts.entropy.as_ref());
        let begun = self.parts.clock.now();
        let expires = later(begun, Duration::from_secs(self.parts.settings.session_lifetime_s.into()));
        let generation = user.sign_in_generation;
        let session = NewBrowserSession { hash, user: user.id, generation, begun, expires };
        self.parts.store.begin_session(session).await?;
        Ok(SignedIn { token, user })
    }

    /// The session of a cookie, if it is still good.
    pub(crate) async fn session(&self, token: &Secret) -> Result<Option<SignedIn>, StoreError> {
        let Some(hash) = Purpose::Session.hash(token) else { return Ok(None) };
        let now = self.parts.clock.now();
        let user = self.parts.store.session_owner(hash, now, self.idle_since(now)).await?;
        Ok(user.map(|user| SignedIn { token: token.clone(), user }))
    }

    /// Ends the session of a cookie, for everyone who holds that cookie.
    pub(crate) async fn end_session(&self, token: &Secret) -> Result<(), StoreError> {
        match Purpose::Session.hash(token) {
            Some(hash) => self.parts.store.end_session(hash).await,
            None => Ok(()),
        }
    }

    /// Ends all sessions of a user, on every device, and the tickets.
    pub(crate) async fn end_sessions_of(&self, user: AssociateId) -> Result<(), StoreError> {
        self.parts.store.end_sessions_of(user, self.parts.clock.now()).await
    }
}

impl Authenticator {
    /// A session last used before this has ended.
    pub(super) fn idle_since(&self, now: Timestamp) -> Timestamp {
        let idle = SignedDuration::from_secs(self.parts.settings.session_idle_s.into());
        now.checked_sub(idle).unwrap_or(Timestamp::MIN)
    }
}

pub(super) fn later(instant: Timestamp, by: Duration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}
