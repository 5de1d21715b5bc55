//! Sends one layer: taken over by the registry where it can, otherwise streamed from where it is to where it goes.
//!
//! No more than a few pieces of it are in memory at a time. It is hashed on its way, and the upload is ended, which
//! makes a layer of it, only where the hash is right; the registry checks once more.
//!
//! Each layer is one request, as docker and skopeo do it: ECR drops what comes in a second one of the same upload.

use std::{convert::Infallible, pin::Pin, task};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http_body::{Body, Frame, SizeHint};
use reqwest::{
    Method,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use towpath_core::{
    identifier::{Digest, Digester},
    ports::PublishError,
};

use super::{
    answer::{Failed, What},
    attempts::Attempts,
    manifest::Entry,
    origin::{Origin, TRIES},
    remote::{Begun, Remote, session},
    request::{Request, To},
};

/// How many pieces may wait to be sent.
const WAITING: usize = 4;

/// How a layer got to where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    There,
    Mounted,
    Sent,
}

/// Why a layer did not get there.
enum Snag {
    /// A request failed: it may pass.
    Failed(Failed),
    /// Where it comes from, or what it is, stands against it.
    Final(PublishError),
}

impl From<Failed> for Snag {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl Remote {
    /// Sees that a layer or configuration is there.
    pub(super) async fn bring_blob(&self, origin: &Origin, blob: &Entry) -> Result<How, PublishError> {
        let (mut attempts, mut corrupted) = (Attempts::new(self.patience()), 0);
        let mut was_sent = false;
        loop {
            if self.has_blob(&blob.digest).await? {
                return Ok(if was_sent { How::Sent } else { How::There });
            }
            was_sent = true;
            let pause = match self.try_blob(origin, blob).await {
                Ok(how) => return Ok(how),
                Err(Snag::Final(error @ PublishError::Corrupted { .. })) => {
                    corrupted += 1;
                    (corrupted < TRIES).then_some(self.patience().first_pause).ok_or(error)?
                }
                Err(Snag::Final(error)) => return Err(error),
                Err(Snag::Failed(failed)) => {
                    let failed = forgotten(failed);
                    attempts.after(&failed).ok_or_else(|| self.named(failed))?
                }
            };
            sleep(pause).await;
        }
    }

    async fn try_blob(&self, origin: &Origin, blob: &Entry) -> Result<How, Snag> {
        let mount = origin.repository().filter(|from| from.registry() == self.repository().registry());
        let session = match self.begin(&blob.digest, mount).await? {
            Begun::Mounted => return Ok(How::Mounted),
            Begun::Session(session) => session,
        };
        let sent = self.send_blob(origin, blob, &session).await;
        if sent.is_err() {
            self.give_up(&session).await;
        }
        sent.map(|()| How::Sent)
    }

    async fn send_blob(&self, origin: &Origin, blob: &Entry, session: &str) -> Result<(), Snag> {
        let session = match blob.size {
            0 => session.to_owned(),
            _ => self.stream(origin, blob, session).await?,
        };
        match self.finish(&session, &blob.digest).await {
            Err(failed) if failed.is_coded(&["DIGEST_INVALID"]) => {
                let place = format!("on the way to {}", self.repository());
                let expected = blob.digest.clone();
                Err(Snag::Final(PublishError::Corrupted { place, expected, found: None }))
            }
            Err(failed) if blob.size == 0 && failed.is_coded(&["SIZE_INVALID"]) => {
                let why = "it has a layer without a single byte, and the registry keeps none".to_owned();
                Err(Snag::Final(PublishError::Unsupported { image: blob.digest.to_string(), why }))
            }
            other => Ok(other?),
        }
    }

    /// Streams a layer into an upload; the address where it is to be ended.
    async fn stream(&self, origin: &Origin, blob: &Entry, to: &str) -> Result<String, Snag> {
        let what = What::change("ecr:UploadLayerPart");
        let (sender, receiver) = mpsc::channel(WAITING);
        let request = Request::new(what, Method::PATCH, To::Session(to, None))
            .with(CONTENT_TYPE, "application/octet-stream")
            .with(CONTENT_LENGTH, blob.size.to_string());
        let body = reqwest::Body::wrap(Piecewise { receiver, left: blob.size });
        // How long it takes is the layer's size's doing: that pieces keep moving is watched instead.
        let answer = Box::pin(self.send_once(&request, body, std::time::Duration::MAX));
        let pumped = Box::pin(self.pump(origin, blob, sender));
        let response = match select(pumped, answer).await {
            Either::Left((Ok(()), answer)) => {
                let patience = self.patience().read;
                timeout(patience, answer).await.map_err(|_| what.late(patience))??
            }
            Either::Left((Err(snag), _)) => return Err(snag),
            Either::Right((Err(failed), _)) => return Err(failed.into()),
            // The last piece may be answered before the end is seen where it came from.
            Either::Right((Ok(response), pumped)) => {
                let patience = self.patience().read;
                timeout(patience, pumped).await.map_err(|_| what.late(patience))??;
                response
            }
        };
        Ok(session(&response).unwrap_or_else(|| to.to_owned()))
    }

    /// Reads the layer, hashes it and hands it on. Where reading breaks off, it goes on from there.
    async fn pump(&self, origin: &Origin, blob: &Entry, sender: mpsc::Sender<Bytes>) -> Result<(), Snag> {
        let (what, patience) = (What::change("ecr:UploadLayerPart"), self.patience().attempt);
        let mut attempts = Attempts::new(self.patience());
        let (mut digester, mut length) = (Digester::new(), 0_u64);
        loop {
            let opened = origin.open(&blob.digest, length).await.map_err(Snag::Final)?;
            let mut stream = opened.ok_or_else(|| Snag::Final(self.incomplete(origin, blob)))?;
            let failed = loop {
                match stream.next().await {
                    Ok(Some(piece)) => {
                        length += piece.len() as u64;
                        digester.update(&piece);
                        if length > blob.size {
                            return Err(Snag::Final(corrupted(origin, blob, digester)));
                        }
                        attempts.progress();
                        let sent = timeout(patience, sender.send(piece)).await.map_err(|_| what.late(patience))?;
                        sent.map_err(|_| what.unsure("the registry ended the upload"))?;
                    }
                    Ok(None) => return ended(origin, blob, digester, length),
                    Err(_) if length == blob.size => return ended(origin, blob, digester, length),
                    Err(failed) => break failed,
                }
            };
            let Some(pause) = attempts.after(&failed) else {
                return Err(Snag::Final(failed.into()));
            };
            sleep(pause).await;
        }
    }

    fn incomplete(&self, origin: &Origin, blob: &Entry) -> PublishError {
        let repository = origin.repository().unwrap_or(self.repository()).clone();
        let image = towpath_core::identifier::ImageReference::new(repository, blob.digest.clone());
        PublishError::Incomplete { image, missing: blob.digest.clone() }
    }

    /// The failure by its name, where it has one.
    pub(super) fn named(&self, failed: Failed) -> PublishError {
        if failed.is_coded(&["NAME_UNKNOWN"]) {
            return PublishError::NoRepository(self.repository().clone());
        }
        failed.into()
    }
}

/// An upload that is not known any more was ended by a request whose answer was lost, or is to be begun again.
fn forgotten(failed: Failed) -> Failed {
    if !failed.is_coded(&["BLOB_UPLOAD_UNKNOWN"]) {
        return failed;
    }
    What::change("ecr:CompleteLayerUpload").unsure(failed.error.message)
}

fn ended(origin: &Origin, blob: &Entry, digester: Digester, length: u64) -> Result<(), Snag> {
    let found = digester.clone().finish();
    if found == blob.digest && length == blob.size {
        return Ok(());
    }
    Err(Snag::Final(corrupted(origin, blob, digester)))
}

fn corrupted(origin: &Origin, blob: &Entry, digester: Digester) -> PublishError {
    let (place, expected): (String, Digest) = (origin.place(), blob.digest.clone());
    PublishError::Corrupted { place, expected, found: Some(digester.finish()) }
}

/// A request's body that comes in pieces, of a length that is known.
struct Piecewise {
    receiver: mpsc::Receiver<Bytes>,
    left: u64,
}

impl Body for Piecewise {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.receiver.poll_recv(context).map(|piece| {
            let piece = piece?;
            self.left = self.left.saturating_sub(piece.len() as u64);
            Some(Ok(Frame::data(piece)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
