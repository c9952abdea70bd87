//! The service through its real router, over real databases; `serving` also over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, in its helpers too")]

mod accounts;
mod attacks;
mod browser;
mod commands;
mod configuration;
mod connections;
mod docs;
mod expiry;
mod familiar;
mod files;
mod for_current_user;
mod generations;
mod http;
mod import;
mod known_passwords;
mod languages;
mod life;
mod limits;
mod lives;
mod many_sessions;
mod operations;
mod page_tickets;
mod pickup;
mod planted_cookies;
mod postgres;
mod races;
mod requests;
mod schemes;
mod secrets;
mod serving;
mod session_pages;
mod sign_in;
mod store;
mod streams;
mod support;
mod topics;
mod upkeep;
mod written_again;
