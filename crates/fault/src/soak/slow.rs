//! Callers who take their time, and those who stop in the middle.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::World;
use super::endings::{Silence, is_closed};
use super::kinds::Kind;
use super::tally::Outcome;
use super::wire::{End, Wire, status};

/// Between two bytes of who sends slowly.
const BETWEEN_BYTES: Duration = Duration::from_millis(500);
/// Between two bites of who reads slowly, and how large they are.
const BETWEEN_BITES: Duration = Duration::from_millis(100);
const BITE: usize = 2048;
/// How much longer than it should the server may keep a connection, on a machine that has other things to do.
pub(super) const SLACK: Duration = Duration::from_secs(60);

/// A fifth of all connections.
pub(super) fn spawn(clients: &mut JoinSet<()>, world: &Arc<World>, count: usize, rng: &mut Rng) {
    for number in 0..count {
        let (world, rng) = (Arc::clone(world), rng.fork());
        clients.spawn(async move {
            match number % 4 {
                0 => each(&world, rng, Kind::SlowHeaders, slow_headers).await,
                1 => each(&world, rng, Kind::SlowBody, slow_body).await,
                2 => each(&world, rng, Kind::SlowReader, slow_reader).await,
                _ => each(&world, rng, Kind::NoReader, no_reader).await,
            }
        });
    }
}

/// Does it again and again until the end.
pub(super) async fn each(world: &World, mut rng: Rng, kind: Kind, act: impl AsyncFn(&World, &mut Rng) -> Outcome) {
    // Not all at once.
    world.pause(Duration::from_millis(rng.u64(..2000))).await;
    while !world.is_over() {
        let begin = Instant::now();
        let outcome = act(world, &mut rng).await;
        world.tally.note(kind, outcome, begin.elapsed());
        world.pause(Duration::from_millis(rng.u64(50..500))).await;
    }
}

/// A request that goes on and on: the server must end it, and say why where somebody could read it.
async fn drip(world: &World, mut wire: Wire, bytes: impl Iterator<Item = u8>, limit: Duration) -> Outcome {
    let begin = Instant::now();
    for byte in bytes {
        if world.is_over() {
            return Outcome::Left;
        }
        if begin.elapsed() > limit + SLACK {
            return Outcome::Fault(format!("the server still waits after {} s", begin.elapsed().as_secs()));
        }
        // An answer that came ends it: what is sent after that is not read.
        if !wire.send(&[byte]).await || wire.end(BETWEEN_BYTES).await != End::Open(None) {
            break;
        }
    }
    is_closed(world, wire, &[408], Silence::OnlyReset).await
}

async fn slow_headers(world: &World, _: &mut Rng) -> Outcome {
    let mut wire = match Wire::connect(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    wire.send(b"GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    drip(world, wire, std::iter::repeat(b'x'), world.patience).await
}

async fn slow_body(world: &World, _: &mut Rng) -> Outcome {
    let mut wire = match Wire::connect(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    let sign_in = &world.prepared.archivist;
    let head = format!(
        "POST /api/v1/Presence/SaveAll HTTP/1.1\r\nHost: x\r\nAuthorization: {sign_in}\r\nContent-Type: application/json\r\n\
         Content-Length: 100000\r\n\r\n["
    );
    wire.send(head.as_bytes()).await;
    // As long as a request may take, by default.
    drip(world, wire, std::iter::repeat(b' '), Duration::from_secs(30)).await
}

/// Asks for the long list.
async fn list(world: &World) -> Result<Wire, Outcome> {
    let mut wire = Wire::connect_narrow(world).await?;
    let sign_in = &world.prepared.archivist;
    let request = format!(
        "GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: x\r\nAuthorization: {sign_in}\r\nAccept: application/json\r\n\r\n"
    );
    if wire.send(request.as_bytes()).await {
        Ok(wire)
    } else {
        Err(Outcome::Fault("a request was not taken".to_owned()))
    }
}

/// Reads in small bites for a while, and goes away in the middle.
async fn slow_reader(world: &World, rng: &mut Rng) -> Outcome {
    let mut wire = match list(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    let mut bite = [0; BITE];
    let mut head = Vec::new();
    for _ in 0..rng.u32(20..200) {
        if world.is_over() {
            return Outcome::Left;
        }
        match wire.read_some(&mut bite).await {
            0 => return Outcome::Fault("the server hung up on a reader who is slow, but reads".to_owned()),
            count if head.len() < 16 => head.extend_from_slice(&bite[..count]),
            _ => {}
        }
        tokio::time::sleep(BETWEEN_BITES).await;
    }
    match status(&head) {
        Some(200) => Outcome::Good,
        other => Outcome::Fault(format!("answered {other:?} instead of 200")),
    }
}

/// Reads nothing: the server must give up and close the connection.
async fn no_reader(world: &World, _: &mut Rng) -> Outcome {
    let mut wire = match list(world).await {
        Ok(wire) => wire,
        Err(outcome) => return outcome,
    };
    // As long as it waits for a reader, and then for another request.
    let wait = world.patience * 2 + Duration::from_secs(5);
    world.pause(wait).await;
    if world.is_over() {
        return Outcome::Left;
    }
    match wire.end(SLACK).await {
        End::Closed(Some(200)) | End::Reset(Some(200)) => Outcome::Refused,
        End::Closed(other) | End::Reset(other) => Outcome::Fault(format!("answered {other:?} instead of 200")),
        End::Open(_) => Outcome::Fault(format!("still open after {} s", (wait + SLACK).as_secs())),
    }
}
