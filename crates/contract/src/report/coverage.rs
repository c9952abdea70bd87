//! How much is documented, over all and per tag.

use std::collections::BTreeMap;

use docwright_pages::page::Page;

use super::collect::Collector;
use super::finding::{Coverage, Finding, Grade, TagSummary};
use super::occurrences::properties;
use super::shape::{
    answer, component_within, is_binary, is_described, is_unexpanded, is_unknown, responses, schema_of,
};
use crate::model::{Contract, Location, MediaType, Operation, Parameter, RefOr};
use crate::text::clean_line;

/// Whether somebody wrote a summary; the page's title, which stands in for one, is none.
pub(super) fn has_summary(page: &Page, operation: &Operation) -> bool {
    let title = page.title.as_ref().and_then(|title| clean_line(&title.value));
    is_described(operation.summary.as_deref()) && operation.summary != title
}

/// Whether an operation says how it fails.
pub(super) fn lists_errors(operation: &Operation) -> bool {
    operation.responses.keys().any(|status| status.starts_with(['4', '5']) || status == "default")
}

/// Whether request and answer have a sample; `None` where there is nothing to show.
pub(super) fn sampled(contract: &Contract, operation: &Operation) -> (Option<bool>, Option<bool>) {
    let shown = |content: &mut dyn Iterator<Item = &MediaType>| {
        let all: Vec<&MediaType> = content.collect();
        let schema = schema_of(all.iter().copied())?;
        (!is_binary(schema)).then(|| all.iter().any(|media_type| media_type.example.is_some()))
    };
    let request = operation.request_body.as_ref().and_then(|body| shown(&mut body.content.values()));
    let response = answer(contract, operation).and_then(|response| shown(&mut response.content.values()));
    (request, response)
}

/// The parameters of an operation, shared ones included.
fn parameters<'c>(contract: &'c Contract, operation: &'c Operation) -> impl Iterator<Item = &'c Parameter> {
    operation.parameters.iter().filter_map(|parameter| match parameter {
        RefOr::Inline(parameter) => Some(parameter),
        RefOr::Ref(name) => contract.parameters.get(name),
    })
}

/// How well each operation is documented, with its tag. The respects are: a summary, descriptions
/// of all parameters, bodies whose shape is known, a description of three quarters of the
/// properties at their roots, and samples of what is sent and answered. Error statuses have a
/// measure of their own.
pub(super) fn grades(pages: &Collector<'_>) -> Vec<(String, Grade)> {
    let contract = pages.input.contract;
    let grade = |page: &Page, operation: &Operation| {
        let has_summary = has_summary(page, operation);
        let mut respects = vec![has_summary];
        let mut described = parameters(contract, operation).map(|p| is_described(p.description.as_deref())).peekable();
        if described.peek().is_some() {
            respects.push(described.all(|described| described));
        }
        let request = operation.request_body.as_ref().and_then(|body| schema_of(body.content.values()));
        let response = answer(contract, operation).and_then(|response| schema_of(response.content.values()));
        for schema in [request, response].into_iter().flatten() {
            respects.push(!is_unknown(schema));
            let root = component_within(schema).and_then(|name| contract.schemas.get(name)).and_then(properties);
            if let Some(all) = root.filter(|all| !all.is_empty()) {
                let described = all.values().filter(|property| is_described(property.description.as_deref()));
                respects.push(described.count() * 4 >= all.len() * 3);
            }
        }
        let (request, response) = sampled(contract, operation);
        respects.extend([request, response].into_iter().flatten());
        let good = respects.iter().filter(|good| **good).count();
        match (has_summary, good) {
            (true, good) if good == respects.len() => Grade::Documented,
            (true, good) if good * 2 >= respects.len() => Grade::Partly,
            _ => Grade::Undocumented,
        }
    };
    let tag = |operation: &Operation| operation.tags.first().cloned().unwrap_or_default();
    pages.documented().into_iter().map(|(_, page, operation)| (tag(operation), grade(page, operation))).collect()
}

/// The tags with their operations and findings.
pub(super) fn tags(grades: &[(String, Grade)], findings: &[Finding]) -> Vec<TagSummary> {
    let mut tags: BTreeMap<&str, TagSummary> = BTreeMap::new();
    for (name, grade) in grades {
        let tag = tags.entry(name).or_insert_with(|| TagSummary { name: name.clone(), ..TagSummary::default() });
        tag.operations += 1;
        match grade {
            Grade::Documented => tag.documented += 1,
            Grade::Partly => tag.partly += 1,
            Grade::Undocumented => tag.undocumented += 1,
        }
    }
    for name in findings.iter().flat_map(|finding| &finding.tags) {
        if let Some(tag) = tags.get_mut(name.as_str()) {
            tag.findings += 1;
        }
    }
    tags.into_values().collect()
}

/// Every measure, from operations down to properties.
pub(super) fn measure(pages: &Collector<'_>) -> Vec<Coverage> {
    let contract = pages.input.contract;
    let operations = || contract.operations.iter();
    let of = |measure, label, good: &mut dyn Iterator<Item = bool>| {
        let (mut total, mut documented) = (0, 0);
        for good in good {
            total += 1;
            documented += usize::from(good);
        }
        Coverage { measure, label, total, documented }
    };
    let described = |text: &Option<String>| is_described(text.as_deref());
    let located = |header: bool| {
        let all = operations().flat_map(|operation| parameters(contract, operation));
        all.filter(move |parameter| (parameter.location == Location::Header) == header)
            .map(|parameter| is_described(parameter.description.as_deref()))
    };
    let samples = || operations().map(|operation| sampled(contract, operation));
    let carriers = || contract.schemas.values();
    let all_properties = || carriers().filter_map(properties).flat_map(|all| all.values());
    let guessed: std::collections::BTreeSet<&str> =
        pages.input.decisions.iter().filter(|decision| decision.guess).map(|decision| &*decision.subject).collect();
    vec![
        of(
            "operations-with-summary",
            "Operations with a summary",
            &mut pages.documented().into_iter().map(|(_, page, o)| has_summary(page, o)),
        ),
        of(
            "operations-with-description",
            "Operations with a description",
            &mut operations().map(|o| described(&o.description)),
        ),
        of("operations-with-errors", "Operations that list how they fail", &mut operations().map(lists_errors)),
        of("parameters-described", "Path and query parameters described", &mut located(false)),
        of("headers-described", "Request headers described", &mut located(true)),
        of("requests-with-sample", "Request bodies with a sample", &mut samples().filter_map(|(request, _)| request)),
        of("answers-with-sample", "Answers with a sample", &mut samples().filter_map(|(_, answer)| answer)),
        of(
            "statuses-described",
            "Status codes described",
            &mut operations().flat_map(|o| responses(contract, o)).map(|(_, r)| !r.description.trim().is_empty()),
        ),
        of(
            "carriers-expanded",
            "Carriers that some page expands",
            &mut carriers().map(|schema| !is_unexpanded(schema)),
        ),
        of(
            "carriers-named",
            "Carriers named by the pages",
            &mut contract.schemas.keys().map(|n| !guessed.contains(&**n)),
        ),
        of("carriers-described", "Carriers described", &mut carriers().map(|schema| described(&schema.description))),
        of("properties-described", "Properties described", &mut all_properties().map(|p| described(&p.description))),
    ]
}
