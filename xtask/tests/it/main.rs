//! The workspace is in step, and every way of drifting apart is noticed.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod command;
mod diff;
mod docs;
mod drift;
mod guides;
mod hostile;
mod new_page;
mod rehearsal;
mod release;
#[cfg(unix)]
mod sdk;
mod security;
mod supply;
mod surface;
mod workflow;
