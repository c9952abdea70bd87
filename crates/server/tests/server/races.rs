//! Many agents at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chat_models::ChatSessionEntity;
use chat_server::App;
use chat_server::records::{AssociateId, SessionView};
use chat_server::rules::text::Composer;
use chat_server::store::{Outcome, PickUp, Store};
use chat_test_support::TestApp;

use crate::support::{NOW, PICKUP, World, error_message, test_app, waiting};

const WAITING: usize = 30;
const PICKUPS: usize = 50;

/// Sends all pickups at once, spread over `servers`; returns the numbers picked up.
async fn race(servers: &[TestApp]) -> Vec<i32> {
    let requests: Vec<_> = (0..PICKUPS)
        .map(|index| tokio::spawn(servers[index % servers.len()].post(PICKUP).basic("tje0", "Tje0").send()))
        .collect();
    let mut picked = Vec::new();
    for request in requests {
        let answer = request.await.unwrap();
        if answer.status == 200 {
            picked.extend(answer.parse::<ChatSessionEntity>().chat_session_id);
        } else {
            error_message(&answer, 404);
        }
    }
    picked
}

async fn world() -> (World, Vec<i32>) {
    // Numbers and waiting times go different ways, so that the order of one is not that of the other.
    let sessions: Vec<(usize, usize)> = (1..=WAITING).map(|id| (id, 1 + id * 7 % 31)).collect();
    let topic = |id: usize| if id.is_multiple_of(2) { "Support" } else { "Hjelp" };
    let world = World::with(&sessions.iter().map(|&(id, ago)| waiting(id, topic(id), ago)).collect::<String>()).await;
    let mut queue = sessions;
    queue.sort_by_key(|&(id, ago)| (std::cmp::Reverse(ago), id));
    (world, queue.into_iter().map(|(id, _)| i32::try_from(id).unwrap()).collect())
}

/// The order in which pickups were committed: that of the welcome messages.
async fn committed(world: &World) -> Vec<i32> {
    world.rows("SELECT session_id FROM messages ORDER BY message_id").await.into_iter().map(|(id,)| id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_pickups_share_thirty_sessions_in_queue_order() {
    let (world, queue) = world().await;
    let picked = race(std::slice::from_ref(&world.http)).await;
    assert_eq!(picked.len(), WAITING, "nobody may get what another got, and the rest get a clean 404");
    assert_eq!(picked.iter().collect::<BTreeSet<_>>().len(), WAITING);
    assert_eq!(committed(&world).await, queue);

    let mut ranks: Vec<Option<i32>> =
        world.sessions_of("tje0", "Tje0").await.into_iter().map(|session| session.rank).collect();
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=30).map(Some).collect::<Vec<_>>(), "no two sessions share a rank");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_file_share_its_queue() {
    let (world, queue) = world().await;
    let other = App::open(world.config()).await.unwrap();
    let picked = race(&[world.http.clone(), test_app(other.router())]).await;
    assert_eq!(picked.iter().collect::<BTreeSet<_>>().len(), WAITING);
    assert_eq!((picked.len(), committed(&world).await), (WAITING, queue));
}

/// Picks up on the store, past sign-in, whose hashing would keep the agents apart.
pub(crate) async fn pick_up(store: &Arc<dyn Store>, user: i32) -> Option<SessionView> {
    let composer = Composer { resources: Arc::new(chat_api::NoResources), culture: None };
    let pickup = PickUp { caller: AssociateId(user), now: NOW.parse().unwrap(), idempotency: None, composer };
    match store.pick_up_first(pickup).await.unwrap() {
        Outcome::Done { view, .. } => Some(*view),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_agents_on_two_servers_empty_the_queues_together() {
    const AGENTS: i32 = 12;
    const EACH: i32 = 8;

    let names: Vec<String> = (1..=AGENTS).map(|number| format!("agent{number}")).collect();
    let users: String = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            format!("[[users]]\nuser = {name:?}\npassword = \"p\"\nfull_name = {name:?}\nid = {}\n", 101 + index)
        })
        .collect();
    let topics: String = (1..=3)
        .map(|topic| {
            let members: Vec<String> =
                names.iter().map(|name| format!("{{ user = {name:?}, permissions = [\"respond\"] }}")).collect();
            format!(
                "[[topics]]\nname = \"T{topic}\"\nwelcome_message = \"Hi {{cque}}\"\nmembers = [{}]\n",
                members.join(", ")
            )
        })
        .collect();
    let sessions: String = (1..=AGENTS * EACH)
        .map(|id| usize::try_from(id).unwrap())
        .map(|id| waiting(id, &format!("T{}", 1 + id % 3), 1 + id * 7 % 50))
        .collect();
    let world = World::empty().await;
    world.import(&(users + &topics + &sessions)).await;
    let other = App::open(world.config()).await.unwrap();

    let pickups: Vec<_> = (0..AGENTS * EACH)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { world.app.store() } else { other.store() });
            tokio::spawn(async move { pick_up(&store, 101 + number % AGENTS).await })
        })
        .collect();
    let mut picked = BTreeSet::new();
    let mut ranks: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for pickup in pickups {
        let view = pickup.await.unwrap().expect("there is a session for everybody");
        assert!(picked.insert(view.session.id), "{} was given twice", view.session.id);
        let user = view.user.expect("the agent").id;
        let seen = world.app.store().sessions_for(user).await.unwrap();
        assert_eq!(
            seen.iter().find(|other| other.session.id == view.session.id).map(|other| &other.session),
            Some(&view.session)
        );
        ranks.entry(user.0).or_default().push(view.session.rank);
    }
    assert_eq!(picked.len(), usize::try_from(AGENTS * EACH).unwrap());
    for (user, mut ranks) in ranks {
        ranks.sort_unstable();
        assert_eq!(ranks, (1..=EACH).collect::<Vec<_>>(), "of user {user}");
    }
    assert!(pick_up(world.app.store(), 101).await.is_none());
    let figures: (i64, i64) = world
        .row(
            "SELECT (SELECT count(*) FROM topics WHERE name LIKE 'T_' AND accepted = 32
                        AND seconds_pr_accept = accept_seconds / 32),
                    (SELECT count(*) FROM messages)",
        )
        .await;
    assert_eq!(figures, (3, 96), "no pickup is missing in the figures, and every customer was welcomed once");
    other.close().await;
}
