//! The contract that answers are held to.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use docwright_contract::{Contract as Model, json_schema, model::Schema, read, yaml};
use http::{HeaderMap, Method, StatusCode};
use jsonschema::{Draft, Validator};
use serde_json::Value;

use crate::{
    response,
    route::{self, Route},
};

/// The component that every error answers.
const ERROR_SCHEMA: &str = "ErrorResponse";

/// A contract with which answers are validated.
#[derive(Debug)]
pub struct Contract {
    model: Model,
    /// Compiled schemas by their JSON text: compiling costs more than validating.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// The workspace's `openapi.yaml`, read once.
    ///
    /// # Panics
    /// When the file is missing or no contract: then no test can say anything.
    pub fn workspace() -> Arc<Self> {
        static WORKSPACE: LazyLock<Arc<Contract>> = LazyLock::new(|| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml");
            let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
            match read.and_then(|text| Contract::parse(&text)) {
                Ok(contract) => Arc::new(contract),
                Err(error) => panic!("{}: {error}; `cargo xtask generate` writes it", path.display()),
            }
        });
        Arc::clone(&WORKSPACE)
    }

    /// Reads an OpenAPI document from YAML or JSON text.
    ///
    /// # Errors
    /// When the text is no YAML, or no contract; as text for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = yaml::from_str(text).map_err(|error| error.to_string())?;
        read::from_value(&document).map(Self::from_model).map_err(|error| error.to_string())
    }

    /// A contract that was read already, or put together.
    pub fn from_model(model: Model) -> Self {
        Self { model, validators: Mutex::default() }
    }

    /// The contract itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether an answer is one that the contract promises for this method and path: its status,
    /// its headers, its media type, and its body down to the formats.
    ///
    /// Outside the contract (unknown paths, other methods on known paths) errors must still
    /// have the documented error body, and a 405 must name the methods that are allowed; what is
    /// no error there (`/healthz`) is nobody's promise.
    ///
    /// # Errors
    /// Everything in which the answer breaks the contract, a line each.
    pub fn validate_response(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Vec<String>> {
        self.validate(method, path, status, headers, Some(body))
    }

    /// The same of an answer whose body has not come yet.
    ///
    /// # Errors
    /// As [`Self::validate_response`].
    pub fn validate_head(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<(), Vec<String>> {
        self.validate(method, path, status, headers, None)
    }

    fn validate(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Result<(), Vec<String>> {
        let answer = response::Answer { status, headers, body, without_body: *method == Method::HEAD };
        let problems = match route::find(&self.model, method, path) {
            Route::Operation(operation) => answer.check_operation(self, operation),
            Route::OtherMethods if *method == Method::OPTIONS => answer.check_options(self, ERROR_SCHEMA),
            Route::OtherMethods => answer.check_wrong_method(self, ERROR_SCHEMA),
            Route::Unknown => answer.check_unknown_path(self, ERROR_SCHEMA),
        };
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// In what a value breaks a schema, a line each.
    pub fn validate_value(&self, schema: &Schema, value: &Value) -> Vec<String> {
        self.validate_json(&json_schema::for_schema(&self.model, schema), value)
    }

    /// In what a value breaks a JSON Schema, a line each.
    pub(crate) fn validate_json(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = match self.validator(schema) {
            Ok(validator) => validator,
            Err(error) => return vec![error],
        };
        validator
            .iter_errors(value)
            .map(|error| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "the whole body".to_owned() } else { format!("`{place}`") };
                format!("{place}: {}", shortened(&error.to_string()))
            })
            .collect()
    }

    fn validator(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let key = schema.to_string();
        // A test that panicked while it held the lock leaves whole entries behind.
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = validators.get(&key) {
            return Ok(Arc::clone(validator));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(schema)
            .map_err(|error| format!("the contract's schema is no JSON Schema: {error}"))?;
        let validator = Arc::new(validator);
        validators.insert(key, Arc::clone(&validator));
        Ok(validator)
    }
}

/// Validators quote the whole value.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 300;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let (start, end): (String, Vec<char>) = (text.chars().take(LONGEST / 2).collect(), text.chars().collect());
    format!("{start} … {}", end[end.len() - LONGEST / 2..].iter().collect::<String>())
}
