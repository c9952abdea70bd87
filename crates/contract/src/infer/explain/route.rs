//! Explains which page has a route or an id where several pages want it.

use docwright_pages::page::Span;

use super::Trace;
use super::fact::{Certainty, Explanation, Fact, Mention};
use super::operation::summary;
use crate::infer::evidence::Place;
use crate::infer::operation::{anonymous, names_in};
use crate::model::Method;

/// Why of two operations one has to go.
const ONE_A_ROUTE: &str = "OpenAPI holds one operation for a method and a path, whatever the path's parameters are \
                           called; of several, the one whose id comes first stays";

impl Trace<'_> {
    /// Method and path, with the operations that call the parameters of this path otherwise.
    pub(super) fn route(&self, index: usize) -> Fact {
        let page = self.sources[index].page;
        let route = format!("{} {}", page.method.value, page.path_template.value);
        let line = self.line(index, page.method.span);
        let rule = if line.starts_with('#') || line.starts_with("title:") { "title" } else { "request-line" };
        let fact = Fact::stated("route", route, rule, self.at(index, page.method.span, ""));
        let path = anonymous(&page.path_template.value);
        let renamed = |other: &&usize| {
            let template = &self.sources[**other].page.path_template.value;
            anonymous(template) == path && names_in(template).ne(names_in(&page.path_template.value))
        };
        let others: Vec<usize> = self.kept.iter().filter(renamed).copied().collect();
        fact.but(&others, |other| {
            let page = self.sources[*other].page;
            let what = format!("`{}` calls the path `{}`", page.id.value, page.path_template.value);
            self.at(*other, page.path_template.span, &what)
        })
    }

    /// The id, with pages that have the same.
    pub(super) fn id(&self, index: usize) -> Fact {
        let id = &self.sources[index].page.id;
        let others: Vec<usize> = (0..self.sources.len())
            .filter(|other| *other != index && self.sources[*other].page.id.value == id.value)
            .collect();
        let fact = Fact::stated("id", &id.value, "front-matter", self.at(index, id.span, ""));
        fact.but(&others, |other| {
            self.at(*other, self.sources[*other].page.id.span, "another page with this id, which is left out")
        })
    }

    /// The operations that this one keeps out of the contract.
    pub(super) fn displaced(&self, index: usize) -> Option<Fact> {
        let losers: Vec<usize> =
            (0..self.sources.len()).filter(|other| self.winner_over(*other) == Some(index)).collect();
        if losers.is_empty() {
            return None;
        }
        let ids: Vec<&str> = losers.iter().map(|loser| self.sources[*loser].page.id.value.as_str()).collect();
        let fact = Fact::new("displaces", ids.join(", "), Certainty::Deduced, "same-route").because(ONE_A_ROUTE);
        Some(fact.but(&losers, |loser| self.route_of(*loser)))
    }

    /// Explains an operation that a page describes and the contract does not hold.
    pub(super) fn left_out(&self, id: &str) -> Option<Explanation> {
        let index = self.sources.iter().position(|source| source.page.id.value == id)?;
        let page = self.sources[index].page;
        let reason = match self.winner_over(index) {
            Some(winner) => {
                let name = &self.sources[winner].page.id.value;
                let value = format!("displaced by `{name}` (`explain {name}` says more)");
                let fact = Fact::new("left out", value, Certainty::Deduced, "same-route").because(ONE_A_ROUTE);
                fact.seen(&[winner], |winner| self.route_of(*winner)).but(&[index], |index| self.route_of(*index))
            }
            None => {
                let value = format!("`{}` is no method that OpenAPI knows", page.method.value);
                let fact = Fact::new("left out", value, Certainty::Deduced, "unknown-method");
                fact.seen(&[page.method.span], |span| self.at(index, *span, ""))
            }
        };
        let mut facts = vec![reason, self.id(index)];
        facts.extend(summary(page, &|span, what| self.at(index, span, what)));
        Some(Explanation { kind: "operation", subject: id.to_owned(), facts })
    }

    /// The page in the contract that has the method and the path of this one, which has another id.
    fn winner_over(&self, loser: usize) -> Option<usize> {
        let page = self.sources[loser].page;
        let route = |index: usize| {
            let page = self.sources[index].page;
            (page.method.value.to_ascii_uppercase(), anonymous(&page.path_template.value))
        };
        Method::parse(&page.method.value)?;
        if self.kept.iter().any(|index| self.sources[*index].page.id.value == page.id.value) {
            return None;
        }
        let wanted = route(loser);
        self.kept.iter().copied().find(|index| route(*index) == wanted)
    }

    fn route_of(&self, index: usize) -> Mention {
        let page = self.sources[index].page;
        let what = format!("`{}` is `{} {}`", page.id.value, page.method.value, page.path_template.value);
        self.at(index, page.method.span, &what)
    }

    fn at(&self, page: usize, span: Span, what: &str) -> Mention {
        self.mention(Place { page, span }, what)
    }

    /// The line that a place begins in.
    fn line(&self, index: usize, span: Span) -> &str {
        let text = self.sources[index].text;
        let start = text[..text.floor_char_boundary(span.start)].rfind('\n').map_or(0, |at| at + 1);
        text[start..].lines().next().unwrap_or_default()
    }
}
