//! What `log.level` lets through.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// A level, or levels by part: `info,chat_server=debug`. It lets something through, unless it says `off`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogFilter(String);

impl LogFilter {
    /// The text, without blanks.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let directives: Vec<&str> = text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
        if let Some(wrong) = directives.iter().find(|directive| !is_directive(directive)) {
            return Err(format!("expected {LEVELS}, also by part as in `chat_server=debug`, found `{wrong}`"));
        }
        let joined = directives.join(",");
        let filter = EnvFilter::try_new(&joined)
            .map_err(|_| format!("expected levels as in `info,chat_server=debug`, found `{joined}`"))?;
        let is_meant = directives.iter().any(|directive| matches!(directive.parse(), Ok(LevelFilter::OFF)));
        let lets_nothing_through = directives.is_empty() || filter.max_level_hint() == Some(LevelFilter::OFF);
        if lets_nothing_through && !is_meant {
            return Err(format!("`{text}` would log nothing; where that is meant, say `off`"));
        }
        Ok(Self(joined))
    }
}

const LEVELS: &str = "`error`, `warn`, `info`, `debug`, `trace` or `off`";

/// A level, `part=level`, or a part that says in brackets which spans: `EnvFilter` takes any other word for a part too.
fn is_directive(text: &str) -> bool {
    let is_level = |text: &str| !text.is_empty() && text.parse::<LevelFilter>().is_ok();
    let is_part = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_:-".contains(c));
    match (text.split_once('['), text.split_once('=')) {
        (Some((part, spans)), _) => {
            (part.is_empty() || is_part(part)) && spans.rsplit_once("]=").is_some_and(|(_, level)| is_level(level))
        }
        (None, Some((part, level))) => is_part(part) && is_level(level),
        (None, None) => is_level(text),
    }
}

impl TryFrom<String> for LogFilter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LogFilter> for String {
    fn from(filter: LogFilter) -> Self {
        filter.0
    }
}

impl From<&LogFilter> for EnvFilter {
    fn from(filter: &LogFilter) -> Self {
        Self::new(&filter.0)
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_let_something_through() {
        for (text, expected) in [
            ("info", Ok("info")),
            ("WARN", Ok("WARN")),
            ("off", Ok("off")),
            ("off,chat_server=info", Ok("off,chat_server=info")),
            ("chat_server=debug", Ok("chat_server=debug")),
            // Blanks would become part of the name.
            (" info, chat_server::auth=debug ,", Ok("info,chat_server::auth=debug")),
            ("chat_server[{user=tje0}]=trace,warn", Ok("chat_server[{user=tje0}]=trace,warn")),
            ("info,chat_server=off", Ok("info,chat_server=off")),
            ("[{user}]=trace", Ok("[{user}]=trace")),
            ("wran", Err("found `wran`")),
            ("info,chat_server", Err("found `chat_server`")),
            ("chat_server=wran", Err("found `chat_server=wran`")),
            ("info;chat_server=debug", Err("found `info;chat_server=debug`")),
            ("chat_server=", Err("found `chat_server=`")),
            ("chat_server[request]", Err("found `chat_server[request]`")),
            ("=info", Err("found `=info`")),
            ("chat_server=off", Err("would log nothing")),
            (",", Err("would log nothing")),
        ] {
            let parsed = text.parse::<LogFilter>();
            match expected {
                Ok(expected) => assert_eq!(parsed.as_ref().map(LogFilter::as_str), Ok(expected)),
                Err(part) => assert!(parsed.as_ref().is_err_and(|why| why.contains(part)), "{text}: {parsed:?}"),
            }
        }
    }
}
