//! The keys of a contract (`type: apiKey`) that client and server layer know by their schemes' names alone.

use docwright_contract::Contract;
use docwright_contract::model::{Location, SecuritySchemeKind};

/// Headers of the sign-in, which both have methods and types for, in lower case.
const OWN_HEADERS: &[&str] = &["authorization", "so-apptoken", "x-xsrf-token"];
/// The same, of cookies.
const OWN_COOKIES: &[&str] = &["session", "__Host-session"];

/// A key that is not part of the sign-in that the hand-written support knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Key<'a> {
    /// The security scheme's name.
    pub(crate) scheme: &'a str,
    /// Where it travels: header, query or cookie.
    pub(crate) location: Location,
    pub(crate) name: &'a str,
}

/// All of them, in the contract's order.
pub(crate) fn keys(contract: &Contract) -> Vec<Key<'_>> {
    let schemes = contract.security_schemes.iter();
    let keys = schemes.filter_map(|(scheme, declared)| match &declared.kind {
        SecuritySchemeKind::ApiKey { location, name } => Some(Key { scheme, location: *location, name }),
        _ => None,
    });
    keys.filter(|key| !is_own(key)).collect()
}

fn is_own(key: &Key<'_>) -> bool {
    match key.location {
        Location::Header => OWN_HEADERS.contains(&key.name.to_ascii_lowercase().as_str()),
        Location::Cookie => OWN_COOKIES.contains(&key.name),
        Location::Query => false,
        // No key can be there.
        Location::Path => true,
    }
}

#[cfg(test)]
mod tests {
    use docwright_contract::read;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_the_support_knows_by_itself_are_left_away() {
        let scheme = |place: &str, name: &str| json!({ "type": "apiKey", "in": place, "name": name });
        let document = json!({
            "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {},
            "components": { "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic" },
                "ticket": scheme("header", "authorization"),
                "app": scheme("header", "SO-AppToken"),
                "xsrf": scheme("header", "X-XSRF-TOKEN"),
                "session": scheme("cookie", "session"),
                "key": scheme("header", "X-Key"),
                "sid": scheme("cookie", "sid"),
                "query": scheme("query", "authorization"),
            } },
        });
        let contract = read::from_value(&document).unwrap();
        let found: Vec<_> = keys(&contract).iter().map(|key| (key.scheme, key.location, key.name)).collect();
        let expected = [
            ("key", Location::Header, "X-Key"),
            ("sid", Location::Cookie, "sid"),
            ("query", Location::Query, "authorization"),
        ];
        assert_eq!(found, expected);
    }
}
