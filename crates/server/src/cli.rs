//! Commands, their arguments, and what they print.

mod application;
mod config;
mod customer;
mod logging;
mod presence;
mod secrets;
mod ticket;
mod token;
mod topic;
mod user;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chat_server::Demo;
use chat_server::import::{self, Format};
use chat_server::store::without_secrets;
use clap::{Args, Parser, Subcommand};

use self::config::Database;

/// The chat-session service.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until SIGTERM or Ctrl-C.
    Serve(Serve),
    /// Fill a database from a TOML or JSON file: all of it or nothing.
    Import(Import),
    /// Add users, set their passwords, sign them out, disable and enable them, list them.
    User(user::User),
    /// Add topics, change and list them, say who is a member.
    Topic(topic::Topic),
    /// Say who takes chats, and list who does.
    Presence(presence::PresenceCommand),
    /// Export or delete what is kept of a customer.
    Customer(customer::Customer),
    /// Issue, list and revoke tickets (`SoTicket 7T:…`).
    Ticket(ticket::Ticket),
    /// Issue, list and revoke access tokens (`Bearer 8A:…`).
    Token(token::Token),
    /// Register, list and revoke partner applications (`SO-AppToken`).
    App(application::Application),
    /// Bring the tables of a database up to date, and make it if it is missing.
    Migrate(Database),
    /// Check, print or describe the configuration.
    Config(config::ConfigCommand),
}

#[derive(Args)]
struct Serve {
    /// The address to listen on; port 0 takes a free one. Also CHAT_LISTEN, or `listen` in the configuration; default:
    /// 127.0.0.1:8080.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    #[command(flatten)]
    database: Database,
    /// Fill an empty database with demonstration data (user `tje0`, password `Tje0`).
    #[arg(long)]
    demo: bool,
    /// How log lines are written: `text` or `json`. Also CHAT_LOG_FORMAT, or `format` below `[log]`.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Args)]
struct Import {
    /// The file: `.toml` or `.json`.
    #[arg(required_unless_present = "print_schema")]
    file: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    /// Print the JSON Schema of import files instead.
    #[arg(long, conflicts_with = "file")]
    print_schema: bool,
}

/// Runs one command.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Serve(serve) => serve_until_signal(serve).await,
        Command::Import(Import { print_schema: true, .. }) => print(import::schema().trim_end()),
        Command::Import(Import { file: Some(file), database, .. }) => import_file(&file, &database).await,
        Command::Import(Import { file: None, .. }) => anyhow::bail!("name the file to import"),
        Command::User(user) => user::run(user).await,
        Command::Topic(topic) => topic::run(topic).await,
        Command::Presence(presence) => presence::run(presence).await,
        Command::Customer(customer) => customer::run(customer).await,
        Command::Ticket(ticket) => ticket::run(ticket).await,
        Command::Token(token) => token::run(token).await,
        Command::App(application) => application::run(application).await,
        Command::Migrate(database) => {
            database.open().await?.close().await;
            print(&format!("{} is up to date", without_secrets(&database.settings()?.database)))
        }
        Command::Config(command) => config::run(&command),
    }
}

async fn serve_until_signal(serve: Serve) -> anyhow::Result<()> {
    let flags =
        [("--listen", "listen", serve.listen.as_ref()), ("--log-format", "log.format", serve.log_format.as_ref())];
    let settings = serve.database.settings_with(&flags)?;
    logging::start(&settings.log)?;
    // From here on a signal ends the server in good order, also one that comes before it listens.
    let shutdown = chat_server::shutdown_signal().context("cannot wait for signals")?;
    let (listen, metrics_listen) = (settings.listen, settings.metrics_listen);
    let app = config::open(settings).await?;
    if serve.demo {
        match app.fill_with_demo().await? {
            Demo::Filled(imported) => tracing::info!("filled the empty database with demonstration data: {imported}"),
            Demo::NotEmpty => tracing::warn!("the database is not empty: no demonstration data was added"),
        }
    }
    let listener = chat_server::bind(listen).await.context("--listen, CHAT_LISTEN or `listen` names the address")?;
    if let Some(address) = metrics_listen {
        let listener = chat_server::bind(address).await.context("`metrics_listen` names the address")?;
        print(&format!("metrics on http://{}/metrics", listener.local_addr()?))?;
        // Answers until the process ends: the last requests are to be seen as well.
        tokio::spawn(chat_server::serve_metrics(listener, app.clone()));
    }
    print(&format!("listening on http://{}", listener.local_addr()?))?;
    chat_server::serve(listener, &app, shutdown).await.context("the server failed")
}

async fn import_file(file: &Path, database: &Database) -> anyhow::Result<()> {
    let format =
        Format::of(file).with_context(|| format!("`{}`: an import file ends in `.toml` or `.json`", file.display()))?;
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let app = database.open().await?;
    let imported = app.import(&text, format).await.with_context(|| format!("`{}`", file.display()))?;
    app.close().await;
    print(&format!("imported {imported}"))
}

/// Prints a line for the person who ran the command.
fn print(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot write to standard output")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
