//! `cargo xtask docs`: the reference of a contract as a static site.

use anyhow::Context as _;
use docwright_contract::{read, yaml};
use docwright_reference::{Source, site};
use serde_json::Value;

use crate::cli::DocsOptions;
use crate::elsewhere::{self, Owner, Scope};
use crate::files::FileSet;
use crate::generate::say_outcome;
use crate::pipeline::read_input;
use crate::report::{plural, say};
use crate::workspace::Workspace;

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &DocsOptions) -> anyhow::Result<bool> {
    let path = options.contract.clone().unwrap_or_else(|| workspace.contract());
    let text = read_input(&path, "contract")?;
    let what = path.display();
    // What the reader cannot make sense of, nobody could look up.
    let read = read::document(&text).with_context(|| format!("`{what}` is no contract"))?;
    // Shown is the document itself, with everything that it says: what the reader assumed or left out does not count.
    let contract = yaml::from_str(&text).with_context(|| format!("`{what}` is no YAML"))?;
    let (yaml, json) = downloads(&text, &contract)?;
    let source = Source { contract: &contract, yaml: &yaml, json: &json, base: "", session: None };
    let mut files = FileSet::default();
    for file in site(&source)?.files {
        files.add(file.path, file.contents);
    }
    elsewhere::refuse_contract(&files, &options.out, &path)?;
    say_outcome(&elsewhere::write(files, &options.out, Owner::Docs, Scope::Everything)?, &options.out);
    let operations = plural(read.contract.operations.len(), "operation");
    let page = options.out.join(docwright_reference::PAGE);
    say(format_args!("{operations} of `{}`: open {}", read.contract.info.title, page.display()));
    Ok(true)
}

/// The contract as YAML and as JSON: the one that it is, byte for byte, and the other of the same value.
fn downloads(text: &str, contract: &Value) -> anyhow::Result<(String, String)> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Ok((yaml::to_string(contract, ""), text.to_owned()));
    }
    Ok((text.to_owned(), serde_json::to_string_pretty(contract)? + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_stays_as_it_is() {
        let yaml_text = "# a comment\nopenapi: 3.0.3\npaths: {}\n";
        let value = yaml::from_str(yaml_text).unwrap();
        let (as_yaml, as_json) = downloads(yaml_text, &value).unwrap();
        assert_eq!(as_yaml, yaml_text);
        assert_eq!(serde_json::from_str::<Value>(&as_json).unwrap(), value);

        let json_text = "\n { \"openapi\": \"3.0.3\", \"paths\": {} }";
        let (as_yaml, as_json) = downloads(json_text, &value).unwrap();
        assert_eq!(as_json, json_text);
        assert_eq!(yaml::from_str(&as_yaml).unwrap(), value);
    }
}
