//! The HTTP clients: one for this machine, without proxy and certificates, and one for everything else.
//!
//! They follow no redirect: a bucket that is elsewhere is an error with its region, not a detour that was not signed.

use std::{sync::OnceLock, time::Duration};

use reqwest::{Client, ClientBuilder, redirect};

use crate::connect::is_near;

const USER_AGENT: &str = concat!("towpath/", env!("CARGO_PKG_VERSION"));

/// The clients made so far.
#[derive(Debug)]
pub(in crate::site) struct Clients {
    connect: Duration,
    near: OnceLock<Client>,
    far: OnceLock<Client>,
}

impl Clients {
    pub(in crate::site) fn new(connect: Duration) -> Self {
        Self { connect, near: OnceLock::new(), far: OnceLock::new() }
    }

    /// The client for this origin.
    pub(in crate::site) fn get(&self, origin: &str) -> reqwest::Result<&Client> {
        let is_near = origin.starts_with("http://") && is_near(origin);
        let client = if is_near { &self.near } else { &self.far };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let builder = self.builder();
        // Reading the system's certificates takes a while, and nothing here needs them.
        let made = if is_near { builder.no_proxy().tls_certs_only([]) } else { builder }.build()?;
        Ok(client.get_or_init(|| made))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .connect_timeout(self.connect)
            // S3 closes connections that are idle for about twenty seconds, or speaks of it.
            .pool_idle_timeout(Duration::from_secs(15))
            .tcp_nodelay(true)
    }
}
