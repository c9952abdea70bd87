//! What servers are given before they start: a configuration, and users and topics to import.

use std::path::{Path, PathBuf};

use anyhow::Context;
use fastrand::Rng;
use serde_json::json;

use super::network::SignIn;
use super::plan::Plan;

/// Limits that nobody reaches, passwords that cost nothing, and no session that ends by itself.
///
/// Everybody calls from one address here, and what happens is to be what the clients did.
const CONFIG: &str = "\
docs = false

[log]
level = \"warn\"

[limits]
request_timeout_ms = 8000
max_concurrent_requests_per_user = 100000
max_connections = 900
max_connections_per_address = 900

[password_cost]
memory_kib = 8
passes = 1
lanes = 1

[sign_in]
free_failures_per_user = 1000
free_failures_per_address = 1000000

[sessions]
customer_idle_s = 1000000
user_idle_s = 1000000
waiting_idle_s = 1000000

[customers]
starts_per_minute = 1000000
requests_per_minute = 1000000
";

/// Files for the servers, and who signs in.
pub(super) struct Prepared {
    pub(super) config: PathBuf,
    pub(super) import: PathBuf,
    /// By the agents' numbers.
    pub(super) agents: Vec<SignIn>,
    /// A manager of all topics, who cannot respond.
    pub(super) manager: SignIn,
    /// The names of the topics, by their numbers.
    pub(super) topics: Vec<String>,
}

/// Writes the files into a folder. The names are new ones every time: a database may be used again.
pub(super) fn prepare(folder: &Path, plan: &Plan) -> anyhow::Result<Prepared> {
    let mut rng = Rng::new();
    let run = format!("{:08x}", rng.u32(..));
    let mut sign_in =
        |name: String| SignIn { user: format!("{name}-{run}"), password: format!("{:016x}", rng.u64(..)) };
    let manager = sign_in("manager".to_owned());
    let agents: Vec<SignIn> = (0..plan.agents.len()).map(|number| sign_in(format!("agent-{number}"))).collect();
    let topics: Vec<String> = (0..plan.topics).map(|number| format!("Topic {number} of {run}")).collect();

    let user = |SignIn { user, password }: &SignIn, present: bool| json!({ "user": user, "password": password, "full_name": format!("Name of {user}"), "present": present });
    let users: Vec<_> = agents.iter().map(|agent| user(agent, true)).chain([user(&manager, false)]).collect();
    let topic = |(number, name): (usize, &String)| {
        let own = plan.agents.iter().zip(&agents).filter(|(plan, _)| plan.topics.contains(&number));
        let members = own.map(|(_, agent)| json!({ "user": agent.user, "permissions": ["respond", "notify"] }));
        let manager = json!({ "user": manager.user, "permissions": ["listen", "manage"] });
        let members: Vec<_> = members.chain([manager]).collect();
        json!({ "name": name, "language": "en", "welcome_message": "Welcome! You waited {cavw}.", "members": members })
    };
    let document = json!({ "users": users, "topics": topics.iter().enumerate().map(topic).collect::<Vec<_>>() });

    let (config, import) = (folder.join("chat-server.toml"), folder.join("import.json"));
    std::fs::write(&config, CONFIG).with_context(|| format!("cannot write `{}`", config.display()))?;
    std::fs::write(&import, document.to_string()).with_context(|| format!("cannot write `{}`", import.display()))?;
    Ok(Prepared { config, import, agents, manager, topics })
}
