//! Event streams: of sessions, of users, between servers, and what happens without anybody's asking.

mod order;
mod port;
mod reader;
mod servers;
mod session;
mod user;
