//! The sessions that a user may see, a page at a time, so that no list has to be held in memory.
//!
//! A page is read by windows of ids: within one, each index is walked over just what it has to give. Where little is found
//! windows grow, and where nothing is the next one begins at the next session, however far away.

use bytes::Bytes;

use super::dialect::{Connection, at_most, json_array, lines};
use super::rows::{ListedRow, session_values, user_values};
use super::sessions::{self, session_joins};
use crate::records::{AssociateId, SessionId, SessionView};
use crate::store::{ListedSession, SessionsPage, StoreError};

/// The first window holds so many times as many ids as sessions are wanted: others have some of them.
const BEGINNING: i32 = 4;

/// Windows grow by this factor while they hold too little.
const GROWTH: i32 = 4;

/// The sessions that concern user `$1`, after `$2`, up to `$3`, at most `$4`: a line each, without those that nobody sees;
/// how many they are with those, and the last of them; and the id of the first session behind the window, or null.
///
/// Ids are found first, by the indexes alone: so no planner finds it cheaper to look through all sessions of the window. What
/// is behind it is the next entry of each index: asked for the least id of a topic, PostgreSQL may go through the ids of all
/// topics instead. All comes in one row, because each value that passes from SQLite's thread to ours costs as much as finding it.
const WINDOW: &str = concat!(
    "WITH found AS MATERIALIZED (
        SELECT v.session_id FROM topic_members vm
          JOIN sessions v ON v.topic_id = vm.topic_id AND v.session_id > $2 AND v.session_id <= $3
         WHERE vm.associate_id = $1
        UNION
        SELECT u.session_id FROM sessions u WHERE u.user_id = $1 AND u.session_id > $2 AND u.session_id <= $3
        UNION
        SELECT x.session_id FROM sessions x WHERE x.transfer_to_id = $1 AND x.session_id > $2 AND x.session_id <= $3
         ORDER BY session_id",
    at_most!("$4"),
    ")
    SELECT (SELECT ",
    lines!(
        concat!(
            "'[' || ",
            json_array!(session_values!()),
            " || ',' || CASE WHEN handler.associate_id IS NULL THEN 'null' ELSE ",
            json_array!(user_values!("handler")),
            " END || ',' || CASE WHEN target.associate_id IS NULL THEN 'null' ELSE ",
            json_array!(user_values!("target")),
            " END || ']'"
        ),
        "s.session_id"
    ),
    "  FROM found JOIN sessions s ON s.session_id = found.session_id",
    session_joins!(),
    "    LEFT JOIN users handler ON handler.associate_id = s.user_id
         LEFT JOIN users target ON target.associate_id = s.transfer_to_id
        WHERE s.status NOT IN ('Invalid', 'Deleted')
    ), (SELECT count(*) FROM found), (SELECT max(session_id) FROM found), (SELECT min(next) FROM (
        SELECT (SELECT CASE WHEN v.topic_id = vm.topic_id THEN v.session_id END FROM sessions v
                 WHERE (v.topic_id, v.session_id) > (vm.topic_id, $3)
                 ORDER BY v.topic_id, v.session_id LIMIT 1) AS next
          FROM topic_members vm WHERE vm.associate_id = $1
        UNION ALL
        SELECT (SELECT CASE WHEN u.user_id = $1 THEN u.session_id END FROM sessions u
                 WHERE u.user_id IS NOT NULL AND (u.user_id, u.session_id) > ($1, $3)
                 ORDER BY u.user_id, u.session_id LIMIT 1)
        UNION ALL
        SELECT (SELECT CASE WHEN x.transfer_to_id = $1 THEN x.session_id END FROM sessions x
                 WHERE x.transfer_to_id IS NOT NULL AND (x.transfer_to_id, x.session_id) > ($1, $3)
                 ORDER BY x.transfer_to_id, x.session_id LIMIT 1)) n)"
);

/// The first sessions after one that `caller` may see, ordered by id; fewer than `limit` only at the end.
pub(super) async fn page(
    connection: &mut Connection,
    caller: AssociateId,
    after: SessionId,
    limit: u32,
) -> Result<SessionsPage, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut sessions = Vec::new();
    let mut after = after.0;
    let mut size = i32::try_from(limit).unwrap_or(i32::MAX).saturating_mul(BEGINNING);
    loop {
        let missing = i64::try_from(limit - sessions.len()).unwrap_or(i64::MAX);
        let (lines, found, last, behind): (Option<String>, i64, Option<i32>, Option<i32>) = sqlx::query_as(WINDOW)
            .bind(caller.0)
            .bind(after)
            .bind(after.saturating_add(size))
            .bind(missing)
            .fetch_one(&mut *connection)
            .await?;
        let lines = Bytes::from(lines.unwrap_or_default());
        let texts = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        sessions.extend(texts.map(|line| ListedSession::new(lines.slice_ref(line), view)));
        let next = if found == missing { last.or(Some(after)) } else { behind.map(|behind| behind - 1) };
        match next {
            Some(next) if sessions.len() < limit => after = next,
            next => return Ok(SessionsPage { sessions, next: next.map(SessionId) }),
        }
        size = size.saturating_mul(GROWTH);
    }
}

/// Reads a line of a page.
fn view(line: &[u8]) -> Result<SessionView, StoreError> {
    let ListedRow(row, user, transfer_to) = serde_json::from_slice(line).map_err(|error| {
        // It begins with the id.
        let id = line.split(|byte| *byte == b',').next().map(String::from_utf8_lossy).unwrap_or_default();
        StoreError::Damaged {
            what: format!("session {} of a list", id.trim_start_matches('[')),
            reason: error.to_string(),
        }
    })?;
    sessions::view(row, user.map(Into::into), transfer_to.map(Into::into))
}
