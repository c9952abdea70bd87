//! The client: progenitor's code over the carriers, and methods that a person calls.
//!
//! progenitor reads a part of OpenAPI 3.0 and panics on much of the rest, so the contract is
//! projected to what it can first (`project`), every problem being reported before progenitor
//! sees anything. What it makes stays inside the crate (`progenitor.rs`); callers get the
//! methods of `mod.rs`, on the hand-written `crate::Client` with its `crate::Error`.

mod methods;
mod parameter;
mod project;
mod schema;

use std::panic::{AssertUnwindSafe, catch_unwind};

use docwright_contract::Contract;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, TypeImpl};
use quote::quote;

use self::project::Projection;
use crate::{Error, GeneratedFile, Problem, naming, render};

/// What [`generate`] makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientOutput {
    /// `mod.rs` and `progenitor.rs`.
    pub files: Vec<GeneratedFile>,
    /// What the contract says and the client does not, a sentence each, in the contract's order.
    pub left_out: Vec<String>,
}

/// The client's source files.
///
/// They expect, in the hand-written part of their crate, `Client { raw: generated::progenitor::Client }`,
/// `Error: From<progenitor_client::Error<generated::ErrorBody>>`, and `Defaults` with an
/// `impl ClientHooks<Defaults> for generated::progenitor::Client`.
///
/// # Errors
/// - two operations or two parameters of one operation are the same in Rust;
/// - a reference names no component;
/// - a path and the parameters in it do not agree.
///
/// An operation that no method can call is no error: it is left out, and said to be.
pub fn generate(contract: &Contract) -> Result<ClientOutput, Error> {
    let Projection { document, types, error_body, left_out } = project::project(contract)?;
    let mut settings = GenerationSettings::new();
    settings.with_hooks(HooksMode::Expected).with_inner_type(quote!(crate::Defaults));
    for (name, rust) in &types {
        let impls = [TypeImpl::Display, TypeImpl::FromStr].into_iter();
        settings.with_replacement(name, rust, impls);
    }
    let document = serde_json::from_value(document).map_err(|error| Problem::internal("progenitor.rs", error))?;
    let tokens = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&document)))
        .map_err(|panic| Problem::internal("progenitor.rs", panic_text(panic.as_ref())))?
        .map_err(|error| Problem::internal("progenitor.rs", error))?;
    let raw = render::file("progenitor.rs", methods::tidy(tokens)?)?;
    let methods = methods::generate(contract, &raw.contents, &error_body)?;
    Ok(ClientOutput { files: vec![methods, raw], left_out })
}

/// The methods of a generated client, a line each: `name(parameter: Type) -> Type`.
///
/// # Errors
/// Where `generated_client_source` is no Rust file.
pub fn surface(generated_client_source: &str) -> Result<String, Error> {
    methods::surface(generated_client_source)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("progenitor panicked: {}", text.unwrap_or("without a message"))
}

/// The path of a carrier, as client code names it.
fn carrier(name: &str) -> String {
    format!("::chat_models::{}", naming::schema_type(name))
}

#[cfg(test)]
mod tests;
