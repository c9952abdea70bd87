//! Who calls, and what every operation is told about the request.

use std::future::Future;

use jiff::tz::TimeZone;

use crate::{ApiError, CommonHeaders, Culture, LanguagePreference, NoResources, Presented, Resources};

/// Turns what a request shows into a caller. Every service implements it once.
pub trait Authenticate: Send + Sync + 'static {
    /// Who is signed in.
    type Caller: Clone + Send + Sync + 'static;

    /// Turns what the request shows into a caller, or refuses (401 with challenges; 403 for a wrong
    /// XSRF value or application token).
    fn authenticate(&self, presented: Presented) -> impl Future<Output = Result<Self::Caller, ApiError>> + Send;

    /// The texts that `[SR_…]` in answers stand for. None, unless the service has some.
    fn resources(&self) -> &dyn Resources {
        &NoResources
    }
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
    /// In which languages the caller wants texts. The layer translates those of the answer by itself.
    pub language: LanguagePreference,
    /// How numbers are written inside texts that the service composes; none where the caller wants no language.
    pub culture: Option<Culture>,
    /// In which zone the caller wants date-times. The layer moves those of the answer by itself; without a zone they
    /// leave as the service writes them.
    pub time_zone: Option<TimeZone>,
}
