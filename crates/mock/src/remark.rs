//! What the mock cannot do with a contract, found when it starts.

use std::collections::BTreeSet;
use std::fmt;

use docwright_contract::model::{Contract, Location, MediaType, Operation, RefOr, Response};
use serde_json::Value;

use crate::answers::{Answers, example_value};
use crate::router::Unroutable;
use crate::security;

/// Something in a contract that the mock cannot serve, or serves otherwise than it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: String,
    /// What is the matter.
    pub message: String,
    /// Whether the operation is not served at all.
    pub unserved: bool,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.unserved { "not served" } else { "served in part" };
        write!(f, "{kind}: `{}`: {}", self.pointer, self.message)
    }
}

/// Everything that can be said without making an answer.
pub(crate) fn remarks(contract: &Contract, unroutable: &[Unroutable]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for Unroutable { index, reason } in unroutable {
        let pointer = pointer(&contract.operations[*index]);
        remarks.push(Remark { pointer, message: reason.clone(), unserved: true });
    }
    let mut unseen = BTreeSet::new();
    let mut shared = BTreeSet::new();
    for (index, operation) in contract.operations.iter().enumerate() {
        if unroutable.iter().any(|unroutable| unroutable.index == index) {
            continue;
        }
        let mut remark = |below: &str, message: String| {
            let pointer = format!("{}{below}", pointer(operation));
            remarks.push(Remark { pointer, message, unserved: false });
        };
        parameters(contract, operation, &mut remark);
        if Answers::of(contract, operation).usual().is_none() {
            remark("/responses", "no answer with a status of 200 or above is documented; 501 is sent".to_owned());
        }
        for (status, response) in &operation.responses {
            if let RefOr::Inline(response) = response {
                examples(contract, status, response, &mut remark);
            }
        }
        let schemes = operation.security.iter().flatten().flat_map(|alternative| alternative.keys());
        shared.extend(security::Expected::of(contract, operation).shared());
        unseen.extend(schemes.filter(|scheme| !security::is_seen(contract, scheme)));
    }
    for schemes in shared {
        let message = format!("{schemes} are asked for at once in one place, which holds one: any of them is enough");
        remarks.push(Remark { pointer: "#/components/securitySchemes".to_owned(), message, unserved: false });
    }
    for scheme in unseen {
        let message = if contract.security_schemes.contains_key(scheme) {
            "nothing in a request shows this way to sign in; it counts as there"
        } else {
            "no scheme of this name is described; it counts as there"
        };
        let pointer = format!("#/components/securitySchemes/{}", token(scheme));
        remarks.push(Remark { pointer, message: message.to_owned(), unserved: false });
    }
    remarks
}

fn parameters(contract: &Contract, operation: &Operation, remark: &mut impl FnMut(&str, String)) {
    for parameter in &operation.parameters {
        let parameter = match parameter {
            RefOr::Ref(name) => match contract.parameters.get(name) {
                Some(parameter) => parameter,
                None => continue,
            },
            RefOr::Inline(parameter) => parameter,
        };
        if parameter.location == Location::Path && !crate::router::has_parameter(&operation.path, &parameter.name) {
            let message = format!("the path has no parameter `{}`, which is not checked", parameter.name);
            remark("/parameters", message);
        }
    }
}

fn examples(contract: &Contract, status: &str, response: &Response, remark: &mut impl FnMut(&str, String)) {
    for (media_type, MediaType { extensions, .. }) in &response.content {
        let named = extensions.get("examples").and_then(Value::as_object).into_iter().flatten();
        for (name, example) in named {
            if example_value(contract, example).is_none() {
                let below = format!("/responses/{status}/content/{}/examples/{}", token(media_type), token(name));
                remark(&below, "the example stands elsewhere and is not sent".to_owned());
            }
        }
    }
}

fn pointer(operation: &Operation) -> String {
    format!("#/paths/{}/{}", token(&operation.path), operation.method.key())
}

fn token(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}
