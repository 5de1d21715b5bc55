//! The HTTP clients behind the probe: made when first needed, one for each way of asking.
//!
//! Reading the system's certificates takes longer than many an answer, so a client for `http` addresses has none.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, redirect};

/// How this tool names itself to servers.
const USER_AGENT: &str = concat!("towpath/", env!("CARGO_PKG_VERSION"));

/// The variables of a proxy for `http` addresses. One that is itself asked over TLS needs certificates.
const PLAIN_PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Whether proxies are used.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proxies {
    /// As `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    FromEnvironment,
    /// None.
    Unused,
}

/// What tells one client from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Manner {
    certificates: Certificates,
    connect_within: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Certificates {
    OfTheSystem,
    None,
}

/// The clients made so far.
#[derive(Debug)]
pub(super) struct Clients {
    proxies: Proxies,
    made: Mutex<HashMap<Manner, Client>>,
}

impl Clients {
    pub(super) fn new(proxies: Proxies) -> Self {
        Self { proxies, made: Mutex::default() }
    }

    /// The client for addresses of that scheme.
    pub(super) fn get(&self, scheme: &str, connect_within: Duration) -> reqwest::Result<Client> {
        let manner = Manner { certificates: self.certificates(scheme), connect_within };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&manner) {
            return Ok(client.clone());
        }
        let client = self.builder(manner).build()?;
        made.insert(manner, client.clone());
        Ok(client)
    }

    fn certificates(&self, scheme: &str) -> Certificates {
        match (scheme, self.proxies) {
            ("https", _) => Certificates::OfTheSystem,
            (_, Proxies::FromEnvironment) if plain_proxy_speaks_tls(|name| std::env::var(name).ok()) => {
                Certificates::OfTheSystem
            }
            _ => Certificates::None,
        }
    }

    fn builder(&self, manner: Manner) -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .connect_timeout(manner.connect_within)
            // Each attempt comes as a new visitor would: a connection kept open could lead to a task being drained.
            .pool_max_idle_per_host(0);
        let builder = match manner.certificates {
            Certificates::OfTheSystem => builder,
            Certificates::None => builder.tls_certs_only([]),
        };
        match self.proxies {
            Proxies::FromEnvironment => builder,
            Proxies::Unused => builder.no_proxy(),
        }
    }
}

fn plain_proxy_speaks_tls(variable: impl Fn(&str) -> Option<String>) -> bool {
    PLAIN_PROXIES.iter().any(|name| variable(name).is_some_and(|proxy| proxy.trim_start().starts_with("https:")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_speaks_tls_needs_certificates() {
        assert!(plain_proxy_speaks_tls(|name| (name == "http_proxy").then(|| "https://proxy:3128".to_owned())));
        assert!(!plain_proxy_speaks_tls(|name| (name == "HTTP_PROXY").then(|| "http://proxy:3128".to_owned())));
        assert!(!plain_proxy_speaks_tls(|_| None));
    }

    #[test]
    fn a_client_is_made_once_for_each_manner() {
        let clients = Clients::new(Proxies::Unused);
        for seconds in [5, 5, 7] {
            clients.get("http", Duration::from_secs(seconds)).unwrap();
        }
        assert_eq!(clients.made.lock().unwrap().len(), 2);
    }
}
