//! [`HttpProbe`]: one attempt, told as it was.
//!
//! It judges nothing, repeats nothing and follows nothing.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use reqwest::{RequestBuilder, header::HeaderMap};
use towpath_core::{
    ports::Probe,
    smoke::{Answer, Attempt, BODY_LIMIT, Check, Method, Stage},
};

use super::{
    address,
    client::{Clients, Proxies},
    reason,
};

/// Asks over HTTP, as a new visitor each time: no redirect, cookie, credential or connection is carried over.
#[derive(Debug)]
pub struct HttpProbe {
    clients: Clients,
}

impl HttpProbe {
    /// A probe that uses the proxies that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name.
    pub fn new() -> Self {
        Self { clients: Clients::new(Proxies::FromEnvironment) }
    }

    /// A probe that uses no proxy, for servers on this machine.
    pub fn direct() -> Self {
        Self { clients: Clients::new(Proxies::Unused) }
    }

    /// The request, ready to be sent. What making a client takes is not the server's time.
    fn prepared(&self, check: &Check) -> Result<RequestBuilder, Attempt> {
        let url =
            address::parse(&check.url).map_err(|reason| Attempt::Unreachable { stage: Stage::Address, reason })?;
        let method = match check.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
        };
        let within = check.attempt_timeout;
        let client = self.clients.get(url.scheme(), for_connecting(within));
        Ok(client.map_err(|error| reason::unreachable(error, within))?.request(method, url))
    }
}

impl Default for HttpProbe {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Probe for HttpProbe {
    async fn attempt(&self, check: &Check) -> Attempt {
        let within = check.attempt_timeout;
        let request = match self.prepared(check) {
            Ok(request) => request,
            Err(attempt) => return attempt,
        };
        match tokio::time::timeout(within, whole(request)).await {
            Ok(Ok(answer)) => Attempt::Answered(answer),
            Ok(Err(error)) => reason::unreachable(error, within),
            Err(_) => Attempt::Unreachable { stage: Stage::Answer, reason: reason::late(Stage::Answer, within) },
        }
    }
}

/// How long of an attempt connecting may take: a little less than all of it, so that who never connected is told from
/// who never answered.
fn for_connecting(within: Duration) -> Duration {
    within.mul_f64(15.0 / 16.0)
}

async fn whole(request: RequestBuilder) -> reqwest::Result<Answer> {
    let mut response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), readable(response.headers()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == BODY_LIMIT {
            break;
        }
    }
    Ok(Answer { status, headers, body })
}

/// The headers as text: repeated ones joined as HTTP allows, bytes that are no text replaced.
fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let text = texts.entry(name.as_str().to_owned()).or_default();
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&value);
    }
    texts
}
