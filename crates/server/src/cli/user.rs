//! `chat-server user`: accounts. Passwords come from a prompt, standard input or a file, never from the command line,
//! where every process on the machine could read them.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chat_server::import::{EMPLOYEE, check_user_name};
use chat_server::records::{self, AssociateId};
use chat_server::store::NewUser;
use clap::{Args, Subcommand};

use super::config::Database;
use super::print;

#[derive(Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a user. The password is prompted for, or read from standard input.
    Add(Add),
    /// Replace a user's password and sign the user out everywhere. It is prompted for, or read from standard input.
    SetPassword {
        /// The name at sign-in.
        user: String,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        database: Database,
    },
    /// End a user's browser sessions, tickets and access tokens.
    SignOut(Named),
    /// Let a user in no more, until enabled again; ends the user's browser sessions, tickets and access tokens.
    Disable(Named),
    /// Let a disabled user sign in again.
    Enable(Named),
    /// List the users: number, name at sign-in, full name, whether disabled or deleted.
    List(Database),
}

#[derive(Args)]
struct Named {
    /// The name at sign-in.
    user: String,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
struct Add {
    /// The name at sign-in.
    user: String,
    /// First and last name. Default: the name at sign-in.
    #[arg(long)]
    full_name: Option<String>,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
struct Password {
    /// Read the password from the first line of this file.
    #[arg(long = "password-file", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Password {
    fn read(&self) -> anyhow::Result<String> {
        let password = match &self.file {
            Some(file) => first_line_of(file)?,
            None if std::io::stdin().is_terminal() => {
                let password = rpassword::prompt_password("Password: ").context("cannot read the password")?;
                let again = rpassword::prompt_password("Again: ").context("cannot read the password")?;
                ensure!(password == again, "the two passwords differ");
                password
            }
            None => first_line(std::io::stdin().lock()).context("cannot read the password from standard input")?,
        };
        ensure!(!password.is_empty(), "the password is empty");
        Ok(password)
    }
}

pub(super) async fn run(user: User) -> anyhow::Result<()> {
    match user.command {
        UserCommand::Add(add) => run_add(add).await,
        UserCommand::SetPassword { user, password, database } => {
            let app = database.open_existing().await?;
            let ended = app.authenticator().set_password(&user, &password.read()?).await?;
            app.close().await;
            print(&format!("`{user}` has a new password; ended: {ended}"))
        }
        UserCommand::SignOut(Named { user, database }) => {
            let app = database.open_existing().await?;
            let ended = app.authenticator().sign_out(&user).await?;
            app.close().await;
            print(&format!("`{user}` is signed out; ended: {ended}"))
        }
        UserCommand::Disable(Named { user, database }) => {
            let app = database.open_existing().await?;
            let ended = app.authenticator().disable(&user).await?;
            app.close().await;
            print(&format!("`{user}` is disabled; ended: {ended}"))
        }
        UserCommand::Enable(Named { user, database }) => {
            let app = database.open_existing().await?;
            app.authenticator().enable(&user).await?;
            app.close().await;
            print(&format!("`{user}` may sign in"))
        }
        UserCommand::List(database) => {
            let app = database.open_existing().await?;
            for user in app.store().users().await? {
                let deleted = if user.deleted { "\tdeleted" } else { "" };
                let disabled = if user.disabled { "\tdisabled" } else { "" };
                print(&format!("{}\t{}\t{}{disabled}{deleted}", user.id, user.user_name, user.full_name))?;
            }
            app.close().await;
            Ok(())
        }
    }
}

async fn run_add(add: Add) -> anyhow::Result<()> {
    check_user_name(&add.user).map_err(anyhow::Error::msg)?;
    let app = add.database.open().await?;
    let password = add.password.read()?;
    let full_name = add.full_name.unwrap_or_else(|| add.user.clone());
    let user = records::User {
        id: AssociateId(0),
        name: add.user.clone(),
        user_name: add.user,
        formal_name: full_name.clone(),
        tooltip: full_name.clone(),
        full_name,
        kind: EMPLOYEE.to_owned(),
        person_id: None,
        ej_user_id: None,
        group_idx: None,
        rank: None,
        deleted: false,
        disabled: false,
        sign_in_generation: 0,
    };
    let name = user.user_name.clone();
    let password_hash = app.passwords().hash(&password)?;
    let id = app.store().add_user(NewUser { user, id: None, password_hash }).await?;
    app.close().await;
    print(&format!("added `{name}` with AssociateId {id}"))
}

fn first_line_of(file: &Path) -> anyhow::Result<String> {
    let context = || format!("cannot read the password from `{}`", file.display());
    let reader = std::fs::File::open(file).with_context(context)?;
    first_line(std::io::BufReader::new(reader)).with_context(context)
}

/// The first line without its end; blanks count, they may belong to the password.
fn first_line(mut reader: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
