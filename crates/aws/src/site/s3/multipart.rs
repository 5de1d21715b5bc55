//! Writing a large file in parts, each with a checksum of its own; what is not completed is taken back.
//!
//! Of an object in parts S3 knows only a checksum of checksums. Its SHA-256 is kept beside it, as metadata.

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use reqwest::Method;
use towpath_core::{
    identifier::Sha256,
    ports::{FileError, Upload},
    site::{Content, Headers, SitePath},
};

use super::{
    client::Request,
    encode,
    failed::{Failed, What},
    lane::Lane,
    limits::{Part, parts},
    upload::{PUT, Stopped, Uploads, served_with},
    xml,
};

/// The metadata in which the SHA-256 of an object in parts is kept.
pub(super) const WHOLE_HASH: &str = "x-amz-meta-towpath-sha256";

/// How many parts are on their way at once, beside the one that is being read.
const AT_ONCE: usize = 2;

/// An upload in parts that is under way.
pub(super) struct InParts<'a> {
    pub(super) lane: &'a Lane<'a>,
    pub(super) key: &'a str,
    pub(super) id: String,
}

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) number: u32,
    pub(super) etag: String,
    pub(super) checksum: Option<String>,
}

impl Uploads<'_> {
    /// Writes a file in parts.
    pub(super) async fn in_parts(&self, key: &str, path: &SitePath, upload: &Upload) -> Result<(), Stopped> {
        let begun = InParts::begin(&self.lane, key, &upload.headers, &upload.content).await?;
        let stored = match self.parts(&begun, path, &upload.content).await {
            Ok(stored) => stored,
            Err(stopped) => {
                begun.abort().await;
                return Err(stopped);
            }
        };
        Ok(begun.complete(stored, &upload.content).await?)
    }

    async fn parts(&self, begun: &InParts<'_>, path: &SitePath, content: &Content) -> Result<Vec<Stored>, Stopped> {
        // A file that ended early, or does not end, is not the one that was surveyed.
        let changed = || FileError::Changed(path.clone());
        let mut pieces = self.pieces(path, content).await?;
        let mut rest = BytesMut::new();
        let (mut stored, mut running) = (Vec::new(), FuturesUnordered::new());
        for part in parts(content.size, self.limits.part) {
            let length = usize::try_from(part.length).unwrap_or(usize::MAX);
            let mut bytes = BytesMut::with_capacity(length);
            std::mem::swap(&mut bytes, &mut rest);
            bytes.reserve(length.saturating_sub(bytes.len()));
            while bytes.len() < length {
                let Some(piece) = pieces.next().await else { return Err(changed().into()) };
                let mut piece = piece?;
                let wanted = piece.len().min(length - bytes.len());
                bytes.extend_from_slice(&piece.split_to(wanted));
                rest.extend_from_slice(&piece);
            }
            if running.len() == AT_ONCE
                && let Some(done) = running.next().await
            {
                stored.push(done?);
            }
            running.push(self.put_part(begun, part, bytes.freeze()));
        }
        // Only the end of the stream says that the bytes were the right ones.
        if let Some(more) = pieces.next().await {
            return Err(more.err().unwrap_or_else(changed).into());
        }
        while let Some(done) = running.next().await {
            stored.push(done?);
        }
        Ok(stored)
    }

    async fn put_part(&self, begun: &InParts<'_>, part: Part, bytes: Bytes) -> Result<Stored, Failed> {
        let hash = Sha256::of(&bytes);
        let checksum = encode::checksum(&hash);
        let request = begun.request(Method::PUT, PUT).asking("partNumber", part.number.to_string());
        let answer = self.lane.send(&request.bringing(bytes, &hash)).await?;
        let etag = answer.header("etag").ok_or_else(|| What::change(PUT).unsure("a part without an ETag"))?;
        let stored = Stored { number: part.number, etag: etag.to_owned(), checksum: Some(checksum) };
        self.progress.sent(part.length);
        Ok(stored)
    }
}

impl<'a> InParts<'a> {
    /// Begins one for an object with these bytes.
    pub(super) async fn begin(
        lane: &'a Lane<'a>,
        key: &'a str,
        headers: &Headers,
        content: &Content,
    ) -> Result<Self, Failed> {
        let what = What::change(PUT);
        let request = served_with(Request::new(what, Method::POST, key).asking("uploads", ""), headers)
            .with("x-amz-checksum-algorithm", "SHA256")
            .with(WHOLE_HASH, content.sha256.as_str());
        let answer = lane.send(&request).await?;
        let id = xml::read(what, &answer.body, "InitiateMultipartUploadResult", |root| {
            xml::text(root, "UploadId").map(str::to_owned)
        })?;
        Ok(Self { lane, key, id })
    }

    pub(super) fn request(&self, method: Method, permission: &'static str) -> Request<'_> {
        Request::new(What::change(permission), method, self.key).asking("uploadId", self.id.clone())
    }

    /// Makes an object of the parts.
    pub(super) async fn complete(&self, mut stored: Vec<Stored>, content: &Content) -> Result<(), Failed> {
        stored.sort_by_key(|part| part.number);
        let listed: String = stored.iter().map(listed).collect();
        let document = format!(
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{listed}</CompleteMultipartUpload>"
        );
        let request = self.request(Method::POST, PUT).saying(document.into());
        let completed = self.completed(&request).await;
        match completed {
            // The first of several attempts may have been the good one.
            Err(failed) if failed.is_coded("NoSuchUpload") && self.is_there(content).await => Ok(()),
            Err(failed) => {
                self.abort().await;
                Err(failed)
            }
            Ok(()) => Ok(()),
        }
    }

    async fn completed(&self, request: &Request<'_>) -> Result<(), Failed> {
        let mut attempts = super::attempts::Attempts::new(self.lane.client().patience());
        loop {
            let answer = self.lane.send_once(request).await;
            let read = answer.and_then(|answer| {
                xml::read(request.what(), &answer.body, "CompleteMultipartUpload", |root| {
                    xml::child(root, "ETag").map(drop)
                })
            });
            match read {
                Ok(()) => return Ok(()),
                Err(failed) => self.lane.pause(&mut attempts, failed).await?,
            }
        }
    }

    async fn is_there(&self, content: &Content) -> bool {
        let request = Request::new(What::read("s3:GetObject"), Method::HEAD, self.key);
        let Ok(answer) = self.lane.send(&request).await else { return false };
        answer.header(WHOLE_HASH) == Some(content.sha256.as_str())
            && answer.header("content-length").and_then(|size| size.parse().ok()) == Some(content.size)
    }

    /// Takes back what was stored. Where that fails, the bucket's own rules for such uploads are what is left.
    pub(super) async fn abort(&self) {
        let _aborted = self.lane.send(&self.request(Method::DELETE, "s3:AbortMultipartUpload")).await;
    }
}

fn listed(part: &Stored) -> String {
    let checksum = part.checksum.as_deref().map(|checksum| xml::element("ChecksumSHA256", checksum));
    let (etag, number) = (xml::element("ETag", &part.etag), part.number);
    format!("<Part>{}{etag}<PartNumber>{number}</PartNumber></Part>", checksum.unwrap_or_default())
}
