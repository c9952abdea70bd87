//! Who signed in, and how.

use std::sync::Arc;

use crate::records::AssociateId;
use crate::tally::Permit;

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's login.
    pub id: AssociateId,
    /// The partner application that the call comes through, if it said so.
    pub application: Option<Arc<str>>,
    /// How the user signed in.
    pub scheme: Scheme,
    /// Counts the request among those of the user that run, as long as anybody holds the caller: until the answer
    /// is sent.
    running: Option<Arc<Permit<AssociateId>>>,
}

impl Caller {
    /// A user who signed in.
    pub fn new(id: AssociateId, scheme: Scheme, application: Option<Arc<str>>) -> Self {
        Self { id, application, scheme, running: None }
    }

    /// The same, with a request that is counted.
    pub(crate) fn running_under(self, permit: Permit<AssociateId>) -> Self {
        Self { running: Some(Arc::new(permit)), ..self }
    }
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
