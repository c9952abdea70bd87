//! Changing a session: what the store knows is shown to a rule, and what the rule says is written down.
//!
//! Locks are taken in this order: the idempotency key, the actor's user, the session, and the topic at the end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, joined};
use super::topic_rows::{self, TopicRow};
use super::{idempotency, messages, presence, rows, sessions, texts};
use crate::records::{AssociateId, Permissions, Session, SessionView, User};
use crate::rules::life::{Change, Situation};
use crate::rules::pickup::Waits;
use crate::store::{Outcome, SessionChange, StoreError};

/// Changes a session as its rule says, unless an earlier call with the same key did so.
pub(super) async fn run(connection: &mut Connection, wanted: &SessionChange) -> Result<Outcome, StoreError> {
    let call = wanted.idempotency.as_ref();
    if let Some(earlier) = idempotency::earlier(&mut *connection, call, wanted.actor, wanted.now).await? {
        return Ok(earlier);
    }
    let outcome = change(&mut *connection, wanted).await?;
    idempotency::settle(connection, call, Some(&outcome)).await?;
    Ok(outcome)
}

async fn change(connection: &mut Connection, wanted: &SessionChange) -> Result<Outcome, StoreError> {
    let actor = match wanted.actor {
        // Ranks are chosen under this lock, so that two sessions of a user do not get the same.
        Some(actor) => match sessions::locked_user(&mut *connection, actor).await? {
            Some(actor) => Some(actor),
            None => return Ok(Outcome::Missing),
        },
        None => None,
    };
    let Some(view) = sessions::locked(&mut *connection, wanted.actor, wanted.session).await? else {
        return Ok(Outcome::Missing);
    };
    let mut people = People::default();
    people.add(view.user.iter().chain(&view.transfer_to).chain(&actor));
    let target = match wanted.target {
        Some(target) => match people.find(&mut *connection, target).await? {
            Some(target) => Some(target),
            None => return Ok(Outcome::Missing),
        },
        None => None,
    };
    let situation = situation(&mut *connection, &view, actor, target).await?;
    let change = match (wanted.rule)(&situation) {
        Ok(change) => change,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    if let Err(refusal) = texts::check_change(&change) {
        return Ok(Outcome::Refused(refusal));
    }
    write(connection, view, change, wanted.now, people).await
}

/// What there is to know besides the session, the users and the opening hours.
#[derive(FromRow)]
struct SituationRow {
    #[sqlx(flatten)]
    topic: TopicRow,
    someone_present: bool,
    place: i64,
    /// Joined with commas.
    ranks_in_use: String,
    actor_responds: bool,
    actor_notified: bool,
    actor_listens: bool,
    actor_manages: bool,
    target_responds: bool,
    target_notified: bool,
    target_listens: bool,
    target_manages: bool,
}

/// `$1` session, `$2` its topic, `$3` the actor, `$4` the target. One who waits for a lock has seen the past: this is a
/// statement of its own, after the locks. The condition on ranks leads SQLite to the index of active sessions: it would
/// look through all that the actor ever had.
const SITUATION: &str = concat!(
    "SELECT t.*, ",
    presence::someone_present!(),
    " AS someone_present,
      coalesce((SELECT (SELECT count(*) FROM sessions w
                         WHERE w.topic_id = $2 AND w.status = 'InQueue'
                           AND (w.when_requested, w.session_id) < (s.when_requested, s.session_id)) + 1
                  FROM sessions s WHERE s.session_id = $1 AND s.status = 'InQueue'), 0) AS place,
      (SELECT ",
    joined!("a.rank"),
    "    FROM sessions a
        WHERE a.user_id = $3 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0
          AND a.session_id <> $1) AS ranks_in_use,
      coalesce(m.can_respond, FALSE) AS actor_responds, coalesce(m.can_notify, FALSE) AS actor_notified,
      coalesce(m.can_listen, FALSE) AS actor_listens, coalesce(m.can_manage, FALSE) AS actor_manages,
      coalesce(o.can_respond, FALSE) AS target_responds, coalesce(o.can_notify, FALSE) AS target_notified,
      coalesce(o.can_listen, FALSE) AS target_listens, coalesce(o.can_manage, FALSE) AS target_manages
        FROM topics t
        LEFT JOIN topic_members m ON m.associate_id = $3 AND m.topic_id = t.topic_id
        LEFT JOIN topic_members o ON o.associate_id = $4 AND o.topic_id = t.topic_id
       WHERE t.topic_id = $2"
);

async fn situation(
    connection: &mut Connection,
    view: &SessionView,
    actor: Option<User>,
    target: Option<User>,
) -> Result<Situation, StoreError> {
    let session = &view.session;
    let row: SituationRow = sqlx::query_as(SITUATION)
        .bind(session.id.0)
        .bind(session.topic.0)
        .bind(actor.as_ref().map(|user| user.id.0))
        .bind(target.as_ref().map(|user| user.id.0))
        .fetch_one(&mut *connection)
        .await?;
    let hours = topic_rows::hours_of(connection, row.topic.topic_id).await?;
    let of_actor = Permissions {
        respond: row.actor_responds,
        notify: row.actor_notified,
        listen: row.actor_listens,
        manage: row.actor_manages,
    };
    let of_target = Permissions {
        respond: row.target_responds,
        notify: row.target_notified,
        listen: row.target_listens,
        manage: row.target_manages,
    };
    Ok(Situation {
        session: session.clone(),
        topic: row.topic.into_topic(hours)?,
        user: view.user.clone(),
        actor: actor.map(|actor| (actor, of_actor)),
        target: target.map(|target| (target, of_target)),
        someone_present: row.someone_present,
        place: row.place,
        ranks_in_use: rows::numbers(&row.ranks_in_use)
            .ok_or_else(|| StoreError::Damaged { what: "a rank".to_owned(), reason: "it is no number".to_owned() })?,
    })
}

/// Writes down what a rule said, and gives the session as it is from then on.
async fn write(
    connection: &mut Connection,
    mut view: SessionView,
    change: Change,
    now: Timestamp,
    mut people: People,
) -> Result<Outcome, StoreError> {
    let Change { session, messages, accepted_after_secs } = change;
    if session != view.session {
        save(&mut *connection, &session).await?;
    }
    let messages = messages::post(&mut *connection, session.id, messages).await?;
    // What was read under lock and what was written to it make up the view: reading it again would cost a round trip.
    view.user = people.find_some(&mut *connection, session.user).await?;
    view.transfer_to = people.find_some(&mut *connection, session.transfer_to).await?;
    if let Some(seconds) = accepted_after_secs {
        let waits = Waits::of_one(&view.session, seconds);
        topic_rows::add_waits(connection, session.topic, waits, now).await?;
    }
    view.session = session;
    Ok(Outcome::Done { view: Box::new(view), messages, repeated: false })
}

/// Everything of a session but what it is known by, the topic, and the links.
async fn save(connection: &mut Connection, session: &Session) -> Result<(), StoreError> {
    let micros = |when: Option<Timestamp>| when.map(Timestamp::as_microsecond);
    sqlx::query(
        "UPDATE sessions
            SET status = $2, user_id = $3, transfer_to_id = $4,
                customer_alias = $5, customer_host = $6, customer_name = $7, customer_email = $8,
                customer_phone = $9, customer_company_name = $10, customer_consented = $11,
                first_message = $12, last_message = $13,
                when_requested = $14, when_started = $15, when_ended = $16, when_idle = $17, when_fetched = $18,
                initial_queue_pos = $19, alert_level = $20, rank = $21, flags = $22,
                unanswered_since = $23, was_reset = $24
          WHERE session_id = $1",
    )
    .bind(session.id.0)
    .bind(session.status.as_str())
    .bind(session.user.map(|user| user.0))
    .bind(session.transfer_to.map(|user| user.0))
    .bind(&session.customer.alias)
    .bind(&session.customer.host)
    .bind(&session.customer.name)
    .bind(&session.customer.email)
    .bind(&session.customer.phone)
    .bind(&session.customer.company_name)
    .bind(session.customer.consented)
    .bind(&session.first_message)
    .bind(&session.last_message)
    .bind(micros(session.when_requested))
    .bind(micros(session.when_started))
    .bind(micros(session.when_ended))
    .bind(micros(session.when_idle))
    .bind(micros(session.when_fetched))
    .bind(session.initial_queue_pos)
    .bind(session.alert_level)
    .bind(session.rank)
    .bind(&session.flags)
    .bind(micros(session.unanswered_since))
    .bind(session.was_reset)
    .execute(connection)
    .await?;
    Ok(())
}

/// The users that have been read so far.
#[derive(Default)]
struct People(BTreeMap<AssociateId, User>);

impl People {
    fn add<'a>(&mut self, users: impl Iterator<Item = &'a User>) {
        for user in users {
            self.0.entry(user.id).or_insert_with(|| user.clone());
        }
    }

    async fn find(&mut self, connection: &mut Connection, id: AssociateId) -> Result<Option<User>, StoreError> {
        if !self.0.contains_key(&id) {
            let user = sessions::user(connection, id).await?;
            self.add(user.iter());
        }
        Ok(self.0.get(&id).cloned())
    }

    async fn find_some(
        &mut self,
        connection: &mut Connection,
        id: Option<AssociateId>,
    ) -> Result<Option<User>, StoreError> {
        match id {
            Some(id) => self.find(connection, id).await,
            None => Ok(None),
        }
    }
}
