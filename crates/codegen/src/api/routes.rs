//! Routes of the router, made of the contract's path templates.
//!
//! Templates that differ only in the names of their parameters are one route, which is called as the first of them. What the
//! router cannot tell apart by itself gets a route of its own making: see [`Routes::templates`].

use docwright_contract::model::Operation;
use indexmap::IndexMap;

use crate::Problem;

/// The routes of all operations.
#[derive(Default)]
pub(super) struct Routes {
    /// By the path without the names of its parameters.
    routes: IndexMap<String, Route>,
}

struct Route {
    /// As the router takes it.
    route: String,
    /// The contract's template.
    template: String,
    is_plain: bool,
    /// Who is served: `GET` with the operation's id.
    operations: Vec<(&'static str, String)>,
}

impl Routes {
    /// The problems are operations that a router cannot tell apart.
    pub(super) fn of(operations: &[Operation]) -> (Self, Vec<Problem>) {
        let mut routes = Self::default();
        let mut problems = Vec::new();
        for operation in operations {
            let path = Path::new(&operation.path);
            let (method, id) = (operation.method.as_str(), operation.operation_id.clone());
            let route = routes.routes.entry(path.shape()).or_insert_with(|| Route {
                route: path.route(),
                template: with_slash(&operation.path),
                is_plain: path.is_plain(),
                operations: Vec::new(),
            });
            if let Some((_, earlier)) = route.operations.iter().find(|(taken, _)| *taken == method) {
                let token = operation.path.replace('~', "~0").replace('/', "~1");
                problems.push(Problem::SameRoute {
                    operation: id.clone(),
                    request: format!("{method} {}", operation.path),
                    pointer: format!("#/paths/{token}/{}", operation.method.key()),
                    earlier: earlier.clone(),
                    earlier_request: format!("{method} {}", route.template),
                });
            }
            route.operations.push((method, id));
        }
        (routes, problems)
    }

    /// The route of a path of the contract.
    pub(super) fn route(&self, path: &str) -> &str {
        self.routes.get(&Path::new(path).shape()).map_or("/", |route| route.route.as_str())
    }

    /// Pairs of a template and the route that requests for it are to be led to, the more specific first: segments that
    /// are more than fixed text or one parameter, and fixed text that may be written in several ways.
    pub(super) fn templates(&self) -> Vec<(&str, &str)> {
        let mut found: Vec<&Route> = self.routes.values().filter(|route| !route.is_plain).collect();
        // What such a template would take away from a route that says more.
        let odd: Vec<Path<'_>> = found.iter().map(|route| Path::new(&route.template)).collect();
        found.extend(self.routes.values().filter(|route| {
            let path = Path::new(&route.template);
            route.is_plain && odd.iter().any(|odd| path.rank() < odd.rank() && path.may_overlap(odd))
        }));
        found.sort_by_key(|route| Path::new(&route.template).rank());
        found.into_iter().map(|route| (route.template.as_str(), route.route.as_str())).collect()
    }
}

/// The names of a path's parameters, in its order.
pub(super) fn parameters(path: &str) -> Vec<&str> {
    Path::new(path).parameters()
}

fn with_slash(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// A path template.
struct Path<'a> {
    segments: Vec<Vec<Piece<'a>>>,
    /// What some contracts write behind the path: `?action=x`.
    query: Option<Vec<Piece<'a>>>,
}

/// A part of a segment.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Fixed(&'a str),
    Parameter(&'a str),
}

impl<'a> Path<'a> {
    fn new(path: &'a str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        Self { segments: path.split('/').map(pieces).collect(), query: query.map(pieces) }
    }

    fn parameters(&self) -> Vec<&'a str> {
        let all = self.segments.iter().chain(&self.query).flatten();
        let name = |piece: &Piece<'a>| if let Piece::Parameter(name) = piece { Some(*name) } else { None };
        all.filter_map(name).collect()
    }

    /// Equal for paths that differ only in the names of their parameters, or in the encoding of their text.
    fn shape(&self) -> String {
        self.written(|_, _| "{}".to_owned())
    }

    fn route(&self) -> String {
        self.written(|index, name| {
            let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            // Who repeats a name gets both values all the same.
            let is_first = self.parameters().iter().position(|known| *known == name) == Some(index);
            if is_plain(name) && is_first { format!("{{{name}}}") } else { format!("{{p{index}}}") }
        })
    }

    fn written(&self, parameter: impl Fn(usize, &str) -> String) -> String {
        let mut count = 0;
        let mut text = String::new();
        let parts =
            self.segments.iter().map(|segment| (segment, "")).chain(self.query.iter().map(|query| (query, "?")));
        for (pieces, mark) in parts {
            let mut values = Vec::new();
            let mut fixed = String::from(mark);
            for piece in pieces {
                match piece {
                    Piece::Fixed(piece) => fixed.push_str(piece),
                    Piece::Parameter(name) => {
                        fixed.push_str("{}");
                        values.push(parameter(count, name));
                        count += 1;
                    }
                }
            }
            if !is_one_parameter(pieces) || !mark.is_empty() {
                text.push('/');
                text.push_str(&encoded(&fixed));
            }
            values.iter().for_each(|value| text.extend(["/", value]));
        }
        text
    }

    /// Whether the router can serve it as it is.
    fn is_plain(&self) -> bool {
        let is_plain_text = |text: &str| encoded(text) == text && !text.contains('%');
        self.query.is_none()
            && self.segments.iter().all(|pieces| {
                is_one_parameter(pieces)
                    || pieces.iter().all(|piece| matches!(piece, Piece::Fixed(text) if is_plain_text(text)))
            })
    }

    /// Lower for paths that say more.
    fn rank(&self) -> (bool, Vec<(u8, usize)>) {
        let of = |pieces: &Vec<Piece<'_>>| {
            let fixed = |piece: &Piece<'_>| if let Piece::Fixed(text) = piece { text.len() } else { 0 };
            let length: usize = pieces.iter().map(fixed).sum();
            let has_parameter = pieces.iter().any(|piece| matches!(piece, Piece::Parameter(_)));
            (u8::from(has_parameter) + u8::from(is_one_parameter(pieces)), usize::MAX - length)
        };
        (self.query.is_none(), self.segments.iter().map(of).collect())
    }

    fn may_overlap(&self, other: &Path<'_>) -> bool {
        let is_fixed = |pieces: &[Piece<'_>]| pieces.iter().all(|piece| matches!(piece, Piece::Fixed(_)));
        let text = |pieces: &[Piece<'_>]| pieces.iter().map(piece_text).collect::<String>();
        self.segments.len() == other.segments.len()
            && self
                .segments
                .iter()
                .zip(&other.segments)
                .all(|(one, other)| !is_fixed(one) || !is_fixed(other) || text(one) == text(other))
    }
}

fn piece_text<'a>(piece: &Piece<'a>) -> &'a str {
    match piece {
        Piece::Fixed(text) | Piece::Parameter(text) => text,
    }
}

fn is_one_parameter(pieces: &[Piece<'_>]) -> bool {
    matches!(pieces, [Piece::Parameter(_)])
}

/// `x({id})` → `x(`, the parameter, `)`. A brace without its other half is fixed text.
fn pieces(segment: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(open) = segment[at..].find('{').map(|found| at + found) {
        let name = segment[open + 1..].split_once('}').map(|(name, _)| name);
        match name.filter(|name| !name.is_empty() && !name.contains('{')) {
            Some(name) => {
                if open > start {
                    pieces.push(Piece::Fixed(&segment[start..open]));
                }
                pieces.push(Piece::Parameter(name));
                at = open + name.len() + 2;
                start = at;
            }
            None => at = open + 1,
        }
    }
    if start < segment.len() || pieces.is_empty() {
        pieces.push(Piece::Fixed(&segment[start..]));
    }
    pieces
}

/// A fixed segment as a route has it: what no address holds as it is, and what the router reads otherwise, is
/// percent-encoded.
fn encoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (index, byte) in bytes.iter().enumerate() {
        let is_start = index == 0 && matches!(byte, b':' | b'*');
        let is_escape =
            *byte == b'%' && bytes.get(index + 1..index + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if (byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte) || is_escape) && !is_start {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_routes() {
        for (path, shape, route, is_plain) in [
            ("/a/{id}", "/a/{}", "/a/{id}", true),
            ("a/{id}", "/a/{}", "/a/{id}", true),
            ("/", "/", "/", true),
            ("", "/", "/", true),
            ("/a/", "/a/", "/a/", true),
            ("/a/$count", "/a/$count", "/a/$count", true),
            ("/a/{User Id}/{user-id}", "/a/{}/{}", "/a/{p0}/{p1}", true),
            ("/{id}/{id}", "/{}/{}", "/{id}/{p1}", true),
            ("/{*rest}", "/{}", "/{p0}", true),
            ("/x({id})", "/x(%7B%7D)/{}", "/x(%7B%7D)/{id}", false),
            ("/{a}:{b}", "/%7B%7D:%7B%7D/{}/{}", "/%7B%7D:%7B%7D/{a}/{b}", false),
            ("/x.{ext}", "/x.%7B%7D/{}", "/x.%7B%7D/{ext}", false),
            ("/:id/*", "/%3Aid/%2A", "/%3Aid/%2A", false),
            ("/a b/ü%20", "/a%20b/%C3%BC%20", "/a%20b/%C3%BC%20", false),
            ("/{/}/{}", "/%7B/%7D/%7B%7D", "/%7B/%7D/%7B%7D", false),
            ("/a?x=1&y={b}", "/a/%3Fx=1&y=%7B%7D/{}", "/a/%3Fx=1&y=%7B%7D/{b}", false),
        ] {
            let parsed = Path::new(path);
            assert_eq!((&*parsed.shape(), &*parsed.route(), parsed.is_plain()), (shape, route, is_plain), "{path}");
        }
    }

    #[test]
    fn the_more_specific_templates_come_first() {
        let path = |path: &&str| Path::new(path).rank();
        let mut paths = ["/a/{id}", "/a/x{id}", "/a/x({id})", "/a/b", "/a/x(1)", "/a/{id}?x"];
        paths.sort_by_key(path);
        assert_eq!(paths, ["/a/{id}?x", "/a/x(1)", "/a/b", "/a/x({id})", "/a/x{id}", "/a/{id}"]);
    }
}
