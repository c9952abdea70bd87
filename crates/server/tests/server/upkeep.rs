//! What the store does beside the steps of a session: places in the queue, idle sessions, warnings, news for customers,
//! and deleting.

use std::sync::Arc;

use chat_server::App;
use chat_server::records::{MessageId, SessionId};
use chat_server::store::{IdleSince, SessionChange};
use jiff::{SignedDuration, Timestamp};

use crate::lives::{self, TJE0, now, store};
use crate::support::{World, running, waiting};

fn minutes_ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn numbers(sessions: &[SessionId]) -> Vec<i32> {
    sessions.iter().map(|session| session.0).collect()
}

#[tokio::test]
async fn place_in_the_queue_is_that_of_the_topic() {
    let sessions = [
        waiting(1, "Support", 5),
        waiting(2, "Support", 9),
        waiting(3, "Support", 5),
        waiting(4, "Sales", 60),
        running(5, "Support", "tje0"),
    ];
    let world = World::with(&sessions.concat()).await;
    let store = store(&world);
    for (session, expected) in [(1, Some(2)), (2, Some(1)), (3, Some(3)), (4, Some(1)), (5, None), (99, None)] {
        assert_eq!(store.queue_place(SessionId(session)).await.unwrap(), expected, "{session}");
    }
}

/// Customers who wait for long and write now and then are not idle, however many there are, and hide nobody who is.
#[tokio::test]
async fn who_writes_in_the_queue_keeps_nobody_from_being_found() {
    let chatty = |id| {
        waiting(id, "Support", 60)
            + "messages = [{ from = \"customer\", text = \"a\", posted = { minutes_ago = 1 } }]\n"
    };
    let mut sessions: String = (1..=30).map(chatty).collect();
    sessions += &waiting(31, "Support", 30);
    sessions += &running(32, "Support", "tje0");
    let world = World::with(&sessions).await;
    // What was never heard of is idle, too.
    world.execute("UPDATE sessions SET when_idle = NULL WHERE session_id IN (31, 32)").await;
    let ago = Some(minutes_ago(20));
    let since = IdleSince { waiting: ago, customer: ago, user: ago };
    assert_eq!(numbers(&store(&world).idle_sessions(since, 10).await.unwrap()), [31, 32]);
}

#[tokio::test]
async fn idle_sessions_are_those_that_wait_for_too_long() {
    let active = |id, status: &str, minutes: i64| {
        running(id, "Support", "tje0").replace("UserLast", status)
            + &format!("messages = [{{ from = \"customer\", text = \"a\", posted = {{ minutes_ago = {minutes} }} }}]\n")
    };
    let sessions = [
        active(1, "UserLast", 30),
        active(2, "UserLast", 10),
        active(3, "CustomerLast", 40),
        active(4, "CustomerLast", 20),
        active(5, "Closed", 50) + "ended = { minutes_ago = 50 }\n",
        waiting(6, "Support", 60) + "fetched = { minutes_ago = 25 }\n",
        waiting(7, "Support", 60) + "fetched = { minutes_ago = 1 }\n",
        waiting(8, "Support", 22),
        waiting(9, "Support", 2),
    ];
    let world = World::with(&sessions.concat()).await;
    for (waiting, customer, user, limit, expected) in [
        (Some(20), Some(20), Some(30), 10, vec![6, 8, 1, 3]),
        (Some(20), Some(20), Some(30), 1, vec![6, 1, 3]),
        (None, Some(5), None, 10, vec![1, 2]),
        (None, None, Some(5), 10, vec![3, 4]),
        (None, None, None, 10, vec![]),
    ] {
        let since = IdleSince {
            waiting: waiting.map(minutes_ago),
            customer: customer.map(minutes_ago),
            user: user.map(minutes_ago),
        };
        assert_eq!(numbers(&store(&world).idle_sessions(since, limit).await.unwrap()), expected, "{since:?}");
    }
}

/// Three topics that warn in different ways, and who waits there.
async fn world_with_warnings() -> World {
    let world = World::with("").await;
    let topic = |name: &str, keys: &str| format!("[[topics]]\nname = {name:?}\n{keys}\n");
    let sessions = [
        topic("Both", "warn_after_s = 60\nwarn_managers_after_s = 180"),
        topic("Members", "warn_after_s = 60"),
        topic("Managers", "warn_managers_after_s = 60"),
        topic("None", ""),
        waiting(1, "Both", 1),
        waiting(2, "Both", 3),
        waiting(3, "Both", 0),
        waiting(4, "Members", 90),
        waiting(5, "Managers", 1),
        waiting(6, "None", 90),
        running(7, "Both", "tje0"),
    ];
    world.import(&sessions.concat()).await;
    world
}

#[tokio::test]
async fn warnings_are_told_level_by_level() {
    let world = world_with_warnings().await;
    let store = store(&world);
    let raised = |limit| async move {
        let raised = store.raise_alerts(now(), limit).await.unwrap();
        raised.iter().map(|session| (session.session.0, session.alert_level)).collect::<Vec<_>>()
    };
    assert_eq!(raised(10).await, [(4, 1), (2, 1), (1, 1), (5, 2)]);
    assert_eq!(raised(10).await, [(2, 2)], "managers are told after the members");
    assert_eq!(raised(10).await, []);
    assert_eq!(store.session(None, SessionId(2)).await.unwrap().unwrap().session.alert_level, 2);

    let later = now() + SignedDuration::from_secs(180);
    let raised = store.raise_alerts(later, 1).await.unwrap();
    assert_eq!(raised.len(), 1);
    assert_eq!((raised[0].session.0, raised[0].alert_level, raised[0].waits_since), (1, 2, minutes_ago(1)));
    assert_eq!(store.raise_alerts(later, 10).await.unwrap().len(), 1, "the one who has just come");
}

#[tokio::test]
async fn warnings_are_of_conversations_without_an_answer_too() {
    let world = world_with_warnings().await;
    let store = store(&world);
    world.execute("DELETE FROM sessions WHERE session_id < 7").await;
    let asks = |id, topic: &str, minutes: [i64; 2]| {
        running(id, topic, "tje0").replace("UserLast", "CustomerLast")
            + &format!(
                "messages = [{{ from = \"agent\", text = \"a\", posted = {{ minutes_ago = 9 }} }},
                    {{ from = \"customer\", text = \"b\", posted = {{ minutes_ago = {} }} }},
                    {{ from = \"customer\", text = \"c\", posted = {{ minutes_ago = {} }} }}]\n",
                minutes[0], minutes[1]
            )
    };
    let sessions =
        [asks(11, "Both", [2, 0]), asks(12, "Both", [0, 0]), asks(13, "Managers", [3, 2]), asks(14, "None", [5, 5])];
    world.import(&sessions.concat()).await;
    let raised = |now, limit| async move {
        let raised = store.raise_alerts(now, limit).await.unwrap();
        raised.iter().map(|session| (session.session.0, session.alert_level, session.waits_since)).collect::<Vec<_>>()
    };
    // Since the first message that has no answer, not since the last.
    assert_eq!(raised(now(), 10).await, [(13, 2, minutes_ago(3)), (11, 1, minutes_ago(2))]);
    assert_eq!(raised(now(), 10).await, []);
    let later = now() + SignedDuration::from_secs(60);
    assert_eq!(raised(later, 1).await, [(11, 2, minutes_ago(2))]);
    assert_eq!(raised(later, 10).await, [(12, 1, now())]);
    let answer = SessionChange {
        session: SessionId(11),
        actor: Some(TJE0),
        target: None,
        now: later,
        idempotency: None,
        rule: Arc::new(move |situation| chat_server::rules::life::post_by_user(situation, "d", later)),
    };
    store.change_session(answer).await.unwrap();
    let session = store.session(None, SessionId(11)).await.unwrap().unwrap().session;
    assert_eq!((session.alert_level, session.unanswered_since), (0, None));
    assert_eq!(raised(later + SignedDuration::from_secs(600), 10).await, [(12, 2, now())]);
}

/// Members who are not warned any more do not keep their managers from being told.
#[tokio::test]
async fn managers_are_told_though_members_are_not_warned_any_more() {
    let world = world_with_warnings().await;
    let store = store(&world);
    assert_eq!(store.raise_alerts(now(), 10).await.unwrap().len(), 4);
    world.execute("UPDATE topics SET warn_after_secs = NULL WHERE name = 'Both'").await;
    let later = now() + SignedDuration::from_secs(180);
    let mut raised: Vec<_> =
        store.raise_alerts(later, 10).await.unwrap().iter().map(|raised| raised.session.0).collect();
    raised.sort_unstable();
    assert_eq!(raised, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_level_of_every_session_is_told_once() {
    let world = World::with("[[topics]]\nname = \"Both\"\nwarn_after_s = 60\nwarn_managers_after_s = 180\n").await;
    world.import(&(1..=60).map(|id| waiting(id, "Both", 5 + id % 7)).collect::<String>()).await;
    let other = App::open(world.config()).await.unwrap();
    let stores = [Arc::clone(world.app.store()), Arc::clone(other.store())];
    let tasks: Vec<_> = (0..8)
        .map(|index| {
            let store = Arc::clone(&stores[index % 2]);
            tokio::spawn(async move {
                let mut told = Vec::new();
                for _ in 0..30 {
                    told.extend(store.raise_alerts(now(), 7).await.unwrap());
                }
                told
            })
        })
        .collect();
    let mut told = Vec::new();
    for task in tasks {
        told.extend(task.await.unwrap().into_iter().map(|raised| (raised.session.0, raised.alert_level)));
    }
    told.sort_unstable();
    assert_eq!(told, (1..=60).flat_map(|id| [(id, 1), (id, 2)]).collect::<Vec<_>>());
}

#[tokio::test]
async fn customers_news_are_noted_once_a_second() {
    let messages = "messages = [
        { from = \"customer\", text = \"a\", posted = { minutes_ago = 5 } },
        { from = \"agent\", text = \"b\", posted = { minutes_ago = 4 } },
        { from = \"agent\", text = \"c\", posted = { minutes_ago = 3 } }]\n";
    let world = World::with(&(running(1, "Support", "tje0") + "fetched = { minutes_ago = 5 }\n" + messages)).await;
    let store = store(&world);
    let read = || async move {
        let messages = store.messages(SessionId(1), MessageId(0), 10).await.unwrap();
        messages.into_iter().map(|message| message.read_by_customer).collect::<Vec<_>>()
    };
    let fetched = || async move { store.session(None, SessionId(1)).await.unwrap().unwrap().session.when_fetched };
    assert_eq!((read().await, fetched().await), (vec![true, false, false], Some(minutes_ago(5))));
    let ids = store.messages(SessionId(1), MessageId(0), 10).await.unwrap();
    let second = now() + SignedDuration::from_millis(400);
    store.customer_fetched(SessionId(1), ids[1].id, now()).await.unwrap();
    assert_eq!((read().await, fetched().await), (vec![true, true, false], Some(now())));
    store.customer_fetched(SessionId(1), ids[1].id, second).await.unwrap();
    assert_eq!(fetched().await, Some(now()), "the same second");
    store.customer_fetched(SessionId(1), ids[2].id, second).await.unwrap();
    assert_eq!((read().await, fetched().await), (vec![true, true, true], Some(now())));
    store.customer_fetched(SessionId(1), ids[2].id, minutes_ago(1)).await.unwrap();
    assert_eq!(fetched().await, Some(now()), "a clock that was set back");
    store.customer_fetched(SessionId(99), ids[2].id, now()).await.unwrap();
}

#[tokio::test]
async fn messages_that_are_not_there_yet_are_not_noted_as_fetched() {
    let messages = "messages = [{ from = \"agent\", text = \"b\", posted = { minutes_ago = 4 } }]\n";
    let sessions = running(1, "Support", "tje0") + messages + &running(2, "Support", "tje0") + messages;
    let world = World::with(&sessions).await;
    let store = store(&world);
    let read = || async move { store.messages(SessionId(1), MessageId(0), 10).await.unwrap()[0].read_by_customer };
    let last = store.messages(SessionId(1), MessageId(0), 10).await.unwrap()[0].id;
    for beyond in [MessageId(last.0 + 1), MessageId(i32::MAX)] {
        store.customer_fetched(SessionId(1), beyond, now()).await.unwrap();
        assert!(!read().await, "{beyond}");
    }
    let fetched = store.session(None, SessionId(1)).await.unwrap().unwrap().session.when_fetched;
    assert_eq!(fetched, Some(now()), "the page asked all the same");
    store.customer_fetched(SessionId(1), last, now()).await.unwrap();
    assert!(read().await);
}

#[tokio::test]
async fn what_ended_long_ago_is_deleted_with_all_that_belongs_to_it() {
    let ended = |id, minutes: i64| {
        running(id, "Support", "tje0").replace("UserLast", "Closed")
            + &format!("ended = {{ minutes_ago = {minutes} }}\ncustomer = {{ email = \"Kari@example.com\" }}\n")
            + "messages = [{ from = \"customer\", text = \"a\", posted = { minutes_ago = 58 } }]\n"
    };
    // Does not end, but nothing comes after it either.
    let on_a_form = waiting(6, "Support", 45).replace("InQueue", "OfflineForm");
    let sessions = [ended(1, 50), ended(2, 40), ended(3, 30), ended(4, 5), waiting(5, "Support", 300), on_a_form];
    let world = World::with(&sessions.concat()).await;
    let store = store(&world);
    let begin = SessionChange {
        session: SessionId(1),
        actor: Some(TJE0),
        target: None,
        now: now(),
        idempotency: lives::call(1, 1),
        rule: Arc::new(|situation| {
            let session = situation.session.clone();
            Ok(chat_server::rules::life::Change { session, messages: Vec::new(), accepted_after_secs: None })
        }),
    };
    store.change_session(begin).await.unwrap();

    assert_eq!(store.delete_ended(minutes_ago(50), 10).await.unwrap(), 0);
    assert_eq!(store.delete_ended(minutes_ago(20), 2).await.unwrap(), 2);
    assert_eq!(store.session(None, SessionId(1)).await.unwrap(), None);
    assert_eq!(store.session(None, SessionId(6)).await.unwrap(), None);
    assert_eq!(store.delete_ended(minutes_ago(20), 1).await.unwrap(), 1);
    let kept: (i64, i64) =
        world.row("SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM idempotency_keys)").await;
    assert_eq!(kept, (2, 0));
    assert_eq!(store.delete_ended(minutes_ago(20), 2).await.unwrap(), 1);
    assert_eq!(store.delete_ended(minutes_ago(20), 2).await.unwrap(), 0);

    let of = |email: &'static str| async move {
        let views = store.sessions_of_customer(email).await.unwrap();
        views.iter().map(|view| view.session.id.0).collect::<Vec<_>>()
    };
    assert_eq!(of("kARI@EXAMPLE.com").await, [4]);
    assert_eq!(of("").await, Vec::<i32>::new());
    assert_eq!(of("kari@example.com\0").await, Vec::<i32>::new());
    assert_eq!(store.delete_sessions(&[SessionId(4), SessionId(5), SessionId(99)]).await.unwrap(), 2);
    assert_eq!(store.delete_sessions(&[]).await.unwrap(), 0);
    assert_eq!(world.row::<(i64,)>("SELECT count(*) FROM sessions").await, (0,));
    assert_eq!(store.queue_lengths(&[chat_server::records::TopicId(10)]).await.unwrap()[0].1, 0);
}
