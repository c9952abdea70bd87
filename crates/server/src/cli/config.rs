//! Where the configuration of a command comes from, and `chat-server config`.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use chat_server::config::{self, Given, Settings, Source, keys};
use chat_server::passwords::Passwords;
use chat_server::resources::ResourceTexts;
use chat_server::store::{Kind, without_secrets};
use chat_server::{App, AppError, Config};
use clap::{Args, Subcommand};
use sqlx::sqlite::SqliteConnectOptions;

use super::print;

const DATABASE: &str = "`database` comes from --database, CHAT_DATABASE or the configuration file, or is the default";

const RESOURCES: &str = "`resources_folder` comes from --set, CHAT_RESOURCES_FOLDER or the configuration file";

const PASSWORD_COST: &str = "`password_cost.memory_kib`, `password_cost.passes` and `password_cost.lanes` come from \
     --set, CHAT_PASSWORD_COST_… or the configuration file, or are the default";

/// The file, and flags for single keys.
#[derive(Args)]
pub(super) struct Sources {
    /// The configuration, a TOML file; without one, variables and defaults count.
    #[arg(id = "config", long = "config", value_name = "FILE", env = config::FILE_VARIABLE)]
    file: Option<PathBuf>,
    /// Set any key of the configuration, `limits.max_body_bytes=2000000`; items of a list with commas in between.
    #[arg(id = "set", long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Sources {
    /// The settings, with what flags of their own say: `--listen` for `listen`.
    pub(super) fn load(&self, flags: &[(&str, &str, Option<&String>)]) -> anyhow::Result<Settings> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| {
                format!(
                    "cannot read the configuration `{}`; --config or {} names it",
                    path.display(),
                    config::FILE_VARIABLE
                )
            })?;
            anyhow::Ok((path.clone(), text))
        };
        let given = |flag: String, key: &str, value: &str| Given { flag, key: key.to_owned(), value: value.to_owned() };
        let set = self.set.iter().map(|(key, value)| given(format!("--set {key}"), key, value));
        let own = flags.iter().filter_map(|(flag, key, value)| Some(given((*flag).to_owned(), key, value.as_ref()?)));
        let source = Source {
            file: self.file.as_ref().map(read).transpose()?,
            // What is no text is none of ours: keys are ASCII, and a value that is not would be cut.
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
                .collect(),
            flags: set.chain(own).collect(),
        };
        Ok(Settings::load(&source)?)
    }
}

/// Which database a command works on.
#[derive(Args)]
pub(super) struct Database {
    #[command(flatten)]
    sources: Sources,
    /// The database: `sqlite://FILE`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`. Also CHAT_DATABASE, or
    /// `database` in the configuration; default: sqlite://chat.db.
    #[arg(long = "database", value_name = "URL")]
    url: Option<String>,
}

impl Database {
    /// The settings, with what further flags say.
    pub(super) fn settings_with(&self, flags: &[(&str, &str, Option<&String>)]) -> anyhow::Result<Settings> {
        let mut flags = flags.to_vec();
        flags.push(("--database", "database", self.url.as_ref()));
        self.sources.load(&flags)
    }

    /// The settings.
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        self.settings_with(&[])
    }

    /// Opens the database, and makes it where it is missing.
    pub(super) async fn open(&self) -> anyhow::Result<App> {
        open(self.settings()?).await
    }

    /// Opens the database, which must be there: for commands that look at or change what it holds. A wrong path must
    /// not leave an empty database behind.
    pub(super) async fn open_existing(&self) -> anyhow::Result<App> {
        App::open_existing(Config::from(self.settings()?)).await.map_err(explained)
    }
}

/// Opens the service with these settings.
pub(super) async fn open(settings: Settings) -> anyhow::Result<App> {
    App::open(Config::from(settings)).await.map_err(explained)
}

/// The error, with the keys that it comes from.
fn explained(error: AppError) -> anyhow::Error {
    let keys = match &error {
        AppError::Store(_) => DATABASE,
        AppError::Resources(_) => RESOURCES,
        AppError::Password(_) => PASSWORD_COST,
        _ => return error.into(),
    };
    anyhow::Error::new(error).context(keys)
}

/// `chat-server config`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct ConfigCommand {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print the JSON Schema of configuration files.
    #[arg(long, required = true)]
    print_schema: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Say whether file, variables and flags are right, and everything that is wrong.
    Check(Sources),
    /// Print every key with the value that counts, and its variable.
    Print(Sources),
}

pub(super) fn run(command: &ConfigCommand) -> anyhow::Result<()> {
    match &command.action {
        None => print(config::schema().trim_end()),
        Some(Action::Check(sources)) => {
            let problems = problems_around(&sources.load(&[])?);
            anyhow::ensure!(problems.is_empty(), "{}", problems.join("\nerror: "));
            print("the configuration is fine")
        }
        Some(Action::Print(sources)) => {
            let mut settings = sources.load(&[])?;
            settings.database = without_secrets(&settings.database);
            let values = serde_json::to_value(settings).context("settings are plain data")?;
            keys().iter().try_for_each(|key| {
                let value = key.path.split('.').try_fold(&values, |value, name| value.get(name));
                let line = value.map_or_else(|| format!("# {} =", key.path), |value| format!("{} = {value}", key.path));
                print(&format!("{line}  # {}", key.variable()))
            })
        }
    }
}

/// What only a look at the machine can tell. Nothing is made or changed.
fn problems_around(settings: &Settings) -> Vec<String> {
    let folder = database_folder(&settings.database).filter(|folder| !folder.is_dir());
    let no_folder = folder.map(|folder| format!("{DATABASE}: there is no folder `{}` for its file", folder.display()));
    let texts = settings.resources_folder.as_deref().map(ResourceTexts::with_folder);
    let no_texts = texts.and_then(Result::err).map(|error| format!("{:#}", explained(error.into())));
    let no_hashes = Passwords::new(Config::from(settings.clone()).password_cost).err();
    let no_hashes = no_hashes.map(|error| format!("{:#}", explained(error.into())));
    [no_folder, no_texts, no_hashes].into_iter().flatten().collect()
}

/// The folder of the database's file, if it is not the current one.
fn database_folder(url: &str) -> Option<PathBuf> {
    if Kind::of(url) != Some(Kind::Sqlite) {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    let folder = options.get_filename().parent()?;
    (!folder.as_os_str().is_empty()).then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use chat_server::passwords::PasswordCost;

    use super::*;

    #[tokio::test]
    async fn errors_name_the_keys_that_they_come_from() {
        let failed = |config| async { App::open(config).await.err().map(|error| format!("{:#}", explained(error))) };
        let memory = || Config::new("sqlite::memory:");
        for (config, key) in [
            (Config::new("mysql://localhost/chat"), "`database` comes from --database"),
            (Config { resources_folder: Some("/nowhere/at/all".into()), ..memory() }, "`resources_folder` comes from"),
            (
                Config { password_cost: PasswordCost { memory_kib: 1, passes: 1, lanes: 1 }, ..memory() },
                "`password_cost.memory_kib`, `password_cost.passes` and `password_cost.lanes` come from",
            ),
        ] {
            let said = failed(config).await.unwrap();
            assert!(said.starts_with(key), "{said}");
            assert_eq!(said.matches(" from -").count(), 1, "one key is named: {said}");
        }
    }
}
