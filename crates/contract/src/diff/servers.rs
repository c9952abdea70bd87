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
    let find = |servers: &[Address], wanted: &Address| servers.iter().position(|known| known.is_same(wanted));
    let changed =
        [(&rules::SERVER_ADDED, Sides::Revision, &new, &old), (&rules::SERVER_REMOVED, Sides::Base, &old, &new)];
    for (rule, side, have, lack) in changed {
        for address in have.iter().filter(|address| find(lack, address).is_none()) {
            let name = subject(&address.url);
            comparison.plain(rule, &root.then(Step::Named(&name, "/servers")), side, (None, None));
        }
    }
    for address in &new {
        let Some(before) = find(&old, address).map(|index| &old[index].server) else { continue };
        let server = &address.server;
        let name = subject(&address.url);
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
    if let (Some(first), Some(now)) = (old.first(), new.first())
        && !first.is_same(now)
        && find(&new, first).is_some()
    {
        let at = root.then(Step::Named("servers", "/servers"));
        let values = (Some(shown(&first.url).to_owned()), Some(shown(&now.url).to_owned()));
        comparison.plain(&rules::SERVER_ORDER, &at, Sides::Both, values);
    }
}

/// A server as others are compared with it.
struct Address {
    /// Without a slash at its end.
    url: String,
    /// How many stand before it with the same address, which is nowhere forbidden.
    nth: usize,
    server: Server,
}

impl Address {
    fn is_same(&self, other: &Self) -> bool {
        self.url == other.url && self.nth == other.nth
    }
}

/// The servers with their addresses. Without any, the document's own address is the only one.
fn all(contract: &Contract) -> Vec<Address> {
    let mut all: Vec<Address> = Vec::new();
    for server in &contract.servers {
        let url = server.url.trim_end_matches('/').to_owned();
        let nth = all.iter().filter(|known| known.url == url).count();
        all.push(Address { url, nth, server: server.clone() });
    }
    if all.is_empty() {
        all.push(Address { url: String::new(), nth: 0, server: Server::default() });
    }
    all
}

fn shown(url: &str) -> &str {
    if url.is_empty() { "/" } else { url }
}

fn subject(url: &str) -> String {
    format!("server {}", shown(url))
}
