//! The server layer: in step with its contract, through its router, and generated from a synthetic
//! contract that has every kind of parameter, body and answer.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod bodies;
mod forms;
mod in_step;
mod negotiation;
mod preferences;
mod requests;
mod stand_in;
mod synthetic;

// What generated code expects at the root of its crate.
use chat_api::{ApiError, Authenticate, fallback, localized_errors, method_not_allowed, negotiated_errors, support};
use synthetic::{RequestContext, models};
