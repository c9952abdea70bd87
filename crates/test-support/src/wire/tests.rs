use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Count: 1\r\n";
const ERROR: &str = r#"{"Error":true,"ErrorMessage":"m"}"#;

fn wire() -> Wire {
    let contract =
        Contract::parse(include_str!("../../tests/fixtures/contract.yaml")).expect("the fixture is a contract");
    Wire::new(Arc::new(contract))
}

/// The bodies that come of these bytes, and the report; whole and byte by byte, which must be the same.
fn bodies(sent: &str, received: &str) -> (Vec<String>, Option<String>) {
    let found = |pieces: Vec<&[u8]>| {
        let mut wire = wire();
        sent.as_bytes().chunks(pieces[0].len()).for_each(|piece| wire.sent(piece));
        let mut bodies = Vec::new();
        for piece in pieces {
            match wire.received(piece) {
                Ok(answers) => bodies.extend(answers.iter().map(TestResponse::text)),
                Err(report) => return (bodies, Some(report)),
            }
        }
        match wire.ended() {
            Ok(last) => bodies.extend(last.iter().map(TestResponse::text)),
            Err(report) => return (bodies, Some(report)),
        }
        (bodies, None)
    };
    let whole = found(vec![received.as_bytes()]);
    let pieces = found(received.as_bytes().chunks(1).collect());
    assert_eq!(whole.1.is_some(), pieces.1.is_some(), "{whole:?} {pieces:?}");
    assert!(whole.1.is_some() || whole == pieces, "{whole:?} {pieces:?}");
    pieces
}

#[test]
fn answers_are_told_apart_by_their_requests() {
    let error = format!(
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{ERROR}",
        ERROR.len()
    );
    for (sent, received, expected) in [
        (
            "GET /books HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n",
            format!("{OK}Content-Length: 2\r\n\r\n[]{error}"),
            &["[]", ERROR][..],
        ),
        (
            "POST /books HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET / HTTHEAD /books HTTP/1.1\r\n\r\nGET http://x/books?top=1 HTTP/1.1\r\n\r\n",
            format!(
                "HTTP/1.1 204 No Content\r\n\r\n{OK}Content-Length: 2\r\n\r\n{OK}Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n3;a=b\r\n{{}}]\r\n0\r\nTrailer: x\r\n\r\n"
            ),
            &["", "", "[{}]"],
        ),
        (
            "POST /books HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /books HTTP/1.1\r\n\r\n",
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n{OK}\r\n[{{\"Id\":1}}]"),
            &["", "[{\"Id\":1}]"],
        ),
        // What is no request is refused in the documented form.
        ("GET /books HTTP/1.1\r\nHo", error.clone(), &[ERROR]),
        ("\u{1}\u{2}\r\n\r\nGET /books HTTP/1.1\r\n\r\n", error, &[ERROR]),
    ] {
        let (found, report) = bodies(sent, &received);
        assert_eq!((found, report), (expected.iter().map(|body| (*body).to_owned()).collect(), None), "{sent}");
    }
}

#[test]
fn answers_that_break_the_contract_are_reported() {
    const BOOKS: &str = "GET /books HTTP/1.1\r\n\r\n";
    for (sent, received, expected) in [
        (BOOKS, format!("{OK}Content-Length: 2\r\n\r\n{{}}"), "the answer to GET /books breaks the contract (200 OK)"),
        (BOOKS, "HTTP/1.1 418 Tea\r\n\r\n".to_owned(), "status 418 is not in the contract"),
        (BOOKS, format!("{OK}Content-Length: 3\r\n\r\n[]"), "an answer breaks off"),
        (BOOKS, format!("{OK}Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"), "an answer breaks off"),
        (BOOKS, "HTTP/1.1 200 OK\r\nContent-Ty".to_owned(), "an answer breaks off"),
        (BOOKS, "hello".to_owned(), "no HTTP"),
        (BOOKS, format!("{OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "no chunk"),
        ("GET /bo", format!("{OK}Content-Length: 2\r\n\r\n[]"), "status 200 OK for what is no request"),
        (
            "GET /bo",
            "HTTP/1.1 408 Late\r\nContent-Length: 2\r\n\r\nno".to_owned(),
            "an error must have a JSON or XML body",
        ),
    ] {
        let (_, report) = bodies(sent, &received);
        assert!(report.as_ref().is_some_and(|report| report.contains(expected)), "{received}: {report:?}");
    }
}
