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

/// Columns of a page are read by their places, those of the whole list by their names.
#[tokio::test]
async fn every_column_of_a_page_is_in_its_place() {
    let world = World::with(&(running(1, "Support", "tje0") + "transfer_to = \"ingrid\"\n")).await;
    for (id, table, property) in
        [(1, "person", "PersonId"), (2, "contact", "ContactId"), (3, "project", "ProjectId"), (4, "sale", "SaleId")]
    {
        world.execute(&format!("INSERT INTO {table}s VALUES ({id}, '{{\"{property}\":{id}}}')")).await;
        world.execute(&format!("UPDATE sessions SET {table}_id = {id}")).await;
    }
    world.execute("INSERT INTO tickets VALUES (5, '{\"TicketId\":5}')").await;
    world
        .execute(
            "UPDATE sessions SET ticket_id = 5, customer_alias = 'alias', customer_host = 'host', customer_name = 'name',
                 customer_email = 'e-mail', customer_phone = 'phone', customer_company_name = 'company',
                 first_message = 'first', last_message = 'last', when_requested = 1, when_started = 2, when_ended = 3,
                 when_idle = 4, when_fetched = 5, unanswered_since = 6, session_key = 'key', initial_queue_pos = 7,
                 alert_level = 8, rank = 9, flags = 'flags'",
        )
        .await;
    world
        .execute(
            "UPDATE users SET name = 'n' || associate_id, full_name = 'f' || associate_id, formal_name = 'o' || associate_id,
                 tooltip = 't' || associate_id, type = 'y' || associate_id, person_id = 10 + associate_id,
                 ej_user_id = 20 + associate_id, group_idx = 30 + associate_id, rank = 40 + associate_id,
                 sign_in_generation = 50 + associate_id",
        )
        .await;
    let caller = AssociateId(3);
    let mut before = None;
    // With each truth value at a time.
    for change in [
        "sessions SET customer_consented = true",
        "sessions SET customer_consented = false, was_reset = true",
        "users SET deleted = true WHERE associate_id = 1",
        "users SET deleted = false, disabled = true WHERE associate_id = 2",
        "topic_members SET can_notify = true, can_listen = false WHERE associate_id = 3",
        "topic_members SET can_respond = true, can_notify = false WHERE associate_id = 3",
        "topic_members SET can_manage = true, can_respond = false WHERE associate_id = 3",
    ] {
        let numbers = change.replace("= true", "= 1").replace("= false", "= 0");
        world.execute(&format!("UPDATE {}", world.either(&numbers, change))).await;
        let list = store(&world).sessions_for(caller).await.unwrap();
        assert_eq!(paged(&world, caller, 5).await, list, "{change}");
        assert_ne!(before.replace(list.clone()), Some(list), "{change}");
    }
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
