//! Values of the configuration that are more than a text.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::Uri;
use serde::{Deserialize, Deserializer, Serialize, de};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::store::Kind;

/// Declares (de)serialisation as a text.
macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

/// Reads the URL of a database that this build can open. It may hold a password: no error shows it.
pub(super) fn database_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let url = String::deserialize(from)?;
    let unknown = || de::Error::custom(format!("expected {}", Kind::URLS));
    match Kind::of(&url).ok_or_else(unknown)? {
        Kind::Sqlite => {
            let file = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
            if file.is_none_or(str::is_empty) {
                return Err(unknown());
            }
            SqliteConnectOptions::from_str(&url).map_err(de::Error::custom)?;
        }
        Kind::Postgres => {
            PgConnectOptions::from_str(&url).map_err(de::Error::custom)?;
        }
    }
    Ok(url)
}

/// Addresses that begin with the same bits: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

as_text!(Network);

impl Network {
    /// Whether the address belongs to the network. An IPv4 address that is written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = u32::from(self.prefix_bits);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = u32::from(network) ^ u32::from(address);
                differing.checked_shr(32 - bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = u128::from(network) ^ u128::from(address);
                differing.checked_shr(128 - bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected an address or a network such as `10.0.0.0/8`, found `{text}`");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| expected())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match bits {
            None => most,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(expected)?,
        };
        Ok(Self { address, prefix_bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// Where callers reach the service: `https://chat.example.com`, without a path.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(WebOrigin);

as_text!(PublicUrl);

impl PublicUrl {
    /// Whether callers come over TLS, which a proxy in front of the service ends.
    pub fn is_https(&self) -> bool {
        self.0.0.starts_with("https://")
    }

    /// The text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_suffix('/').unwrap_or(text).parse().map(Self)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A web origin, as browsers send it: `https://app.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebOrigin(String);

as_text!(WebOrigin);

impl WebOrigin {
    /// The text, in lower case and without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected `https://host` or `http://host:port` without a path, found `{text}`");
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let authority = uri.authority().ok_or_else(expected)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        // A browser never sends user names; a path, also `/`, would match no `Origin` header.
        let is_plain = !authority.as_str().contains('@') && !text.ends_with('/') && matches!(uri.path(), "" | "/");
        let is_plain = is_plain && uri.query().is_none() && !text.contains('#') && !authority.host().is_empty();
        if is_web && is_plain { Ok(Self(text.to_ascii_lowercase())) } else { Err(expected()) }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_addresses() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{network} {address}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0.0/", "::/129", "proxy", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_scheme_host_and_port() {
        for (text, expected) in [
            ("https://App.example.com", Some("https://app.example.com")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("https://app.example.com/", None),
            ("https://app.example.com/chat", None),
            ("https://user@app.example.com", None),
            ("https://app.example.com?x", None),
            ("ftp://app.example.com", None),
            ("app.example.com", None),
            ("null", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<WebOrigin>().ok().as_ref().map(WebOrigin::as_str), expected, "{text}");
        }
        let url: PublicUrl = "https://chat.example.com/".parse().unwrap();
        assert_eq!((url.as_str(), url.is_https()), ("https://chat.example.com", true));
    }
}
