//! The HTTP clients: one for this machine, without proxy and certificates, and one for everything else.
//!
//! They follow no redirect: a layer is often kept behind an address that is signed, which is to be asked without our
//! login, and which no error may name.

use std::{sync::OnceLock, time::Duration};

use reqwest::{Client, ClientBuilder, Url, redirect};

use crate::connect::is_near;

const USER_AGENT: &str = concat!("towpath/", env!("CARGO_PKG_VERSION"));

/// The clients made so far.
#[derive(Debug)]
pub(super) struct Clients {
    connect: Duration,
    near: OnceLock<Client>,
    far: OnceLock<Client>,
}

impl Clients {
    pub(super) fn new(connect: Duration) -> Self {
        Self { connect, near: OnceLock::new(), far: OnceLock::new() }
    }

    /// The client for this address.
    pub(super) fn get(&self, address: &Url) -> reqwest::Result<&Client> {
        let is_near = address.scheme() == "http" && is_near(address.as_str());
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
        Client::builder().user_agent(USER_AGENT).redirect(redirect::Policy::none()).connect_timeout(self.connect)
    }
}
