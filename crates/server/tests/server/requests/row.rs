//! The form of the rows.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) request: Vec<Row>,
}

/// A request, and what its answer must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// What is proved.
    pub(super) name: String,
    /// The operation; both where nothing is said.
    on: Option<Operation>,
    /// A path of neither operation, or one with a query.
    pub(super) path: Option<String>,
    /// Another method than the operation's.
    pub(super) method: Option<String>,
    /// Who signs in: `user:password`, `ticket`, `bearer`, `session`…, or nobody (``). Default: tje0.
    #[serde(rename = "as", default = "tje0")]
    pub(super) sign_in: String,
    /// Headers of the request, in order.
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    /// Its body.
    pub(super) body: Option<String>,
    /// A body of so many bytes.
    pub(super) body_bytes: Option<usize>,
    /// Whether the body comes in pieces, without a length.
    #[serde(default)]
    pub(super) chunked: bool,
    /// Keys of the configuration that differ from the default.
    #[serde(default)]
    pub(super) config: toml::Table,
    /// The status of the answer.
    status: Option<u16>,
    /// Its status where the operations differ.
    list_status: Option<u16>,
    pickup_status: Option<u16>,
    /// Headers of the answer: the value, or with `~` before it a part of it in any case.
    #[serde(default)]
    pub(super) answer_headers: BTreeMap<String, String>,
    /// Values in a JSON answer, by their path; of a list, in its first item.
    #[serde(default)]
    pub(super) facts: BTreeMap<String, Fact>,
    /// What the body holds somewhere.
    #[serde(default)]
    pub(super) contains: Vec<String>,
    /// What it does not.
    #[serde(default)]
    pub(super) lacks: Vec<String>,
}

/// A value of any JSON type; `"null"` stands for null.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "serde_json::Value")]
pub(super) struct Fact(pub(super) serde_json::Value);

impl From<serde_json::Value> for Fact {
    fn from(value: serde_json::Value) -> Self {
        Self(if value == "null" { serde_json::Value::Null } else { value })
    }
}

/// The operations of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Operation {
    /// `GET …/ForCurrentUser`
    List,
    /// `POST …/Pickup`
    Pickup,
}

impl Row {
    pub(super) fn operations(&self) -> Vec<Operation> {
        match self.on {
            Some(operation) => vec![operation],
            None => vec![Operation::List, Operation::Pickup],
        }
    }

    /// Whether its errors are translated already, or it is about the headers that say into which language.
    pub(super) fn asks_for_a_language(&self) -> bool {
        self.headers.iter().any(|(name, _)| ["so-language", "accept-language"].contains(&name.to_lowercase().as_str()))
    }

    pub(super) fn status_for(&self, operation: Operation) -> u16 {
        let own = match operation {
            Operation::List => self.list_status,
            Operation::Pickup => self.pickup_status,
        };
        own.or(self.status).unwrap_or(200)
    }
}

fn tje0() -> String {
    "tje0:Tje0".to_owned()
}
