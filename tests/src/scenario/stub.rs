//! An HTTP server whose answers are told beforehand, for smoke checks that must see what no task would answer.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A server on loopback. It ends with the process.
#[derive(Debug, Clone)]
pub struct Stub {
    address: SocketAddr,
    /// What is answered next; the last answer goes on for ever.
    answers: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Stub {
    /// A server that answers these, one after the other.
    pub fn answering(answers: &[String]) -> Self {
        let stub = Self::closed(answers);
        stub.open();
        stub
    }

    /// The same, whose port nobody listens on until it is opened.
    pub fn closed(answers: &[String]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        Self { address, answers: Arc::new(Mutex::new(answers.to_vec())), asked: Arc::default() }
    }

    /// Begins to listen.
    pub fn open(&self) {
        let listener = TcpListener::bind(self.address).unwrap_or_else(|error| panic!("{error}"));
        let stub = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let _gone = (&stream).write_all(stub.next().as_bytes());
            }
        });
    }

    /// Where it is, for example `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn next(&self) -> String {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_default() }
    }
}

/// An answer with that status, those further headers and that body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| [*name, ": ", *value, "\r\n"].concat()).collect();
    format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}
