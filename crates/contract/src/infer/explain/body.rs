//! Explains the bodies of requests and answers.

use docwright_pages::page::{Page, PropertyRow, Sample, Span, Spanned};

use super::Trace;
use super::fact::{Certainty, Fact, Mention};
use super::quote::{body_span, shown};
use crate::infer::body::{Body, BodyRule};
use crate::infer::evidence::{Place, Shape, carrier_in};
use crate::infer::types::{TypeName, type_name};

/// What a page says of a body, part by part.
struct Parts<'p> {
    page: usize,
    heading: Span,
    /// What the heading, and the line above the table, name; the one that counts stands first.
    kinds: Vec<&'p Spanned<String>>,
    rows: Option<&'p [PropertyRow]>,
    sample: Option<&'p Sample>,
}

impl Trace<'_> {
    /// Explains the body of a request.
    pub(super) fn request_body(&self, index: usize, body: &Body<'_>) -> Option<Fact> {
        let page = self.sources[index].page;
        let section = page.request_body.as_ref()?;
        let parts = Parts {
            page: index,
            heading: section.heading,
            kinds: section.kind.iter().filter(|kind| !kind.value.trim().is_empty()).collect(),
            rows: section.properties.as_deref(),
            sample: page.sample_request.as_ref(),
        };
        Some(self.body("request body", page, body, &parts))
    }

    /// Explains the body of an answer.
    pub(super) fn response_body(&self, index: usize, body: &Body<'_>) -> Option<Fact> {
        let page = self.sources[index].page;
        let section = page.response.as_ref()?;
        let kinds = section.body.iter().chain(&section.kind);
        let parts = Parts {
            page: index,
            heading: section.heading,
            kinds: kinds.filter(|kind| !kind.value.trim().is_empty()).collect(),
            rows: section.properties.as_deref(),
            sample: page.sample_response.as_ref(),
        };
        Some(self.body("answer's body", page, body, &parts))
    }

    fn body(&self, topic: &str, page: &Page, body: &Body<'_>, parts: &Parts<'_>) -> Fact {
        let value = body.shape.as_ref().map_or_else(|| "no content".to_owned(), |shape| self.body_type(shape));
        let here = |span: Span, what: String| self.mention(Place { page: parts.page, span }, what);
        let kind = parts.kinds.first().copied();
        let says = |kind: &Spanned<String>| here(kind.span, format!("the heading says `{}`", kind.value.trim()));
        let whole = || here(parts.heading, format!("the heading is `{}`", self.heading(parts.page, parts.heading)));
        let heading = kind.map_or_else(whole, says);
        let table =
            parts.rows.and_then(<[_]>::first).map(|row| here(row.name.span, "the table prints properties".to_owned()));
        let shows = |sample: &Sample| Some(format!("the sample shows {}", shown(sample.body.as_deref()?)));
        let sample = parts.sample.and_then(|sample| Some(here(body_span(Some(sample))?, shows(sample)?)));

        let (rule, certainty, because) = self.body_rule(page, body, parts);
        let mut fact = Fact::new(topic, value, certainty, rule).because(because);
        let (for_it, against): (Vec<Option<Mention>>, Option<Mention>) = match body.rule {
            // The kind of a list's items stands in the sample alone, where no table prints them.
            BodyRule::Heading if rule == "heading-and-sample" => (vec![Some(heading), sample], None),
            BodyRule::Heading => (vec![Some(heading), table], None),
            BodyRule::Table => (vec![table], kind.map(says)),
            BodyRule::SampleList => (vec![table, sample], kind.map(says)),
            BodyRule::Sample => (vec![sample], kind.map(says)),
            BodyRule::JsonPatch => (vec![table], kind.map(says)),
            BodyRule::ObjectWithoutTable => (vec![Some(heading), sample], None),
            BodyRule::EmptyKind | BodyRule::Bare => (vec![Some(heading)], None),
            BodyRule::NothingSaid => (vec![Some(heading)], None),
            BodyRule::NoContentStatus => {
                let status = page.response.as_ref().and_then(|response| response.statuses.first());
                let status = status.map(|row| here(row.status.span, format!("`{}`", row.status.value.trim())));
                (vec![Some(status.unwrap_or(heading))], kind.map(says))
            }
        };
        fact.places = for_it.into_iter().flatten().collect();
        fact.disagreeing.extend(against);
        // The other heading says the same less exactly, or something else.
        let differs = |other: &&&Spanned<String>| kind.is_some_and(|kind| contradict(&kind.value, &other.value));
        fact.disagreeing.extend(parts.kinds.iter().skip(1).filter(differs).map(|kind| says(kind)));
        fact
    }

    /// The rule behind a body, how sure it is, and its grounds.
    fn body_rule(&self, page: &Page, body: &Body<'_>, parts: &Parts<'_>) -> (&'static str, Certainty, String) {
        use Certainty::{Deduced, Guessed, Stated};
        let kind = parts.kinds.first().map(|kind| type_name(&kind.value));
        let (rule, certainty, because) = match body.rule {
            BodyRule::Heading => match (&kind, &body.shape) {
                (Some(TypeName::Named(name)), _) if self.evidence.survey.name(name, None).is_none() => {
                    let because = "what the heading names stands for carriers that have nothing in common";
                    ("placeholder-heading", Deduced, because)
                }
                (_, Some(Shape::Array(items))) if parts.rows.is_none() && **items != Shape::Unknown => {
                    ("heading-and-sample", Deduced, "only the sample shows what the list holds")
                }
                _ => ("body-heading", Stated, ""),
            },
            BodyRule::Table if kind.is_some() => ("property-table", Deduced, "only an object has properties"),
            BodyRule::Table => ("property-table", Stated, ""),
            BodyRule::SampleList => ("sample-list", Deduced, "only the sample shows that the body is a list"),
            BodyRule::Sample => ("sample-body", Deduced, "only the sample shows the body"),
            BodyRule::JsonPatch => (
                "json-patch",
                Deduced,
                "the rows are those of an operation of JSON Patch (RFC 6902), which come in lists",
            ),
            BodyRule::ObjectWithoutTable => {
                ("object-without-table", Deduced, "an object without a table promises no properties, so it is a map")
            }
            BodyRule::EmptyKind => {
                ("empty-kind", Deduced, "a heading whose colon has nothing behind it is what binary answers have")
            }
            BodyRule::NoContentStatus => ("no-content-status", Deduced, "no status that the page lists has content"),
            BodyRule::NothingSaid => {
                let certainty = if body.shape.is_some() { Guessed } else { Deduced };
                ("nothing-said", certainty, "the page names no kind that is known, and shows no table and no sample")
            }
            BodyRule::Bare => {
                let reason = self.reason_of("bare-request-body", &page.id.value).unwrap_or_default();
                return ("bare-request-body", Guessed, reason);
            }
        };
        (rule, certainty, because.to_owned())
    }

    /// A heading's words.
    fn heading(&self, page: usize, span: Span) -> &str {
        let text = self.sources[page].text.get(span.start..span.end).unwrap_or_default();
        text.trim_matches(['#', ' ', '\r', '\n'])
    }

    fn body_type(&self, shape: &Shape) -> String {
        let ty = self.type_of(shape, "").replace("carrier ", "");
        match carrier_in(shape).map(|id| &self.carriers.names[self.carriers.group_of[id]].name) {
            Some(name) => format!("{ty} (`explain {name}` says more)"),
            None => ty,
        }
    }
}

/// Whether two headings of one body name different kinds. A carrier's name says more than `object`.
fn contradict(one: &str, other: &str) -> bool {
    let is_object = |name: &TypeName| matches!(name, TypeName::Object | TypeName::Named(_));
    let (one, other) = (type_name(one), type_name(other));
    one != other && !(is_object(&one) && is_object(&other))
}
