//! The operations of the API over a store: the glue between the generated server layer and the rules.

use std::sync::Arc;
use std::time::Duration;

use chat_api::{ApiError, Authenticate, ChatSession, Credentials, RequestContext};
use chat_models::ChatSessionEntity;
use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::passwords::Passwords;
use crate::records::AssociateId;
use crate::rules::carrier;
use crate::store::{Store, StoreError};
use crate::time_zone;

/// What a caller that is not signed in is asked for.
const CHALLENGE: &str = r#"Basic realm="chat-server", charset="UTF-8""#;

/// Longer passwords are not looked at: hashing one must not cost more than its sender paid for it.
const MAX_PASSWORD_BYTES: usize = 1024;

/// When to try again while the database is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The chat service.
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
}

/// Who signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's login.
    pub id: AssociateId,
}

impl Service {
    /// The service over these parts.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, passwords: Passwords) -> Self {
        Self { store, clock, passwords }
    }

    async fn sign_in(&self, user: String, password: &str) -> Result<Caller, ApiError> {
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(unauthorized("the user name or the password is wrong"));
        }
        let login = self.store.login(&user).await.map_err(failed)?;
        let (id, hash) = login.map(|login| (login.user.id, login.password_hash)).unzip();
        // One message and one duration for both causes: nobody learns here which user names exist.
        match (self.passwords.verify(password.to_owned(), hash).await, id) {
            (Ok(true), Some(id)) => Ok(Caller { id }),
            (Ok(_), _) => Err(unauthorized("the user name or the password is wrong")),
            (Err(error), _) => Err(ApiError::internal(error)),
        }
    }
}

impl Authenticate for Service {
    type Caller = Caller;

    async fn authenticate(&self, credentials: Credentials) -> Result<Caller, ApiError> {
        match credentials {
            Credentials::Basic { user, password } => self.sign_in(user, password.expose()).await,
            Credentials::Missing => Err(unauthorized("sign in with user name and password (`Authorization: Basic`)")),
            Credentials::SoTicket(_) => Err(not_supported("SoTicket")),
            Credentials::Bearer(_) => Err(not_supported("Bearer")),
            Credentials::Unsupported { .. } => {
                Err(unauthorized("this authorization scheme is unknown; sign in with `Basic`"))
            }
        }
    }
}

impl ChatSession for Service {
    async fn chat_sessions_for_user(
        &self,
        context: RequestContext<Caller>,
    ) -> Result<Vec<ChatSessionEntity>, ApiError> {
        let zone = zone(&context)?;
        let views = self.store.sessions_for(context.caller.id).await.map_err(failed)?;
        Ok(views.into_iter().map(|view| carrier::session(view, &zone)).collect())
    }

    async fn pick_up_first_chat_session(&self, context: RequestContext<Caller>) -> Result<ChatSessionEntity, ApiError> {
        // A header that cannot be served is refused before a session changes hands.
        let zone = zone(&context)?;
        let picked = self.store.pick_up_first(context.caller.id, self.clock.now()).await.map_err(failed)?;
        let view = picked.ok_or_else(|| ApiError::not_found("no session waits in a topic in which you can respond"))?;
        tracing::info!(
            session = view.session.id.0,
            topic = view.session.topic.0,
            user = context.caller.id.0,
            "picked up"
        );
        Ok(carrier::session(view, &zone))
    }
}

fn zone(context: &RequestContext<Caller>) -> Result<TimeZone, ApiError> {
    time_zone::parse(context.headers.so_time_zone.as_deref()).map_err(ApiError::bad_request)
}

fn unauthorized(message: &str) -> ApiError {
    ApiError::unauthorized(message).with_challenge(CHALLENGE)
}

fn not_supported(scheme: &str) -> ApiError {
    unauthorized(&format!("signing in with `{scheme}` is not supported yet; use `Basic`"))
}

fn failed(error: StoreError) -> ApiError {
    if error.is_busy() { ApiError::unavailable(error).with_retry_after(RETRY_AFTER) } else { ApiError::internal(error) }
}
