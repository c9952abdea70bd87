//! Connections that stay half open, and requests that are too large or make no sense.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;

use super::endings::{Silence, is_closed};
use super::kinds::Kind;
use super::slow::each;
use super::tally::Outcome;
use super::wire::Wire;
use super::{Shares, World};

/// Requests that nobody can understand, or that ask for what there is not. `{sign_in}` is that of somebody who may call.
/// Those whose end the server can tell say `Connection: close`: without it, it may wait for another request.
const MALFORMED: &[(&str, &[u16])] = &[
    ("GET / HTTP/1.1\r\nno header\r\n\r\n", &[400]),
    ("\u{1}\u{2}\u{3}\r\n\r\n", &[400]),
    ("\u{16}\u{3}\u{1}\0\u{1}\0\0\u{1}\r\n\r\n", &[400]),
    ("GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nConnection: close\r\n\r\n", &[400]),
    ("GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n", &[400]),
    ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", &[400, 505]),
    ("GET  /  HTTP/1.1\r\nHost: x\r\n\r\n", &[400]),
    ("BREW /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[405]),
    ("GET /api/v1/Nothing/%00/%ff/../.. HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400, 404]),
    (
        "GET /api/v1/ChatSession/99999999999999 HTTP/1.1\r\nHost: x\r\nAuthorization: {sign_in}\r\nConnection: close\r\n\r\n",
        &[400, 404],
    ),
    ("GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[401]),
    (
        "GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nAuthorization: SoTicket 7T:nothing\r\nConnection: close\r\n\r\n",
        &[401],
    ),
    (
        "GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nAuthorization: {sign_in}\r\nAccept: text/odd\r\nConnection: close\r\n\r\n",
        &[406],
    ),
    (
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/odd\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        &[415],
    ),
    (
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{\"Custom\"",
        &[400],
    ),
    (
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: 19\r\nConnection: close\r\n\r\n<!DOCTYPE a><a></a>",
        &[400],
    ),
    (
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        &[400],
    ),
    (
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        &[400],
    ),
    ("POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}", &[400]),
    (
        "POST /api/v1/ChatTopic/77777/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        &[400, 404],
    ),
];

/// A tenth of all connections.
pub(super) fn spawn(clients: &mut JoinSet<()>, world: &Arc<World>, shares: Shares, rng: &mut Rng) {
    for number in 0..shares.half_open {
        let (world, rng) = (Arc::clone(world), rng.fork());
        clients.spawn(async move {
            match number % 4 {
                0 => each(&world, rng, Kind::Silent, silent).await,
                1 => each(&world, rng, Kind::Stops, stops).await,
                2 => each(&world, rng, Kind::Resets, resets).await,
                _ => each(&world, rng, Kind::ClosesItsSide, closes_its_side).await,
            }
        });
    }
    for number in 0..shares.hostile {
        let (world, rng) = (Arc::clone(world), rng.fork());
        clients.spawn(async move {
            match number % 3 {
                0 | 1 => each(&world, rng, Kind::Malformed, malformed).await,
                _ => each(&world, rng, Kind::Oversized, oversized).await,
            }
        });
    }
}

async fn silent(world: &World, _: &mut Rng) -> Outcome {
    match Wire::connect(world).await {
        Ok(wire) => is_closed(world, wire, &[408], Silence::Admitted).await,
        Err(outcome) => outcome,
    }
}

/// A request up to somewhere within it.
async fn half_a_request(world: &World, rng: &mut Rng) -> Result<Wire, Outcome> {
    let sign_in = &world.prepared.archivist;
    let request = format!(
        "POST /api/v1/ChatTopic/1/Sessions HTTP/1.1\r\nHost: x\r\nAuthorization: {sign_in}\r\nContent-Type: application/json\r\n\
         Content-Length: 4000\r\n\r\n{{\"CustomerName\": \"{}",
        "x".repeat(1000)
    );
    let mut wire = Wire::connect(world).await?;
    wire.send(&request.as_bytes()[..rng.usize(1..request.len())]).await;
    Ok(wire)
}

pub(super) async fn stops(world: &World, rng: &mut Rng) -> Outcome {
    match half_a_request(world, rng).await {
        Ok(wire) => is_closed(world, wire, &[408], Silence::Admitted).await,
        Err(outcome) => outcome,
    }
}

async fn resets(world: &World, rng: &mut Rng) -> Outcome {
    match half_a_request(world, rng).await {
        Ok(wire) => {
            world.pause(Duration::from_millis(rng.u64(..200))).await;
            wire.reset();
            Outcome::Good
        }
        Err(outcome) => outcome,
    }
}

async fn closes_its_side(world: &World, rng: &mut Rng) -> Outcome {
    match half_a_request(world, rng).await {
        Ok(mut wire) => {
            wire.finish_sending().await;
            is_closed(world, wire, &[400, 408], Silence::Admitted).await
        }
        Err(outcome) => outcome,
    }
}

pub(super) async fn malformed(world: &World, rng: &mut Rng) -> Outcome {
    let (request, admitted) = MALFORMED[rng.usize(..MALFORMED.len())];
    let mut wire = match Wire::connect(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    wire.send(request.replace("{sign_in}", &world.prepared.archivist).as_bytes()).await;
    match is_closed(world, wire, admitted, Silence::OnlyReset).await {
        Outcome::Fault(what) => Outcome::Fault(format!("{what}: {:?}", request.lines().next().unwrap_or_default())),
        other => other,
    }
}

async fn oversized(world: &World, rng: &mut Rng) -> Outcome {
    let sign_in = &world.prepared.archivist;
    let post = "POST /api/v1/Presence/SaveAll HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(65_536));
    let (request, admitted) = match rng.u32(..5) {
        0 => (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000)), [414, 431]),
        1 => (
            format!("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000)),
            [431, 431],
        ),
        2 => (format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "x: y\r\n".repeat(500)), [431, 431]),
        3 => (
            format!("{post}Authorization: {sign_in}\r\nContent-Length: 3000000\r\n\r\n{}", " ".repeat(3_000_000)),
            [413, 413],
        ),
        _ => (
            format!("{post}Authorization: {sign_in}\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(40)),
            [413, 413],
        ),
    };
    let mut wire = match Wire::connect(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    wire.send(request.as_bytes()).await;
    is_closed(world, wire, &admitted, Silence::OnlyReset).await
}
