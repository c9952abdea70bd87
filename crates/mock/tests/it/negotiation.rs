//! Which form an answer has.

use crate::call::Running;
use crate::library;

#[tokio::test]
async fn json_and_xml() {
    let mock = Running::of(library()).await;
    for (accept, expected) in [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/xml"),
        ("application/*", "application/json"),
    ] {
        let answer = mock.call("GET /books", &[&format!("accept: {accept}")], "").await;
        assert_eq!((answer.status().as_u16(), answer.header("content-type")), (200, expected), "{accept}");
        assert_eq!(answer.header("vary"), "Accept");
    }
    // The example of one form is the other's too.
    let xml = mock.call("GET /books", &["accept: application/xml"], "").await;
    assert_eq!(
        xml.text(),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><ArrayOfBook><Book><id>1</id><title>One</title></Book>\
         <Book><id>2</id><title>Two</title></Book></ArrayOfBook>"
    );
}

#[tokio::test]
async fn what_nobody_offers() {
    let mock = Running::of(library()).await;
    let refused = mock.call("GET /books", &["accept: text/csv"], "").await;
    assert_eq!((refused.status().as_u16(), refused.header("content-type")), (406, "application/problem+json"));
    assert_eq!(refused.json()["offered"], serde_json::json!(["application/json", "application/xml"]));
    // Nothing to negotiate about.
    assert_eq!(mock.call("DELETE /books/3", &["accept: text/csv"], "").await.status(), 204);
}

#[tokio::test]
async fn errors_follow_the_caller() {
    let mock = Running::of(library()).await;
    let xml = mock.call("GET /nowhere", &["accept: application/xml"], "").await;
    assert_eq!((xml.status().as_u16(), xml.header("content-type")), (404, "application/problem+xml"));
    assert!(xml.text().contains("<detail>the contract has no path that matches `/nowhere`</detail>"), "{}", xml.text());
    let other = mock.call("GET /nowhere", &["accept: text/csv"], "").await;
    assert_eq!(other.header("content-type"), "application/problem+json");
}
