//! Decides who calls.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chat_api::{APP_TOKEN_HEADER, ApiError, Credentials, Presented, Secret, TextValue, XSRF_HEADER};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::recent::RecentPasswords;
use super::refusal::{Shown, accepted, schemes, unauthorized};
use super::sessions::later;
use super::{CallingUser, Purpose, Scheme, SecretKind, Standing, Throttle, TokenVerifier};
use crate::clock::Clock;
use crate::config::{Installation, SignInSettings};
use crate::entropy::Entropy;
use crate::metrics::Metrics;
use crate::passwords::{PasswordError, Passwords};
use crate::records::{AssociateId, User};
use crate::service::failed;
use crate::store::{NewSecret, Store, StoreError};

/// When one may try again for whom there was no place to wait.
pub(crate) const CROWDED_RETRY_AFTER: Duration = Duration::from_secs(1);

const WRONG_PASSWORD: &str = "the user name or the password is wrong";

/// What an [`Authenticator`] works with.
pub struct Parts {
    /// Knows users and hashes.
    pub store: Arc<dyn Store>,
    /// Tells what has expired.
    pub clock: Arc<dyn Clock>,
    /// Makes secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Says whose an access token is.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Decides which schemes are taken.
    pub installation: Installation,
    /// How long what is issued stays good, and how failures are slowed down.
    pub settings: SignInSettings,
    /// Counts what becomes of passwords.
    pub metrics: Arc<Metrics>,
}

/// Decides who calls.
pub struct Authenticator {
    pub(super) parts: Parts,
    pub(super) throttle: Throttle,
    pub(super) recent: RecentPasswords,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The user name or the password is wrong; which one is not told.
    #[error("{WRONG_PASSWORD}")]
    Wrong,
    /// Too many failures; the password was not looked at.
    #[error("signing in failed too often; try again later")]
    TooOften(Duration),
    /// Too many attempts wait to be looked at.
    #[error("too many sign-ins wait; try again later")]
    Crowded,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be checked.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Authenticator {
    /// Over these parts.
    pub fn new(parts: Parts) -> Self {
        let throttle = Throttle::new(Arc::clone(&parts.clock), parts.settings);
        let kept_s = parts.settings.password_known_s;
        let recent = RecentPasswords::new(Arc::clone(&parts.clock), parts.entropy.as_ref(), kept_s);
        Self { parts, throttle, recent }
    }

    /// Which kind of installation this is.
    pub fn installation(&self) -> Installation {
        self.parts.installation
    }

    /// Turns what a request shows into the user who calls.
    ///
    /// # Errors
    /// - 401 with challenges: nothing is shown, nothing that this installation takes, or nothing that is good.
    /// - 403: the XSRF value of a browser session is missing or wrong, or the application token is.
    /// - 429: signing in failed too often.
    pub async fn authenticate(&self, presented: Presented) -> Result<CallingUser, ApiError> {
        let Presented { credentials, app_token, peer, .. } = presented;
        let standing = Standing::of(&credentials, app_token.as_ref());
        let (id, scheme) = self.user(credentials, peer).await?;
        let application = self.application(app_token).await?;
        let span = tracing::Span::current();
        span.record("user", id.0).record("scheme", scheme.name());
        if let Some(application) = &application {
            span.record("application", &**application);
        }
        Ok(CallingUser::new(id, scheme, application).standing_on(standing))
    }

    async fn user(&self, credentials: Credentials, peer: Option<IpAddr>) -> Result<(AssociateId, Scheme), ApiError> {
        match (self.parts.installation, credentials) {
            (Installation::Onsite, Credentials::Basic { user, password }) => {
                let user = self.basic(&user, &password, peer).await.map_err(|error| self.refused(error))?;
                Ok((user.id, Scheme::Basic))
            }
            (Installation::Onsite, Credentials::SoTicket(ticket)) => {
                let owner = self.ticket_owner(&ticket).await.map_err(failed)?;
                let refuse =
                    || self.unauthorized("the ticket is not valid: unknown, expired or revoked", "SR_ERROR_TICKET");
                owner.map(|id| (id, Scheme::SoTicket)).ok_or_else(refuse)
            }
            (Installation::Onsite, Credentials::Session { token, xsrf }) => {
                let session = self.session(&token).await.map_err(failed)?;
                let session = session
                    .ok_or_else(|| self.unauthorized("the browser session has ended", "SR_ERROR_BROWSER_SESSION"))?;
                match xsrf {
                    Some(xsrf) if session.is_xsrf(&xsrf) => Ok((session.user.id, Scheme::BrowserSession)),
                    _ => Err(ApiError::forbidden(format!(
                        "header `{XSRF_HEADER}`: missing, or not the value of this browser session"
                    ))
                    .with_reference("SR_ERROR_XSRF", [("header", XSRF_HEADER.into())])),
                }
            }
            (Installation::Online, Credentials::Bearer(token)) => self.bearer(&token).await,
            (_, Credentials::Missing) => {
                let how = accepted(self.parts.installation);
                Err(self.unauthorized(&format!("not signed in; sign in with {how}"), "SR_ERROR_NOT_SIGNED_IN"))
            }
            _ => {
                let how = accepted(self.parts.installation);
                let message = format!("this way to sign in is not accepted here; sign in with {how}");
                Err(self.unauthorized(&message, "SR_ERROR_SCHEME"))
            }
        }
    }

    async fn ticket_owner(&self, ticket: &Secret) -> Result<Option<AssociateId>, StoreError> {
        let Some(hash) = Purpose::Ticket.hash(ticket) else { return Ok(None) };
        self.parts.store.secret_owner(SecretKind::Ticket, hash, self.parts.clock.now()).await
    }

    async fn bearer(&self, token: &Secret) -> Result<(AssociateId, Scheme), ApiError> {
        let owner = self.parts.tokens.verify(token, self.parts.clock.now()).await.map_err(ApiError::unavailable)?;
        // A verifier may know more users than this service, and the deleted ones.
        let user = match owner {
            Some(owner) => self.parts.store.user(owner).await.map_err(failed)?,
            None => None,
        };
        user.map(|user| (user.id, Scheme::Bearer)).ok_or_else(|| {
            let message = "the access token is not valid: unknown, expired or revoked";
            let error = unauthorized(self.parts.installation, Shown::AccessToken, message);
            error.with_reference("SR_ERROR_ACCESS_TOKEN", [])
        })
    }

    /// The application of a token. One that is shown must be right, also where none is needed.
    async fn application(&self, token: Option<Secret>) -> Result<Option<Arc<str>>, ApiError> {
        let Some(token) = token else {
            return match self.parts.installation {
                Installation::Onsite => Ok(None),
                Installation::Online => Err(ApiError::forbidden(format!(
                    "header `{APP_TOKEN_HEADER}` is missing: applications are registered here"
                ))
                .with_reference("SR_ERROR_APP_TOKEN_MISSING", [("header", APP_TOKEN_HEADER.into())])),
            };
        };
        let name = match Purpose::Application.hash(&token) {
            Some(hash) => self.parts.store.application(hash).await.map_err(failed)?,
            None => None,
        };
        let refuse = || {
            let error = ApiError::forbidden(format!("header `{APP_TOKEN_HEADER}`: no application has this token"));
            error.with_reference("SR_ERROR_APP_TOKEN", [("header", APP_TOKEN_HEADER.into())])
        };
        name.map(|name| Some(name.into())).ok_or_else(refuse)
    }

    /// Issues a ticket or token, which exists from here on only where it is returned to. `user` is who was found to
    /// ask for it, at the time of that proof.
    ///
    /// # Errors
    /// The user's sign-ins were ended since `user` was read, or the database failed.
    pub async fn issue(
        &self,
        kind: SecretKind,
        user: &User,
        lifetime: Option<Duration>,
        note: &str,
    ) -> Result<Issued, StoreError> {
        self.issue_within(kind, user, lifetime, note, None).await
    }

    /// The same, where the user has fewer than `limit` good ones.
    pub(super) async fn issue_within(
        &self,
        kind: SecretKind,
        user: &User,
        lifetime: Option<Duration>,
        note: &str,
        limit: Option<u32>,
    ) -> Result<Issued, StoreError> {
        let (secret, hash) = kind.purpose().make(self.parts.entropy.as_ref());
        let issued = self.parts.clock.now();
        let usual = match kind {
            SecretKind::Ticket => self.parts.settings.ticket_lifetime_s,
            SecretKind::Token => self.parts.settings.token_lifetime_s,
        };
        let expires = later(issued, lifetime.unwrap_or(Duration::from_secs(usual.into())));
        let (note, generation) = (note.to_owned(), user.sign_in_generation);
        let new = NewSecret { kind, hash, user: user.id, generation, limit, note, issued, expires };
        let id = self.parts.store.add_secret(new).await?;
        tracing::info!(user = user.id.0, kind = kind.name(), id, "issued");
        Ok(Issued { id, secret, expires })
    }

    /// Makes a ticket or token good no more; `false` when there is none of that kind with this number that was not
    /// revoked already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke(&self, kind: SecretKind, id: i64) -> Result<bool, StoreError> {
        self.parts.store.revoke_secret(kind, id, self.parts.clock.now()).await
    }

    /// Makes an application's token good no more; `false` when no application in use has this name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_application(&self, name: &str) -> Result<bool, StoreError> {
        self.parts.store.revoke_application(name, self.parts.clock.now()).await
    }

    /// Registers a partner application and makes its token.
    ///
    /// # Errors
    /// The database failed, or an application in use has that name.
    pub async fn add_application(&self, name: &str) -> Result<Secret, StoreError> {
        let (token, hash) = Purpose::Application.make(self.parts.entropy.as_ref());
        self.parts.store.add_application(name, hash, self.parts.clock.now()).await?;
        Ok(token)
    }

    /// `reference` names the resource string that says the same; `{how}` in it are the schemes that are accepted.
    fn unauthorized(&self, message: &str, reference: &'static str) -> ApiError {
        let installation = self.parts.installation;
        let error = unauthorized(installation, Shown::Other, message);
        error.with_reference(reference, [("how", schemes(installation).into())])
    }

    fn refused(&self, error: SignInError) -> ApiError {
        match error {
            SignInError::Wrong => self.unauthorized(WRONG_PASSWORD, "SR_ERROR_PASSWORD"),
            SignInError::TooOften(wait) => {
                let when = TextValue::DateTime(next_minute(later(self.parts.clock.now(), wait)));
                ApiError::too_many_requests(wait).with_reference("SR_ERROR_TOO_MANY_SIGN_INS", [("when", when)])
            }
            SignInError::Crowded => ApiError::too_many_requests(CROWDED_RETRY_AFTER),
            SignInError::Store(error) => failed(error),
            SignInError::Password(error) => ApiError::internal(error),
        }
    }
}

/// A secret that was just issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// By which it is revoked.
    pub id: i64,
    /// The secret itself: to be shown once.
    pub secret: Secret,
    /// From when on it is good no more.
    pub expires: Timestamp,
}

/// Texts tell times to the minute: the first that has not begun before `instant`.
fn next_minute(instant: Timestamp) -> Timestamp {
    let up = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Ceil);
    instant.round(up).unwrap_or(instant)
}
