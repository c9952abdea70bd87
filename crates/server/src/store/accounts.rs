//! What a store does with accounts, for administrators: passwords, locking out, signing out.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;

/// What let a user in, and does no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Browser sessions.
    pub sessions: u64,
    /// Tickets.
    pub tickets: u64,
    /// Access tokens.
    pub tokens: u64,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let Self { sessions, tickets, tokens } = *self;
        write!(f, "{}, {}, {}", of(sessions, "browser session"), of(tickets, "ticket"), of(tokens, "access token"))
    }
}

/// The part of a store that changes accounts. Each method fails with [`StoreError::UnknownUser`] where no user has the
/// name, in any case.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// Replaces a user's password hash, and ends whatever lets the user in: whoever knew the old password may have made
    /// or learned some of it.
    async fn set_password(&self, user_name: &str, password_hash: &str, now: Timestamp) -> Result<Ended, StoreError>;

    /// Lets the user in no more, and ends whatever did. Until [`enable_user`](Self::enable_user).
    async fn disable_user(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError>;

    /// Lets a disabled user sign in again; what was ended stays so.
    async fn enable_user(&self, user_name: &str) -> Result<(), StoreError>;

    /// Ends whatever lets the user in, apart from the password.
    async fn end_sign_ins(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError>;
}
