//! Taking the session that has waited longest.

use sqlx::FromRow;

use super::dialect::Connection;
use super::rows::{self, SessionRow};
use super::{idempotency, pickup_sql, sessions};
use crate::records::Message;
use crate::rules::pickup::{self, Waiting, Waits};
use crate::store::looks::{First, Look, Turn};
use crate::store::{Outcome, PickUp, StoreError};

/// The session that has waited longest, with what its topic says and what the caller is busy with.
#[derive(FromRow)]
pub(super) struct FirstRow {
    #[sqlx(flatten)]
    session: SessionRow,
    place: i64,
    welcome_message: String,
    language: String,
    accepted: i64,
    accept_seconds: i64,
    /// Joined with commas.
    ranks_in_use: String,
}

/// Gives the caller the session that has waited longest, unless an earlier call with the same key did so.
pub(super) async fn run(connection: &mut Connection, wanted: &PickUp, look: Look) -> Result<Turn<Outcome>, StoreError> {
    let call = wanted.idempotency.as_ref();
    if let Some(earlier) = idempotency::earlier(&mut *connection, call, Some(wanted.caller), wanted.now).await? {
        return Ok(Turn::Over(earlier));
    }
    let turn = first(&mut *connection, wanted, look).await?;
    // Where it is to be tried again, the key is free until then: nothing of this turn stays.
    let outcome = match &turn {
        Turn::Over(outcome) => Some(outcome),
        Turn::Next(_) => None,
    };
    idempotency::settle(connection, call, outcome).await?;
    Ok(turn)
}

async fn first(connection: &mut Connection, wanted: &PickUp, look: Look) -> Result<Turn<Outcome>, StoreError> {
    let caller = wanted.caller;
    let Some(agent) = sessions::locked_user(&mut *connection, caller).await? else {
        return Ok(Turn::Over(Outcome::Missing));
    };
    let row = match pickup_sql::first(&mut *connection, caller, look).await? {
        First::Locked(row) => *row,
        First::Held(look) => return Ok(Turn::Next(look)),
        First::None => return Ok(Turn::Over(Outcome::Missing)),
    };
    let FirstRow { session, place, welcome_message, language, accepted, accept_seconds, ranks_in_use } = row;
    let mut view = sessions::one(&mut *connection, session).await?;

    let id = view.session.id;
    let damaged = |what: &str, reason: &str| StoreError::Damaged {
        what: format!("`{what}` of session {id}"),
        reason: reason.to_owned(),
    };
    let waiting = Waiting {
        when_requested: view.session.when_requested.ok_or_else(|| damaged("when_requested", "it is missing"))?,
        place,
        first_message: view.session.first_message.clone(),
        last_message: view.session.last_message.clone(),
        welcome_message,
        language,
        waits: Waits { accepted, total_seconds: accept_seconds },
        agent_full_name: agent.full_name.clone(),
        was_reset: view.session.was_reset,
        ranks_in_use: rows::numbers(&ranks_in_use).ok_or_else(|| damaged("rank", "it is no number"))?,
    };
    let acceptance = pickup::accept(&waiting, wanted.now, &wanted.composer);
    let message = pickup_sql::save(connection, caller, &view.session, &acceptance).await?;
    // What was read under lock and what was written to it make up the row: reading it again would cost a round trip.
    acceptance.apply(&mut view.session, caller);
    view.user = Some(agent);
    let welcomed = |(id, posted)| Message { id, session: view.session.id, posted, read_by_customer: false };
    let messages = message.zip(acceptance.message).map(welcomed).into_iter().collect();
    Ok(Turn::Over(Outcome::Done { view: Box::new(view), messages, repeated: false }))
}
