//! Log lines on standard error.

use std::io::IsTerminal;

use anyhow::Context;
use chat_server::config::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;

/// Starts logging as the configuration says.
pub(super) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = filter(&settings.level)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow::anyhow!("cannot start logging: {error}"))
}

/// What `log.level` lets through.
pub(super) fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(level)
        .context("`log.level` (CHAT_LOG_LEVEL) is not understood; an example is `info,chat_server=debug`")
}
