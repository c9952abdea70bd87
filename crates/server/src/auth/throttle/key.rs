//! What failures are counted by.

use std::net::{IpAddr, Ipv6Addr};

use sha2::{Digest as _, Sha256};

use crate::auth::SecretHash;

/// Stands for a user name: names themselves are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name([u8; 16]);

impl Name {
    pub(crate) fn of(user: &str) -> Self {
        Self(half(Sha256::digest(user).into()))
    }
}

/// An IPv4 address, or the first bits of an IPv6 one. `None` where the address is not known.
pub(super) type Party = Option<IpAddr>;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A user name from a party, by so many bits.
    Pair(Name, Party, u32),
    /// A user name in a browser in which that user signed in before.
    Device(Name, [u8; 16]),
    /// A party, whatever names.
    Party(Party, u32),
    /// A user name, from wherever.
    Name(Name),
}

impl Key {
    pub(super) fn device(name: Name, device: SecretHash) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(device.bytes());
        Self::Device(name, half(bytes))
    }
}

fn half(bytes: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}

/// The first bits of an IPv6 address; all of an IPv4 one.
pub(super) fn prefix(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> bits))),
        address => address,
    }
}

/// What one caller has to itself: an IPv4 address, 64 bits of an IPv6 one.
pub(crate) fn own_part(address: IpAddr) -> IpAddr {
    prefix(address, 64)
}
