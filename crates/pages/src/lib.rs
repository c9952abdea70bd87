//! Reads one reference page of a vendor's Markdown documentation into a typed [`Page`] with
//! positions, and says what it did not understand.
//!
//! Pure: text in, [`Page`] and [`Diagnostic`]s out. Knows nothing of OpenAPI and touches no file
//! system.

pub mod codes;
pub mod diagnostic;
mod findings;
mod front_matter;
mod grouping;
mod operation;
mod outline;
pub mod page;
mod parse;
mod position;
mod sample;
mod sections;
mod tables;
pub mod template;

pub use codes::{CODES, Code};
pub use diagnostic::{Diagnostic, Severity, is_unprintable};
pub use page::Page;
pub use parse::{MAX_PAGE_BYTES, Parsed, is_damaged_page, is_reference_page, parse, parse_bytes, parse_file};
pub use position::position;
