//! Customers, who prove themselves by the key of their session.

use chat_server::config::CustomerSettings;
use chat_server::{App, Config};
use chat_test_support::TestApp;
use serde_json::{Value, json};

use super::{Desk, KEY, LENA, STATES, TJE0, in_every_state, in_state, path};
use crate::browser::Browser;
use crate::support::{error_message, test_app};

/// The steps of a customer and the states that admit them, with the state that follows.
const STEPS: [(&str, &[(&str, &str)]); 2] = [
    ("Messages", &[("InQueue", "InQueue"), ("CustomerLast", "CustomerLast"), ("UserLast", "CustomerLast")]),
    (
        "End",
        &[
            ("PreChatForm", "Closed"),
            ("Faq", "Closed"),
            ("OfflineForm", "Closed"),
            ("InQueue", "ClosedFromQueue"),
            ("CustomerLast", "Closed"),
            ("UserLast", "Closed"),
            ("Finished", "Closed"),
            ("RequestPosted", "Closed"),
        ],
    ),
];

#[tokio::test]
async fn customers_get_as_far_as_the_state_admits_with_the_right_key_alone() {
    for (step, admitted) in STEPS {
        let desk = Desk::with(&in_every_state()).await;
        for state in STATES {
            let session = in_state(state);
            let send = async |key: &str| {
                let request = desk.post(&path(session, step)).header(KEY, key).json(&json!({ "Message": "Hi" }));
                request.send().await
            };
            let other = format!("the-key-{}", session % 12 + 1);
            for key in [&*other, "the-key", "THE-KEY-1"] {
                let refused = send(key).await;
                assert_eq!(refused.header("www-authenticate"), Some("ChatSessionKey realm=\"chat-server\""));
                error_message(&refused, 401);
            }
            let answer = send(&format!("the-key-{session}")).await;
            match admitted.iter().find(|(before, _)| *before == state) {
                Some((_, after)) => {
                    assert_eq!(answer.status, 200, "{step} {state}: {}", answer.text());
                    let now = desk.session(super::INGRID, session).await.json();
                    assert_eq!(now["Status"], *after, "{step} {state}");
                }
                // Nobody is told of what is not there any more.
                None if ["Invalid", "Deleted"].contains(&state) => {
                    error_message(&answer, 401);
                }
                None => {
                    let message = error_message(&answer, 409);
                    assert_eq!(message, format!("this state of the session does not admit it: it is `{state}`"));
                }
            }
        }
    }
}

#[tokio::test]
async fn wrong_key_and_unknown_session_are_told_alike() {
    let desk = Desk::with("").await;
    let customer = desk.customer().await;
    let mut answers = Vec::new();
    for session in [customer.session, 999] {
        for step in ["Messages", "End", "Transcript"] {
            let request = desk.post(&path(session, step)).header(KEY, "wrong").json(&json!({ "Message": "Hi" }));
            answers.push(error_message(&request.send().await, 401));
        }
        answers.push(error_message(&desk.http.get(&path(session, "Messages")).header(KEY, "wrong").send().await, 401));
    }
    answers.dedup();
    assert_eq!(answers, ["the key is not that of the session, or there is no such session"]);
    let request = desk.post(&path(customer.session, "End")).header(KEY, "wrong").header("so-language", "NO");
    let message = error_message(&request.send().await, 401);
    assert_eq!(message, "Nøkkelen er ikke den til samtalen, eller samtalen finnes ikke.");
}

#[tokio::test]
async fn key_opens_nothing_else() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let session = customer.session;
    for (method, path) in [
        ("GET", format!("/api/v1/ChatSession/{session}")),
        ("GET", "/api/v1/ChatSession/ForCurrentUser".to_owned()),
        ("GET", "/api/v1/ChatTopic/ForCurrentUser".to_owned()),
        ("GET", "/api/v1/Presence/GetAll".to_owned()),
        ("POST", "/api/v1/Presence/SaveAll".to_owned()),
        ("POST", "/api/v1/ChatSession/Pickup".to_owned()),
        ("POST", path(session, "Pickup")),
        ("POST", path(session, "TransferTo/2")),
        ("POST", path(session, "AcceptTransfer")),
        ("POST", path(session, "RejectTransfer")),
        ("POST", path(session, "Reset")),
    ] {
        let answer = desk.http.request(method.parse().unwrap(), &path).header(KEY, &customer.key).send().await;
        assert!(error_message(&answer, 401).starts_with("not signed in"), "{path}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic"), "{path}");
    }
    let answer = desk.http.get(&path(session, "Messages")).send().await;
    assert!(error_message(&answer, 401).starts_with("not signed in"));
    for key in ["", "two words", "ø"] {
        let request = desk.http.get(&path(session, "Messages")).raw_header(KEY, key.as_bytes());
        let status = request.send().await.status.as_u16();
        assert!([400, 401].contains(&status), "{key}: {status}");
    }
}

#[tokio::test]
async fn authorization_counts_before_the_key_and_the_key_before_a_cookie() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let send = |request: chat_test_support::TestRequest| {
        request.header(KEY, &customer.key).json(&json!({ "Message": "Hi" })).send()
    };
    let messages = path(customer.session, "Messages");
    // A listener, who may not write, though the customer may.
    error_message(&send(desk.post(&messages).basic(LENA.0, LENA.1)).await, 403);
    error_message(&send(desk.post(&messages).basic(TJE0.0, "wrong")).await, 401);
    error_message(&send(desk.post(&messages).bearer("8A:x")).await, 401);
    let by_customer = send(desk.post(&messages).header("cookie", "session=whatever")).await;
    assert_eq!((by_customer.status.as_u16(), &by_customer.json()["Type"]), (200, &json!("ToUser")));
    let by_user = send(desk.post(&messages).basic(TJE0.0, TJE0.1)).await;
    assert_eq!(by_user.json()["Type"], "ToCustomer");
}

/// Browsers send cookies for as long as they keep them, whoever sits in front of them.
#[tokio::test]
async fn cookie_alone_makes_nobody_a_user_where_nobody_has_to_be_one() {
    let desk = Desk::with("").await;
    let browser = Browser::signed_in(&desk.http, TJE0.0, TJE0.1).await;
    let (cookies, own) = (browser.cookie_header(), browser.cookie("XSRF-TOKEN").unwrap());
    // Users are not counted among the customers of their address, who have come to their limit here.
    for (method, path) in [("POST", "/api/v1/ChatTopic/10/Sessions"), ("GET", "/api/v1/ChatTopic/10/IsOpen")] {
        let limits = CustomerSettings { starts_per_minute: 1, requests_per_minute: 1, ..CustomerSettings::default() };
        let app = App::open(Config { customers: limits, ..desk.world.config() }).await.unwrap();
        let limited = test_app(app.router());
        let send = async |http: &TestApp, cookies: &str, xsrf: Option<&str>| {
            let request = http.request(method.parse().unwrap(), path).header("cookie", cookies);
            let request = if method == "POST" { request.json(&json!({})) } else { request };
            xsrf.iter().fold(request, |request, xsrf| request.header("x-xsrf-token", xsrf)).send().await.status.as_u16()
        };
        assert_eq!(send(&limited, "", None).await, 200, "{path}");
        for (cookies, xsrf, answered, at_the_limit) in [
            ("session=left-over", None, 200, 429),
            ("session=left-over; session=foreign", None, 200, 429),
            (&*cookies, None, 200, 429),
            (&cookies, Some(own), 200, 200),
            (&cookies, Some("wrong"), 403, 403),
            (&cookies, Some(""), 403, 403),
            ("session=left-over", Some(own), 401, 401),
        ] {
            assert_eq!(send(&desk.http, cookies, xsrf).await, answered, "{path} {cookies} {xsrf:?}");
            assert_eq!(send(&limited, cookies, xsrf).await, at_the_limit, "{path} {cookies} {xsrf:?}");
        }
    }
}

#[tokio::test]
async fn customers_are_told_that_they_may_read_their_key() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let ended = customer.ends(&desk).await.json();
    assert_eq!(ended["SessionKey"], customer.key.as_str());
    let right = &ended["FieldProperties"]["SessionKey"]["FieldRight"];
    assert_eq!(*right, json!({ "Mask": "Read", "Reason": "[SR_RIGHT_SET_BY_SERVICE]" }));
    assert_eq!(ended["TableRight"]["Mask"], "Select");
}

#[tokio::test]
async fn customers_see_who_answers_and_nothing_of_the_crm() {
    let session = "[[sessions]]\nid = 1\ntopic = \"Support\"\nstatus = \"UserLast\"\nuser = \"tje0\"\nkey = \"the-key\"\n\
                   requested = { minutes_ago = 9 }\nstarted = { minutes_ago = 8 }\ntransfer_to = \"ingrid\"\nsale = 5\n";
    let desk = Desk::with(&format!("{session}[[sales]]\nSaleId = 5\nAmount = 12.5\n")).await;
    let ended = desk.post(&path(1, "End")).header(KEY, "the-key").send().await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    let ended = ended.json();
    assert_eq!((&ended["Status"], &ended["SessionKey"]), (&json!("Closed"), &json!("the-key")));
    let user = ended["User"].as_object().unwrap();
    let told: Vec<&str> = user.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, ["FullName"]);
    assert_eq!((&ended["Sale"], &ended["TransferTo"]), (&Value::Null, &Value::Null));
    assert_eq!(desk.session(super::INGRID, 1).await.json()["Sale"]["Amount"], 12.5);
}
