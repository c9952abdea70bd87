//! `cargo xtask explain`: why the contract says what it says.

use std::collections::BTreeMap;

use anyhow::Context as _;
use docwright_contract::canonical::Difference;
use docwright_contract::correct::correct;
use docwright_contract::infer::explain::{Certainty, Explanation, Fact};
use docwright_contract::infer::infer_traced;
use docwright_contract::model::Type;
use docwright_contract::{Contract, canonical};

use crate::cli::ExplainOptions;
use crate::documents::Reference;
use crate::pipeline::read_overlay;
use crate::report::{Format, UsageError, say, say_json};
use crate::workspace::Workspace;

/// Runs the command. A name that does not exist is wrong use.
pub(crate) fn run(workspace: &Workspace, options: &ExplainOptions) -> anyhow::Result<bool> {
    let own_overlay = workspace.overlay();
    let (folder, overlay) = match &options.documents {
        Some(folder) => (folder.clone(), options.overlay.as_deref()),
        None => (workspace.documents(), Some(options.overlay.as_deref().unwrap_or(&own_overlay))),
    };
    let reference = Reference::read(&folder)?;
    let (inferred, trace) = infer_traced(&reference.sources());
    let overlay = overlay.map(read_overlay).transpose()?;
    let (corrected, _) = correct(inferred.contract.clone(), overlay.as_ref())?;

    let name = options.name.trim();
    let mut explanation = trace.explain(name).or_else(|| only_overlay(&corrected, name)).ok_or_else(|| {
        let suggestions = trace.suggestions(name);
        let meant = if suggestions.is_empty() {
            String::new()
        } else {
            format!("; did you mean `{}`?", suggestions.join("` or `"))
        };
        UsageError(format!("neither an operation, a schema nor a property is called `{name}`{meant}"))
    })?;
    explanation.facts.extend(corrections(&inferred.contract, &corrected, &explanation));
    match options.format {
        Format::Text => say(explanation.to_string().trim_end()),
        Format::Json => say_json(&serde_json::to_string_pretty(&explanation).context("cannot write the explanation")?),
    }
    Ok(true)
}

/// What no page knows, but the overlay adds.
fn only_overlay(corrected: &Contract, name: &str) -> Option<Explanation> {
    let (schema, property) = name.split_once('.').map_or((name, None), |(schema, property)| (schema, Some(property)));
    let known = corrected.schemas.get(schema)?;
    let has =
        |property: &str| matches!(&known.ty, Type::Object { properties, .. } if properties.contains_key(property));
    let kind = match property {
        Some(property) if !has(property) => return None,
        Some(_) => "property",
        None => "schema",
    };
    Some(Explanation { kind, subject: name.to_owned(), facts: Vec::new() })
}

/// What the overlay changes about the subject of an explanation.
fn corrections(inferred: &Contract, corrected: &Contract, explanation: &Explanation) -> Vec<Fact> {
    let subject = match explanation.kind {
        "operation" => match inferred.operations.iter().find(|o| o.operation_id == explanation.subject) {
            Some(operation) => format!("{} {}", operation.method.as_str(), operation.path),
            None => return Vec::new(),
        },
        _ => format!("schema {}", explanation.subject),
    };
    let about = |line: &str| {
        line.strip_prefix(&subject).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '.', ':']))
    };
    let differences =
        canonical::compare("the pages", &canonical::full(inferred), "the overlay", &canonical::full(corrected));
    corrected_parts(&subject, differences.into_iter().filter(|difference| about(&difference.subject)))
}

/// A fact for each part of the subject that the overlay changes. Of what it adds as a whole, an answer
/// with its headers and media types, one fact is enough.
fn corrected_parts(subject: &str, differences: impl Iterator<Item = Difference>) -> Vec<Fact> {
    let mut parts: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    for difference in differences {
        let rest = difference.subject.strip_prefix(subject).unwrap_or_default();
        // `response 404 application/json schema` is about `response 404`.
        let part: Vec<&str> = rest.split_whitespace().take(2).collect();
        parts.entry(part.join(" ")).or_default().push(difference);
    }
    let fact = |value: String| {
        Fact::new("correction", value, Certainty::Stated, "overlay").because("the overlay corrects the pages")
    };
    let mut facts = Vec::new();
    for (part, differences) in parts {
        let is_added = differences.iter().all(|difference| difference.a.1.is_none());
        let is_whole = part.starts_with("response ") && differences.len() > 1;
        if is_added && is_whole {
            let description = differences.iter().find(|difference| difference.subject.ends_with(" description"));
            let text = description.and_then(|difference| difference.b.1.as_deref()).unwrap_or_default();
            facts.push(fact(format!("{subject} {part} is added: {text}").trim_end_matches([':', ' ']).to_owned()));
        } else {
            facts.extend(differences.into_iter().map(|difference| fact(brief(difference).to_string())));
        }
    }
    facts
}

/// A difference whose sides are short enough to be read.
fn brief(mut difference: Difference) -> Difference {
    const LONGEST_CHARS: usize = 200;
    for value in [&mut difference.a.1, &mut difference.b.1].into_iter().flatten() {
        if let Some((end, _)) = value.char_indices().nth(LONGEST_CHARS) {
            value.truncate(end);
            value.push('…');
        }
    }
    difference
}

#[cfg(test)]
mod tests {
    use docwright_contract::canonical::Difference;

    use super::corrected_parts;

    #[test]
    fn corrections_are_told_part_by_part() {
        let difference = |rest: &str, page: Option<&str>, overlay: &str| Difference {
            subject: format!("GET /a {rest}"),
            a: ("the pages".to_owned(), page.map(str::to_owned)),
            b: ("the overlay".to_owned(), Some(overlay.to_owned())),
        };
        let differences = [
            difference("query size", Some("string"), "integer"),
            difference("response 404 application/json schema", None, "Problem"),
            difference("response 404 description", None, "\"Not there.\""),
            difference("response 200 description", None, &"x".repeat(300)),
        ];
        let facts = corrected_parts("GET /a", differences.into_iter());
        let values: Vec<&str> = facts.iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(values.len(), 3, "{values:#?}");
        assert!(values[0].starts_with("GET /a query size"), "{values:#?}");
        assert!(values[1].ends_with(&format!("{}…", "x".repeat(200))), "{values:#?}");
        assert_eq!(values[2], "GET /a response 404 is added: \"Not there.\"");
    }
}
