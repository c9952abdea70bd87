//! A user's own tickets, on the page.

use super::{Authenticator, Issued, SecretKind};
use crate::records::{AssociateId, User};
use crate::store::{IssuedSecret, StoreError};

/// Which of a user's own tickets are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnTickets {
    /// The one with this number, if it is the user's.
    One(i64),
    All,
}

/// Good tickets that a user may have when the page is asked for another.
const MAX_OWN_TICKETS: u32 = 50;

impl Authenticator {
    /// Issues a ticket to the user of a session, read with that session.
    pub(crate) async fn issue_own_ticket(&self, user: &User) -> Result<Issued, StoreError> {
        self.issue_within(SecretKind::Ticket, user, None, "sign-in page", Some(MAX_OWN_TICKETS)).await
    }

    /// The tickets of a user that are good, the newest first, at most `limit`.
    pub(crate) async fn tickets_of(&self, user: AssociateId, limit: u32) -> Result<Vec<IssuedSecret>, StoreError> {
        self.parts.store.secrets_of(user, SecretKind::Ticket, self.parts.clock.now(), limit).await
    }

    /// Makes a user's own tickets good no more. What is not there (any more) is no error: the outcome is the same.
    pub(crate) async fn revoke_tickets_of(&self, user: AssociateId, which: OwnTickets) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        match which {
            OwnTickets::One(id) => self.parts.store.revoke_secret_of(user, SecretKind::Ticket, id, now).await,
            OwnTickets::All => self.parts.store.revoke_secrets_of(user, SecretKind::Ticket, now).await,
        }
    }
}
