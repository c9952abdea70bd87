//! Where the service keeps its records: one trait, a module a database, and the SQL that both share in `store/sql`.
//!
//! A store knows how to find and lock; what records become is decided in [`crate::rules`]. Every method is one
//! transaction.

mod accounts;
mod credentials;
mod familiar;
mod feed;
mod job;
mod life;
mod listed;
mod looks;
mod notices;
#[expect(clippy::duplicate_mod, reason = "the files in `sql` are compiled once for each database")]
mod postgres;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

pub use self::accounts::{AccountStore, Ended};
pub use self::credentials::{Application, CredentialStore, Expired, IssuedSecret, NewBrowserSession, NewSecret};
pub use self::familiar::FamiliarStore;
pub use self::feed::{Audience, FeedStore, Listening, MAX_WIRE_BYTES, Moving, Pulse, Wire};
pub use self::life::{
    Idempotency, IdleSince, LifeStore, LongWaiting, OpeningRule, Outcome, PickUp, Rule, SessionChange, SessionStart,
    TopicStore,
};
pub use self::listed::{ListedSession, SessionsPage};
pub(crate) use self::notices::Errand;
pub use self::notices::{Notices, Whereabouts};
pub use self::postgres::PostgresStore;
pub use self::sqlite::SqliteStore;
use crate::import::Batch;
use crate::records::{AssociateId, Login, SessionId, SessionView, TopicId, User};

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL names no database that this build can open.
    #[error("`{url}` is not a database that can be used: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database could not be opened.
    #[error("cannot open the database `{url}`")]
    Open {
        /// What was given.
        url: String,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// The database's file is not there, and was not to be made.
    #[error(
        "there is no database file `{file}`; name the right one, or make it with `chat-server migrate` or \
         `chat-server import`"
    )]
    Missing {
        /// Its path.
        file: String,
    },
    /// The tables could not be brought up to date.
    #[error("cannot bring the tables of the database up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A later version of the program made the tables.
    #[error("the tables of the database are newer than this program (migration {0}); run that version or a later one")]
    Newer(i64),
    /// Something of that name or number is there already.
    #[error("{0} is in the database already")]
    Duplicate(String),
    /// No user has this name.
    #[error("no user is called `{0}`")]
    UnknownUser(String),
    /// No topic has this number.
    #[error("there is no topic {0}")]
    UnknownTopic(String),
    /// A text cannot be stored: it has the character U+0000 in it.
    #[error("{0} has the character U+0000 in it")]
    UnusableText(&'static str),
    /// The user's sign-ins were ended, after the one that would have stored something.
    #[error("the user was signed out in the meantime")]
    SignedOut,
    /// The user has as many good tickets as may be.
    #[error("the user has {0} tickets already")]
    TooManyTickets(u32),
    /// A stored value cannot be understood.
    #[error("{what} in the database is damaged: {reason}")]
    Damaged {
        /// Which value of which record, without the value.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database holds none of the service's tables, and they were not to be made.
    #[error(
        "the database `{url}` has no tables of the service; name the right one, or make them with \
         `chat-server migrate` or `chat-server import`"
    )]
    NoTables {
        /// What was given, without user and password.
        url: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Others were always faster.
    #[error("others took every session that was seen")]
    Contended,
    /// The database failed, for several callers at once.
    #[error("the database failed")]
    Shared(#[source] Arc<sqlx::Error>),
}

impl StoreError {
    /// Whether the database is only too busy now, so that trying again later makes sense.
    pub fn is_busy(&self) -> bool {
        let error = match self {
            Self::Open { source, .. } => source,
            Self::Database(error) => error,
            Self::Shared(error) => error,
            Self::Contended => return true,
            _ => return false,
        };
        matches!(error, sqlx::Error::PoolTimedOut) || sqlite::is_busy(error) || postgres::is_busy(error)
    }

    /// Whether the database failed, or what it holds is damaged: nothing that a caller could have done better.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::Migrate(_)
            | Self::Newer(_)
            | Self::Damaged { .. }
            | Self::Database(_)
            | Self::Contended
            | Self::Shared(_) => true,
            Self::Url { .. }
            | Self::Missing { .. }
            | Self::Duplicate(_)
            | Self::UnknownUser(_)
            | Self::UnknownTopic(_)
            | Self::UnusableText(_)
            | Self::SignedOut
            | Self::TooManyTickets(_)
            | Self::NoTables { .. } => false,
        }
    }
}

/// What the database holds, by the names that people use: an import refers to it and must not repeat it.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Users by name, in lower case: names differ by more than case.
    pub users: BTreeMap<String, AssociateId>,
    /// Users' full names, by id.
    pub full_names: BTreeMap<AssociateId, String>,
    /// Topics by name.
    pub topics: BTreeMap<String, TopicId>,
    /// Sessions.
    pub sessions: BTreeSet<SessionId>,
    /// Ranks in use, by user.
    pub ranks: BTreeMap<AssociateId, Vec<i32>>,
    /// Linked records: kind and id.
    pub records: BTreeSet<(RecordKind, i32)>,
}

/// The kinds of record that a session may be linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A person.
    Person,
    /// A company.
    Contact,
    /// A project.
    Project,
    /// A sale.
    Sale,
    /// A ticket.
    Ticket,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Person, Self::Contact, Self::Project, Self::Sale, Self::Ticket];

    /// The word for one of them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Contact => "contact",
            Self::Project => "project",
            Self::Sale => "sale",
            Self::Ticket => "ticket",
        }
    }
}

/// A user to be added.
pub struct NewUser {
    /// The user; the id is ignored unless it is given.
    pub user: User,
    /// The id that the user is to have.
    pub id: Option<AssociateId>,
    /// The argon2 hash in PHC string format.
    pub password_hash: String,
}

/// A database of the chat service.
#[async_trait]
pub trait Store: CredentialStore + AccountStore + FamiliarStore + FeedStore + LifeStore + TopicStore {
    /// Asks the database for a sign of life.
    async fn check(&self) -> Result<(), StoreError>;

    /// Whether the database has all tables that this program knows, in their latest form. It may have more of them: then a
    /// newer program has been there.
    async fn is_current(&self) -> Result<bool, StoreError>;

    /// The user who signs in with this name; `None` when there is none, or the user was deleted or is disabled.
    async fn login(&self, user_name: &str) -> Result<Option<Login>, StoreError>;

    /// The sessions of the topics on which the caller has any permission, and those whose user or transfer target the
    /// caller is; in any status but `Invalid` and `Deleted`; ordered by id.
    async fn sessions_for(&self, caller: AssociateId) -> Result<Vec<SessionView>, StoreError>;

    /// The first of these sessions after one of them: fewer than `limit` only at the end. Each is shown as it was at one
    /// moment, and those behind it as they were then or later: a session that the caller sees all the time is on just one
    /// page.
    async fn sessions_page(
        &self,
        caller: AssociateId,
        after: SessionId,
        limit: u32,
    ) -> Result<SessionsPage, StoreError>;

    /// Gives the caller the session that has waited longest among the topics in which the caller can respond;
    /// [`Outcome::Missing`] when none waits. No two callers get the same session. A call that repeats an earlier one with
    /// the same idempotency key gets the session that the earlier one got.
    async fn pick_up_first(&self, pickup: PickUp) -> Result<Outcome, StoreError>;

    /// All users, ordered by name.
    async fn users(&self) -> Result<Vec<User>, StoreError>;

    /// Adds a user.
    async fn add_user(&self, user: NewUser) -> Result<AssociateId, StoreError>;

    /// Whether there is nothing in it: no user, no topic.
    async fn is_empty(&self) -> Result<bool, StoreError>;

    /// What is there.
    async fn inventory(&self) -> Result<Inventory, StoreError>;

    /// Adds all of `batch` or, if anything is wrong, nothing.
    async fn import(&self, batch: Batch) -> Result<(), StoreError>;

    /// Lets go of the database; open transactions end first.
    async fn close(&self);
}

/// The database systems that the service can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, or memory.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// What the URLs look like.
    pub const URLS: &str = "`sqlite://FILE`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`";

    /// Which one a URL names.
    pub fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            _ => None,
        }
    }
}

/// Opens the database at `url` and brings its tables up to date.
///
/// # Errors
/// - The URL is none of [`Kind::URLS`].
/// - The database cannot be opened, or its tables are newer than this program.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match kind(url)? {
        Kind::Sqlite => Arc::new(SqliteStore::open(url).await?),
        Kind::Postgres => Arc::new(PostgresStore::open(url).await?),
    })
}

/// The same, but what is not there is not made.
///
/// # Errors
/// As there, or the database's file or all its tables are missing.
pub async fn open_existing(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match kind(url)? {
        Kind::Sqlite => Arc::new(SqliteStore::open_existing(url).await?),
        Kind::Postgres => Arc::new(PostgresStore::open_existing(url).await?),
    })
}

fn kind(url: &str) -> Result<Kind, StoreError> {
    let unknown = || StoreError::Url { url: without_secrets(url), reason: format!("expected {}", Kind::URLS) };
    Kind::of(url).ok_or_else(unknown)
}

/// Why the tables could not be brought up to date.
fn migration_failed(error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::VersionMissing(version) => StoreError::Newer(version),
        error => StoreError::Migrate(error),
    }
}

/// A database's address without the user, password and parameters that it may name: errors end up in logs. What is left
/// out where nobody can tell it from a password is `…`.
pub fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else {
        return if url.contains('@') { "…".to_owned() } else { url.to_owned() };
    };
    if scheme == "sqlite" {
        return url.to_owned();
    }
    if scheme.contains('@') {
        return "…".to_owned();
    }
    let Some(rest) = rest.strip_prefix("//") else { return format!("{scheme}:…") };
    // A password may hold any sign, also one that should have been escaped: an `@` behind a `/`, `?` or `#` may be part
    // of one as well as its end. Too little shown is better than too much.
    let (before, kept) = rest.rsplit_once('@').unwrap_or(("", rest));
    let kept = kept.split(['?', '#']).next().unwrap_or_default();
    if before.contains(['/', '?', '#']) || !is_host(kept.split('/').next().unwrap_or_default()) {
        return format!("{scheme}://…");
    }
    format!("{scheme}://{kept}")
}

/// Whether this is a host with or without a port: a user and a password look alike where the host was forgotten.
fn is_host(text: &str) -> bool {
    let port = match text.strip_prefix('[') {
        Some(ipv6) => ipv6.split_once(']').map(|(_, port)| port),
        None => Some(text.find(':').map_or("", |colon| &text[colon..])),
    };
    let is_port = |port: &str| port.strip_prefix(':').is_some_and(|number| number.parse::<u16>().is_ok());
    port.is_some_and(|port| port.is_empty() || is_port(port))
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for (url, shown) in [
            ("postgres://u:p@h/db", "postgres://h/db"),
            ("postgres://u:p@ss@h:1/db", "postgres://h:1/db"),
            ("postgres://u:p@[::1]:1/db", "postgres://[::1]:1/db"),
            ("postgres:///db?host=/run/u&password=p", "postgres:///db"),
            ("postgres://h/db?user=u&password=p", "postgres://h/db"),
            ("postgres://u:p@h/db?password=p%40ss", "postgres://h/db"),
            ("mysql://u:p@h/db", "mysql://h/db"),
            // What is behind the last `@` may be the end of a password.
            ("postgres://h/db?password=p@ss", "postgres://…"),
            ("postgres://u:p@h/db?password=p@ss", "postgres://…"),
            ("postgres://u:p/s?s@h:1/db", "postgres://…"),
            ("postgres://u:p/s@s", "postgres://…"),
            ("postgres://u:p#s@h:1/db", "postgres://…"),
            // What is before the first `/`, too.
            ("postgres://u:p/db", "postgres://…"),
            ("postgres://u:p?s/db", "postgres://…"),
            ("postgres:u:p@h/db", "postgres:…"),
            ("u:p@ss://h/db", "u:…"),
            ("u@p:1/db", "…"),
            ("p@h/db", "…"),
            ("sqlite://chat@home.db?mode=rwc", "sqlite://chat@home.db?mode=rwc"),
            ("chat.db", "chat.db"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
