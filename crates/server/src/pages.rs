//! The pages for people: signing in with a browser, signing out, and having a ticket issued.
//!
//! Plain HTML forms that work without scripts; whatever is served here may neither run scripts nor be framed. Where the
//! installation takes no passwords there are no pages.
//!
//! A form is believed when it comes from the page that this service served. For a signed-in user it repeats the session's
//! random value, like `X-XSRF-TOKEN` of the API. Before that it repeats the value of a cookie that only the form's page
//! sets: otherwise other sites could sign their visitors in as somebody else. In both cases browsers must not say that
//! the form comes from elsewhere.

mod cookies;
mod forms;
mod html;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use chat_api::Secret;

use self::cookies::Cookies;
pub(crate) use self::cookies::XSRF_COOKIE;
use self::forms::{FormBody, RevokeForm, SignInForm, SignOutForm, TicketForm};
use crate::auth::{Authenticator, CROWDED_RETRY_AFTER, Connection, Purpose, SignInError, SignedIn, is_xsrf_of};
use crate::config::{Installation, PublicUrl};
use crate::entropy::Entropy;
use crate::store::StoreError;

/// Forms are small.
const MAX_FORM_BYTES: usize = 16 * 1024;

const STYLE: &str = include_str!("pages/style.css");

/// Nothing but the page's own style, and forms to this service.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether there is a reference of the API that pages can link to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Served,
    Absent,
}

/// What the pages work with.
struct Pages {
    authenticator: Arc<Authenticator>,
    entropy: Arc<dyn Entropy>,
    public_url: Option<PublicUrl>,
    /// The foot of each page.
    foot: &'static str,
}

/// The pages of this installation.
pub(crate) fn router(
    authenticator: Arc<Authenticator>,
    entropy: Arc<dyn Entropy>,
    public_url: Option<PublicUrl>,
    reference: Reference,
) -> Router {
    if authenticator.installation() == Installation::Online {
        return Router::new();
    }
    let is_https = public_url.as_ref().is_some_and(PublicUrl::is_https);
    let foot = match reference {
        Reference::Served => html::REFERENCE_LINK,
        Reference::Absent => "",
    };
    Router::new()
        .route("/signin", get(show).post(sign_in).fallback(chat_api::method_not_allowed))
        .route("/signin/ticket", post(issue_ticket).fallback(chat_api::method_not_allowed))
        .route("/signin/ticket/revoke", post(revoke_tickets).fallback(chat_api::method_not_allowed))
        .route("/signin/style.css", get(style).fallback(chat_api::method_not_allowed))
        .route("/signout", post(sign_out).fallback(chat_api::method_not_allowed))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(middleware::from_fn_with_state(Transport { is_https }, secured))
        .with_state(Arc::new(Pages { authenticator, entropy, public_url, foot }))
}

/// What the configuration says of the way to the service.
#[derive(Clone, Copy)]
struct Transport {
    is_https: bool,
}

/// Browsers that were here come back with TLS only, for a year. Other hosts of the domain are not ours to speak for.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// Adds to every answer of the pages what keeps browsers from doing more with it than is meant.
async fn secured(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(headers, HeaderValue::from_static(CONTENT_SECURITY_POLICY), transport.is_https);
    response
}

/// Adds what keeps browsers from doing more with a page than is meant.
pub(crate) fn protect(headers: &mut HeaderMap, content_security_policy: HeaderValue, is_https: bool) {
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT_SECURITY));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, content_security_policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with that browsers send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET /signin`: the form, or for who is signed in already what there is to do.
async fn show(
    State(pages): State<Arc<Pages>>,
    Extension(connection): Extension<Connection>,
    cookies: Cookies,
) -> Response {
    match pages.signed_in(&cookies).await {
        Ok(Some(session)) => pages.home(StatusCode::OK, &session, None, &cookies, connection).await,
        Ok(None) => {
            let several = "Your browser sent more than one session of this service. Please sign in again.";
            pages.form(StatusCode::OK, (cookies.sessions.len() > 1).then_some(several), &cookies, connection)
        }
        Err(error) => failed(error),
    }
}

/// Sessions of a browser that signs in that are ended: one, unless others were slipped in.
const MAX_REPLACED: usize = 4;

/// A shorter form token is none that this service made: 256 bits in Base64.
const MIN_FORM_TOKEN_BYTES: usize = 43;

/// `POST /signin`: begins a session, always a new one.
async fn sign_in(
    State(pages): State<Arc<Pages>>,
    Extension(connection): Extension<Connection>,
    cookies: Cookies,
    FormBody(form, origin): FormBody<SignInForm>,
) -> Response {
    // One of several cookies: a second one that was slipped in must not keep anybody from signing in.
    let is_ours = form.form_token.as_ref().is_some_and(|field| {
        field.expose().len() >= MIN_FORM_TOKEN_BYTES && cookies.forms.iter().any(|cookie| cookie == field)
    });
    if !is_ours || !origin.is_own(pages.public_url.as_ref()) {
        let again = "The form had expired, or cookies are switched off. Please try again.";
        return pages.form(StatusCode::FORBIDDEN, Some(again), &cookies, connection);
    }
    let signed_in = pages.authenticator.password(&form.user, &form.password, connection.peer, &cookies.devices);
    let signed_in = signed_in.await;
    let user = match signed_in {
        Ok(user) => user,
        // Not 401: browsers answer its challenge with a dialogue of their own.
        Err(SignInError::Wrong) => {
            let wrong = "The user name or the password is wrong.";
            return pages.form(StatusCode::FORBIDDEN, Some(wrong), &cookies, connection);
        }
        Err(SignInError::TooOften(wait)) => {
            return pages.too_often("Signing in failed too often.", wait, &cookies, connection);
        }
        Err(SignInError::Crowded) => {
            let crowded = "Too many sign-ins wait.";
            return pages.too_often(crowded, CROWDED_RETRY_AFTER, &cookies, connection);
        }
        Err(error @ (SignInError::Store(_) | SignInError::Password(_))) => return failed(error),
    };
    // The browser gets another session; the one it had would only be left lying about.
    for old in cookies.sessions.iter().take(MAX_REPLACED) {
        if let Err(error) = pages.authenticator.end_session(old).await {
            return failed(error);
        }
    }
    let session = match pages.authenticator.begin_session(user).await {
        Ok(session) => session,
        Err(StoreError::SignedOut) => return pages.signed_out(&cookies, connection),
        Err(error) => return failed(error),
    };
    let device = match pages.authenticator.remember_device(&session.user, &cookies.devices).await {
        Ok(device) => device,
        Err(error) => return failed(error),
    };
    let mut response = Redirect::to("/signin").into_response();
    cookies.clean(&mut response);
    cookies::begin(&mut response, &session, connection);
    cookies::set_device(&mut response, &device, connection.is_secure);
    tracing::info!(user = session.user.id.0, "signed in with a browser");
    response
}

/// `POST /signout`: ends the session on the server, or all of the user's.
async fn sign_out(
    State(pages): State<Arc<Pages>>,
    Extension(connection): Extension<Connection>,
    cookies: Cookies,
    FormBody(form, origin): FormBody<SignOutForm>,
) -> Response {
    // Browsers leave out our cookies with forms of other sites, but would believe the answer that removes them.
    if !origin.is_own(pages.public_url.as_ref()) {
        return answer(StatusCode::FORBIDDEN, html::problem("The form was not of this service."));
    }
    let session = match pages.signed_in_by_form(&cookies, form.xsrf.as_ref()).await {
        Ok(session) => session,
        Err(error) => return failed(error),
    };
    if let Some(session) = session {
        if !pages.is_from(&session, form.xsrf.as_ref(), &origin) {
            return pages.not_ours(&session, &cookies, connection).await;
        }
        let ended = match form.everywhere {
            true => pages.authenticator.end_sessions_of(session.user.id).await,
            false => pages.authenticator.end_session(&session.token).await,
        };
        if let Err(error) = ended {
            return failed(error);
        }
    }
    let mut response = Redirect::to("/signin").into_response();
    cookies.clean(&mut response);
    cookies::end(&mut response, connection);
    response
}

/// `POST /signin/ticket`: issues a ticket and shows it, this once.
async fn issue_ticket(
    State(pages): State<Arc<Pages>>,
    Extension(connection): Extension<Connection>,
    cookies: Cookies,
    FormBody(form, origin): FormBody<TicketForm>,
) -> Response {
    let session = match pages.signed_in(&cookies).await {
        Ok(Some(session)) => session,
        Ok(None) => return Redirect::to("/signin").into_response(),
        Err(error) => return failed(error),
    };
    if !pages.is_from(&session, form.xsrf.as_ref(), &origin) {
        return pages.not_ours(&session, &cookies, connection).await;
    }
    match pages.authenticator.issue_own_ticket(&session.user).await {
        Ok(issued) => {
            let notice = html::Notice::Ticket(&issued);
            pages.home(StatusCode::OK, &session, Some(notice), &cookies, connection).await
        }
        Err(StoreError::TooManyTickets(limit)) => {
            let problem = format!("You have {limit} tickets already. Please revoke one that is not needed any more.");
            let notice = html::Notice::Problem(&problem);
            pages.home(StatusCode::CONFLICT, &session, Some(notice), &cookies, connection).await
        }
        Err(StoreError::SignedOut) => pages.signed_out(&cookies, connection),
        Err(error) => failed(error),
    }
}

/// `POST /signin/ticket/revoke`: makes one of the user's tickets, or all of them, good no more.
async fn revoke_tickets(
    State(pages): State<Arc<Pages>>,
    Extension(connection): Extension<Connection>,
    cookies: Cookies,
    FormBody(form, origin): FormBody<RevokeForm>,
) -> Response {
    let session = match pages.signed_in(&cookies).await {
        Ok(Some(session)) => session,
        Ok(None) => return Redirect::to("/signin").into_response(),
        Err(error) => return failed(error),
    };
    if !pages.is_from(&session, form.xsrf.as_ref(), &origin) {
        return pages.not_ours(&session, &cookies, connection).await;
    }
    match pages.authenticator.revoke_tickets_of(session.user.id, form.tickets).await {
        // The list tells what is left.
        Ok(()) => Redirect::to("/signin").into_response(),
        Err(error) => failed(error),
    }
}

impl Pages {
    async fn signed_in(&self, cookies: &Cookies) -> Result<Option<SignedIn>, StoreError> {
        match cookies.session() {
            Some(token) => self.authenticator.session(token).await,
            None => Ok(None),
        }
    }

    /// The session that a form belongs to. Of several cookies that is the one whose random value the form repeats.
    async fn signed_in_by_form(
        &self,
        cookies: &Cookies,
        xsrf: Option<&Secret>,
    ) -> Result<Option<SignedIn>, StoreError> {
        let of_form = || cookies.sessions.iter().find(|token| xsrf.is_some_and(|xsrf| is_xsrf_of(token, xsrf)));
        match cookies.session().or_else(of_form) {
            Some(token) => self.authenticator.session(token).await,
            None => Ok(None),
        }
    }

    /// Whether a form comes from a page of this very session.
    fn is_from(&self, session: &SignedIn, xsrf: Option<&Secret>, origin: &forms::Origin) -> bool {
        xsrf.is_some_and(|xsrf| session.is_xsrf(xsrf)) && origin.is_own(self.public_url.as_ref())
    }

    async fn home(
        &self,
        status: StatusCode,
        session: &SignedIn,
        notice: Option<html::Notice<'_>>,
        cookies: &Cookies,
        connection: Connection,
    ) -> Response {
        let tickets = match self.authenticator.tickets_of(session.user.id, html::MAX_TICKETS).await {
            Ok(tickets) => tickets,
            Err(error) => return failed(error),
        };
        let mut response = answer(status, html::home(session, &tickets, notice, self.foot));
        cookies.clean(&mut response);
        // Whoever deleted only this cookie gets it back.
        cookies::offer_xsrf(&mut response, session, connection);
        response
    }

    async fn not_ours(&self, session: &SignedIn, cookies: &Cookies, connection: Connection) -> Response {
        let notice = html::Notice::Problem("This page was not of your present session. Please try again.");
        self.home(StatusCode::FORBIDDEN, session, Some(notice), cookies, connection).await
    }

    /// Answers who was signed out, or given another password, while this was on its way.
    fn signed_out(&self, cookies: &Cookies, connection: Connection) -> Response {
        let meanwhile = "You were signed out in the meantime. Please sign in again.";
        self.form(StatusCode::FORBIDDEN, Some(meanwhile), cookies, connection)
    }

    fn form(&self, status: StatusCode, problem: Option<&str>, cookies: &Cookies, connection: Connection) -> Response {
        // The one that is there is kept, so that two open forms both work.
        let kept = cookies.forms.first().filter(|_| cookies.forms.len() == 1);
        let token = kept.filter(|token| Purpose::Session.hash(token).is_some()).cloned();
        let token = token.unwrap_or_else(|| Purpose::Session.make(self.entropy.as_ref()).0);
        let mut response = answer(status, html::form(&token, problem, self.foot));
        cookies.clean(&mut response);
        cookies::set_form_token(&mut response, &token, connection.is_secure);
        response
    }

    fn too_often(&self, why: &str, wait: Duration, cookies: &Cookies, connection: Connection) -> Response {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let problem = format!("{why} Please try again in {seconds} {unit}.");
        let mut response = self.form(StatusCode::TOO_MANY_REQUESTS, Some(&problem), cookies, connection);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        response
    }
}

fn answer(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn failed(error: impl std::error::Error) -> Response {
    tracing::error!(error = %error, "a page could not be served");
    answer(
        StatusCode::SERVICE_UNAVAILABLE,
        html::problem("The service cannot answer just now. Please try again later."),
    )
}
