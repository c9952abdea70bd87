//! `chat-server presence`: who takes chats.

use anyhow::ensure;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::config::Database;
use super::print;
use super::topic::user_called;

#[derive(Args)]
pub(super) struct PresenceCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say whether a user takes chats.
    Set {
        /// The name at sign-in.
        user: String,
        /// Whether the user does.
        presence: Presence,
        #[command(flatten)]
        database: Database,
    },
    /// List the members of topics: number, full name, whether present, sessions under way, numbers of the topics.
    List(Database),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Presence {
    /// Takes chats.
    On,
    /// Does not.
    Off,
}

pub(super) async fn run(presence: PresenceCommand) -> anyhow::Result<()> {
    match presence.command {
        Command::Set { user, presence, database } => {
            let app = database.open_existing().await?;
            let user = user_called(&app, &user).await?;
            let is_present = presence == Presence::On;
            let name = &user.user_name;
            ensure!(!is_present || !(user.deleted || user.disabled), "`{name}` may not sign in");
            app.store().set_presences(&[(user.id, is_present)], Timestamp::now()).await?;
            app.close().await;
            print(&format!("`{name}` is {}", if is_present { "present" } else { "away" }))
        }
        Command::List(database) => {
            let app = database.open_existing().await?;
            for presence in app.store().presences().await? {
                let state = if presence.present { "present" } else { "away" };
                let topics: Vec<_> = presence.topics.iter().map(ToString::to_string).collect();
                print(&format!(
                    "{}\t{}\t{state}\t{} active\t{}",
                    presence.user,
                    presence.full_name,
                    presence.active_sessions,
                    topics.join(",")
                ))?;
            }
            app.close().await;
            Ok(())
        }
    }
}
