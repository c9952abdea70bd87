//! What administrators do with accounts.

use super::Authenticator;
use crate::passwords::PasswordError;
use crate::store::{Ended, StoreError};

/// Why a password was not replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The user is unknown, or the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Authenticator {
    /// Replaces a user's password, and ends whatever let the user in before.
    ///
    /// # Errors
    /// - No user has this name.
    /// - The password is empty.
    /// - The database failed.
    pub async fn set_password(&self, user_name: &str, password: &str) -> Result<Ended, AccountError> {
        let hash = self.parts.passwords.rehash(password.to_owned()).await?;
        Ok(self.parts.store.set_password(user_name, &hash, self.parts.clock.now()).await?)
    }

    /// Ends a user's browser sessions, tickets and access tokens.
    ///
    /// # Errors
    /// No user has this name, or the database failed.
    pub async fn sign_out(&self, user_name: &str) -> Result<Ended, StoreError> {
        self.parts.store.end_sign_ins(user_name, self.parts.clock.now()).await
    }

    /// Lets a user in no more, whatever proves who it is, and ends what did so far.
    ///
    /// # Errors
    /// No user has this name, or the database failed.
    pub async fn disable(&self, user_name: &str) -> Result<Ended, StoreError> {
        self.parts.store.disable_user(user_name, self.parts.clock.now()).await
    }

    /// Lets a disabled user sign in again; what was ended stays so.
    ///
    /// # Errors
    /// No user has this name, or the database failed.
    pub async fn enable(&self, user_name: &str) -> Result<(), StoreError> {
        self.parts.store.enable_user(user_name).await
    }
}
