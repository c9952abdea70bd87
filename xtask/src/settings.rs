//! Compares the committed JSON Schemas of the service's files with what the compiled service prints.

use std::fs;
use std::process::Stdio;

use anyhow::Context as _;
use similar::TextDiff;

use crate::compiled::cargo;
use crate::workspace::Workspace;

/// A committed schema, and the arguments with which the service prints it.
const SCHEMAS: [(&str, [&str; 2]); 2] = [
    ("crates/server/config.schema.json", ["config", "--print-schema"]),
    ("crates/server/import.schema.json", ["import", "--print-schema"]),
];

/// Complaints about schemas that are stale.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let mut complaints = Vec::new();
    for (path, arguments) in SCHEMAS {
        let output = cargo(workspace.root())
            .args(["run", "--quiet", "--package", "chat-server", "--"])
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo")?;
        if !output.status.success() {
            let help = "mend the compiler's errors above";
            return Ok(vec![format!("error[compile]: the service does not compile or run\n  help: {help}")]);
        }
        let printed = String::from_utf8(output.stdout).context("the service printed no text")?;
        let committed = match fs::read_to_string(workspace.root().join(path)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{path}`")),
        };
        complaints.extend(compare(path, arguments, &committed, &printed));
    }
    Ok(complaints)
}

fn compare(path: &str, arguments: [&str; 2], committed: &str, printed: &str) -> Option<String> {
    if committed == printed {
        return None;
    }
    let diff = TextDiff::from_lines(committed, printed);
    let diff = diff.unified_diff().header(&format!("{path} (as it is)"), "the service's own").to_string();
    let diff: String = diff.lines().map(|line| format!("  {line}\n")).collect();
    let mend = format!("cargo run -p chat-server -- {} > {path}", arguments.join(" "));
    Some(format!("error[stale]: `{path}` is stale\n{diff}  help: run `{mend}`"))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_stale_schema_is_shown_with_what_mends_it() {
        assert_eq!(compare("a.json", ["config", "--print-schema"], "one\n", "one\n"), None);
        let complaint = compare("a.json", ["config", "--print-schema"], "one\n", "two\n").unwrap();
        for part in
            ["`a.json` is stale", "-one", "+two", "run `cargo run -p chat-server -- config --print-schema > a.json`"]
        {
            assert!(complaint.contains(part), "{complaint}");
        }
    }
}
