//! Users, topics and sessions.

use std::sync::Arc;

use async_trait::async_trait;

use super::dialect::exact_name;
use super::rows::{LoginRow, UserRow};
use super::{Backend, MIGRATIONS, import, pickup, rows, session_pages, sessions};
use crate::import::Batch;
use crate::records::{AssociateId, Login, SessionId, SessionView, User};
use crate::store::looks::{Look, Turn};
use crate::store::{Inventory, NewUser, Outcome, PickUp, SessionsPage, Store, StoreError};

/// A pickup looks so often, while others take away what it sees.
const MAX_LOOKS: u32 = 64;

#[async_trait]
impl Store for Backend {
    async fn check(&self) -> Result<(), StoreError> {
        self.look(|connection| {
            Box::pin(async move {
                sqlx::query("SELECT 1 FROM topics LIMIT 1").fetch_optional(connection).await?;
                Ok(())
            })
        })
        .await
    }

    async fn is_current(&self) -> Result<bool, StoreError> {
        self.look(|connection| {
            Box::pin(async move {
                let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                    .fetch_all(connection)
                    .await?;
                Ok(MIGRATIONS.iter().all(|migration| applied.contains(&migration.version)))
            })
        })
        .await
    }

    async fn login(&self, user_name: &str) -> Result<Option<Login>, StoreError> {
        if !rows::is_storable(user_name) {
            return Ok(None);
        }
        let user_name = user_name.to_owned();
        self.look(|connection| {
            Box::pin(async move {
                // Names are told apart without case; signing in is not.
                let row = sqlx::query_as::<_, LoginRow>(concat!(
                    "SELECT * FROM users WHERE ",
                    exact_name!("user_name", "$1"),
                    " AND NOT deleted AND NOT disabled"
                ))
                .bind(user_name)
                .fetch_optional(connection)
                .await?;
                Ok(row.map(Login::from))
            })
        })
        .await
    }

    async fn sessions_for(&self, caller: AssociateId) -> Result<Vec<SessionView>, StoreError> {
        self.read(move |connection| Box::pin(sessions::visible_to(connection, caller))).await
    }

    async fn sessions_page(
        &self,
        caller: AssociateId,
        after: SessionId,
        limit: u32,
    ) -> Result<SessionsPage, StoreError> {
        self.look(move |connection| Box::pin(session_pages::page(connection, caller, after, limit))).await
    }

    async fn pick_up_first(&self, pickup: PickUp) -> Result<Outcome, StoreError> {
        let pickup = Arc::new(pickup);
        let mut look = Look::First;
        for _ in 0..MAX_LOOKS {
            let wanted = Arc::clone(&pickup);
            let turn =
                self.write(move |connection| Box::pin(async move { pickup::run(connection, &wanted, look).await }));
            match turn.await? {
                Turn::Over(outcome) => return Ok(outcome),
                Turn::Next(next) => look = next,
            }
        }
        Err(StoreError::Contended)
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.look(|connection| {
            Box::pin(async move {
                let rows = sqlx::query_as::<_, UserRow>("SELECT * FROM users ORDER BY lower(user_name)")
                    .fetch_all(connection)
                    .await?;
                Ok(rows.into_iter().map(User::from).collect())
            })
        })
        .await
    }

    async fn add_user(&self, user: NewUser) -> Result<AssociateId, StoreError> {
        let user = Arc::new(user);
        self.write(|connection| Box::pin(async move { import::user(connection, &user).await })).await
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        self.look(|connection| {
            Box::pin(async move {
                let is_filled: bool =
                    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM topics)")
                        .fetch_one(connection)
                        .await?;
                Ok(!is_filled)
            })
        })
        .await
    }

    async fn inventory(&self) -> Result<Inventory, StoreError> {
        self.read(|connection| Box::pin(import::inventory(connection))).await
    }

    async fn import(&self, batch: Batch) -> Result<(), StoreError> {
        let batch = Arc::new(batch);
        self.write_much(|connection| Box::pin(async move { import::batch(connection, &batch).await })).await
    }

    async fn close(&self) {
        self.close_all().await;
    }
}
