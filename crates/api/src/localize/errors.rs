//! Messages of errors in the caller's language.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Preferences, Resources, TextValue, compose, reference, translate};
use crate::error_body::ErrorBody;
use crate::{Authenticate, Culture, LanguagePreference, time_zone};

/// A resource string that says the same as a message, and what to fill in for its `{name}`s.
#[derive(Clone, Debug)]
pub(crate) struct Translation {
    pub(crate) name: Cow<'static, str>,
    pub(crate) values: Vec<(&'static str, TextValue)>,
}

impl Translation {
    fn text(&self, preferences: &Preferences, resources: &dyn Resources) -> Option<String> {
        let text = reference(&self.name, &preferences.language, resources)?;
        Some(compose(text, &self.values, preferences.culture.as_ref(), preferences.time_zone.as_ref()))
    }
}

/// Marks an answer whose message is translated already: what a caller sent, which it may repeat, is no text to translate.
#[derive(Clone, Copy)]
struct Translated;

/// Translates the messages of errors that `router` answers with, with the resource strings of `service`.
///
/// The generated router has it already. Put it around whatever else answers with [`ApiError`](crate::ApiError), too: it
/// leaves alone what is translated.
pub fn localized_errors<S: Authenticate>(router: Router, service: Arc<S>) -> Router {
    router.layer(middleware::from_fn_with_state(service, localized::<S>))
}

async fn localized<S: Authenticate>(State(service): State<Arc<S>>, request: Request, next: Next) -> Response {
    // Of a malformed header nothing is known: without a language the error leaves unchanged, and without a culture or
    // zone its values are written as the language or a program would.
    let language = LanguagePreference::from_headers(request.headers()).unwrap_or_default();
    if language.is_unchanged() {
        return next.run(request).await;
    }
    let headers: HeaderMap = request.headers().iter().filter(|(name, _)| is_preference(name)).map(owned).collect();
    let mut response = next.run(request).await;
    if response.extensions_mut().insert(Translated).is_some() {
        return response;
    }
    let translation = response.extensions_mut().remove::<Translation>();
    if let Some(mut body) = response.extensions_mut().remove::<ErrorBody>() {
        let culture = Culture::from_headers(&headers, &language).ok().flatten();
        let time_zone = time_zone::from_headers(&headers).ok().flatten();
        let preferences = Preferences { language, culture, time_zone };
        let resources = service.resources();
        let translated = translation.and_then(|translation| translation.text(&preferences, resources));
        let translated = translated.or_else(|| match translate(body.message(), &preferences.language, resources) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        });
        if let Some(message) = translated {
            body.set_message(message);
            body.rewrite(&mut response);
        }
        response.extensions_mut().insert(body);
    }
    response
}

/// Whether a header says how values inside a text are written.
fn is_preference(name: &HeaderName) -> bool {
    ["so-culture", "so-timezone"].contains(&name.as_str())
}

fn owned((name, value): (&HeaderName, &HeaderValue)) -> (HeaderName, HeaderValue) {
    (name.clone(), value.clone())
}
