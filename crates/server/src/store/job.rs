//! Work on a connection, as both databases take it.

use std::pin::Pin;

use super::StoreError;

/// What a job does with the connection that it is given.
///
/// A job is a closure that owns whatever it needs: it may run in another task, and, being `Clone`, a second time when the
/// database asks for that.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;
