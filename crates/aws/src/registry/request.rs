//! One request to a registry: where it goes, with which login, and how it is sent again.
//!
//! What its answer is for is the caller's.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Body, Method, Response, StatusCode, Url,
    header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, LOCATION},
};
use tokio::time::{sleep, timeout};
use towpath_core::ports::Fault;

use super::{
    answer::{Failed, What, refused, whole},
    attempts::Attempts,
    login::RegistryLogin,
    remote::Remote,
};

/// A request that may be made more than once.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) what: What,
    pub(super) method: Method,
    pub(super) to: To<'a>,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Bytes,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum To<'a> {
    /// Below the repository's place.
    Path(&'a str),
    /// To where an answer has sent us; with a digest, to end an upload.
    Session(&'a str, Option<&'a str>),
}

impl<'a> Request<'a> {
    pub(super) fn new(what: What, method: Method, to: To<'a>) -> Self {
        Self { what, method, to, headers: Vec::new(), body: Bytes::new() }
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Remote {
    /// The answer, where it is a good one; whatever may pass is tried again.
    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Response, Failed> {
        let mut attempts = Attempts::new(self.patience());
        loop {
            match self.send_once(request, Body::from(request.body.clone()), self.patience().attempt).await {
                Ok(response) => return Ok(response),
                Err(failed) => wait(&mut attempts, failed).await?,
            }
        }
    }

    /// As [`Remote::send`], with the body, whole.
    pub(super) async fn fetch(&self, request: &Request<'_>, longest: usize) -> Result<(HeaderMap, Bytes), Failed> {
        let mut attempts = Attempts::new(self.patience());
        loop {
            match self.fetch_once(request, longest).await {
                Ok(fetched) => return Ok(fetched),
                Err(failed) => wait(&mut attempts, failed).await?,
            }
        }
    }

    async fn fetch_once(&self, request: &Request<'_>, longest: usize) -> Result<(HeaderMap, Bytes), Failed> {
        let patience = self.patience().attempt;
        let response = self.send_once(request, Body::from(request.body.clone()), patience).await?;
        let headers = response.headers().clone();
        Ok((headers, whole(request.what, response, longest, patience).await?))
    }

    /// The answer to this one attempt, where it is a good one.
    pub(super) async fn send_once(
        &self,
        request: &Request<'_>,
        body: Body,
        within: Duration,
    ) -> Result<Response, Failed> {
        let what = request.what;
        let login = self.login().await.map_err(|error| Failed { error, wait: None, is_of_login: false })?;
        let target = self.target(&login, request.to).map_err(|problem| what.failed(Fault::Rejected, problem))?;
        let client = self.clients().get(&target.address).map_err(|error| what.lost(error))?;
        let mut headers = target.headers;
        for (name, value) in &request.headers {
            let value = value.parse().map_err(|_| what.failed(Fault::Rejected, format!("a malformed {name}")))?;
            headers.insert(name, value);
        }
        let sending = client.request(request.method.clone(), target.address).headers(headers).body(body).send();
        let response = timeout(within, sending).await.map_err(|_| what.late(within))?;
        let response = response.map_err(|error| what.lost(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        if response.status().is_redirection() {
            return self.redirected(request, &response).await;
        }
        let is_mute = response.status() == StatusCode::FORBIDDEN && request.method == Method::HEAD;
        let mut failed = refused(what, response, &login, self.patience().attempt).await;
        // Without words, it may be for a login whose time is over just as well as for want of a permission.
        failed.is_of_login |= is_mute;
        if failed.is_of_login {
            self.forget(&login).await;
        }
        Err(failed)
    }

    /// A layer is kept elsewhere, behind an address that needs no login, and must not get ours.
    async fn redirected(&self, request: &Request<'_>, response: &Response) -> Result<Response, Failed> {
        let what = request.what;
        let astray = || what.failed(Fault::Rejected, "the registry sends elsewhere, and not for a layer");
        if request.method != Method::GET {
            return Err(astray());
        }
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let address = location.and_then(|location| response.url().join(location).ok()).ok_or_else(astray)?;
        let client = self.clients().get(&address).map_err(|error| what.lost(error))?;
        let mut sending = client.get(address);
        for (name, value) in &request.headers {
            sending = sending.header(name, value);
        }
        let within = self.patience().attempt;
        let response = timeout(within, sending.send()).await.map_err(|_| what.late(within))?;
        let response = response.map_err(|error| what.lost(error))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            // An address that has expired is given anew: that is worth another attempt.
            status => Err(what.unsure(format!("where the registry keeps the layer, HTTP {}", status.as_u16()))),
        }
    }

    fn target(&self, login: &Arc<RegistryLogin>, to: To<'_>) -> Result<Target, String> {
        let unknown = || format!("the address of {} is not known", self.repository().registry());
        let (base, host) = login.address(self.repository()).ok_or_else(unknown)?;
        let home = base.join(&format!("v2/{}/", self.repository().path())).map_err(|_| unknown())?;
        let address = match to {
            To::Path(path) => home.join(path).map_err(|_| unknown())?,
            To::Session(location, digest) => self.session(&base, &home, location, digest).ok_or_else(unknown)?,
        };
        let mut headers = HeaderMap::new();
        // Whoever is somewhere else gets no login.
        if address.origin() == base.origin() {
            headers.extend(login.header().map(|header| (AUTHORIZATION, header)));
            headers.extend(host.map(|host| (HOST, host)));
        }
        Ok(Target { address, headers })
    }

    /// The address of an upload's session: whole, or beginning at the registry, which may call itself by its name.
    fn session(&self, base: &Url, home: &Url, location: &str, digest: Option<&str>) -> Option<Url> {
        let mut address = home.join(location).ok()?;
        if address.host_str() == Some(self.repository().registry()) && address.origin() != base.origin() {
            let mut here = base.clone();
            here.set_path(address.path());
            here.set_query(address.query());
            address = here;
        }
        if let Some(digest) = digest {
            address.query_pairs_mut().append_pair("digest", digest);
        }
        Some(address)
    }
}

/// Waits before the next attempt, or hands the failure back where there is none.
async fn wait(attempts: &mut Attempts<'_>, failed: Failed) -> Result<(), Failed> {
    let Some(pause) = attempts.after(&failed) else {
        return Err(failed);
    };
    sleep(pause).await;
    Ok(())
}

struct Target {
    address: Url,
    headers: HeaderMap,
}
