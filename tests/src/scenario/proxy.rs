//! A network between the adapters and the simulator, whose idle connections can go silent as behind a NAT that forgot them.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A way to the simulator. It ends with the process.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: SocketAddr,
    /// Connections made before that one are silent.
    silent_before: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
}

impl Proxy {
    /// A way to that endpoint, for example `http://127.0.0.1:40123`.
    pub fn to(endpoint: &str) -> Self {
        let upstream = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let proxy = Self { address, silent_before: Arc::default(), made: Arc::default() };
        let accepting = proxy.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let number = accepting.made.fetch_add(1, Ordering::SeqCst);
                if let Ok(server) = TcpStream::connect(&upstream) {
                    accepting.carry(number, &client, &server);
                    accepting.carry(number, &server, &client);
                }
            }
        });
        proxy
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on nothing passes over the connections that there are; nobody is told.
    pub fn forget(&self) {
        self.silent_before.store(self.made.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    fn carry(&self, number: usize, from: &TcpStream, to: &TcpStream) {
        let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
        let silent_before = Arc::clone(&self.silent_before);
        std::thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(read @ 1..) = from.read(&mut bytes) {
                if number < silent_before.load(Ordering::SeqCst) {
                    continue;
                }
                if to.write_all(&bytes[..read]).is_err() {
                    return;
                }
            }
            // A forgotten connection is not closed either.
            if number >= silent_before.load(Ordering::SeqCst) {
                let _closed = to.shutdown(std::net::Shutdown::Both);
            }
        });
    }
}
