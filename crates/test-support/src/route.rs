//! Finds the operation that a request means.

use docwright_contract::model::{Contract, Method, Operation};

/// What a method and a path mean in a contract.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    /// An operation. `HEAD` means the `GET` beside it.
    Operation(&'a Operation),
    /// The contract has the path, with other methods.
    OtherMethods,
    /// The contract does not have the path.
    Unknown,
}

pub(crate) fn find<'a>(contract: &'a Contract, method: &http::Method, path: &str) -> Route<'a> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut fitting: Vec<_> = contract.operations.iter().filter(|operation| fits(&operation.path, path)).collect();
    // The template with the fewest variables says most.
    let variables = |operation: &&Operation| operation.path.matches('{').count();
    let Some(fewest) = fitting.iter().map(variables).min() else { return Route::Unknown };
    fitting.retain(|operation| variables(operation) == fewest);
    let wanted = Method::parse(method.as_str());
    let with = |wanted: Method| fitting.iter().find(|operation| operation.method == wanted);
    let found = wanted.and_then(with).or_else(|| (wanted == Some(Method::Head)).then(|| with(Method::Get)).flatten());
    found.map_or(Route::OtherMethods, |operation| Route::Operation(operation))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(expected, found)| match expected.find('{') {
            None => *expected == found,
            Some(start) => {
                // `{id}` or, rarely, `prefix{id}suffix`.
                let end = expected.rfind('}').map_or(expected.len(), |end| end + 1);
                let (prefix, suffix) = (&expected[..start], &expected[end..]);
                found.len() > prefix.len() + suffix.len() && found.starts_with(prefix) && found.ends_with(suffix)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        for (template, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a", "/A", false),
            ("/a/{id}", "/a/1", true),
            ("/a/{id}", "/a/", false),
            ("/a/{id}", "/a/1/b", false),
            ("/a/{id}/b", "/a/1/b", true),
            ("/a/v{id}.json", "/a/v1.json", true),
            ("/a/v{id}.json", "/a/v.json", false),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }
}
