//! Messages of customers and users.

use jiff::Timestamp;

use super::{Change, Obstacle, Refusal, Reserved, Situation};
use crate::records::{MessageType, NewMessage, Session, SpecialType, Status};
use crate::rules::text::message_copy;

const CUSTOMER_IS_TYPING: &str = "CustomerIsTyping";
pub(super) const USER_IS_TYPING: &str = "UserIsTyping";

/// What becomes of a session when its customer writes. While it waits it goes on waiting.
///
/// # Errors
/// The state does not admit it: it is neither waiting nor active.
pub fn post_by_customer(situation: &Situation, text: &str, now: Timestamp) -> Result<Change, Refusal> {
    let status = match situation.session.status {
        Status::InQueue => Status::InQueue,
        status if status.is_active() => Status::CustomerLast,
        _ => return Err(situation.conflict(Obstacle::Status)),
    };
    let author = situation.session.customer.alias.clone();
    let mut change = situation.change();
    if situation.session.status == Status::UserLast {
        // From here on there is something to be warned of.
        change.session.alert_level = 0;
        change.session.unanswered_since = Some(now);
    }
    clear_flag(&mut change.session, CUSTOMER_IS_TYPING);
    say(&mut change, MessageType::ToUser, text, author, status, now);
    Ok(change)
}

/// What becomes of a session when the user who handles it writes.
///
/// # Errors
/// - The actor does not handle it. Where nobody does, those who could are told of the state instead.
/// - It is not active.
pub fn post_by_user(situation: &Situation, text: &str, now: Timestamp) -> Result<Change, Refusal> {
    let is_free = situation.session.user.is_none();
    let (user, _) = situation.actor_who(Reserved::Handlers, |user, permissions| {
        situation.is_handled_by(user) || (is_free && (permissions.respond || permissions.manage))
    })?;
    situation.must_be_active()?;
    if !situation.is_handled_by(user) {
        return Err(Refusal::Forbidden(Reserved::Handlers));
    }
    let author = user.full_name.clone();
    let mut change = situation.change();
    change.session.alert_level = 0;
    change.session.unanswered_since = None;
    clear_flag(&mut change.session, USER_IS_TYPING);
    say(&mut change, MessageType::ToCustomer, text, author, Status::UserLast, now);
    Ok(change)
}

/// Whether a message is shown to the customer. That somebody would not take a session over is the users' own affair.
pub fn customer_sees(message: &NewMessage) -> bool {
    message.special_type != SpecialType::TransferRejected
}

fn say(change: &mut Change, message_type: MessageType, text: &str, author: String, status: Status, now: Timestamp) {
    let session = &mut change.session;
    let copy = message_copy(text);
    if session.first_message.is_empty() {
        session.first_message.clone_from(&copy);
    }
    session.last_message = copy;
    session.status = status;
    session.when_idle = Some(now);
    change.messages.push(NewMessage {
        message_type,
        special_type: SpecialType::None,
        special_param: String::new(),
        text: text.to_owned(),
        author,
        when_posted: now,
    });
}

/// Takes a flag out of the set.
pub(super) fn clear_flag(session: &mut Session, flag: &str) {
    if session.flags.contains(flag) {
        let rest: Vec<&str> = session.flags.split(", ").filter(|other| *other != flag).collect();
        session.flags = rest.join(", ");
    }
}
