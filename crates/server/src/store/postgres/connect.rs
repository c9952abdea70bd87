//! Connections: what their address may say, and what is set on each.

use std::io;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::timeout;

use crate::store::{Kind, StoreError, without_secrets};

/// What an address may say after its `?`. Others would be passed over, and written into the log with their values.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Settings of the service's connections. Who waits for a lock, or has stopped in the middle of a transaction, must not
/// hold up everybody else for long; and of a server that vanished without a word the database lets go.
const FOR_SERVICE: [(&str, &str); 5] = [
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// Settings of the connection that brings the tables up to date: whoever comes second waits for the first, and what is
/// there already is no news.
const FOR_MIGRATIONS: [(&str, &str); 2] = [("lock_timeout", "10min"), ("client_min_messages", "warning")];

/// The options that an address names.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let wrong = |reason: String| StoreError::Url { url: without_secrets(url), reason };
    if Kind::of(url) != Some(Kind::Postgres) {
        return Err(wrong("expected `postgres://USER@HOST/DATABASE`".to_owned()));
    }
    if let Some(name) = unknown_parameter(url) {
        // It may be what stands behind an `@` or `&` of a password that should have been escaped.
        let what = match without_secrets(url).ends_with('…') || url.contains("password=") {
            true => "one of its parameters is none, unless a password holds signs that must be escaped".to_owned(),
            false => format!("it has no parameter `{name}`"),
        };
        return Err(wrong(format!("{what}; there are {}", PARAMETERS.join(", "))));
    }
    let without_parameters = url.strip_suffix(parameters(url)).unwrap_or(url);
    PgConnectOptions::from_str(without_parameters).map_err(|error| wrong(error.to_string()))?;
    // What is said of a value repeats it.
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| wrong("the value of one of its parameters cannot be understood".to_owned()))?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("chat-server"),
    })
}

pub(super) fn for_service(options: PgConnectOptions) -> PgConnectOptions {
    options.options(FOR_SERVICE)
}

/// A connection for the migrations; what is wrong with the address shows here first, with its reason.
pub(super) async fn for_migrations(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection, sqlx::Error> {
    let options = options.clone().options(FOR_MIGRATIONS);
    let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no connection came about in time"));
    timeout(limit, PgConnection::connect_with(&options)).await.map_err(late)?
}

/// The name of the first parameter that there is not.
fn unknown_parameter(url: &str) -> Option<&str> {
    let mut names = parameters(url).split('&').map(|parameter| parameter.split('=').next().unwrap_or_default());
    names.find(|name| !name.is_empty() && !PARAMETERS.contains(name) && !name.starts_with("options["))
}

/// What stands behind the `?` of an address.
fn parameters(url: &str) -> &str {
    // A password may hold any sign, also a `?` that should have been escaped.
    let after_secrets = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
    after_secrets.split_once('?').map_or("", |(_, parameters)| parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_there_are_not_are_refused_without_their_values() {
        for (url, expected) in [
            ("postgres://h/db", None),
            ("postgres://h/db?sslmode=require&application_name=x&options[search_path]=chat", None),
            ("postgres://u:p%3Fx=1@h/db?", None),
            ("postgres://h/db?sslmode=require&pasword=secret", Some("pasword")),
            ("postgres://h/db?password=p@ss?secret", Some("secret")),
            ("postgres://h/db?password=p&secret", Some("secret")),
        ] {
            assert_eq!(unknown_parameter(url), expected, "{url}");
            let refused = options(url).err().map(|error| error.to_string());
            assert_eq!(refused.is_some(), expected.is_some(), "{refused:?}");
            assert!(!refused.unwrap_or_default().contains("secret"));
        }
        assert_eq!(unknown_parameter("postgres://u:p?secret=1@h/db"), None, "a password that should have been escaped");
    }

    #[test]
    fn values_of_parameters_are_not_repeated() {
        let error = options("postgres://h/db?sslmode=secret").expect_err("there is no such mode").to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
