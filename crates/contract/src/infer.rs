//! Infers the [`Contract`] from reference pages.
//!
//! Pages state operations, parameters and the properties of a body's root; the carriers below it
//! stand in samples only, without names. Inference therefore works over all pages at once:
//! everything that any page prints of a carrier is gathered (`evidence`), sightings of one
//! carrier are brought together (`carriers`, `merge`) and named (`naming`), and every
//! decision that is a guess is kept with its reason.

mod body;
mod carriers;
mod codes;
mod conventions;
mod evidence;
pub mod explain;
mod fast;
mod headers;
mod merge;
mod naming;
mod operation;
mod phrases;
mod required;
mod sameness;
mod survey;
#[cfg(test)]
mod tests;
mod types;
mod xml;

use std::sync::Arc;

use docwright_pages::Diagnostic;
use docwright_pages::page::{Page, Span, Spanned};
use indexmap::IndexMap;
use rayon::prelude::*;
use serde_json::Value;

use crate::model::{Contract, Extensions, Info, Operation, Server, Tag};
pub use codes::CODES;
pub use explain::Trace;

/// The extension in which a winner names the operations that share its method and path template.
const DISPLACED: &str = "x-same-route";

/// A page with the text it was read from, which diagnostics need for lines and columns.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// What the page says.
    pub page: &'s Page,
    /// Its text.
    pub text: &'s str,
}

/// What came of inference.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// The contract, in the order of the pages.
    pub contract: Contract,
    /// Contradictions and oddities, in the order of the pages.
    pub diagnostics: Vec<Diagnostic>,
    /// How carriers got their names and shapes.
    pub decisions: Vec<Decision>,
}

/// One decision of the inference, for people who ask why.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The schema or property.
    pub subject: String,
    /// The rule's name, stable and in kebab-case.
    pub rule: &'static str,
    /// Whether the pages do not say it in so many words.
    pub guess: bool,
    /// The evidence, in a sentence.
    pub reason: String,
    /// Where the subject stands first.
    pub place: Option<Place>,
}

/// A place in one of the pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// Index into the list of sources.
    pub page: usize,
    /// Where in the page.
    pub span: Span,
}

impl From<evidence::Place> for Place {
    fn from(place: evidence::Place) -> Self {
        Self { page: place.page, span: place.span }
    }
}

/// Infers one contract from all pages. The order of `sources` is the order of the contract; sort
/// them for the same outcome on any machine.
pub fn infer(sources: &[Source<'_>]) -> Inferred {
    let (inferred, trace) = infer_traced(sources);
    // So many small things take long to give back.
    let Trace { evidence, carriers, bodies, .. } = trace;
    rayon::join(|| drop(evidence), || drop((carriers, bodies)));
    inferred
}

/// The same, with everything that explains the outcome.
pub fn infer_traced<'s>(sources: &[Source<'s>]) -> (Inferred, Trace<'s>) {
    let mut findings = codes::Findings::new(sources);
    let mut decisions = Vec::new();
    let mut conflicts = Vec::new();

    let kept = operation::distinct(sources, &mut findings);
    let pages: Vec<(usize, &Page)> = kept.iter().map(|index| (*index, sources[*index].page)).collect();
    let unknown = pages.par_iter().flat_map_iter(|(index, page)| unknown_types(page).map(|cell| (*index, cell)));
    for (index, cell) in unknown.collect::<Vec<_>>() {
        findings.unknown_type(index, cell);
    }
    let survey = survey::Survey::new(&pages);
    for (name, used) in &survey.ignored {
        findings.placeholder(name, used.first, used.times);
    }
    let mut evidence = evidence::Evidence::begin(&Arc::new(survey));
    let bodies = body::read_all(&pages, &mut evidence, &mut decisions);
    decisions.append(&mut evidence.guesses);
    for odd in &evidence.no_carriers {
        findings.no_carrier(odd.page, odd.row);
    }
    let mut sharing = operation::Sharing::default();
    let (mut carriers, shared) = rayon::join(
        || carriers::Carriers::new(&evidence, &mut decisions, &mut conflicts),
        || pages.iter().map(|page| sharing.share(*page)).collect::<Vec<_>>(),
    );
    findings.conflicts(conflicts);
    let answers = bodies.iter().filter_map(|bodies| bodies.response.as_ref()?.shape.as_ref());
    required::decide(&mut carriers, &evidence.sightings, answers, &mut decisions);

    let mut contract = Contract {
        info: Info { title: "API".to_owned(), version: "1.0.0".to_owned(), ..Info::default() },
        servers: vec![Server {
            url: "/".to_owned(),
            description: Some("The server that serves this document.".to_owned()),
            extensions: Extensions::new(),
        }],
        parameters: std::mem::take(&mut sharing.parameters),
        security_schemes: std::mem::take(&mut sharing.security_schemes),
        ..Contract::default()
    };
    operation::check_path_names(sources, &kept, &mut findings);
    for (index, row, scheme) in &sharing.contradictions {
        findings.sign_in(*index, row.description.span, scheme);
    }
    let operations = operation::Operations { carriers: &carriers, survey: &evidence.survey };
    let pieces = kept.par_iter().zip(&bodies).zip(shared);
    contract.operations =
        pieces.map(|((index, bodies), shared)| operations.build(sources[*index].page, bodies, shared)).collect();
    for (operation, index) in contract.operations.iter_mut().zip(&kept) {
        let displaced: Vec<Value> =
            findings.displaced.iter().filter(|(winner, _)| winner == index).map(|(_, page)| page.clone()).collect();
        if !displaced.is_empty() {
            operation.extensions.insert(DISPLACED.to_owned(), displaced.into());
        }
    }
    contract.tags = tags(&contract.operations);
    let roots = bodies.iter().flat_map(|bodies| bodies.request.iter().chain(&bodies.response));
    contract.schemas = carriers.components(roots.filter_map(|body| body.shape.as_ref()));
    xml::describe(&mut contract);
    let diagnostics = findings.into_diagnostics();
    let trace = Trace { sources: sources.to_vec(), kept, bodies, evidence, carriers, decisions: decisions.clone() };
    (Inferred { contract, diagnostics, decisions }, trace)
}

/// Type cells that name nothing.
fn unknown_types(page: &Page) -> impl Iterator<Item = &Spanned<String>> {
    let tables = [
        page.request_body.as_ref().and_then(|body| body.properties.as_ref()),
        page.response.as_ref().and_then(|response| response.properties.as_ref()),
    ];
    let properties = tables.into_iter().flatten().flatten().map(|row| &row.type_name);
    let parameters = page.path_parameters.iter().chain(&page.query_parameters);
    let cells = properties.chain(parameters.filter_map(|row| row.type_name.as_ref()));
    cells.filter(|cell| types::type_name(&cell.value) == types::TypeName::Unknown)
}

/// The tags that operations name, in their order, each with the path that its operations share.
fn tags(operations: &[Operation]) -> Vec<Tag> {
    let mut paths: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for operation in operations {
        for tag in &operation.tags {
            let shared = paths.entry(tag).or_insert_with(|| operation.path.split('/').collect());
            let same = shared.iter().zip(operation.path.split('/')).take_while(|(a, b)| *a == b).count();
            shared.truncate(same);
        }
    }
    let described = paths.into_iter().map(|(name, shared)| {
        let place = Some(shared.join("/")).filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned());
        Tag { name: name.to_owned(), description: Some(format!("Operations at `{place}`.")), ..Tag::default() }
    });
    described.collect()
}
