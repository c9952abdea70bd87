//! Picking up: who gets which session, and what changes.

use jiff::SignedDuration;
use sqlx::Row;

use crate::support::{NOW, World, error_message, instant, running, waiting};

#[tokio::test]
async fn longest_waiting_session_comes_first() {
    let sessions = [
        waiting(1, "Support", 5),
        waiting(2, "Support", 9),
        // As long as 2: the lower number goes first.
        waiting(3, "Hjelp", 9),
        waiting(4, "Hjelp", 30),
        // Nobody answers here: not one of tje0's topics.
        waiting(5, "Sales", 90),
    ];
    let world = World::with(&sessions.concat()).await;
    for expected in [4, 2, 3, 1] {
        assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(expected));
    }
    let answer = world.pick_up("tje0", "Tje0").await;
    error_message(&answer, 404);
    assert_eq!(world.picked_up("ingrid", "i").await.chat_session_id, Some(5), "the next agent's topic is untouched");
}

#[tokio::test]
async fn only_who_can_respond_picks_up() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    // A manager, a listener, one who is notified, and one without any topic.
    for (user, password) in [("ingrid", "i"), ("lena", "l"), ("nils", "n"), ("otto", "o")] {
        let answer = world.pick_up(user, password).await;
        error_message(&answer, 404);
    }
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1));
}

#[tokio::test]
async fn only_waiting_sessions_are_picked_up() {
    let mut sessions = String::new();
    for status in ["Invalid", "PreChatForm", "Faq", "OfflineForm", "Finished", "Deleted", "RequestPosted"] {
        sessions += &format!("[[sessions]]\ntopic = \"Support\"\nstatus = {status:?}\n");
    }
    let world = World::with(&sessions).await;
    assert_eq!(world.pick_up("tje0", "Tje0").await.status, 404);
}

#[tokio::test]
async fn pickup_assigns_starts_and_welcomes() {
    let session = format!(
        "{}messages = [{{ from = \"customer\", text = \"Hello?\", posted = {{ minutes_ago = 12 }} }}]\n",
        waiting(7, "Support", 12)
    );
    let world = World::with(&session).await;
    world.clock.advance(SignedDuration::from_secs(30));
    let now = NOW.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_secs(30);

    let picked = world.picked_up("tje0", "Tje0").await;
    assert_eq!(picked.chat_session_id, Some(7));
    assert_eq!(picked.topic_id, Some(10));
    assert_eq!(picked.status.as_ref().map(|status| status.as_str()), Some("UserLast"));
    assert_eq!(picked.rank, Some(1));
    assert_eq!(instant(picked.when_started), Some(now));
    assert_eq!(instant(picked.when_idle), Some(now));
    assert_eq!(instant(picked.when_requested), Some(now - SignedDuration::from_secs(12 * 60 + 30)));
    assert_eq!(picked.when_ended, None);
    assert_eq!(picked.first_message.as_deref(), Some("Hello?"));
    assert_eq!(picked.last_message.as_deref(), Some("Number 1, after 00:12."));
    let user = picked.user.expect("the agent");
    assert_eq!((user.associate_id, user.full_name.as_deref()), (Some(1), Some("Terje Jensen")));

    let tables = world.tables().await;
    let message =
        sqlx::query("SELECT * FROM messages ORDER BY message_id DESC LIMIT 1").fetch_one(&tables).await.unwrap();
    for (column, expected) in [
        ("type", "ToCustomer"),
        ("special_type", "Welcome"),
        ("author", "Terje Jensen"),
        ("message", "Number 1, after 00:12."),
    ] {
        assert_eq!(message.get::<String, _>(column), expected, "{column}");
    }
    assert_eq!(message.get::<i64, _>("when_posted"), now.as_microsecond());
    let topic = sqlx::query("SELECT * FROM topics WHERE topic_id = 10").fetch_one(&tables).await.unwrap();
    assert_eq!(topic.get::<i64, _>("last_accept"), now.as_microsecond());
    assert_eq!(topic.get::<i64, _>("seconds_pr_accept"), 12 * 60 + 30);
}

#[tokio::test]
async fn topic_keeps_the_average_of_all_it_accepted() {
    // Two minutes from the session that runs already, then four and nine.
    let world =
        World::with(&[running(1, "Support", "ingrid"), waiting(2, "Support", 9), waiting(3, "Support", 4)].concat())
            .await;
    for (last_message, average) in [("Number 1, after 00:05.", 330), ("Number 1, after 00:05.", 300)] {
        assert_eq!(world.picked_up("tje0", "Tje0").await.last_message.as_deref(), Some(last_message));
        let stored: i64 = sqlx::query_scalar("SELECT seconds_pr_accept FROM topics WHERE topic_id = 10")
            .fetch_one(&world.tables().await)
            .await
            .unwrap();
        assert_eq!(stored, average);
    }
}

#[tokio::test]
async fn rank_is_the_lowest_that_no_active_session_of_the_agent_uses() {
    let sessions: String = (1..=4).map(|id| waiting(id, "Support", 10 - id)).collect();
    let world = World::with(&(sessions + &running(9, "Sales", "ingrid"))).await;
    for expected in [1, 2, 3] {
        assert_eq!(world.picked_up("tje0", "Tje0").await.rank, Some(expected));
    }
    sqlx::query("UPDATE sessions SET status = 'Closed' WHERE session_id = 2")
        .execute(&world.tables().await)
        .await
        .unwrap();
    assert_eq!(world.picked_up("tje0", "Tje0").await.rank, Some(2), "the closed session's rank is free again");
}

#[tokio::test]
async fn topic_without_welcome_message_posts_none() {
    let world = World::with(&waiting(1, "Sales", 3)).await;
    let picked = world.picked_up("ingrid", "i").await;
    assert_eq!(picked.last_message.as_deref(), Some(""));
    let messages: i64 =
        sqlx::query_scalar("SELECT count(*) FROM messages").fetch_one(&world.tables().await).await.unwrap();
    assert_eq!(messages, 0);
}

#[tokio::test]
async fn long_welcome_message_is_posted_whole_and_copied_short() {
    let welcome = "å".repeat(2000);
    let topic = format!(
        "[[topics]]\nname = \"Long\"\nwelcome_message = \"{welcome}\"\n\
         members = [{{ user = \"otto\", permissions = [\"respond\"] }}]\n"
    );
    let world = World::with(&(topic + &waiting(1, "Long", 3))).await;
    let picked = world.picked_up("otto", "o").await;
    assert_eq!(picked.last_message.map(|text| text.chars().count()), Some(1024));
    let posted: String =
        sqlx::query_scalar("SELECT message FROM messages").fetch_one(&world.tables().await).await.unwrap();
    assert_eq!(posted, welcome);
}

#[tokio::test]
async fn refused_request_leaves_the_queue_alone() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    for (header, value, status) in [("accept", "image/png", 406), ("so-timezone", "Mars/Olympus", 400)] {
        let request = world.http.post(crate::support::PICKUP).basic("tje0", "Tje0").header(header, value);
        error_message(&request.send().await, status);
    }
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1));
}
