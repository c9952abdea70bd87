//! What the machine must have.

use std::process::{Command, Stdio};

/// Something that no package registry of the matrix delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tool {
    Node,
    Python,
    Java,
    Javac,
}

impl Tool {
    /// Why nothing can be done without it, and what helps; `None` where the machine has it.
    pub(super) fn missing(self) -> Option<String> {
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
            Self::Java => (&[&["java", "-version"]], "install a Java runtime, 17 or newer"),
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

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn a_program_that_is_not_there_does_not_run() {
        assert!(!runs(&["docwright-has-no-such-program"]));
        assert!(runs(&["cargo", "--version"]));
    }
}
