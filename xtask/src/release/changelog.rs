//! The section of `CHANGELOG.md` that becomes a release's.

use semver::Version;

const UNRELEASED: &str = "## Unreleased";

/// The changelog in parts, which together are the text.
pub(super) struct Changelog<'t> {
    /// Up to the heading of what is not released, with it; the whole text where there is none.
    before: &'t str,
    /// What is not released; `None` where there is no such heading.
    unreleased: Option<&'t str>,
    /// From the next section's heading on.
    after: &'t str,
}

impl<'t> Changelog<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            at += line.len();
            if line.trim_end() == UNRELEASED {
                let rest = &text[at..];
                let end = rest.find("\n## ").map_or(rest.len(), |end| end + 1);
                return Self { before: &text[..at], unreleased: Some(&rest[..end]), after: &rest[end..] };
            }
        }
        Self { before: text, unreleased: None, after: "" }
    }

    /// What is wrong with it for a release of this version, and what to do.
    pub(super) fn problem(&self, version: &Version) -> Option<(String, &'static str)> {
        let heading = format!("## {version} - ");
        // Headings alone tell users nothing.
        let says_something = |text: &str| text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
        match self.unreleased {
            None => {
                Some((format!("CHANGELOG.md has no section `{UNRELEASED}`"), "write one, with what users will notice"))
            }
            Some(text) if !says_something(text) => Some((
                format!("the section `{UNRELEASED}` of CHANGELOG.md says nothing"),
                "write what users will notice; `cargo xtask diff git:TAG documents --format markdown` helps",
            )),
            Some(_) if self.after.lines().any(|line| line.starts_with(&heading)) => {
                Some((format!("CHANGELOG.md has a section for {version} already"), "choose another version"))
            }
            Some(_) => None,
        }
    }

    /// The text with what was not released under the version's own heading.
    pub(super) fn released(&self, version: &Version, date: &str) -> String {
        let own = self.unreleased.unwrap_or_default().trim_matches('\n');
        let gap = if self.after.is_empty() { "" } else { "\n" };
        format!("{}\n## {version} - {date}\n\n{own}\n{gap}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# Changelog\n\nFor users.\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-02\n\n- First.\n";

    #[test]
    fn what_was_not_released_gets_a_heading_of_its_own() {
        let text = Changelog::of(TEXT).released(&Version::new(0, 2, 0), "2026-03-04");
        let expected = TEXT.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 - 2026-03-04\n");
        assert_eq!(text, expected);
        assert!(Changelog::of(&text).problem(&Version::new(0, 3, 0)).is_some(), "nothing is left to release");
        // Of the first release there is nothing behind it.
        let first = TEXT.split("\n## 0.1.0").next().unwrap();
        let text = Changelog::of(first).released(&Version::new(0, 1, 0), "2026-03-04");
        assert_eq!(text, first.replace("## Unreleased\n", "## Unreleased\n\n## 0.1.0 - 2026-03-04\n"));
    }

    #[test]
    fn a_changelog_without_news_is_a_problem() {
        let problem = |text: &str, version| Changelog::of(text).problem(&version).map(|(problem, _)| problem);
        let next = Version::new(0, 2, 0);
        assert_eq!(problem(TEXT, next.clone()), None);
        for (text, part) in [
            (TEXT.replace("## Unreleased", "## Soon"), "has no section"),
            (TEXT.replace("- A thing.\n", ""), "says nothing"),
            (TEXT.replace("0.1.0", "0.2.0"), "already"),
        ] {
            let problem = problem(&text, next.clone()).unwrap();
            assert!(problem.contains(part), "{problem}");
        }
    }
}
