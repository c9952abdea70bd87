//! The sessions that a user may see, a page at a time, so that no list has to be held in memory.
//!
//! A page is read by windows of ids: within one, each index is walked over just what it has to give. Where little is found
//! windows grow, and where nothing is the next one begins at the next session, however far away.

use super::dialect::{Connection, at_most};
use super::sessions;
use crate::records::{AssociateId, SessionId, SessionView, Status};
use crate::store::StoreError;

/// Windows grow by this factor while they hold too little.
const GROWTH: i32 = 4;

/// The ids of the sessions that concern user `$1`, after `$2`, up to `$3`; at most `$4`. Nothing but ids: so the indexes
/// alone can tell, and no planner finds it cheaper to look through all sessions of the window. Last the id of the first
/// session behind the window, or null.
const WINDOW: &str = concat!(
    "SELECT session_id, FALSE AS is_behind FROM (
        SELECT v.session_id FROM topic_members vm
          JOIN sessions v ON v.topic_id = vm.topic_id AND v.session_id > $2 AND v.session_id <= $3
         WHERE vm.associate_id = $1
        UNION
        SELECT u.session_id FROM sessions u WHERE u.user_id = $1 AND u.session_id > $2 AND u.session_id <= $3
        UNION
        SELECT x.session_id FROM sessions x WHERE x.transfer_to_id = $1 AND x.session_id > $2 AND x.session_id <= $3
         ORDER BY session_id",
    at_most!("$4"),
    ") w
    UNION ALL
    SELECT min(next), TRUE FROM (
        SELECT (SELECT min(v.session_id) FROM sessions v
                 WHERE v.topic_id = vm.topic_id AND v.session_id > $3) AS next
          FROM topic_members vm WHERE vm.associate_id = $1
        UNION ALL
        SELECT min(u.session_id) FROM sessions u WHERE u.user_id = $1 AND u.session_id > $3
        UNION ALL
        SELECT min(x.session_id) FROM sessions x WHERE x.transfer_to_id = $1 AND x.session_id > $3) n
     ORDER BY is_behind, session_id"
);

/// The first sessions after one that `caller` may see, ordered by id; fewer than `limit` only at the end.
pub(super) async fn page(
    connection: &mut Connection,
    caller: AssociateId,
    after: SessionId,
    limit: u32,
) -> Result<Vec<SessionView>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = Vec::new();
    let mut rest = Some(after);
    while let Some(after) = rest
        && page.len() < limit
    {
        let ids = concerning(&mut *connection, caller, after, limit - page.len()).await?;
        rest = ids.last().copied().filter(|_| ids.len() == limit - page.len());
        let views = sessions::listed(&mut *connection, Some(caller), ids.into_iter()).await?;
        // Few have these statuses.
        page.extend(views.into_iter().filter(|view| !matches!(view.session.status, Status::Invalid | Status::Deleted)));
    }
    Ok(page)
}

/// The first sessions after one that concern `caller`; fewer than `count` only at the end.
async fn concerning(
    connection: &mut Connection,
    caller: AssociateId,
    after: SessionId,
    count: usize,
) -> Result<Vec<SessionId>, StoreError> {
    let mut found: Vec<SessionId> = Vec::new();
    let mut after = after.0;
    let mut size = i32::try_from(count).unwrap_or(i32::MAX);
    while found.len() < count {
        let last = after.saturating_add(size);
        let rows: Vec<(Option<i32>, bool)> = sqlx::query_as(WINDOW)
            .bind(caller.0)
            .bind(after)
            .bind(last)
            .bind(i64::try_from(count - found.len()).unwrap_or(i64::MAX))
            .fetch_all(&mut *connection)
            .await?;
        let (behind, ids): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, is_behind)| *is_behind);
        found.extend(ids.into_iter().filter_map(|(id, _)| id.map(SessionId)));
        let Some(next) = behind.into_iter().find_map(|(id, _)| id) else { break };
        after = next - 1;
        size = size.saturating_mul(GROWTH);
    }
    Ok(found)
}
