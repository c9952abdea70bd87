//! `chat-server topic`: what customers may choose between, when it is open, and who answers.

mod hours;
mod options;

use anyhow::{Context, bail, ensure};
use chat_server::App;
use chat_server::records::{Membership, NewTopic, Permissions, Topic as Found, TopicId};
use clap::{Args, Subcommand};

use self::options::{Changes, Options};
use super::config::Database;
use super::print;

#[derive(Args)]
pub(super) struct Topic {
    #[command(subcommand)]
    command: TopicCommand,
}

#[derive(Subcommand)]
enum TopicCommand {
    /// Add a topic.
    Add {
        /// Its name, which no other topic has.
        name: String,
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        database: Database,
    },
    /// Change what is given of a topic; the rest stays as it is.
    Set {
        /// Its name or number.
        topic: String,
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        changes: Changes,
        #[command(flatten)]
        database: Database,
    },
    /// List the topics: number, name, language, members, sessions that wait.
    List(Database),
    /// Show everything that is set of a topic, and its members.
    Show {
        /// Its name or number.
        topic: String,
        #[command(flatten)]
        database: Database,
    },
    /// Make a user a member of a topic with just these permissions, or no member any more.
    Member {
        /// The topic's name or number.
        topic: String,
        /// The user's name at sign-in.
        user: String,
        /// `respond`, `notify`, `listen`, `manage`, with commas in between; or `none`.
        #[arg(long, value_name = "LIST", value_parser = permissions)]
        permissions: Permissions,
        #[command(flatten)]
        database: Database,
    },
}

pub(super) async fn run(topic: Topic) -> anyhow::Result<()> {
    match topic.command {
        TopicCommand::Add { name, options, database } => {
            let mut about = NewTopic { name, ..NewTopic::default() };
            options.apply(&mut about)?;
            options::check(&about)?;
            let app = database.open().await?;
            let id = app.store().add_topic(about.clone()).await?;
            app.close().await;
            print(&format!("added topic {id}, `{}`", about.name))
        }
        TopicCommand::Set { topic, options, changes, database } => {
            ensure!(options.is_some() || changes.is_some(), "say what is to change; `topic set --help` lists it");
            let app = database.open_existing().await?;
            let Found { id, about: mut after, .. } = found(&app, &topic).await?;
            let before = after.clone();
            changes.apply(&mut after);
            options.apply(&mut after)?;
            options::check(&after)?;
            let is_there = after == before || app.store().set_topic(id, after.clone()).await?;
            app.close().await;
            ensure!(is_there, "topic {id} was deleted in the meantime");
            let what = if after == before { "is so already" } else { "is changed" };
            print(&format!("topic {id}, `{}`, {what}", after.name))
        }
        TopicCommand::List(database) => list(&database).await,
        TopicCommand::Show { topic, database } => show(&topic, &database).await,
        TopicCommand::Member { topic, user, permissions, database } => {
            let app = database.open_existing().await?;
            let topic = found(&app, &topic).await?;
            let member = user_called(&app, &user).await?;
            ensure!(!member.deleted || !permissions.any(), "`{}` is deleted", member.user_name);
            app.store().set_member(topic.id, member.id, permissions).await?;
            app.close().await;
            let (user, topic) = (member.user_name, topic.about.name);
            print(&match permissions.any() {
                true => format!("`{user}` may {} in `{topic}`", words(permissions).join(", ")),
                false => format!("`{user}` is no member of `{topic}`"),
            })
        }
    }
}

/// The user who signs in with this name, in any letter case.
pub(super) async fn user_called(app: &App, name: &str) -> anyhow::Result<chat_server::records::User> {
    let users = app.store().users().await?;
    let user = users.into_iter().find(|user| user.user_name.eq_ignore_ascii_case(name));
    user.with_context(|| format!("no user is called `{name}`; `chat-server user list` shows all"))
}

/// The topic of this name or, where none is called so, of this number.
async fn found(app: &App, wanted: &str) -> anyhow::Result<Found> {
    let topics = app.store().topics().await?;
    let named = topics.iter().find(|topic| topic.about.name == wanted);
    let numbered = || {
        let id = wanted.parse().ok().map(TopicId)?;
        topics.iter().find(|topic| topic.id == id)
    };
    if let Some(topic) = named.or_else(numbered) {
        return Ok(topic.clone());
    }
    let similar = topics.iter().find(|topic| topic.about.name.to_lowercase() == wanted.trim().to_lowercase());
    let help = match similar {
        Some(topic) => format!("did you mean `{}`?", topic.about.name),
        None => "`chat-server topic list` shows all".to_owned(),
    };
    bail!("no topic has the name or number `{wanted}`; {help}")
}

async fn list(database: &Database) -> anyhow::Result<()> {
    let app = database.open_existing().await?;
    let topics = app.store().topics().await?;
    let ids: Vec<_> = topics.iter().map(|topic| topic.id).collect();
    let waiting = app.store().queue_lengths(&ids).await?;
    for topic in topics {
        let members = app.store().members_of(topic.id).await?.len();
        let waiting = waiting.iter().find(|(id, _)| *id == topic.id).map_or(0, |(_, waiting)| *waiting);
        let NewTopic { name, language, .. } = topic.about;
        let members = if members == 1 { "1 member".to_owned() } else { format!("{members} members") };
        print(&format!("{}\t{name}\t{language}\t{members}\t{waiting} waiting", topic.id))?;
    }
    app.close().await;
    Ok(())
}

async fn show(topic: &str, database: &Database) -> anyhow::Result<()> {
    let app = database.open_existing().await?;
    let Found { id, about, last_accept, .. } = found(&app, topic).await?;
    let members = app.store().members_of(id).await?;
    app.close().await;
    let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    let after = |seconds: Option<i32>| seconds.map_or("never".to_owned(), |seconds| format!("after {seconds}s"));
    let open = if about.hours.is_empty() { "always".to_owned() } else { hours::written(&about.hours).join("; ") };
    for (name, value) in [
        ("number", id.to_string()),
        ("name", about.name.clone()),
        ("language", or(&about.language, "none")),
        ("welcome", or(&about.welcome_message, "none")),
        ("time zone", or(&about.time_zone, "UTC")),
        ("open", open),
        ("warns", after(about.warn_after_secs)),
        ("warns managers", after(about.warn_managers_after_secs)),
        ("post-chat form", if about.has_post_chat_form { "yes" } else { "no" }.to_owned()),
        ("last accepted", last_accept.map_or("never".to_owned(), super::secrets::seconds)),
    ] {
        // A welcome message may have several lines.
        print(&format!("{name}\t{}", value.replace('\n', "\n\t")))?;
    }
    members.into_iter().try_for_each(|Membership { user, permissions, .. }| {
        let deleted = if user.deleted { "\tdeleted" } else { "" };
        print(&format!("member\t{}\t{}{deleted}", user.user_name, words(permissions).join(",")))
    })
}

/// What the permissions are called here and in import files.
fn words(permissions: Permissions) -> Vec<&'static str> {
    let Permissions { respond, notify, listen, manage } = permissions;
    [("respond", respond), ("notify", notify), ("listen", listen), ("manage", manage)]
        .into_iter()
        .filter_map(|(word, is_there)| is_there.then_some(word))
        .collect()
}

fn permissions(text: &str) -> Result<Permissions, String> {
    let mut permissions = Permissions::default();
    if text == "none" {
        return Ok(permissions);
    }
    for word in text.split(',') {
        let permission = match word.trim() {
            "respond" => &mut permissions.respond,
            "notify" => &mut permissions.notify,
            "listen" => &mut permissions.listen,
            "manage" => &mut permissions.manage,
            _ => {
                return Err(
                    "expected `respond`, `notify`, `listen`, `manage` with commas in between, or `none`".to_owned()
                );
            }
        };
        *permission = true;
    }
    Ok(permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_words_with_commas() {
        for (text, expected) in [
            ("respond", Some(vec!["respond"])),
            ("manage, respond,manage", Some(vec!["respond", "manage"])),
            ("respond,notify,listen,manage", Some(vec!["respond", "notify", "listen", "manage"])),
            ("none", Some(vec![])),
            ("", None),
            ("respond,none", None),
            ("Respond", None),
            ("respond listen", None),
        ] {
            assert_eq!(permissions(text).ok().map(words), expected, "{text}");
        }
    }
}
