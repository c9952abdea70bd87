//! Whether a request carries what signs in. Only that it is there: a mock knows nobody.
//!
//! A contract may ask for two schemes at once that live in the same place, `Authorization` mostly. No request can hold both,
//! so one of them is enough there.

use docwright_contract::model::{Contract, Location, Operation, SecuritySchemeKind};
use serde_json::Value;

use crate::parameters::Said;

/// Ways to sign in, one of which is enough.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    alternatives: Vec<Vec<Credential>>,
}

/// One thing that a caller presents.
#[derive(Clone, Debug, PartialEq)]
struct Credential {
    /// The name of the scheme in the contract.
    scheme: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// `Authorization: SCHEME …`.
    Authorization(String),
    Key {
        name: String,
        location: Location,
    },
    /// Nothing that a request shows.
    Unseen,
}

impl Expected {
    /// What the operation asks for. A scheme that the contract does not have asks for nothing, and is
    /// reported when the mock starts.
    pub(crate) fn of(contract: &Contract, operation: &Operation) -> Self {
        let alternatives = operation.security.iter().flatten();
        let alternatives = alternatives.map(|alternative| {
            let schemes =
                alternative.keys().map(|name| Credential { scheme: name.clone(), place: place(contract, name) });
            schemes.collect()
        });
        Self { alternatives: alternatives.collect() }
    }

    /// Names of query parameters that sign in.
    pub(crate) fn query_names(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().flatten().filter_map(|credential| match &credential.place {
            Place::Key { name, location: Location::Query } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether one of the alternatives is there as a whole, with one credential for each place.
    pub(crate) fn is_presented(&self, said: &Said<'_>) -> bool {
        let is_whole = |all: &Vec<Credential>| {
            all.iter().all(|credential| {
                let mut same = all.iter().filter(|other| other.place.is_shared_with(&credential.place));
                same.any(|other| other.place.is_presented(said))
            })
        };
        self.alternatives.is_empty() || self.alternatives.iter().any(is_whole)
    }

    /// Schemes that are asked for at once and share a place, as a list for people; none where there are no such.
    pub(crate) fn shared(&self) -> impl Iterator<Item = String> {
        self.alternatives.iter().flat_map(|all| {
            all.iter().enumerate().filter_map(|(index, credential)| {
                let shares =
                    |other: &&Credential| other.place != Place::Unseen && other.place.is_shared_with(&credential.place);
                let names: Vec<_> =
                    all[index..].iter().filter(shares).map(|other| format!("`{}`", other.scheme)).collect();
                (names.len() > 1 && !all[..index].iter().any(|other| shares(&other))).then(|| names.join(" and "))
            })
        })
    }

    /// What would have been enough, in words.
    pub(crate) fn wanted(&self) -> String {
        let alternatives: Vec<String> = self
            .alternatives
            .iter()
            .map(|all| {
                let mut places: Vec<(&Place, Vec<String>)> = Vec::new();
                for credential in all {
                    match places.iter_mut().find(|(place, _)| place.is_shared_with(&credential.place)) {
                        Some((_, wanted)) => wanted.push(credential.wanted()),
                        None => places.push((&credential.place, vec![credential.wanted()])),
                    }
                }
                let places = places.into_iter().map(|(_, wanted)| wanted.join(" or else "));
                places.collect::<Vec<_>>().join(" together with ")
            })
            .collect();
        format!("expected {}", alternatives.join(", or "))
    }

    /// The values of `WWW-Authenticate`.
    pub(crate) fn challenges(&self) -> Vec<String> {
        let mut challenges = Vec::new();
        for credential in self.alternatives.iter().flatten() {
            let challenge = match &credential.place {
                Place::Authorization(scheme) if scheme.eq_ignore_ascii_case("digest") => {
                    r#"Digest realm="mock", nonce="mock", qop="auth""#.to_owned()
                }
                Place::Authorization(scheme) => format!("{} realm=\"mock\"", capitalized(scheme)),
                Place::Key { name, location } => {
                    format!(
                        "ApiKey realm=\"mock\", in=\"{}\", name=\"{}\"",
                        location.as_str(),
                        name.replace(['"', '\\'], "_")
                    )
                }
                Place::Unseen => continue,
            };
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        challenges
    }
}

/// `basic` as people write it.
fn capitalized(scheme: &str) -> String {
    let mut chars = scheme.chars().filter(|c| c.is_ascii_graphic());
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn place(contract: &Contract, scheme: &str) -> Place {
    match contract.security_schemes.get(scheme).map(|scheme| &scheme.kind) {
        Some(SecuritySchemeKind::Http { scheme, .. }) => Place::Authorization(scheme.clone()),
        Some(SecuritySchemeKind::ApiKey { name, location }) => Place::Key { name: name.clone(), location: *location },
        Some(SecuritySchemeKind::Other(other)) => match other.get("type").and_then(Value::as_str) {
            Some("oauth2" | "openIdConnect") => Place::Authorization("bearer".to_owned()),
            // Swagger 2.0's word for `http` with `basic`.
            Some("basic") => Place::Authorization("basic".to_owned()),
            _ => Place::Unseen,
        },
        None => Place::Unseen,
    }
}

/// Whether a scheme of this kind can be seen in a request.
pub(crate) fn is_seen(contract: &Contract, scheme: &str) -> bool {
    place(contract, scheme) != Place::Unseen
}

impl Place {
    /// Whether one request can hold only one of the two.
    fn is_shared_with(&self, other: &Self) -> bool {
        let header = |place: &Self| match place {
            Self::Authorization(_) => Some("authorization".to_owned()),
            Self::Key { name, location: Location::Header } => Some(name.to_ascii_lowercase()),
            _ => None,
        };
        self == other || header(self).is_some_and(|name| header(other) == Some(name))
    }

    fn is_presented(&self, said: &Said<'_>) -> bool {
        match self {
            Self::Authorization(scheme) => said.headers.get_all(http::header::AUTHORIZATION).iter().any(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                let (found, rest) = value.trim().split_once(' ').unwrap_or((&value, ""));
                found.eq_ignore_ascii_case(scheme) && !rest.trim().is_empty()
            }),
            Self::Key { name, location } => match location {
                Location::Header => said.headers.get(name.as_str()).is_some_and(|value| !value.is_empty()),
                Location::Query => said.query.iter().any(|(known, value)| known == name && !value.is_empty()),
                Location::Cookie => said.cookies.iter().any(|(known, value)| known == name && !value.is_empty()),
                Location::Path => true,
            },
            Self::Unseen => true,
        }
    }
}

impl Credential {
    fn wanted(&self) -> String {
        let scheme = &self.scheme;
        match &self.place {
            Place::Authorization(kind) => format!("`{scheme}` (header `Authorization: {} …`)", capitalized(kind)),
            Place::Key { name, location } => {
                let place = if *location == Location::Query { "query parameter" } else { location.as_str() };
                format!("`{scheme}` ({place} `{name}`)")
            }
            Place::Unseen => format!("`{scheme}`"),
        }
    }
}

#[cfg(test)]
mod tests;
