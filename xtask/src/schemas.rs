//! `cargo xtask schemas`: the JSON Schema of every carrier, as the compiled models say it, for validators of any
//! language.
//!
//! Files of `schemas/` hold what every validator knows. The known values of an open enumeration are `examples` there: as
//! a keyword of our own they would stop validators that are strict about unknown ones.

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use crate::files::{FileSet, Mode, Status};
use crate::report::say;
use crate::workspace::Workspace;
use crate::{compiled, generate};

/// Where the files stand.
const FOLDER: &str = "schemas";
/// What mends stale files.
const MEND: &str = "cargo xtask schemas";
/// What comes first in a file, for people who open it.
const FIRST: [&str; 3] = ["$schema", "title", "description"];
/// Keywords that hold schemas by name.
const BY_NAME: [&str; 4] = ["$defs", "properties", "patternProperties", "dependentSchemas"];
/// Keywords that hold no schema.
const VALUES: [&str; 4] = ["const", "default", "enum", "examples"];
/// The keywords of known values.
const KNOWN_VALUES: [&str; 2] = ["x-extensible-enum", "x-flags"];

/// Runs the command.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<bool> {
    match compiled::print(compiled::cargo(workspace.root()), compiled::PACKAGE)? {
        Ok(printed) => generate::write(&files(&printed)?, workspace.root()),
        Err(complaint) => {
            say(complaint);
            Ok(false)
        }
    }
}

/// Complaints about files that are not what the compiled models say.
pub(crate) fn check(workspace: &Workspace, printed: &Value) -> anyhow::Result<Vec<String>> {
    let outcome = files(printed)?.apply(workspace.root(), Mode::Check)?;
    let complaint = |(path, status): (&String, &Status)| match status {
        Status::Fresh => None,
        Status::Stale { diff } => {
            let diff: String = diff.lines().map(|line| format!("\n  {line}")).collect();
            Some(format!("error[stale]: `{path}` is not what the models say{diff}\n  help: run `{MEND}`"))
        }
        Status::Missing => Some(format!("error[missing]: `{path}` is missing\n  help: run `{MEND}`")),
        Status::Orphaned => Some(format!("error[orphaned]: `{path}` has no carrier any more\n  help: run `{MEND}`")),
    };
    Ok(outcome.files.iter().map(|(path, status)| (path, status)).filter_map(complaint).collect())
}

/// The files for what the example of the server layer printed.
fn files(printed: &Value) -> anyhow::Result<FileSet> {
    let Some(schemas) = printed["schemas"].as_object() else { bail!("no JSON Schemas were printed") };
    let mut files = FileSet::default();
    for (name, schema) in schemas {
        let text = serde_json::to_string_pretty(&portable(schema)).context("cannot write a JSON Schema")?;
        files.add(format!("{FOLDER}/{name}.json"), text + "\n");
    }
    files.own_folder(FOLDER);
    Ok(files)
}

/// The same schema in keywords that every validator knows.
fn portable(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else { return schema.clone() };
    let first = FIRST.iter().filter_map(|name| members.get_key_value(*name));
    let others = members.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    let mut written = Map::new();
    for (name, value) in first.chain(others) {
        let name = name.as_str();
        if KNOWN_VALUES.contains(&name) {
            written.insert("examples".to_owned(), value.clone());
        } else if BY_NAME.contains(&name) {
            let named = value.as_object().into_iter().flatten();
            written.insert(name.to_owned(), named.map(|(name, schema)| (name.clone(), portable(schema))).collect());
        } else if VALUES.contains(&name) {
            written.insert(name.to_owned(), value.clone());
        } else if !name.starts_with("x-") {
            let value = match value {
                Value::Array(several) => several.iter().map(portable).collect(),
                one => portable(one),
            };
            written.insert(name.to_owned(), value);
        }
    }
    Value::Object(written)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_hold_standard_keywords_alone() {
        let printed = json!({
            "type": ["object", "null"],
            "properties": {
                "x-odd": { "x-flags": ["A", "B"], "type": "string" },
                "State": { "anyOf": [{ "type": "string", "x-extensible-enum": ["On"] }, { "type": "null" }] },
                "Fixed": { "const": { "x-kept": 1 } },
            },
            "additionalProperties": { "x-own": 1, "type": "integer" },
            "x-own": { "type": "string" },
            "title": "Thing",
            "$schema": "https://json-schema.org/draft/2020-12/schema",
        });
        let expected = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Thing",
            "type": ["object", "null"],
            "properties": {
                "x-odd": { "examples": ["A", "B"], "type": "string" },
                "State": { "anyOf": [{ "type": "string", "examples": ["On"] }, { "type": "null" }] },
                "Fixed": { "const": { "x-kept": 1 } },
            },
            "additionalProperties": { "type": "integer" },
        });
        let written = portable(&printed);
        assert_eq!(written, expected);
        let names: Vec<&String> = written.as_object().unwrap().keys().collect();
        assert_eq!(names[..2], ["$schema", "title"]);
    }

    #[test]
    fn stale_files_are_shown_with_what_mends_them() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::new(folder.path());
        let printed = |ty: &str| json!({ "schemas": { "Thing": { "type": ty } } });
        let missing = check(&workspace, &printed("string")).unwrap();
        assert_eq!(missing, ["error[missing]: `schemas/Thing.json` is missing\n  help: run `cargo xtask schemas`"]);
        files(&printed("string")).unwrap().apply(folder.path(), Mode::Write).unwrap();
        assert_eq!(check(&workspace, &printed("string")).unwrap(), Vec::<String>::new());
        let stale = check(&workspace, &printed("integer")).unwrap().remove(0);
        for part in ["`schemas/Thing.json` is not what the models say", "string", "integer", MEND] {
            assert!(stale.contains(part), "{stale}");
        }
        let orphaned = check(&workspace, &json!({ "schemas": {} })).unwrap();
        assert!(orphaned[0].contains("`schemas/Thing.json` has no carrier any more"), "{orphaned:?}");
    }
}
