//! Access tokens, and who can say what they are worth.

use std::sync::Arc;

use async_trait::async_trait;
use chat_api::Secret;
use jiff::Timestamp;

use super::{Purpose, SecretKind};
use crate::records::AssociateId;
use crate::store::Store;

/// Says whose an access token is. The service asks it for every `Bearer`; another implementation can verify the tokens
/// of an identity provider.
#[async_trait]
pub trait TokenVerifier: Send + Sync + 'static {
    /// The user for whom the token stands, `None` when it is not good (any more) at `now`. That the user exists and
    /// was not deleted is checked afterwards. The token must not appear in logs or in the error.
    ///
    /// # Errors
    /// It cannot be said now, for instance because the identity provider does not answer.
    async fn verify(&self, token: &Secret, now: Timestamp) -> Result<Option<AssociateId>, TokenError>;
}

/// Why it cannot be said whose a token is.
#[derive(Debug, thiserror::Error)]
#[error("access tokens cannot be verified now")]
pub struct TokenError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The tokens that `chat-server token issue` made.
pub struct StoredTokens(Arc<dyn Store>);

impl StoredTokens {
    /// Those in this database.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl TokenVerifier for StoredTokens {
    async fn verify(&self, token: &Secret, now: Timestamp) -> Result<Option<AssociateId>, TokenError> {
        let Some(hash) = Purpose::Token.hash(token) else { return Ok(None) };
        let owner = self.0.secret_owner(SecretKind::Token, hash, now).await;
        owner.map_err(|error| TokenError(error.into()))
    }
}
