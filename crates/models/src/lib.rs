//! The carriers of the chat API: what travels in its answers, for client and server alike.
//!
//! Carriers are generated from `openapi.yaml`. Every property of an answer is an `Option`, because
//! the documents promise neither that it is there nor that it is not null; what is empty is
//! written as `null`. Properties that are not documented are passed over when reading, and so is the
//! question whether a value of an enumeration is documented: see [`OpenEnum`].
//!
//! Hand-written are only the values that have no type of their own in Rust: [`DateTime`],
//! [`Flags`], [`FreeForm`] and the machinery behind the enumerations; and [`Visit`], with which whoever
//! answers walks over the texts and date-times of a carrier.
//!
//! Features: `utoipa` and `schemars` describe every carrier as a schema, in the words of
//! `openapi.yaml`; `xml` writes and reads every carrier as XML.

mod date_time;
mod flags;
mod free_form;
#[rustfmt::skip]
#[expect(clippy::allow_attributes, reason = "whether a lint fires depends on the documents")]
#[allow(missing_docs, reason = "the documents do not describe every property")]
#[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags, reason = "texts are the documents' own, because schemas show them verbatim")]
#[allow(unused_imports, reason = "a contract without enumerations does not use their macro")]
mod generated;
mod open_enum;
mod visit;
#[cfg(feature = "xml")]
pub mod xml;

pub use date_time::{DateTime, DateTimeError};
pub use flags::Flags;
pub use free_form::FreeForm;
pub use generated::*;
pub use open_enum::OpenEnum;
pub use visit::{Visit, Visitor};
