//! What can be said of a topic on the command line, and whether it makes sense together.

use std::time::Duration;

use anyhow::{bail, ensure};
use chat_models::xml::uncarried;
use chat_server::import::{check_time_zone, check_topic_name, overlap};
use chat_server::records::NewTopic;
use clap::Args;

use super::super::secrets::lifetime;
use super::hours::{self, Spans};

/// What `add` and `set` take.
#[derive(Args)]
pub(super) struct Options {
    /// The language of its customers, such as `en` or `no`; an empty text for none.
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// What customers are sent when a user answers; `{cque}` is their place in the queue, `{cavw}` the average waiting
    /// time. An empty text for nothing.
    #[arg(long, value_name = "TEXT")]
    welcome: Option<String>,
    /// The time zone of its opening hours, such as `Europe/Oslo`. Default: UTC.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// When it is open, `mon-fri 08:00-16:00`; may be repeated. All that is given together counts. Default: always.
    #[arg(long, value_name = "HOURS", value_parser = hours::parse)]
    hours: Vec<Spans>,
    /// After what time without an answer, in the queue or in a conversation, members with `notify` are warned: `90s`, `2m`.
    /// Default: never.
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    warn_after: Option<Duration>,
    /// After what time managers are. Default: never.
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    warn_managers_after: Option<Duration>,
    /// A form follows the conversation.
    #[arg(long)]
    post_chat_form: bool,
}

/// What only `set` takes.
#[derive(Args)]
pub(super) struct Changes {
    /// Another name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// It is always open.
    #[arg(long, conflicts_with = "hours")]
    no_hours: bool,
    /// Members are not warned.
    #[arg(long, conflicts_with = "warn_after")]
    no_warn_after: bool,
    /// Managers are not warned.
    #[arg(long, conflicts_with = "warn_managers_after")]
    no_warn_managers_after: bool,
    /// No form follows the conversation.
    #[arg(long, conflicts_with = "post_chat_form")]
    no_post_chat_form: bool,
}

impl Options {
    /// Whether anything is given.
    pub(super) fn is_some(&self) -> bool {
        let Self { language, welcome, time_zone, hours, warn_after, warn_managers_after, post_chat_form } = self;
        language.is_some()
            || welcome.is_some()
            || time_zone.is_some()
            || !hours.is_empty()
            || warn_after.is_some()
            || warn_managers_after.is_some()
            || *post_chat_form
    }

    /// Puts what is given into `about`.
    pub(super) fn apply(&self, about: &mut NewTopic) -> anyhow::Result<()> {
        let seconds = |time: Duration| i32::try_from(time.as_secs()).unwrap_or(i32::MAX);
        for (given, kept) in [
            (&self.language, &mut about.language),
            (&self.welcome, &mut about.welcome_message),
            (&self.time_zone, &mut about.time_zone),
        ] {
            if let Some(given) = given {
                kept.clone_from(given);
            }
        }
        if !self.hours.is_empty() {
            about.hours = self.hours.iter().flat_map(|spans| spans.0.clone()).collect();
            about.hours.sort_by_key(|span| (span.weekday.to_monday_zero_offset(), span.opens));
        }
        for (given, kept) in [
            (self.warn_after, &mut about.warn_after_secs),
            (self.warn_managers_after, &mut about.warn_managers_after_secs),
        ] {
            if let Some(given) = given {
                ensure!(given >= Duration::from_secs(1), "nobody is warned after less than a second");
                *kept = Some(seconds(given));
            }
        }
        about.has_post_chat_form |= self.post_chat_form;
        Ok(())
    }
}

impl Changes {
    /// Whether anything is given.
    pub(super) fn is_some(&self) -> bool {
        let Self { name, no_hours, no_warn_after, no_warn_managers_after, no_post_chat_form } = self;
        name.is_some() || *no_hours || *no_warn_after || *no_warn_managers_after || *no_post_chat_form
    }

    /// Puts what is given into `about`.
    pub(super) fn apply(&self, about: &mut NewTopic) {
        if let Some(name) = &self.name {
            about.name.clone_from(name);
        }
        if self.no_hours {
            about.hours.clear();
        }
        if self.no_warn_after {
            about.warn_after_secs = None;
        }
        if self.no_warn_managers_after {
            about.warn_managers_after_secs = None;
        }
        if self.no_post_chat_form {
            about.has_post_chat_form = false;
        }
    }
}

/// Says what is wrong with a topic.
pub(super) fn check(about: &NewTopic) -> anyhow::Result<()> {
    check_topic_name(&about.name).map_err(anyhow::Error::msg)?;
    if !about.time_zone.is_empty() {
        check_time_zone(&about.time_zone).map_err(anyhow::Error::msg)?;
    }
    for (what, text) in
        [("name", &about.name), ("language", &about.language), ("welcome message", &about.welcome_message)]
    {
        if let Some(character) = uncarried(text) {
            bail!("the {what} has the character U+{:04X} in it, which XML cannot carry", u32::from(character));
        }
    }
    for (number, span) in about.hours.iter().enumerate() {
        if let Some(other) = about.hours[..number].iter().find(|other| overlap(other, span)) {
            bail!("the opening hours `{}` and `{}` overlap", hours::one(other), hours::one(span));
        }
    }
    if let Some((members, managers)) = about.warn_after_secs.zip(about.warn_managers_after_secs) {
        ensure!(members <= managers, "managers are not warned before members: {managers}s is less than {members}s");
    }
    Ok(())
}
