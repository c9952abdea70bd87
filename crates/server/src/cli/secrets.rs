//! What `ticket` and `token` have in common.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use chat_server::auth::SecretKind;
use clap::Args;
use jiff::{Span, SpanRelativeTo, Timestamp};

use super::config::Database;
use super::print;

/// What is to last longer is better issued anew.
const MAX_LIFETIME: Duration = Duration::from_secs(366 * 24 * 3600);

#[derive(Args)]
pub(super) struct Issue {
    /// The user whom it lets in: the name at sign-in.
    user: String,
    /// How long it is good: `90m`, `12h`, `30d`. Default: what the configuration says.
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    expires_in: Option<Duration>,
    /// What it is for; lists show it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
pub(super) struct Revoke {
    /// The number that lists show.
    number: i64,
    #[command(flatten)]
    database: Database,
}

/// Standard output gets the secret and nothing else, for scripts; the rest goes to standard error.
pub(super) async fn issue(kind: SecretKind, issue: Issue) -> anyhow::Result<()> {
    ensure!(!issue.note.contains(char::is_control), "the note has a control character");
    let app = issue.database.open_existing().await?;
    let login = app.store().login(&issue.user).await?;
    // As the user is now: signing the user out meanwhile ends this one too.
    let user = login.with_context(|| format!("no user who may sign in is called `{}`", issue.user))?.user;
    let issued = app.authenticator().issue(kind, &user, issue.expires_in, &issue.note).await?;
    app.close().await;
    print(issued.secret.expose())?;
    let (kind, until) = (kind.name(), seconds(issued.expires));
    let about = format!("{kind} {} of `{}`, good until {until}; it is not shown again", issued.id, issue.user);
    writeln!(std::io::stderr(), "{about}").context("cannot write to standard error")
}

pub(super) async fn list(kind: SecretKind, database: &Database) -> anyhow::Result<()> {
    let app = database.open_existing().await?;
    let now = Timestamp::now();
    for secret in app.store().secrets(kind).await? {
        let state = match secret.revoked {
            Some(_) => "revoked",
            None if secret.expires <= now => "expired",
            None => "good",
        };
        let expires = seconds(secret.expires);
        print(&format!("{}\t{}\t{expires}\t{state}\t{}", secret.id, secret.user_name, secret.note))?;
    }
    app.close().await;
    Ok(())
}

pub(super) async fn revoke(kind: SecretKind, revoke: &Revoke) -> anyhow::Result<()> {
    let app = revoke.database.open_existing().await?;
    let was_revoked = app.authenticator().revoke(kind, revoke.number).await?;
    app.close().await;
    ensure!(was_revoked, "there is no {} {} that was not revoked already", kind.name(), revoke.number);
    print(&format!("revoked {} {}", kind.name(), revoke.number))
}

/// To the second, as people read it.
pub(super) fn seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time such as `90m`, `12h` or `30d`, at most 366 days".to_owned();
    let span: Span = text.parse().map_err(|_| expected())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| expected())?;
    let duration = Duration::try_from(duration).map_err(|_| expected())?;
    if duration.is_zero() || duration > MAX_LIFETIME { Err(expected()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_short_texts() {
        for (text, seconds) in [
            ("90m", Some(5400)),
            ("12h", Some(43_200)),
            ("30d", Some(2_592_000)),
            ("1d 2h", Some(93_600)),
            ("366d", Some(31_622_400)),
            ("367d", None),
            ("0s", None),
            ("-1h", None),
            ("1y", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(lifetime(text).ok().map(|duration| duration.as_secs()), seconds, "{text}");
        }
    }
}
