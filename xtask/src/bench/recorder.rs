//! A proxy that notes when each call began and ended, which the simulator's log of calls does not say.
//!
//! It knows only as much HTTP as AWS's clients and the simulator speak: bodies with a length, over plain connections.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result};

use super::chain::Call;

/// Listens for as long as this program runs; what it has noted can be taken at any time.
#[derive(Debug)]
pub(super) struct Recorder {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recorder {
    /// Starts a proxy in front of the server at `upstream`.
    pub(super) fn before(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let calls = Arc::default();
        let recorder = Self { address, calls: Arc::clone(&calls) };
        let start = Instant::now();
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                let calls = Arc::clone(&calls);
                // A connection that breaks off is the client's or the server's, and they say so themselves.
                thread::spawn(move || drop(relay(&client, upstream, &calls, start)));
            }
        });
        Ok(recorder)
    }

    /// Where clients find it.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was noted since the last time.
    pub(super) fn take(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut calls)
    }
}

/// One connection, request after request.
fn relay(client: &TcpStream, upstream: SocketAddr, calls: &Mutex<Vec<Call>>, start: Instant) -> Result<()> {
    let server = TcpStream::connect(upstream)?;
    for stream in [client, &server] {
        stream.set_nodelay(true)?;
    }
    let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(&server));
    let (mut to_client, mut to_server) = (client, &server);
    while let Some(request) = Message::read(&mut requests)? {
        let began = start.elapsed();
        to_server.write_all(&request.bytes)?;
        let Some(answer) = Message::read(&mut answers)? else {
            return Ok(());
        };
        let ended = start.elapsed();
        let call = Call { operation: request.operation(), began, ended };
        calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        to_client.write_all(&answer.bytes)?;
    }
    Ok(())
}

/// A request or an answer, whole.
struct Message {
    head: String,
    bytes: Vec<u8>,
}

impl Message {
    /// Reads one; `None` where the connection ends before it.
    fn read(from: &mut impl BufRead) -> Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head)? == 0 {
                return Ok(None);
            }
        }
        let length = header(&head, "content-length").map_or(Ok(0), str::parse)?;
        let mut bytes = head.clone().into_bytes();
        from.take(length).read_to_end(&mut bytes)?;
        Ok(Some(Self { head, bytes }))
    }

    /// What is asked for: in a header for the JSON protocol, in the body for the query protocol.
    fn operation(&self) -> String {
        if let Some((_, operation)) = header(&self.head, "x-amz-target").and_then(|target| target.rsplit_once('.')) {
            return operation.to_owned();
        }
        let text = String::from_utf8_lossy(&self.bytes);
        let form = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
        action.unwrap_or("unknown").to_owned()
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, expected: &str) {
        let message = Message::read(&mut request.as_bytes()).unwrap().unwrap();
        assert_eq!(message.operation(), expected);
        assert_eq!(message.bytes, request.as_bytes());
    }

    #[test]
    fn the_operation_is_in_the_header_or_in_the_form() {
        check(
            "POST / HTTP/1.1\r\nX-Amz-Target: AmazonEC2ContainerServiceV20141113.UpdateService\r\nContent-Length: 2\r\n\r\n{}",
            "UpdateService",
        );
        check(
            "POST / HTTP/1.1\r\ncontent-length: 43\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15",
            "GetCallerIdentity",
        );
        check("GET / HTTP/1.1\r\n\r\n", "unknown");
    }

    #[test]
    fn a_connection_that_ends_has_no_message() {
        assert!(Message::read(&mut "POST / HT".as_bytes()).unwrap().is_none());
    }
}
