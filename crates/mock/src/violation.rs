//! What is wrong with a request, in words.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::{Value, json};

use crate::schemas::{Check, Schemas};

/// More violations of one request than this are counted only.
pub(crate) const MAX_VIOLATIONS: usize = 50;
/// How much of a value is shown.
const SHOWN_CHARS: usize = 60;
/// How many listed values are shown.
const SHOWN_VALUES: usize = 12;
/// How deeply choices within choices are looked into for the reason.
const MAX_DEPTH: usize = 8;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// For people: ``query parameter `top` ``, `body /Name/0`.
    pub(crate) location: String,
    /// What was expected, and what was found.
    pub(crate) message: String,
}

impl Violation {
    pub(crate) fn new(location: impl Into<String>, message: impl Into<String>) -> Self {
        Self { location: location.into(), message: message.into() }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "location": self.location, "message": self.message })
    }
}

/// What is found out about one request.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) violations: Vec<Violation>,
    /// What could not be checked, or is merely odd.
    pub(crate) remarks: Vec<String>,
}

impl Findings {
    pub(crate) fn violate(&mut self, location: impl Into<String>, message: impl Into<String>) {
        self.violations.push(Violation::new(location, message));
    }

    /// Holds the value at `location` to the schema.
    pub(crate) fn check(&mut self, schemas: &Schemas, check: &Check, value: &Value, location: impl Fn() -> String) {
        match check.compiled(schemas) {
            Ok(validator) if validator.is_valid(value) => {}
            Ok(validator) => {
                let location = &location();
                for error in validator.iter_errors(value) {
                    if self.violations.len() > MAX_VIOLATIONS {
                        break;
                    }
                    self.explain(&error, location, "", 0);
                }
            }
            Err(error) => self.remarks.push(format!("{} is not checked: the schema is not valid: {error}", location())),
        }
    }

    fn explain(&mut self, error: &ValidationError<'_>, location: &str, base: &str, depth: usize) {
        let path = format!("{base}{}", error.instance_path().as_str());
        if depth < MAX_DEPTH
            && let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
                error.kind()
            && let Some(closest) = closest(context, error.instance())
        {
            for inner in closest {
                // Paths within choices are whole already.
                self.explain(inner, location, base, depth + 1);
            }
            return;
        }
        let place = if path.is_empty() { location.to_owned() } else { format!("{location} {path}") };
        self.violate(place, message(error));
    }
}

/// The errors of the branch that the value was probably meant for: not one of another type, then the
/// one with the fewest. None where several are as likely.
fn closest<'e>(
    context: &'e [Vec<ValidationError<'static>>],
    instance: &Value,
) -> Option<&'e [ValidationError<'static>]> {
    let wrong_type = |errors: &[ValidationError<'static>]| {
        errors.iter().any(|error| {
            error.instance_path().as_str().len() <= 1
                && matches!(error.kind(), ValidationErrorKind::Type { .. })
                && **error.instance() == *instance
        })
    };
    let mut likely: Vec<_> = context.iter().filter(|errors| !errors.is_empty() && !wrong_type(errors)).collect();
    if likely.is_empty() {
        // `null` beside one other type: that other type's words.
        likely = context
            .iter()
            .filter(|errors| {
                !errors.is_empty()
                    && !errors.iter().any(|error| {
                        matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) })
                    })
            })
            .collect();
    }
    match likely.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

fn message(error: &ValidationError<'_>) -> String {
    let found = || shown(error.instance());
    let count = |limit: u64, noun: &str| if limit == 1 { format!("1 {noun}") } else { format!("{limit} {noun}s") };
    match error.kind() {
        ValidationErrorKind::Type { kind } => format!("expected {}, found {}", types(kind), found()),
        ValidationErrorKind::Required { property } => {
            format!("expected the property `{}`, which is missing", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let shown_options: Vec<String> = options.iter().take(SHOWN_VALUES).map(shown).collect();
            let more = if options.len() > SHOWN_VALUES {
                format!(" or {} more", options.len() - SHOWN_VALUES)
            } else {
                String::new()
            };
            format!("expected one of {}{more}, found {}", shown_options.join(", "), found())
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("expected {}, found {}", shown(expected_value), found())
        }
        ValidationErrorKind::Minimum { limit } => format!("expected at least {limit}, found {}", found()),
        ValidationErrorKind::Maximum { limit } => format!("expected at most {limit}, found {}", found()),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("expected more than {limit}, found {}", found()),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("expected less than {limit}, found {}", found()),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("expected a multiple of {multiple_of}, found {}", found())
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("expected at least {}, found {}", count(*limit, "character"), found())
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("expected at most {}, found {}", count(*limit, "character"), found())
        }
        ValidationErrorKind::MinItems { limit } => format!("expected at least {}", count(*limit, "item")),
        ValidationErrorKind::MaxItems { limit } => format!("expected at most {}", count(*limit, "item")),
        ValidationErrorKind::UniqueItems => "expected items that differ from one another".to_owned(),
        ValidationErrorKind::MinProperties { limit } => format!("expected at least {limit} properties"),
        ValidationErrorKind::MaxProperties { limit } => format!("expected at most {limit} properties"),
        ValidationErrorKind::Pattern { pattern } => {
            format!("expected text that matches `{pattern}`, found {}", found())
        }
        ValidationErrorKind::Format { format } => format!("expected text of the format `{format}`, found {}", found()),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names: Vec<String> = unexpected.iter().map(|name| format!("`{name}`")).collect();
            format!("expected no property {}", names.join(", "))
        }
        ValidationErrorKind::FalseSchema => "expected nothing".to_owned(),
        ValidationErrorKind::Not { .. } => format!("found {}, which the contract excludes", found()),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let mut reasons: Vec<String> = context.iter().filter_map(|errors| errors.first()).map(message).collect();
            reasons.dedup();
            reasons.truncate(4);
            format!("expected one of several forms, found {}: {}", found(), reasons.join("; or "))
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            format!("expected exactly one of several forms, found {}, which has more than one of them", found())
        }
        _ => error.masked_with(found()).to_string(),
    }
}

fn types(kind: &TypeKind) -> String {
    let word = |kind: JsonType| match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "text",
    };
    match kind {
        TypeKind::Single(kind) => word(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
    }
}

/// A value as it is shown in a sentence, cut where it is long.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Null => "null".to_owned(),
        Value::String(text) => quoted(text),
        other => format!("`{}`", cut(&other.to_string())),
    }
}

/// Text in backticks, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("`{}`", cut(text)) }
}

fn cut(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String =
        chars.by_ref().take(SHOWN_CHARS).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}
