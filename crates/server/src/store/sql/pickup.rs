//! Taking the session that has waited longest.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, for_update};
use super::rows::{self, SessionRow, UserRow};
use super::{pickup_sql, sessions};
use crate::records::{AssociateId, SessionView, User};
use crate::rules::pickup::{self, Waiting, Waits};
use crate::rules::text::Composer;
use crate::store::StoreError;

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

/// Gives `caller` the session that has waited longest, inside the caller's transaction.
pub(super) async fn first(
    connection: &mut Connection,
    caller: AssociateId,
    now: Timestamp,
    composer: &Composer,
) -> Result<Option<SessionView>, StoreError> {
    // Whoever gives this user a session holds the user's row: ranks are read and chosen one after the other.
    let agent = sqlx::query_as::<_, UserRow>(concat!("SELECT * FROM users WHERE associate_id = $1", for_update!()))
        .bind(caller.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(agent) = agent.map(User::from) else { return Ok(None) };
    let Some(row) = pickup_sql::first(connection, caller).await? else { return Ok(None) };
    let FirstRow { session, place, welcome_message, language, accepted, accept_seconds, ranks_in_use } = row;
    let mut view = sessions::one(connection, session).await?;

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
        ranks_in_use: rows::numbers(&ranks_in_use).ok_or_else(|| damaged("rank", "it is no number"))?,
    };
    let acceptance = pickup::accept(&waiting, now, composer);
    pickup_sql::save(connection, caller, &view.session, &acceptance).await?;
    // What was read under lock and what was written to it make up the row: reading it again would cost a round trip.
    acceptance.apply(&mut view.session, caller);
    view.user = Some(agent);
    Ok(Some(view))
}
