//! Every operation of a contract is called with a request made from it.

use bytes::Bytes;
use docwright_contract::model::{Contract, Location, Operation, Parameter, RefOr, Schema, SecuritySchemeKind};
use docwright_contract::{read, yaml};
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Mock;
use crate::generate::generate;
use crate::media::{self, Form};
use crate::schemas::Direction;
use crate::xml;

fn encoded(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => return items.iter().map(encoded).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
}

fn sample(mock: &Mock, schema: &Schema) -> Value {
    generate(&mock.schemas, schema, Direction::Request).value
}

fn parameters<'c>(contract: &'c Contract, operation: &'c Operation) -> impl Iterator<Item = &'c Parameter> {
    operation.parameters.iter().map(|parameter| match parameter {
        RefOr::Ref(name) => &contract.parameters[name],
        RefOr::Inline(parameter) => parameter,
    })
}

/// A request that says what it has to and nothing more. `None` where this is not that easy.
fn request(mock: &Mock, operation: &Operation) -> Option<Request<Bytes>> {
    let contract = mock.contract();
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    let mut builder = Request::builder().method(operation.method.as_str());
    for parameter in parameters(contract, operation) {
        let value = sample(mock, &parameter.schema);
        match parameter.location {
            Location::Path => path = path.replace(&format!("{{{}}}", parameter.name), &encoded(&value)),
            Location::Query if parameter.required => {
                if parameter.extensions.contains_key("style") || value.is_object() {
                    return None;
                }
                match &value {
                    Value::Array(items) if parameter.extensions.get("explode") != Some(&Value::Bool(false)) => {
                        query.extend(items.iter().map(|item| format!("{}={}", parameter.name, encoded(item))));
                    }
                    value => query.push(format!("{}={}", parameter.name, encoded(value))),
                }
            }
            Location::Header if parameter.required => {
                builder = builder.header(&parameter.name, value.as_str().map_or(value.to_string(), str::to_owned));
            }
            _ => {}
        }
    }
    let mut cookies = Vec::new();
    for scheme in operation.security.iter().flatten().next().into_iter().flatten().map(|(scheme, _)| scheme) {
        match contract.security_schemes.get(scheme).map(|scheme| &scheme.kind) {
            Some(SecuritySchemeKind::Http { scheme, .. }) => {
                builder = builder.header("authorization", format!("{scheme} x"))
            }
            Some(SecuritySchemeKind::ApiKey { name, location: Location::Header }) => {
                builder = builder.header(name, "x")
            }
            Some(SecuritySchemeKind::ApiKey { name, location: Location::Query }) => query.push(format!("{name}=x")),
            Some(SecuritySchemeKind::ApiKey { name, .. }) => cookies.push(format!("{name}=x")),
            Some(SecuritySchemeKind::Other(_)) => builder = builder.header("authorization", "Bearer x"),
            None => {}
        }
    }
    if !cookies.is_empty() {
        builder = builder.header("cookie", cookies.join("; "));
    }
    let mut body = Bytes::new();
    if let Some(expected) = &operation.request_body
        && let Some((media_type, content)) = expected.content.first()
    {
        let any = Schema::default();
        let schema = content.schema.as_ref().unwrap_or(&any);
        let value = sample(mock, schema);
        body = match Form::of(media_type) {
            Form::Json => value.to_string().into(),
            Form::Xml => xml::write(&mock.schemas, schema, &value).into(),
            Form::Binary => Bytes::from_static(b"x"),
            Form::Text => Bytes::from(value.as_str().unwrap_or("x").to_owned()),
            Form::UrlEncoded | Form::Multipart => return None,
        };
        builder =
            builder.header("content-type", if media::is_range(media_type) { "application/json" } else { media_type });
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    builder.uri(format!("{path}{query}")).body(body).ok()
}

/// What is wrong with an answer, where anything is.
fn complaint(mock: &Mock, operation: &Operation, response: &Response<Bytes>) -> Option<String> {
    let said = || String::from_utf8_lossy(response.body()).chars().take(300).collect::<String>();
    let prepared =
        mock.prepared.iter().zip(&mock.contract().operations).find(|(_, known)| *known == operation)?.0.get()?;
    let usual = prepared.answers.usual()?;
    if response.status() != usual.status {
        return Some(format!("{}: {}", response.status(), said()));
    }
    if let Some(remark) = response.headers().get(&super::REMARK) {
        return Some(format!("remark {remark:?}"));
    }
    let documented = usual.response(mock.contract(), operation)?;
    let content_type = response.headers().get("content-type")?.to_str().ok()?;
    let content = documented.content.get(content_type)?;
    // An example is sent as documented, whatever its schema says.
    let schema = content.schema.as_ref()?;
    if content.example.is_some() || content.extensions.contains_key("examples") {
        return None;
    }
    let value = match Form::of(content_type) {
        Form::Json => serde_json::from_slice(response.body()).map_err(|error| error.to_string()),
        Form::Xml => xml::read(&mock.schemas, schema, response.body()).map_err(|error| format!("{error:?}")),
        _ => return None,
    };
    let validator = mock.schemas.validator(schema, Direction::Answer);
    match (value, &*validator) {
        (Ok(value), Ok(validator)) => validator.validate(&value).err().map(|error| error.to_string()),
        (Err(error), _) => Some(error),
        (_, Err(_)) => None,
    }
}

/// Calls everything; how many operations were called, and what was wrong.
fn sweep(contract: Contract) -> (usize, Vec<String>) {
    let mock = Mock::new(contract);
    let mut called = 0;
    let mut complaints = Vec::new();
    for operation in &mock.contract().operations {
        let Some(request) = request(&mock, operation) else { continue };
        called += 1;
        let response = mock.answer(&request);
        if let Some(complaint) = complaint(&mock, operation, &response) {
            complaints.push(format!("{} {}: {complaint}", operation.method.as_str(), operation.path));
        }
    }
    (called, complaints)
}

fn contract_at(path: &std::path::Path) -> Contract {
    let text = std::fs::read_to_string(path).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|_| yaml::from_str(&text).unwrap());
    read::from_value(&value).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_operation_of_the_workspace_answers() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml");
    let contract = contract_at(&path);
    let count = contract.operations.len();
    assert_eq!(sweep(contract), (count, vec![]));
}

#[expect(clippy::print_stderr, reason = "people who run the test want to know")]
fn say(line: std::fmt::Arguments<'_>) {
    eprintln!("{line}");
}

/// With `DOCWRIGHT_CORPUS` naming a folder of a reference with its contract, calls all of that; with
/// `DOCWRIGHT_CONTRACT` naming an OpenAPI document, all of that.
#[test]
fn every_operation_of_a_large_contract_answers() {
    let corpus = std::env::var_os("DOCWRIGHT_CORPUS").map(std::path::PathBuf::from);
    let of_corpus = corpus.iter().flat_map(|corpus| {
        let below =
            std::fs::read_dir(corpus).into_iter().flatten().flatten().map(|entry| entry.path().join("truth.json"));
        below.chain([corpus.join("truth.json")]).filter(|path| path.exists())
    });
    let paths: Vec<_> = of_corpus.chain(std::env::var_os("DOCWRIGHT_CONTRACT").map(Into::into)).collect();
    if paths.is_empty() {
        say(format_args!("skipped: neither DOCWRIGHT_CORPUS nor DOCWRIGHT_CONTRACT names a large contract"));
    }
    for path in paths {
        let (called, complaints) = sweep(contract_at(&path));
        say(format_args!("{}: {called} operations called", path.display()));
        assert!(
            complaints.is_empty(),
            "{} of {called}:\n{}",
            complaints.len(),
            complaints[..complaints.len().min(60)].join("\n")
        );
    }
}
