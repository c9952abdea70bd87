//! Where the sources of the contract differ, for `check`: in the words of `diff`, with lines.

use std::collections::HashMap;

use docwright_contract::Contract;
use docwright_contract::diff::{Drift, Spot};

use super::side::Fetched;
use crate::report;
use crate::workspace::Workspace;

/// How the committed `openapi.yaml` differs from the documents; no line where only its form does.
pub(crate) fn from_documents(
    workspace: &Workspace,
    (text, committed): (&str, &Contract),
    documents: &Contract,
) -> Vec<String> {
    let Some(drift) = Drift::between(("openapi.yaml", committed), ("documents", documents)) else { return Vec::new() };
    let contract = Fetched::own_contract(text.to_owned());
    let pages = Fetched::own_documents(workspace);
    let found = contract.open().map(|opened| opened.find(drift.spots()));
    // Lines are a help; without them the difference is still told.
    match &pages {
        Ok(pages) => {
            let pages = pages.open().map(|opened| opened.find(drift.spots()));
            drift.lines([&or_none(found), &or_none(pages)])
        }
        Err(error) => {
            report::error(error);
            drift.lines([&or_none(found), &HashMap::new()])
        }
    }
}

/// How what the server layer says of itself differs from the contract, whose text gives the lines.
pub(crate) fn from_server(contract: (Option<&str>, &Contract), server: (&str, &Contract)) -> Vec<String> {
    let (text, contract) = contract;
    let Some(drift) = Drift::between(("openapi.yaml", contract), server) else { return Vec::new() };
    let fetched = text.map(|text| Fetched::own_contract(text.to_owned()));
    let found = fetched.as_ref().map(|fetched| or_none(fetched.open().map(|opened| opened.find(drift.spots()))));
    drift.lines([&found.unwrap_or_default(), &HashMap::new()])
}

fn or_none(found: anyhow::Result<HashMap<&Spot, String>>) -> HashMap<&Spot, String> {
    found.unwrap_or_else(|error| {
        report::error(&error);
        HashMap::new()
    })
}
