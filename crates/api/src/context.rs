//! Who calls, and what every operation is told about the request.

use std::future::Future;

use crate::{ApiError, CommonHeaders, Credentials};

/// Turns credentials into a caller. Every service implements it once.
pub trait Authenticate: Send + Sync + 'static {
    /// Who is signed in.
    type Caller: Clone + Send + Sync + 'static;

    /// Turns what the request showed into a caller, or refuses (401 with challenges).
    fn authenticate(&self, credentials: Credentials) -> impl Future<Output = Result<Self::Caller, ApiError>> + Send;
}

/// What every operation is told about the request.
///
/// `H` are the headers that all operations of the contract share.
#[derive(Clone, Debug)]
pub struct RequestContext<C, H = CommonHeaders> {
    /// Who is signed in. `Option` where the operation may be called without signing in.
    pub caller: C,
    /// The headers that all operations share.
    pub headers: H,
    /// The request's `x-request-id`, where it has one.
    pub request_id: Option<String>,
}
