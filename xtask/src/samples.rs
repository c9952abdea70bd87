//! Validates the examples of a contract against its schemas.

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::json_schema;
use docwright_contract::model::{Additional, MediaType, RefOr, Schema, Type};
use docwright_contract::report::{Direction, SampleBreak};
use indexmap::IndexMap;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

/// A complaint for each example that its own schema refuses.
pub(crate) fn check(contract: &Contract) -> Vec<String> {
    let breaks = match breaks(contract) {
        Ok(breaks) => breaks,
        Err(complaint) => return vec![complaint],
    };
    let complaint = |broken: SampleBreak| {
        format!(
            "error[sample]: the {} of `{}` breaks its schema at `{}`: {}\n  help: mend the sample or the table of the \
             page",
            broken.direction.name(),
            broken.operation_id,
            broken.pointer,
            broken.message
        )
    };
    breaks.into_iter().map(complaint).collect()
}

/// Every value in an example that its own schema refuses, or a complaint about the schemas
/// themselves.
///
/// All examples are validated as the members of one object whose properties are their schemas: so
/// each component is compiled once, however many operations use it.
pub(crate) fn breaks(contract: &Contract) -> Result<Vec<SampleBreak>, String> {
    let samples = samples(contract);
    let mut schemas = IndexMap::new();
    let mut values = Map::new();
    for (index, sample) in samples.iter().enumerate() {
        schemas.insert(index.to_string(), sample.schema.clone());
        values.insert(index.to_string(), sample.example.clone());
    }
    let all =
        Schema::new(Type::Object { properties: schemas, required: BTreeSet::new(), additional: Additional::Unstated });
    let schema = json_schema::for_schema(contract, &all);
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|error| format!("error[schema]: the contract has no valid schemas: {error}"))?;
    let values = Value::Object(values);
    let mut breaks = Vec::new();
    for error in validator.iter_errors(&values) {
        for cause in causes(&error) {
            // `/7/User/Name`: the sample's index, then where in the sample.
            let path = cause.instance_path().as_str().trim_start_matches('/');
            let (index, pointer) = path.split_at(path.find('/').unwrap_or(path.len()));
            let Some(sample) = index.parse::<usize>().ok().and_then(|index| samples.get(index)) else { continue };
            breaks.push(SampleBreak {
                operation_id: sample.operation_id.to_owned(),
                direction: sample.direction,
                pointer: pointer.to_owned(),
                keyword: cause.kind().keyword().to_owned(),
                message: cause.to_string(),
            });
        }
    }
    Ok(breaks)
}

/// What is really wrong: a nullable carrier is a choice of itself and null, of which only the first
/// tells anything.
fn causes<'e>(error: &'e ValidationError<'e>) -> Vec<&'e ValidationError<'e>> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } => match context.first() {
            Some(first) if !first.is_empty() => first.iter().flat_map(causes).collect(),
            _ => vec![error],
        },
        _ => vec![error],
    }
}

/// An example with its schema.
struct Sample<'c> {
    operation_id: &'c str,
    direction: Direction,
    schema: &'c Schema,
    example: &'c Value,
}

fn samples(contract: &Contract) -> Vec<Sample<'_>> {
    let mut samples = Vec::new();
    for operation in &contract.operations {
        let requests = operation.request_body.iter().flat_map(|body| body.content.values());
        let responses = operation.responses.values().filter_map(|response| match response {
            RefOr::Inline(response) => Some(response),
            RefOr::Ref(name) => contract.responses.get(name),
        });
        let responses = responses.flat_map(|response| response.content.values());
        let sent = requests.map(|content| (Direction::Request, content));
        let answered = responses.map(|content| (Direction::Response, content));
        for (direction, MediaType { schema, example, .. }) in sent.chain(answered) {
            if let (Some(schema), Some(example)) = (schema, example) {
                samples.push(Sample { operation_id: &operation.operation_id, direction, schema, example });
            }
        }
    }
    samples
}
