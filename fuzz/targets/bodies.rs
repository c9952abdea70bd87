//! Bodies of requests and answers in XML and JSON, of the carrier that the first byte, a digit, names. Nothing panics, and what is
//! read is written so that it is read the same again, in both.

#![no_main]

use chat_models::xml::{XmlElement, XmlLimits, from_xml, to_xml};
use chat_models::{
    ChatMessage, ChatPresence, ChatSessionEntity, ChatTopicAgent, ChatTranscript, CreateChatSessionRequest,
    ErrorResponse, FreeForm, PostChatMessageRequest,
};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, body)) = bytes.split_first() else { return };
    let check = match which.wrapping_sub(b'0') % 10 {
        0 => check::<ChatSessionEntity>,
        1 => check::<Vec<ChatSessionEntity>>,
        2 => check::<PostChatMessageRequest>,
        3 => check::<CreateChatSessionRequest>,
        4 => check::<Vec<ChatMessage>>,
        5 => check::<Vec<ChatPresence>>,
        6 => check::<ErrorResponse>,
        7 => check::<ChatTranscript>,
        8 => check::<Vec<ChatTopicAgent>>,
        _ => check::<FreeForm>,
    };
    check(body);
});

fn check<T>(body: &[u8])
where
    T: XmlElement + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    if let Ok(value) = serde_json::from_slice::<T>(body) {
        check_json(&value);
        // XML cannot carry everything, and says so.
        if let Ok(written) = to_xml(&value) {
            check_xml(&value, &written);
        }
    }
    match from_xml::<T>(body, XmlLimits::default()) {
        Ok(value) => {
            let written = to_xml(&value).unwrap_or_else(|error| panic!("{error}: {value:?}"));
            check_xml(&value, &written);
            check_json(&value);
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.is_empty() && !shown.contains(['\n', '\r', '\u{1b}']), "{shown:?}");
        }
    }
}

fn check_xml<T: XmlElement + PartialEq + std::fmt::Debug>(value: &T, written: &str) {
    // What is written may take more room than what was read.
    let mut limits = XmlLimits::default();
    (limits.max_bytes, limits.max_nodes, limits.max_depth) = (usize::MAX, usize::MAX, usize::MAX);
    match from_xml::<T>(written.as_bytes(), limits) {
        Ok(again) => assert_eq!(again, *value, "{written}"),
        Err(error) => panic!("{error}: {written}"),
    }
}

fn check_json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let written = serde_json::to_string(value).unwrap_or_else(|error| panic!("{error}: {value:?}"));
    match serde_json::from_str::<T>(&written) {
        Ok(again) => assert_eq!(again, *value, "{written}"),
        Err(error) => panic!("{error}: {written}"),
    }
}
