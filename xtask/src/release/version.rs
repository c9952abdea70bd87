//! Which version comes next.

use semver::Version;

use crate::diff::Step;

/// The least version that a step leads to. Below 1.0.0 a breaking change is the second number's, as cargo reads versions.
pub(super) fn least(last: &Version, step: Step) -> Version {
    match (last.major, step) {
        (0, Step::Major) => Version::new(0, last.minor + 1, 0),
        (0, _) => Version::new(0, last.minor, last.patch + 1),
        (_, Step::Major) => Version::new(last.major + 1, 0, 0),
        (_, Step::Minor) => Version::new(last.major, last.minor + 1, 0),
        (_, Step::Patch | Step::None) => Version::new(last.major, last.minor, last.patch + 1),
    }
}

/// A version as releases have it: three numbers and nothing behind them.
pub(crate) fn parse(text: &str) -> Result<Version, String> {
    match Version::parse(text) {
        Ok(version) if version.pre.is_empty() && version.build.is_empty() => Ok(version),
        _ => Err("a version has three numbers, such as 1.4.0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_the_least_version_that_says_so() {
        for (last, step, expected) in [
            ("0.1.2", Step::None, "0.1.3"),
            ("0.1.2", Step::Minor, "0.1.3"),
            ("0.1.2", Step::Major, "0.2.0"),
            ("1.4.2", Step::None, "1.4.3"),
            ("1.4.2", Step::Patch, "1.4.3"),
            ("1.4.2", Step::Minor, "1.5.0"),
            ("1.4.2", Step::Major, "2.0.0"),
        ] {
            assert_eq!(least(&parse(last).unwrap(), step), parse(expected).unwrap(), "{last}, {step:?}");
        }
    }

    #[test]
    fn versions_are_three_numbers() {
        for text in ["1", "1.2", "1.2.3-rc.1", "1.2.3+x", "v1.2.3", "", "01.2.3"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
