//! The steps of users: in which states they are admitted, and to whom.

use chat_server::records::{NewTopic, TopicId};
use serde_json::{Value, json};

use super::{Desk, INGRID, LENA, NILS, OTTO, STATES, TJE0, in_every_state, in_state};
use crate::support::{error_message, instant};

type Who = (&'static str, &'static str);

/// States, and which ones follow.
type Follows = &'static [(&'static str, &'static str)];

/// A step, who takes it, and the states that admit it, with the state that follows.
const STEPS: &[(&str, Who, Follows)] = &[
    ("Pickup", TJE0, &[("InQueue", "UserLast")]),
    ("TransferTo/2", INGRID, &[("CustomerLast", ""), ("UserLast", "")]),
    ("AcceptTransfer", INGRID, &[]),
    ("RejectTransfer", INGRID, &[]),
    ("Reset", INGRID, &[("CustomerLast", "InQueue"), ("UserLast", "InQueue")]),
    (
        "End",
        INGRID,
        &[
            ("PreChatForm", "Closed"),
            ("Faq", "Closed"),
            ("OfflineForm", "Closed"),
            ("InQueue", "Closed"),
            ("CustomerLast", "Closed"),
            ("UserLast", "Closed"),
            ("Finished", "Closed"),
            ("RequestPosted", "Closed"),
        ],
    ),
];

#[tokio::test]
async fn every_step_is_refused_in_every_other_state_by_name() {
    for (step, user, admitted) in STEPS {
        let desk = Desk::with(&in_every_state()).await;
        for state in STATES {
            let session = in_state(state);
            let answer = desk.step(*user, session, step).await;
            if let Some((_, after)) = admitted.iter().find(|(before, _)| *before == state) {
                assert_eq!(answer.status, 200, "{step} {state}: {}", answer.text());
                let after = if after.is_empty() { state } else { after };
                assert_eq!(answer.json()["Status"], after, "{step} {state}");
                continue;
            }
            let message = error_message(&answer, 409);
            assert!(message.ends_with(&format!(": it is `{state}`")), "{step}: {message}");
            let request = desk.post(&super::path(session, step)).basic(user.0, user.1).header("so-language", "NO");
            let message = error_message(&request.send().await, 409);
            assert!(message.ends_with(&format!(": den er {state}.")), "{step}: {message}");
        }
    }
}

#[tokio::test]
async fn writing_is_refused_in_every_state_without_a_conversation() {
    let desk = Desk::with(&in_every_state()).await;
    for state in STATES {
        let answer = desk.says(TJE0, in_state(state), "Hello").await;
        match state {
            "CustomerLast" | "UserLast" => {
                assert_eq!(answer.status, 200, "{}", answer.text());
                assert_eq!(desk.session(TJE0, in_state(state)).await.json()["Status"], "UserLast");
            }
            _ => {
                let message = error_message(&answer, 409);
                assert_eq!(message, format!("this state of the session does not admit it: it is `{state}`"));
            }
        }
    }
}

#[tokio::test]
async fn steps_are_reserved() {
    let desk = Desk::with("").await;
    let waiting = desk.customer().await.session;
    let running = desk.conversation().await.session;
    // Where nobody handles it, the state comes first for those who could.
    for step in ["TransferTo/2", "Reset"] {
        let message = error_message(&desk.step(TJE0, waiting, step).await, 409);
        assert!(message.ends_with(": it is `InQueue`"), "{step}: {message}");
        error_message(&desk.step(LENA, waiting, step).await, 403);
    }
    for (user, step, session, expected) in [
        (TJE0, "End", waiting, "only the user who handles the session and managers of its topic may do this"),
        (INGRID, "Pickup", waiting, "only those who can respond in the topic pick up its sessions"),
        (LENA, "Pickup", waiting, "only those who can respond in the topic pick up its sessions"),
        (LENA, "TransferTo/2", running, "only the user who handles the session and managers of its topic may do this"),
        (NILS, "Reset", running, "only the user who handles the session and managers of its topic may do this"),
        (OTTO, "End", running, "only the user who handles the session and managers of its topic may do this"),
        (
            OTTO,
            "AcceptTransfer",
            running,
            "only the user whom the session is to be transferred to, and who may still take it over, may do this",
        ),
        (
            LENA,
            "RejectTransfer",
            running,
            "only the user whom the session is to be transferred to, and who may still take it over, may do this",
        ),
    ] {
        let answer = desk.step(user, session, step).await;
        assert_eq!(error_message(&answer, 403), expected, "{user:?} {step}");
    }
    for user in [INGRID, LENA, NILS, OTTO] {
        let answer = desk.says(user, running, "Hello").await;
        assert_eq!(error_message(&answer, 403), "only the user who handles the session writes in it");
    }
    // Nobody learns of a session what does not concern them.
    for (user, looks, reads) in
        [(INGRID, 200, 200), (TJE0, 200, 200), (LENA, 200, 200), (NILS, 200, 403), (OTTO, 403, 403)]
    {
        let session = desk.session(user, running).await;
        assert_eq!(session.status.as_u16(), looks, "{user:?}");
        let messages = desk.http.get(&super::path(running, "Messages")).basic(user.0, user.1).send().await;
        assert_eq!(messages.status.as_u16(), reads, "{user:?}");
        assert_eq!(desk.step(user, running, "Transcript").await.status.as_u16(), reads, "{user:?}");
        let sees_key = [INGRID, TJE0].contains(&user);
        assert_eq!(session.json()["SessionKey"].is_string(), sees_key, "{user:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let desk = Desk::with(&in_every_state()).await;
    for step in ["Pickup", "TransferTo/2", "AcceptTransfer", "RejectTransfer", "Reset", "End", "Transcript"] {
        let message = error_message(&desk.step(TJE0, 999, step).await, 404);
        assert!(message.starts_with("there is no such session"), "{step}: {message}");
    }
    error_message(&desk.says(TJE0, 999, "Hello").await, 404);
    error_message(&desk.session(TJE0, 999).await, 404);
    for state in ["Invalid", "Deleted"] {
        error_message(&desk.session(INGRID, in_state(state)).await, 404);
        error_message(&desk.step(INGRID, in_state(state), "Transcript").await, 404);
    }
    error_message(&desk.step(INGRID, in_state("UserLast"), "TransferTo/99").await, 404);
}

#[tokio::test]
async fn given_session_is_picked_up_once() {
    let desk = Desk::with("").await;
    let first = desk.customer().await;
    let second = desk.customer().await;
    let picked = desk.stepped(TJE0, second.session, "Pickup").await;
    assert_eq!(picked.status.unwrap().as_str(), "UserLast");
    assert_eq!((picked.rank, picked.user.unwrap().associate_id), (Some(1), Some(1)));
    assert_eq!(picked.last_message.as_deref(), Some("Number 2, after 00:00."));
    let again = desk.step(TJE0, second.session, "Pickup").await;
    assert!(error_message(&again, 409).contains("`UserLast`"));
    assert_eq!(desk.stepped(TJE0, first.session, "Pickup").await.rank, Some(2));
    let accepted: (i64,) = desk.world.row("SELECT accepted FROM topics WHERE topic_id = 10").await;
    assert_eq!(accepted, (2,));
}

#[tokio::test]
async fn reset_puts_the_session_back_where_it_was() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let other = desk.customer().await;
    let reset = desk.stepped(TJE0, customer.session, "Reset").await;
    assert_eq!(reset.status.unwrap().as_str(), "InQueue");
    assert_eq!((reset.user, reset.rank, reset.when_started), (None, Some(0), None));
    assert_eq!(desk.world.picked_up("tje0", "Tje0").await.chat_session_id, Some(customer.session), "the first again");

    let body = json!([{ "UserId": 1, "Present": false }]);
    desk.post("/api/v1/Presence/SaveAll").basic(TJE0.0, TJE0.1).json(&body).send().await;
    let reset = desk.stepped(INGRID, customer.session, "Reset").await;
    assert_eq!(reset.status.unwrap().as_str(), "OfflineForm");
    assert_eq!(desk.world.picked_up("tje0", "Tje0").await.chat_session_id, Some(other.session));
}

#[tokio::test]
async fn ended_session_is_followed_by_its_form() {
    let desk = Desk::with("").await;
    let topic = NewTopic { name: "Support".to_owned(), has_post_chat_form: true, ..NewTopic::default() };
    assert!(desk.world.app.store().set_topic(TopicId(10), topic).await.unwrap());
    let customer = desk.conversation().await;
    desk.world.clock.advance(jiff::SignedDuration::from_mins(3));
    let ended = desk.stepped(TJE0, customer.session, "End").await;
    assert_eq!((ended.status.unwrap().as_str(), ended.rank), ("Finished", Some(0)));
    let when = instant(ended.when_ended);
    assert!(when.is_some());
    desk.world.clock.advance(jiff::SignedDuration::from_mins(3));
    let closed = customer.ends(&desk).await.parse::<chat_models::ChatSessionEntity>();
    assert_eq!((closed.status.unwrap().as_str(), instant(closed.when_ended)), ("Closed", when));
    assert!(error_message(&customer.ends(&desk).await, 409).contains("`Closed`"));
    let ends: Vec<Value> = desk
        .messages(customer.session)
        .await
        .into_iter()
        .filter(|message| message["Type"] == "Special")
        .map(|message| json!([message["SpecialType"], message["SpecialParam"], message["Message"]]))
        .collect();
    assert_eq!(Value::from(ends), json!([["ClosedByUser", "Terje Jensen", ""]]));
}

#[tokio::test]
async fn customer_who_gives_up_leaves_the_queue() {
    let desk = Desk::with("").await;
    let customer = desk.customer().await;
    let ended = customer.ends(&desk).await.json();
    assert_eq!(ended["Status"], "ClosedFromQueue");
    assert_eq!(desk.messages(customer.session).await.last().unwrap()["SpecialType"], "ClosedByCustomer");
    assert_eq!(desk.world.pick_up("tje0", "Tje0").await.status, 404);
}
