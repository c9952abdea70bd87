//! Topics, their members, and who of these is present, in the store.

use chat_server::records::{AssociateId, NewTopic, OpeningHours, Permissions, TopicId};
use chat_server::store::StoreError;
use jiff::civil::Weekday;

use crate::lives::{TJE0, now, store};
use crate::support::{World, running, waiting};

const RESPOND: Permissions = Permissions { respond: true, notify: false, listen: false, manage: false };

fn described(name: &str) -> NewTopic {
    NewTopic {
        name: name.to_owned(),
        language: "no".to_owned(),
        welcome_message: "Hei!".to_owned(),
        time_zone: "Europe/Oslo".to_owned(),
        hours: vec![
            OpeningHours { weekday: Weekday::Monday, opens: 480, closes: 720 },
            OpeningHours { weekday: Weekday::Monday, opens: 780, closes: 960 },
            OpeningHours { weekday: Weekday::Sunday, opens: 0, closes: 1440 },
        ],
        warn_after_secs: Some(60),
        warn_managers_after_secs: Some(120),
        has_post_chat_form: true,
    }
}

#[tokio::test]
async fn topics_are_kept_as_described() {
    let world = World::with("").await;
    let store = store(&world);
    let id = store.add_topic(described("Returns")).await.unwrap();
    let names: Vec<_> = store.topics().await.unwrap().into_iter().map(|topic| topic.about.name).collect();
    assert_eq!(names, ["Hjelp", "Returns", "Sales", "Support"]);
    let topic = store.topic(id).await.unwrap().unwrap();
    assert_eq!((&topic.about, topic.waits.accepted, topic.last_accept), (&described("Returns"), 0, None));
    assert!(store.topics().await.unwrap().contains(&topic));
    assert_eq!(store.topic(TopicId(99)).await.unwrap(), None);

    for duplicate in
        [store.add_topic(described("Sales")).await.err(), store.set_topic(id, described("Sales")).await.err()]
    {
        assert!(matches!(&duplicate, Some(StoreError::Duplicate(what)) if what == "topic `Sales`"), "{duplicate:?}");
    }
    let changed = NewTopic { name: "Retur".to_owned(), ..NewTopic::default() };
    assert!(store.set_topic(id, changed.clone()).await.unwrap());
    assert_eq!(store.topic(id).await.unwrap().unwrap().about, changed, "without the old hours");
    assert!(!store.set_topic(TopicId(99), described("Nowhere")).await.unwrap());
    let unusable = store.add_topic(NewTopic { welcome_message: "a\0".to_owned(), ..described("Odd") }).await.err();
    assert!(matches!(unusable, Some(StoreError::UnusableText(_))), "{unusable:?}");
}

#[tokio::test]
async fn members_come_and_go() {
    let world = World::with("").await;
    let store = store(&world);
    let (sales, support) = (TopicId(11), TopicId(10));
    store.set_member(sales, TJE0, RESPOND).await.unwrap();
    let of_user = store.memberships_of(TJE0).await.unwrap();
    let topics: Vec<_> = of_user.iter().map(|member| (member.topic.0, member.topic_name.as_str())).collect();
    assert_eq!(topics, [(10, "Support"), (11, "Sales"), (12, "Hjelp")]);
    assert_eq!((of_user[1].permissions, of_user[1].user.user_name.as_str()), (RESPOND, "tje0"));

    store.set_member(sales, TJE0, Permissions::ALL).await.unwrap();
    let of_topic = store.members_of(sales).await.unwrap();
    let users: Vec<_> = of_topic.iter().map(|member| (member.user.user_name.as_str(), member.permissions)).collect();
    let ingrid = Permissions { respond: true, manage: true, ..Permissions::default() };
    assert_eq!(users, [("ingrid", ingrid), ("tje0", Permissions::ALL)]);

    store.set_member(sales, TJE0, Permissions::default()).await.unwrap();
    store.set_member(sales, TJE0, Permissions::default()).await.unwrap();
    assert_eq!(store.members_of(sales).await.unwrap().len(), 1);
    let error = store.set_member(support, AssociateId(99), RESPOND).await.err();
    assert!(matches!(error, Some(StoreError::UnknownUser(_))), "{error:?}");
    let error = store.set_member(TopicId(99), TJE0, RESPOND).await.err();
    assert!(matches!(error, Some(StoreError::UnknownTopic(_))), "{error:?}");
}

#[tokio::test]
async fn presence_is_set_for_all_or_for_nobody() {
    let world = World::with(&(running(1, "Support", "tje0") + &running(2, "Hjelp", "tje0"))).await;
    let store = store(&world);
    let present = || async move {
        let all = store.presences().await.unwrap();
        all.into_iter().filter(|presence| presence.present).map(|presence| presence.user.0).collect::<Vec<_>>()
    };
    let all = store.presences().await.unwrap();
    // Otto is a member of nothing.
    assert_eq!(all.iter().map(|presence| presence.user.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!((all[0].full_name.as_str(), all[0].active_sessions), ("Terje Jensen", 2));
    assert_eq!(all[0].topics, [TopicId(10), TopicId(12)]);
    assert_eq!(present().await, Vec::<i32>::new());

    let set = |presences: Vec<(i32, bool)>| async move {
        let presences: Vec<_> = presences.into_iter().map(|(user, present)| (AssociateId(user), present)).collect();
        store.set_presences(&presences, now()).await
    };
    set(vec![(2, true), (1, true)]).await.unwrap();
    assert_eq!(present().await, [1, 2]);
    // Who is gone is as unknown as who never came.
    for stranger in [99, 6] {
        let error = set(vec![(1, false), (3, true), (stranger, true), (4, true)]).await.err();
        assert!(matches!(error, Some(StoreError::UnknownUser(_))), "{error:?}");
        assert_eq!(present().await, [1, 2]);
    }
    set(vec![(1, false), (4, true), (4, false)]).await.unwrap();
    assert_eq!(present().await, [2]);
}

#[tokio::test]
async fn queue_lengths_are_those_of_the_topics_asked_for() {
    let world = World::with(&(waiting(1, "Support", 5) + &waiting(2, "Support", 4) + &waiting(3, "Sales", 1))).await;
    let lengths = store(&world).queue_lengths(&[TopicId(12), TopicId(10), TopicId(99)]).await.unwrap();
    assert_eq!(lengths, [(TopicId(12), 0), (TopicId(10), 2), (TopicId(99), 0)]);
    assert_eq!(store(&world).queue_lengths(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn import_brings_hours_warnings_and_presence() {
    let world = World::empty().await;
    world
        .import(
            "[[users]]\nuser = \"a\"\nfull_name = \"A\"\npassword = \"p\"\npresent = true\n\
             [[users]]\nuser = \"b\"\nfull_name = \"B\"\npassword = \"p\"\n\
             [[topics]]\nname = \"Returns\"\nlanguage = \"no\"\nwelcome_message = \"Hei!\"\n\
             time_zone = \"Europe/Oslo\"\nwarn_after_s = 60\nwarn_managers_after_s = 120\npost_chat_form = true\n\
             hours = [\n\
             { days = [\"sun\"], opens = \"00:00\", closes = \"24:00\" },\n\
             { days = [\"mon\"], opens = \"13:00\", closes = \"16:00\" },\n\
             { days = [\"mon\"], opens = \"08:00\", closes = \"12:00\" }]\n\
             members = [{ user = \"a\", permissions = [\"respond\"] }, { user = \"b\", permissions = [\"manage\"] }]\n",
        )
        .await;
    let store = store(&world);
    assert_eq!(store.topics().await.unwrap()[0].about, described("Returns"));
    let present: Vec<_> = store.presences().await.unwrap().into_iter().map(|presence| presence.present).collect();
    assert_eq!(present, [true, false]);
}
