//! What a store keeps for signing in: tickets, access tokens, browser sessions, partner applications.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::auth::{SecretHash, SecretKind};
use crate::records::{AssociateId, User};

/// A ticket or access token to be kept.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Which of the two it is.
    pub kind: SecretKind,
    /// Stands for the secret.
    pub hash: SecretHash,
    /// Whose it is.
    pub user: AssociateId,
    /// The user's generation when it was proven who asks.
    pub generation: i64,
    /// The user may have so many good ones of this kind.
    pub limit: Option<u32>,
    /// What people note about its use.
    pub note: String,
    /// From when on it is good.
    pub issued: Timestamp,
    /// From when on it is good no more.
    pub expires: Timestamp,
}

/// A ticket or access token that was issued, without what would let anybody use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedSecret {
    /// By which it is revoked.
    pub id: i64,
    /// Whose it is: the name at sign-in.
    pub user_name: String,
    /// What people noted about its use.
    pub note: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// From when on it is good no more.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// A browser session to be kept.
#[derive(Clone, Debug)]
pub struct NewBrowserSession {
    /// Stands for the cookie.
    pub hash: SecretHash,
    /// Who signed in.
    pub user: AssociateId,
    /// The user's generation when the password was proven.
    pub generation: i64,
    /// When.
    pub begun: Timestamp,
    /// When it ends, however busy it is.
    pub expires: Timestamp,
}

/// What was deleted because its time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Tickets and access tokens.
    pub secrets: u64,
    /// Browser sessions.
    pub sessions: u64,
}

/// A registered partner application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// What it is called in lists and logs.
    pub name: String,
    /// When it was registered.
    pub added: Timestamp,
    /// When its token was revoked.
    pub revoked: Option<Timestamp>,
}

/// The part of a store that knows what proves who calls. Nothing in it belongs to a deleted or
/// disabled user.
#[async_trait]
pub trait CredentialStore: Send + Sync + 'static {
    /// The user with this id; `None` when there is none, or the user was deleted or is disabled.
    async fn user(&self, id: AssociateId) -> Result<Option<User>, StoreError>;

    /// The password hash of some user, always the same for one `seed`; `None` only where there are no users.
    ///
    /// Checked in place of that of a user who does not exist, so that both take as long whatever the stored hashes cost.
    async fn decoy_hash(&self, seed: u32) -> Result<Option<String>, StoreError>;

    /// Replaces a password hash by one of the same password, unless it has changed in the meantime.
    async fn replace_hash(&self, user: AssociateId, old: &str, new: &str) -> Result<(), StoreError>;

    /// Keeps a ticket or token and says by which number it is revoked. [`StoreError::SignedOut`] where the user's
    /// generation is another by now, [`StoreError::TooManyTickets`] where the limit is reached.
    async fn add_secret(&self, secret: NewSecret) -> Result<i64, StoreError>;

    /// Whose ticket or token this is; `None` when it is unknown, expired, revoked or of an earlier generation, or its
    /// owner deleted or disabled.
    async fn secret_owner(
        &self,
        kind: SecretKind,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<AssociateId>, StoreError>;

    /// All tickets or tokens, ordered by number.
    async fn secrets(&self, kind: SecretKind) -> Result<Vec<IssuedSecret>, StoreError>;

    /// Makes a ticket or token good no more. `false` when there is none of that kind with this number that was not
    /// revoked already.
    async fn revoke_secret(&self, kind: SecretKind, id: i64, now: Timestamp) -> Result<bool, StoreError>;

    /// The tickets or tokens of a user that are good, the newest first, at most `limit`.
    async fn secrets_of(
        &self,
        user: AssociateId,
        kind: SecretKind,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<IssuedSecret>, StoreError>;

    /// Makes a ticket or token of this user good no more, if there is such a one.
    async fn revoke_secret_of(
        &self,
        user: AssociateId,
        kind: SecretKind,
        id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Makes all tickets or tokens of this user good no more.
    async fn revoke_secrets_of(&self, user: AssociateId, kind: SecretKind, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps a new session. [`StoreError::SignedOut`] where the user's generation is another by now.
    async fn begin_session(&self, session: NewBrowserSession) -> Result<(), StoreError>;

    /// Whose session this is; `None` when it is unknown, has expired, was last used before `idle_since` or is of an
    /// earlier generation, or its user was deleted or is disabled. Notes that it was used, to the minute.
    async fn session_owner(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Ends a session, if there is such a one.
    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError>;

    /// Ends all sessions of a user, and the tickets, which come from the same page.
    async fn end_sessions_of(&self, user: AssociateId, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes tickets, tokens and sessions that have expired, and sessions last used before `idle_since`: of each kind at
    /// most `limit`.
    async fn delete_expired(&self, now: Timestamp, idle_since: Timestamp, limit: u32) -> Result<Expired, StoreError>;

    /// Registers a partner application.
    async fn add_application(&self, name: &str, hash: SecretHash, now: Timestamp) -> Result<(), StoreError>;

    /// The name of the application with this token, unless that was revoked.
    async fn application(&self, hash: SecretHash) -> Result<Option<String>, StoreError>;

    /// All applications, those that were revoked too, ordered by name.
    async fn applications(&self) -> Result<Vec<Application>, StoreError>;

    /// Makes an application's token good no more. `false` when no application in use has this name.
    async fn revoke_application(&self, name: &str, now: Timestamp) -> Result<bool, StoreError>;
}
