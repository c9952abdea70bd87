//! Who calls, and what every operation is told about the request.

use std::future::Future;
use std::net::IpAddr;

use jiff::tz::TimeZone;

use crate::{ApiError, CommonHeaders, Culture, LanguagePreference, NoResources, Presented, Resources, TextValue};

/// Turns what a request shows into a caller. Every service implements it once.
pub trait Authenticate: Send + Sync + 'static {
    /// Who is signed in. A clone lives until the answer is sent, and with it what it holds.
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
    /// Where the request comes from, if the server told: see [`Peer`](crate::Peer).
    pub peer: Option<IpAddr>,
    /// In which languages the caller wants texts. The layer translates those of the answer by itself.
    pub language: LanguagePreference,
    /// How numbers and dates are written inside texts that the service composes for the caller; none where the caller
    /// wants no language.
    pub culture: Option<Culture>,
    /// In which zone the caller wants date-times. The layer moves those of the answer by itself; without a zone they
    /// leave as the service writes them.
    pub time_zone: Option<TimeZone>,
}

impl<C, H> RequestContext<C, H> {
    /// Fills the `{name}`s of a text for the caller: numbers and dates in the caller's culture and zone. See
    /// [`compose`](crate::compose).
    ///
    /// ```
    /// use chat_api::{RequestContext, TextValue};
    ///
    /// fn title<C>(context: &RequestContext<C>, opened: jiff::Timestamp, messages: i64) -> String {
    ///     context.compose("{n} messages since {when}", &[("n", messages.into()), ("when", TextValue::DateTime(opened))])
    /// }
    /// ```
    pub fn compose(&self, text: &str, values: &[(&str, TextValue)]) -> String {
        crate::compose(text, values, self.culture.as_ref(), self.time_zone.as_ref())
    }
}
