//! Headers that mean something to client and server layer.

/// The key by which a server knows that a request is a repetition, in lower case.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Headers that say something of one call, so that they are never set for a whole client nor read for all operations.
const OF_ONE_CALL: &[&str] = &[IDEMPOTENCY_KEY, "last-event-id"];

/// Whether the header belongs to one call, whoever shares it.
pub(crate) fn is_of_one_call(name: &str) -> bool {
    OF_ONE_CALL.iter().any(|own| own.eq_ignore_ascii_case(name))
}
