//! The databases that the service is asked about.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chat_server::auth::SecretKind;
use chat_server::import::Format;
use chat_server::{App, Config};
use docwright_bench::Failure;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::runtime::Runtime;

use super::Operation;
use crate::support::{END_ALL, PASSWORD, office, sqlite, sqlite_sessions, topic, users};

/// So many agents take turns; each is one user.
const AGENTS: u32 = 20;

/// Sessions of each, where they are listed.
const SESSIONS: u32 = 20;

/// Sessions that wait before each measurement, where they are picked up. More than any of them takes.
const WAITING: u32 = 120_000;

/// A year: nothing ends by itself while it is measured.
const NEVER_S: &str = "31536000";

/// A database of SQLite in a file.
pub(crate) struct Database {
    operation: Operation,
    url: String,
    runtime: Runtime,
}

/// What each agent sends as `Authorization`.
pub(crate) struct Agents {
    pub(crate) passwords: Vec<String>,
    pub(crate) tickets: Vec<String>,
}

impl Database {
    /// A new one in this folder.
    pub(crate) fn filled(operation: Operation, folder: &Path) -> Result<Self, Failure> {
        let url = format!("sqlite://{}", folder.join("chat.db").display());
        let database =
            Self { operation, url, runtime: tokio::runtime::Builder::new_multi_thread().enable_all().build()? };
        let import = match operation {
            Operation::ForCurrentUser => lists(),
            Operation::Pickup => office(AGENTS),
        };
        database.runtime.block_on(async {
            // What a password costs is part of what is measured: the hashes are the service's own.
            let app = App::open(Config::new(&database.url)).await?;
            app.import(&import, Format::Toml).await?;
            app.close().await;
            Ok::<_, Failure>(())
        })?;
        Ok(database)
    }

    /// The agents, with tickets that last.
    pub(crate) fn agents(&self) -> Result<Agents, Failure> {
        let basic = |id| format!("Basic {}", BASE64_STANDARD.encode(format!("agent{id}:{PASSWORD}")));
        let mut tickets = Vec::new();
        self.runtime.block_on(async {
            let app = App::open_existing(Config::new(&self.url)).await?;
            for user in &app.store().users().await? {
                let issued = app.authenticator().issue(SecretKind::Ticket, user, None, "bench").await?;
                tickets.push(format!("SoTicket {}", issued.secret.expose()));
            }
            app.close().await;
            Ok::<_, Failure>(())
        })?;
        Ok(Agents { passwords: (1..=AGENTS).map(basic).collect(), tickets })
    }

    /// Ends what was picked up, and lets as many sessions wait as before.
    pub(crate) fn refill(&self) -> Result<(), Failure> {
        if self.operation != Operation::Pickup {
            return Ok(());
        }
        self.runtime.block_on(async {
            let mut connection = sqlite(&self.url).await?;
            sqlx::query(END_ALL).execute(&mut connection).await?;
            let waiting = waiting(&mut connection).await?;
            if let missing @ 1.. = WAITING.saturating_sub(waiting) {
                // They came one a second, the last one just now.
                let since = Timestamp::now().as_microsecond() - i64::from(missing) * 1_000_000;
                sqlx::query(AssertSqlSafe(sqlite_sessions(missing, 0, since))).execute(&mut connection).await?;
            }
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
            Ok(connection.close().await?)
        })
    }

    /// # Errors
    /// When nothing waits any more, so that some asked in vain.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.operation != Operation::Pickup {
            return Ok(());
        }
        self.runtime.block_on(async {
            let mut connection = sqlite(&self.url).await?;
            let waiting = waiting(&mut connection).await?;
            connection.close().await?;
            if waiting == 0 {
                Err(format!("all {WAITING} sessions were picked up: more must wait").into())
            } else {
                Ok(())
            }
        })
    }
}

async fn waiting(connection: &mut sqlx::SqliteConnection) -> Result<u32, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM sessions WHERE status = 'InQueue'").fetch_one(connection).await
}

/// The service's defaults, with as many connections as are opened from the one address, and nobody's own settings.
pub(crate) fn settings<'a>(command: &'a mut Command, database: &Database) -> &'a mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CHAT_")) {
            command.env_remove(name);
        }
    }
    for (name, value) in [
        ("CHAT_DATABASE", database.url.as_str()),
        ("CHAT_LIMITS_MAX_CONNECTIONS", "4096"),
        ("CHAT_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", "4096"),
        ("CHAT_SESSIONS_CUSTOMER_IDLE_S", NEVER_S),
        ("CHAT_SESSIONS_USER_IDLE_S", NEVER_S),
        ("CHAT_SESSIONS_WAITING_IDLE_S", NEVER_S),
    ] {
        command.env(name, value);
    }
    command
}

/// Agents who have a topic each, because everybody sees all sessions of a topic.
fn lists() -> String {
    let topics = (1..=AGENTS).map(|agent| topic(agent, &[agent]));
    let sessions = (0..AGENTS * SESSIONS).map(session);
    [users(AGENTS)].into_iter().chain(topics).chain([RECORDS.to_owned()]).chain(sessions).collect()
}

/// What sessions link to.
const RECORDS: &str = r#"
[[persons]]
PersonId = 375
Firstname = "Marilyne"
Lastname = "Mohr"
FullName = "Marilyne Mohr"
FormalName = "Ms. Marilyne Mohr"
Mrmrs = "Ms."
Position = "Office manager"
Email = "marilyne.mohr@example.com"
DirectPhone = "+47 21 55 01 44"
ContactId = 551
ContactName = "Nordlys Interior AS"
CountryId = 578

[[contacts]]
ContactId = 551
Name = "Nordlys Interior AS"
FullName = "Nordlys Interior AS"
OrgNr = "849096112"
City = "Tromsø"
CountryId = 578
CountryName = "Norway"
DirectPhone = "+47 21 55 01 00"
EmailAddress = "post@nordlys.example.com"
"#;

/// One of a list: every fourth is of a customer whom the office knows, half of them go on.
fn session(number: u32) -> String {
    let agent = 1 + number % AGENTS;
    let (state, ended) = if (number / AGENTS).is_multiple_of(2) {
        ("CustomerLast", "")
    } else {
        ("Closed", "ended = { minutes_ago = 5 }\n")
    };
    let known = if (number / AGENTS).is_multiple_of(4) { "person = 375\ncontact = 551\n" } else { "" };
    format!(
        "[[sessions]]\ntopic = \"T{agent}\"\nstatus = \"{state}\"\nuser = \"agent{agent}\"\n{known}{ended}\
         customer = {{ name = \"Customer {number}\", email = \"customer{number}@example.com\", phone = \"+47 21 55 02 00\", \
         company = \"Nordlys Interior AS\", host = \"198.51.100.23\" }}\n\
         requested = {{ minutes_ago = 60 }}\nstarted = {{ minutes_ago = 55 }}\n\
         messages = [\n\
         {{ from = \"customer\", text = \"Where is parcel {number}? It was to be here on Monday.\", posted = {{ minutes_ago = 60 }} }},\n\
         {{ from = \"agent\", text = \"I shall ask the carrier, one moment please.\", posted = {{ minutes_ago = 55 }} }},\n\
         {{ from = \"customer\", text = \"Thank you, I wait.\", posted = {{ minutes_ago = 54 }} }},\n]\n"
    )
}
