//! A server that does to each connection what a test says.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Builder, Client};

/// What becomes of a request.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// This is written, and the connection closed.
    Answer(&'static str),
    /// Nothing is written.
    Drop,
    /// These are written one after the other, with a pause between them, and then nothing more until the client goes.
    Pieces(&'static [&'static str]),
}

/// How long the pauses are.
pub(super) const PAUSE_MS: u64 = 150;

/// The heads of the requests that came in.
pub(super) type Heads = Arc<Mutex<Vec<String>>>;

/// Answers connections with one step each, and the set-up of a client for it.
pub(super) async fn serve(steps: &'static [Step]) -> (Builder, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Heads::default();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        for step in steps {
            let (mut connection, _) = listener.accept().await.unwrap();
            let head = head(&mut connection).await;
            seen.lock().unwrap().push(head);
            tokio::spawn(answer(connection, *step));
        }
    });
    (Client::builder(url), heads)
}

async fn head(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(connection.read_u8().await.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

async fn answer(mut connection: TcpStream, step: Step) {
    match step {
        Step::Answer(text) => connection.write_all(text.as_bytes()).await.unwrap(),
        Step::Drop => {}
        Step::Pieces(pieces) => {
            for piece in pieces {
                let _ = connection.write_all(piece.as_bytes()).await;
                tokio::time::sleep(std::time::Duration::from_millis(PAUSE_MS)).await;
            }
            let _ = connection.read_u8().await;
        }
    }
}
