//! `chat-server ticket`: tickets, `SoTicket 7T:…`.

use chat_server::auth::SecretKind;
use clap::{Args, Subcommand};

use super::config::Database;
use super::secrets::{self, Issue, Revoke};

#[derive(Args)]
pub(super) struct Ticket {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Issue a ticket for a user and print it: the only time that it can be seen.
    Issue(Issue),
    /// List all of them: number, user, when it expires, state, note.
    List(Database),
    /// Make one good no more.
    Revoke(Revoke),
}

pub(super) async fn run(ticket: Ticket) -> anyhow::Result<()> {
    match ticket.command {
        Command::Issue(issue) => secrets::issue(SecretKind::Ticket, issue).await,
        Command::List(database) => secrets::list(SecretKind::Ticket, &database).await,
        Command::Revoke(revoke) => secrets::revoke(SecretKind::Ticket, &revoke).await,
    }
}
