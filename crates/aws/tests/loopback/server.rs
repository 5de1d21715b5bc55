//! A tiny HTTP server that answers by a function and remembers what it was asked.
//!
//! It speaks just enough HTTP/1.1 for the SDK: one request after another, with content-length.

use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use towpath_aws::{AccessKeys, Aws, Patience, Settings, Source};
use towpath_core::{
    ports::{CallError, Fault},
    rollout::ServiceKey,
};

use crate::cbor;

pub(crate) const SHOP: &str = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:8";

/// What the server does once it has read a request.
pub(crate) enum Act {
    /// Answers with this status and JSON.
    Json(u16, Value),
    /// Answers with this status and CBOR.
    Cbor(u16, Value),
    /// Answers with this status and text.
    Text(u16, String),
    /// Answers, and ends the connection in the middle of the body.
    Cut(String),
    /// Ends the connection without an answer.
    Close,
    /// Never answers.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The operation: what follows the dot of the target, or the form's action, or the end of an RPC's path.
    pub(crate) fn operation(&self) -> String {
        let text = self.text();
        let action = text.split('&').find_map(|field| field.strip_prefix("Action="));
        let target = self.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let path = self.head.split(' ').nth(1).and_then(|path| path.split_once("/operation/"));
        target.or(action).or(path.map(|(_, operation)| operation)).unwrap_or_default().to_owned()
    }

    /// The body as far as it is text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Requests = Arc<Mutex<Vec<Request>>>;

/// A server that ends with its handle.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Requests,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Serves; `act` is given each request with its number, from 1.
    pub(crate) async fn start(act: impl Fn(usize, &Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, act) = (Requests::default(), Arc::new(act));
        let (mut tasks, seen) = (JoinSet::new(), Arc::clone(&requests));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&seen), Arc::clone(&act)));
            }
        });
        Self { address, requests, _tasks: tasks }
    }

    pub(crate) fn settings(&self) -> Settings {
        settings(self.address)
    }

    pub(crate) async fn aws(&self) -> Aws {
        Aws::connect(self.settings()).await.unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn operations(&self) -> Vec<String> {
        self.requests().iter().map(Request::operation).collect()
    }
}

/// Impatient settings, with fixed keys that belong to a user.
pub(crate) fn settings(address: SocketAddr) -> Settings {
    Settings {
        endpoint: Some(format!("http://{address}")),
        source: Source::Keys(AccessKeys::new("AKIATEST", "hush", None)),
        patience: Patience {
            attempt: Duration::from_millis(400),
            read_attempts: 3,
            first_pause: Duration::from_millis(4),
            ..Patience::default()
        },
        ..Settings::new("us-west-2".parse().unwrap(), "111111111111".parse().unwrap())
    }
}

pub(crate) fn key(cluster: &str, service: &str) -> ServiceKey {
    ServiceKey { cluster: cluster.parse().unwrap(), service: service.parse().unwrap() }
}

/// A denial in AWS's words, and what it must be read as.
pub(crate) fn denial(action: &str, resource: &str) -> (String, Fault) {
    let principal = "arn:aws:sts::111111111111:assumed-role/ci/run";
    let message = format!(
        "User: {principal} is not authorized to perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
    );
    let owned = |text: &str| Some(text.to_owned());
    (message, Fault::Denied { principal: owned(principal), action: owned(action), resource: owned(resource) })
}

/// A kind of failure that all reads have: what the server does, and what it must be taken for.
pub(crate) fn unanswered() -> [fn() -> Act; 5] {
    [
        || Act::Close,
        || Act::Text(500, String::new()),
        || Act::Text(503, "<html>busy</html>".to_owned()),
        || Act::Text(200, "<html>hush</html>".to_owned()),
        || Act::Cut("<html>hush</html>".to_owned()),
    ]
}

/// That this is a read without an answer that can be understood, and that no answer is quoted.
pub(crate) fn check_unanswered(error: &CallError) {
    assert!(matches!(error.fault, Fault::Unanswered { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
}

/// An error answer as ECS gives it.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Act {
    Act::Json(status, serde_json::json!({"__type": code, "message": message}))
}

async fn serve(mut stream: TcpStream, requests: Requests, act: Arc<impl Fn(usize, &Request) -> Act>) {
    while let Some(request) = read(&mut stream).await {
        let number = {
            let mut requests = requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        let (status, body, sent) = match act(number, &request) {
            Act::Json(status, value) => (status, value.to_string().into_bytes(), usize::MAX),
            Act::Cbor(status, value) => (status, cbor::encode(&value), usize::MAX),
            Act::Text(status, text) => (status, text.into_bytes(), usize::MAX),
            Act::Cut(text) => (200, text.into_bytes(), 5),
            Act::Close => return,
            Act::Hang => std::future::pending().await,
        };
        let protocol = request.header("smithy-protocol").map(|name| format!("smithy-protocol: {name}\r\n"));
        let protocol = protocol.unwrap_or_default();
        let head = format!("HTTP/1.1 {status} X\r\n{protocol}content-length: {}\r\n\r\n", body.len());
        let part = &body[..body.len().min(sent)];
        let answer = [head.as_bytes(), part].concat();
        if stream.write_all(&answer).await.is_err() || part.len() < body.len() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    };
    let body = bytes.split_off(end + 4);
    let mut request = Request { head: String::from_utf8(bytes).unwrap(), body };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while request.body.len() < length {
        stream.read_buf(&mut request.body).await.ok().filter(|read| *read > 0)?;
    }
    assert_eq!(request.body.len(), length, "no byte comes after the announced length");
    Some(request)
}
