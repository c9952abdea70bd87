//! What a store remembers of where users signed in: addresses and browsers that others cannot spoil for them.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::auth::SecretHash;
use crate::records::User;

/// The part of a store that knows from where a user signed in before. All of it is forgotten when the user's sign-ins
/// are ended.
#[async_trait]
pub trait FamiliarStore: Send + Sync + 'static {
    /// When the user with this name last signed in from an address; `None` where that was not after `since`.
    async fn address_used(
        &self,
        user_name: &str,
        address: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Remembers an address of a user, and the latest `limit` only. Does nothing where the user's sign-ins were ended
    /// since `user` was read.
    async fn keep_address(&self, user: &User, address: &str, now: Timestamp, limit: u32) -> Result<(), StoreError>;

    /// When the user with this name last signed in with a browser; `None` where that was not after `since`.
    async fn device_used(
        &self,
        user_name: &str,
        device: SecretHash,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Remembers a browser of a user, and the latest `limit` only. Does nothing where the user's sign-ins were ended
    /// since `user` was read.
    async fn keep_device(&self, user: &User, device: SecretHash, now: Timestamp, limit: u32) -> Result<(), StoreError>;

    /// Deletes addresses last used before `addresses`, and browsers before `devices`: of each at most `limit`.
    async fn forget_familiar(&self, addresses: Timestamp, devices: Timestamp, limit: u32) -> Result<(), StoreError>;
}
