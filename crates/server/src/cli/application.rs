//! `chat-server app`: partner applications, which say who they are with `SO-AppToken`.

use std::io::Write;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use super::config::Database;
use super::print;
use super::secrets::seconds;

/// Names go into every line of the log.
const MAX_NAME_CHARS: usize = 64;

#[derive(Args)]
pub(super) struct Application {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Register an application and print its token: the only time that it can be seen.
    Add {
        /// What lists and logs call it.
        #[arg(value_parser = name)]
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// List all of them: name, when it was added, state.
    List(Database),
    /// Make an application's token good no more.
    Revoke {
        /// What lists and logs call it.
        name: String,
        #[command(flatten)]
        database: Database,
    },
}

pub(super) async fn run(application: Application) -> anyhow::Result<()> {
    match application.command {
        Command::Add { name, database } => {
            let app = database.open().await?;
            let token = app.authenticator().add_application(&name).await?;
            app.close().await;
            // As with tickets: the secret alone on standard output.
            print(token.expose())?;
            writeln!(std::io::stderr(), "the token of `{name}`; it is not shown again")
                .context("cannot write to standard error")
        }
        Command::List(database) => {
            let app = database.open_existing().await?;
            for application in app.store().applications().await? {
                let state = if application.revoked.is_some() { "revoked" } else { "good" };
                print(&format!("{}\t{}\t{state}", application.name, seconds(application.added)))?;
            }
            app.close().await;
            Ok(())
        }
        Command::Revoke { name, database } => {
            let app = database.open_existing().await?;
            let was_revoked = app.authenticator().revoke_application(&name).await?;
            app.close().await;
            ensure!(was_revoked, "no application in use is called `{name}`");
            print(&format!("revoked the token of `{name}`"))
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    let is_name =
        (1..=MAX_NAME_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control) && text.trim() == text;
    if is_name {
        Ok(text.to_owned())
    } else {
        Err(format!("expected up to {MAX_NAME_CHARS} characters without blanks at the ends or control characters"))
    }
}
