//! What a request costs: `ForCurrentUser` and `Pickup`, signed in by password and by ticket, in JSON and in XML, beside
//! bare axum handlers that answer the same bytes, and that write the same typed values.
//!
//! `cargo bench -p chat-server --bench http` runs the service as a process on one core, with a database of SQLite, and lets
//! `wrk` ask on another. `-- --short` runs all of it small, to see that it runs.

mod bare;
mod database;
mod report;
#[path = "../support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use docwright_bench::cores::on_core;
use docwright_bench::load::{Load, Measured, Requests};
use docwright_bench::servers::{self, Server};
use docwright_bench::{Failure, ended, is_short, say, skipped};
use tempfile::TempDir;

use self::database::{Agents, Database};
use self::report::Case;

/// The service's own, so that bare handlers have no other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much of everything.
struct Size {
    connections: &'static [u32],
    /// Of each measurement.
    seconds: u32,
    /// Rounds that a figure is the median of. In each of them everything is measured once.
    rounds: usize,
    /// Before the first measurement of each kind: files are read, plans made, passwords seen for the first time. None, if 0.
    warm_up_seconds: u32,
}

/// So many never have to wait for their turn to sign in.
const FEW_CONNECTIONS: u32 = 32;

const FULL: Size = Size { connections: &[FEW_CONNECTIONS, 1_000], seconds: 5, rounds: 3, warm_up_seconds: 3 };
const SHORT: Size = Size { connections: &[FEW_CONNECTIONS], seconds: 1, rounds: 1, warm_up_seconds: 0 };

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operation {
    /// The list of the 20 sessions of a user.
    ForCurrentUser,
    /// The next session of a queue.
    Pickup,
}

impl Operation {
    fn line(self) -> &'static str {
        match self {
            Self::ForCurrentUser => "GET /api/v1/ChatSession/ForCurrentUser",
            Self::Pickup => "POST /api/v1/ChatSession/Pickup",
        }
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Xml,
}

impl Form {
    const ALL: [Self; 2] = [Self::Json, Self::Xml];

    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// The file with the answer that bare handlers give too.
    fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("answer.{}", self.name()))
    }
}

fn main() -> ExitCode {
    ended(run())
}

fn run() -> Result<(), Failure> {
    if let Some(folder) = std::env::var_os(bare::FOLDER) {
        return bare::serve(Path::new(&folder));
    }
    let load = match Load::find() {
        Ok(load) => load,
        Err(missing) => {
            skipped("HTTP", missing);
            return Ok(());
        }
    };
    let size = if is_short() { SHORT } else { FULL };
    let mut errors = 0;
    for operation in [Operation::ForCurrentUser, Operation::Pickup] {
        errors += Bench::open(operation, &load, &size)?.measure()?;
    }
    // Refusals are cheap: with them no figure says anything.
    if errors > 0 { Err(format!("{errors} requests were refused or not answered").into()) } else { Ok(()) }
}

/// An operation with its database.
struct Bench<'a> {
    operation: Operation,
    load: &'a Load,
    size: &'a Size,
    database: Database,
    agents: Agents,
    /// Of the database, and of the answers that bare handlers give too.
    folder: TempDir,
}

/// The service and the bare handlers, side by side. Only one of them is asked at a time.
struct Servers {
    service: Server,
    bare: Server,
    /// The service where it remembers nothing of lists.
    anew: Option<Server>,
}

impl<'a> Bench<'a> {
    fn open(operation: Operation, load: &'a Load, size: &'a Size) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("http-bench").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let database = Database::filled(operation, folder.path())?;
        let agents = database.agents()?;
        let bench = Self { operation, load, size, database, agents, folder };
        let service = bench.service(&[])?;
        for form in Form::ALL {
            bench.database.refill()?;
            let request = request(operation.line(), form, service.address, &bench.agents.tickets[0]);
            let answer = servers::answer(service.address, &request)?;
            say(format_args!("{operation:?} in {}: {:.1} KB", form.name(), as_kb(answer.len())));
            fs::write(form.file(bench.folder.path()), answer)?;
        }
        Ok(bench)
    }

    /// The service with these settings beside those of [`database::settings`].
    fn service(&self, settings: &[(&str, &str)]) -> Result<Server, Failure> {
        let address = servers::free_address()?;
        let mut command = on_core(self.load.server_core(), env!("CARGO_BIN_EXE_chat-server"));
        command.args(["serve", "--listen", &address.to_string()]).stderr(File::create(self.folder.path().join("log"))?);
        let command = database::settings(&mut command, &self.database).envs(settings.iter().copied());
        Server::start(command, address)
    }

    fn bare(&self) -> Result<Server, Failure> {
        let address = servers::free_address()?;
        let mut command = on_core(self.load.server_core(), std::env::current_exe()?);
        command.env(bare::FOLDER, self.folder.path()).env(bare::ADDRESS, address.to_string());
        command.env(bare::OPERATION, self.operation.line());
        Server::start(&mut command, address)
    }

    /// Prints all figures; answers how many requests went wrong.
    fn measure(&self) -> Result<u64, Failure> {
        let mut errors = 0;
        for form in Form::ALL {
            for connections in self.size.connections {
                // Processes that have done nothing yet: what one needed before would count as its memory.
                let lists = self.operation == Operation::ForCurrentUser;
                let servers = Servers {
                    service: self.service(&[])?,
                    bare: self.bare()?,
                    anew: lists.then(|| self.service(&[("CHAT_LIMITS_WRITTEN_SESSIONS_KIB", "0")])).transpose()?,
                };
                errors += self.case(&servers, form, *connections)?;
            }
        }
        Ok(errors)
    }

    fn case(&self, servers: &Servers, form: Form, connections: u32) -> Result<u64, Failure> {
        let Servers { service, bare, anew } = servers;
        let requests = |name: &str, line: &str, server: &Server, agents: &[String]| {
            let texts: Vec<String> = agents.iter().map(|agent| request(line, form, server.address, agent)).collect();
            self.load.requests(&format!("{:?}-{}-{connections}-{name}", self.operation, form.name()), &texts)
        };
        let Agents { passwords, tickets } = &self.agents;
        let line = self.operation.line();
        let mut sides = vec![
            (bare, requests("bytes", &format!("GET {}", bare::bytes(form)), bare, tickets)?),
            (bare, requests("values", &format!("GET {}", bare::values(form)), bare, tickets)?),
            (service, requests("password", line, service, passwords)?),
            (service, requests("ticket", line, service, tickets)?),
        ];
        if let Some(anew) = anew {
            sides.push((anew, requests("anew", line, anew, tickets)?));
        }
        if self.size.warm_up_seconds > 0 {
            for (server, requests) in &sides {
                // Of very many who sign in with the same password for the first time at once, some are told to come again.
                self.once(server, requests, FEW_CONNECTIONS, self.size.warm_up_seconds)?;
            }
        }
        let mut case = Case::new(self.operation, form, connections);
        for _ in 0..self.size.rounds {
            let round =
                sides.iter().map(|(server, requests)| self.once(server, requests, connections, self.size.seconds));
            case.add(round.collect::<Result<_, _>>()?);
        }
        say(case.table());
        case.ratios();
        Ok(case.errors())
    }

    /// Bare handlers pick nothing up.
    fn once(&self, server: &Server, requests: &Requests, connections: u32, seconds: u32) -> Result<Measured, Failure> {
        self.database.refill()?;
        let measured = self.load.on(server, requests, connections, seconds)?;
        self.database.check()?;
        Ok(measured)
    }
}

/// A request as it goes over the wire. Bare handlers get the same headers.
fn request(line: &str, form: Form, host: std::net::SocketAddr, authorization: &str) -> String {
    let length = if line.starts_with("POST") { "Content-Length: 0\r\n" } else { "" };
    format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\nAccept: {}\r\n{length}\r\n",
        form.media_type()
    )
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn as_kb(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}
