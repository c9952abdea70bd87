//! OpenAPI Overlay 1.0: what people know better than the pages, applied to a document.
//!
//! Actions run in order. `update` merges objects, replaces single values and *appends* to arrays:
//! to replace an array, `remove` it first. `remove` keeps the order of what stays.

mod order;
mod suggestion;

use roas_overlay::{
    apply::{Apply, ApplyErrorKind},
    v1_0::{Action, Overlay as Document},
    validation::Validate,
};
use serde_json::Value;

use crate::yaml::{self, YamlError};

/// The members that an action may have beside `x-…`.
const ACTION_MEMBERS: [&str; 4] = ["target", "description", "update", "remove"];

/// A list of changes to an OpenAPI document.
#[derive(Clone, Debug)]
pub struct Overlay {
    document: Document,
}

/// An overlay that cannot be read or applied.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OverlayError {
    /// The text is not YAML or JSON.
    #[error("the overlay is no YAML: {0}")]
    Syntax(YamlError),
    /// The document is not an Overlay 1.0 document.
    #[error("the overlay is no Overlay 1.0 document: {message}")]
    Structure {
        /// What is wrong.
        message: String,
    },
    /// An action is malformed or cannot be applied.
    #[error("action {} of the overlay (target `{target}`): {message}", .index + 1)]
    Action {
        /// The first action is 0, as in `actions[0]`; messages count from 1.
        index: usize,
        /// Its target as written, empty where there is none.
        target: String,
        /// What is wrong.
        message: String,
    },
}

/// An action whose target selected nothing: it had no effect.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("action {} of the overlay selects nothing with `{target}`{}", .index + 1, suggestion_text(.suggestion.as_deref()))]
pub struct UnmatchedTarget {
    /// The first action is 0, as in `actions[0]`; messages count from 1.
    pub index: usize,
    /// The JSONPath as written.
    pub target: String,
    /// The JSONPath that was probably meant.
    pub suggestion: Option<String>,
}

fn suggestion_text(suggestion: Option<&str>) -> String {
    suggestion.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

impl Overlay {
    /// Reads an overlay from YAML or JSON text.
    ///
    /// # Errors
    /// When the text is not YAML, the document is not an Overlay 1.0.x document, or an action has
    /// no target, a target that is not a JSONPath (RFC 9535), an unknown member, or nothing to do.
    pub fn parse(text: &str) -> Result<Self, OverlayError> {
        let value = yaml::from_str(text).map_err(OverlayError::Syntax)?;
        let actions = value.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, action) in actions.iter().enumerate() {
            check_action(index, action)?;
        }
        let structure = |message: String| OverlayError::Structure { message };
        let document: Document = serde_json::from_value(value).map_err(|error| structure(error.to_string()))?;
        document.validate(Default::default()).map_err(|error| {
            // Its first line is only a count.
            let problems: Vec<_> = error.errors.iter().map(ToString::to_string).collect();
            structure(problems.join("; "))
        })?;
        Ok(Self { document })
    }

    /// Applies all actions in order. Nothing is changed when one of them fails. Returns the
    /// actions that selected nothing.
    ///
    /// # Errors
    /// When a target selects a single value instead of an object or array.
    pub fn apply(&self, target: &mut Value) -> Result<Vec<UnmatchedTarget>, OverlayError> {
        let mut working = target.clone();
        let mut unmatched = Vec::new();
        let mut first = 0;
        // Runs of removals and of updates in turn, so that the order can be kept after each
        // removal: the crate below moves the last member into the gap.
        for run in self.document.actions.chunk_by(|a, b| a.is_remove() == b.is_remove()) {
            let before = run[0].is_remove().then(|| working.clone());
            self.apply_run(first, run, &mut working, &mut unmatched)?;
            if let Some(before) = before {
                order::restore(&before, &mut working);
            }
            first += run.len();
        }
        *target = working;
        Ok(unmatched)
    }

    fn apply_run(
        &self,
        first: usize,
        run: &[Action],
        working: &mut Value,
        unmatched: &mut Vec<UnmatchedTarget>,
    ) -> Result<(), OverlayError> {
        let part = Document { actions: run.to_vec(), ..self.document.clone() };
        let report = part.apply(working, Default::default()).map_err(|error| OverlayError::Action {
            index: first + error.action_index,
            target: error.target,
            message: match error.kind {
                ApplyErrorKind::PrimitiveActionTarget => "the target is a single value; target the object \
                                                          that holds it and update its member"
                    .to_owned(),
                kind => kind.to_string(),
            },
        })?;
        for outcome in report.actions.into_iter().filter(|outcome| outcome.matched == 0) {
            unmatched.push(UnmatchedTarget {
                index: first + outcome.index,
                suggestion: suggestion::near_miss(&outcome.target, working),
                target: outcome.target,
            });
        }
        Ok(())
    }
}

/// Checks an action by itself, because only so the message can name it.
fn check_action(index: usize, action: &Value) -> Result<(), OverlayError> {
    let target = action.get("target").and_then(Value::as_str).unwrap_or_default().to_owned();
    let failure = |message: String| OverlayError::Action { index, target: target.clone(), message };
    let Some(members) = action.as_object() else { return Err(failure("an action is an object".to_owned())) };
    for name in members.keys() {
        if !ACTION_MEMBERS.contains(&name.as_str()) && !name.starts_with("x-") {
            return Err(failure(format!("unknown member `{name}`; an action has {}", ACTION_MEMBERS.join(", "))));
        }
    }
    let read: Action = serde_json::from_value(action.clone()).map_err(|error| failure(error.to_string()))?;
    if read.target.is_empty() {
        return Err(failure("missing member `target`".to_owned()));
    }
    roas_overlay::common::apply::compile_path(&read.target)
        .map_err(|error| failure(format!("the target is no JSONPath: {error}")))?;
    match (read.is_remove(), read.update.is_some()) {
        (true, true) => Err(failure("`update` and `remove: true` exclude each other".to_owned())),
        (false, false) => Err(failure("nothing to do: neither `update` nor `remove: true`".to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
