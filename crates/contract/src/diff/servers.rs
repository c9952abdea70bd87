//! Addresses of the API.

use super::components::{Comparison, Sides};
use super::place::{At, Step};
use super::schema::extensions;
use super::{rules, words};
use crate::model::{Contract, Server};

/// What an address is put together from.
const VARIABLES: &str = "variables";

pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (all(comparison.base), all(comparison.revision));
    let root = At::document();
    let find = |servers: &[(String, Server)], url: &str| servers.iter().position(|(other, _)| other == url);
    let changed =
        [(&rules::SERVER_ADDED, Sides::Revision, &new, &old), (&rules::SERVER_REMOVED, Sides::Base, &old, &new)];
    for (rule, side, have, lack) in changed {
        for (url, _) in have.iter().filter(|(url, _)| find(lack, url).is_none()) {
            let name = subject(url);
            comparison.plain(rule, &root.then(Step::Named(&name, "/servers")), side, (None, None));
        }
    }
    for (url, server) in &new {
        let Some((_, before)) = find(&old, url).map(|index| &old[index]) else { continue };
        let name = subject(url);
        let at = root.then(Step::Named(&name, "/servers"));
        if words::texts_differ(before.description.as_deref(), server.description.as_deref()) {
            comparison.plain(&rules::DESCRIPTION_CHANGED, &at, Sides::Both, (None, None));
        }
        extensions(comparison, &before.extensions, &server.extensions, &[VARIABLES], &at);
        let (a, b) = (before.extensions.get(VARIABLES), server.extensions.get(VARIABLES));
        if a != b {
            let [a, b] = words::values([a, b]).map(|value| value.map(|value| format!("{VARIABLES}: {value}")));
            comparison.plain(&rules::SERVER_VARIABLES, &at, Sides::Both, (a, b));
        }
    }
    // Tools call the first address where nobody chooses one.
    if let (Some((first, _)), Some((now, _))) = (old.first(), new.first())
        && first != now
        && find(&new, first).is_some()
    {
        let at = root.then(Step::Named("servers", "/servers"));
        let values = (Some(shown(first).to_owned()), Some(shown(now).to_owned()));
        comparison.plain(&rules::SERVER_ORDER, &at, Sides::Both, values);
    }
}

/// The servers with their addresses. Without any, the document's own address is the only one.
fn all(contract: &Contract) -> Vec<(String, Server)> {
    let servers = contract.servers.iter();
    let all: Vec<(String, Server)> =
        servers.map(|server| (server.url.trim_end_matches('/').to_owned(), server.clone())).collect();
    if all.is_empty() { vec![(String::new(), Server::default())] } else { all }
}

fn shown(url: &str) -> &str {
    if url.is_empty() { "/" } else { url }
}

fn subject(url: &str) -> String {
    format!("server {}", shown(url))
}
