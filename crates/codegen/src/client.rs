//! The client: progenitor's code over the carriers, and methods that a person calls.
//!
//! progenitor reads a part of OpenAPI 3.0 and panics on much of the rest. So every operation becomes a [`call`](self) of our
//! own first, which knows whether progenitor can make it; those that it can are projected to a document that it reads, the
//! others are written over the hand-written `Request` of the client's crate. What progenitor makes stays inside the crate
//! (`progenitor.rs`); callers get the methods of `mod.rs`, on the hand-written `crate::Client` with its `crate::Error`, and
//! cannot tell which way one was made.

mod answer;
mod body;
mod by_hand;
mod call;
mod coverage;
mod methods;
mod packages;
mod parameter;
mod project;
mod schema;
mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};

use docwright_contract::Contract;
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, TypeImpl};
use quote::{format_ident, quote};

use self::call::{Call, Calls};
pub use self::coverage::{Coverage, Kind, LeftOut};
use self::methods::Part;
pub use self::packages::{ClientPackages, packages};
use self::project::Projection;
use crate::{Error, GeneratedFile, Problem, naming, render, security};

/// What [`generate`] makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientOutput {
    /// `mod.rs`, `types.rs` where parameters have lists of values, and `progenitor.rs`.
    pub files: Vec<GeneratedFile>,
    /// What the contract says and the client does not.
    pub coverage: Coverage,
}

/// The client's source files.
///
/// They expect, in the hand-written part of their crate, `Client { raw: generated::Raw }`, `Defaults`, the modules `hooks` and
/// `request`, the carriers as `models`, and `Error: From<progenitor_client::Error<generated::ErrorBody>>`.
///
/// # Errors
/// - a reference names no component;
/// - a path and the parameters in it do not agree.
pub fn generate(contract: &Contract) -> Result<ClientOutput, Error> {
    let all = Calls::of(contract)?;
    let calls: Vec<&Call<'_>> = all.calls.iter().collect();
    let types = types(&all, &calls)?;
    let raw = progenitor(&all, &calls)?;
    let head_types = types.is_some().then(|| {
        quote! {
            #[doc = " Values of parameters that have a closed list of them."]
            pub mod types;
        }
    });
    let head = quote! {
        pub(crate) mod progenitor;
        #head_types

        pub(crate) use progenitor::Client as Raw;
    };
    let (error_body, keys) = (error_body(&all)?, api_keys(contract));
    let items = quote!(#error_body #keys);
    let root = methods::file("mod.rs", &all, &calls, &raw.contents, &Part::Whole, (head, items))?;
    let files = std::iter::once(root).chain(types).chain([raw]).collect();
    Ok(ClientOutput { files, coverage: all.coverage })
}

/// The methods of a generated client, a line each: `name(parameter: Type) -> Type`.
///
/// # Errors
/// Where `generated_client_source` is no Rust file.
pub fn surface(generated_client_source: &str) -> Result<String, Error> {
    methods::surface(generated_client_source)
}

/// `progenitor.rs`: progenitor's client with those of the methods that it can make.
fn progenitor(all: &Calls<'_>, calls: &[&Call<'_>]) -> Result<GeneratedFile, Error> {
    const FILE: &str = "progenitor.rs";
    let Projection { document, types } = project::project(all, calls);
    let mut settings = GenerationSettings::new();
    settings.with_hooks(HooksMode::Expected).with_inner_type(quote!(crate::Defaults));
    for (name, rust) in &types {
        let impls = [TypeImpl::Display, TypeImpl::FromStr].into_iter();
        settings.with_replacement(name, rust, impls);
    }
    let document = serde_json::from_value(document).map_err(|error| Problem::internal(FILE, error))?;
    let tokens = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&document)))
        .map_err(|panic| Problem::internal(FILE, panic_text(panic.as_ref())))?
        .map_err(|error| Problem::internal(FILE, error))?;
    render::file(FILE, methods::tidy(tokens)?)
}

/// `types.rs`: the lists of values that parameters of these methods have; none where there are none.
fn types(all: &Calls<'_>, calls: &[&Call<'_>]) -> Result<Option<GeneratedFile>, Error> {
    let used = calls.iter().flat_map(|call| &call.arguments).filter_map(|argument| argument.enumeration());
    let declarations: Vec<TokenStream> = used.map(|index| all.enumerations[index].declaration()).collect();
    if declarations.is_empty() {
        return Ok(None);
    }
    Ok(Some(render::file("types.rs", quote!(#(#declarations)*))?))
}

/// The type of all error bodies: any JSON where the contract documents none.
fn error_body(all: &Calls<'_>) -> Result<TokenStream, Error> {
    let rust = all.error_body();
    let rust: TokenStream = rust.parse().map_err(|error| Problem::internal("mod.rs", error))?;
    Ok(quote! {
        #[doc = " What an error answer holds."]
        pub type ErrorBody = #rust;
    })
}

/// The keys of the contract that the set-up of a client takes by their names.
fn api_keys(contract: &Contract) -> TokenStream {
    let keys = security::keys(contract).into_iter().map(|security::Key { scheme, location, name }| {
        let place = format_ident!("{}", naming::pascal_case(location.as_str()));
        quote!(ApiKey { scheme: #scheme, place: KeyPlace::#place, name: #name })
    });
    let place = (keys.len() > 0).then(|| quote!(, KeyPlace));
    quote! {
        use crate::keys::{ApiKey #place};

        #[doc = " The keys of the contract beside those that the sign-in consists of."]
        pub(crate) const API_KEYS: &[ApiKey] = &[#(#keys),*];
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("progenitor panicked: {}", text.unwrap_or("without a message"))
}

#[cfg(test)]
mod tests;
