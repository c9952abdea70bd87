//! Requests of people who mean harm: against the log, against proxies in between, against the database.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::life::{Desk, TJE0};
use crate::schemes::{chat_server, log_of};
use crate::serving::Server;
use crate::support::{FOR_CURRENT_USER, World, exchange};

/// What a forged line would begin with, after whatever ends the line before.
const FORGED: &str = "2026-01-01T00:00:00.000000Z  INFO request{id=forged user=1}: answered status=200";

/// Requests with everything in them that some log, terminal or viewer takes for the end of a line or for a command.
fn forging() -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    for end in [
        "\n",
        "\r\n",
        "\r",
        "\u{b}",
        "\u{85}",
        "\u{2028}",
        "\u{1b}[2K\u{1b}[1G",
        "\u{202e}",
        "\0",
        "\u{9b}2J",
        "\"}\n{\"a\":\"",
        "\\n",
    ] {
        let text = format!("{end}{FORGED}");
        let basic = base64(format!("tje0{text}:Tje0{text}").as_bytes());
        let raw: String = text.chars().filter(|c| !"\r\n\0".contains(*c)).collect();
        let unspaced = raw.replace(' ', "\t");
        for (line, headers) in [
            (format!("GET /api/v1/{}", escape(&text)), String::new()),
            (format!("GET /api/v1/ChatSession/{}", escape(&text)), String::new()),
            (format!("GET {FOR_CURRENT_USER}?{}", escape(&text)), String::new()),
            (format!("GET {FOR_CURRENT_USER}"), format!("Authorization: Basic {basic}\r\n")),
            (
                format!("GET {FOR_CURRENT_USER}"),
                format!("X-Request-Id: {raw}\r\nUser-Agent: {raw}\r\nReferer: {raw}\r\n"),
            ),
            (
                format!("GET {FOR_CURRENT_USER}"),
                format!("Authorization: SoTicket 7T:{raw}\r\nSO-AppToken: {raw}\r\nCookie: session={raw}\r\n"),
            ),
            (
                format!("GET {FOR_CURRENT_USER}"),
                format!("X-Forwarded-For: {raw}\r\nX-Forwarded-Proto: {raw}\r\nForwarded: for={raw}\r\n"),
            ),
            (
                format!("GET {FOR_CURRENT_USER}"),
                format!("SO-TimeZone: {raw}\r\nSO-Culture: {raw}\r\nAccept: {raw}\r\n"),
            ),
            (format!("GET /{unspaced}"), String::new()),
        ] {
            requests.push(format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes());
        }
        requests.push(format!("FORGED{raw} / HTTP/1.1\r\nHost: {raw}\r\n\r\n").into_bytes());
    }
    // Continuation lines, which old proxies joined.
    requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\r\n {FORGED}\r\n\r\n").into_bytes());
    requests.push(b"\xff\xfe\x1b]0;owned\x07\r\n\r\n".to_vec());
    requests
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn no_request_writes_lines_of_its_own_into_the_log() {
    for format in ["text", "json"] {
        let directory = tempfile::tempdir().unwrap();
        let mut command =
            chat_server(directory.path(), &["serve", "--demo", "--listen", "127.0.0.1:0", "--log-format", format]);
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        // Everything that the service itself has to say.
        let mut process = command
            .env("CHAT_LOG_LEVEL", "info,chat_server=trace,chat_api=trace")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let line = BufReader::new(process.stdout.take().unwrap()).lines().next().expect("a line").unwrap();
        let address = line.strip_prefix("listening on http://").expect("the address").parse().unwrap();
        let requests = forging();
        for request in &requests {
            let answer = exchange(address, request).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer}", String::from_utf8_lossy(request));
        }
        let log = log_of(directory.path(), process);
        assert!(log.lines().count() >= requests.len(), "{} requests in {log}", requests.len());
        for line in log.split('\n').filter(|line| !line.is_empty()) {
            let steers = |c: char| {
                c.is_control()
                    || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!line.contains(steers), "{format}: {line:?}");
            assert!(!line.starts_with(FORGED), "{format}: {line:?}");
            if format == "json" {
                let entry: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(entry["timestamp"].is_string() && entry.get("a").is_none(), "{line}");
            } else {
                assert!(
                    line.get(..5).is_some_and(|year| year.ends_with('-')) && !line.starts_with("2026-01-01"),
                    "{line:?}"
                );
            }
        }
    }
}

/// Where two parties could disagree where a request ends, what one takes for its body could be the other's next request.
#[tokio::test]
async fn requests_that_proxies_could_read_differently_carry_no_second_one() {
    let world = World::with("").await;
    let server = Server::start(world.app.clone()).await;
    let second = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let length = second.len();
    for (headers, body) in [
        (format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"), "0\r\n\r\n"),
        (format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"), "0\r\n\r\n"),
        (format!("Content-Length: 0\r\nContent-Length: {length}\r\n"), ""),
        (format!("Content-Length: 0, {length}\r\n"), ""),
        ("Content-Length: +0\r\n".to_owned(), ""),
        ("Content-Length: 0x0\r\n".to_owned(), ""),
        ("Content-Length : 0\r\n".to_owned(), ""),
        ("Transfer-Encoding: xchunked\r\n".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding: chunked, identity\r\n".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding : chunked\r\n".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding:\u{b}chunked\r\n".to_owned(), "0\r\n\r\n"),
        ("X: y\r\n Transfer-Encoding: chunked\r\n".to_owned(), "0\r\n\r\n"),
    ] {
        let request = format!("POST /api/v1/ChatTopic/10/Sessions HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}{second}");
        let answer = exchange(server.address, &request).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{headers}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 4") && !answer.ends_with("ok\n"), "{headers}: {answer}");
    }
    // That the second one is understood where there is no doubt.
    let request = format!("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n{second}");
    assert!(exchange(server.address, &request).await.ends_with("ok\n"));
    server.stop().await;
}

#[tokio::test]
async fn texts_are_never_part_of_a_statement() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let texts = [
        "'; DROP TABLE chat_sessions; --",
        "\" OR \"1\"=\"1",
        "$1 $2 ?1 :name @p %s {0}",
        "\\'; SELECT pg_sleep(10); --",
        "E'\\x27' || '/*' || '*/'",
    ];
    for text in texts {
        assert_eq!(customer.says(&desk, text).await.status, 200, "{text}");
        for path in
            [format!("/api/v1/ChatSession/{}", urlencoded(text)), format!("{FOR_CURRENT_USER}?x={}", urlencoded(text))]
        {
            let answer = desk.http.get(&path).basic(text, text).send().await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.text());
        }
    }
    let read = desk.messages(customer.session).await;
    let said: Vec<&str> = read.iter().filter_map(|message| message["Message"].as_str()).collect();
    for text in texts {
        assert!(said.contains(&text), "{text} in {said:?}");
    }
    assert_eq!(desk.session(TJE0, customer.session).await.status, 200);
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
