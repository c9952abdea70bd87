//! Picking up: who gets which session, and what changes.

use jiff::SignedDuration;

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

    let message: (String, String, String, String, i64) = world
        .row("SELECT type, special_type, author, message, when_posted FROM messages ORDER BY message_id DESC LIMIT 1")
        .await;
    let [kind, special, author, text] =
        ["ToCustomer", "Welcome", "Terje Jensen", "Number 1, after 00:12."].map(str::to_owned);
    assert_eq!(message, (kind, special, author, text, now.as_microsecond()));
    let topic: (i64, i64) = world.row("SELECT last_accept, seconds_pr_accept FROM topics WHERE topic_id = 10").await;
    assert_eq!(topic, (now.as_microsecond(), 12 * 60 + 30));
}

#[tokio::test]
async fn topic_keeps_the_average_of_all_it_accepted() {
    // Two minutes from the session that runs already, then four and nine.
    let world =
        World::with(&[running(1, "Support", "ingrid"), waiting(2, "Support", 9), waiting(3, "Support", 4)].concat())
            .await;
    for (last_message, average) in [("Number 1, after 00:05.", 330), ("Number 1, after 00:05.", 300)] {
        assert_eq!(world.picked_up("tje0", "Tje0").await.last_message.as_deref(), Some(last_message));
        assert_eq!(world.row::<(i64,)>("SELECT seconds_pr_accept FROM topics WHERE topic_id = 10").await, (average,));
    }
}

#[tokio::test]
async fn rank_is_the_lowest_that_no_active_session_of_the_agent_uses() {
    let sessions: String = (1..=4).map(|id| waiting(id, "Support", 10 - id)).collect();
    let world = World::with(&(sessions + &running(9, "Sales", "ingrid"))).await;
    for expected in [1, 2, 3] {
        assert_eq!(world.picked_up("tje0", "Tje0").await.rank, Some(expected));
    }
    world.execute("UPDATE sessions SET status = 'Closed' WHERE session_id = 2").await;
    assert_eq!(world.picked_up("tje0", "Tje0").await.rank, Some(2), "the closed session's rank is free again");
}

#[tokio::test]
async fn topic_without_welcome_message_posts_none() {
    let world = World::with(&waiting(1, "Sales", 3)).await;
    let picked = world.picked_up("ingrid", "i").await;
    assert_eq!(picked.last_message.as_deref(), Some(""));
    assert_eq!(world.row::<(i64,)>("SELECT count(*) FROM messages").await, (0,));
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
    assert_eq!(world.row::<(String,)>("SELECT message FROM messages").await, (welcome,));
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
