//! A page and its diagnostics as text that a person can review.

use std::fmt::Write as _;

use docwright_pages::Parsed;
use docwright_pages::page::{ParameterRow, PropertyRow, Sample, Spanned};

/// The text form: what was understood, then what was not.
pub(crate) fn of(parsed: &Parsed) -> String {
    let mut out = page(parsed);
    for diagnostic in &parsed.diagnostics {
        writeln!(out, "\n{}", diagnostic.render()).unwrap();
    }
    out
}

/// What was understood.
pub(crate) fn page(parsed: &Parsed) -> String {
    let mut out = String::new();
    match &parsed.page {
        None => out.push_str("no page\n"),
        Some(page) => {
            writeln!(out, "{} {} = {}", page.method.value, page.path_template.value, page.id.value).unwrap();
            maybe(&mut out, "title", &page.title);
            maybe(&mut out, "summary", &page.summary);
            maybe(&mut out, "description", &page.description);
            parameters(&mut out, "path", &page.path_parameters);
            parameters(&mut out, "query", &page.query_parameters);
            parameters(&mut out, "header", &page.headers);
            if let Some(body) = &page.request_body {
                out.push_str("request body\n");
                maybe(&mut out, "  name", &body.name);
                maybe(&mut out, "  kind", &body.kind);
                maybe(&mut out, "  description", &body.description);
                properties(&mut out, body.properties.as_deref());
            }
            if let Some(response) = &page.response {
                out.push_str("response\n");
                maybe(&mut out, "  kind", &response.kind);
                maybe(&mut out, "  description", &response.description);
                for row in &response.statuses {
                    writeln!(out, "  status {:?} {:?}", row.status.value, row.description.value).unwrap();
                }
                maybe(&mut out, "  body", &response.body);
                properties(&mut out, response.properties.as_deref());
            }
            sample(&mut out, "sample request", page.sample_request.as_ref());
            sample(&mut out, "sample response", page.sample_response.as_ref());
        }
    }
    out
}

fn maybe(out: &mut String, name: &str, value: &Option<Spanned<String>>) {
    if let Some(value) = value {
        writeln!(out, "{name}: {:?}", value.value).unwrap();
    }
}

fn parameters(out: &mut String, place: &str, rows: &[ParameterRow]) {
    for row in rows {
        let required = if row.required { " required" } else { "" };
        let type_name = row.type_name.as_ref().map(|type_name| format!(" {:?}", type_name.value)).unwrap_or_default();
        writeln!(out, "{place} {:?}{type_name}{required} {:?}", row.name.value, row.description.value).unwrap();
    }
}

fn properties(out: &mut String, rows: Option<&[PropertyRow]>) {
    for row in rows.into_iter().flatten() {
        let required = if row.required { " required" } else { "" };
        let (name, type_name) = (&row.name.value, &row.type_name.value);
        writeln!(out, "  property {name:?} {type_name:?}{required} {:?}", row.description.value).unwrap();
    }
}

fn sample(out: &mut String, name: &str, sample: Option<&Sample>) {
    let Some(sample) = sample else {
        return;
    };
    writeln!(out, "{name}: {:?}", sample.start_line.value).unwrap();
    for (name, value) in &sample.headers {
        writeln!(out, "  {:?}: {:?}", name.value, value.value).unwrap();
    }
    match (&sample.body, &sample.body_text) {
        (Some(json), _) => writeln!(out, "  json {json}").unwrap(),
        (None, Some(text)) => writeln!(out, "  text {:?}", text.value).unwrap(),
        (None, None) => {}
    }
}
