//! Who calls: a user who signed in, or the customer of a session.

use std::net::IpAddr;
use std::sync::Arc;

use chat_api::{ApiError, Presented, Secret};

use super::Standing;
use super::secrets::derived;
use crate::records::AssociateId;
use crate::tally::Permit;

/// The security scheme of the contract with which a customer proves to be that of a session.
const CUSTOMER_SCHEME: &str = "chatSessionKey";

/// Who calls. Most operations are for users only and ask for one: [`Caller::user`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An employee who signed in.
    User(CallingUser),
    /// Somebody who shows the key of a session. Which one, and whether it is the right one, is seen when the session is
    /// looked at.
    Customer(CallingCustomer),
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingUser {
    /// The user's login.
    pub id: AssociateId,
    /// The partner application that the call comes through, if it said so.
    pub application: Option<Arc<str>>,
    /// How the user signed in.
    pub scheme: Scheme,
    /// What let the user in, where that has to be looked at again.
    standing: Standing,
    /// Counts the request among those of the user that run, as long as anybody holds the caller: until the answer
    /// is sent.
    running: Option<Arc<Permit<AssociateId>>>,
}

/// Who shows the key of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingCustomer {
    key: Secret,
    /// Where the customer calls from, if the server told.
    pub peer: Option<IpAddr>,
}

impl Caller {
    /// The user.
    ///
    /// # Errors
    /// 403 for a customer, whom no operation for users alone lets get that far.
    pub fn user(&self) -> Result<&CallingUser, ApiError> {
        match self {
            Self::User(user) => Ok(user),
            Self::Customer(_) => {
                let error = ApiError::forbidden("the key of a chat session does not admit this");
                Err(error.with_reference("SR_ERROR_USERS_ONLY", []))
            }
        }
    }
}

impl CallingUser {
    /// A user who signed in.
    pub fn new(id: AssociateId, scheme: Scheme, application: Option<Arc<str>>) -> Self {
        Self { id, application, scheme, standing: Standing::default(), running: None }
    }

    /// The same, with what let the user in.
    pub(super) fn standing_on(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    /// What let the user in.
    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Gives back the request's place among those of the user that run, before its answer is sent: an answer that goes
    /// on for hours is counted elsewhere.
    pub(crate) fn no_longer_counted(&self) {
        if let Some(running) = &self.running {
            running.release();
        }
    }

    /// The same, with a request that is counted.
    pub(crate) fn running_under(self, permit: Permit<AssociateId>) -> Self {
        Self { running: Some(Arc::new(permit)), ..self }
    }
}

impl CallingCustomer {
    pub(crate) fn new(key: Secret, peer: Option<IpAddr>) -> Self {
        Self { key, peer }
    }

    /// Whether the session with this key is the customer's. Hashes are compared, in a time that depends on neither key.
    pub(crate) fn is_of(&self, session_key: &str) -> bool {
        !session_key.is_empty() && self.proof() == proof(&Secret::new(session_key))
    }

    /// What can be told of the key without telling the key.
    pub(crate) fn proof(&self) -> Secret {
        proof(&self.key)
    }
}

fn proof(key: &Secret) -> Secret {
    derived(b"chat-server customer", key)
}

/// The key that a customer shows, where the operation takes one.
pub(crate) fn customer_key(presented: &Presented) -> Option<Secret> {
    if presented.accepts_scheme(CUSTOMER_SCHEME) { presented.keys.get(CUSTOMER_SCHEME).cloned() } else { None }
}

/// The ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// User name and password with the request.
    Basic,
    /// A ticket.
    SoTicket,
    /// An access token.
    Bearer,
    /// The sign-in page.
    BrowserSession,
}

impl Scheme {
    /// The word for it in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::SoTicket => "ticket",
            Self::Bearer => "bearer",
            Self::BrowserSession => "session",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_that_of_the_session_with_the_same_key() {
        let customer = |key: &str| CallingCustomer::new(Secret::new(key), None);
        for (shown, key, expected) in [
            ("abc", "abc", true),
            ("abc", "abd", false),
            ("abc", "ab", false),
            ("abc", "ABC", false),
            ("", "abc", false),
            ("", "", false),
        ] {
            assert_eq!(customer(shown).is_of(key), expected, "{shown} {key}");
        }
        assert!(!format!("{:?}", customer("the-key")).contains("the-key"));
    }
}
