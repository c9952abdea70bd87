//! The overlay as a file, whose actions have lines.

use std::path::Path;

use anyhow::Context as _;
use docwright_contract::overlay::{Overlay, UnmatchedTarget};
use docwright_pages::page::{Position, Span};
use docwright_pages::{Diagnostic, position};

use crate::diagnostics_page::OVERLAY_TARGET;
use crate::pipeline::read_input;

/// An overlay with the text it was read from.
#[derive(Debug)]
pub(crate) struct OverlayFile {
    pub(crate) overlay: Overlay,
    /// As the caller gave it.
    path: String,
    text: String,
}

impl OverlayFile {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read_input(path, "overlay")?;
        Self::parse(path.display().to_string(), text)
    }

    /// An overlay that was read already, from `path`.
    pub(crate) fn parse(path: String, text: String) -> anyhow::Result<Self> {
        let overlay = Overlay::parse(&text).with_context(|| format!("in `{path}`"))?;
        Ok(Self { overlay, path, text })
    }

    /// Warnings of actions that select nothing: most likely corrections that went stale.
    pub(crate) fn warnings(&self, unmatched: &[UnmatchedTarget]) -> Vec<Diagnostic> {
        let warning = |(at, action): (usize, &UnmatchedTarget)| {
            // Several actions may miss with one target; each has a line of its own.
            let earlier = unmatched[..at].iter().filter(|other| other.target == action.target).count();
            let span = target_at(&self.text, &action.target, earlier);
            Diagnostic {
                code: OVERLAY_TARGET.code,
                severity: OVERLAY_TARGET.severity,
                message: action.to_string(),
                path: self.path.clone(),
                span: span.unwrap_or_default(),
                position: span.map_or(Position { line: 1, column: 1 }, |span| position(&self.text, span.start)),
                help: Some(OVERLAY_TARGET.help.to_owned()),
                note: None,
            }
        };
        unmatched.iter().enumerate().map(warning).collect()
    }
}

/// Where the overlay's text has this target, after `earlier` others of the same words.
fn target_at(text: &str, target: &str, earlier: usize) -> Option<Span> {
    let single_quoted = target.replace('\'', "''");
    let double_quoted = target.replace('\\', "\\\\").replace('"', "\\\"");
    let places = |written: &str| -> Vec<Span> {
        let all = text.match_indices(written).map(|(start, _)| Span { start, end: start + written.len() });
        all.filter(|span| {
            let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            let is_member = text[line..span.start].contains("target") && !text[line..].trim_start().starts_with('#');
            // A longer target may begin with the same words.
            let after = text[span.end..].chars().next();
            is_member && after.is_none_or(|c| c.is_whitespace() || "'\",}".contains(c))
        })
        .collect()
    };
    let found = [target, &single_quoted, &double_quoted].into_iter().map(places).find(|found| !found.is_empty())?;
    found.get(earlier).or(found.last()).copied()
}

#[cfg(test)]
mod tests {
    use docwright_pages::position;

    use super::target_at;

    #[test]
    fn targets_are_found_however_they_are_written() {
        let text = "# target: $.a\nactions:\n  - target: $.a.b\n  - target: $.a\n  - { target: \"$.c['d']\" }\n  \
                    - target: '$.e[''f'']'\n  - target: $.a\n  - description: x\n    target: \"$.g[\\\"h\\\"]\"\n";
        let check = |target: &str, earlier: usize, line: Option<usize>| {
            let found = target_at(text, target, earlier).map(|span| position(text, span.start).line);
            assert_eq!(found, line, "{target}");
        };
        check("$.a.b", 0, Some(3));
        check("$.a", 0, Some(4));
        check("$.a", 1, Some(7));
        check("$.c['d']", 0, Some(5));
        check("$.e['f']", 0, Some(6));
        check("$.g[\"h\"]", 0, Some(9));
        check("$.z", 0, None);
    }
}
