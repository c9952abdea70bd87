//! Validates the examples of a contract against its schemas.

use docwright_contract::Contract;
use docwright_contract::json_schema;
use docwright_contract::model::{MediaType, RefOr};

/// A complaint for each example that its own schema refuses.
pub(crate) fn check(contract: &Contract) -> Vec<String> {
    let mut complaints = Vec::new();
    for operation in &contract.operations {
        let id = &operation.operation_id;
        for (media_type, content) in operation.request_body.iter().flat_map(|body| &body.content) {
            check_example(contract, content, &format!("`{id}` request {media_type}"), &mut complaints);
        }
        for (status, response) in &operation.responses {
            let response = match response {
                RefOr::Inline(response) => response,
                RefOr::Ref(name) => match contract.responses.get(name) {
                    Some(response) => response,
                    None => continue,
                },
            };
            for (media_type, content) in &response.content {
                check_example(contract, content, &format!("`{id}` response {status} {media_type}"), &mut complaints);
            }
        }
    }
    complaints
}

fn check_example(contract: &Contract, content: &MediaType, place: &str, complaints: &mut Vec<String>) {
    let (Some(schema), Some(example)) = (&content.schema, &content.example) else { return };
    let schema = json_schema::for_schema(contract, schema);
    match jsonschema::options().should_validate_formats(true).build(&schema) {
        Ok(validator) => complaints.extend(validator.iter_errors(example).map(|error| {
            format!(
                "error[sample]: the sample of {place} breaks its schema at `{}`: {error}\n  help: mend the sample or \
                 the table of the page",
                error.instance_path()
            )
        })),
        Err(error) => complaints.push(format!("error[schema]: {place} has no valid schema: {error}")),
    }
}
