//! As much HTTP as the simulator's control interface needs: one request, one JSON answer, over loopback.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request and answers the JSON that comes back.
pub(crate) fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> Result<Value> {
    send_with(address, method, path, &[], body)
}

/// The same with headers.
pub(crate) fn send_with(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Value> {
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    exchange(address, method, path, &headers.concat(), body).with_context(|| format!("{method} {path}"))
}

fn exchange(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Result<Value> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )?;
    parse(&answer(BufReader::new(stream))?)
}

/// The answer's text. Not every server closes the connection, though it was asked to: what says its length ends there.
fn answer(mut stream: impl BufRead) -> Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head)? > 0 {}
    let lengths = head.lines().filter_map(|line| line.split_once(':'));
    let length =
        lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, length)| length).next();
    let most = length.map_or(Ok(u64::MAX), |length| length.trim().parse()).context("a length that is no number")?;
    stream.take(most).read_to_string(&mut head)?;
    Ok(head)
}

fn parse(answer: &str) -> Result<Value> {
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no body")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status == "200", "the answer is {status}: {body}");
    serde_json::from_str(body).context("the answer is not JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_ends_where_it_says_or_with_the_connection() {
        let check = |sent: &str, expected: &str| assert_eq!(answer(sent.as_bytes()).unwrap(), expected);
        check("HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\n{}more", "HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\n{}");
        check("HTTP/1.1 200 OK\r\n\r\n{}more", "HTTP/1.1 200 OK\r\n\r\n{}more");
        check("HTTP/1.1 200 OK", "HTTP/1.1 200 OK");
    }

    #[test]
    fn an_answer_is_its_body_and_a_refusal_says_why() {
        let answer = parse("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}").unwrap();
        assert_eq!(answer, json!({"a": 1}));
        let error = parse("HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":\"no\"}").unwrap_err();
        assert_eq!(error.to_string(), "the answer is 400: {\"error\":\"no\"}");
    }
}
