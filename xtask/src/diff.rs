//! `cargo xtask diff`: what changed between two contracts, whom it breaks, and what it means for
//! the generated client.

mod client;
mod drift;
mod json;
mod listing;
mod markdown;
mod repository;
mod side;
mod text;

use std::collections::HashMap;

use clap::ValueEnum;
use docwright_contract::diff::{self, Anchor, Change, Nullability, Spot, Verdict};

use crate::cli::DiffOptions;
use crate::report;
use crate::workspace::Workspace;
pub(crate) use client::Step;
use client::{ClientChanges, Surfaces};
pub(crate) use drift::{from_documents, from_server};
use side::{Opened, Side};

/// How the changes are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For terminals.
    #[default]
    Text,
    /// For pull requests and changelogs.
    Markdown,
    /// For machines.
    Json,
}

/// What ends with exit code 1.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum FailOn {
    /// A change that breaks callers.
    #[default]
    Breaking,
    /// Any change.
    Any,
    /// Nothing.
    Never,
}

/// Everything that is to be said.
struct Comparison {
    base: String,
    revision: String,
    changes: Vec<Located>,
    client: ClientChanges,
}

/// The places of a change in the documents of one side, as `path:line`, in the order of its own places.
type Lines = Vec<Option<String>>;

impl Comparison {
    /// Whether there is nothing to tell.
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.client.is_empty()
    }
}

/// A change with its places in the documents.
struct Located {
    change: Change,
    base: Lines,
    revision: Lines,
}

/// Runs the command; answers whether `--fail-on` lets it pass.
///
/// # Errors
/// Where the sides cannot be compared, for whatever reason: no answer tells of anything but changes.
pub(crate) fn run(workspace: &Workspace, options: &DiffOptions) -> anyhow::Result<bool> {
    let open = |text: &str| Side::parse(text)?.fetch(workspace, options.overlay.as_deref());
    let (base, revision) = rayon::join(|| open(&options.base), || open(&options.revision));
    let (base, revision) = (base?, revision?);
    for side in [&base, &revision] {
        report::diagnostics(&side.errors(), report::Format::Text);
    }
    if !options.skip_bad_pages && (base.has_errors() || revision.has_errors()) {
        anyhow::bail!("nothing was compared: mend the pages above, or leave them out with --skip-bad-pages");
    }
    let (base, revision) = rayon::join(|| base.open(), || revision.open());
    let (base, revision) = (base?, revision?);
    base.write_notes(options.verbose);
    // Of one document compared with itself, once is enough.
    if base.label != revision.label {
        revision.write_notes(options.verbose);
    }

    let (comparison, gravest) = compare(&base, &revision);
    match options.format {
        DiffFormat::Text => report::say(text::write(&comparison, options.verbose).trim_end()),
        DiffFormat::Markdown => report::say(markdown::write(&comparison, options.verbose).trim_end()),
        DiffFormat::Json => report::say_json(&format!("{:#}", json::write(&comparison))),
    }
    Ok(match options.fail_on {
        FailOn::Never => true,
        FailOn::Any => comparison.is_empty(),
        FailOn::Breaking => gravest != Some(Verdict::Breaking),
    })
}

/// Compares both sides; also the gravest verdict.
fn compare(base: &Opened<'_>, revision: &Opened<'_>) -> (Comparison, Option<Verdict>) {
    let nullability =
        if base.knows_null() == revision.knows_null() { Nullability::Compared } else { Nullability::Unsaid };
    let (changes, surfaces) = rayon::join(
        || diff::compare_with(&base.contract, &revision.contract, nullability),
        || Surfaces::of(&base.contract, &revision.contract),
    );
    let client = ClientChanges::between((&base.contract, &revision.contract), &changes, surfaces);
    let gravest = diff::gravest(&changes);
    let comparison = Comparison {
        base: base.label.clone(),
        revision: revision.label.clone(),
        changes: locate(changes, base, revision),
        client,
    };
    (comparison, gravest)
}

/// Which number of the version has to grow for what became of `openapi.yaml` since a revision, and why.
pub(crate) fn step_since(workspace: &Workspace, revision: &str) -> anyhow::Result<(Step, String)> {
    let base = Side::parse(&format!("git:{revision}"))?.fetch(workspace, None)?;
    let now = Side::Path(workspace.contract()).fetch(workspace, None)?;
    let (comparison, _) = compare(&base.open()?, &now.open()?);
    Ok(listing::step(&comparison))
}

/// Finds the places of the changes in the documents.
fn locate(changes: Vec<Change>, base: &Opened<'_>, revision: &Opened<'_>) -> Vec<Located> {
    type SpotOf = fn(&diff::Place) -> Option<&Spot>;
    let sides: [(&Opened<'_>, SpotOf); 2] =
        [(base, |place| place.base.as_ref()), (revision, |place| place.revision.as_ref())];
    let [found_base, found_revision] = sides.map(|(side, spot)| {
        let spots = changes.iter().flat_map(|change| &change.places).filter_map(spot);
        side.find(spots.filter(|spot| spot.anchor != Anchor::Document || !spot.pointer.is_empty()))
    });
    let lines = |change: &Change, spot: SpotOf, found: &HashMap<&Spot, String>| {
        change.places.iter().map(|place| found.get(spot(place)?).cloned()).collect::<Vec<_>>()
    };
    let base: Vec<Lines> = changes.iter().map(|change| lines(change, sides[0].1, &found_base)).collect();
    let revision: Vec<Lines> = changes.iter().map(|change| lines(change, sides[1].1, &found_revision)).collect();
    let sides = base.into_iter().zip(revision);
    changes.into_iter().zip(sides).map(|(change, (base, revision))| Located { change, base, revision }).collect()
}
