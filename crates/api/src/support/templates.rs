//! Paths that a router cannot tell apart by itself: a segment that is more than fixed text or one parameter
//! (`/files/{name}.{kind}`), and fixed text that callers may write in several ways (`/a%20b`).
//!
//! The router serves such a path under a route of its own making, to which requests are led before they are routed.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware;
use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

/// Leads requests to the routes of `templates`: pairs of a path template and its route, the more specific first.
pub fn with_templates(router: Router, templates: &[(&str, &'static str)]) -> Router {
    let templates: Vec<Template> = templates.iter().map(|(template, route)| Template::new(template, route)).collect();
    let templates: Arc<[Template]> = templates.into();
    Router::new().fallback_service(router).layer(middleware::map_request_with_state(templates, lead))
}

async fn lead(State(templates): State<Arc<[Template]>>, mut request: Request) -> Request {
    let path = request.uri().path();
    let query = request.uri().query();
    if let Some(path) = templates.iter().find_map(|template| template.lead(path, query)) {
        let path = match query {
            Some(query) => format!("{path}?{query}"),
            None => path,
        };
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = PathAndQuery::try_from(path).ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// A path template.
#[derive(Debug)]
struct Template {
    segments: Vec<Vec<Piece>>,
    /// The pairs that the query string has to have: what some contracts write behind a path.
    query: Vec<Vec<Piece>>,
    route: &'static str,
}

/// A part of a segment.
#[derive(Debug)]
enum Piece {
    Fixed(String),
    Parameter,
}

impl Template {
    fn new(template: &str, route: &'static str) -> Self {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(pieces);
        Self { segments: path.split('/').map(pieces).collect(), query: query.collect(), route }
    }

    /// The route with the values that the request has for its parameters, where it is such a path.
    fn lead(&self, path: &str, query: Option<&str>) -> Option<String> {
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (pieces, segment) in self.segments.iter().zip(segments) {
            take(pieces, segment, &mut values)?;
        }
        for pieces in &self.query {
            let mut pairs = query.unwrap_or_default().split('&');
            pairs.find_map(|pair| {
                let taken = values.len();
                take(pieces, pair, &mut values).or_else(|| {
                    values.truncate(taken);
                    None
                })
            })?;
        }
        let mut values = values.into_iter();
        let steps = self.route.split('/').map(|step| if step.starts_with('{') { values.next() } else { Some(step) });
        Some(steps.collect::<Option<Vec<_>>>()?.join("/"))
    }
}

/// `x({id})` → `x(`, the parameter, `)`. A brace without its other half is fixed text.
fn pieces(segment: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        fixed.push_str(before);
        match after.split_once('}').filter(|(name, _)| !name.is_empty() && !name.contains('{')) {
            Some((_, after)) => {
                if !fixed.is_empty() {
                    pieces.push(Piece::Fixed(decoded(&fixed).into_owned()));
                    fixed.clear();
                }
                pieces.push(Piece::Parameter);
                rest = after;
            }
            None => {
                fixed.push('{');
                rest = after;
            }
        }
    }
    fixed.push_str(rest);
    if !fixed.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Fixed(decoded(&fixed).into_owned()));
    }
    pieces
}

/// Matches a whole segment; a parameter takes as little as it can, and at least one character.
fn take<'p>(pieces: &[Piece], segment: &'p str, values: &mut Vec<&'p str>) -> Option<()> {
    match pieces {
        [] => segment.is_empty().then_some(()),
        [Piece::Fixed(text)] => (decoded(segment) == text.as_str()).then_some(()),
        [Piece::Fixed(text), rest @ ..] => take(rest, after(segment, text)?, values),
        [Piece::Parameter] => (!segment.is_empty()).then(|| values.push(segment)),
        [Piece::Parameter, rest @ ..] => {
            let taken = values.len();
            let ends = segment.char_indices().skip(1).map(|(end, _)| end).chain([segment.len()]);
            for end in ends.filter(|end| *end > 0) {
                values.push(&segment[..end]);
                if take(rest, &segment[end..], values).is_some() {
                    return Some(());
                }
                values.truncate(taken);
            }
            None
        }
    }
}

/// What follows `text` at the beginning of a segment, in whatever way either is encoded.
fn after<'p>(segment: &'p str, text: &str) -> Option<&'p str> {
    let ends = segment.char_indices().skip(1).map(|(end, _)| end).chain([segment.len()]);
    ends.filter(|end| *end >= text.len()).find(|end| decoded(&segment[..*end]) == text).map(|end| &segment[end..])
}

/// Without percent-encoding; as it is where that gives no text.
fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_led_to_the_route_of_their_template() {
        for (template, route, request, expected) in [
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/x(7)", Some("/a/x(%7B%7D)/7")),
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/x%287%29", Some("/a/x(%7B%7D)/7")),
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/x()", None),
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/x(7", None),
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/y(7)", None),
            ("/a/x({id})", "/a/x(%7B%7D)/{id}", "/a/x(7)/", None),
            ("/{n}.{e}/{id}", "/%7B%7D.%7B%7D/{n}/{e}/{id}", "/a.b.c/d", Some("/%7B%7D.%7B%7D/a/b.c/d")),
            ("/{a}:{b}", "/%7B%7D:%7B%7D/{a}/{b}", "/1:2", Some("/%7B%7D:%7B%7D/1/2")),
            ("/{a}:{b}", "/%7B%7D:%7B%7D/{a}/{b}", "/1%3A2", Some("/%7B%7D:%7B%7D/1/2")),
            ("/{a}:{b}", "/%7B%7D:%7B%7D/{a}/{b}", "/12", None),
            ("/a b/ü", "/a%20b/%C3%BC", "/a%20b/%c3%bc", Some("/a%20b/%C3%BC")),
            ("/a%20b", "/a%20b", "/a%20b", Some("/a%20b")),
            ("/:x", "/%3Ax", "/:x", Some("/%3Ax")),
            ("/{a}/{", "/{a}/%7B", "/1/%7B", Some("/1/%7B")),
            ("/a?x=1&y={b}", "/a/%3Fx=1&y=%7B%7D/{b}", "/a?y=2&z&x=1", Some("/a/%3Fx=1&y=%7B%7D/2")),
            ("/a?x=1&y={b}", "/a/%3Fx=1&y=%7B%7D/{b}", "/a?y=2", None),
            ("/a?x", "/a/%3Fx", "/a", None),
        ] {
            let (path, query) = request.split_once('?').map_or((request, None), |(path, query)| (path, Some(query)));
            assert_eq!(Template::new(template, route).lead(path, query).as_deref(), expected, "{template} {request}");
        }
    }
}
