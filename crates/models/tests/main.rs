//! The carriers from outside: as JSON, and as XML.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, in its helpers too")]

mod carriers;
mod round_trips;
