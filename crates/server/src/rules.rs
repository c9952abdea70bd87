//! What the service means, as functions over plain data: no database, no HTTP, no clock of their own.

pub mod carrier;
pub mod hours;
pub mod life;
pub mod pickup;
pub mod rights;
pub mod text;
pub mod transcript;
