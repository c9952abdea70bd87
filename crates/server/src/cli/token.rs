//! `chat-server token`: access tokens, `Bearer 8A:…`.

use chat_server::auth::SecretKind;
use clap::{Args, Subcommand};

use super::config::Database;
use super::secrets::{self, Issue, Revoke};

#[derive(Args)]
pub(super) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Issue an access token for a user and print it: the only time that it can be seen.
    Issue(Issue),
    /// List all of them: number, user, when it expires, state, note.
    List(Database),
    /// Make one good no more.
    Revoke(Revoke),
}

pub(super) async fn run(token: Token) -> anyhow::Result<()> {
    match token.command {
        Command::Issue(issue) => secrets::issue(SecretKind::Token, issue).await,
        Command::List(database) => secrets::list(SecretKind::Token, &database).await,
        Command::Revoke(revoke) => secrets::revoke(SecretKind::Token, &revoke).await,
    }
}
