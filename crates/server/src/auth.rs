//! Who calls: passwords, tickets, access tokens, browser sessions and partner applications.
//!
//! | What | Shown as | Kept as | Ends |
//! |---|---|---|---|
//! | password | `Basic`, or the form of the page | argon2id | when it is replaced |
//! | ticket | `SoTicket 7T:…` | SHA-256 | at its expiry, when revoked |
//! | access token | `Bearer 8A:…` | SHA-256 | at its expiry, when revoked |
//! | browser session | cookie `session` with `X-XSRF-TOKEN` | SHA-256 | at its expiry, when idle, at sign-out |
//! | application token | `SO-AppToken` | SHA-256 | when revoked |
//!
//! Left to others: reading headers (`chat-api`), the sign-in page (`crate::pages`), what a caller may do
//! ([`crate::rules`]).

mod authenticator;
mod bearer;
mod caller;
mod peer;
mod refusal;
mod secrets;
mod sessions;
mod throttle;

pub use self::authenticator::{Authenticator, Issued, Parts, SignInError};
pub use self::bearer::{StoredTokens, TokenError, TokenVerifier};
pub use self::caller::{Caller, Scheme};
pub(crate) use self::peer::{Connection, Proxies, identify_peer};
pub(crate) use self::secrets::Purpose;
pub use self::secrets::{SecretHash, SecretKind};
pub(crate) use self::sessions::SignedIn;
pub(crate) use self::throttle::Throttle;
