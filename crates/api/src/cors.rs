//! Calls from pages of other origins (CORS), as far as the service allows them.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::REQUEST_HEADERS;
use crate::keys::key_headers;

/// What the layer reads of every request, whatever the contract says.
const OWN_HEADERS: &[&str] = &[
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "SO-AppToken",
    "SO-Culture",
    "SO-Language",
    "SO-TimeZone",
    "X-Request-Id",
    "X-XSRF-TOKEN",
];

/// What a page of another origin may send: the layer's own headers, the contract's parameters, and its keys.
static ALLOWED_HEADERS: LazyLock<HeaderValue> = LazyLock::new(|| allowed_headers(REQUEST_HEADERS.iter().copied()));

/// What it may read of an answer besides what every page may.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static("Allow, Retry-After, WWW-Authenticate, X-Request-Id");

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// Who may call from a page of another origin. The default is nobody.
#[derive(Clone, Debug, Default)]
pub struct CorsOptions {
    /// Origins as browsers write them: `https://crm.example.com`, without a path. There is no
    /// wildcard.
    pub allowed_origins: Vec<String>,
    /// How the paths begin that they may call, `/api/`: a router may have others. Nothing stands for all.
    pub paths_below: String,
    /// Whether their calls may carry the browser session's cookie.
    pub allow_credentials: bool,
    /// For how long a browser may remember what a preflight request said; nothing leaves it to the browser.
    pub max_age: Option<Duration>,
}

/// Lets the pages of `options` call `router`.
///
/// Preflight requests of such pages are answered here, and their answers get the headers that let them
/// be read. Everything else passes unchanged: what a browser does not let a page do, the
/// browser withholds. Without allowed origins nothing is added at all.
pub fn cors(router: Router, options: CorsOptions) -> Router {
    if options.allowed_origins.is_empty() {
        return router;
    }
    router.layer(middleware::from_fn_with_state(std::sync::Arc::new(options), answer))
}

async fn answer(State(options): State<std::sync::Arc<CorsOptions>>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(&options.paths_below) {
        return next.run(request).await;
    }
    let origin = request
        .headers()
        .get(ORIGIN)
        .filter(|origin| options.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()));
    let origin = origin.cloned();
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if is_preflight => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else { return response };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if options.allow_credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    if is_preflight {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS.clone());
        if let Some(max_age) = options.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, max_age.as_secs().into());
        }
    } else {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
    response
}

fn allowed_headers(parameters: impl Iterator<Item = &'static str>) -> HeaderValue {
    let all = OWN_HEADERS.iter().copied().chain(key_headers()).chain(parameters);
    let all = all.filter(|name| HeaderName::try_from(*name).is_ok());
    // Once each, whatever their letter case, and the layer's own spelling first.
    let mut names = BTreeMap::new();
    for name in all {
        names.entry(name.to_ascii_lowercase()).or_insert(name);
    }
    let list = names.into_values().collect::<Vec<_>>().join(", ");
    HeaderValue::from_str(&list).unwrap_or(HeaderValue::from_static("Authorization, Content-Type"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_contracts_headers_are_allowed_once() {
        let allowed = allowed_headers(["If-Match", "no header", "so-language", "X-Key", "x-key"].into_iter());
        let mut expected: BTreeSet<&str> = OWN_HEADERS.iter().copied().chain(key_headers()).collect();
        expected.extend(["If-Match", "X-Key"]);
        let listed: Vec<&str> = allowed.to_str().unwrap().split(", ").collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), expected);
        assert_eq!(listed.len(), expected.len(), "each once");
    }
}
