//! The sessions that a user sees, page by page.

use chat_server::records::{AssociateId, SessionId, SessionView};

use crate::lives::store;
use crate::support::{World, running, waiting};

async fn paged(world: &World, caller: AssociateId, limit: u32) -> Vec<SessionView> {
    let mut all: Vec<SessionView> = Vec::new();
    let mut after = SessionId(0);
    loop {
        let page = store(world).sessions_page(caller, after, limit).await.unwrap();
        assert!(page.sessions.len() <= usize::try_from(limit).unwrap());
        assert!(page.next.is_none() || page.sessions.len() == usize::try_from(limit).unwrap());
        all.extend(page.sessions.iter().map(|session| session.view().unwrap()));
        match page.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

#[tokio::test]
async fn pages_make_up_the_list() {
    let mut sessions = String::new();
    for id in 1..=40 {
        sessions += &match id % 5 {
            0 => running(id, "Sales", "tje0"),
            1 => waiting(id, "Support", id),
            2 => running(id, "Sales", "ingrid") + "transfer_to = \"tje0\"\n",
            3 => running(id, "Support", "tje0").replace("UserLast", "Deleted"),
            _ => waiting(id, "Sales", id),
        };
    }
    // Far away from the others, and the highest number of all.
    sessions += &(running(1_000_000, "Hjelp", "tje0") + &waiting(i32::MAX as usize, "Support", 1));
    let world = World::with(&sessions).await;
    for caller in 1..=5 {
        let caller = AssociateId(caller);
        let list = store(&world).sessions_for(caller).await.unwrap();
        for limit in [1, 2, 3, 7, 100] {
            assert_eq!(paged(&world, caller, limit).await, list, "{caller}, {limit} a page");
        }
    }
    assert_eq!(store(&world).sessions_for(AssociateId(1)).await.unwrap().len(), 26);
    let behind = store(&world).sessions_page(AssociateId(1), SessionId(i32::MAX), 5).await.unwrap();
    assert!(behind.sessions.is_empty() && behind.next.is_none());
}

/// Reading a page must not mean looking through everything that comes before or behind it.
#[tokio::test]
async fn page_is_found_by_the_indexes() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    // As the store asks, for the widest of its three walks.
    let statement = "SELECT v.session_id FROM topic_members vm
                       JOIN sessions v ON v.topic_id = vm.topic_id AND v.session_id > 5 AND v.session_id <= 105
                      WHERE vm.associate_id = 1";
    if !crate::support::is_postgres() {
        let rows: Vec<(i64, i64, i64, String)> = world.rows(&format!("EXPLAIN QUERY PLAN {statement}")).await;
        let plan: String = rows.into_iter().map(|(_, _, _, step)| step + "\n").collect();
        assert!(
            plan.contains("COVERING INDEX sessions_by_topic (topic_id=? AND session_id>? AND session_id<?)"),
            "{plan}"
        );
    }
}
