//! Turns pages into operations, once the carriers below them have names.

use std::collections::BTreeMap;

use docwright_pages::page::Page;
use indexmap::IndexMap;
use serde_json::json;

use super::Source;
use super::body::{Bodies, Body, entity, unknown_text};
use super::carriers::Carriers;
use super::codes::Findings;
use super::headers::{Headers, parameter};
use crate::model::{
    Contract, Extensions, Location, MediaType, Method, Operation, Parameter, RefOr, RequestBody, Response, Schema,
};
use crate::text::{clean_line, clean_markdown};

/// What is assumed where a page names no media type for a body.
const DEFAULT_MEDIA_TYPE: &str = "application/json";

/// The pages whose operations one contract can hold, by index. Pages that repeat an id are errors;
/// of two pages for one method and path template, which OpenAPI cannot hold together, the first by
/// id stays.
pub(super) fn distinct(sources: &[Source<'_>], findings: &mut Findings<'_>) -> Vec<usize> {
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_route: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let page = source.page;
        if Method::parse(&page.method.value).is_none() {
            findings.unknown_method(index);
        } else if let Some(first) = by_id.get(page.id.value.as_str()) {
            findings.duplicate_id(index, *first);
        } else {
            by_id.insert(&page.id.value, index);
            kept.push(index);
        }
    }
    // Ids decide, not file order, so that moving a page does not change the winner.
    kept.sort_by_key(|index| sources[*index].page.id.value.as_str());
    kept.retain(|index| {
        let page = sources[*index].page;
        let route = (page.method.value.to_ascii_uppercase(), anonymous(&page.path_template.value));
        match by_route.get(&route) {
            Some(winner) => findings.same_route(*index, *winner),
            None => {
                by_route.insert(route, *index);
            }
        }
        by_route.values().any(|winner| winner == index)
    });
    kept.sort_unstable();
    kept
}

/// A path template without its parameters' names.
fn anonymous(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.trim_end_matches('/').chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Warns of paths that differ in the names of their parameters only. OpenAPI takes them for one
/// path with one set of names; the contract keeps what each page says.
pub(super) fn check_path_names(sources: &[Source<'_>], kept: &[usize], findings: &mut Findings<'_>) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for index in kept {
        let path = &sources[*index].page.path_template.value;
        let known = *first.entry(anonymous(path)).or_insert(*index);
        if sources[known].page.path_template.value != *path {
            findings.path_names(*index, known);
        }
    }
}

/// The operation of the page at `index`; what several pages share goes into `contract`.
pub(super) fn build(
    (index, page): (usize, &Page),
    bodies: &Bodies,
    carriers: &Carriers,
    contract: &mut Contract,
    findings: &mut Findings<'_>,
) -> Operation {
    let headers = Headers::read(&page.headers);
    for (name, scheme, row) in &headers.schemes {
        let known = contract.security_schemes.entry(name.clone()).or_insert_with(|| scheme.clone());
        if known != scheme {
            findings.sign_in(index, *row, name);
        }
    }
    let mut parameters: Vec<RefOr<Parameter>> = path_parameters(page).into_iter().map(RefOr::Inline).collect();
    parameters.extend(page.query_parameters.iter().map(|row| RefOr::Inline(parameter(row, Location::Query))));
    for (name, header) in headers.parameters {
        let shared = contract.parameters.entry(name.clone()).or_insert_with(|| header.clone());
        parameters.push(if *shared == header { RefOr::Ref(name) } else { RefOr::Inline(header) });
    }
    let request_body = bodies.request.as_ref().map(|body| RequestBody {
        description: None,
        required: true,
        content: content(body, headers.content_type.as_deref().unwrap_or_default(), carriers),
        extensions: Extensions::new(),
    });
    Operation {
        operation_id: page.id.value.clone(),
        method: Method::parse(&page.method.value).unwrap_or(Method::Get),
        path: page.path_template.value.clone(),
        tags: vec![tag(page)],
        summary: page.summary.as_ref().and_then(|text| clean_line(&text.value)),
        description: page.description.as_ref().and_then(|text| clean_markdown(&text.value)),
        deprecated: false,
        parameters,
        request_body,
        responses: responses(page, bodies, &headers.accept, carriers),
        security: headers.security,
        extensions: Extensions::new(),
    }
}

/// The parameters of the path, in the path's order; one without a row is text.
fn path_parameters(page: &Page) -> Vec<Parameter> {
    let names = page.path_template.value.split('{').skip(1).filter_map(|part| part.split('}').next());
    names
        .map(|name| {
            let row = page.path_parameters.iter().find(|row| row.name.value.trim().eq_ignore_ascii_case(name));
            let described = row.map(|row| parameter(row, Location::Path));
            let described = described.unwrap_or_else(|| Parameter {
                name: String::new(),
                location: Location::Path,
                description: None,
                required: true,
                deprecated: false,
                schema: unknown_text(),
                extensions: Extensions::new(),
            });
            Parameter { name: name.to_owned(), ..described }
        })
        .collect()
}

fn responses(
    page: &Page,
    bodies: &Bodies,
    accept: &[String],
    carriers: &Carriers,
) -> IndexMap<String, RefOr<Response>> {
    let statuses = page.response.as_ref().map(|response| response.statuses.as_slice()).unwrap_or_default();
    let has_content = |status: &str| status.starts_with('2') && status != "204" && status != "205";
    let mut responses: IndexMap<String, RefOr<Response>> = IndexMap::new();
    for row in statuses {
        let status = row.status.value.trim().to_owned();
        if !is_status(&status) {
            // The reader has said so already; OpenAPI has no place for it.
            continue;
        }
        let body = bodies.response.as_ref().filter(|_| has_content(&status));
        let content = body.map(|body| content(body, accept, carriers)).unwrap_or_default();
        let description = clean_line(&row.description.value).unwrap_or_default();
        responses.entry(status).or_insert(RefOr::Inline(Response { description, content, ..Response::default() }));
    }
    if responses.is_empty() {
        // OpenAPI wants one answer at least.
        let description = "The page lists no answers.".to_owned();
        responses.insert("default".to_owned(), RefOr::Inline(Response { description, ..Response::default() }));
    }
    responses
}

/// Whether OpenAPI takes this for the status of an answer: `404`, `4XX` or `default`.
fn is_status(status: &str) -> bool {
    let bytes = status.as_bytes();
    let is_number = bytes.len() == 3 && (b'1'..=b'5').contains(&bytes[0]);
    let rest = bytes.get(1..).unwrap_or_default();
    status == "default" || is_number && (rest.iter().all(u8::is_ascii_digit) || rest == b"XX")
}

/// A body in each of its media types; the sample illustrates the one it is written in.
fn content(body: &Body, media_types: &[String], carriers: &Carriers) -> IndexMap<String, MediaType> {
    let Some(shape) = &body.shape else { return IndexMap::new() };
    let schema: Schema = carriers.schema(shape);
    let default = [DEFAULT_MEDIA_TYPE.to_owned()];
    let media_types = if media_types.is_empty() { &default } else { media_types };
    media_types
        .iter()
        .map(|media_type| {
            let shown = body.example_type.as_deref().unwrap_or(DEFAULT_MEDIA_TYPE) == media_type;
            let example = body.example.clone().filter(|_| shown);
            (media_type.clone(), MediaType { schema: Some(schema.clone()), example, ..MediaType::default() })
        })
        .collect()
}

/// The folder below `rest/` or `agent/`; else what the path's first part and the id's entity agree
/// on; else the entity.
fn tag(page: &Page) -> String {
    let mut folders: Vec<&str> = page.path.split('/').collect();
    folders.pop();
    if let Some(at) = folders.iter().rposition(|folder| matches!(*folder, "rest" | "agent"))
        && let Some(folder) = folders.get(at + 1)
    {
        return (*folder).to_owned();
    }
    let entity = entity(&page.id.value);
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.parse::<u32>().is_ok());
    let mut parts = page.path_template.value.split('/').skip_while(|part| !is_version(part));
    match parts.nth(1) {
        Some(first) if !first.is_empty() && entity.starts_with(first) => first.to_owned(),
        _ => entity.to_owned(),
    }
}

/// What a winner says of the operation that it displaced.
pub(super) fn displaced(page: &Page) -> serde_json::Value {
    json!({ "operationId": page.id.value, "path": page.path_template.value, "document": page.path })
}
