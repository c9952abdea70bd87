//! The user's own tickets on the signed-in page.

use chat_server::auth::SecretKind;
use chat_server::records::AssociateId;
use jiff::SignedDuration;

use crate::browser::Browser;
use crate::secrets::{call, issue, user_of};
use crate::support::World;

const TERJE: AssociateId = AssociateId(1);
const INGRID: AssociateId = AssociateId(2);

#[tokio::test]
async fn page_lists_the_users_own_good_tickets_and_no_secret() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    assert!(!browser.get("/signin").await.text().contains("<table>"), "nothing to list");
    let (mine, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    world.clock.advance(SignedDuration::from_mins(1));
    let authenticator = world.app.authenticator();
    let noted = authenticator
        .issue(SecretKind::Ticket, &user_of(&world, TERJE).await, None, "<i>job</i> & more")
        .await
        .unwrap();
    let (revoked, _) = issue(&world, SecretKind::Ticket, TERJE).await;
    authenticator.revoke(SecretKind::Ticket, revoked).await.unwrap();
    let (foreign, _) = issue(&world, SecretKind::Ticket, INGRID).await;
    let (token, _) = issue(&world, SecretKind::Token, TERJE).await;

    let text = browser.get("/signin").await.text();
    let row = |id: i64| text.lines().find(|line| line.starts_with(&format!("<tr><td>{id}</td>"))).map(str::to_owned);
    let mine = row(mine).expect("the ticket");
    assert!(mine.contains("2026-03-02T09:00:00Z") && mine.contains("2026-03-02T21:00:00Z"), "issued, expires: {mine}");
    assert!(row(noted.id).expect("the other").contains("<td>&lt;i&gt;job&lt;/i&gt; &amp; more</td>"));
    for other in [revoked, foreign, token] {
        assert_eq!(row(other), None, "{text}");
    }
    for secret in [ticket.as_str(), noted.secret.expose()] {
        assert!(!text.contains(&secret[3..]), "never the ticket itself");
    }
    assert!(!text.contains("<script"));
    world.clock.advance(SignedDuration::from_hours(12));
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    assert!(!browser.get("/signin").await.text().contains("<table>"), "all have expired");
}

#[tokio::test]
async fn page_revokes_one_or_all_of_the_users_own_tickets() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let (one, first) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, second) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (foreign, ingrids) = issue(&world, SecretKind::Ticket, INGRID).await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    let good = async || {
        let mut statuses = Vec::new();
        for ticket in [&first, &second, &ingrids] {
            statuses.push(call(&world.http, &format!("SoTicket {ticket}"), None).await.status == 200);
        }
        statuses
    };

    let other = Browser::signed_in(&world.http, "ingrid", "i").await;
    for wrong in [&[("ticket", "all")][..], &[("ticket", "all"), ("XSRF_TOKEN", other.cookie("XSRF-TOKEN").unwrap())]] {
        assert_eq!(browser.post("/signin/ticket/revoke", wrong).await.status, 403);
    }
    let foreign_origin =
        crate::browser::form(&world.http, "/signin/ticket/revoke", &[("ticket", "all"), ("XSRF_TOKEN", &xsrf)]);
    let foreign_origin = foreign_origin.header("origin", "https://evil.example.com");
    assert_eq!(browser.send(foreign_origin).await.status, 403);
    for odd in ["", "x", "1 OR 1=1"] {
        assert_eq!(browser.post("/signin/ticket/revoke", &[("ticket", odd), ("XSRF_TOKEN", &xsrf)]).await.status, 400);
    }
    assert_eq!(browser.post("/signin/ticket/revoke", &[("XSRF_TOKEN", &xsrf)]).await.status, 400);
    let nobody =
        Browser::new(&world.http).post("/signin/ticket/revoke", &[("ticket", "all"), ("XSRF_TOKEN", &xsrf)]).await;
    assert_eq!(nobody.status, 303);
    let foreign = foreign.to_string();
    assert_eq!(browser.post("/signin/ticket/revoke", &[("ticket", &foreign), ("XSRF_TOKEN", &xsrf)]).await.status, 303);
    assert_eq!(good().await, [true, true, true], "nothing was revoked");

    let answer = browser.post("/signin/ticket/revoke", &[("ticket", &one.to_string()), ("XSRF_TOKEN", &xsrf)]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, Some("/signin")));
    assert_eq!(good().await, [false, true, true]);
    assert_eq!(browser.post("/signin/ticket/revoke", &[("ticket", "all"), ("XSRF_TOKEN", &xsrf)]).await.status, 303);
    assert_eq!(good().await, [false, false, true]);
    assert_eq!(browser.status_of_call().await, 200, "the session goes on");
}

#[tokio::test]
async fn long_lists_are_cut() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    for _ in 0..100 {
        issue(&world, SecretKind::Ticket, TERJE).await;
    }
    issue(&world, SecretKind::Ticket, TERJE).await;
    let text = browser.get("/signin").await.text();
    assert_eq!(text.matches("<tr><td>").count(), 100);
    assert!(text.contains("Older ones are not shown") && text.contains("<tr><td>101</td>"), "the newest are");
}

#[tokio::test]
async fn page_issues_so_many_tickets_and_no_more() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    let mut last = 0;
    for _ in 0..49 {
        last = issue(&world, SecretKind::Ticket, TERJE).await.0;
    }
    issue(&world, SecretKind::Ticket, INGRID).await;
    issue(&world, SecretKind::Token, TERJE).await;
    assert_eq!(browser.post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await.status, 200, "the fiftieth");
    let refused = browser.post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await;
    assert_eq!(refused.status, 409);
    let text = refused.text();
    assert!(text.contains("You have 50 tickets already. Please revoke one") && !text.contains("7T:"), "{text}");
    world.app.authenticator().revoke(SecretKind::Ticket, last).await.unwrap();
    assert_eq!(browser.post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await.status, 200, "only good ones count");
    issue(&world, SecretKind::Ticket, TERJE).await;
    world.clock.advance(SignedDuration::from_hours(12));
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    assert_eq!(browser.post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await.status, 200, "all have expired");
}
