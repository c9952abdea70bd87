//! `chat-server customer`: what is kept of one, to be handed out or deleted.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chat_server::customers;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::config::Database;
use super::print;

#[derive(Args)]
pub(super) struct Customer {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write all that is kept of a customer as JSON: sessions, messages, linked records.
    Export {
        /// The e-mail address that the sessions were started with, in any letter case.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        email: String,
        /// Write it to this file, readable by its owner alone, which takes the place of one that is there. Default:
        /// standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Delete a customer's sessions with their messages.
    Delete {
        /// The e-mail address that the sessions were started with, in any letter case.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        email: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// End sessions in which the customer waits or talks now. Without it nothing is deleted while there are some.
        #[arg(long)]
        end_open: bool,
        #[command(flatten)]
        database: Database,
    },
}

pub(super) async fn run(customer: Customer) -> anyhow::Result<()> {
    match customer.command {
        Command::Export { email, out, database } => export(&email, out.as_deref(), &database).await,
        Command::Delete { email, yes, end_open, database } => delete(&email, yes, end_open, &database).await,
    }
}

async fn export(email: &str, out: Option<&Path>, database: &Database) -> anyhow::Result<()> {
    let app = database.open_existing().await?;
    let export = customers::export(app.store().as_ref(), email, Timestamp::now()).await?;
    app.close().await;
    let text = serde_json::to_string_pretty(&export).context("an export is plain data")?;
    let Some(file) = out else { return print(&text) };
    write_private(file, &text).with_context(|| format!("cannot write `{}`", file.display()))?;
    let messages: usize = export.sessions.iter().map(|session| session.messages.len()).sum();
    print(&format!(
        "wrote {} with {} to `{}`",
        sessions(export.sessions.len()),
        self::messages(messages),
        file.display()
    ))
}

async fn delete(email: &str, yes: bool, end_open: bool, database: &Database) -> anyhow::Result<()> {
    let app = database.open_existing().await?;
    let store = app.store().as_ref();
    let found = store.sessions_of_customer(email).await?;
    if found.is_empty() {
        app.close().await;
        return print(&format!("there are no sessions of `{email}`"));
    }
    let open: Vec<_> = found.iter().filter(|view| customers::is_open(view)).map(|view| view.session.id).collect();
    let numbers =
        |ids: &[chat_server::records::SessionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    ensure!(
        open.is_empty() || end_open,
        "the customer still waits or talks in session {}: nothing was deleted; they end by themselves, or add --end-open",
        numbers(&open)
    );
    let mut posted = 0;
    for view in &found {
        posted += customers::messages_of(store, view.session.id).await?.len();
    }
    let what = format!("{} of `{email}` with {}", sessions(found.len()), messages(posted));
    if !yes {
        let first: Vec<_> = found.iter().map(|view| view.session.id).collect();
        confirm(&format!("delete {what} for good: {}? [yes/no] ", numbers(&first)))?;
    }
    customers::end_open(store, &found, Timestamp::now()).await?;
    let deleted = customers::delete(store, &found).await?;
    let left = store.sessions_of_customer(email).await?;
    app.close().await;
    ensure!(left.is_empty(), "deleted {what}; {} began in the meantime: run it again", sessions(left.len()));
    ensure!(deleted > 0, "somebody else was deleting them at the same time");
    print(&format!("deleted {what}"))
}

fn confirm(question: &str) -> anyhow::Result<()> {
    let input = std::io::stdin();
    ensure!(input.is_terminal(), "nobody is there to be asked; add --yes");
    let mut out = std::io::stderr();
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).context("cannot ask")?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer).context("cannot read the answer")?;
    ensure!(answer.trim().eq_ignore_ascii_case("yes"), "nothing was deleted");
    Ok(())
}

/// Writes a file that only its owner may read: all of it, or it stays as it was.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut name = file.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(format!(".{}.new", std::process::id()));
    let beside = file.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut out| {
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
        out.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        // What is left of it holds personal data.
        let _ = fs::remove_file(&beside);
    }
    done
}

fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("expected an e-mail address".to_owned()) } else { Ok(text.to_owned()) }
}

fn sessions(count: usize) -> String {
    format!("{count} session{}", if count == 1 { "" } else { "s" })
}

fn messages(count: usize) -> String {
    format!("{count} message{}", if count == 1 { "" } else { "s" })
}
