//! How many connections there may be, in all and of one address.

use std::net::{IpAddr, Ipv6Addr};

use crate::config::Network;
use crate::limits::Limits;
use crate::tally::{Permit, Tally};

/// The network that one caller of IPv6 has at least: within it the caller chooses addresses freely.
const IPV6_NETWORK: u128 = !0 << 64;

/// Counts connections.
pub(crate) struct Connections {
    all: Tally<()>,
    by_address: Tally<IpAddr>,
    proxies: Vec<Network>,
}

/// A connection that is counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Connected {
    _all: Permit<()>,
    _by_address: Option<Permit<IpAddr>>,
}

impl Connections {
    /// `proxies` are trusted ones: all their callers share an address, so that only the limit of all counts.
    pub(crate) fn new(limits: &Limits, proxies: &[Network]) -> Self {
        Self {
            all: Tally::new(limits.max_connections),
            by_address: Tally::new(limits.max_connections_per_address),
            proxies: proxies.to_vec(),
        }
    }

    /// Counts one more; none where as many are open as may.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Connected> {
        let by_address = match self.proxies.iter().any(|network| network.contains(address)) {
            true => None,
            false => Some(self.by_address.enter(counted_as(address))?),
        };
        Some(Connected { _all: self.all.enter(())?, _by_address: by_address })
    }
}

/// The address that stands for all that one caller can have.
pub(crate) fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & IPV6_NETWORK).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_in_all_and_by_address() {
        let limits = Limits { max_connections: 5, max_connections_per_address: 1, ..Limits::default() };
        let connections = Connections::new(&limits, &["10.0.0.0/8".parse().unwrap()]);
        let mut open = Vec::new();
        for (address, expected) in [
            ("192.0.2.1", true),
            ("192.0.2.1", false),
            ("::ffff:192.0.2.1", false),
            ("192.0.2.2", true),
            ("2001:db8:0:1::1", true),
            ("2001:db8:0:1:ffff::2", false),
            // A proxy has many callers.
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            // Five are open.
            ("10.0.0.1", false),
            ("192.0.2.3", false),
        ] {
            let entered = connections.enter(address.parse().unwrap());
            assert_eq!(entered.is_some(), expected, "{address}");
            open.extend(entered);
        }
        open.clear();
        assert!(connections.enter("192.0.2.1".parse().unwrap()).is_some(), "closed ones no longer count");
    }
}
