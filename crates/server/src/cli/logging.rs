//! Log lines on standard error.

use std::io::IsTerminal;

use chat_server::config::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;

/// Starts logging as the configuration says.
pub(super) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::from(&settings.level)).with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow::anyhow!("cannot start logging: {error}"))
}
