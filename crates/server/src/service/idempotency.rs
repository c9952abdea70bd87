//! Calls that may be repeated: whose key `Idempotency-Key` is, and what was asked for with it.
//!
//! A key is its caller's: the same one of another caller is another key, and the same one of the same caller for another
//! call is refused. Who signed in is known; a customer is known by the key of the session. Who starts a session is not
//! known at all, and the answer to a repeated start holds the key of the session: only a key that is long enough to have
//! been chosen by chance says that whoever knows it is the one who chose it, also from another address, for phones change
//! theirs.

use std::fmt::Display;

use chat_api::ApiError;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::auth::Caller;
use crate::records::{AssociateId, SessionId, TopicId};
use crate::store::Idempotency;

/// From so many characters on a key is nobody else's.
const UNIQUE_FROM: usize = 16;

/// The scope of those who start sessions without signing in.
const CUSTOMERS: &str = "customers";

const MAX_CHARS: usize = 255;

/// What a call says besides who calls which operation on what.
#[derive(Default)]
pub(super) struct Call {
    key: Option<String>,
    /// The path's further values and the body, in a form of its own.
    content: Vec<u8>,
}

impl Call {
    /// A call with this key and body, whichever media type the body came in.
    pub(super) fn new(key: Option<String>, content: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self { key, content: serde_json::to_vec(content).map_err(ApiError::internal)? })
    }

    /// Of a step that a caller wants of a session.
    pub(super) fn of_session(
        self,
        caller: &Caller,
        step: &str,
        session: SessionId,
    ) -> Result<Option<Idempotency>, ApiError> {
        let scope = match caller {
            Caller::User(user) => of_user(user.id),
            // With the wrong key of a session nobody gets what the right one was answered.
            Caller::Customer(customer) => format!("session {session} {}", customer.proof().expose()),
        };
        self.within(scope, &format!("{step} {session}"))
    }

    /// Of the pickup of whichever session comes first.
    pub(super) fn of_pickup(self, caller: &Caller) -> Result<Option<Idempotency>, ApiError> {
        self.within(of_user(caller.user()?.id), "pickup-first")
    }

    /// Of the start of a session on a topic.
    pub(super) fn of_start(self, caller: Option<&Caller>, topic: TopicId) -> Result<Option<Idempotency>, ApiError> {
        let scope = match caller {
            Some(Caller::User(user)) => of_user(user.id),
            _ if self.key.as_ref().is_some_and(|key| key.len() < UNIQUE_FROM) => {
                return Err(unusable(format!(
                    "it has fewer than {UNIQUE_FROM} characters, so that somebody else may have chosen the same; take a UUID"
                )));
            }
            _ => CUSTOMERS.to_owned(),
        };
        self.within(scope, &format!("start {topic}"))
    }

    fn within(self, scope: String, operation: &str) -> Result<Option<Idempotency>, ApiError> {
        let Some(key) = self.key else { return Ok(None) };
        let is_key = (1..=MAX_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key {
            return Err(unusable("it is not 1 to 255 printable ASCII characters without spaces"));
        }
        // The operation has no zero in it, so that no two inputs run together.
        let fingerprint = Sha256::new().chain_update(operation).chain_update([0]).chain_update(&self.content);
        Ok(Some(Idempotency {
            scope,
            key_hash: Sha256::digest(key.as_bytes()).into(),
            fingerprint: fingerprint.finalize().into(),
        }))
    }
}

fn of_user(user: AssociateId) -> String {
    format!("user {user}")
}

fn unusable(why: impl Display) -> ApiError {
    ApiError::bad_request(format!("header `Idempotency-Key`: {why}"))
        .with_reference("SR_ERROR_HEADER", [("header", "Idempotency-Key".into())])
}

#[cfg(test)]
mod tests {
    use chat_api::Secret;

    use super::*;
    use crate::auth::{CallingCustomer, CallingUser, Scheme};

    const LONG: &str = "0123456789abcdef";

    fn call(key: &str, content: &str) -> Call {
        Call::new(Some(key.to_owned()), &content).unwrap()
    }

    fn user(id: i32) -> Caller {
        Caller::User(CallingUser::new(AssociateId(id), Scheme::Basic, None))
    }

    fn customer(key: &str) -> Caller {
        Caller::Customer(CallingCustomer::new(Secret::new(key), None))
    }

    fn of_session(caller: &Caller, session: i32, content: &str) -> Idempotency {
        call("k", content).of_session(caller, "post", SessionId(session)).unwrap().unwrap()
    }

    #[test]
    fn a_key_is_its_callers() {
        let scope = |caller: &Caller| of_session(caller, 1, "x").scope;
        assert_eq!(scope(&user(1)), "user 1");
        assert_ne!(scope(&user(1)), scope(&user(2)));
        assert_ne!(scope(&customer("a")), scope(&customer("b")));
        assert!(!scope(&customer("the-key")).contains("the-key"));
        let same = |caller: &Caller, session| of_session(caller, session, "x");
        assert_ne!(same(&user(1), 1).fingerprint, same(&user(1), 2).fingerprint);
        assert_ne!(of_session(&user(1), 1, "x").fingerprint, of_session(&user(1), 1, "y").fingerprint);
        let pickup = call("k", "x").of_pickup(&user(1)).unwrap().unwrap();
        assert_eq!(pickup.scope, "user 1", "keys of other operations count, too");
        assert_ne!(pickup.fingerprint, same(&user(1), 1).fingerprint);
        assert_eq!(same(&user(1), 1), same(&user(1), 1));
    }

    #[test]
    fn only_long_keys_start_sessions_for_those_who_are_not_signed_in() {
        let start = |caller: Option<&Caller>, key: &str, topic| call(key, "x").of_start(caller, TopicId(topic));
        let scope = |caller: Option<&Caller>, key: &str| start(caller, key, 10).unwrap().unwrap().scope;
        assert_eq!(scope(None, LONG), "customers");
        assert_eq!(scope(Some(&user(7)), "1"), "user 7");
        let refused = start(None, &LONG[1..], 10).unwrap_err();
        assert_eq!(refused.status().as_u16(), 400);
        assert!(refused.to_string().contains("fewer than 16 characters"), "{refused}");
        let fingerprint = |topic| start(None, LONG, topic).unwrap().unwrap().fingerprint;
        assert_ne!(fingerprint(10), fingerprint(11), "for another topic it is refused");
    }

    #[test]
    fn keys_are_short_and_printable() {
        for (key, expected) in [
            ("k".to_owned(), true),
            ("!~".to_owned(), true),
            ("x".repeat(255), true),
            ("x".repeat(256), false),
            (String::new(), false),
            ("a b".to_owned(), false),
            ("\u{e9}".to_owned(), false),
        ] {
            let read = call(&key, "x").of_session(&user(1), "post", SessionId(1));
            assert_eq!(
                read.map_err(|error| error.status().as_u16()).err(),
                if expected { None } else { Some(400) },
                "{key}"
            );
        }
        let none = Call::new(None, &"x").unwrap().of_pickup(&user(1)).unwrap();
        assert_eq!(none, None);
    }
}
