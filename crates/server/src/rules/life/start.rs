//! How a session begins.

use jiff::Timestamp;

use super::{NewSituation, Opening};
use crate::records::{MessageType, NewMessage, SpecialType, Status};
use crate::rules::hours;

/// Says how a session begins: in the queue, within the opening hours of its topic and while somebody is there to answer.
pub fn start(situation: &NewSituation, message: Option<NewMessage>, now: Timestamp) -> Opening {
    let is_served = situation.someone_present && hours::is_open(&situation.topic.about, now);
    Opening {
        status: if is_served { Status::InQueue } else { Status::OfflineForm },
        initial_queue_pos: i32::try_from(situation.waiting.saturating_add(1)).unwrap_or(i32::MAX),
        message,
        when_requested: now,
    }
}

/// What a customer says at the start; nothing where the text is empty.
pub fn first_message(text: &str, alias: &str, now: Timestamp) -> Option<NewMessage> {
    (!text.is_empty()).then(|| NewMessage {
        message_type: MessageType::ToUser,
        special_type: SpecialType::None,
        special_param: String::new(),
        text: text.to_owned(),
        author: alias.to_owned(),
        when_posted: now,
    })
}
