//! Whether what let a caller in is still good, for what runs longer than a request.

use chat_api::{Credentials, Secret};

use super::{Authenticator, Purpose, SecretHash, SecretKind};
use crate::store::StoreError;

/// What let a caller in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    proof: Proof,
    /// The token of the partner application.
    application: Option<SecretHash>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Proof {
    /// Is not kept. It is good until the user's sign-ins are ended.
    #[default]
    Password,
    Ticket(SecretHash),
    Session(SecretHash),
    /// Maybe somebody else's, who has to be asked.
    Token(Secret),
}

impl Standing {
    /// Of credentials that were found to be good.
    pub(super) fn of(credentials: &Credentials, app_token: Option<&Secret>) -> Self {
        let proof = match credentials {
            Credentials::SoTicket(ticket) => Purpose::Ticket.hash(ticket).map(Proof::Ticket),
            Credentials::Session { token, .. } => Purpose::Session.hash(token).map(Proof::Session),
            Credentials::Bearer(token) => Some(Proof::Token(token.clone())),
            _ => None,
        };
        Self {
            proof: proof.unwrap_or_default(),
            application: app_token.and_then(|token| Purpose::Application.hash(token)),
        }
    }
}

impl Authenticator {
    /// Whether a caller would still be let in. That the user is still there and was not signed out altogether, is for
    /// others to see. It is no use of a browser session, which may end by itself meanwhile.
    ///
    /// # Errors
    /// Nobody can tell now.
    pub(crate) async fn still_stands(&self, standing: &Standing) -> Result<bool, StoreError> {
        let (store, now) = (&self.parts.store, self.parts.clock.now());
        let is_good = match &standing.proof {
            Proof::Password => true,
            Proof::Ticket(hash) => store.secret_owner(SecretKind::Ticket, *hash, now).await?.is_some(),
            Proof::Session(hash) => store.is_session_good(*hash, now, self.idle_since(now)).await?,
            Proof::Token(token) => match self.parts.tokens.verify(token, now).await {
                Ok(owner) => owner.is_some(),
                Err(error) => {
                    tracing::debug!(%error, "cannot look at an access token again");
                    true
                }
            },
        };
        match standing.application {
            Some(hash) if is_good => Ok(store.application(hash).await?.is_some()),
            _ => Ok(is_good),
        }
    }
}
