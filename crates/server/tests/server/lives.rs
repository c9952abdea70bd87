//! What becomes of sessions in the store: begun and changed as a rule says, once however often they are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use chat_server::App;
use chat_server::records::{
    AssociateId, Customer, MessageId, MessageType, NewMessage, Permissions, SessionId, SpecialType, Status, TopicId,
};
use chat_server::rules::life::{
    self, Change, Conflict, NewSituation, Obstacle, Opening, Refusal, Reserved, Situation, Unfit,
};
use chat_server::rules::pickup::lowest_free_rank;
use chat_server::rules::text::Composer;
use chat_server::store::{Idempotency, OpeningRule, Outcome, PickUp, Rule, SessionChange, SessionStart, Store};
use jiff::{SignedDuration, Timestamp};

use crate::support::{NOW, World, running, waiting};

pub(crate) const TJE0: AssociateId = AssociateId(1);
const INGRID: AssociateId = AssociateId(2);
const LENA: AssociateId = AssociateId(3);
const SUPPORT: TopicId = TopicId(10);
const ONLY_LOOKING: Conflict = Conflict { status: Status::UserLast, obstacle: Obstacle::Status };

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn store(world: &World) -> &dyn Store {
    world.app.store().as_ref()
}

fn message(text: &str) -> NewMessage {
    NewMessage {
        message_type: MessageType::ToCustomer,
        special_type: SpecialType::Url,
        special_param: "https://example.com".to_owned(),
        text: text.to_owned(),
        author: "Terje Jensen".to_owned(),
        when_posted: now(),
    }
}

/// Terje wants the session that has waited longest.
fn pick_up(idempotency: Option<Idempotency>) -> PickUp {
    PickUp { caller: TJE0, now: now(), idempotency, composer: composer() }
}

/// The user says this.
fn says(text: &'static str) -> Rule {
    Arc::new(move |situation: &Situation| {
        let mut session = situation.session.clone();
        session.status = Status::UserLast;
        session.last_message = text.to_owned();
        session.when_idle = Some(now());
        Ok(Change { session, messages: vec![message(text)], accepted_after_secs: None })
    })
}

/// The actor takes the session over.
fn takes_over() -> Rule {
    Arc::new(|situation: &Situation| {
        let mut session = situation.session.clone();
        session.user = situation.actor.as_ref().map(|(user, _)| user.id);
        session.transfer_to = None;
        session.status = Status::UserLast;
        session.rank = lowest_free_rank(&situation.ranks_in_use);
        Ok(Change { session, messages: Vec::new(), accepted_after_secs: Some(90) })
    })
}

fn change(session: i32, actor: AssociateId, rule: Rule) -> SessionChange {
    SessionChange { session: SessionId(session), actor: Some(actor), target: None, now: now(), idempotency: None, rule }
}

/// The call with this key, of this kind.
pub(crate) fn call(key: u8, fingerprint: u8) -> Option<Idempotency> {
    Some(Idempotency { scope: "user 1".to_owned(), key_hash: [key; 32], fingerprint: [fingerprint; 32] })
}

fn start(key: &str, text: &str) -> SessionStart {
    let text = text.to_owned();
    let rule: OpeningRule = Arc::new(move |situation: &NewSituation| {
        let message = NewMessage { message_type: MessageType::ToUser, author: String::new(), ..message(&text) };
        Ok(Opening {
            status: Status::InQueue,
            initial_queue_pos: i32::try_from(situation.waiting).unwrap() + 1,
            message: (!text.is_empty()).then_some(message),
            when_requested: now(),
        })
    });
    let customer = Customer { alias: "Kari".to_owned(), email: "Kari@Example.com".to_owned(), ..Customer::default() };
    SessionStart { topic: SUPPORT, customer, key: key.to_owned(), now: now(), idempotency: None, rule }
}

fn composer() -> Composer {
    Composer { resources: Arc::new(chat_api::NoResources), culture: None }
}

async fn messages_in(world: &World) -> i64 {
    world.row::<(i64,)>("SELECT count(*) FROM messages").await.0
}

async fn keys_in(world: &World) -> i64 {
    world.row::<(i64,)>("SELECT count(*) FROM idempotency_keys").await.0
}

#[tokio::test]
async fn rule_sees_the_situation() {
    let world = World::with(
        &(running(1, "Support", "tje0")
            + "transfer_to = \"lena\"\n"
            + &running(2, "Hjelp", "tje0")
            + &waiting(3, "Support", 9)
            + &waiting(4, "Support", 5)),
    )
    .await;
    let store = store(&world);
    store.set_presences(&[(TJE0, true)], now()).await.unwrap();
    let seen = Arc::new(std::sync::Mutex::new(None));
    let look: Rule = {
        let seen = Arc::clone(&seen);
        Arc::new(move |situation: &Situation| {
            *seen.lock().unwrap() = Some(situation.clone());
            Err(Refusal::Conflict(ONLY_LOOKING))
        })
    };
    let only_looked = Outcome::Refused(Refusal::Conflict(ONLY_LOOKING));
    let wanted = SessionChange { target: Some(INGRID), ..change(1, TJE0, Arc::clone(&look)) };
    assert_eq!(store.change_session(wanted).await.unwrap(), only_looked);
    let situation = seen.lock().unwrap().take().unwrap();
    assert_eq!((situation.session.id, situation.session.transfer_to), (SessionId(1), Some(LENA)));
    assert_eq!(situation.topic.about.name, "Support");
    assert_eq!(situation.topic.waits.accepted, 1);
    assert_eq!(situation.user.map(|user| user.id), Some(TJE0));
    let respond = Permissions { respond: true, ..Permissions::default() };
    let manage = Permissions { manage: true, ..Permissions::default() };
    assert_eq!(situation.actor.map(|(user, may)| (user.id, may)), Some((TJE0, respond)));
    assert_eq!(situation.target.map(|(user, may)| (user.id, may)), Some((INGRID, manage)));
    assert!(situation.someone_present);
    assert_eq!((situation.place, situation.ranks_in_use), (0, vec![2]), "one's own rank is not in the way");

    store.set_presences(&[(TJE0, false)], now()).await.unwrap();
    let wanted = SessionChange { actor: None, ..change(4, TJE0, look) };
    assert_eq!(store.change_session(wanted).await.unwrap(), only_looked);
    let situation = seen.lock().unwrap().take().unwrap();
    assert_eq!((situation.place, situation.actor, situation.target, situation.someone_present), (2, None, None, false));
    assert_eq!(situation.ranks_in_use, Vec::<i32>::new());
}

#[tokio::test]
async fn change_is_written_with_messages_and_figures() {
    let world = World::with(&(waiting(1, "Support", 5) + &running(2, "Support", "tje0"))).await;
    let store = store(&world);
    let taken = store.change_session(change(1, TJE0, takes_over())).await.unwrap();
    let Outcome::Done { view, messages, repeated: false } = taken else { panic!("{taken:?}") };
    assert_eq!((view.session.rank, view.session.status, messages.len()), (2, Status::UserLast, 0));
    assert_eq!(view.user.as_ref().map(|user| user.full_name.as_str()), Some("Terje Jensen"));
    assert_eq!(store.session(Some(TJE0), SessionId(1)).await.unwrap(), Some(*view));
    let topic = store.topic(SUPPORT).await.unwrap().unwrap();
    assert_eq!((topic.waits.accepted, topic.waits.total_seconds, topic.last_accept), (2, 120 + 90, Some(now())));

    let Outcome::Done { view, messages, .. } = store.change_session(change(1, TJE0, says("Hi"))).await.unwrap() else {
        panic!("nothing stands in the way")
    };
    assert_eq!(view.session.last_message, "Hi");
    assert_eq!(messages.iter().map(|m| (&m.posted, m.read_by_customer)).collect::<Vec<_>>(), [(&message("Hi"), false)]);
    assert_eq!(store.messages(SessionId(1), MessageId(0), 10).await.unwrap(), messages);
    assert_eq!(store.messages(SessionId(1), messages[0].id, 10).await.unwrap(), []);
    assert_eq!(store.session(None, SessionId(1)).await.unwrap().unwrap().permissions, Permissions::ALL);
    assert_eq!(store.session(None, SessionId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn session_that_is_accepted_again_is_counted_once() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let store = store(&world);
    store.set_presences(&[(TJE0, true)], now()).await.unwrap();
    let figures = async || {
        let topic = store.topic(SUPPORT).await.unwrap().unwrap();
        let (average,): (i64,) =
            world.row("SELECT CAST(seconds_pr_accept AS BIGINT) FROM topics WHERE topic_id = 10").await;
        (topic.waits.accepted, topic.waits.total_seconds, average, topic.last_accept)
    };
    let back = || change(1, TJE0, Arc::new(|situation: &Situation| life::reset(situation)));
    assert!(matches!(store.pick_up_first(pick_up(None)).await.unwrap(), Outcome::Done { .. }));
    assert_eq!(figures().await, (1, 300, 300, Some(now())));
    // Once as the first of the queue, once by its number.
    let later = |minutes| now() + SignedDuration::from_mins(minutes);
    assert!(matches!(store.change_session(back()).await.unwrap(), Outcome::Done { .. }));
    let again = PickUp { now: later(60), ..pick_up(None) };
    let Outcome::Done { view, messages, .. } = store.pick_up_first(again).await.unwrap() else { panic!("it waits") };
    assert_eq!(messages[0].posted.text, "Number 1, after 00:05.");
    assert_eq!(store.session(Some(TJE0), SessionId(1)).await.unwrap(), Some(*view));
    assert_eq!(figures().await, (1, 300, 300, Some(later(60))));
    assert!(matches!(store.change_session(back()).await.unwrap(), Outcome::Done { .. }));
    let take: Rule = Arc::new(move |situation: &Situation| life::pick_up(situation, later(90), &composer()));
    let given = SessionChange { now: later(90), ..change(1, TJE0, take) };
    assert!(matches!(store.change_session(given).await.unwrap(), Outcome::Done { .. }));
    assert_eq!(figures().await, (1, 300, 300, Some(later(90))));
    // Figures that begin anew have nothing to divide by.
    for step in ["first", "given"] {
        world.execute("UPDATE topics SET accepted = 0, accept_seconds = 0, seconds_pr_accept = 0").await;
        store.change_session(back()).await.unwrap();
        let accepted = match step {
            "first" => store.pick_up_first(pick_up(None)).await.unwrap(),
            _ => {
                let take: Rule = Arc::new(move |situation: &Situation| life::pick_up(situation, now(), &composer()));
                store.change_session(change(1, TJE0, take)).await.unwrap()
            }
        };
        assert!(matches!(accepted, Outcome::Done { .. }), "{step}");
        assert_eq!(figures().await, (0, 0, 0, Some(later(90))), "{step}");
    }
}

/// Who picks up has answered the warning.
#[tokio::test]
async fn pickup_ends_the_warning_of_the_queue() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    world.execute("UPDATE sessions SET alert_level = 2").await;
    let Outcome::Done { view, .. } = store(&world).pick_up_first(pick_up(None)).await.unwrap() else {
        panic!("it waits")
    };
    assert_eq!(view.session.alert_level, 0);
    assert_eq!(store(&world).session(Some(TJE0), SessionId(1)).await.unwrap(), Some(*view));
}

#[tokio::test]
async fn what_is_missing_or_refused_changes_nothing() {
    let world = World::with(&running(1, "Support", "tje0")).await;
    let store = store(&world);
    let nobody = AssociateId(99);
    for (wanted, expected) in [
        (change(99, TJE0, says("Hi")), Outcome::Missing),
        (change(1, nobody, says("Hi")), Outcome::Missing),
        (SessionChange { target: Some(nobody), ..change(1, TJE0, says("Hi")) }, Outcome::Missing),
        (
            change(1, TJE0, Arc::new(|_: &Situation| Err(Refusal::Forbidden(Reserved::Members)))),
            Outcome::Refused(Refusal::Forbidden(Reserved::Members)),
        ),
        (change(1, TJE0, says("a\0b")), Outcome::Refused(Refusal::Invalid(Unfit::Text))),
    ] {
        let wanted = SessionChange { idempotency: call(1, 1), ..wanted };
        assert_eq!(store.change_session(wanted).await.unwrap(), expected);
    }
    let wanted = SessionStart { topic: TopicId(99), idempotency: call(1, 1), ..start("k", "Hi") };
    assert_eq!(store.start_session(wanted).await.unwrap(), Outcome::Missing);
    assert!(matches!(store.start_session(start("k", "a\0b")).await.unwrap(), Outcome::Refused(Refusal::Invalid(_))));
    assert_eq!((messages_in(&world).await, keys_in(&world).await), (0, 0), "the key is free for another call");
}

#[tokio::test]
async fn session_begins_as_its_rule_says() {
    let world = World::with(&waiting(7, "Support", 5)).await;
    let store = store(&world);
    let begun = store.start_session(start("secret", &"ø".repeat(2_000))).await.unwrap();
    let Outcome::Done { view, messages, repeated: false } = begun else { panic!("{begun:?}") };
    let session = &view.session;
    assert_eq!((session.status, session.initial_queue_pos, session.key.as_str()), (Status::InQueue, 2, "secret"));
    assert_eq!((session.when_requested, session.when_idle, session.when_fetched), (Some(now()), Some(now()), None));
    assert_eq!((session.first_message.chars().count(), &session.last_message), (1_024, &session.first_message));
    assert_eq!((messages.len(), messages[0].session, view.permissions), (1, session.id, Permissions::ALL));
    assert_eq!(store.session(None, session.id).await.unwrap().as_ref(), Some(&*view));
    assert_eq!(store.messages(session.id, MessageId(0), 10).await.unwrap(), messages);
    assert_eq!(store.queue_place(session.id).await.unwrap(), Some(2));

    let Outcome::Done { view, messages, .. } = store.start_session(start("other", "")).await.unwrap() else {
        panic!("nothing stands in the way")
    };
    assert_eq!((view.session.initial_queue_pos, view.session.first_message.as_str(), messages.len()), (3, "", 0));
    assert_eq!(view.session.when_idle, None, "nothing was said yet");
}

#[tokio::test]
async fn repeated_call_is_told_what_came_of_the_first() {
    let world = World::with(&(running(1, "Support", "tje0") + &waiting(2, "Support", 5))).await;
    let store = store(&world);
    let first = SessionChange { idempotency: call(1, 1), ..change(1, TJE0, says("once")) };
    let Outcome::Done { messages: once, repeated: false, .. } = store.change_session(first.clone()).await.unwrap()
    else {
        panic!("nothing stands in the way")
    };
    store.change_session(change(1, TJE0, says("later"))).await.unwrap();
    let again = store.change_session(first.clone()).await.unwrap();
    let Outcome::Done { view, messages, repeated: true } = again else { panic!("{again:?}") };
    assert_eq!((view.session.last_message.as_str(), &messages), ("later", &once), "the session as it is now");
    let other = SessionChange { idempotency: call(1, 2), ..first.clone() };
    assert_eq!(store.change_session(other).await.unwrap(), Outcome::KeyInUse);
    let scope = Some(Idempotency { scope: "user 2".to_owned(), ..call(1, 2).unwrap() });
    let elsewhere = SessionChange { idempotency: scope, ..change(1, INGRID, says("mine")) };
    assert!(matches!(store.change_session(elsewhere).await.unwrap(), Outcome::Done { repeated: false, .. }));
    assert_eq!(messages_in(&world).await, 3);

    let begin = SessionStart { idempotency: call(2, 1), ..start("secret", "Hello") };
    let Outcome::Done { view: begun, .. } = store.start_session(begin.clone()).await.unwrap() else {
        panic!("nothing stands in the way")
    };
    // The key that a repeated call brings is not used.
    let again = store.start_session(SessionStart { key: "another".to_owned(), ..begin }).await.unwrap();
    let Outcome::Done { view, messages, repeated: true } = again else { panic!("{again:?}") };
    assert_eq!((view, messages.len()), (begun, 1));

    assert_eq!(store.forget_idempotency(now(), 10).await.unwrap(), 0);
    assert_eq!(store.forget_idempotency(now() + SignedDuration::from_secs(1), 2).await.unwrap(), 2);
    assert_eq!(store.forget_idempotency(now() + SignedDuration::from_secs(1), 2).await.unwrap(), 1);
    assert!(matches!(store.change_session(first).await.unwrap(), Outcome::Done { repeated: false, .. }));
}

#[tokio::test]
async fn repeated_pickup_gets_the_same_session() {
    let world = World::with(&(waiting(1, "Support", 9) + &waiting(2, "Support", 5))).await;
    let store = store(&world);
    let pick = |call| async move { store.pick_up_first(pick_up(call)).await.unwrap() };
    let Outcome::Done { view, messages, repeated: false } = pick(call(1, 1)).await else { panic!("two wait") };
    assert_eq!((view.session.id, messages[0].posted.special_type), (SessionId(1), SpecialType::Welcome));
    assert_eq!(store.messages(SessionId(1), MessageId(0), 9).await.unwrap(), messages);
    store.change_session(change(1, TJE0, says("later"))).await.unwrap();
    let Outcome::Done { view: again, messages: same, repeated: true } = pick(call(1, 1)).await else {
        panic!("it is the same call")
    };
    assert_eq!((again.session.id, again.session.last_message.as_str(), &same), (SessionId(1), "later", &messages));
    assert_eq!(pick(call(1, 2)).await, Outcome::KeyInUse);
    let Outcome::Done { view, .. } = pick(None).await else { panic!("one waits") };
    assert_eq!((view.session.id, view.session.rank), (SessionId(2), 2));
    // Nothing was done, so nothing is remembered.
    assert_eq!(pick(call(3, 1)).await, Outcome::Missing);
    store.start_session(start("new", "")).await.unwrap();
    assert!(matches!(pick(call(3, 1)).await, Outcome::Done { repeated: false, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_with_one_key_run_once() {
    let world =
        World::with(&(running(1, "Support", "tje0") + &waiting(2, "Support", 5) + &waiting(3, "Support", 4))).await;
    let other = App::open(world.config()).await.unwrap();
    let stores = [Arc::clone(world.app.store()), Arc::clone(other.store())];
    let tasks: Vec<_> = (0..24)
        .map(|index| {
            let store = Arc::clone(&stores[index % 2]);
            tokio::spawn(async move {
                let say = SessionChange { idempotency: call(1, 1), ..change(1, TJE0, says("once")) };
                let said = store.change_session(say).await.unwrap();
                let begin = SessionStart { idempotency: call(2, 1), ..start(&format!("key {index}"), "Hello") };
                let begun = store.start_session(begin).await.unwrap();
                let picked = store.pick_up_first(pick_up(call(3, 1))).await.unwrap();
                (said, begun, picked)
            })
        })
        .collect();
    let mut sessions = BTreeSet::new();
    let mut posted = BTreeSet::new();
    let mut firsts = 0;
    for task in tasks {
        let (said, begun, picked) = task.await.unwrap();
        let Outcome::Done { messages, repeated, .. } = said else { panic!("{said:?}") };
        posted.insert(messages[0].id);
        firsts += usize::from(!repeated);
        let Outcome::Done { view, repeated, .. } = begun else { panic!("{begun:?}") };
        sessions.insert(view.session.id);
        firsts += usize::from(!repeated);
        let Outcome::Done { view, repeated, .. } = picked else { panic!("{picked:?}") };
        sessions.insert(view.session.id);
        firsts += usize::from(!repeated);
    }
    assert_eq!((firsts, posted.len(), sessions.len()), (3, 1, 2));
    assert!(sessions.contains(&SessionId(2)), "one begun, and the one that waited longest");
    // What was said, the first message of the new session, the welcome.
    assert_eq!((messages_in(&world).await, keys_in(&world).await), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_come_to_a_user_at_once_get_different_ranks() {
    let sessions: String = (1..=20)
        .map(|id| if id % 2 == 0 { waiting(id, "Support", 5) } else { running(id, "Support", "ingrid") })
        .collect();
    let world = World::with(&sessions).await;
    let other = App::open(world.config()).await.unwrap();
    let stores = [Arc::clone(world.app.store()), Arc::clone(other.store())];
    let tasks: Vec<_> = (1..=20)
        .map(|id| {
            let store = Arc::clone(&stores[usize::try_from(id / 2 % 2).unwrap()]);
            tokio::spawn(async move {
                if id % 2 == 0 {
                    let picked = store.pick_up_first(pick_up(None)).await.unwrap();
                    assert!(matches!(picked, Outcome::Done { .. }), "{picked:?}");
                } else {
                    let taken = store.change_session(change(id, TJE0, takes_over())).await.unwrap();
                    assert!(matches!(taken, Outcome::Done { .. }), "{taken:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut ranks: Vec<i32> = store(&world)
        .sessions_for(TJE0)
        .await
        .unwrap()
        .into_iter()
        .filter(|view| view.session.user == Some(TJE0))
        .map(|view| view.session.rank)
        .collect();
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=20).collect::<Vec<_>>());
    let topic = store(&world).topic(SUPPORT).await.unwrap().unwrap();
    assert_eq!(topic.waits.accepted, 10 + 20, "no acceptance is lost: ten were imported as accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_who_start_at_once_get_different_places() {
    let world = World::with("").await;
    let other = App::open(world.config()).await.unwrap();
    let stores = [Arc::clone(world.app.store()), Arc::clone(other.store())];
    let tasks: Vec<_> = (0..20)
        .map(|index| {
            let store = Arc::clone(&stores[index % 2]);
            tokio::spawn(async move { store.start_session(start(&format!("key {index}"), "Hi")).await.unwrap() })
        })
        .collect();
    let mut places = BTreeSet::new();
    for task in tasks {
        let Outcome::Done { view, .. } = task.await.unwrap() else { panic!("nothing stands in the way") };
        places.insert(view.session.initial_queue_pos);
    }
    assert_eq!(places, (1..=20).collect());
}

/// Who has answered thousands of customers gets the next one as fast as a beginner.
#[tokio::test]
async fn ranks_are_read_from_the_active_sessions_alone() {
    let world = World::with(&running(1, "Support", "tje0")).await;
    if !crate::support::is_postgres() {
        let rows: Vec<(i64, i64, i64, String)> = world
            .rows(
                "EXPLAIN QUERY PLAN SELECT a.rank FROM sessions a
                  WHERE a.user_id = 1 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0 AND a.session_id <> 1",
            )
            .await;
        let plan: String = rows.into_iter().map(|(_, _, _, step)| step + "\n").collect();
        assert!(plan.contains("sessions_active_rank (user_id=? AND rank>?)"), "{plan}");
    }
}
