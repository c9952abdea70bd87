//! Who calls: passwords, tickets, access tokens, browser sessions and partner applications.
//!
//! | What | Shown as | Kept as | Ends |
//! |---|---|---|---|
//! | password | `Basic`, or the form of the page | argon2id; of `Basic` for minutes a keyed hash in memory | when it is replaced |
//! | ticket | `SoTicket 7T:…` | SHA-256 | at its expiry, when revoked |
//! | access token | `Bearer 8A:…` | SHA-256 | at its expiry, when revoked |
//! | browser session | cookie `session` (`__Host-session` with TLS) with `X-XSRF-TOKEN` | SHA-256 | at its expiry, when idle, at sign-out |
//! | application token | `SO-AppToken` | SHA-256 | when revoked |
//! | key of a chat session | `X-Chat-Session-Key` | as it is: the carrier prints it | with the session's row |
//!
//! Sessions, tickets and access tokens carry the user's generation of sign-ins, read together with what proved who the
//! user is: whatever ends a user's sign-ins begins a new one, and what an old one stores is good for nothing.
//!
//! A user who is disabled or deleted comes in with none of them. What has expired is deleted.
//!
//! Left to others: reading headers (`chat-api`), the sign-in page (`crate::pages`), what a caller may do
//! ([`crate::rules`]).

mod accounts;
mod authenticator;
mod bearer;
mod caller;
mod expiry;
mod familiar;
mod password;
mod peer;
mod recent;
mod refusal;
mod secrets;
mod sessions;
mod standing;
mod throttle;
mod tickets;

pub use self::accounts::AccountError;
pub(crate) use self::authenticator::CROWDED_RETRY_AFTER;
pub use self::authenticator::{Authenticator, Issued, Parts, SignInError};
pub use self::bearer::{StoredTokens, TokenError, TokenVerifier};
pub(crate) use self::caller::customer_key;
pub use self::caller::{Caller, CallingCustomer, CallingUser, Scheme};
pub(crate) use self::familiar::DEVICE_KEPT_SECONDS;
pub(crate) use self::peer::{Connection, Proxies, identify_peer};
pub(crate) use self::refusal::wrong_session_key;
pub(crate) use self::secrets::Purpose;
pub use self::secrets::{SecretHash, SecretKind};
pub(crate) use self::sessions::{SignedIn, is_xsrf_of};
pub(crate) use self::standing::Standing;
pub(crate) use self::throttle::{Throttle, own_part};
pub(crate) use self::tickets::OwnTickets;
