//! Plays the two documented sample requests through the generated client against a server in this process, then keeps
//! serving. `cargo xtask demo` runs it.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;

use chat_client::Client;
use chat_models::ChatSessionEntity;
use chat_server::{App, Config};
use clap::Parser;
use comfy_table::{ContentArrangement, Table, presets};

/// Play the documented sample requests against a server with demonstration data.
#[derive(Parser)]
struct Arguments {
    /// End after the requests instead of serving on.
    #[arg(long)]
    once: bool,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// As in the samples of the documents: `Authorization: Basic dGplMDpUamUw`.
const USER: &str = "tje0";
const PASSWORD: &str = "Tje0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let signal = chat_server::shutdown_signal()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        tokio::select! {
            () = signal => {}
            _ = stopped => {}
        }
    };

    let app = App::open(Config::new("sqlite::memory:")).await?;
    app.fill_with_demo().await?;
    let listener = chat_server::bind(arguments.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move { chat_server::serve(listener, &app, shutdown).await });

    play(&url).await?;
    if arguments.once {
        // Nobody receives it when a signal has stopped the server already.
        let _ = stop.send(());
        return Ok(server.await??);
    }
    let mut out = io::stdout();
    writeln!(out, "\nServing on {url} until Ctrl-C. Try:")?;
    writeln!(out, "  curl -u {USER}:{PASSWORD} {url}/api/v1/ChatSession/ForCurrentUser")?;
    writeln!(out, "  curl -u {USER}:{PASSWORD} -X POST {url}/api/v1/ChatSession/Pickup")?;
    writeln!(out, "  {url}/docs in a browser: the reference, and requests to try; sign in as {USER}, {PASSWORD}")?;
    server.await??;
    // Only now: dropped earlier, it would have stopped the server.
    drop(stop);
    Ok(())
}

async fn play(url: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::builder(url).basic(USER, PASSWORD).build()?;
    let mut out = io::stdout();
    writeln!(out, "Server on {url}, signed in as {USER}\n")?;

    let sessions = client.chat_sessions_for_user().await?;
    writeln!(out, "GET /api/v1/ChatSession/ForCurrentUser -> {}", sessions.status())?;
    writeln!(out, "{}\n", table(sessions.iter()))?;

    let picked = client.pick_up_first_chat_session(None).await?;
    writeln!(out, "POST /api/v1/ChatSession/Pickup -> {}", picked.status())?;
    let agent = picked.user.as_ref().and_then(|user| user.full_name.as_deref()).unwrap_or("nobody");
    let number = picked.chat_session_id.unwrap_or_default();
    writeln!(out, "{agent} picked up session {number} of {}", customer(&picked))?;
    writeln!(out, "  customer wrote:  {}", picked.first_message.as_deref().unwrap_or_default())?;
    writeln!(out, "  welcome message: {}", picked.last_message.as_deref().unwrap_or_default())?;
    Ok(())
}

fn table<'a>(sessions: impl Iterator<Item = &'a ChatSessionEntity>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["Session", "Topic", "Status", "Customer", "Agent", "Requested", "Last message"]);
    for session in sessions {
        let number = |value: Option<i32>| value.map(|value| value.to_string()).unwrap_or_default();
        table.add_row([
            number(session.chat_session_id),
            number(session.topic_id),
            session.status.as_ref().map(ToString::to_string).unwrap_or_default(),
            customer(session),
            session.user.as_ref().and_then(|user| user.full_name.clone()).unwrap_or_default(),
            session.when_requested.map(|when| when.with_digits(0).to_string()).unwrap_or_default(),
            shortened(session.last_message.as_deref().unwrap_or_default()),
        ]);
    }
    table
}

fn customer(session: &ChatSessionEntity) -> String {
    let alias = session.customer_alias.as_deref().filter(|alias| !alias.is_empty());
    alias.or(session.customer_name.as_deref()).unwrap_or_default().to_owned()
}

fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}
