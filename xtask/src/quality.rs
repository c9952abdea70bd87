//! `cargo xtask report`: the documentation's own quality.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use docwright_contract::report::{self as quality, Input};

use crate::cli::ReportOptions;
use crate::files::{FileSet, Mode};
use crate::pipeline::{Pages, plan_reference};
use crate::report::{UsageError, counted, plural, say};
use crate::samples;
use crate::workspace::Workspace;

/// Runs the command; a report of bad pages is a good report.
pub(crate) fn run(workspace: &Workspace, options: &ReportOptions) -> anyhow::Result<bool> {
    let own_overlay = workspace.overlay();
    let (folder, overlay) = match &options.documents {
        Some(folder) => (folder.clone(), options.overlay.as_deref()),
        None => (workspace.documents(), Some(options.overlay.as_deref().unwrap_or(&own_overlay))),
    };
    let out = options.out.clone().unwrap_or_else(|| workspace.root().join("target/report.html"));
    let (Some(name), Some(parent)) = (out.file_name().and_then(|name| name.to_str()), out.parent()) else {
        return Err(UsageError(format!("`{}` is no file name", out.display())).into());
    };

    // Pages with errors are what a report is for.
    let plan = plan_reference(&folder, overlay, true, Pages::Kept)?;
    let contract = plan.contract()?;
    let sample_breaks = samples::breaks(contract).map_err(anyhow::Error::msg)?;
    let report = quality::build(&Input {
        sources: &plan.reference.sources(),
        contract,
        diagnostics: &plan.reference.diagnostics,
        decisions: &plan.decisions,
        sample_breaks: &sample_breaks,
    });

    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    fs::create_dir_all(parent).with_context(|| format!("cannot create the folder `{}`", parent.display()))?;
    let is_json = out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = if is_json {
        serde_json::to_string_pretty(&report)? + "\n"
    } else {
        quality::html::render(&report, way(parent, &folder).as_deref())?
    };
    let mut files = FileSet::default();
    files.add(name, text);
    files.apply(parent, Mode::Write)?;
    say(format_args!(
        "{}: {}, {}; {}, {}, {} of advice",
        out.display(),
        plural(report.summary.pages, "page"),
        counted(report.findings.len(), "finding", "findings"),
        plural(report.summary.errors, "error"),
        plural(report.summary.warnings, "warning"),
        plural(report.summary.advice, "piece"),
    ));
    Ok(true)
}

/// The relative way from the report's folder to the folder that holds the documents' folder, with a
/// `/` at its end; `None` where there is none, such as to another drive.
fn way(from: &Path, documents: &Path) -> Option<String> {
    let from = fs::canonicalize(from).ok()?;
    let to = fs::canonicalize(documents).ok()?.parent()?.to_path_buf();
    relative(&from, &to)
}

fn relative(from: &Path, to: &Path) -> Option<String> {
    let parts =
        |path: &Path| -> Vec<PathBuf> { path.components().map(|part| PathBuf::from(part.as_os_str())).collect() };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let is_name = |part: &PathBuf| matches!(part.components().next(), Some(Component::Normal(_)));
    if common == 0 || !from[common..].iter().chain(&to[common..]).all(is_name) {
        return None;
    }
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to[common..].iter().map(|part| part.to_string_lossy().into_owned());
    Some(up.chain(down).map(|part| part + "/").collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn the_way_to_the_documents_is_relative() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), Some(expected), "{from} to {to}");
        };
        check("/project/target", "/project", "../");
        check("/project", "/project", "");
        check("/project/out/a", "/project/pages", "../../pages/");
        check("/", "/a b", "a b/");
    }
}
