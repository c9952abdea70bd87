//! Reads a skeleton as `generate` will read it, and compares that with what was asked for.

use std::collections::BTreeSet;

use anyhow::bail;
use docwright_contract::Contract;
use docwright_contract::correct::correct;
use docwright_contract::infer::{Source, infer};
use docwright_contract::model::{Operation, RefOr, Schema, Type};
use docwright_contract::overlay::Overlay;
use docwright_pages::codes::PLACEHOLDER_TEXT;
use docwright_pages::{Diagnostic, parse, position};

use super::body::{Body, Carrier};

/// The pages at hand, and what they state without the new one.
pub(super) struct Proof<'s> {
    sources: &'s [Source<'s>],
    overlay: Option<&'s Overlay>,
    before: Contract,
    diagnostics: Vec<Diagnostic>,
}

/// What the new page is to say.
pub(super) struct Asked<'a> {
    pub(super) id: &'a str,
    pub(super) request: Option<&'a Body>,
    pub(super) answer: Option<&'a Body>,
}

impl<'s> Proof<'s> {
    /// Reads the pages at hand.
    pub(super) fn new(sources: &'s [Source<'s>], overlay: Option<&'s Overlay>) -> anyhow::Result<Self> {
        let inferred = infer(sources);
        let (before, _) = correct(inferred.contract, overlay)?;
        Ok(Self { sources, overlay, before, diagnostics: inferred.diagnostics })
    }

    /// The contract without the new page.
    pub(super) fn before(&self) -> &Contract {
        &self.before
    }

    /// The lines that wait for the author of a page, each with what stands there.
    ///
    /// # Errors
    /// When the page would not be read as asked, or would change what other pages say.
    pub(super) fn of(&self, path: &str, text: &str, asked: &Asked<'_>) -> anyhow::Result<Vec<(usize, String)>> {
        let parsed = parse(path, text);
        let (blanks, mut odd): (Vec<_>, Vec<_>) =
            parsed.diagnostics.into_iter().partition(|diagnostic| diagnostic.code == PLACEHOLDER_TEXT.code);
        let Some(page) = &parsed.page else { bail!("the page would be none:{}", list(&odd)) };
        let mut sources = self.sources.to_vec();
        sources.push(Source { page, text });
        // As `generate` will have them.
        sources.sort_by(|a, b| a.page.path.cmp(&b.page.path));
        let inferred = infer(&sources);
        odd.extend(inferred.diagnostics.into_iter().filter(|diagnostic| !self.knows(diagnostic)));
        if !odd.is_empty() {
            bail!("the page would not be understood without a warning:{}", list(&odd));
        }
        let (after, _) = correct(inferred.contract, self.overlay)?;
        self.compare(&after, asked)?;

        let line = |start| position(text, start).line;
        let mut lines: Vec<(usize, String)> =
            blanks.iter().map(|blank| (blank.position.line, excerpt(text, blank.span.start))).collect();
        let samples = [(asked.request, &page.sample_request), (asked.answer, &page.sample_response)];
        for (body, sample) in samples {
            if let (Some(carrier), Some(sample)) = (new_carrier(body), sample) {
                lines.push((line(sample.span.start), format!("the sample, with the properties of `{}`", carrier.name)));
            }
        }
        lines.sort();
        Ok(lines)
    }

    /// Whether the pages at hand have this finding without the new one.
    fn knows(&self, found: &Diagnostic) -> bool {
        let key = |diagnostic: &Diagnostic| (diagnostic.code, diagnostic.path.clone(), diagnostic.message.clone());
        self.diagnostics.iter().any(|known| key(known) == key(found))
    }

    /// Complains where the contract with the page has other carriers than those that were asked for.
    fn compare(&self, after: &Contract, asked: &Asked<'_>) -> anyhow::Result<()> {
        let Some(operation) = after.operations.iter().find(|operation| operation.operation_id == asked.id) else {
            bail!("the page's operation would be left out of the contract");
        };
        for (body, found) in [(asked.request, sent(operation)), (asked.answer, answered(operation))] {
            let carrier = body.and_then(Body::carrier).map(|carrier| carrier.name.as_str());
            let found = found.and_then(referred);
            if carrier != found {
                let (carrier, found) = (carrier.unwrap_or("no carrier"), found.unwrap_or("no carrier"));
                bail!("the page would be read as `{found}`, not as `{carrier}`\n  help: give another name");
            }
        }
        let carriers = || [asked.request, asked.answer].into_iter().filter_map(|body| body?.carrier());
        let new: BTreeSet<&str> =
            carriers().filter(|carrier| carrier.is_new).map(|carrier| carrier.name.as_str()).collect();
        let old: BTreeSet<&str> = carriers().map(|carrier| carrier.name.as_str()).collect();
        // What a page alone shows, others cannot contradict.
        let changed = |(name, schema): (&'_ String, &Schema)| match self.before.schemas.get(name) {
            _ if new.contains(name.as_str()) => false,
            Some(before) => before.ty != schema.ty || before != schema && !old.contains(name.as_str()),
            None => !self.sources.is_empty(),
        };
        let changes = after.schemas.iter().find(|schema| changed(*schema)).map(|(name, _)| name);
        let lost = || self.before.schemas.keys().find(|name| !after.schemas.contains_key(*name));
        let Some(other) = changes.or_else(lost) else { return Ok(()) };
        match carriers().find(|carrier| !carrier.is_new) {
            Some(carrier) if carrier.name == *other => bail!(
                "the contract says of `{other}` what a page cannot say, and the page would change it\n  help: give another \
                 carrier, or a new name"
            ),
            Some(carrier) => bail!(
                "at the root of a body, `{}` would not be recognised: the page would change what `{other}` is\n  help: a \
                 carrier of few properties is known by the property that leads to it; give a carrier that has it, or a new \
                 name",
                carrier.name
            ),
            None => bail!("the page would change what `{other}` is on other pages\n  help: give another name"),
        }
    }
}

fn new_carrier(body: Option<&Body>) -> Option<&Carrier> {
    body?.carrier().filter(|carrier| carrier.is_new)
}

/// What an operation takes.
fn sent(operation: &Operation) -> Option<&Schema> {
    operation.request_body.as_ref()?.content.values().next()?.schema.as_ref()
}

/// What an operation answers when all is well; errors are the overlay's.
fn answered(operation: &Operation) -> Option<&Schema> {
    let good = operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let mut inline = good.filter_map(|(_, response)| match response {
        RefOr::Inline(response) => Some(response),
        RefOr::Ref(_) => None,
    });
    inline.find_map(|response| response.content.values().next())?.schema.as_ref()
}

/// The carrier that a body is, or that its items are.
fn referred(schema: &Schema) -> Option<&str> {
    match &schema.ty {
        Type::Ref(name) => Some(name),
        Type::Array { items } => referred(items),
        Type::AllOf(parts) => parts.iter().find_map(referred),
        _ => None,
    }
}

/// The line's beginning at a place of the page.
fn excerpt(text: &str, start: usize) -> String {
    let rest = text.get(start..).unwrap_or_default();
    rest.lines().next().unwrap_or_default().trim_end_matches([' ', '|']).replace(" **Required**", "")
}

fn list(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("\n{diagnostic}")).collect()
}
