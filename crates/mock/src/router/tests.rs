use docwright_contract::model::Method;
use serde_json::{Map, Value, json};

use super::{Found, Routes, Unroutable};
use crate::testing::contract;

fn routes(operations: &[&str], servers: &[Value]) -> (Routes, Vec<Unroutable>) {
    let mut paths: Map<String, Value> = Map::new();
    for (index, operation) in operations.iter().enumerate() {
        let (method, path) = operation.split_once(' ').unwrap();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = json!({ "operationId": index.to_string(), "responses": {} });
    }
    let mut contract = contract(Value::Object(paths), json!({}));
    // In the order of the list, which a document's paths need not keep.
    contract.operations.sort_by_key(|operation| operation.operation_id.parse::<usize>().unwrap());
    contract.servers = servers
        .iter()
        .map(|server| docwright_contract::model::Server {
            url: server["url"].as_str().unwrap().to_owned(),
            description: None,
            extensions: server.as_object().unwrap().clone().into_iter().filter(|(name, _)| name != "url").collect(),
        })
        .collect();
    Routes::new(&contract)
}

/// `METHOD path` and what it should lead to: `index name=value …`, or the methods there are.
#[track_caller]
fn check(routes: &Routes, cases: &[(&str, &str)]) {
    for (request, expected) in cases {
        let (method, path) = request.split_once(' ').unwrap();
        let found = match routes.find(Method::parse(method).unwrap(), path) {
            Found::Operation { index, values } => {
                let values: String = values.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{index}{values}")
            }
            Found::OtherMethods(methods) => methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(","),
            Found::Nothing => "-".to_owned(),
        };
        assert_eq!(&found, expected, "{request}");
    }
}

#[test]
fn fixed_text_wins_and_methods_do_not_hide_one_another() {
    let (routes, unroutable) = routes(
        &[
            "GET /",
            "GET /a/{id}",
            "GET /a/me",
            "PUT /a/{other}",
            "DELETE /a/me",
            "GET /a/{id}/b",
            "GET /a/me/c",
            "GET /a/{id}/{name}",
        ],
        &[],
    );
    assert_eq!(unroutable, []);
    check(
        &routes,
        &[
            ("GET /", "0"),
            ("GET /a/7", "1 id=7"),
            ("GET /a/me", "2"),
            ("GET /a/me2", "1 id=me2"),
            ("PUT /a/me", "3 other=me"),
            ("DELETE /a/me", "4"),
            ("DELETE /a/7", "GET,PUT"),
            ("GET /a/me/b", "5 id=me"),
            ("GET /a/me/c", "6"),
            ("GET /a/x/c", "7 id=x name=c"),
            ("GET /a", "-"),
            ("GET /a/", "-"),
            ("GET /a//b", "-"),
            ("GET /a/7/", "-"),
            ("GET /b", "-"),
        ],
    );
}

#[test]
fn parameters_within_a_segment() {
    let (routes, unroutable) = routes(
        &[
            "GET /a({id})",
            "GET /a(id={id},lang='{lang}')",
            "GET /report.{ext}",
            "GET /{owner}/{repo}/compare/{base}...{head}",
            "GET /v/{id}:cancel",
            "GET /v/{id}",
        ],
        &[],
    );
    assert_eq!(unroutable, []);
    check(
        &routes,
        &[
            ("GET /a(7)", "0 id=7"),
            ("GET /a(id=7,lang='en')", "1 id=7 lang=en"),
            ("GET /a%287%29", "0 id=7"),
            ("GET /report.tar.gz", "2 ext=tar.gz"),
            ("GET /o/r/compare/v1.0...v1.1", "3 owner=o repo=r base=v1.0 head=v1.1"),
            ("GET /v/7:cancel", "4 id=7"),
            ("GET /v/7", "5 id=7"),
            ("GET /a()", "-"),
        ],
    );
}

#[test]
fn percent_signs_hide_nothing_and_split_nothing() {
    let (routes, _) = routes(&["GET /caf\u{e9}/{id}", "GET /a b/<c>"], &[]);
    check(
        &routes,
        &[
            ("GET /caf%C3%A9/a%2Fb", "0 id=a%2Fb"),
            ("GET /%63af%c3%a9/%7Ex", "0 id=~x"),
            ("GET /a%20b/%3Cc%3E", "1"),
            ("GET /caf%C3%A9/%FF", "0 id=%FF"),
        ],
    );
}

#[test]
fn base_paths_of_servers() {
    let servers = [
        json!({ "url": "https://example.com/api/v1/" }),
        json!({ "url": "https://{host}/{stage}", "variables": { "host": { "default": "h" }, "stage": { "default": "beta" } } }),
        json!({ "url": "/rel" }),
        json!({ "url": "https://plain.example.com" }),
    ];
    let (routes, _) = routes(&["GET /a", "GET /rel/b", "GET /b", "PUT /c", "GET /{x}/c"], &servers);
    assert_eq!(routes.bases(), ["/api/v1", "/beta", "/rel"]);
    check(
        &routes,
        &[
            ("GET /a", "0"),
            ("GET /api/v1/a", "0"),
            ("GET /beta/a", "0"),
            ("GET /api/v1x/a", "-"),
            // The address with a base path is what the document means.
            ("GET /rel/b", "2"),
            ("GET /rel/rel/b", "1"),
            // What leads nowhere without the base is looked up whole.
            ("GET /rel/c", "4 x=rel"),
            ("PUT /rel/c", "3"),
        ],
    );
}

#[test]
fn what_no_route_leads_to() {
    let (_, unroutable) =
        routes(&["GET /a/{id}", "GET /a/{name}", "GET /b/{x}{y}", "GET /c/{x", "GET d", "GET /e?q=1", "GET /e"], &[]);
    let found: Vec<_> = unroutable.iter().map(|unroutable| (unroutable.index, unroutable.reason.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "`GET /a/{id}` matches the same paths and stands before it"),
            (2, "nothing separates the parameter `y` from the one before it"),
            (3, "a brace in the path is not closed"),
            (6, "`GET /e?q=1` matches the same paths and stands before it"),
        ]
    );
}

#[test]
fn hostile_paths_are_refused_fast() {
    let (routes, _) = routes(&["GET /{a}-{b}-{c}-{d}-{e}-{f}/end", "GET /{a}/{b}/{c}/{d}/x", "GET /a/a/a/a/y"], &[]);
    // Exponential search would take longer than anybody waits.
    check(&routes, &[(&format!("GET /{}", "-a".repeat(20_000)), "-"), (&format!("GET {}", "/a".repeat(20_000)), "-")]);
}
