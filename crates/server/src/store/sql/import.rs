//! Adding records: an import's batch, and single users.

use super::dialect::{self, Connection, new_id};
use super::{messages, presence, topic_rows, topics};
use crate::import::{Batch, NewSession, NewTopic, Ref, TopicWaits};
use crate::records::{AssociateId, SessionId, TopicId};
use crate::store::{Inventory, NewUser, RecordKind, StoreError};

/// What the database holds, by name.
pub(super) async fn inventory(connection: &mut Connection) -> Result<Inventory, StoreError> {
    let mut inventory = Inventory::default();
    let users: Vec<(i32, String, String)> =
        sqlx::query_as("SELECT associate_id, user_name, full_name FROM users").fetch_all(&mut *connection).await?;
    for (id, name, full_name) in users {
        inventory.users.insert(name.to_lowercase(), AssociateId(id));
        inventory.full_names.insert(AssociateId(id), full_name);
    }
    let topics: Vec<(i32, String)> =
        sqlx::query_as("SELECT topic_id, name FROM topics").fetch_all(&mut *connection).await?;
    inventory.topics = topics.into_iter().map(|(id, name)| (name, TopicId(id))).collect();
    let sessions: Vec<i32> = sqlx::query_scalar("SELECT session_id FROM sessions").fetch_all(&mut *connection).await?;
    inventory.sessions = sessions.into_iter().map(SessionId).collect();
    let ranks: Vec<(i32, i32)> = sqlx::query_as(
        "SELECT user_id, rank FROM sessions WHERE status IN ('CustomerLast', 'UserLast') AND user_id IS NOT NULL",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (user, rank) in ranks {
        inventory.ranks.entry(AssociateId(user)).or_default().push(rank);
    }
    for kind in RecordKind::ALL {
        let ids: Vec<i32> = sqlx::query_scalar(tables(kind).ids).fetch_all(&mut *connection).await?;
        inventory.records.extend(ids.into_iter().map(|id| (kind, id)));
    }
    Ok(inventory)
}

/// A table, its column of ids, and the highest id that is given to a new record: those that the database chooses must be
/// others.
pub(super) type GivenIds = (&'static str, &'static str, Option<i32>);

/// Adds everything in `batch`, in the order in which it refers to each other.
pub(super) async fn batch(connection: &mut Connection, batch: &Batch) -> Result<(), StoreError> {
    dialect::begin_import(
        connection,
        [
            ("users", "associate_id", batch.users.iter().filter_map(|user| user.id).map(|id| id.0).max()),
            ("topics", "topic_id", batch.topics.iter().filter_map(|topic| topic.id).map(|id| id.0).max()),
            ("sessions", "session_id", batch.sessions.iter().filter_map(|new| new.session.id).map(|id| id.0).max()),
        ],
    )
    .await?;
    let mut users = vec![AssociateId(0); batch.users.len()];
    for index in given_ids_first(&batch.users, |user| user.id.is_some()) {
        users[index] = insert_user(connection, &batch.users[index]).await?;
    }
    let mut topics = vec![TopicId(0); batch.topics.len()];
    for index in given_ids_first(&batch.topics, |topic| topic.id.is_some()) {
        topics[index] = insert_topic(connection, &batch.topics[index], &users).await?;
    }
    for record in &batch.records {
        sqlx::query(tables(record.kind).insert)
            .bind(record.id)
            .bind(&record.snapshot)
            .execute(&mut *connection)
            .await
            .map_err(|error| duplicate(error, || format!("{} {}", record.kind.name(), record.id)))?;
    }
    for index in given_ids_first(&batch.sessions, |new| new.session.id.is_some()) {
        insert_session(connection, &batch.sessions[index], &topics, &users).await?;
    }
    let present: Vec<_> = batch.present.iter().map(|&user| (resolve(user, &users), true)).collect();
    presence::set(&mut *connection, &present, batch.now).await?;
    for TopicWaits { topic, waits, last_accept } in &batch.waits {
        topic_rows::add_waits(&mut *connection, resolve(*topic, &topics), *waits, *last_accept).await?;
    }
    Ok(())
}

/// The order in which to insert: an id that the database chooses must not be one that comes later in
/// the file.
fn given_ids_first<T>(items: &[T], has_id: impl Fn(&T) -> bool) -> Vec<usize> {
    let (mut given, chosen): (Vec<usize>, Vec<usize>) = (0..items.len()).partition(|index| has_id(&items[*index]));
    given.extend(chosen);
    given
}

/// Adds a single user and says which id it got.
pub(super) async fn user(connection: &mut Connection, new: &NewUser) -> Result<AssociateId, StoreError> {
    if let Some(id) = new.id {
        dialect::begin_import(connection, [("users", "associate_id", Some(id.0))]).await?;
    }
    insert_user(connection, new).await
}

async fn insert_user(connection: &mut Connection, new: &NewUser) -> Result<AssociateId, StoreError> {
    let user = &new.user;
    let id = sqlx::query_scalar(concat!(
        "INSERT INTO users (associate_id, user_name, password_hash, name, full_name, formal_name, tooltip, type,
                            person_id, ej_user_id, group_idx, rank, deleted)
         VALUES (",
        new_id!("users", "associate_id", "$1"),
        ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         RETURNING associate_id"
    ))
    .bind(new.id.map(|id| id.0))
    .bind(&user.user_name)
    .bind(&new.password_hash)
    .bind(&user.name)
    .bind(&user.full_name)
    .bind(&user.formal_name)
    .bind(&user.tooltip)
    .bind(&user.kind)
    .bind(user.person_id)
    .bind(user.ej_user_id)
    .bind(user.group_idx)
    .bind(user.rank)
    .bind(user.deleted)
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| duplicate(error, || format!("user `{}`", user.user_name)))?;
    Ok(AssociateId(id))
}

async fn insert_topic(
    connection: &mut Connection,
    topic: &NewTopic,
    users: &[AssociateId],
) -> Result<TopicId, StoreError> {
    let id = topics::insert(&mut *connection, topic.id, &topic.about).await?;
    for member in &topic.members {
        sqlx::query(
            "INSERT INTO topic_members (topic_id, associate_id, can_respond, can_notify, can_listen, can_manage)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.0)
        .bind(resolve(member.user, users).0)
        .bind(member.permissions.respond)
        .bind(member.permissions.notify)
        .bind(member.permissions.listen)
        .bind(member.permissions.manage)
        .execute(&mut *connection)
        .await?;
    }
    Ok(id)
}

async fn insert_session(
    connection: &mut Connection,
    new: &NewSession,
    topics: &[TopicId],
    users: &[AssociateId],
) -> Result<(), StoreError> {
    let NewSession { session, links, messages: posted } = new;
    let link = |kind| links.iter().find(|(other, _)| *other == kind).map(|&(_, id)| id);
    let micros = |when: Option<jiff::Timestamp>| when.map(jiff::Timestamp::as_microsecond);
    let id: i32 = sqlx::query_scalar(concat!(
        "INSERT INTO sessions (
             session_id, topic_id, status, user_id, transfer_to_id,
             customer_alias, customer_host, customer_name, customer_email, customer_phone, customer_company_name,
             customer_consented, first_message, last_message,
             when_requested, when_started, when_ended, when_idle, when_fetched, unanswered_since, was_reset,
             session_key, initial_queue_pos, alert_level, rank, flags,
             person_id, contact_id, project_id, sale_id, ticket_id)
         VALUES (",
        new_id!("sessions", "session_id", "$1"),
        ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
          $25, $26, $27, $28, $29, $30, $31)
         RETURNING session_id"
    ))
    .bind(session.id.map(|id| id.0))
    .bind(resolve(session.topic, topics).0)
    .bind(session.status.as_str())
    .bind(session.user.map(|user| resolve(user, users).0))
    .bind(session.transfer_to.map(|user| resolve(user, users).0))
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
    .bind(micros(session.unanswered_since))
    .bind(session.was_reset)
    .bind(&session.key)
    .bind(session.initial_queue_pos)
    .bind(session.alert_level)
    .bind(session.rank)
    .bind(&session.flags)
    .bind(link(RecordKind::Person))
    .bind(link(RecordKind::Contact))
    .bind(link(RecordKind::Project))
    .bind(link(RecordKind::Sale))
    .bind(link(RecordKind::Ticket))
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| duplicate(error, || "a session with this id or key".to_owned()))?;
    for message in posted {
        let is_fetched = session.when_fetched.is_some_and(|fetched| fetched >= message.when_posted);
        let is_read = is_fetched || message.is_of_customer();
        messages::insert(&mut *connection, SessionId(id), message, is_read).await?;
    }
    Ok(())
}

fn resolve<Id: Copy>(reference: Ref<Id>, new: &[Id]) -> Id {
    match reference {
        Ref::Existing(id) => id,
        Ref::New(index) => new[index],
    }
}

/// Says what is there already when that is why `error` happened.
pub(super) fn duplicate(error: sqlx::Error, what: impl FnOnce() -> String) -> StoreError {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => StoreError::Duplicate(what()),
        _ => StoreError::Database(error),
    }
}

struct RecordTable {
    ids: &'static str,
    insert: &'static str,
}

/// The statements of a kind of record: five tables of one shape.
fn tables(kind: RecordKind) -> RecordTable {
    macro_rules! table {
        ($name:literal) => {
            RecordTable {
                ids: concat!("SELECT record_id FROM ", $name),
                insert: concat!("INSERT INTO ", $name, " (record_id, snapshot) VALUES ($1, $2)"),
            }
        };
    }
    match kind {
        RecordKind::Person => table!("persons"),
        RecordKind::Contact => table!("contacts"),
        RecordKind::Project => table!("projects"),
        RecordKind::Sale => table!("sales"),
        RecordKind::Ticket => table!("tickets"),
    }
}
