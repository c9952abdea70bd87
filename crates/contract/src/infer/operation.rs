//! Turns pages into operations, once the carriers below them have names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use docwright_pages::page::{Page, ParameterRow};
use indexmap::IndexMap;
use serde_json::json;

use super::Source;
use super::body::{Bodies, Body, entity, expanded};
use super::carriers::Carriers;
use super::codes::Findings;
use super::evidence::Shape;
use super::headers::{HeaderTables, Headers, parameter};
use super::survey::{Survey, has_content};
use super::types::Scalar;
use crate::model::{
    Additional, Extensions, Location, MediaType, Method, Operation, Parameter, RefOr, RequestBody, Response, Schema,
    SecurityScheme, Type,
};
use crate::text::{clean_line, clean_markdown};

/// What is assumed where a page names no media type for a body.
pub(super) const DEFAULT_MEDIA_TYPE: &str = "application/json";
/// The media type of forms, whose schema has a property for each part.
const FORM: &str = "multipart/form-data";
/// The part of a form where no heading names it.
const DEFAULT_PART: &str = "file";

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
            Some(winner) => {
                findings.same_route(*index, *winner);
                false
            }
            None => {
                by_route.insert(route, *index);
                true
            }
        }
    });
    kept.sort_unstable();
    kept
}

/// A path template without its parameters' names.
pub(super) fn anonymous(path: &str) -> String {
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
    let mut first: HashMap<String, usize> = HashMap::with_capacity(kept.len());
    for index in kept {
        let path = &sources[*index].page.path_template.value;
        let known = *first.entry(anonymous(path)).or_insert(*index);
        if names_in(&sources[known].page.path_template.value).ne(names_in(path)) {
            findings.path_names(*index, known);
        }
    }
}

/// The names of a path template's parameters, in order.
pub(super) fn names_in(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split('}').next())
}

/// How an operation refers to what it shares with others.
pub(super) struct Shared {
    headers: Arc<Headers>,
    /// Its headers that are parameters.
    parameters: Vec<RefOr<Parameter>>,
}

/// Builds the operations of one contract.
pub(super) struct Operations<'a, 'p> {
    pub(super) carriers: &'a Carriers<'p>,
    pub(super) survey: &'a Survey<'p>,
}

/// What several operations share, and how they refer to it.
#[derive(Default)]
pub(super) struct Sharing<'p> {
    pub(super) parameters: IndexMap<String, Parameter>,
    pub(super) security_schemes: IndexMap<String, SecurityScheme>,
    header_tables: HeaderTables<'p>,
    /// Pages that describe a way to sign in differently, each with the row, and the scheme's name.
    pub(super) contradictions: Vec<(usize, &'p ParameterRow, String)>,
}

impl<'p> Sharing<'p> {
    /// Takes in what the page at `index` shares with others, and answers how its operation refers to it. The first page
    /// that says something of a shared thing decides what it is, so pages come here in their order.
    pub(super) fn share(&mut self, (index, page): (usize, &'p Page)) -> Shared {
        let headers = self.header_tables.read(&page.headers);
        for (name, scheme, row) in &headers.schemes {
            match self.security_schemes.get(name) {
                None => _ = self.security_schemes.insert(name.clone(), scheme.clone()),
                Some(known) if known != scheme => {
                    self.contradictions.push((index, &page.headers[*row], name.clone()));
                }
                Some(_) => {}
            }
        }
        let parameters = headers.parameters.iter().map(|(name, header)| {
            if !self.parameters.contains_key(name) {
                self.parameters.insert(name.clone(), header.clone());
            }
            let is_shared = self.parameters.get(name) == Some(header);
            if is_shared { RefOr::Ref(name.clone()) } else { RefOr::Inline(header.clone()) }
        });
        Shared { parameters: parameters.collect(), headers }
    }
}

impl Operations<'_, '_> {
    /// The operation of a page.
    pub(super) fn build(&self, page: &Page, bodies: &Bodies<'_>, shared: Shared) -> Operation {
        let Shared { headers, parameters: header_parameters } = shared;
        let path_parameters = path_parameters(page);
        let count = path_parameters.len() + page.query_parameters.len() + header_parameters.len();
        let mut parameters = Vec::with_capacity(count);
        parameters.extend(path_parameters.into_iter().map(RefOr::Inline));
        parameters.extend(page.query_parameters.iter().map(|row| RefOr::Inline(parameter(row, Location::Query))));
        parameters.extend(header_parameters);
        let request_body = bodies.request.as_ref().map(|body| RequestBody {
            description: body.description.clone(),
            required: true,
            content: self.content(body, headers.content_type.as_deref().unwrap_or_default(), part_name(page)),
            extensions: Extensions::new(),
        });
        Operation {
            operation_id: page.id.value.clone(),
            method: Method::parse(&page.method.value).unwrap_or(Method::Get),
            path: page.path_template.value.clone(),
            tags: vec![tag(page).0],
            // A page that says nothing still has its title.
            summary: page.summary.iter().chain(&page.title).find_map(|text| clean_line(&text.value)),
            description: page.description.as_ref().and_then(|text| clean_markdown(&text.value)),
            deprecated: false,
            parameters,
            request_body,
            responses: self.responses(page, bodies, &headers.accept),
            security: headers.security.clone(),
            extensions: Extensions::new(),
        }
    }

    fn responses(&self, page: &Page, bodies: &Bodies<'_>, accept: &[String]) -> IndexMap<String, RefOr<Response>> {
        let statuses = page.response.as_ref().map(|response| response.statuses.as_slice()).unwrap_or_default();
        let mut responses: IndexMap<String, RefOr<Response>> = IndexMap::new();
        for row in statuses {
            let status = row.status.value.trim().to_owned();
            if !is_status(&status) {
                // The reader has said so already; OpenAPI has no place for it.
                continue;
            }
            let body = bodies.response.as_ref().filter(|_| has_content(&status));
            let content = body.map(|body| self.content(body, accept, DEFAULT_PART)).unwrap_or_default();
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

    /// A body in each of its media types; the sample illustrates the one it is written in. A form
    /// has parts, so that a binary body is its `part` there.
    fn content(&self, body: &Body<'_>, media_types: &[String], part: &str) -> IndexMap<String, MediaType> {
        let Some(shape) = &body.shape else { return IndexMap::new() };
        let schema: Schema = self.carriers.schema(shape, "");
        let default = [DEFAULT_MEDIA_TYPE.to_owned()];
        let media_types = if media_types.is_empty() { &default } else { media_types };
        let sample_type = body.example_type.as_deref().unwrap_or(DEFAULT_MEDIA_TYPE);
        let content = media_types.iter().map(|media_type| {
            let sample = body.example.filter(|_| sample_type == media_type);
            let example = sample.map(|sample| expanded(sample, self.survey));
            let is_form = media_type.eq_ignore_ascii_case(FORM) && *shape == Shape::Scalar(Scalar::Binary);
            let schema = if is_form { form(part, schema.clone()) } else { schema.clone() };
            (media_type.clone(), MediaType { schema: Some(schema), example, ..MediaType::default() })
        });
        content.collect()
    }
}

/// What the heading of a request calls its body, for the part of a form.
fn part_name(page: &Page) -> &str {
    let name = page.request_body.as_ref().and_then(|body| body.name.as_ref()).map(|name| name.value.trim());
    name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT_PART)
}

/// A form with one part.
fn form(part: &str, schema: Schema) -> Schema {
    Schema::new(Type::Object {
        properties: IndexMap::from([(part.to_owned(), schema)]),
        required: BTreeSet::new(),
        additional: Additional::Unstated,
    })
}

/// The parameters of the path, in the path's order; one without a row is text.
fn path_parameters(page: &Page) -> Vec<Parameter> {
    names_in(&page.path_template.value)
        .map(|name| {
            let row = page.path_parameters.iter().find(|row| row.name.value.trim().eq_ignore_ascii_case(name));
            let described = row.map(|row| parameter(row, Location::Path));
            let described = described.unwrap_or_else(|| Parameter {
                name: String::new(),
                location: Location::Path,
                description: None,
                required: true,
                deprecated: false,
                schema: Scalar::String.schema(),
                extensions: Extensions::new(),
            });
            Parameter { name: name.to_owned(), ..described }
        })
        .collect()
}

/// Whether OpenAPI takes this for the status of an answer: `404`, `4XX` or `default`.
pub(super) fn is_status(status: &str) -> bool {
    let bytes = status.as_bytes();
    let is_number = bytes.len() == 3 && (b'1'..=b'5').contains(&bytes[0]);
    let rest = bytes.get(1..).unwrap_or_default();
    status == "default" || is_number && (rest.iter().all(u8::is_ascii_digit) || rest == b"XX")
}

/// What gave an operation its tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TagRule {
    /// The folder below `rest/` or `agent/`.
    Folder,
    /// What the path's first part and the id's entity agree on.
    Path,
    /// The entity that the id names.
    Entity,
}

/// The tag of a page's operation.
pub(super) fn tag(page: &Page) -> (String, TagRule) {
    let mut folders: Vec<&str> = page.path.split('/').collect();
    folders.pop();
    if let Some(at) = folders.iter().rposition(|folder| matches!(*folder, "rest" | "agent"))
        && let Some(folder) = folders.get(at + 1)
    {
        return ((*folder).to_owned(), TagRule::Folder);
    }
    let entity = entity(&page.id.value);
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.parse::<u32>().is_ok());
    let mut parts = page.path_template.value.split('/').skip_while(|part| !is_version(part));
    match parts.nth(1) {
        Some(first) if !first.is_empty() && entity.starts_with(first) => (first.to_owned(), TagRule::Path),
        _ => (entity.to_owned(), TagRule::Entity),
    }
}

/// What a winner says of the operation that it displaced.
pub(super) fn displaced(page: &Page) -> serde_json::Value {
    json!({ "operationId": page.id.value, "path": page.path_template.value, "document": page.path })
}
