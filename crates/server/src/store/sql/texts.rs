//! Texts that a database cannot keep: PostgreSQL takes every character but U+0000, and SQLite's functions take what
//! stands behind it for nothing. They are refused before either sees them.

use super::rows::is_storable;
use crate::records::{Customer, NewMessage, NewTopic};
use crate::rules::life::{Change, Opening, Refusal, Unfit};
use crate::store::StoreError;

/// Looks at what begins a session.
pub(super) fn check_opening(customer: &Customer, key: &str, opening: &Opening) -> Result<(), Refusal> {
    of_customer(customer).chain([("the session key", key)]).try_for_each(refuse)?;
    opening.message.iter().flat_map(of_message).try_for_each(refuse)
}

/// Looks at what becomes of a session.
pub(super) fn check_change(change: &Change) -> Result<(), Refusal> {
    let session = &change.session;
    of_customer(&session.customer)
        .chain([
            ("the first message", session.first_message.as_str()),
            ("the last message", &session.last_message),
            ("the flags", &session.flags),
        ])
        .try_for_each(refuse)?;
    change.messages.iter().flat_map(of_message).try_for_each(refuse)
}

/// Looks at what people say of a topic.
pub(super) fn check_topic(topic: &NewTopic) -> Result<(), StoreError> {
    for (what, text) in [
        ("the topic's name", &topic.name),
        ("the topic's language", &topic.language),
        ("the topic's welcome message", &topic.welcome_message),
        ("the topic's time zone", &topic.time_zone),
    ] {
        if !is_storable(text) {
            return Err(StoreError::UnusableText(what));
        }
    }
    Ok(())
}

fn of_customer(customer: &Customer) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("the customer's alias", customer.alias.as_str()),
        ("the customer's host", &customer.host),
        ("the customer's name", &customer.name),
        ("the customer's e-mail address", &customer.email),
        ("the customer's telephone number", &customer.phone),
        ("the customer's company", &customer.company_name),
    ]
    .into_iter()
}

fn of_message(message: &NewMessage) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("the message", message.text.as_str()),
        ("the message's author", &message.author),
        ("the message's parameter", &message.special_param),
    ]
    .into_iter()
}

fn refuse((_, text): (&'static str, &str)) -> Result<(), Refusal> {
    if is_storable(text) { Ok(()) } else { Err(Refusal::Invalid(Unfit::Text)) }
}
