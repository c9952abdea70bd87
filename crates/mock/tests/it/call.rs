//! A running mock and a client for it.
#![expect(clippy::unwrap_used, reason = "a test fails where it has to")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use docwright_contract::Contract;
use docwright_mock::{Exchange, Mock, Observer, serve};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A mock on a free port of this machine, until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    done: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Running {
    pub(crate) async fn of(contract: Contract) -> Self {
        Self::with(Mock::new(contract).with_max_body_bytes(1_000)).await
    }

    pub(crate) async fn with(mock: Mock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let lines = Arc::clone(&seen);
        let observer: Observer = Arc::new(move |exchange: &Exchange<'_>| {
            lines.lock().unwrap().push(format!("{} {} {}", exchange.status.as_u16(), exchange.method, exchange.uri));
        });
        let done = tokio::spawn(serve(listener, Arc::new(mock), Some(observer), async {
            _ = stopped.await;
        }));
        Self { address, seen, stop: Some(stop), done: Some(done) }
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.done.take().unwrap().await.unwrap().unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.headers.entry("host").or_insert("localhost".parse().unwrap());
        let response = sender.send_request(Request::from_parts(parts, Full::new(body))).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer(Response::from_parts(parts, body))
    }

    /// `METHOD target`, headers as `name: value`, and a body.
    pub(crate) async fn call(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        let mut builder = Request::builder().method(method).uri(target);
        for header in headers {
            let (name, value) = header.split_once(':').unwrap();
            builder = builder.header(name, value.trim());
        }
        self.send(builder.body(Bytes::from(body.to_owned())).unwrap()).await
    }
}

#[derive(Debug)]
pub(crate) struct Answer(Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.0.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.0.body()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.0.body()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
