//! Why the contract says what it says: which pages and lines an operation, schema or property comes
//! from, which rule decided, how sure that is, and what other evidence disagreed.

mod body;
mod carrier;
mod fact;
mod operation;
mod property;
mod quote;
mod route;

use super::body::Bodies;
use super::carriers::Carriers;
use super::evidence::{self, Evidence};
use super::{Decision, Source};

pub use fact::{Certainty, Explanation, Fact, Mention};

/// Names that are similar enough to be what was meant, on the scale of Jaro and Winkler.
const SIMILAR: f64 = 0.85;
/// How many of them help.
const SUGGESTIONS: usize = 3;

/// What inference knew when it decided; [`infer_traced`](super::infer_traced) gives it.
#[derive(Debug)]
pub struct Trace<'s> {
    pub(super) sources: Vec<Source<'s>>,
    /// The pages whose operations stand in the contract, and what each says of its bodies.
    pub(super) kept: Vec<usize>,
    pub(super) bodies: Vec<Bodies<'s>>,
    pub(super) evidence: Evidence<'s>,
    pub(super) carriers: Carriers<'s>,
    pub(super) decisions: Vec<Decision>,
}

impl Trace<'_> {
    /// Explains an operation by its id, a schema by its name, or a property as `Schema.Property`.
    /// `None` where the pages have nothing of that name.
    pub fn explain(&self, name: &str) -> Option<Explanation> {
        self.operation(name).or_else(|| self.schema(name)).or_else(|| {
            // Names of properties may have dots themselves: `odata.metadata`.
            name.match_indices('.').find_map(|(at, _)| self.property(&name[..at], &name[at + 1..]))
        })
    }

    /// Names that were perhaps meant by one that does not exist, the best first.
    pub fn suggestions(&self, name: &str) -> Vec<String> {
        let ids = self.sources.iter().map(|source| source.page.id.value.clone());
        let schemas = self.carriers.names.iter().map(|naming| naming.name.clone());
        let owner = name.split_once('.').map_or("", |(owner, _)| owner);
        let properties = self.group_named(owner).into_iter().flat_map(|group| {
            let properties = self.carriers.groups[group].properties.keys();
            properties.map(move |property| format!("{}.{property}", self.carriers.names[group].name))
        });
        let wanted = name.to_lowercase();
        let score = |known: &str| {
            let known = known.to_lowercase();
            // Whoever forgets the entity in front still means the operation.
            if known.ends_with(&wanted) { 1.0 } else { strsim::jaro_winkler(&known, &wanted) }
        };
        let mut scored: Vec<(f64, String)> = ids
            .chain(schemas)
            .chain(properties)
            .map(|known| (score(&known), known))
            .filter(|(score, _)| *score >= SIMILAR)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        scored.dedup();
        scored.into_iter().take(SUGGESTIONS).map(|(_, known)| known).collect()
    }

    fn group_named(&self, name: &str) -> Option<usize> {
        self.carriers.names.iter().position(|naming| naming.name == name)
    }

    /// A place in a page, with what is to be seen there.
    fn mention(&self, place: evidence::Place, what: impl Into<String>) -> Mention {
        let source = self.sources[place.page];
        let position = docwright_pages::position(source.text, place.span.start);
        Mention { path: source.page.path.clone(), line: position.line, column: position.column, what: what.into() }
    }

    /// Why a rule decided about a subject, where it did.
    fn reason_of(&self, rule: &str, subject: &str) -> Option<String> {
        let decision = self.decisions.iter().find(|decision| decision.rule == rule && decision.subject == subject)?;
        Some(decision.reason.clone())
    }
}
