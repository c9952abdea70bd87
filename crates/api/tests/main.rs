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

use std::path::Path;

use chat_test_support::assert_answers_are_looked_at;

/// Files that call routers themselves, and why their answers pass without the test app.
const OWN_CALLS: &[(&str, &str)] = &[
    ("synthetic.rs", "holds answers to its own contract, which says nothing of errors"),
    ("synthetic/lists.rs", "reads answers that break off; holds to that contract what there is of them"),
];

#[test]
fn every_answer_passes_where_it_is_held_to_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_answers_are_looked_at(&root.join("tests"), OWN_CALLS);
    assert_answers_are_looked_at(&root.join("src"), &[]);
}

// What generated code expects at the root of its crate.
use chat_api::{ApiError, Authenticate, fallback, localized_errors, method_not_allowed, negotiated_errors, support};
use synthetic::{RequestContext, models};
