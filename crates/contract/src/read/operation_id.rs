//! Names for operations that have none, from their method and path.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::model::Operation;

/// The extension that marks an operation whose id was derived.
pub const DERIVED: &str = "x-derived-operation-id";

/// Ids for the operations without one, by index. Each depends on the operation's own method and
/// path, and on nothing else unless another operation is called the same.
pub(super) fn derive(operations: &[Operation]) -> Vec<(usize, String)> {
    let nameless = || operations.iter().enumerate().filter(|(_, operation)| operation.operation_id.is_empty());
    let stated: HashSet<&str> = operations.iter().map(|operation| operation.operation_id.as_str()).collect();
    let mut wanted = HashMap::<String, usize>::new();
    for (_, operation) in nameless() {
        *wanted.entry(plain(operation)).or_default() += 1;
    }
    let id = |operation: &Operation| {
        let plain = plain(operation);
        if wanted[&plain] == 1 && !stated.contains(plain.as_str()) {
            return plain;
        }
        let digest = Sha256::digest(format!("{} {}", operation.method.as_str(), operation.path));
        let marks: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{plain}_{marks}")
    };
    nameless().map(|(index, operation)| (index, id(operation))).collect()
}

/// `GET /pets/{petId}/toys` becomes `getPetsByPetIdToys`.
fn plain(operation: &Operation) -> String {
    let mut id = operation.method.key().to_owned();
    for segment in operation.path.split('/') {
        let mut is_parameter = false;
        for part in segment.split_inclusive(['{', '}']) {
            if is_parameter {
                id.push_str("By");
            }
            is_parameter = part.ends_with('{');
            for word in part.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
                id.push_str(&word[..1].to_ascii_uppercase());
                id.push_str(&word[1..]);
            }
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::derive;
    use crate::model::{Method, Operation};

    fn operation(method: Method, path: &str, id: &str) -> Operation {
        Operation {
            operation_id: id.to_owned(),
            method,
            path: path.to_owned(),
            tags: Vec::new(),
            summary: None,
            description: None,
            deprecated: false,
            parameters: Vec::new(),
            request_body: None,
            responses: indexmap::IndexMap::new(),
            security: None,
            extensions: crate::model::Extensions::new(),
        }
    }

    #[test]
    fn ids_come_from_method_and_path() {
        for (method, path, expected) in [
            (Method::Get, "/pets/{petId}/toys", "getPetsByPetIdToys"),
            (Method::Post, "/", "post"),
            (Method::Put, "/a-b/{from}..{to}.json", "putABByFromByToJson"),
        ] {
            assert_eq!(derive(&[operation(method, path, "")]), [(0, expected.to_owned())]);
        }
    }

    #[test]
    fn ids_differ_whatever_the_order() {
        let (a, b) = (operation(Method::Get, "/a/b", ""), operation(Method::Get, "/a-b", ""));
        let ids = |operations: &[Operation]| -> Vec<_> { derive(operations).into_iter().map(|(_, id)| id).collect() };
        let mut turned = ids(&[b.clone(), a.clone()]);
        turned.reverse();
        assert_eq!(ids(&[a.clone(), b]), turned);
        assert_ne!(turned[0], turned[1]);
        // Nor is a stated id taken twice.
        let taken = derive(&[a, operation(Method::Put, "/x", "getAB")]);
        assert!(taken[0].1.starts_with("getAB_"), "{taken:?}");
    }
}
