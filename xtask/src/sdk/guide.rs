//! The programs that `docs/sdk.md` shows: fences such as ```` ```ts sdk=hey-api ````.

/// The address that those programs show; where they run, the service has another.
pub(super) const SHOWN_SERVICE: &str = "http://127.0.0.1:8080";

/// The program that `guide` shows for this SDK.
pub(super) fn first_call(guide: &str, name: &str) -> Option<String> {
    let mut lines = guide.lines();
    let mark = format!("sdk={name}");
    lines.find(|line| line.strip_prefix("```").is_some_and(|info| info.split(' ').skip(1).any(|word| word == mark)))?;
    let program: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    Some(program.join("\n") + "\n")
}

/// The same program for the service at `url`.
pub(super) fn at(program: &str, url: &str) -> String {
    program.replace(SHOWN_SERVICE, url)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::sdk::matrix::{CONTRACT, MATRIX};
    use crate::sdk::pins;
    use crate::workspace::Workspace;

    fn guide() -> String {
        fs::read_to_string(Workspace::locate().unwrap().root().join("docs/sdk.md")).unwrap()
    }

    #[test]
    fn a_fence_belongs_to_the_sdk_that_it_names() {
        let guide = "Text.\n\n```ts sdk=a-b\none();\n\ntwo();\n```\n\n```ts sdk=a\nthree();\n```\n";
        assert_eq!(first_call(guide, "a").as_deref(), Some("three();\n"));
        assert_eq!(first_call(guide, "a-b").as_deref(), Some("one();\n\ntwo();\n"));
        assert_eq!(first_call(guide, "b"), None);
        assert_eq!(at("go(\"http://127.0.0.1:8080\")", "http://127.0.0.1:1"), "go(\"http://127.0.0.1:1\")");
    }

    /// The commands that `guide` shows before the program of this SDK: those of the fence `console` above it.
    fn shown_commands(guide: &str, name: &str) -> Vec<Vec<String>> {
        let (before, _) = guide.split_once(&format!(" sdk={name}\n")).unwrap_or_else(|| panic!("no fence for {name}"));
        let (_, console) = before.rsplit_once("```console\n").unwrap();
        let (console, _) = console.split_once("```").unwrap();
        let console = console.replace("\\\n", " ");
        let commands = console.lines().map(|line| line.strip_prefix("$ ").unwrap_or_else(|| panic!("{line}")));
        // Variables may stand before a command.
        let words = commands.map(|line| line.split_whitespace().skip_while(|word| word.starts_with("SDK_")));
        words.map(|words| words.map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_guide_shows_the_commands_that_are_run() {
        let guide = guide();
        for sdk in MATRIX {
            let run = sdk.generate.iter().map(|line| line.iter().map(|word| word.replace(CONTRACT, "openapi.yaml")));
            let run: Vec<Vec<String>> = run.map(Iterator::collect).collect();
            assert_eq!(shown_commands(&guide, sdk.name), run, "{}", sdk.name);
        }
    }

    #[test]
    fn every_sdk_has_its_first_call_in_the_guide() {
        let guide = guide();
        for sdk in MATRIX {
            let program = first_call(&guide, sdk.name).unwrap_or_else(|| panic!("no fence for {}", sdk.name));
            assert_eq!(program.matches(SHOWN_SERVICE).count(), 1, "{}: where is the service?", sdk.name);
        }
    }

    #[test]
    fn the_guide_names_the_pinned_versions_and_the_known_warnings() {
        let (guide, folder) = (guide(), Workspace::locate().unwrap().sdk());
        for sdk in MATRIX {
            let row = guide.lines().find(|line| line.starts_with(&format!("| `{}` |", sdk.name))).unwrap();
            for package in sdk.packages {
                let version = pins::version(&folder.join(sdk.name), package).unwrap();
                assert!(row.contains(&format!("{package} {version}")), "{package} {version} is not in {row}");
            }
            for warning in sdk.known_warnings {
                assert!(guide.contains(warning), "`{warning}` is not explained");
            }
        }
    }
}
