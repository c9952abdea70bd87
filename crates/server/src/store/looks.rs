//! How a pickup looks for its session while others hold some: in several transactions, so that it never waits for one
//! session while it holds another.

use crate::records::SessionId;

/// Which session a transaction is to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The first of those that nobody is about to take.
    First,
    /// The same, further down the queue.
    Again,
    /// This one, for which others have to be waited for.
    At(SessionId),
}

/// What a look finds.
pub(super) enum First<T> {
    /// The session that has waited longest, locked.
    Locked(Box<T>),
    /// Others hold what waits. The next look must be in a transaction of its own, which holds nothing from this one.
    Held(Look),
    /// No session waits for the caller.
    None,
}

/// What one transaction comes to.
pub(super) enum Turn<T> {
    /// The call is answered.
    Over(T),
    /// It is to be tried again, in another transaction.
    Next(Look),
}
