//! Which operation a path belongs to.
//!
//! Fixed text wins over parameters, from left to right; where the rest of a path then fits nothing,
//! the parameter is tried. Every method has a tree of its own, so a fixed path of another method
//! hides nothing: with `PUT /a/me` and `GET /a/{id}`, `GET /a/me` is the second. A parameter takes
//! as much of its segment as it can and never nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use docwright_contract::model::{Contract, Method, Server};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use wayfind::{Router, RouterBuilder};

/// What one writing of a path keeps as it is; `<` and `>` mean parameters to the tree.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'|');

/// Where a request leads.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'a> {
    /// To the operation of this index, with the values of its path parameters still encoded.
    Operation { index: usize, values: Vec<(&'a str, String)> },
    /// To a path that exists, but not for this method.
    OtherMethods(Vec<Method>),
    /// To no path of the contract.
    Nothing,
}

/// Why an operation has no route.
#[derive(Debug, PartialEq)]
pub(crate) struct Unroutable {
    pub(crate) index: usize,
    pub(crate) reason: String,
}

/// The paths of a contract.
pub(crate) struct Routes {
    trees: Vec<(Method, Router<Route>)>,
    /// Longest first; never empty texts, never with a slash at the end.
    bases: Vec<String>,
}

struct Route {
    index: usize,
    /// The parameters' names in the order of the path.
    names: Vec<String>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("bases", &self.bases).finish_non_exhaustive()
    }
}

impl Routes {
    /// Routes to all operations, and those that no route can lead to.
    pub(crate) fn new(contract: &Contract) -> (Self, Vec<Unroutable>) {
        let mut unroutable = Vec::new();
        let mut builders: Vec<(Method, RouterBuilder<Route>)> = Vec::new();
        let mut taken: HashMap<(Method, String), usize> = HashMap::new();
        for (index, operation) in contract.operations.iter().enumerate() {
            let mut refuse = |reason: String| unroutable.push(Unroutable { index, reason });
            let (template, names) = match template(&operation.path) {
                Ok(parsed) => parsed,
                Err(reason) => {
                    refuse(reason);
                    continue;
                }
            };
            if let Some(&first) = taken.get(&(operation.method, template.clone())) {
                let first = &contract.operations[first];
                refuse(format!(
                    "`{} {}` matches the same paths and stands before it",
                    first.method.as_str(),
                    first.path
                ));
                continue;
            }
            let position = builders.iter().position(|(method, _)| *method == operation.method).unwrap_or_else(|| {
                builders.push((operation.method, RouterBuilder::new()));
                builders.len() - 1
            });
            match builders[position].1.insert(&template, Route { index, names }) {
                Ok(()) => _ = taken.insert((operation.method, template), index),
                Err(error) => refuse(error.to_string()),
            }
        }
        let trees = builders.into_iter().map(|(method, builder)| (method, builder.build())).collect();
        (Self { trees, bases: bases(contract) }, unroutable)
    }

    /// The paths before those of the contract that are understood, apart from none.
    pub(crate) fn bases(&self) -> &[String] {
        &self.bases
    }

    /// Looks for a path as it stands in the request line. A base path of the contract's servers is
    /// taken off first; what then leads nowhere is looked up whole.
    pub(crate) fn find(&self, method: Method, path: &str) -> Found<'_> {
        let path = canonical(path);
        let stripped = self.bases.iter().filter_map(|base| path.strip_prefix(base.as_str()));
        let candidates: Vec<&str> = stripped
            .map(|rest| if rest.is_empty() { "/" } else { rest })
            .filter(|rest| rest.starts_with('/'))
            .collect();
        let candidates = || candidates.iter().copied().chain([&*path]);
        for candidate in candidates() {
            if let Some(found) = self.find_in(method, candidate) {
                return found;
            }
        }
        for candidate in candidates() {
            let mut others: Vec<Method> = self
                .trees
                .iter()
                .filter(|(_, tree)| tree.search(candidate).is_some())
                .map(|(method, _)| *method)
                .collect();
            if !others.is_empty() {
                others.sort_unstable();
                return Found::OtherMethods(others);
            }
        }
        Found::Nothing
    }

    fn find_in(&self, method: Method, path: &str) -> Option<Found<'_>> {
        let (_, tree) = self.trees.iter().find(|(known, _)| *known == method)?;
        let found = tree.search(path)?;
        let route = found.data();
        let values = route.names.iter().zip(found.parameters());
        let values = values.map(|(name, (_, value))| (name.as_str(), (*value).to_owned())).collect();
        Some(Found::Operation { index: route.index, values })
    }
}

/// The template as the tree writes it, with numbered parameters, and the parameters' names.
/// Numbers, because templates that differ only in names match the same paths.
fn template(path: &str) -> Result<(String, Vec<String>), String> {
    // A fragment or query after the path only tells operations apart in the document.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') {
        return Err("the path does not begin with a slash".to_owned());
    }
    let mut written = String::with_capacity(path.len());
    let mut names: Vec<String> = Vec::new();
    let mut rest = path;
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}').map(|length| start + length) else {
            return Err("a brace in the path is not closed".to_owned());
        };
        let name = &rest[start + 1..end];
        if start == 0 && !names.is_empty() {
            return Err(format!("nothing separates the parameter `{name}` from the one before it"));
        }
        written.push_str(&fixed(&rest[..start]));
        _ = write!(written, "<{}>", names.len());
        // RFC 6570's operators appear in foreign documents.
        names.push(name.trim_start_matches(['+', '.', ';', '/', '*']).trim_end_matches('*').to_owned());
        rest = &rest[end + 1..];
    }
    written.push_str(&fixed(rest));
    Ok((written, names))
}

/// Whether the path's template has a parameter of this name.
pub(crate) fn has_parameter(path: &str, name: &str) -> bool {
    template(path).is_ok_and(|(_, names)| names.iter().any(|known| known == name))
}

/// Fixed text of a template in the one way in which paths are written.
fn fixed(text: &str) -> String {
    text.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// A path in one way of writing: what need not be escaped is not, what must be is.
fn canonical(path: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@|/".contains(&byte);
    if path.bytes().all(plain) { Cow::Borrowed(path) } else { Cow::Owned(fixed(path)) }
}

fn segment(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Cow::Borrowed(text);
    }
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    match String::from_utf8(decoded) {
        Ok(decoded) => Cow::Owned(utf8_percent_encode(&decoded, ESCAPED).to_string()),
        // Bytes that are no text stay as they are; the parameter's check says so.
        Err(_) => Cow::Owned(text.replace('<', "%3C").replace('>', "%3E")),
    }
}

/// The paths of the servers' addresses, those of single paths and operations included.
fn bases(contract: &Contract) -> Vec<String> {
    let own = contract.operations.iter().filter_map(|operation| operation.extensions.get("servers")?.as_array());
    let own = own.flatten().filter_map(|server| {
        let url = server.get("url")?.as_str()?.to_owned();
        let variables = server.get("variables").cloned();
        let extensions = variables.map(|variables| ("variables".to_owned(), variables)).into_iter().collect();
        Some(Server { url, description: None, extensions })
    });
    let mut bases: Vec<String> =
        contract.servers.iter().cloned().chain(own).filter_map(|server| base(&server)).collect();
    bases.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    bases.dedup();
    bases
}

fn base(server: &Server) -> Option<String> {
    let mut url = server.url.clone();
    if let Some(variables) = server.extensions.get("variables").and_then(|variables| variables.as_object()) {
        for (name, variable) in variables {
            let default = variable.get("default").and_then(|default| default.as_str()).unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let path = match url.find("://") {
        Some(scheme) => {
            let rest = &url[scheme + 3..];
            &rest[rest.find('/')?..]
        }
        None => url.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.starts_with('/').then(|| fixed(path))
}

#[cfg(test)]
mod tests;
