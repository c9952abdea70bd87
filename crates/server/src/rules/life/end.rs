//! How a session ends.

use jiff::Timestamp;

use super::{Change, Obstacle, Refusal, Situation, special};
use crate::records::{SpecialType, Status};

/// Sessions that nothing has happened to for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleSince {
    /// Waiting, and the customer's page was last heard of before this.
    pub waiting: Option<Timestamp>,
    /// Waiting for the customer (`UserLast`), since before this.
    pub customer: Option<Timestamp>,
    /// Waiting for the user (`CustomerLast`), since before this.
    pub user: Option<Timestamp>,
}

/// Ends a session for the user who handles it, or a manager.
///
/// # Errors
/// - The actor neither handles the session nor manages its topic.
/// - It has ended already.
pub fn end_by_user(situation: &Situation, now: Timestamp) -> Result<Change, Refusal> {
    let user = situation.handler_or_manager(|status| after(status, Status::Closed, false).is_some())?;
    // Who leaves the queue is the customer. A user who ends a session has dealt with it.
    end(situation, Status::Closed, SpecialType::ClosedByUser, &user.full_name, now)
}

/// Ends a session for its customer.
///
/// # Errors
/// It has ended already.
pub fn end_by_customer(situation: &Situation, now: Timestamp) -> Result<Change, Refusal> {
    let who = &situation.session.customer.alias;
    end(situation, Status::ClosedFromQueue, SpecialType::ClosedByCustomer, who, now)
}

/// Ends a session that is still idle. No form follows: nobody is there to fill it in.
///
/// # Errors
/// It is not idle, or not any more.
pub fn close_idle(situation: &Situation, since: IdleSince, now: Timestamp) -> Result<Change, Refusal> {
    let session = &situation.session;
    let (last_sign, since, status) = match session.status {
        Status::InQueue => (
            session.when_fetched.max(session.when_idle).max(session.when_requested),
            since.waiting,
            Status::ClosedFromQueue,
        ),
        Status::UserLast => (session.when_idle, since.customer, Status::Closed),
        Status::CustomerLast => (session.when_idle, since.user, Status::Closed),
        _ => return Err(situation.conflict(Obstacle::Status)),
    };
    // What was never heard of is idle, too.
    let is_idle = since.is_some_and(|since| last_sign.is_none_or(|last_sign| last_sign < since));
    if !is_idle {
        return Err(situation.conflict(Obstacle::NotIdle));
    }
    let mut change = ended(situation, status, now);
    change.messages.push(special(SpecialType::ClosedByIdle, "", "", now));
    Ok(change)
}

fn end(
    situation: &Situation,
    from_queue: Status,
    how: SpecialType,
    who: &str,
    now: Timestamp,
) -> Result<Change, Refusal> {
    let has_form = situation.topic.about.has_post_chat_form;
    let status = after(situation.session.status, from_queue, has_form);
    let status = status.ok_or_else(|| situation.conflict(Obstacle::Status))?;
    let mut change = ended(situation, status, now);
    // Who ended the conversation was said when its form was opened.
    if situation.session.status != Status::Finished {
        change.messages.push(special(how, who, who, now));
    }
    Ok(change)
}

/// What a session that is ended becomes, `from_queue` where it waited; none where it has ended already.
fn after(status: Status, from_queue: Status, has_form: bool) -> Option<Status> {
    match status {
        Status::InQueue => Some(from_queue),
        Status::CustomerLast | Status::UserLast if has_form => Some(Status::Finished),
        Status::CustomerLast | Status::UserLast => Some(Status::Closed),
        Status::PreChatForm | Status::Faq | Status::OfflineForm | Status::RequestPosted | Status::Finished => {
            Some(Status::Closed)
        }
        Status::Invalid | Status::Closed | Status::ClosedFromQueue | Status::Deleted => None,
    }
}

fn ended(situation: &Situation, status: Status, now: Timestamp) -> Change {
    let mut change = situation.change();
    let session = &mut change.session;
    session.status = status;
    // The conversation ended when its form was opened.
    session.when_ended = session.when_ended.or(Some(now));
    session.rank = 0;
    session.unanswered_since = None;
    session.flags.clear();
    session.transfer_to = None;
    change
}
