//! From one user to another.

use chat_server::records::{AssociateId, Permissions, TopicId};
use serde_json::json;

use super::{Desk, INGRID, LENA, OTTO, TJE0};
use crate::support::error_message;

#[tokio::test]
async fn accepted_transfer_makes_the_other_the_user() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let session = customer.session;
    let asked = desk.stepped(TJE0, session, "TransferTo/2").await;
    assert_eq!(asked.transfer_to.unwrap().full_name.as_deref(), Some("Ingrid Solberg"));
    assert_eq!(asked.user.unwrap().associate_id, Some(1), "until then nothing else changes");
    error_message(&desk.step(TJE0, session, "AcceptTransfer").await, 403);

    let accepted = desk.stepped(INGRID, session, "AcceptTransfer").await;
    assert_eq!((accepted.user.unwrap().associate_id, accepted.rank), (Some(2), Some(1)));
    assert!(accepted.transfer_to.is_none());
    let last = desk.messages(session).await.pop().unwrap();
    assert_eq!((&last["Type"], &last["SpecialType"]), (&json!("Special"), &json!("TransferedSession")));
    assert_eq!(last["SpecialParam"], "Ingrid Solberg");
    assert_eq!(customer.reads(&desk, "").await.pop().unwrap()["SpecialType"], "TransferedSession");

    error_message(&desk.says(TJE0, session, "Still there?").await, 403);
    assert_eq!(desk.says(INGRID, session, "I am.").await.status, 200);
    let again = desk.step(INGRID, session, "AcceptTransfer").await;
    assert_eq!(error_message(&again, 409), "nobody is asked to take over the session: it is `UserLast`");
}

#[tokio::test]
async fn rejected_transfer_is_the_users_own_affair() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let session = customer.session;
    desk.stepped(TJE0, session, "TransferTo/2").await;
    let rejected = desk.stepped(INGRID, session, "RejectTransfer").await;
    assert!(rejected.transfer_to.is_none());
    assert_eq!(rejected.user.unwrap().associate_id, Some(1));
    assert_eq!(desk.messages(session).await.pop().unwrap()["SpecialType"], "TransferRejected");
    assert_eq!(customer.reads(&desk, "").await.pop().unwrap()["SpecialType"], "Welcome");
    assert_eq!(desk.says(TJE0, session, "Sorry.").await.status, 200);
}

#[tokio::test]
async fn rights_that_were_taken_are_not_accepted_with() {
    let desk = Desk::with("").await;
    let session = desk.conversation().await.session;
    desk.stepped(TJE0, session, "TransferTo/2").await;
    let store = desk.world.app.store();
    let listen = Permissions { listen: true, ..Permissions::default() };
    store.set_member(TopicId(10), AssociateId(2), listen).await.unwrap();
    error_message(&desk.step(INGRID, session, "AcceptTransfer").await, 403);
    assert_eq!(desk.session(TJE0, session).await.json()["User"]["AssociateId"], 1);
    let rejected = desk.stepped(INGRID, session, "RejectTransfer").await;
    assert!(rejected.transfer_to.is_none(), "nobody is kept from saying no");
}

#[tokio::test]
async fn only_who_is_able_is_asked() {
    let desk = Desk::with("").await;
    let session = desk.conversation().await.session;
    for (target, status, expected) in [
        // A listener, one who is on no topic, and one who is gone.
        (3, 400, "user 3 can neither respond in the topic of the session nor manage it"),
        (5, 400, "user 5 can neither respond in the topic of the session nor manage it"),
        (6, 400, "user 6 can neither respond in the topic of the session nor manage it"),
        (1, 409, "the user handles the session already: it is `UserLast`"),
        (99, 404, "there is no such session, or no such user"),
    ] {
        let answer = desk.step(TJE0, session, &format!("TransferTo/{target}")).await;
        assert_eq!(error_message(&answer, status), expected);
    }
    error_message(&desk.step(LENA, session, "TransferTo/2").await, 403);
    error_message(&desk.step(OTTO, session, "TransferTo/2").await, 403);
    // A manager may ask on the user's behalf, also to take it over.
    desk.stepped(INGRID, session, "TransferTo/2").await;
    assert_eq!(desk.stepped(INGRID, session, "AcceptTransfer").await.user.unwrap().associate_id, Some(2));
}
