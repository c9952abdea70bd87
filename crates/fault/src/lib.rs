//! Proves that the chat service loses nothing and does nothing twice, whatever dies around it.
//!
//! Customers and agents work on several servers at once, over connections that break, while servers are killed and
//! started again. Every call is written down ([`history`]); when all is quiet the service is asked what it has, and a
//! pure function compares both ([`checker`]). What a client was told must have happened, once; what it was not told may
//! have happened, once at most; and nothing else may have.
//!
//! A run in which too little happened for that to mean anything is refused: where sessions are missing, where nothing was
//! killed or cut, or where no session ever waited behind another. Agents take their breaks together, so that some do.
//!
//! The binary `chat-fault` does all of it against real servers; [`harness`] is what it is made of:
//!
//! ```sh
//! cargo build --package chat-server
//! cargo run --package chat-fault -- --seconds 30                         # one server, SQLite
//! cargo run --package chat-fault -- --servers 3 --cut-database \
//!     --database postgres://user:password@127.0.0.1/empty --history history.jsonl
//! cargo run --package chat-fault -- --check history.jsonl                # the rules again, over what was written
//! ```
//!
//! The binary `chat-soak` ([`soak`]) kills nothing: it loads one server for a long time, with much that means harm.
//!
//! What `chat-fault` does not do: it neither transfers nor resets sessions, and listens to no events; machines and clocks stay as
//! they are; and the database itself never dies.

pub mod checker;
pub mod harness;
pub mod history;
#[cfg(test)]
mod model;
mod program;
mod signal;
pub mod soak;
mod tls;

pub use signal::stop_signal;
