//! Import files: what is refused and why, and that the schema is the code's.

use chat_server::AppError;
use chat_server::import::{self, Format};

use crate::support::{OFFICE, World, waiting};

/// Imports `toml` into the office and checks every problem that is found.
async fn check(toml: &str, expected: &[&str]) {
    let world = World::with(&(waiting(77, "Support", 5) + "[[persons]]\nPersonId = 5\n")).await;
    let found: Vec<String> = match world.app.import(toml, Format::Toml).await {
        Ok(_) => Vec::new(),
        Err(AppError::Import(problems)) => problems.0.iter().map(ToString::to_string).collect(),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(found, expected, "{toml}");
    if !expected.is_empty() {
        assert_eq!(world.app.store().users().await.unwrap().len(), 6, "nothing was imported");
    }
}

#[tokio::test]
async fn users_are_checked() {
    check("[[users]]\nuser = \"new\"\nfull_name = \"N\"\npassword = \"p\"", &[]).await;
    check(
        "[[users]]\nuser = \"Tje0\"\nfull_name = \"T\"\npassword = \"p\"\n\
         [[users]]\nuser = \"a:b\"\nfull_name = \"T\"\npassword = \"\"\nid = 1\n\
         [[users]]\nuser = \"c\"\nfull_name = \"T\"\n\
         [[users]]\nuser = \"C\"\nfull_name = \"T\"\npassword = \"p\"\npassword_hash = \"x\"\nid = 0\n\
         [[users]]\nuser = \"d\"\nfull_name = \"T\"\npassword_hash = \"plain\"\n",
        &[
            "line 1: users[0].user: user `tje0` is in the database already",
            "line 5: users[1].user: a user name is not empty and has neither a colon, nor control characters, nor blanks \
             at its ends",
            "line 5: users[1].id: 1 is taken already",
            "line 5: users[1].password: the password is empty",
            "line 10: users[2].password: give `password` or `password_hash`",
            "line 13: users[3].user: user `c` stands in the file twice",
            "line 13: users[3].id: ids start at 1, this is 0",
            "line 13: users[3].password: give `password` or `password_hash`, not both",
            "line 19: users[4].password_hash: expected an argon2 hash in PHC string format, `$argon2id$v=19$…`",
        ],
    )
    .await;
}

#[tokio::test]
async fn topics_and_members_are_checked() {
    check(
        "[[topics]]\nname = \"Support\"\nid = 11\n\
         [[topics]]\nname = \"New\"\nmembers = [\n\
         { user = \"TJE0\", permissions = [\"listen\"] },\n\
         { user = \"tje0\", permissions = [\"respond\"] },\n\
         { user = \"otto\", permissions = [] },\n\
         { user = \"nobody\", permissions = [\"manage\"] }]\n",
        &[
            "line 1: topics[0].name: topic `Support` is in the database already",
            "line 1: topics[0].id: 11 is taken already",
            "line 4: topics[1].members[1].user: `tje0` is a member of this topic already",
            "line 4: topics[1].members[2].permissions: a member needs at least one of respond, notify, listen, manage",
            "line 4: topics[1].members[3].user: no user is called `nobody`",
        ],
    )
    .await;
}

#[tokio::test]
async fn hours_and_warnings_are_checked() {
    check(
        "[[users]]\nuser = \"late\"\nfull_name = \"L\"\npassword = \"p\"\ndeleted = true\npresent = true\n\
         [[topics]]\nname = \"A\"\ntime_zone = \"Oslo\"\nwarn_after_s = 0\nwarn_managers_after_s = -1\n\
         hours = [\n\
         { days = [], opens = \"8:00\", closes = \"24:01\" },\n\
         { days = [\"mon\"], opens = \"08:00\", closes = \"08:00\" },\n\
         { days = [\"mon\", \"tue\", \"mon\"], opens = \"08:00\", closes = \"12:00\" },\n\
         { days = [\"wed\", \"tue\"], opens = \"11:59\", closes = \"16:00\" }]\n\
         [[topics]]\nname = \"B\"\ntime_zone = \"\"\nwarn_after_s = 60\nwarn_managers_after_s = 59\n\
         [[topics]]\nname = \"C\"\ntime_zone = \"America/New_York\"\nhours = [\n\
         { days = [\"sat\"], opens = \"08:00\", closes = \"12:00\" },\n\
         { days = [\"sat\"], opens = \"12:00\", closes = \"24:00\" }]\n",
        &[
            "line 1: users[0].present: who is gone cannot be present",
            "line 7: topics[0].time_zone: no time zone is called `Oslo`; expected a name of the tz database such as \
             `Europe/Oslo`",
            "line 7: topics[0].warn_after_s: expected at least 1 second",
            "line 7: topics[0].warn_managers_after_s: expected at least 1 second",
            "line 7: topics[0].warn_managers_after_s: managers are not warned before `warn_after_s`",
            "line 7: topics[0].hours[0].days: name at least one day",
            "line 7: topics[0].hours[0].opens: expected hours and minutes such as 08:00, this is `8:00`",
            "line 7: topics[0].hours[0].closes: expected hours and minutes such as 08:00, this is `24:01`",
            "line 7: topics[0].hours[1].closes: a topic closes after it opens, on the same day",
            "line 7: topics[0].hours[2].days[2]: another span of the same day overlaps this one",
            "line 7: topics[0].hours[3].days[1]: another span of the same day overlaps this one",
            "line 17: topics[1].time_zone: no time zone is called ``; expected a name of the tz database such as \
             `Europe/Oslo`",
            "line 17: topics[1].warn_managers_after_s: managers are not warned before `warn_after_s`",
        ],
    )
    .await;
}

#[tokio::test]
async fn linked_records_are_checked() {
    check("[[persons]]\nPersonId = 6\n[[contacts]]\nContactId = 5\n", &[]).await;
    check(
        "[[persons]]\nPersonId = 5\n[[persons]]\nFirstname = \"A\"\n[[tickets]]\nTicketId = 1\n[[tickets]]\nTicketId = 1\n",
        &[
            "line 1: persons[0].PersonId: person 5 is there already",
            "line 3: persons[1].PersonId: this key is required",
            "line 7: tickets[1].TicketId: ticket 1 is there already",
        ],
    )
    .await;
}

#[tokio::test]
async fn sessions_are_checked() {
    check(
        "[[sessions]]\ntopic = \"Nowhere\"\nstatus = \"inqueue\"\nid = 77\nperson = 6\ntransfer_to = \"nobody\"\n\
         [[sessions]]\ntopic = \"Support\"\nstatus = \"UserLast\"\n\
         [[sessions]]\ntopic = \"Support\"\nstatus = \"InQueue\"\nuser = \"tje0\"\nrequested = { minutes_ago = 1 }\n\
         started = { minutes_ago = 2 }\nkey = \"\"\nflags = [\"Sleeping\"]\n\
         customer = { phone = \"012345678901234567890123456789012\" }\n\
         [[sessions]]\ntopic = \"Support\"\nstatus = \"Faq\"\nmessages = [\n\
         { from = \"agent\", text = \"a\", posted = { minutes_ago = 1 } },\n\
         { from = \"customer\", text = \"a\", posted = { minutes_ago = 1 } },\n\
         { from = \"customer\", text = \"a\", posted = { minutes_ago = 2 } }]\n",
        &[
            "line 1: sessions[0].id: 77 is taken already",
            "line 1: sessions[0].topic: no topic is called `Nowhere`",
            "line 1: sessions[0].transfer_to: no user is called `nobody`",
            "line 1: sessions[0].status: no status is called `inqueue`; there are Invalid, PreChatForm, Faq, OfflineForm, \
             InQueue, CustomerLast, UserLast, Finished, Deleted, Closed, RequestPosted, ClosedFromQueue",
            "line 1: sessions[0].person: there is no person 6",
            "line 7: sessions[1].requested: a session in status `UserLast` needs `requested`",
            "line 7: sessions[1].started: a session in status `UserLast` needs `started`",
            "line 7: sessions[1].user: a session in status `UserLast` needs `user`",
            "line 10: sessions[2].user: a session that waits in the queue has none",
            "line 10: sessions[2].started: a session that waits in the queue has none",
            "line 10: sessions[2].customer.phone: at most 32 characters, this has 33",
            "line 10: sessions[2].key: a session key has 1 to 255 characters",
            "line 10: sessions[2].flags[0]: no flag is called `Sleeping`; there are CustomerIsTyping, UserIsTyping",
            "line 10: sessions[2].started: `started` is before `requested`",
            "line 19: sessions[3].messages[0].from: the session has no `user` who could have written this",
            "line 19: sessions[3].messages[2].posted: this is before the message that stands before it",
        ],
    )
    .await;
}

#[tokio::test]
async fn same_file_twice_is_refused_and_changes_nothing() {
    let world = World::with("").await;
    let Err(AppError::Import(problems)) = world.app.import(OFFICE, Format::Toml).await else {
        panic!("everything is there already")
    };
    assert!(problems.to_string().contains("nothing was imported"), "{problems}");
    assert_eq!(world.app.store().users().await.unwrap().len(), 6);
}

#[tokio::test]
async fn batch_that_fails_at_its_end_leaves_nothing_behind() {
    let world = World::with(&(waiting(1, "Support", 5) + "key = \"taken\"\n")).await;
    // Keys of the database are not looked through before: its constraint has the last word.
    let file = "[[users]]\nuser = \"new\"\nfull_name = \"N\"\npassword = \"p\"\n".to_owned()
        + &waiting(2, "Support", 5)
        + "key = \"taken\"\n";
    let error = world.app.import(&file, Format::Toml).await.expect_err("the key is taken");
    assert!(error.to_string().contains("a session with this id or key is in the database already"), "{error}");
    assert_eq!(world.app.store().users().await.unwrap().len(), 6, "the user before it was not kept either");
}

#[tokio::test]
async fn json_says_the_same_as_toml() {
    let world = World::with("").await;
    let file = r#"{
        "sessions": [{
            "topic": "Support", "status": "InQueue", "id": 3,
            "requested": "2026-03-02T09:50:00.5+01:00",
            "customer": {"name": "Kari"},
            "messages": [{"from": "customer", "text": "Hi", "posted": {"minutes_ago": 10}}]
        }]
    }"#;
    world.app.import(file, Format::Json).await.unwrap();
    let picked = world.picked_up("tje0", "Tje0").await;
    assert_eq!((picked.chat_session_id, picked.customer_alias.as_deref()), (Some(3), Some("Kari")));
    assert_eq!(picked.when_requested.map(|when| when.to_string()).as_deref(), Some("2026-03-02T08:50:00.5Z"));
}

#[tokio::test]
async fn password_hashes_are_taken_as_they_are() {
    let world = World::with("").await;
    let hash = world.app.passwords().hash("Blåbær").unwrap();
    world.import(&format!("[[users]]\nuser = \"new\"\nfull_name = \"N\"\npassword_hash = {hash:?}\n")).await;
    assert_eq!(world.pick_up("new", "Blåbær").await.status, 404);
}

#[tokio::test]
async fn queue_positions_and_ranks_are_worked_out() {
    let sessions = [
        waiting(1, "Support", 3),
        waiting(2, "Support", 9),
        waiting(3, "Sales", 1),
        crate::support::running(4, "Sales", "ingrid"),
        crate::support::running(5, "Sales", "ingrid"),
    ];
    let world = World::with(&sessions.concat()).await;
    let found: Vec<_> = world
        .sessions_of("ingrid", "i")
        .await
        .into_iter()
        .map(|session| (session.chat_session_id, session.initial_queue_pos, session.rank))
        .collect();
    let expected = [(1, 2, 0), (2, 1, 0), (3, 1, 0), (4, 1, 1), (5, 1, 2)]
        .map(|(id, pos, rank)| (Some(id), Some(pos), Some(rank)));
    assert_eq!(found, expected);
}

#[test]
fn committed_schema_is_the_codes() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("import.schema.json");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == import::schema(),
        "import.schema.json is stale; write it with `cargo run -p chat-server -- import --print-schema > {}`",
        "crates/server/import.schema.json"
    );
}

#[tokio::test]
async fn a_chosen_id_is_none_that_comes_later_in_the_file() {
    let world = World::empty().await;
    world
        .app
        .import(
            "[[users]]\nuser = \"a\"\nfull_name = \"A\"\npassword = \"p\"\n\
             [[users]]\nuser = \"b\"\nfull_name = \"B\"\npassword = \"p\"\nid = 1\n\
             [[topics]]\nname = \"S\"\n[[topics]]\nname = \"T\"\nid = 1\n\
             [[sessions]]\ntopic = \"S\"\nstatus = \"InQueue\"\nrequested.minutes_ago = 2\n\
             [[sessions]]\ntopic = \"T\"\nstatus = \"InQueue\"\nrequested.minutes_ago = 1\nid = 1\n",
            Format::Toml,
        )
        .await
        .unwrap();
    let users = world.app.store().users().await.unwrap();
    let ids: Vec<(&str, i32)> = users.iter().map(|user| (user.user_name.as_str(), user.id.0)).collect();
    assert_eq!(ids, [("a", 2), ("b", 1)]);
}

#[tokio::test]
async fn sessions_that_cannot_be_are_refused() {
    check(
        "[[users]]\nuser = \"new\"\nfull_name = \" \"\npassword = \"p\"\n\
         [[topics]]\nname = \" T\"\n\
         [[sessions]]\ntopic = \"Support\"\nstatus = \"InQueue\"\nrequested = 2999-01-01T00:00:00Z\n\
         ended.minutes_ago = 1\ntransfer_to = \"tje0\"\ninitial_queue_pos = -1\n",
        &[
            "line 1: users[0].full_name: customers see this name: it is not empty",
            "line 5: topics[0].name: a topic's name is not empty and has neither control characters nor blanks at its \
             ends",
            "line 7: sessions[0].ended: a session that waits in the queue has none",
            "line 7: sessions[0].transfer_to: a session that waits in the queue has none",
            "line 7: sessions[0].requested: `requested` is in the future",
            "line 7: sessions[0].initial_queue_pos: a place in a queue is not negative",
            "line 7: sessions[0].ended: `ended` is before `requested`",
        ],
    )
    .await;
}
