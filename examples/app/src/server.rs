//! Listening, and ending gracefully: at SIGTERM no more connections are taken, and those that are open are answered.

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    request::Request,
    routes::{About, answer},
};

/// How long a client may take with its request.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections are answered at once; one more waits.
const MOST: usize = 64;

/// Serves until it is asked to end.
pub(crate) fn serve(port: u16, about: &About) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    let address = listener.local_addr()?;
    let is_ending = Arc::new(AtomicBool::new(false));
    end_at_signals(address, Arc::clone(&is_ending))?;
    log(&format!("{} ({}) listens on {address}", about.version, about.git_sha));
    let mut open: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if is_ending.load(Ordering::SeqCst) {
            break;
        }
        open.retain(|connection| !connection.is_finished());
        if open.len() >= MOST {
            let _it_logged_itself = open.remove(0).join();
        }
        if let Ok(stream) = stream {
            let about = about.clone();
            open.push(thread::spawn(move || connection(stream, &about)));
        }
    }
    drop(listener);
    for connection in open {
        let _it_logged_itself = connection.join();
    }
    log("ended");
    Ok(())
}

/// Marks the end, and wakes the listener by a connection of our own.
fn end_at_signals(address: SocketAddr, is_ending: Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            is_ending.store(true, Ordering::SeqCst);
            let _wakes = TcpStream::connect((Ipv4Addr::LOCALHOST, address.port()));
        }
    });
    Ok(())
}

fn connection(mut stream: TcpStream, about: &About) {
    // A client that goes away is nobody's fault.
    let _result = exchange(&mut stream, about);
}

fn exchange(stream: &mut TcpStream, about: &About) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = Request::read(stream)?;
    let has_body = request.as_ref().is_none_or(|request| request.method != "HEAD");
    stream.write_all(&answer(about, request.as_ref()).to_bytes(has_body))
}

/// Asks the service in the same container whether it is well: what its health check runs.
pub(crate) fn is_healthy(port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    io::Read::read_to_string(&mut stream, &mut answer)?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(io::Error::other("not healthy")) }
}

/// One line for whoever reads the container's log.
pub(crate) fn log(text: &str) {
    let _nobody_listens = writeln!(io::stderr(), "{text}");
}
