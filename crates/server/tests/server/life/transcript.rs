//! A conversation as people read it.

use chat_server::{App, Config};
use chat_test_support::TestRequest;
use serde_json::json;

use super::{Desk, KEY, LENA, TJE0, path};
use crate::support::{error_message, test_app};

async fn conversation() -> (Desk, super::Customer) {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    customer.says(&desk, "<b>Me</b> & you\n10:00 Terje Jensen: yes").await;
    desk.stepped(TJE0, customer.session, "TransferTo/2").await;
    desk.stepped(super::INGRID, customer.session, "RejectTransfer").await;
    desk.stepped(TJE0, customer.session, "End").await;
    (desk, customer)
}

async fn text(request: TestRequest, headers: &[(&str, &str)]) -> String {
    let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["Text"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn transcript_is_in_the_callers_language_culture_and_zone() {
    let (desk, customer) = conversation().await;
    let transcript = || desk.post(&path(customer.session, "Transcript")).basic(LENA.0, LENA.1);
    let said = |time: &str, day: &str| {
        format!(
            "Support: Kari Nordmann\n\n{day}\n\n{time} Kari Nordmann: Where is my parcel?\n\
             {time} Terje Jensen: Number 1, after 00:00.\n\
             {time} Kari Nordmann: <b>Me</b> & you\n    10:00 Terje Jensen: yes\n"
        )
    };
    let in_english =
        "{t} – Ingrid Solberg did not take over the conversation.\n{t} – Terje Jensen ended the conversation.";
    let in_norwegian = "{t} – Ingrid Solberg overtok ikke samtalen.\n{t} – Terje Jensen avsluttet samtalen.";
    for (headers, time, day, end) in [
        (&[][..], "09:00", "2026-03-02 (UTC+00:00)", in_english),
        (&[("so-language", "NO"), ("so-timezone", "NO")], "10:00", "02.03.2026 (UTC+01:00)", in_norwegian),
        (
            &[("so-language", "NO"), ("so-culture", "en-US"), ("so-timezone", "US-NY")],
            "4:00\u{202f}AM",
            "3/2/2026 (UTC\u{2212}05:00)",
            in_norwegian,
        ),
        (&[("accept-language", "en-GB")], "09:00", "02/03/2026 (UTC+00:00)", in_english),
    ] {
        let expected = said(time, day) + &end.replace("{t}", time);
        assert_eq!(text(transcript(), headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn customers_have_it_without_what_is_not_theirs_and_html_holds_no_markup_of_people() {
    let (desk, customer) = conversation().await;
    let request = || desk.post(&path(customer.session, "Transcript")).header(KEY, &customer.key);
    let answer = request().send().await.json();
    assert_eq!(
        (&answer["Title"], &answer["ChatSessionId"]),
        (&json!("Support: Kari Nordmann"), &json!(customer.session))
    );
    assert!(!answer["Text"].as_str().unwrap().contains("take over"));
    let html = answer["Html"].as_str().unwrap();
    assert!(html.starts_with("<article><h1>Support: Kari Nordmann</h1>") && html.ends_with("</article>"), "{html}");
    assert!(html.contains("&lt;b&gt;Me&lt;/b&gt; &amp; you<br>10:00 Terje Jensen: yes"), "{html}");
    let xml = request().header("accept", "application/xml").send().await;
    assert!(xml.text().contains("<ChatTranscript"), "{}", xml.text());
    let refused = desk.post(&path(customer.session, "Transcript")).header(KEY, "wrong").send().await;
    error_message(&refused, 401);
}

/// A conversation that is translated says the same as its messages, and no translation brings markup with it.
#[tokio::test]
async fn texts_are_translated_once_and_then_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let texts = "SR_BOLD = \"<b>R&D</b>\"\nSR_AGAIN = \"[SR_BOLD]\"\n";
    std::fs::write(folder.path().join("en.toml"), texts).unwrap();
    let desk = Desk::with("").await;
    let config = Config { resources_folder: Some(folder.path().to_owned()), ..desk.world.config() };
    let http = test_app(App::open(config).await.unwrap().router());
    let customer = desk.conversation().await;
    for (text, translated, escaped) in [
        ("[SR_BOLD] & [SR_AGAIN]", "<b>R&D</b> & [SR_BOLD]", "&lt;b&gt;R&amp;D&lt;/b&gt; &amp; [SR_BOLD]"),
        ("US:\"<i>[SR_BOLD]\";NO:\"b\"", "<i><b>R&D</b>", "&lt;i&gt;&lt;b&gt;R&amp;D&lt;/b&gt;"),
    ] {
        customer.says(&desk, text).await;
        let ask = |request: TestRequest| request.basic(LENA.0, LENA.1).header("so-language", "en").send();
        let messages = ask(http.get(&path(customer.session, "Messages"))).await.json();
        assert_eq!(messages.as_array().unwrap().last().unwrap()["Message"], translated);
        let transcript = ask(http.post(&path(customer.session, "Transcript"))).await.json();
        let html = transcript["Html"].as_str().unwrap();
        assert!(html.ends_with(&format!("<bdi>{escaped}</bdi></p></article>")), "{html}");
        let text = transcript["Text"].as_str().unwrap();
        assert!(text.ends_with(&format!(": {translated}")), "{text}");
    }
}
