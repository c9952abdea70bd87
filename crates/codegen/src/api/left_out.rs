//! What the contract says and the server layer does not do, for `COVERAGE.md`.

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::model::{Location, RefOr, Response, Schema, Type};

use super::operation::{Endpoint, Layer};
use crate::Error;
use crate::client::{Kind, LeftOut};

/// What every error of the layer's own says, as `error_body` of its support does.
const ERROR_MEMBERS: [&str; 4] = ["Error", "ErrorMessage", "ErrorSource", "ErrorType"];

/// Headers of answers that the layer sends by itself, in lower case.
const SENT: [&str; 6] = ["allow", "content-language", "content-type", "retry-after", "vary", "www-authenticate"];

/// What the contract says and the server layer does not.
///
/// # Errors
/// As [`generate`](super::generate).
pub fn left_out(contract: &Contract) -> Result<Vec<LeftOut>, Error> {
    let layer = Layer::of(contract)?;
    let mut all = general(contract);
    for endpoint in &layer.operations {
        let of_operation = |(kind, text)| {
            let operation = Some(endpoint.operation.operation_id.clone());
            LeftOut { operation, kind, text }
        };
        all.extend(of_endpoint(contract, endpoint).into_iter().map(of_operation));
    }
    Ok(all)
}

/// What concerns no single operation.
fn general(contract: &Contract) -> Vec<LeftOut> {
    let general = |kind, text| LeftOut { operation: None, kind, text };
    let mut all = Vec::new();
    let answers = contract.operations.iter().flat_map(|operation| &operation.responses);
    let errors = answers.filter(|(status, _)| status.starts_with(['4', '5']) || *status == "default");
    let others: BTreeSet<String> = errors
        .filter_map(|(_, response)| resolved(contract, response))
        .flat_map(|response| response.content.values().filter_map(|content| content.schema.as_ref()))
        .filter(|schema| !is_own_error(contract, schema))
        .map(|schema| match &schema.ty {
            Type::Ref(name) => format!("`{name}`"),
            _ => "one that is written where it is used".to_owned(),
        })
        .collect();
    if !others.is_empty() {
        let others = others.into_iter().collect::<Vec<_>>().join(", ");
        let own = ERROR_MEMBERS.map(|name| format!("`{name}`")).join(", ");
        all.push(general(
            Kind::ServerError,
            format!(
                "errors of the server layer have the members {own}, and not those of the documented body ({others})"
            ),
        ));
    }
    for (name, _) in contract.schemas.iter().filter(|(_, schema)| is_combined(schema)) {
        let text = format!("carrier `{name}`: it combines schemas, and is any JSON value in Rust");
        all.push(general(Kind::Untyped, text));
    }
    all
}

fn is_combined(schema: &Schema) -> bool {
    match &schema.ty {
        Type::AllOf(parts) => parts.len() > 1,
        Type::OneOf(_) | Type::AnyOf(_) => true,
        _ => false,
    }
}

fn is_own_error(contract: &Contract, schema: &Schema) -> bool {
    match &schema.ty {
        Type::Ref(name) => contract.schemas.get(name).is_some_and(|schema| is_own_error(contract, schema)),
        Type::Object { properties, .. } => ERROR_MEMBERS.iter().all(|name| properties.contains_key(*name)),
        _ => false,
    }
}

fn of_endpoint(contract: &Contract, endpoint: &Endpoint<'_>) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    if let Some(body) = endpoint.body.as_ref().filter(|body| !body.refused.is_empty()) {
        let names: Vec<String> = body.refused.iter().map(|name| format!("`{name}`")).collect();
        let text = format!("the server layer refuses a request body of type {} with 415", names.join(", "));
        all.push((Kind::ServerMediaType, text));
    }
    for argument in endpoint.arguments.iter().filter(|argument| argument.is_passed()) {
        let parameter = &argument.parameter;
        let place = place(parameter.location);
        let name = &parameter.name;
        if is_structured(contract, &parameter.schema) {
            let text = if parameter.extensions.contains_key("content") {
                format!("{place} parameter `{name}`: the service gets the text that was sent")
            } else {
                format!(
                    "{place} parameter `{name}`: the server layer does not put an object together from what was sent"
                )
            };
            all.push((Kind::ServerParameter, text));
        }
    }
    let responses = endpoint.operation.responses.iter();
    for (status, response) in responses.filter_map(|(status, response)| Some((status, resolved(contract, response)?))) {
        for header in response.headers.keys().filter(|header| !SENT.contains(&header.to_ascii_lowercase().as_str())) {
            all.push((Kind::ServerHeader, format!("answer {status}: the service cannot send the header `{header}`")));
        }
    }
    all
}

fn place(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// Whether values are neither plain nor lists of plain ones.
fn is_structured(contract: &Contract, schema: &Schema) -> bool {
    match &schema.ty {
        Type::Ref(name) => contract.schemas.get(name).is_some_and(|schema| is_structured(contract, schema)),
        Type::Array { items } => is_structured(contract, items),
        Type::Object { .. } | Type::AllOf(_) => true,
        _ => false,
    }
}

fn resolved<'c>(contract: &'c Contract, response: &'c RefOr<Response>) -> Option<&'c Response> {
    match response {
        RefOr::Ref(name) => contract.responses.get(name),
        RefOr::Inline(response) => Some(response),
    }
}
