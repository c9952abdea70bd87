//! What pages leave out about whole operations. What many pages of one tag leave out is one
//! finding.

use docwright_pages::page::Page;

use super::super::collect::{Collector, Spot};
use super::super::coverage;
use super::super::kinds::{Kind, NO_DESCRIPTION, NO_ERRORS, NO_SAMPLE, NO_SUMMARY, UNKNOWN_BODY};
use super::super::shape::{answer, is_described, is_unknown, schema_of};
use crate::model::Operation;

/// Looks at every operation.
pub(crate) fn check(pages: &mut Collector<'_>) {
    for (index, page, operation) in pages.documented() {
        let tag = operation.tags.first().map_or("", String::as_str);
        let head = pages.spot_of(index, page.path_template.span);
        let mut lacks = |kind: &Kind, what: &str| {
            pages.add(kind, tag, format!("operations of `{tag}` {what}"), [head]);
        };
        if !coverage::has_summary(page, operation) {
            lacks(&NO_SUMMARY, "have no summary");
        } else if !is_described(operation.description.as_deref()) {
            lacks(&NO_DESCRIPTION, "have a summary and no description");
        }
        if !coverage::lists_errors(operation) {
            lacks(&NO_ERRORS, "list no status for when they fail");
        }
        let (request, response) = coverage::sampled(pages.input.contract, operation);
        if request == Some(false) || response == Some(false) {
            let spot = body_spot(pages, index, page, request == Some(false));
            pages.add(
                &NO_SAMPLE,
                tag,
                format!("operations of `{tag}` show no sample of what is sent or answered"),
                [spot],
            );
        }
        check_bodies(pages, index, page, operation);
    }
}

/// Where the section of a body stands.
fn body_spot(pages: &Collector<'_>, index: usize, page: &Page, is_request: bool) -> Spot {
    let request = page.request_body.as_ref().map(|body| body.heading).filter(|_| is_request);
    let heading = request.or(page.response.as_ref().map(|response| response.heading));
    pages.spot_of(index, heading.unwrap_or(page.path_template.span))
}

fn check_bodies(pages: &mut Collector<'_>, index: usize, page: &Page, operation: &Operation) {
    let request = operation.request_body.as_ref().and_then(|body| schema_of(body.content.values()));
    let response = answer(pages.input.contract, operation).and_then(|response| schema_of(response.content.values()));
    for (schema, what, is_request) in [(request, "sends", true), (response, "answers", false)] {
        if schema.is_some_and(is_unknown) {
            let spot = body_spot(pages, index, page, is_request);
            let id = &operation.operation_id;
            pages.add(&UNKNOWN_BODY, id, format!("nothing says what `{id}` {what}"), [spot]);
        }
    }
}
