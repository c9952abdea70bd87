//! Explains operations.

use docwright_pages::page::{Page, ParameterRow, Span};

use super::Trace;
use super::fact::{Certainty, Explanation, Fact, Mention};
use crate::infer::body::Bodies;
use crate::infer::evidence::Place;
use crate::infer::headers::Headers;
use crate::infer::operation::{DEFAULT_MEDIA_TYPE, TagRule, is_status, names_in, tag};
use crate::infer::types::{TypeName, type_name};
use crate::text::clean_line;

impl Trace<'_> {
    /// Explains the operation with this id.
    pub(super) fn operation(&self, id: &str) -> Option<Explanation> {
        let Some(at) = self.kept.iter().position(|index| self.sources[*index].page.id.value == id) else {
            return self.left_out(id);
        };
        let index = self.kept[at];
        let page = self.sources[index].page;
        let here = |span: Span, what: &str| self.mention(Place { page: index, span }, what);

        let mut facts = vec![self.route(index), self.id(index), self.tag(page, here(page.id.span, ""))];
        facts.extend(self.displaced(index));
        facts.extend(summary(page, &here));
        if let Some(text) = &page.description {
            let line = clean_line(&text.value).unwrap_or_default();
            facts.push(Fact::stated("description", line, "prose", here(text.span, "")));
        }
        facts.extend(path_parameters(page, &here));
        facts.extend(page.query_parameters.iter().map(|row| parameter("query parameter", row, &here)));
        let bodies = &self.bodies[at];
        facts.extend(headers(page, bodies, &here));
        facts.extend(bodies.request.as_ref().and_then(|body| self.request_body(index, body)));
        facts.extend(answers(page, &here));
        facts.extend(bodies.response.as_ref().and_then(|body| self.response_body(index, body)));
        Some(Explanation { kind: "operation", subject: id.to_owned(), facts })
    }

    fn tag(&self, page: &Page, place: Mention) -> Fact {
        let (tag, rule) = tag(page);
        let (rule, because) = match rule {
            TagRule::Folder => ("folder", format!("the page lies in `{}`", page.path)),
            TagRule::Path => ("path", "the path's first part begins the entity that the id names".to_owned()),
            TagRule::Entity => ("entity", "the id names this entity".to_owned()),
        };
        Fact { certainty: Certainty::Deduced, because, ..Fact::stated("tag", tag, rule, place) }
    }
}

/// The summary, for which a page without a first paragraph has its title.
pub(super) fn summary(page: &Page, here: &dyn Fn(Span, &str) -> Mention) -> Option<Fact> {
    let own = page.summary.as_ref().and_then(|text| Some((clean_line(&text.value)?, text.span)));
    if let Some((line, span)) = own {
        return Some(Fact::stated("summary", line, "first-paragraph", here(span, "")));
    }
    let title = page.title.as_ref()?;
    let fact = Fact::new("summary", clean_line(&title.value)?, Certainty::Deduced, "title");
    Some(fact.because("the page has no summary").seen(&[title.span], |span| here(*span, "")))
}

/// The parameters of the path in its order, and rows for which the path has no place.
fn path_parameters(page: &Page, here: &dyn Fn(Span, &str) -> Mention) -> Vec<Fact> {
    let is = |row: &ParameterRow, name: &str| row.name.value.trim().eq_ignore_ascii_case(name);
    let template = &page.path_template;
    let named = names_in(&template.value).map(|name| match page.path_parameters.iter().find(|row| is(row, name)) {
        Some(row) => {
            let fact = parameter("path parameter", row, here);
            let written = row.name.value.trim();
            let differs =
                if written == name { Vec::new() } else { vec![format!("the path writes `{{{name}}}`, which counts")] };
            let value = fact.value.replacen(written, name, 1);
            Fact { value, ..fact }.seen(&differs, |what| here(template.span, what))
        }
        None => {
            let value = format!("{name}: string, required");
            let fact = Fact::new("path parameter", value, Certainty::Deduced, "path-placeholder");
            let because = "no table has a row for it; the path needs it, and what no row describes is text";
            fact.because(because).seen(&[template.span], |span| here(*span, &format!("the path has `{{{name}}}`")))
        }
    });
    let is_placed = |row: &&ParameterRow| names_in(&template.value).any(|name| is(row, name));
    let unplaced = page.path_parameters.iter().filter(|row| !is_placed(row)).map(|row| {
        let value = format!("{} is left out", row.name.value.trim());
        let fact = Fact::new("path parameter", value, Certainty::Deduced, "no-placeholder");
        let fact = fact.because("the path has no place for it").seen(&[template.span], |span| here(*span, "the path"));
        fact.but(&[row.name.span], |span| here(*span, "a row describes it"))
    });
    named.chain(unplaced).collect()
}

/// A parameter as its row describes it.
fn parameter(topic: &str, row: &ParameterRow, here: &dyn Fn(Span, &str) -> Mention) -> Fact {
    let in_path = topic == "path parameter";
    let required = if row.required || in_path { ", required" } else { "" };
    let cell = row.type_name.as_ref().map(|cell| cell.value.trim());
    let says = match cell {
        None => "the table has no types".to_owned(),
        Some("") => "the cell is empty".to_owned(),
        Some(cell) => format!("the cell says `{cell}`"),
    };
    let (ty, certainty, rule, mut because) = match cell.map(type_name) {
        Some(TypeName::Scalar(scalar)) => (scalar.name().to_owned(), Certainty::Stated, "parameter-row", ""),
        Some(TypeName::Enumeration(values)) => {
            (format!("enum of {}", values.join(", ")), Certainty::Stated, "parameter-row", "")
        }
        Some(TypeName::Array) => (
            "array of string".to_owned(),
            Certainty::Deduced,
            "parameter-items",
            "the items of a parameter's list are text",
        ),
        _ => (
            "string".to_owned(),
            Certainty::Deduced,
            "parameter-as-text",
            "no type is named that parameters have; they travel as text",
        ),
    };
    if in_path && !row.required && because.is_empty() {
        because = "required, though the row does not say so, because the path needs it";
    }
    let fact = Fact::new(topic, format!("{}: {ty}{required}", row.name.value.trim()), certainty, rule);
    fact.because(because).seen(&[row.name.span], |span| here(*span, &says))
}

/// Sign-in, media types and headers.
fn headers(page: &Page, bodies: &Bodies<'_>, here: &dyn Fn(Span, &str) -> Mention) -> Vec<Fact> {
    let headers = Headers::read(&page.headers);
    let mut facts = Vec::new();
    for (index, row) in page.headers.iter().enumerate() {
        let name = row.name.value.trim();
        let place = here(row.name.span, "");
        facts.push(match name.to_ascii_lowercase().as_str() {
            "accept" if headers.accept.is_empty() => continue,
            "accept" => Fact::stated("answer's media types", headers.accept.join(", "), "accept-row", place),
            "content-type" => {
                let types = headers.content_type.as_deref().unwrap_or_default().join(", ");
                if types.is_empty() {
                    continue;
                }
                Fact::stated("request's media types", types, "content-type-row", place)
            }
            _ => {
                let schemes: Vec<&str> = headers
                    .schemes
                    .iter()
                    .filter(|(_, _, row)| *row == index)
                    .map(|(scheme, _, _)| scheme.as_str())
                    .collect();
                if schemes.is_empty() {
                    let required = if row.required { ", required" } else { "" };
                    Fact::stated("header", format!("{name}{required}"), "header-row", place)
                } else {
                    Fact::stated("sign-in", schemes.join(", "), "sign-in-row", place)
                }
            }
        });
    }
    let assumed = |topic: &str, span: Span| {
        let fact = Fact::new(topic, DEFAULT_MEDIA_TYPE, Certainty::Guessed, "default-media-type");
        fact.because("no row names a media type").seen(&[span], |span| here(*span, "the body"))
    };
    let has_content =
        |body: &Option<crate::infer::body::Body<'_>>| body.as_ref().is_some_and(|body| body.shape.is_some());
    if let Some(section) = page.response.as_ref().filter(|_| headers.accept.is_empty() && has_content(&bodies.response))
    {
        facts.push(assumed("answer's media types", section.heading));
    }
    let no_types = headers.content_type.as_ref().is_none_or(Vec::is_empty);
    if let Some(section) = page.request_body.as_ref().filter(|_| no_types && has_content(&bodies.request)) {
        facts.push(assumed("request's media types", section.heading));
    }
    facts
}

/// The statuses of the answers.
fn answers(page: &Page, here: &dyn Fn(Span, &str) -> Mention) -> Vec<Fact> {
    let Some(section) = &page.response else { return Vec::new() };
    let mut facts: Vec<Fact> = Vec::new();
    let mut is_answered = false;
    for row in &section.statuses {
        let (status, text) = (row.status.value.trim(), clean_line(&row.description.value).unwrap_or_default());
        let value = format!("{status} {text}").trim().to_owned();
        if !is_status(status) {
            let fact = Fact::new("answer", format!("`{status}` is left out"), Certainty::Deduced, "no-status");
            facts
                .push(fact.because("OpenAPI takes no such status").but(&[row.status.span], |span| here(*span, &value)));
        } else {
            is_answered = true;
            facts.push(Fact::stated("answer", value, "status-row", here(row.status.span, "")));
        }
    }
    if !is_answered {
        let fact = Fact::new("answer", "default", Certainty::Deduced, "no-statuses");
        let because = "the page lists no answers, and OpenAPI wants one at least";
        facts.push(fact.because(because).seen(&[section.heading], |span| here(*span, "")));
    }
    facts
}
