//! Answering a given session from the queue.

use jiff::Timestamp;

use super::{Change, Obstacle, Refusal, Reserved, Situation};
use crate::records::Status;
use crate::rules::pickup::{self, Waiting};
use crate::rules::text::Composer;

/// What becomes of a waiting session that a user answers.
///
/// # Errors
/// - The actor cannot respond in the topic.
/// - The session does not wait.
pub fn pick_up(situation: &Situation, now: Timestamp, composer: &Composer) -> Result<Change, Refusal> {
    let (user, _) = situation.actor_who(Reserved::Respondents, |_, permissions| permissions.respond)?;
    if situation.session.status != Status::InQueue {
        return Err(situation.conflict(Obstacle::Status));
    }
    let Situation { session, topic, place, ranks_in_use, .. } = situation;
    let when_requested = session.when_requested.unwrap_or(now);
    let waiting = Waiting {
        when_requested,
        place: *place,
        first_message: session.first_message.clone(),
        last_message: session.last_message.clone(),
        welcome_message: topic.about.welcome_message.clone(),
        language: topic.about.language.clone(),
        waits: topic.waits,
        agent_full_name: user.full_name.clone(),
        was_reset: session.was_reset,
        ranks_in_use: ranks_in_use.clone(),
    };
    let acceptance = pickup::accept(&waiting, now, composer);
    let mut change = situation.change();
    change.accepted_after_secs = Some(acceptance.waited_seconds);
    acceptance.apply(&mut change.session, user.id);
    change.messages.extend(acceptance.message);
    Ok(change)
}
