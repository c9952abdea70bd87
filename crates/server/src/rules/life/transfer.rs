//! How a session goes from one user to another, or back into the queue.

use jiff::Timestamp;

use super::messages::{USER_IS_TYPING, clear_flag};
use super::{Change, Obstacle, Refusal, Reserved, Situation, Unfit, special};
use crate::records::{Permissions, SpecialType, Status, User};
use crate::rules::pickup::lowest_free_rank;

/// Asks another user to take the session over. A later request takes the place of an earlier one.
///
/// # Errors
/// - The actor neither handles the session nor manages its topic.
/// - It is not active, or the one who is asked handles it.
/// - The one who is asked can neither respond in its topic nor manage it.
pub fn request_transfer(situation: &Situation) -> Result<Change, Refusal> {
    situation.handler_or_manager(Status::is_active)?;
    situation.must_be_active()?;
    let Some((target, permissions)) = &situation.target else {
        return Err(situation.conflict(Obstacle::NoTransfer));
    };
    if situation.is_handled_by(target) {
        return Err(situation.conflict(Obstacle::HandledAlready));
    }
    let is_able = (permissions.respond || permissions.manage) && !target.deleted && !target.disabled;
    if !is_able {
        return Err(Refusal::Invalid(Unfit::Target(target.id)));
    }
    let mut change = situation.change();
    change.session.transfer_to = Some(target.id);
    Ok(change)
}

/// The session becomes that of the user who was asked, with the lowest number that none of that user's active sessions has.
///
/// # Errors
/// - Another user was asked, or the one who was can neither respond in its topic nor manage it any more.
/// - It is not active, or nobody was asked.
pub fn accept_transfer(situation: &Situation, now: Timestamp) -> Result<Change, Refusal> {
    let user = asked(situation, |permissions| permissions.respond || permissions.manage)?;
    let mut change = situation.change();
    let session = &mut change.session;
    session.user = Some(user.id);
    session.rank = lowest_free_rank(&situation.ranks_in_use);
    session.transfer_to = None;
    // The one who takes over has as long for an answer as whoever picks up. The customer goes on waiting all the same.
    session.when_idle = Some(now);
    clear_flag(session, USER_IS_TYPING);
    change.messages.push(special(SpecialType::TransferedSession, &user.full_name, &user.full_name, now));
    Ok(change)
}

/// The session stays with its user.
///
/// # Errors
/// - Another user was asked.
/// - It is not active, or nobody was asked.
pub fn reject_transfer(situation: &Situation, now: Timestamp) -> Result<Change, Refusal> {
    // Whoever lost the rights may still say no.
    let user = asked(situation, |_| true)?;
    let mut change = situation.change();
    change.session.transfer_to = None;
    change.messages.push(special(SpecialType::TransferRejected, &user.full_name, &user.full_name, now));
    Ok(change)
}

/// Takes the session from its user and puts it back into the queue, at the place that its customer has waited for; where
/// nobody is present who could answer, it becomes an `OfflineForm`.
///
/// # Errors
/// - The actor neither handles the session nor manages its topic.
/// - It is not active.
pub fn reset(situation: &Situation) -> Result<Change, Refusal> {
    situation.handler_or_manager(Status::is_active)?;
    situation.must_be_active()?;
    let mut change = situation.change();
    let session = &mut change.session;
    session.status = if situation.someone_present { Status::InQueue } else { Status::OfflineForm };
    session.user = None;
    session.rank = 0;
    session.when_started = None;
    session.alert_level = 0;
    session.unanswered_since = None;
    session.was_reset = true;
    session.transfer_to = None;
    clear_flag(session, USER_IS_TYPING);
    Ok(change)
}

/// The actor, where the session is to go to that user, and the user is `able`. Where it is to go to nobody, those whom it
/// could go to are told so.
fn asked(situation: &Situation, able: impl FnOnce(Permissions) -> bool) -> Result<&User, Refusal> {
    let target = situation.session.transfer_to;
    let (user, _) = situation.actor_who(Reserved::TransferTargets, |user, permissions| match target {
        Some(target) => target == user.id && able(permissions),
        None => permissions.respond || permissions.manage || situation.is_handled_by(user),
    })?;
    situation.must_be_active()?;
    if target.is_none() {
        return Err(situation.conflict(Obstacle::NoTransfer));
    }
    Ok(user)
}
