//! Many agents at once.

use std::collections::BTreeSet;

use chat_models::ChatSessionEntity;
use chat_server::App;
use chat_test_support::TestApp;

use crate::support::{PICKUP, World, error_message, test_app, waiting};

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
    sqlx::query_scalar("SELECT session_id FROM messages ORDER BY message_id")
        .fetch_all(&world.tables().await)
        .await
        .unwrap()
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
