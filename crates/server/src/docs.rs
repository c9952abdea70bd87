//! `/docs`: the reference of the API that this service answers, with the contract to download.
//!
//! For everybody, whatever the installation: the contract is no secret. Nothing of it calls another host.

use std::sync::OnceLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use docwright_reference::{File, PAGE, Session, Site, Source};
use serde::Deserialize;
use utoipa::OpenApi as _;

use crate::config::Installation;
use crate::pages::{self, XSRF_COOKIE};

/// The contract as it is reviewed and committed, in OpenAPI 3.0.3.
const CONTRACT: &str = include_str!("../../../openapi.yaml");

/// What all addresses begin with. The page has several, so that files are told from the root.
const BASE: &str = "/docs/";

/// Files that are asked for by their version never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page names the versions of all others, and is not kept, like every page of the service.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// What else is asked for without a version is asked for again each time, and mostly answered with 304.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// A file, and how it is sent.
#[derive(Clone)]
struct Served {
    file: &'static File,
    policy: HeaderValue,
    is_https: bool,
}

/// The reference of this installation.
pub(crate) fn router(installation: Installation, is_https: bool) -> Router {
    let site = site(installation);
    // A page's own policy cannot say who may frame it.
    let policy = format!("{}; frame-ancestors 'none'", site.policy);
    let policy = HeaderValue::try_from(policy).expect("policies are visible ASCII");
    let served = |file| {
        let served = Served { file, policy: policy.clone(), is_https };
        get(send).fallback(chat_api::method_not_allowed).with_state(served)
    };
    site.files.iter().fold(Router::new(), |router, file| {
        let router = router.route(&format!("{BASE}{}", file.path), served(file));
        match file.path {
            PAGE => router.route("/docs", served(file)).route(BASE, served(file)),
            _ => router,
        }
    })
}

/// The site, made once for each kind of installation.
fn site(installation: Installation) -> &'static Site {
    static ONSITE: OnceLock<Site> = OnceLock::new();
    static ONLINE: OnceLock<Site> = OnceLock::new();
    match installation {
        Installation::Onsite => ONSITE.get_or_init(|| {
            let xsrf_header = chat_api::XSRF_HEADER;
            make(Some(Session { sign_in: "/signin", xsrf_cookie: XSRF_COOKIE, xsrf_header }))
        }),
        Installation::Online => ONLINE.get_or_init(|| make(None)),
    }
}

fn make(session: Option<Session<'_>>) -> Site {
    let contract = serde_saphyr::from_str(CONTRACT).expect("a test reads the contract that is compiled in");
    let mut json = chat_api::ApiDoc::openapi().to_pretty_json().expect("the document is plain JSON");
    json.push('\n');
    let source = Source { contract: &contract, yaml: CONTRACT, json: &json, base: BASE, session };
    docwright_reference::site(&source).expect("a test unpacks the archive that is compiled in")
}

#[derive(Deserialize)]
struct Version {
    v: Option<String>,
}

async fn send(
    State(served): State<Served>,
    version: Result<Query<Version>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let file = served.file;
    let tag = format!("\"{}\"", file.version);
    let mut response = if is_known(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let gzip = file.gzip.filter(|_| takes_gzip(&headers));
        let mut response = Response::new(Body::from(Bytes::from_static(gzip.unwrap_or(file.contents.as_bytes()))));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
        if gzip.is_some() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    let is_asked_by_version = version.is_ok_and(|Query(version)| version.v.as_deref() == Some(&*file.version));
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        match file.path {
            PAGE => NOT_KEPT,
            _ if is_asked_by_version => FOR_EVER,
            _ => ASK_AGAIN,
        },
    );
    // Weak: the same file travels compressed and as it is.
    headers.insert(header::ETAG, HeaderValue::try_from(format!("W/{tag}")).expect("versions are plain"));
    if file.gzip.is_some() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    pages::protect(headers, served.policy, served.is_https);
    response
}

/// Whether the caller has this very version. Weak comparison, as RFC 9110 wants it here.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// Whether `Accept-Encoding` names gzip without refusing it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
            ("identity", false),
            ("x-gzip2", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(header::ACCEPT_ENCODING, value)), expected, "{value}");
        }
    }

    #[test]
    fn known_versions_are_told_by_their_tag() {
        for (value, expected) in
            [(r#""a""#, true), (r#"W/"a""#, true), (r#""b", "a""#, true), ("*", true), (r#""b""#, false), ("a", false)]
        {
            assert_eq!(is_known(&headers(header::IF_NONE_MATCH, value), "\"a\""), expected, "{value}");
        }
    }
}
