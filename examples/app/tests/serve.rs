//! The program as a container runs it: asked over HTTP, and told to end.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it was made")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, Command, Stdio},
};

/// The program, running on a port that was free.
struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
    port: String,
}

impl Running {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
        command.env_clear().envs([("PORT", "0"), ("VERSION", "1.4.0"), ("GIT_SHA", "0af1c9d")]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().to_owned();
        Self { child, log, port }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(format!("127.0.0.1:{}", self.port)).unwrap()
    }

    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        answer(&mut stream)
    }

    /// Tells it to end, as a container's runtime does.
    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _it_may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn answer(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_answers_what_a_smoke_check_asks() {
    let running = Running::start();
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200 "));
    assert!(running.get("/version").ends_with(r#"{"version":"1.4.0","git_sha":"0af1c9d"}"#));
    assert!(running.get("/openapi.json").contains("application/json"));
    let refused = running.get("/orders");
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("WWW-Authenticate: Bearer"), "{refused}");
}

#[test]
fn it_is_its_own_health_check() {
    let running = Running::start();
    let health = |port: &str| Command::new(env!("CARGO_BIN_EXE_app")).arg("health").env("PORT", port).output().unwrap();
    assert!(health(&running.port).status.success());
    assert!(!health("1").status.success());
}

#[test]
fn what_is_open_is_answered_before_it_ends() {
    let mut running = Running::start();
    let mut open = running.connect();
    open.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    // Whoever is answered after us was accepted after us.
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200 "));
    running.terminate();
    open.write_all(b"Host: localhost\r\n\r\n").unwrap();
    assert!(answer(&mut open).starts_with("HTTP/1.1 200 "));
    assert!(running.child.wait().unwrap().success());
    let mut rest = String::new();
    running.log.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "ended\n");
}
