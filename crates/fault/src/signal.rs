//! Being told to stop.

use anyhow::Context;

/// Returns when this process is told to end (SIGTERM, Ctrl-C).
///
/// # Errors
/// The system does not let it wait for signals.
#[cfg(unix)]
pub async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        ended = tokio::signal::ctrl_c() => ended.context("cannot wait for signals"),
    }
}

/// Returns when this process is told to end (Ctrl-C).
///
/// # Errors
/// The system does not let it wait for signals.
#[cfg(not(unix))]
pub async fn stop_signal() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("cannot wait for signals")
}
