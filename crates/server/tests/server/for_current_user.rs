//! What a caller sees, and what the answer says about rights.

use serde_json::{Value, json};

use crate::support::{FOR_CURRENT_USER, World, ids, running, waiting};

#[tokio::test]
async fn members_see_the_sessions_of_their_topics_ordered_by_number() {
    let sessions = [waiting(9, "Support", 1), waiting(2, "Sales", 9), waiting(5, "Support", 5), waiting(3, "Hjelp", 2)];
    let world = World::with(&sessions.concat()).await;
    for (user, password, expected) in [
        ("tje0", "Tje0", &[3, 5, 9][..]),
        ("ingrid", "i", &[2, 5, 9]),
        ("lena", "l", &[5, 9]),
        ("nils", "n", &[5, 9]),
        ("otto", "o", &[]),
    ] {
        assert_eq!(ids(&world.sessions_of(user, password).await), expected, "{user}");
    }
}

#[tokio::test]
async fn own_sessions_and_offered_ones_are_seen_without_membership() {
    let offered = running(4, "Sales", "ingrid") + "transfer_to = \"otto\"\n";
    let world = World::with(&[running(3, "Support", "otto"), offered, running(5, "Sales", "ingrid")].concat()).await;
    let sessions = world.sessions_of("otto", "o").await;
    assert_eq!(ids(&sessions), [3, 4]);
    assert_eq!(sessions[0].user.as_ref().and_then(|user| user.user_name.as_deref()), Some("otto"));
    assert_eq!(sessions[1].transfer_to.as_ref().and_then(|user| user.full_name.as_deref()), Some("Otto Berg"));
    assert_eq!(sessions[1].user.as_ref().and_then(|user| user.associate_id), Some(2));
}

#[tokio::test]
async fn every_status_but_invalid_and_deleted_is_seen() {
    let mut sessions = String::new();
    for status in ["Invalid", "PreChatForm", "Faq", "OfflineForm", "Finished", "Deleted", "RequestPosted"] {
        sessions += &format!("[[sessions]]\ntopic = \"Support\"\nstatus = {status:?}\n");
    }
    sessions += "[[sessions]]\ntopic = \"Support\"\nstatus = \"Closed\"\nrequested = { minutes_ago = 9 }\nended = { minutes_ago = 1 }\n";
    let world = World::with(&sessions).await;
    let seen: Vec<String> = world
        .sessions_of("lena", "l")
        .await
        .iter()
        .filter_map(|session| session.status.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(seen, ["PreChatForm", "Faq", "OfflineForm", "Finished", "RequestPosted", "Closed"]);
}

#[tokio::test]
async fn rights_follow_the_callers_permissions() {
    let world = World::with(&(waiting(1, "Support", 5) + "key = \"the-customers-key\"\n")).await;
    for (user, password, mask, name_mask, key) in [
        ("ingrid", "i", "FULL", "FULL", Some("the-customers-key")),
        ("tje0", "Tje0", "Select, Update", "Read, Write", Some("the-customers-key")),
        ("lena", "l", "Select", "Read", None),
        ("nils", "n", "Select", "Read", None),
    ] {
        let sessions = world.sessions_of(user, password).await;
        let session: Value = serde_json::to_value(&sessions[0]).unwrap();
        assert_eq!(session["TableRight"]["Mask"], mask, "{user}");
        assert_eq!(session["TableRight"]["Reason"] == "", mask == "FULL", "{user}");
        let name = &session["FieldProperties"]["CustomerName"];
        assert_eq!(name["FieldRight"]["Mask"], name_mask, "{user}");
        assert_eq!((&name["FieldType"], &name["FieldLength"]), (&json!("System.String"), &json!(255)));
        assert_eq!(session["SessionKey"], key.map_or(Value::Null, Value::from), "{user}");
    }
}

#[tokio::test]
async fn carriers_are_complete_and_linked_records_embedded() {
    let records = r#"
[[persons]]
PersonId = 375
FullName = "Marilyne Mohr"
[[sales]]
SaleId = 576
Amount = 15469.423999999999
SaleDate = 2010-09-18T09:40:58.7373763+02:00
[[contacts]]
ContactId = 551
Address = {}
"#;
    let links = "person = 375\ncontact = 551\nsale = 576\nflags = [\"UserIsTyping\", \"CustomerIsTyping\"]\n";
    let world = World::with(&(waiting(1, "Support", 5) + links + records)).await;
    let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
    let session = &answer.json()[0];
    let expected = serde_json::to_value(chat_models::ChatSessionEntity::default()).unwrap();
    assert_eq!(
        session.as_object().unwrap().keys().collect::<Vec<_>>(),
        expected.as_object().unwrap().keys().collect::<Vec<_>>(),
        "every property is there, in the order of the page"
    );
    assert_eq!(session["Person"]["FullName"], "Marilyne Mohr");
    assert_eq!(session["Person"]["Lastname"], Value::Null);
    assert_eq!(session["Contact"]["Address"], json!({}));
    assert_eq!(session["Sale"]["Amount"], 15469.423999999999);
    assert_eq!(session["Sale"]["SaleDate"], "2010-09-18T07:40:58.7373763Z", "date-times leave in the answer's zone");
    assert_eq!(session["Flags"], "CustomerIsTyping, UserIsTyping");
    for empty in ["User", "Project", "Ticket", "TransferTo", "WhenStarted", "WhenEnded", "WhenFetched"] {
        assert_eq!(session[empty], Value::Null, "{empty}");
    }
    let key = session["SessionKey"].as_str().unwrap();
    assert_eq!(key.len(), 43, "256 random bits in base64url");
}

#[tokio::test]
async fn date_times_leave_in_the_zone_that_was_asked_for() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    for (zone, expected) in [
        (None, "2026-03-02T08:55:00Z"),
        (Some("NO"), "2026-03-02T09:55:00+01:00"),
        (Some("460"), "2026-03-02T03:55:00-05:00"),
        (Some("Asia/Kathmandu, includeTZOffset"), "2026-03-02T14:40:00+05:45"),
    ] {
        let mut request = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0");
        if let Some(zone) = zone {
            request = request.header("SO-TimeZone", zone);
        }
        assert_eq!(request.send().await.json()[0]["WhenRequested"], expected, "{zone:?}");
    }
}
