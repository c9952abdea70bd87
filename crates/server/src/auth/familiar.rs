//! Where users signed in before: addresses, and browsers by a cookie. What others get wrong does not hold a user up
//! there. Neither lets anybody in.

use std::net::IpAddr;

use chat_api::Secret;
use jiff::{SignedDuration, Timestamp};

use super::throttle::{Standing, own_part};
use super::{Authenticator, Purpose};
use crate::records::User;
use crate::store::StoreError;

/// How long an address is remembered after its last use.
const ADDRESS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a browser is.
const DEVICE_KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);

/// What browsers are told of it.
pub(crate) const DEVICE_KEPT_SECONDS: i64 = DEVICE_KEPT.as_secs();

/// Addresses, and browsers, of one user. Only the user's own push others out.
const MAX_KEPT: u32 = 16;

/// A use is written when the one that is written is so much older.
const GRANULARITY: SignedDuration = SignedDuration::from_hours(24);

/// Cookies of one request that are looked up: one, unless others were slipped in.
const MAX_SHOWN: usize = 4;

impl Authenticator {
    /// What is known of where somebody signs in as this user. An unknown user takes as long.
    pub(super) async fn standing(
        &self,
        user: &str,
        peer: Option<IpAddr>,
        devices: &[Secret],
    ) -> Result<Standing, StoreError> {
        let now = self.parts.clock.now();
        for device in devices.iter().take(MAX_SHOWN).filter_map(|device| Purpose::Device.hash(device)) {
            if self.parts.store.device_used(user, device, ago(now, DEVICE_KEPT)).await?.is_some() {
                return Ok(Standing::KnownDevice(device));
            }
        }
        let Some(peer) = peer else { return Ok(Standing::Stranger) };
        let used = self.parts.store.address_used(user, &own_part(peer).to_string(), ago(now, ADDRESS_KEPT)).await?;
        Ok(if used.is_some() { Standing::KnownAddress } else { Standing::Stranger })
    }

    /// Notes where a user signed in. Whoever signs in is let in even when that fails.
    pub(super) async fn remember_address(&self, user: &User, peer: Option<IpAddr>) {
        let Some(peer) = peer else { return };
        let (now, address) = (self.parts.clock.now(), own_part(peer).to_string());
        let store = &self.parts.store;
        let kept = match store.address_used(&user.user_name, &address, ago(now, GRANULARITY)).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => store.keep_address(user, &address, now, MAX_KEPT).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(user = user.id.0, error = %error, "cannot remember where a user signed in");
        }
    }

    /// Notes with which browser a user signed in; what its cookie is to hold.
    pub(crate) async fn remember_device(&self, user: &User, shown: &[Secret]) -> Result<Secret, StoreError> {
        let (now, store) = (self.parts.clock.now(), &self.parts.store);
        for device in shown.iter().take(MAX_SHOWN) {
            let Some(hash) = Purpose::Device.hash(device) else { continue };
            if let Some(used) = store.device_used(&user.user_name, hash, ago(now, DEVICE_KEPT)).await? {
                if used <= ago(now, GRANULARITY) {
                    store.keep_device(user, hash, now, MAX_KEPT).await?;
                }
                return Ok(device.clone());
            }
        }
        let (device, hash) = Purpose::Device.make(self.parts.entropy.as_ref());
        store.keep_device(user, hash, now, MAX_KEPT).await?;
        Ok(device)
    }

    /// Forgets addresses and browsers that were not used for long, some at a time.
    pub(super) async fn forget_familiar(&self, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        self.parts.store.forget_familiar(ago(now, ADDRESS_KEPT), ago(now, DEVICE_KEPT), limit).await
    }
}

fn ago(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}
