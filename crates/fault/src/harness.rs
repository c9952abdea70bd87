//! What drives clients, and what kills servers and cuts connections meanwhile.
//!
//! [`Plan`] draws everything that is to happen from a seed. [`run_clients`] lets customers and agents do their part
//! against a [`Service`], which is real servers or one in memory. [`run()`] puts all of it together: it starts servers, kills
//! and restarts them, and stands between them and the clients with a proxy that loses connections.

mod agent;
mod clients;
mod cluster;
mod customer;
mod database;
mod line;
mod network;
mod plan;
mod prepare;
mod proxy;
mod run;
mod service;
mod summary;
#[cfg(test)]
mod tests;
mod verdict;

pub use self::clients::run_clients;
pub use self::plan::{Plan, Size};
pub use self::run::{Options, run};
pub use self::service::{Caller, Request, Sent, Service};
pub use self::summary::Summary;
pub use self::verdict::{Run, Verdict};
