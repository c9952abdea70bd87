//! The tables: made once, kept in order.

use chat_server::store::{self, StoreError};
use chat_server::{App, Demo};

use crate::support::{Database, PICKUP, World, ids, is_postgres, test_app, waiting};

#[tokio::test]
async fn opening_again_changes_nothing() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let again = App::open(world.config()).await.unwrap();
    assert!(!again.store().is_empty().await.unwrap());
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1));
}

#[tokio::test]
async fn newer_tables_are_left_alone() {
    let world = World::empty().await;
    world
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let error = App::open(world.config()).await.err().expect("an error");
    assert!(error.to_string().contains("are newer than this program (migration 9999)"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_make_the_tables_at_once() {
    for _ in 0..5 {
        let database = Database::fresh().await;
        let mut opening = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let url = database.url();
            opening.spawn(async move { store::open(&url).await });
        }
        for store in opening.join_all().await {
            store.expect("who comes second finds it done").close().await;
        }
    }
}

#[tokio::test]
async fn demo_fills_an_empty_database_once() {
    let world = World::empty().await;
    let Demo::Filled(imported) = world.app.fill_with_demo().await.unwrap() else { panic!("the database was empty") };
    assert_eq!((imported.users, imported.topics, imported.sessions), (4, 3, 10));
    let before = ids(&world.sessions_of("tje0", "Tje0").await);
    assert_eq!(world.app.fill_with_demo().await.unwrap(), Demo::NotEmpty);
    assert_eq!(ids(&world.sessions_of("tje0", "Tje0").await), before);
    assert!(before.contains(&518));
}

#[tokio::test]
async fn database_in_memory_works_like_a_file() {
    let world = World::empty().await;
    let app =
        App::open(chat_server::Config { database: "sqlite::memory:".to_owned(), ..world.config() }).await.unwrap();
    app.fill_with_demo().await.unwrap();
    let http = test_app(app.router());
    let answer = http.post(PICKUP).basic("tje0", "Tje0").send().await;
    assert_eq!(answer.json()["ChatSessionId"], 518);
}

#[tokio::test]
async fn urls_of_other_databases_are_explained() {
    for url in [
        "",
        "chat.db",
        "mysql://me:secret@localhost/chat",
        "sqlite:",
        "sqlite://",
        "sqlite://x?mode=odd",
        "postgres://me:secret@h:x/",
    ] {
        match store::open(url).await.err() {
            Some(error @ StoreError::Url { .. }) => {
                assert!(!format!("{error} {error:?}").contains("secret"), "{error}")
            }
            other => panic!("{url}: {other:?}"),
        }
    }
    for url in ["sqlite:///nowhere/at/all/chat.db", "postgres://me:secret@127.0.0.1:1/chat?password=secret"] {
        let error = store::open(url).await.err();
        assert!(matches!(error, Some(StoreError::Open { .. })), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn waiting_sessions_are_found_by_their_index() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let statement = "SELECT w.session_id FROM sessions w WHERE w.topic_id = 10 AND w.status = 'InQueue'
                      ORDER BY w.when_requested, w.session_id LIMIT 1";
    let plan: String = if is_postgres() {
        let rows: Vec<(String,)> = world.rows(&format!("EXPLAIN {statement}")).await;
        rows.into_iter().map(|(step,)| step + "\n").collect()
    } else {
        let rows: Vec<(i64, i64, i64, String)> = world.rows(&format!("EXPLAIN QUERY PLAN {statement}")).await;
        rows.into_iter().map(|(_, _, _, step)| step + "\n").collect()
    };
    assert!(plan.contains("sessions_waiting") && !plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
}
