//! The probe tells what servers on loopback did, whatever they did.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it was made")]

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use towpath_core::{
    ports::Probe as _,
    smoke::{Answer, Attempt, BODY_LIMIT, Check, Method, Stage},
};
use towpath_host::HttpProbe;

fn check(url: &str) -> Check {
    Check {
        url: url.to_owned(),
        method: Method::Get,
        status: 200,
        json: std::collections::BTreeMap::new(),
        headers: std::collections::BTreeMap::new(),
        content_type: None,
        contains: None,
        consecutive: 1,
        interval: Duration::ZERO,
        attempt_timeout: Duration::from_secs(5),
        deadline: Duration::from_mins(1),
    }
}

/// A server that sends these bytes to whoever asks, then closes; and what it was asked.
async fn server(bytes: impl Into<Vec<u8>>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/version", listener.local_addr().unwrap());
    let bytes = bytes.into();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = request(&mut stream).await;
        // Who has read enough may hang up.
        drop(stream.write_all(&bytes).await);
        request
    });
    (url, asked)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(request).unwrap()
}

async fn answer(bytes: impl Into<Vec<u8>>) -> Answer {
    let (url, _asked) = server(bytes).await;
    match HttpProbe::direct().attempt(&check(&url)).await {
        Attempt::Answered(answer) => answer,
        attempt @ Attempt::Unreachable { .. } => panic!("{attempt:?}"),
    }
}

async fn refusal(check: &Check) -> (Stage, String) {
    match HttpProbe::direct().attempt(check).await {
        Attempt::Unreachable { stage, reason } => (stage, reason),
        attempt @ Attempt::Answered(_) => panic!("{attempt:?}"),
    }
}

#[tokio::test]
async fn an_answer_is_told_with_status_headers_and_body() {
    let answer = answer("HTTP/1.1 503 Busy\r\nX-Version: 1.4.0\r\nContent-Length: 4\r\n\r\nwait").await;
    assert_eq!((answer.status, answer.body.as_slice()), (503, b"wait".as_slice()));
    assert_eq!(answer.headers["x-version"], "1.4.0");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let answer = answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (302, "http://127.0.0.1:1/"));
}

#[tokio::test]
async fn the_request_names_the_tool_and_carries_nothing_else() {
    let (url, asked) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    HttpProbe::direct().attempt(&check(&url)).await;
    let request = asked.await.unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /version http/1.1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: towpath/", env!("CARGO_PKG_VERSION"))), "{request}");
    for absent in ["authorization", "cookie", "accept-encoding"] {
        assert!(!request.contains(absent), "{request}");
    }
}

#[tokio::test]
async fn head_asks_for_no_body() {
    let (url, asked) = server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    let attempt = HttpProbe::direct().attempt(&Check { method: Method::Head, ..check(&url) }).await;
    assert!(matches!(attempt, Attempt::Answered(answer) if answer.body.is_empty()));
    assert!(asked.await.unwrap().starts_with("HEAD "));
}

#[tokio::test]
async fn a_long_body_is_cut_off() {
    let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    bytes.resize(3 * BODY_LIMIT, b'x');
    assert_eq!(answer(bytes).await.body.len(), BODY_LIMIT);
}

#[tokio::test]
async fn headers_that_are_no_text_or_come_twice_are_told_all_the_same() {
    let answer = answer(b"HTTP/1.1 200 OK\r\nX-Odd: a\xffb\r\nVia: one\r\nVia: two\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((answer.headers["x-odd"].as_str(), answer.headers["via"].as_str()), ("a\u{fffd}b", "one, two"));
}

#[tokio::test]
async fn nobody_listening_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (stage, reason) = refusal(&check(&url)).await;
    assert_eq!(stage, Stage::Connect);
    assert!(reason.starts_with("no connection: ") && reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_no_connection() {
    let (stage, reason) = refusal(&check("http://towpath.invalid/")).await;
    assert_eq!(stage, Stage::Connect, "{reason}");
}

#[tokio::test]
async fn tls_with_a_server_that_speaks_none_is_no_connection() {
    let (url, _asked) = server("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let hung = Check { attempt_timeout: Duration::from_millis(500), ..check(&url.replace("http:", "https:")) };
    let (stage, reason) = refusal(&hung).await;
    assert_eq!(stage, Stage::Connect, "{reason}");
}

#[tokio::test]
async fn silence_after_the_request_is_no_answer_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let begun = Instant::now();
    let silent = Check { attempt_timeout: Duration::from_millis(500), ..check(&url) };
    let (stage, reason) = refusal(&silent).await;
    assert_eq!((stage, reason.as_str()), (Stage::Answer, "connected, but no whole answer within 500ms"));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_whole_answer() {
    for broken in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", "not http at all\r\n\r\n"] {
        let (url, _asked) = server(broken).await;
        let (stage, reason) = refusal(&check(&url)).await;
        assert_eq!(stage, Stage::Answer, "{reason}");
        assert!(reason.starts_with("connected, but no whole answer: ") && !reason.contains("127.0.0.1"), "{reason}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_not_asked() {
    for bad in ["nonsense", "ftp://127.0.0.1/", "http://user:secret@127.0.0.1/", "http://127.0.0.1:99999/"] {
        let (stage, reason) = refusal(&check(bad)).await;
        assert_eq!(stage, Stage::Address, "{reason}");
        assert!(!reason.contains("secret"), "{reason}");
    }
}
