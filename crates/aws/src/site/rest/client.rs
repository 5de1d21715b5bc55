//! One bucket, or CloudFront, and sending it requests: signed, within a time in which something moves, and again where that may help.
//!
//! It knows no operation. How many requests go at once is not decided here either.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use bytes::{Bytes, BytesMut};
use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Body, Method, Response, Url,
    header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use towpath_core::{identifier::Sha256, ports::Fault};

use crate::{
    Patience,
    call::{Call, Terms, uncredentialed},
};

use super::{
    attempts::Attempts,
    body::{Taken, Watched},
    encode,
    failed::{Failed, What},
    http::Clients,
    keyring::Keyring,
    place::Place,
    sign::{Identity, ToSign, date},
};

/// The longest answer that is read where nothing longer is asked for.
const LONGEST: usize = 64 * 1024;

/// Bodies up to here go out in one piece.
const SMALL: usize = 256 * 1024;

/// One bucket or CloudFront, as one caller; its clones share connections and credentials.
#[derive(Clone)]
pub(in crate::site) struct Client(Arc<Inner>);

struct Inner {
    place: Place,
    keyring: Arc<Keyring>,
    clients: Arc<Clients>,
    patience: Patience,
    /// How many seconds S3's clock is ahead of ours, where it has complained.
    skew: AtomicI64,
}

/// A request that can be made more than once.
#[derive(Debug, Clone)]
pub(in crate::site) struct Request<'a> {
    what: What,
    method: Method,
    key: &'a str,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    payload: Payload,
    longest: usize,
}

/// What a request brings.
#[derive(Debug, Clone)]
struct Payload {
    bytes: Bytes,
    length: u64,
    hash: Sha256,
}

/// An answer that is a good one.
#[derive(Debug, Clone)]
pub(in crate::site) struct Answer {
    pub(in crate::site) headers: HeaderMap,
    pub(in crate::site) body: Bytes,
}

impl<'a> Request<'a> {
    /// A request for a key, or with an empty one for the bucket.
    pub(in crate::site) fn new(what: What, method: Method, key: &'a str) -> Self {
        let payload = Payload { bytes: Bytes::new(), length: 0, hash: Sha256::of(b"") };
        Self { what, method, key, query: Vec::new(), headers: Vec::new(), payload, longest: LONGEST }
    }

    /// With a parameter in its query.
    pub(in crate::site) fn asking(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With a header; its name in lower case.
    pub(in crate::site) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With these bytes, whose hash S3 is to check and to keep.
    pub(in crate::site) fn bringing(mut self, bytes: Bytes, hash: &Sha256) -> Self {
        self.payload = Payload { length: bytes.len() as u64, bytes, hash: hash.clone() };
        self.checked(hash)
    }

    /// With a document that says what to do. It is signed; a checksum would be taken for that of the object.
    pub(in crate::site) fn saying(mut self, document: Bytes) -> Self {
        let hash = Sha256::of(&document);
        self.payload = Payload { length: document.len() as u64, bytes: document, hash };
        self
    }

    /// With what is sent beside it, of this length and hash.
    pub(in crate::site) fn streaming(mut self, length: u64, hash: &Sha256) -> Self {
        self.payload = Payload { bytes: Bytes::new(), length, hash: hash.clone() };
        self.checked(hash)
    }

    /// S3 needs the checksum alone. Other servers want to be told of which kind it is, as the SDKs do.
    fn checked(self, hash: &Sha256) -> Self {
        let request = self.with("x-amz-checksum-sha256", encode::checksum(hash));
        request.with("x-amz-sdk-checksum-algorithm", "SHA256")
    }

    /// Whose answer may be so long.
    pub(in crate::site) fn expecting(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    pub(in crate::site) fn what(&self) -> What {
        self.what
    }

    /// The query as it is sent and signed.
    fn query(&self) -> String {
        let mut pairs: Vec<String> = Vec::with_capacity(self.query.len());
        pairs
            .extend(self.query.iter().map(|(name, value)| format!("{}={}", encode::value(name), encode::value(value))));
        pairs.sort();
        pairs.join("&")
    }
}

impl Answer {
    /// A header, where it is there and legible.
    pub(in crate::site) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    pub(in crate::site) fn new(place: Place, keyring: Arc<Keyring>, clients: Arc<Clients>, patience: Patience) -> Self {
        Self(Arc::new(Inner { place, keyring, clients, patience, skew: AtomicI64::new(0) }))
    }

    pub(in crate::site) fn patience(&self) -> &Patience {
        &self.0.patience
    }

    pub(in crate::site) fn place(&self) -> &Place {
        &self.0.place
    }

    /// The answer, where it is a good one; whatever may pass is tried again.
    pub(in crate::site) async fn send(&self, request: &Request<'_>) -> Result<Answer, Failed> {
        let mut attempts = Attempts::new(self.patience());
        loop {
            let failed = match self.send_once(request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let Some(pause) = attempts.after(&failed, Instant::now()) else {
                return Err(failed);
            };
            sleep(pause).await;
        }
    }

    /// The answer to this one attempt, where it is a good one.
    pub(in crate::site) async fn send_once(&self, request: &Request<'_>) -> Result<Answer, Failed> {
        let (bytes, taken) = (request.payload.bytes.clone(), Taken::default());
        let body =
            if bytes.len() <= SMALL { Body::from(bytes) } else { Body::wrap(Watched::bytes(bytes, taken.clone())) };
        self.exchange(request, body, &taken).await
    }

    /// As [`Client::send_once`], with what the pieces bring.
    pub(in crate::site) async fn send_pieces(
        &self,
        request: &Request<'_>,
        pieces: mpsc::Receiver<Bytes>,
    ) -> Result<Answer, Failed> {
        let taken = Taken::default();
        let body = Body::wrap(Watched::pieces(pieces, request.payload.length, taken.clone()));
        self.exchange(request, body, &taken).await
    }

    async fn exchange(&self, request: &Request<'_>, body: Body, taken: &Taken) -> Result<Answer, Failed> {
        let what = request.what;
        let identity = self.0.keyring.get().await.map_err(|error| self.uncredentialed(what, &error))?;
        let (address, headers) = self.signed(request, &identity)?;
        let client = self.0.clients.get(self.0.place.origin()).map_err(|error| what.lost(error))?;
        let sending = client.request(request.method.clone(), address).headers(headers).body(body).send();
        let response = self.while_it_moves(what, sending, taken).await?.map_err(|error| what.lost(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        // A refusal is read as far as it can be: its status alone says much.
        let longest = if status.is_success() { request.longest } else { LONGEST };
        let body = self.whole(what, response, longest).await;
        if status.is_success() {
            return body.map(|body| Answer { headers, body });
        }
        let failed = what.refused(status, &headers, &body.unwrap_or_default());
        if failed.error.fault == Fault::Unauthenticated {
            self.0.keyring.forget(&identity).await;
            self.learn_time(&failed, &headers);
        }
        Err(failed)
    }

    /// The result, unless neither it nor a piece of the body moves for too long.
    async fn while_it_moves<T>(
        &self,
        what: What,
        sending: impl Future<Output = T>,
        taken: &Taken,
    ) -> Result<T, Failed> {
        let patience = self.0.patience.attempt;
        let mut sending = std::pin::pin!(sending);
        let mut seen = taken.pieces();
        loop {
            match timeout(patience, &mut sending).await {
                Ok(result) => return Ok(result),
                Err(_) if taken.pieces() > seen => seen = taken.pieces(),
                Err(_) => return Err(what.late(patience)),
            }
        }
    }

    /// A body, whole, unless it is longer than that.
    async fn whole(&self, what: What, mut response: Response, longest: usize) -> Result<Bytes, Failed> {
        let patience = self.0.patience.attempt;
        let mut body = BytesMut::new();
        loop {
            let piece = timeout(patience, response.chunk()).await.map_err(|_| what.late(patience))?;
            let Some(piece) = piece.map_err(|error| what.lost(error))? else {
                return Ok(body.freeze());
            };
            if body.len() + piece.len() > longest {
                return Err(what.failed(Fault::Rejected, format!("the answer is longer than {longest} bytes")));
            }
            body.extend_from_slice(&piece);
        }
    }

    fn signed(&self, request: &Request<'_>, identity: &Identity) -> Result<(Url, HeaderMap), Failed> {
        let Inner { place, skew, .. } = &*self.0;
        let at = Timestamp::now();
        let at = at.checked_add(SignedDuration::from_secs(skew.load(Ordering::Relaxed))).unwrap_or(at);
        let mut headers = request.headers.clone();
        headers.push(("host", place.host().to_owned()));
        headers.push(("x-amz-content-sha256", request.payload.hash.as_str().to_owned()));
        headers.push(("x-amz-date", date(at)));
        headers.extend(place.owner.as_ref().map(|owner| ("x-amz-expected-bucket-owner", owner.to_string())));
        headers.extend(identity.token.clone().map(|token| ("x-amz-security-token", token)));
        headers.sort_unstable_by_key(|(name, _)| *name);
        let (path, query) = (place.path(&encode::key(request.key)), request.query());
        let payload = request.payload.hash.as_str();
        let to_sign =
            ToSign { method: request.method.as_str(), path: &path, query: &query, headers: &headers, payload };
        headers.push(("authorization", identity.authorization(&to_sign, (place.service, &place.region), at)));
        let malformed = |name: &str| request.what.failed(Fault::Rejected, format!("a malformed {name}"));
        let address = Url::parse(&place.address(&path, &query)).map_err(|_| malformed("address"))?;
        let mut map = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers.into_iter().filter(|(name, _)| *name != "host") {
            let value = HeaderValue::try_from(value).map_err(|_| malformed(name))?;
            map.insert(HeaderName::from_static(name), value);
        }
        // Where there is nothing to send, nobody else says so, and S3 wants to know.
        if request.payload.length == 0 && matches!(request.method, Method::PUT | Method::POST) {
            map.insert(CONTENT_LENGTH, HeaderValue::from(0));
        }
        Ok((address, map))
    }

    /// Where our clock is wrong, requests are signed with S3's from then on.
    fn learn_time(&self, failed: &Failed, headers: &HeaderMap) {
        if !failed.is_coded("RequestTimeTooSkewed") {
            return;
        }
        let told = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(told) = told.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else { return };
        let skew = told.timestamp().duration_since(Timestamp::now());
        self.0.skew.store(skew.as_secs(), Ordering::Relaxed);
    }

    fn uncredentialed(&self, what: What, error: &(dyn std::error::Error + 'static)) -> Failed {
        let terms = Terms::uncounted(self.0.patience.clone());
        let call = Call { operation: what.operation, nature: what.nature, codes: what.codes(), terms: &terms };
        Failed { error: uncredentialed(&call, error), ..what.failed(Fault::NotSent, "") }
    }
}
