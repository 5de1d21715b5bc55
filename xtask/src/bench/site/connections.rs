//! A door before a server that counts who comes in: how many connections a client opens, and has open at once.
//!
//! It hands on every byte as it is, and knows nothing of HTTP.

use std::{
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context as _, Result};

/// A door. It stays open for as long as this program runs.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    opened: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// What came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    /// All connections.
    pub(super) opened: usize,
    /// The most that were open at once.
    pub(super) most: usize,
}

impl Door {
    /// A door to the server at `upstream`.
    pub(super) fn before(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let counts = Arc::<Counts>::default();
        let door = Self { address, counts: Arc::clone(&counts) };
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                counts.opened.fetch_add(1, Ordering::SeqCst);
                let open = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
                counts.most.fetch_max(open, Ordering::SeqCst);
                let counts = Arc::clone(&counts);
                thread::spawn(move || {
                    // A connection that breaks off is the client's or the server's, and they say so themselves.
                    drop(relay(&client, upstream));
                    counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Ok(door)
    }

    /// Where clients find it.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came in until now.
    pub(super) fn counted(&self) -> Counted {
        let Counts { opened, most, .. } = &*self.counts;
        Counted { opened: opened.load(Ordering::SeqCst), most: most.load(Ordering::SeqCst) }
    }
}

fn relay(client: &TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    thread::scope(|scope| {
        let answers = scope.spawn(|| hand_on(&server, client));
        let requests = hand_on(client, &server);
        requests.and(answers.join().unwrap_or(Ok(())))
    })
}

/// Hands on what comes from there, and its end.
fn hand_on(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    // Whoever has closed already is closed.
    drop(to.shutdown(Shutdown::Write));
    copied.map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn connections_are_handed_on_and_counted() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let door = Door::before(server.local_addr().unwrap()).unwrap();
        thread::spawn(move || {
            for mut stream in server.incoming().filter_map(Result::ok) {
                stream.write_all(b"tow").unwrap();
            }
        });
        let hear = || {
            let mut stream = TcpStream::connect(door.address()).unwrap();
            let mut heard = [0; 3];
            stream.read_exact(&mut heard).unwrap();
            assert_eq!(&heard, b"tow");
            stream
        };
        let both = [hear(), hear()];
        assert_eq!(door.counted(), Counted { opened: 2, most: 2 });
        drop(both);
    }
}
