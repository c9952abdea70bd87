//! How much memory a list of 100,000 sessions takes while four callers download it, in JSON and in XML; `-- --short` takes
//! 2,000, to see that it runs.
//!
//! The database is filled by another process, so that nothing of that counts here. The callers run in this process and
//! throw away what they get.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use chat_server::import::Format;
use chat_server::passwords::PasswordCost;
use chat_server::{App, Config};
use docwright_bench::{is_short, memory, say, skipped};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SESSIONS: usize = 100_000;
/// The same for `--short`: only to see that it runs.
const SHORT_SESSIONS: usize = 2_000;
/// So many are imported at once.
const BATCH: usize = 2_000;
const CALLERS: usize = 4;
/// Names the database for the process that fills it.
const FILL: &str = "CHAT_SERVER_BENCH_FILL";
/// `tje0`, whose password is `Tje0`.
const AUTHORIZATION: &str = "Basic dGplMDpUamUw";

type Failure = Box<dyn Error + Send + Sync>;

/// The service's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    if let Ok(url) = std::env::var(FILL) {
        return fill(&url).await;
    }
    if memory::own_peak_mb().is_none() {
        skipped("the memory of a long list", "this system does not tell how much memory a process takes");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    let started = Instant::now();
    let short = is_short().then_some("--short");
    if !Command::new(std::env::current_exe()?).args(short).env(FILL, &url).status()?.success() {
        return Err("the database could not be filled".into());
    }
    say(format_args!("{} sessions, imported in {:.0?}", session_count(), started.elapsed()));

    let app = App::open(config(&url)).await?;
    let listener = chat_server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        chat_server::serve(listener, &app, async {
            let _ = stopped.await;
        })
        .await
    });
    download(address, "/api/v1/ChatTopic/ForCurrentUser", "application/json").await?;
    let idle = memory::resident_mb(std::process::id()).unwrap_or_default();
    say(format_args!("idle: {idle:.0} MB"));
    for media_type in ["application/json", "application/xml"] {
        let started = Instant::now();
        let callers = (0..CALLERS).map(|_| tokio::spawn(download(address, LIST, media_type)));
        let mut bytes = 0;
        for caller in callers.collect::<Vec<_>>() {
            bytes += caller.await??;
        }
        let peak = memory::own_peak_mb().unwrap_or_default();
        say(format_args!(
            "{media_type}: {CALLERS} at the same time, {} MB each in {:.1?}; at most {:.0} MB more than idle so far",
            bytes / CALLERS / 1_000_000,
            started.elapsed(),
            peak - idle,
        ));
    }
    drop(stop);
    Ok(server.await??)
}

const LIST: &str = "/api/v1/ChatSession/ForCurrentUser";

fn config(url: &str) -> Config {
    // What a hash takes is not measured here.
    Config { password_cost: PasswordCost::CHEAP, ..Config::new(url) }
}

fn session_count() -> usize {
    if is_short() { SHORT_SESSIONS } else { SESSIONS }
}

/// Fills a new database.
async fn fill(url: &str) -> Result<(), Failure> {
    let app = App::open(config(url)).await?;
    let office = "users = [{ user = \"tje0\", password = \"Tje0\", full_name = \"Terje Jensen\" }]\n\
                  [[topics]]\nname = \"Support\"\nmembers = [{ user = \"tje0\", permissions = [\"respond\"] }]\n";
    app.import(office, Format::Toml).await?;
    for first in (0..session_count()).step_by(BATCH) {
        let mut batch = String::new();
        for number in first..first + BATCH {
            write!(
                batch,
                "[[sessions]]\ntopic = \"Support\"\nstatus = \"Closed\"\nuser = \"tje0\"\n\
                 customer = {{ name = \"Customer {number}\", email = \"customer{number}@example.com\", host = \"198.51.100.23\" }}\n\
                 requested = {{ minutes_ago = 60 }}\nstarted = {{ minutes_ago = 55 }}\nended = {{ minutes_ago = 5 }}\n\
                 messages = [{{ from = \"customer\", text = \"Where is parcel {number}?\", posted = {{ minutes_ago = 60 }} }}]\n"
            )?;
        }
        app.import(&batch, Format::Toml).await?;
    }
    app.close().await;
    Ok(())
}

/// How many bytes the answer has, with its head.
async fn download(address: SocketAddr, path: &str, media_type: &str) -> Result<usize, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION}\r\nAccept: {media_type}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 64 * 1024];
    let (mut bytes, mut end) = (0, Vec::new());
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        if bytes == 0 && !buffer.starts_with(b"HTTP/1.1 200 ") {
            return Err(String::from_utf8_lossy(&buffer[..count]).into());
        }
        bytes += count;
        end.extend_from_slice(&buffer[..count]);
        end.drain(..end.len().saturating_sub(5));
    }
    // A long answer comes in chunks, of which the last has no bytes.
    if bytes > buffer.len() && end != b"0\r\n\r\n" {
        return Err("the answer broke off".into());
    }
    Ok(bytes)
}
