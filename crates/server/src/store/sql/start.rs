//! Beginning a session.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{self, Connection};
use super::import::duplicate;
use super::topic_rows::{self, TopicRow};
use super::{idempotency, messages, presence, texts};
use crate::records::{Links, NewMessage, Permissions, Session, SessionId, SessionView};
use crate::rules::life::{NewSituation, Opening};
use crate::rules::text::message_copy;
use crate::store::{Outcome, SessionStart, StoreError};

/// Begins a session as its rule says, unless an earlier call with the same key did so.
pub(super) async fn run(connection: &mut Connection, wanted: &SessionStart) -> Result<Outcome, StoreError> {
    let call = wanted.idempotency.as_ref();
    if let Some(earlier) = idempotency::earlier(&mut *connection, call, None, wanted.now).await? {
        return Ok(earlier);
    }
    let outcome = start(&mut *connection, wanted).await?;
    idempotency::settle(connection, call, Some(&outcome)).await?;
    Ok(outcome)
}

#[derive(FromRow)]
struct QueueRow {
    someone_present: bool,
    waiting: i64,
}

async fn start(connection: &mut Connection, wanted: &SessionStart) -> Result<Outcome, StoreError> {
    // Customers of a topic get their places one after the other. The lock is not that of the topic's row, which pickups
    // write: they would wait while places are counted. Nothing that others may hold is asked for after this lock, so that
    // it stands at no wrong place in the order of locks.
    dialect::start_in_turn(&mut *connection, wanted.topic).await?;
    let topic: Option<TopicRow> = sqlx::query_as("SELECT * FROM topics WHERE topic_id = $1")
        .bind(wanted.topic.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(topic) = topic else { return Ok(Outcome::Missing) };
    let queue: QueueRow = sqlx::query_as(concat!(
        "SELECT ",
        presence::someone_present!(),
        " AS someone_present,
            (SELECT count(*) FROM sessions w WHERE w.topic_id = t.topic_id AND w.status = 'InQueue') AS waiting
            FROM topics t WHERE t.topic_id = $1"
    ))
    .bind(wanted.topic.0)
    .fetch_one(&mut *connection)
    .await?;
    let hours = topic_rows::hours_of(&mut *connection, topic.topic_id).await?;
    let situation = NewSituation {
        topic: topic.into_topic(hours)?,
        someone_present: queue.someone_present,
        waiting: queue.waiting,
    };
    let opening = match (wanted.rule)(&situation) {
        Ok(opening) => opening,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    if let Err(refusal) = texts::check_opening(&wanted.customer, &wanted.key, &opening) {
        return Ok(Outcome::Refused(refusal));
    }
    let (session, message) = begun(wanted, opening);
    let session = Session { id: insert(&mut *connection, &session).await?, ..session };
    let messages = messages::post(connection, session.id, message.into_iter().collect()).await?;
    let view =
        SessionView { session, user: None, transfer_to: None, links: Links::default(), permissions: Permissions::ALL };
    Ok(Outcome::Done { view: Box::new(view), messages, repeated: false })
}

/// The session, which has no number yet, and its message.
fn begun(wanted: &SessionStart, opening: Opening) -> (Session, Option<NewMessage>) {
    let Opening { status, initial_queue_pos, message, when_requested } = opening;
    let copy = message.as_ref().map(|message| message_copy(&message.text)).unwrap_or_default();
    let session = Session {
        id: SessionId(0),
        topic: wanted.topic,
        status,
        user: None,
        transfer_to: None,
        customer: wanted.customer.clone(),
        first_message: copy.clone(),
        last_message: copy,
        when_requested: Some(when_requested),
        when_started: None,
        when_ended: None,
        when_idle: message.as_ref().map(|message| message.when_posted),
        when_fetched: None,
        unanswered_since: None,
        was_reset: false,
        key: wanted.key.clone(),
        initial_queue_pos,
        alert_level: 0,
        rank: 0,
        flags: String::new(),
    };
    (session, message)
}

async fn insert(connection: &mut Connection, session: &Session) -> Result<SessionId, StoreError> {
    let id = sqlx::query_scalar(
        "INSERT INTO sessions (
             topic_id, status, customer_alias, customer_host, customer_name, customer_email, customer_phone,
             customer_company_name, customer_consented, first_message, last_message, when_requested, when_idle,
             session_key, initial_queue_pos)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         RETURNING session_id",
    )
    .bind(session.topic.0)
    .bind(session.status.as_str())
    .bind(&session.customer.alias)
    .bind(&session.customer.host)
    .bind(&session.customer.name)
    .bind(&session.customer.email)
    .bind(&session.customer.phone)
    .bind(&session.customer.company_name)
    .bind(session.customer.consented)
    .bind(&session.first_message)
    .bind(&session.last_message)
    .bind(session.when_requested.map(Timestamp::as_microsecond))
    .bind(session.when_idle.map(Timestamp::as_microsecond))
    .bind(&session.key)
    .bind(session.initial_queue_pos)
    .fetch_one(connection)
    .await
    .map_err(|error| duplicate(error, || "a session with this key".to_owned()))?;
    Ok(SessionId(id))
}
