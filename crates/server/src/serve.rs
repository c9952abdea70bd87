//! Serving on a socket until a signal, and ending what runs before leaving.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::app::App;
use crate::connections::Connections;
use crate::entropy::Entropy;
use crate::parser_errors::{HEADERS_TOO_LATE, TOO_MANY_CONNECTIONS, WithErrorBodies};
use crate::stream::{GuardedStream, Remains, say_and_close};
use crate::tally::Tally;

/// Room for a request's head beyond what [`Limits`](crate::Limits) let through: the line before the headers, and what
/// separates them.
const MORE_HEAD_BYTES: usize = 96 * 1024;

/// Header lines of a request; hyper's own default answers 431 from 101 on.
const MAX_HEADERS: usize = 256;

/// Connections beyond the limit that are told so at the same time. The rest are closed without a word.
const MAX_REFUSALS: usize = 64;

/// How often tickets, tokens and sessions are deleted whose time is over.
const EXPIRY_PERIOD: Duration = Duration::from_hours(1);

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens on `address`; port 0 takes a free one.
///
/// # Errors
/// The address cannot be listened on; the error names it.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}

/// Serves `app` until `shutdown` comes to its end. Then `/readyz` says so, and the server goes on for as long as load
/// balancers need to see it ([`Config::drain`](crate::Config::drain)). After that no new connection is taken, running
/// requests are answered, and what is not done by the deadline is cut off.
///
/// Connections beyond the [`Limits`](crate::Limits) are refused with 503; one whose headers arrive too slowly is
/// answered with 408, one whose answer is not read is closed.
///
/// # Errors
/// None at present; a listener that cannot accept for a while is tried again.
pub async fn serve(
    listener: TcpListener,
    app: &App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    // A client that sends its headers a byte at a time must not keep a connection for ever. axum's own server has no
    // such limit, hence this loop.
    let limits = app.limits();
    let max_head_bytes = limits.max_header_bytes.saturating_add(MORE_HEAD_BYTES);
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(max_head_bytes)
        .max_headers(MAX_HEADERS);
    let router = app.router();
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(app.keep_deleting_expired(EXPIRY_PERIOD));
    tasks.spawn(app.keep_order());
    let admitted = Connections::new(&limits, app.trusted_proxies());
    let refusals = Tally::new(MAX_REFUSALS);
    let mut shutdown = pin!(drained(app, shutdown));
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Mostly too many open files: some of them close while others wait.
                    tracing::error!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            // Done connections leave the set.
            Some(_) = tasks.join_next() => continue,
        };
        // Only latency suffers without it.
        let _ = stream.set_nodelay(true);
        let entropy = Arc::clone(app.entropy());
        let Some(connected) = admitted.enter(peer.ip()) else {
            app.metrics().connection_refused();
            if let Some(refusal) = refusals.enter(()) {
                tasks.spawn(async move {
                    say_and_close(stream, &TOO_MANY_CONNECTIONS.answer(entropy.as_ref())).await;
                    drop(refusal);
                });
            }
            continue;
        };
        let connected = (connected, app.metrics().connection());
        let stream = GuardedStream::new(stream, limits.write_timeout);
        let remains = stream.remains();
        // The router's outermost layers: whatever wants to know where a request comes from finds it.
        let service = router.clone().layer(Extension(ConnectInfo(peer))).layer(Extension(stream.unread_rest()));
        let stream = TokioIo::new(WithErrorBodies::new(stream, Arc::clone(&entropy)));
        let connection = server.serve_connection(stream, TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        tasks.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection broke");
                if error.downcast_ref().is_some_and(hyper::Error::is_timeout) {
                    tell_of_timeout(remains, entropy.as_ref()).await;
                }
            }
            drop(connected);
        });
    }
    drop(listener);
    tracing::info!("stopping");
    // They would go on for as long as their readers want.
    app.streams().end();
    let deadline = app.shutdown_deadline();
    if tokio::time::timeout(deadline, graceful.shutdown()).await.is_err() {
        tracing::warn!(?deadline, "requests still ran at the deadline and were cut off");
    }
    tasks.abort_all();
    // A request that was cut off may still hold a connection of the database.
    if tokio::time::timeout(deadline, app.close()).await.is_err() {
        tracing::warn!("the database was still in use");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Comes to its end when load balancers had the time to see that the server is about to stop.
async fn drained(app: &App, shutdown: impl Future<Output = ()>) {
    shutdown.await;
    app.stop_being_ready();
    let drain = app.drain();
    if !drain.is_zero() {
        tracing::info!(?drain, "about to stop: no longer ready");
        tokio::time::sleep(drain).await;
    }
}

/// Answers a request whose headers did not arrive. A connection that was only kept open is closed without a word, as
/// clients expect.
async fn tell_of_timeout(remains: Remains<TcpStream>, entropy: &dyn Entropy) {
    if let Some(stream) = remains.take() {
        say_and_close(stream, &HEADERS_TOO_LATE.answer(entropy)).await;
    }
}

/// Comes to its end with Ctrl-C or, on Unix, SIGTERM.
///
/// The handlers are installed by this call, not by the first poll: no signal falls into a gap.
///
/// # Errors
/// The handlers cannot be installed.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
