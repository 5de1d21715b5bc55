//! What the loopback tests share: starting a simulator, and speaking HTTP to it by hand.
//!
//! No AWS SDK here: what goes over the wire is what the tests are about.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

/// A simulator whose clock stands still.
pub(crate) async fn start(scenario: &str) -> Simulator {
    Simulator::start(options(scenario)).await.unwrap()
}

/// How to start one.
pub(crate) fn options(scenario: &str) -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        scenario: Scenario::from_toml(scenario, "test.toml").unwrap(),
        pace: Pace::Stepped,
        state: None,
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Sends a request and reads until the connection ends; `None` if nothing came back.
pub(crate) async fn request(simulator: &Simulator, line: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let answer = String::from_utf8(exchange(simulator, line, headers, body.as_bytes()).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Sends a request and answers every byte that comes back.
pub(crate) async fn exchange(simulator: &Simulator, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let address = simulator.endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (length, headers) = (body.len(), headers.concat());
    let head =
        format!("{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    let _broken_off = stream.read_to_end(&mut answer).await;
    answer
}

/// The headers of a signed awsJson request.
pub(crate) fn signed(account: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIASIM0{account}/20260302/us-west-2/{service}/aws4_request, SignedHeaders=host, Signature=00"
    )
}

/// Calls `AmazonEC2….Operation` as `account`; `None` if nothing came back.
pub(crate) async fn try_call(simulator: &Simulator, account: &str, target: &str, input: &Value) -> Option<Answer> {
    let (service, kind) = match target.split_once('.').unwrap().0 {
        ecs if ecs.starts_with("AmazonEC2ContainerService") => ("ecs", "application/x-amz-json-1.1"),
        ecr if ecr.starts_with("AmazonEC2ContainerRegistry") => ("ecr", "application/x-amz-json-1.1"),
        "GraniteServiceVersion20100801" => ("monitoring", "application/x-amz-json-1.0"),
        "Logs_20140328" => ("logs", "application/x-amz-json-1.1"),
        _ => ("secretsmanager", "application/x-amz-json-1.1"),
    };
    let headers = [
        ("authorization", &*signed(account, service)),
        ("content-type", kind),
        ("x-amz-target", target),
        ("amz-sdk-invocation-id", "0c3b5d5e"),
    ];
    request(simulator, "POST /", &headers, &input.to_string()).await
}

/// The same, when an answer is expected.
pub(crate) async fn call(simulator: &Simulator, account: &str, target: &str, input: &Value) -> Answer {
    try_call(simulator, account, target, input).await.unwrap()
}

/// Calls STS, signed by `access_key`.
pub(crate) async fn sts(simulator: &Simulator, access_key: &str, form: &str) -> Answer {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/20260302/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00"
    );
    let headers = [("authorization", &*authorization), ("content-type", "application/x-www-form-urlencoded")];
    request(simulator, "POST /", &headers, form).await.unwrap()
}

/// Calls a service of awsQuery as `account` in us-west-2.
pub(crate) async fn query(simulator: &Simulator, account: &str, service: &str, form: &str) -> Answer {
    let headers =
        [("authorization", &*signed(account, service)), ("content-type", "application/x-www-form-urlencoded")];
    request(simulator, "POST /", &headers, form).await.unwrap()
}
