//! Where in the contracts something stands.

use std::fmt::Write as _;

use crate::model::{Location, Operation};

/// A place of a change, on the side or sides that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What stands there: a parameter, property, operation, with its name.
    pub subject: String,
    /// In the base.
    pub base: Option<Spot>,
    /// In the revision.
    pub revision: Option<Spot>,
    /// The operation that it belongs to, by its id in the revision, else in the base.
    pub operation: Option<String>,
}

/// A place on one side.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Spot {
    /// A JSON pointer into an OpenAPI 3 document; parameters are named (`query.top`), not counted.
    pub pointer: String,
    /// What it belongs to, in the contract's terms.
    pub anchor: Anchor,
}

/// What documents that are no OpenAPI can find a place by.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Anchor {
    /// The contract as a whole.
    Document,
    /// An operation, by its id.
    Operation(String),
    /// A parameter of an operation.
    Parameter {
        /// The operation's id.
        operation: String,
        /// The parameter's name.
        name: String,
    },
    /// A schema, by its name.
    Schema(String),
    /// A property of a schema.
    Property {
        /// The schema's name.
        schema: String,
        /// The property's.
        name: String,
    },
}

/// One of the two contracts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Base,
    Revision,
}

/// Where a comparison is, as steps from the outside in; each knows the one before.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    parent: Option<&'p At<'p>>,
    step: Step<'p>,
}

/// The last step to a place.
#[derive(Clone, Copy)]
pub(super) enum Step<'p> {
    /// The whole contract.
    Document,
    /// A part of the document that is called so, with its pointer.
    Named(&'p str, &'p str),
    /// An operation in the base and in the revision.
    Operation(&'p Operation, &'p Operation),
    /// A component schema, by its names in the base and in the revision.
    Schema(&'p str, &'p str),
    Parameter(Location, &'p str),
    RequestBody,
    /// An answer by its status in the base and in the revision.
    Response(&'p str, &'p str),
    Header(&'p str),
    Content(&'p str),
    /// The schema of a parameter, header or media type.
    Value,
    Property(&'p str),
    Items,
    Values,
    /// The n-th of `oneOf`, `anyOf` or `allOf`.
    Part(&'static str, usize),
}

impl<'p> At<'p> {
    pub(super) fn document() -> Self {
        Self { parent: None, step: Step::Document }
    }

    pub(super) fn then<'q>(&'q self, step: Step<'q>) -> At<'q>
    where
        'p: 'q,
    {
        At { parent: Some(self), step }
    }

    /// Whether this is a component schema as a whole.
    pub(super) fn is_component(&self) -> bool {
        matches!(self.step, Step::Schema(..))
    }

    fn steps(&self) -> Vec<&At<'p>> {
        let mut steps = vec![self];
        while let Some(parent) = steps[steps.len() - 1].parent {
            steps.push(parent);
        }
        steps.reverse();
        steps
    }

    /// In the words of people. What belongs to an operation does not name it, so that the same
    /// change in many operations reads the same.
    pub(super) fn subject(&self) -> String {
        let mut text = String::new();
        let steps = self.steps();
        for (index, at) in steps.iter().enumerate() {
            let is_last = index + 1 == steps.len();
            match at.step {
                Step::Document if is_last => text.push_str("the document"),
                Step::Document | Step::Value => {}
                Step::Named(name, _) => text.push_str(name),
                Step::Operation(_, revision) if is_last => text = operation_words(revision),
                Step::Operation(..) => {}
                Step::Schema(_, revision) => text.push_str(revision),
                Step::Parameter(location, name) => {
                    _ = write!(text, "{} parameter {name}", location.as_str());
                }
                Step::RequestBody => text.push_str("request body"),
                Step::Response(_, status) => {
                    _ = write!(text, "answer {status}");
                }
                Step::Header(name) => {
                    _ = write!(text, ", header {name}");
                }
                Step::Content(media_type) if is_last => {
                    _ = write!(text, " as {media_type}");
                }
                // Most bodies are the same in all of their media types.
                Step::Content(_) => {}
                Step::Property(name) => {
                    _ = write!(text, ".{name}");
                }
                Step::Items => text.push_str("[]"),
                Step::Values => text.push_str("{}"),
                Step::Part(keyword, number) => {
                    _ = write!(text, " {keyword}[{number}]");
                }
            }
        }
        text
    }

    /// The place on one side.
    pub(super) fn spot(&self, side: Side) -> Spot {
        let mut pointer = String::new();
        let mut anchor = Anchor::Document;
        for at in self.steps() {
            match at.step {
                Step::Document => {}
                Step::Named(_, named) => pointer.push_str(named),
                Step::Operation(base, revision) => {
                    let operation = if side == Side::Base { base } else { revision };
                    pointer = operation_pointer(operation);
                    anchor = Anchor::Operation(operation.operation_id.clone());
                }
                Step::Schema(base, revision) => {
                    let name = if side == Side::Base { base } else { revision };
                    pointer = format!("/components/schemas/{}", token(name));
                    anchor = Anchor::Schema(name.to_owned());
                }
                Step::Parameter(location, name) => {
                    _ = write!(pointer, "/parameters/{}.{}", location.as_str(), token(name));
                    if let Anchor::Operation(operation) = anchor {
                        anchor = Anchor::Parameter { operation, name: name.to_owned() };
                    }
                }
                Step::RequestBody => pointer.push_str("/requestBody"),
                Step::Response(base, revision) => {
                    let status = if side == Side::Base { base } else { revision };
                    _ = write!(pointer, "/responses/{status}");
                }
                Step::Header(name) => {
                    _ = write!(pointer, "/headers/{}", token(name));
                }
                Step::Content(media_type) => {
                    _ = write!(pointer, "/content/{}", token(media_type));
                }
                Step::Value => pointer.push_str("/schema"),
                Step::Property(name) => {
                    _ = write!(pointer, "/properties/{}", token(name));
                    if let Anchor::Schema(schema) = anchor {
                        anchor = Anchor::Property { schema, name: name.to_owned() };
                    }
                }
                Step::Items => pointer.push_str("/items"),
                Step::Values => pointer.push_str("/additionalProperties"),
                Step::Part(keyword, number) => {
                    _ = write!(pointer, "/{keyword}/{number}");
                }
            }
        }
        Spot { pointer, anchor }
    }
}

/// `GET /api/v1/Thing`.
pub(super) fn operation_words(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}

pub(super) fn operation_pointer(operation: &Operation) -> String {
    format!("/paths/{}/{}", token(&operation.path), operation.method.key())
}

/// A part of a JSON pointer.
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
