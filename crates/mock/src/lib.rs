//! A mock server for any contract.
//!
//! [`Mock`] answers every operation from its documented example, or from its schema where there is
//! none, and holds requests to the contract: parameters, bodies, media types, and that something
//! signs in. [`serve()`] puts one on a socket. Nothing is remembered between requests, and equal
//! requests get equal answers.
//!
//! What is not needed is not done: an operation's answers and validators are made with the first
//! request that needs them, so that a contract of thousands of operations is there at once.

mod answers;
mod body;
mod cors;
mod generate;
mod media;
mod mock;
mod parameters;
mod prefer;
mod problem;
mod remark;
mod router;
mod schemas;
mod security;
mod serve;
#[cfg(test)]
mod testing;
mod violation;
mod xml;

pub use mock::{DEFAULT_MAX_BODY_BYTES, Mock, REMARK};
pub use remark::Remark;
pub use serve::{Exchange, Observer, serve};
