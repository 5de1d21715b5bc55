//! Writing a wave of files: small ones whole, larger ones as they are read, large ones in parts.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::Either, stream::BoxStream};
use reqwest::Method;
use tokio::sync::mpsc;
use towpath_core::{
    ports::{BucketError, Failure, FileBytes, FileError, Progress, SiteFiles, Upload, UploadSource, Waved},
    site::{Content, Headers, Home, SitePath},
};

use super::{
    attempts::Attempts,
    client::{Client, Request},
    failed::{Failed, What},
    lane::Lane,
    limits::Limits,
    named, wave,
};

/// What a wave of uploads is made with.
pub(super) struct Uploads<'a> {
    pub(super) lane: Lane<'a>,
    pub(super) home: &'a Home,
    pub(super) files: &'a dyn SiteFiles,
    pub(super) progress: &'a dyn Progress,
    pub(super) limits: Limits,
}

/// Why a file is not there.
pub(super) enum Stopped {
    Failed(Failed),
    File(FileError),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<FileError> for Stopped {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// A file's bytes as they are read.
type Pieces = BoxStream<'static, Result<Bytes, FileError>>;

/// What writing takes.
pub(super) const PUT: &str = "s3:PutObject";

impl<'a> Uploads<'a> {
    pub(super) fn new(
        client: &'a Client,
        home: &'a Home,
        files: &'a dyn SiteFiles,
        progress: &'a dyn Progress,
        limits: Limits,
    ) -> Self {
        Self { lane: Lane::new(client), home, files, progress, limits }
    }

    /// Writes them all.
    pub(super) async fn run(&self, wave: &[Upload]) -> Waved {
        let ran = self.lane.run(wave, |upload| self.one(upload)).await;
        let failed = |(upload, error): (&Upload, BucketError)| Failure { object: upload.to.clone(), error };
        wave::judged(ran, |upload| upload.content.size, failed, self.lane.requests())
    }

    async fn one(&self, upload: &Upload) -> Result<(), BucketError> {
        let key = self.home.key(&upload.to);
        let stopped = match self.write(&key, upload).await {
            Ok(()) => {
                self.progress.finished(&upload.to);
                return Ok(());
            }
            Err(stopped) => stopped,
        };
        Err(match stopped {
            Stopped::File(error) => BucketError::File(error),
            Stopped::Failed(failed) => named::of_write(self.lane.client(), &self.home.bucket, &upload.to, failed),
        })
    }

    async fn write(&self, key: &str, upload: &Upload) -> Result<(), Stopped> {
        let size = upload.content.size;
        match &upload.source {
            UploadSource::File(path) if size > self.limits.whole => {
                let _held = self.lane.hold_all().await;
                self.in_parts(key, path, upload).await
            }
            UploadSource::File(path) => {
                let _held = self.lane.hold(size).await;
                match self.read(path, &upload.content).await? {
                    FileBytes::Whole(bytes) => self.whole(key, upload, bytes).await,
                    FileBytes::Pieces(pieces) => self.as_it_is_read(key, (path, pieces), upload).await,
                }
            }
            UploadSource::Bytes(bytes) => self.whole(key, upload, bytes.clone()).await,
        }
    }

    async fn whole(&self, key: &str, upload: &Upload, bytes: Bytes) -> Result<(), Stopped> {
        let request = Request::new(What::change(PUT), Method::PUT, key);
        let request = served_with(request, &upload.headers).bringing(bytes, &upload.content.sha256);
        let _answer = self.lane.send(&request).await?;
        self.progress.sent(upload.content.size);
        Ok(())
    }

    /// Sends a file while it is read; for another attempt it is read again.
    async fn as_it_is_read(
        &self,
        key: &str,
        (path, pieces): (&SitePath, Pieces),
        upload: &Upload,
    ) -> Result<(), Stopped> {
        let Content { size, sha256 } = &upload.content;
        let request = Request::new(What::change(PUT), Method::PUT, key);
        let request = served_with(request, &upload.headers).streaming(*size, sha256);
        let mut attempts = Attempts::new(self.lane.client().patience());
        let told = AtomicU64::new(0);
        let mut pieces = Some(pieces);
        loop {
            let next = match pieces.take() {
                Some(pieces) => pieces,
                None => self.pieces(path, &upload.content).await?,
            };
            match self.attempt(&request, next, &told).await {
                Ok(()) => return Ok(()),
                Err(Stopped::File(error)) => return Err(error.into()),
                Err(Stopped::Failed(failed)) => self.lane.pause(&mut attempts, failed).await?,
            }
        }
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let _turn = self.lane.turn().await;
        self.files.read(path, content).await
    }

    /// The file in pieces, however small it is.
    pub(super) async fn pieces(&self, path: &SitePath, content: &Content) -> Result<Pieces, FileError> {
        Ok(match self.read(path, content).await? {
            FileBytes::Whole(bytes) => futures_util::stream::iter([Ok(bytes)]).boxed(),
            FileBytes::Pieces(pieces) => pieces,
        })
    }

    async fn attempt(&self, request: &Request<'_>, pieces: Pieces, told: &AtomicU64) -> Result<(), Stopped> {
        let (sender, receiver) = mpsc::channel(1);
        let sending = std::pin::pin!(self.lane.send_pieces(request, receiver));
        let reading = std::pin::pin!(self.hand_on(pieces, sender, told));
        match futures_util::future::select(sending, reading).await {
            // S3 may answer before it has everything: what it says counts.
            Either::Left((answer, _)) => answer.map(drop).map_err(Stopped::from),
            Either::Right((Ok(()), sending)) => sending.await.map(drop).map_err(Stopped::from),
            // Ending the request here has S3 keep nothing of it.
            Either::Right((Err(error), _)) => Err(error.into()),
        }
    }

    async fn hand_on(
        &self,
        mut pieces: Pieces,
        sender: mpsc::Sender<Bytes>,
        told: &AtomicU64,
    ) -> Result<(), FileError> {
        let mut read = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            let length = piece.len() as u64;
            if sender.send(piece).await.is_err() {
                // Whoever sends has its own word on why it stopped.
                return Ok(());
            }
            read += length;
            let before = told.fetch_max(read, Ordering::Relaxed);
            self.progress.sent(read.saturating_sub(before));
        }
        Ok(())
    }
}

/// A request for an object that is served with these.
pub(super) fn served_with<'a>(request: Request<'a>, headers: &Headers) -> Request<'a> {
    let Headers { content_type, cache_control, content_encoding, content_disposition, content_language } = headers;
    let maybe = [
        ("content-encoding", content_encoding),
        ("content-disposition", content_disposition),
        ("content-language", content_language),
    ];
    let request = request.with("content-type", content_type.as_str()).with("cache-control", cache_control.as_str());
    maybe.into_iter().fold(request, |request, (name, value)| match value {
        Some(value) => request.with(name, value.as_str()),
        None => request,
    })
}
