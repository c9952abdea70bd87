//! What it costs to start with a contract of thousands of operations, and to answer.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use docwright_contract::{Contract, emit, read};
use docwright_mock::Mock;
use http::Request;
use serde_json::{Map, Value, json};

const OPERATIONS: usize = 3_000;

/// A contract with an operation to read and one to write of each of so many things.
fn document(operations: usize) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for number in 0..operations / 3 {
        let name = format!("Thing{number}");
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let mut properties = Map::new();
        for property in 0..20 {
            properties
                .insert(format!("Property{property}"), json!({ "type": "string", "nullable": true, "maxLength": 100 }));
        }
        properties.insert("Id".to_owned(), json!({ "type": "integer", "format": "int32" }));
        properties.insert(
            "Next".to_owned(),
            json!({ "$ref": format!("#/components/schemas/Thing{}", (number + 1) % (operations / 3)) }),
        );
        schemas.insert(name.clone(), json!({ "type": "object", "properties": properties }));
        let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } });
        let example = json!({ "Id": number, "Property1": "one", "Property2": "two" });
        let content = json!({ "application/json": { "schema": schema, "example": example }, "application/xml": { "schema": schema } });
        let responses = json!({ "200": { "description": "OK", "content": content } });
        let list = json!({ "name": "top", "in": "query", "schema": { "type": "integer" } });
        paths.insert(
            format!("/api/v1/{name}/{{id}}"),
            json!({ "get": { "operationId": format!("get{name}"), "parameters": [id], "responses": responses },
                "put": { "operationId": format!("put{name}"), "parameters": [id], "responses": responses,
                    "requestBody": { "content": { "application/json": { "schema": schema } } } } }),
        );
        paths.insert(
            format!("/api/v1/{name}"),
            json!({ "get": { "operationId": format!("list{name}"), "parameters": [list], "responses": { "200": { "description": "OK", "content": {
                "application/json": { "schema": { "type": "array", "items": schema } } } } } } }),
        );
    }
    json!({ "openapi": "3.0.3", "info": { "title": "Large", "version": "1" }, "paths": paths, "components": { "schemas": schemas } })
}

fn contract(operations: usize) -> Contract {
    read::from_value(&document(operations)).expect("the contract can be read")
}

fn start(criterion: &mut Criterion) {
    let contract = contract(OPERATIONS);
    // With a path here, the document is written there, to start the command with.
    if let Some(path) = std::env::var_os("DOCWRIGHT_LARGE_CONTRACT") {
        let text = docwright_contract::yaml::to_string(&emit::to_value(&contract), "");
        std::fs::write(path, text).expect("the document can be written");
    }
    let mut group = criterion.benchmark_group("start");
    group.throughput(Throughput::Elements(OPERATIONS as u64)).sample_size(10);
    group.bench_function("mock of 3,000 operations", |bencher| {
        bencher.iter_batched(|| contract.clone(), Mock::new, criterion::BatchSize::PerIteration);
    });
    group.finish();
}

fn answer(criterion: &mut Criterion) {
    let mock = Mock::new(contract(OPERATIONS));
    let get = Request::get("/api/v1/Thing7/7").body(Bytes::new()).expect("a request");
    let list = Request::get("/api/v1/Thing7?top=10").body(Bytes::new()).expect("a request");
    let body = r#"{ "Id": 7, "Property1": "one", "Next": { "Id": 8 } }"#;
    let put = Request::put("/api/v1/Thing7/7")
        .header("content-type", "application/json")
        .body(Bytes::from(body))
        .expect("a request");
    let wrong = Request::get("/api/v1/Thing7/seven").body(Bytes::new()).expect("a request");
    let mut group = criterion.benchmark_group("answer");
    group.throughput(Throughput::Elements(1));
    for (name, request, status) in
        [("example", &get, 200), ("schema", &list, 200), ("body checked", &put, 200), ("refusal", &wrong, 400)]
    {
        assert_eq!(mock.answer(request).status(), status);
        group.bench_function(name, |bencher| bencher.iter(|| mock.answer(black_box(request))));
    }
    group.finish();
}

criterion_group!(benches, start, answer);
criterion_main!(benches);
