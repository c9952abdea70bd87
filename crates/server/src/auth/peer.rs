//! Where a request comes from, and whether it came over TLS.
//!
//! `X-Forwarded-For` and `X-Forwarded-Proto` are believed only of proxies that the configuration names: anybody can
//! write them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use chat_api::{Peer, SessionCookie};

use crate::config::{Network, PublicUrl};

/// What stands between the service and its callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    trusted: Arc<[Network]>,
    public_is_https: bool,
}

/// How a request came in; in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The caller's address, where the server told.
    pub(crate) peer: Option<IpAddr>,
    /// Whether the caller speaks TLS, to this service or to a trusted proxy.
    pub(crate) is_secure: bool,
}

impl Connection {
    /// Which cookie carries the browser session here.
    pub(crate) fn session_cookie(self) -> SessionCookie {
        if self.is_secure { SessionCookie::Host } else { SessionCookie::Plain }
    }
}

impl Proxies {
    pub(crate) fn new(trusted: &[Network], public_url: Option<&PublicUrl>) -> Self {
        Self { trusted: trusted.into(), public_is_https: public_url.is_some_and(PublicUrl::is_https) }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    fn connection(&self, neighbour: Option<IpAddr>, headers: &HeaderMap) -> Connection {
        let proxied = neighbour.is_some_and(|address| self.trusts(address));
        let forwarded_proto = || headers.get_all("x-forwarded-proto").iter().next_back()?.to_str().ok();
        let forwarded_tls = proxied && forwarded_proto().is_some_and(|proto| last(proto).eq_ignore_ascii_case("https"));
        let peer = if proxied { neighbour.map(|proxy| self.caller(proxy, headers)) } else { neighbour };
        Connection { peer: peer.map(|peer| peer.to_canonical()), is_secure: self.public_is_https || forwarded_tls }
    }

    /// Each proxy appends who called it: from the end, the first that is no trusted proxy is the caller. What stands
    /// before that is hearsay. Where something is not an address, the proxy that wrote it counts.
    fn caller(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lists: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or("?")).collect();
        let mut caller = proxy;
        for hop in lists.iter().flat_map(|list| list.split(',')).rev() {
            let Some(address) = address(hop) else { break };
            caller = address;
            if !self.trusts(address) {
                break;
            }
        }
        caller
    }
}

/// The address of an element of `X-Forwarded-For`: alone, in brackets, or with a port, as various proxies write it.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let address = match hop.strip_prefix('[').and_then(|hop| hop.split_once(']')) {
        Some((address, port)) => {
            is_port(port).then_some(())?;
            address.parse::<std::net::Ipv6Addr>().ok()?.into()
        }
        None => match hop.parse() {
            Ok(address) => address,
            Err(_) => hop.parse::<std::net::SocketAddrV4>().ok()?.ip().to_owned().into(),
        },
    };
    Some(address)
}

/// Nothing, or a colon and a port.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

fn last(list: &str) -> &str {
    list.rsplit(',').next().unwrap_or(list).trim()
}

/// Puts the [`Connection`] and the [`Peer`] into the request's extensions.
pub(crate) async fn identify_peer(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let neighbour = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let connection = proxies.connection(neighbour, request.headers());
    request.extensions_mut().insert(connection);
    request.extensions_mut().insert(connection.session_cookie());
    if let Some(peer) = connection.peer {
        request.extensions_mut().insert(Peer(peer));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "::1"].iter().map(|text| text.parse().unwrap()).collect();
        let proxies = Proxies::new(&trusted, None);
        for (neighbour, forwarded, proto, expected, is_secure) in [
            ("192.0.2.1", &[][..], "", "192.0.2.1", false),
            ("192.0.2.1", &["203.0.113.9"][..], "https", "192.0.2.1", false),
            ("10.0.0.1", &["203.0.113.9"][..], "https", "203.0.113.9", true),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9"][..], "http", "203.0.113.9", false),
            ("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.9.9.9"][..], "https, http", "203.0.113.9", false),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.9"][..], "http, HTTPS", "203.0.113.9", true),
            ("10.0.0.1", &["203.0.113.9, unknown"][..], "", "10.0.0.1", false),
            ("10.0.0.1", &["\u{e9}"][..], "", "10.0.0.1", false),
            ("10.0.0.1", &[][..], "", "10.0.0.1", false),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"][..], "", "10.0.0.3", false),
            ("::1", &["2001:db8::1"][..], "", "2001:db8::1", false),
            ("::ffff:10.0.0.1", &["203.0.113.9"][..], "", "203.0.113.9", false),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            let connection = proxies.connection(Some(neighbour.parse().unwrap()), &headers);
            let expected = Connection { peer: Some(expected.parse().unwrap()), is_secure };
            assert_eq!(connection, expected, "{neighbour} {forwarded:?} {proto}");
        }
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (hop, expected) in [
            ("203.0.113.9", Some("203.0.113.9")),
            (" 203.0.113.9:51000 ", Some("203.0.113.9")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("\"[2001:db8::1]:443\"", Some("2001:db8::1")),
            ("203.0.113.9:", None),
            ("203.0.113.9:99999", None),
            ("[203.0.113.9]", None),
            ("[2001:db8::1", None),
            ("[2001:db8::1]443", None),
            ("unknown", None),
            ("_hidden", None),
            ("\u{e9}", None),
            ("", None),
        ] {
            assert_eq!(address(hop), expected.map(|text| text.parse().unwrap()), "{hop}");
        }
    }

    #[test]
    fn public_url_tells_of_tls() {
        let https = "https://chat.example.com".parse().unwrap();
        let connection = Proxies::new(&[], Some(&https)).connection(None, &HeaderMap::new());
        assert_eq!(connection, Connection { peer: None, is_secure: true });
    }
}
