//! The mock server beside Prism, another one, on the same contract: `openapi.yaml`.
//!
//! `cargo bench -p docwright-mock --bench prism` serves it on one core and lets `wrk` ask on another. Prism is the program
//! that `DOCWRIGHT_PRISM` names, or `prism`; `-- --short` measures for a second each.

use std::fs;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use docwright_bench::cores::on_core;
use docwright_bench::load::{Load, Measured};
use docwright_bench::servers::{Server, free_address};
use docwright_bench::{Failure, Goal, Ratio, ended, is_short, median, programs, say, skipped, workspace};
use docwright_contract::read;
use docwright_mock::Mock;
use tokio::net::TcpListener;

/// The command's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tells the process that serves our mock where to listen.
const SERVE: &str = "DOCWRIGHT_BENCH_SERVE";

const CONNECTIONS: u32 = 32;
/// How many times as much we want to answer.
const GOAL: f64 = 20.0;

/// What is asked, as both answer it.
const CASES: [Case; 3] = [
    Case { name: "a list from its example", line: "GET /api/v1/ChatSession/ForCurrentUser", body: "" },
    Case {
        name: "a body that is checked",
        line: "POST /api/v1/ChatTopic/461/Sessions",
        body: r#"{"CustomerAlias":"Kari","CustomerName":"Kari Nordmann","CustomerConsented":true,"Message":"Where is my parcel?"}"#,
    },
    Case { name: "a request without a body", line: "POST /api/v1/ChatSession/Pickup", body: "" },
];

struct Case {
    name: &'static str,
    line: &'static str,
    body: &'static str,
}

impl Case {
    fn request(&self, host: SocketAddr) -> String {
        let Self { line, body, .. } = self;
        let content = match (body.len(), line.starts_with("POST")) {
            (0, false) => String::new(),
            (0, true) => "Content-Length: 0\r\n".to_owned(),
            (length, _) => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
        };
        let head = "Authorization: Basic dGplMDpUamUw\r\nAccept: application/json\r\n";
        format!("{line} HTTP/1.1\r\nHost: {host}\r\n{head}{content}\r\n{body}")
    }
}

fn main() -> ExitCode {
    ended(run())
}

fn run() -> Result<(), Failure> {
    if let Ok(address) = std::env::var(SERVE) {
        return serve(address.parse()?);
    }
    let load = match Load::find() {
        Ok(load) => load,
        Err(missing) => {
            skipped("the mock server", missing);
            return Ok(());
        }
    };
    let address = free_address()?;
    let mut command = on_core(load.server_core(), std::env::current_exe()?);
    let ours = Server::start(command.env(SERVE, address.to_string()), address)?;
    let prism = match prism(&load) {
        Ok(prism) => Some(prism?),
        Err(missing) => {
            skipped("Prism, so the mock server is measured alone", missing);
            None
        }
    };
    for case in CASES {
        compare(&load, &case, &ours, prism.as_ref())?;
    }
    Ok(())
}

/// Measures both in turns, and prints what came of it.
fn compare(load: &Load, case: &Case, ours: &Server, prism: Option<&Server>) -> Result<(), Failure> {
    let (seconds, rounds) = if is_short() { (1, 1) } else { (5, 3) };
    let once = |name: &str, server: &Server, seconds| -> Result<Measured, Failure> {
        let requests = load.requests(name, &[case.request(server.address)])?;
        let measured = load.on(server, &requests, CONNECTIONS, seconds)?;
        match measured.errors {
            0 => Ok(measured),
            errors => Err(format!("{name}, {}: {errors} requests were refused or not answered", case.name).into()),
        }
    };
    let servers = [Some(("Docwright", ours)), prism.map(|prism| ("Prism", prism))];
    let mut rounds_of = [Vec::new(), Vec::new()];
    // Whatever is made with the first requests is made in a round of its own.
    for round in 0..=rounds {
        for (of, (name, server)) in rounds_of.iter_mut().zip(servers.iter().flatten()) {
            let measured = once(name, server, if round == 0 { 1 } else { seconds })?;
            if round > 0 {
                of.push(measured);
            }
        }
    }
    say(format_args!("{} at {CONNECTIONS} connections:", case.name));
    let figure = |of: &[Measured], figure: fn(&Measured) -> f64| median(of.iter().map(figure).collect());
    for (of, (name, _)) in rounds_of.iter().zip(servers.iter().flatten()) {
        say(format_args!(
            "  {name:<9} {:>7.0}/s, p50 {:>6.2} ms, p99 {:>6.2} ms, {:>3.0} MB, its core {:>3.0} % busy: \
             {:>7.0} in a second of computing",
            figure(of, |measured| measured.rate),
            figure(of, |measured| measured.p50.as_secs_f64() * 1e3),
            figure(of, |measured| measured.p99.as_secs_f64() * 1e3),
            figure(of, |measured| measured.resident_mb),
            figure(of, |measured| measured.busy * 100.0),
            figure(of, Measured::rate_by_computing),
        ));
    }
    let [ours, prism] = &rounds_of;
    if !prism.is_empty() {
        let rate = |of| figure(of, |measured| measured.rate);
        let name = format!("mock server over Prism, {}", case.name);
        Ratio::print(name, rate(ours) / rate(prism), Some(Goal::AtLeast(GOAL)));
    }
    Ok(())
}

/// Prism with the contract, which says nothing of its requests, as ours does; otherwise what is missing.
fn prism(load: &Load) -> Result<Result<Server, Failure>, String> {
    let program = programs::peer("DOCWRIGHT_PRISM", "prism")?;
    let start = || {
        let address = free_address()?;
        let mut command = on_core(load.server_core(), &program);
        command.args([
            "mock",
            "--host",
            "127.0.0.1",
            "--port",
            &address.port().to_string(),
            "--verboseLevel",
            "silent",
        ]);
        Server::start(command.arg(workspace().join("openapi.yaml")), address)
    };
    Ok(start())
}

/// What `cargo xtask mock` does, until the process is ended.
fn serve(address: SocketAddr) -> Result<(), Failure> {
    let document = read::document(&fs::read_to_string(workspace().join("openapi.yaml"))?)?;
    let mock = Arc::new(Mock::new(document.contract));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        Ok(docwright_mock::serve(listener, mock, Some(Arc::new(|_| ())), std::future::pending()).await?)
    })
}
