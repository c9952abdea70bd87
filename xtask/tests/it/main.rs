//! The workspace is in step, and every way of drifting apart is noticed.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod command;
mod diff;
mod docs;
mod drift;
mod guides;
mod new_page;
mod rehearsal;
#[cfg(unix)]
mod sdk;
mod surface;
mod workflow;
