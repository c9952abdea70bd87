//! What the server is given before it starts.

use std::path::Path;

use anyhow::{Context, bail};
use fastrand::Rng;
use serde_json::{Value, json};

use super::Options;
use crate::program::Program;

/// Topics, so that queues and lists stay short.
const TOPICS: usize = 16;
/// Sessions in the list that slow readers ask for: more than sockets take at once.
const ARCHIVED: usize = 2000;
/// Every so many-th agent signs in with the password each time, the others with a ticket.
const BASIC: usize = 4;

/// Who is there.
pub(super) struct Prepared {
    /// By their numbers: what stands behind `Authorization: `.
    pub(super) agents: Vec<SignIn>,
    /// Who sees the long list, and nothing else.
    pub(super) archivist: String,
    /// The `TopicId`s that customers turn to.
    pub(super) topics: Vec<i32>,
}

/// How an agent signs in.
#[derive(Clone)]
pub(super) enum SignIn {
    Basic { user: String, password: String },
    Ticket(String),
}

/// The server with its limits, all of them documented keys of its configuration: everybody calls from one address here.
pub(super) fn program(options: &Options, folder: &Path) -> anyhow::Result<Program> {
    let config = folder.join("chat-server.toml");
    std::fs::write(&config, "docs = false\n\n[log]\nlevel = \"warn\"\n").context("cannot write the configuration")?;
    let connections = (options.connections + 100).to_string();
    let patience = options.patience().as_millis().to_string();
    let many = "1000000".to_owned();
    let variables = vec![
        ("CHAT_LIMITS_MAX_CONNECTIONS", connections.clone()),
        ("CHAT_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", connections.clone()),
        ("CHAT_LIMITS_MAX_CONCURRENT_REQUESTS_PER_USER", connections.clone()),
        ("CHAT_LIMITS_HEADER_READ_TIMEOUT_MS", patience.clone()),
        ("CHAT_LIMITS_WRITE_TIMEOUT_MS", patience),
        ("CHAT_CUSTOMERS_STARTS_PER_MINUTE", many.clone()),
        ("CHAT_CUSTOMERS_REQUESTS_PER_MINUTE", many),
        ("CHAT_CUSTOMERS_STREAMS_PER_ADDRESS", connections),
    ];
    let database = format!("sqlite://{}", folder.join("chat.db").display());
    Ok(Program { binary: options.server_binary.clone(), config, database, folder: folder.to_owned(), variables })
}

/// Fills the database: agents of all topics, and a long list of sessions that have ended.
pub(super) async fn prepare(program: &Program, agents: usize) -> anyhow::Result<Prepared> {
    let mut rng = Rng::new();
    let names: Vec<String> = (0..agents).map(|number| format!("agent-{number}")).collect();
    let passwords: Vec<String> = (0..=agents).map(|_| format!("{:016x}", rng.u64(..))).collect();
    let all = names.iter().map(String::as_str).chain(["archivist"]).zip(&passwords);
    let users: Vec<Value> = all
        .map(|(name, password)| json!({ "user": name, "password": password, "full_name": format!("Name of {name}"), "present": true }))
        .collect();
    let member = |name: &String| json!({ "user": name, "permissions": ["respond", "notify"] });
    let mut topics: Vec<Value> = (0..TOPICS)
        .map(|topic| {
            // Two topics each, so that every one has somebody.
            let own = names.iter().enumerate().filter(|(agent, _)| [agent % TOPICS, (agent + 1) % TOPICS].contains(&topic));
            let own: Vec<Value> = own.map(|(_, name)| member(name)).collect();
            json!({ "name": format!("Topic {topic}"), "id": topic + 1, "language": "en", "welcome_message": "Welcome! You waited {cavw}.", "members": own })
        })
        .collect();
    let permissions = json!([{ "user": "archivist", "permissions": ["listen"] }]);
    topics.push(json!({ "name": "Archive", "id": TOPICS + 1, "members": permissions }));
    let sessions: Vec<Value> = (0..ARCHIVED)
        .map(|number| json!({ "topic": "Archive", "status": "ClosedFromQueue", "customer": { "name": format!("Customer {number}") }, "requested": { "minutes_ago": 3000 - number }, "ended": { "minutes_ago": 10 } }))
        .collect();
    let import = program.folder.join("import.json");
    let document = json!({ "users": users, "topics": topics, "sessions": sessions });
    std::fs::write(&import, document.to_string()).with_context(|| format!("cannot write `{}`", import.display()))?;
    program.import(&import).await?;

    let mut sign_ins = Vec::new();
    for (number, (user, password)) in names.into_iter().zip(passwords).enumerate() {
        sign_ins.push(match number % BASIC {
            0 => SignIn::Basic { user, password },
            _ => SignIn::Ticket(ticket(program, &user).await?),
        });
    }
    let topics =
        (1..=TOPICS).filter(|topic| *topic <= agents + 1).filter_map(|topic| i32::try_from(topic).ok()).collect();
    Ok(Prepared { agents: sign_ins, archivist: format!("SoTicket {}", ticket(program, "archivist").await?), topics })
}

/// Issues a ticket on the command line.
async fn ticket(program: &Program, user: &str) -> anyhow::Result<String> {
    let output = program.command(&["ticket", "issue", user, "--expires-in", "24h"]).output().await;
    let output = output.context("cannot run chat-server")?;
    if !output.status.success() {
        bail!("`chat-server ticket issue` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
