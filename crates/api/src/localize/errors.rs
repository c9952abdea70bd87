//! Messages of errors in the caller's language.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;

use super::{Resources, reference, translate};
use crate::error_body::ErrorBody;
use crate::{Authenticate, LanguagePreference};

/// A resource string that says the same as a message, and what to fill in for its `{name}`s.
#[derive(Clone, Debug)]
pub(crate) struct Translation {
    pub(crate) name: Cow<'static, str>,
    pub(crate) values: Vec<(&'static str, String)>,
}

impl Translation {
    fn text(&self, language: &LanguagePreference, resources: &dyn Resources) -> Option<String> {
        let text = reference(&self.name, language, resources)?;
        Some(
            self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value)),
        )
    }
}

/// Translates the messages of errors that `router` answers with, with the resource strings of `service`.
///
/// The generated router has it already. Put it around whatever else answers with [`ApiError`](crate::ApiError), too: it
/// leaves alone what is translated.
pub fn localized_errors<S: Authenticate>(router: Router, service: Arc<S>) -> Router {
    router.layer(middleware::from_fn_with_state(service, localized::<S>))
}

async fn localized<S: Authenticate>(State(service): State<Arc<S>>, request: Request, next: Next) -> Response {
    // Of a malformed header nothing is known: its error leaves unchanged.
    let language = LanguagePreference::from_headers(request.headers()).unwrap_or_default();
    let mut response = next.run(request).await;
    if language.is_unchanged() {
        return response;
    }
    // Taken out, so that what is translated is not translated again.
    let translation = response.extensions_mut().remove::<Translation>();
    if let Some(mut body) = response.extensions_mut().remove::<ErrorBody>() {
        let resources = service.resources();
        let translated = translation.and_then(|translation| translation.text(&language, resources));
        let translated = translated.or_else(|| match translate(body.message(), &language, resources) {
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
