//! What the machine must have.

use std::process::{Command, Stdio};

/// What the generator is compiled for.
const MIN_JAVA: u32 = 17;

/// Something that no package registry of the matrix delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tool {
    Node,
    Python,
    Java,
    Javac,
}

impl Tool {
    /// Why nothing can be done without it, and what helps; `None` where the machine has it.
    pub(crate) fn missing(self) -> Option<String> {
        let (probes, remedy): (&[&[&str]], _) = match self {
            Self::Node => (
                &[
                    &[
                        "node",
                        "-e",
                        "const [a, b] = process.versions.node.split('.'); process.exit(a * 1000 + +b < 20019 ? 1 : 0)",
                    ],
                    &["npm", "--version"],
                ],
                "install Node.js 20.19 or newer, with npm",
            ),
            Self::Python => (
                &[&["python3", "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]],
                "install Python 3.11 or newer, with venv",
            ),
            Self::Java => {
                let is_there = java_version(&mut Command::new("java")).is_some_and(|version| version >= MIN_JAVA);
                return (!is_there).then(|| format!("no suitable `java`: install a Java runtime, {MIN_JAVA} or newer"));
            }
            Self::Javac => (&[&["javac", "--release", "17", "-version"]], "install a JDK, 17 or newer"),
        };
        let absent = probes.iter().find(|probe| !runs(probe))?;
        Some(format!("no suitable `{}`: {remedy}", absent[0]))
    }
}

fn runs(line: &[&str]) -> bool {
    let silent = Command::new(line[0])
        .args(&line[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    silent.is_ok_and(|status| status.success())
}

/// The version of a Java runtime: 17 of `openjdk version "17.0.15" 2025-04-15`; before 9 it was the second number.
fn java_version(java: &mut Command) -> Option<u32> {
    let output = java.arg("-version").stdin(Stdio::null()).output().ok()?;
    // Older runtimes know no other option, and write it there.
    let printed = String::from_utf8_lossy(&output.stderr);
    let (_, version) = printed.split_once(" version \"")?;
    let mut numbers = version.split(|part: char| !part.is_ascii_digit()).map_while(|number| number.parse().ok());
    numbers.next().and_then(|first| if first == 1 { numbers.next() } else { Some(first) })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{java_version, runs};

    #[cfg(unix)]
    #[test]
    fn a_runtime_says_how_old_it_is() {
        for (printed, version) in [
            (
                "Picked up JAVA_TOOL_OPTIONS: -Dx\nopenjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment",
                Some(17),
            ),
            ("java version \"1.8.0_392\"", Some(8)),
            ("openjdk version \"11.0.2\" 2019-01-15", Some(11)),
            ("openjdk version \"24-ea\" 2025-03-18", Some(24)),
            ("Unable to locate a Java Runtime.", None),
        ] {
            let mut java = Command::new("sh");
            java.args(["-c", "[ \"$1\" = -version ] && echo \"$0\" >&2", printed]);
            assert_eq!(java_version(&mut java), version, "{printed}");
        }
        assert_eq!(java_version(&mut Command::new("docwright-has-no-such-program")), None);
    }

    #[test]
    fn a_program_that_is_not_there_does_not_run() {
        assert!(!runs(&["docwright-has-no-such-program"]));
        assert!(runs(&["cargo", "--version"]));
    }
}
