//! Which operation a request calls: the label of its counters. Whatever is asked for, there are only so many.

use std::sync::LazyLock;

use axum::http::Method;
use utoipa::OpenApi as _;
use utoipa::openapi::PathItem;

/// The label of what no route is for.
const UNKNOWN: &str = "unknown";

/// The operations of a path, by method.
type ByMethod = Vec<(Method, String)>;

static ROUTES: LazyLock<matchit::Router<ByMethod>> = LazyLock::new(|| {
    let mut routes = matchit::Router::new();
    for (template, item) in chat_api::ApiDoc::openapi().paths.paths {
        // A test finds every operation: none of them stands in another's way.
        let _ = routes.insert(template, by_method(item));
    }
    routes
});

fn by_method(item: PathItem) -> ByMethod {
    [
        (Method::GET, item.get),
        (Method::PUT, item.put),
        (Method::POST, item.post),
        (Method::DELETE, item.delete),
        (Method::PATCH, item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?.operation_id?)))
    .collect()
}

/// The id of the operation, or a word for the part of the service that is asked.
pub(super) fn operation(method: &Method, path: &str) -> &'static str {
    // HEAD is answered as GET is.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    if let Ok(found) = ROUTES.at(path) {
        let operation = found.value.iter().find(|(known, _)| known == method);
        return operation.map_or(UNKNOWN, |(_, id)| id.as_str());
    }
    match path {
        "/healthz" => "health",
        "/readyz" => "readiness",
        "/" => "pages",
        _ => match path.split('/').nth(1) {
            Some("signin") => "pages",
            Some("docs") => "reference",
            _ => UNKNOWN,
        },
    }
}

/// The method, where it is one that some operation could have: anybody can make up others.
pub(super) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_belong_to_operations() {
        for (method, path, expected) in [
            (Method::GET, "/api/v1/ChatSession/ForCurrentUser", "v1ChatSessionEntity_ChatSessionsForUser"),
            (Method::HEAD, "/api/v1/ChatSession/ForCurrentUser", "v1ChatSessionEntity_ChatSessionsForUser"),
            (Method::POST, "/api/v1/ChatSession/Pickup", "v1ChatSessionEntity_PickUpFirstChatSession"),
            (Method::DELETE, "/api/v1/ChatSession/Pickup", UNKNOWN),
            (Method::GET, "/api/v1/Presence/GetAll", "v1ChatPresence_GetAllChatPresence"),
            (Method::GET, "/api/v1/nowhere", UNKNOWN),
            (Method::GET, "/healthz", "health"),
            (Method::GET, "/readyz", "readiness"),
            (Method::GET, "/signin/style.css", "pages"),
            (Method::GET, "/docs/openapi.yaml", "reference"),
            (Method::GET, "/docs", "reference"),
            (Method::GET, "/documents", UNKNOWN),
            (Method::GET, "*", UNKNOWN),
        ] {
            assert_eq!(operation(&method, path), expected, "{method} {path}");
        }
        assert_eq!(method(&Method::from_bytes(b"BREW").unwrap()), "other");
    }

    #[test]
    fn every_operation_has_its_own_label() {
        for (template, item) in chat_api::ApiDoc::openapi().paths.paths {
            // A number stands for every parameter.
            let path: Vec<_> = template.split('/').map(|part| if part.starts_with('{') { "7" } else { part }).collect();
            for (method, id) in by_method(item) {
                assert_eq!(operation(&method, &path.join("/")), id, "{method} {template}");
            }
        }
    }
}
