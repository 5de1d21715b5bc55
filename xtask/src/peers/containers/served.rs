//! What the containers run: it answers its version over HTTP, or ends at once with exit code 3.
//!
//! It is compiled by itself, without any library but the standard one, and is no part of the chores' program.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::ExitCode,
};

fn main() -> ExitCode {
    let version = std::env::var("VERSION").unwrap_or_default();
    match std::env::var("MODE").as_deref() {
        Ok("crash") => ExitCode::from(3),
        _ => serve(&version).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
    }
}

fn serve(version: &str) -> std::io::Result<()> {
    let body = format!("{{\"version\":\"{version}\"}}");
    let length = body.len();
    for stream in TcpListener::bind(("0.0.0.0", 8080))?.incoming() {
        let mut stream = stream?;
        // What is asked does not matter.
        let _read = stream.read(&mut [0; 1024]);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        let _written = write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}");
    }
    Ok(())
}
