//! Copying a wave inside of S3, from this bucket or another one, checked before and after.
//!
//! The source is looked at first, and the copy is made only of the state that was seen. Where S3 knows the source's
//! SHA-256 it is compared before anything is written. Where it does not (somebody else wrote it), S3 computes it for
//! the copy, and that is compared; an object of more than 5 GiB without one is judged by its size and state alone.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use towpath_core::{
    ports::{BucketError, Copy, Failure, Progress, Waved},
    site::Home,
};

use super::{
    attempts::Attempts,
    client::{Client, Request},
    encode,
    failed::{Failed, What},
    head::{self, Described},
    lane::Lane,
    limits::{Limits, Part, parts},
    multipart::{InParts, Stored},
    named,
    upload::{PUT, served_with},
    wave, xml,
};

/// How many parts of one object are copied at once.
const AT_ONCE: usize = 8;

/// What a wave of copies is made with.
pub(super) struct Copies<'a> {
    pub(super) lane: Lane<'a>,
    pub(super) home: &'a Home,
    /// The clients of the buckets that are copied from.
    pub(super) sources: &'a (dyn Fn(&Home) -> Client + Sync),
    pub(super) progress: &'a dyn Progress,
    pub(super) limits: Limits,
}

impl Copies<'_> {
    /// Copies them all.
    pub(super) async fn run(&self, wave: &[Copy]) -> Waved {
        let ran = self.lane.run(wave, |copy| self.one(copy)).await;
        let failed = |(copy, error): (&Copy, BucketError)| Failure { object: copy.to.clone(), error };
        wave::judged(ran, |copy| copy.content.size, failed, self.lane.requests())
    }

    async fn one(&self, copy: &Copy) -> Result<(), BucketError> {
        let found = self.source(copy).await?;
        if found.size != copy.content.size || found.sha256.as_ref().is_some_and(|hash| *hash != copy.content.sha256) {
            return Err(BucketError::Corrupted { object: copy.to.clone() });
        }
        let copied = if found.size > self.limits.whole_copy {
            self.in_parts(copy, &found).await.map(|()| found.sha256.clone())
        } else {
            self.whole(copy, &found).await
        };
        let hash = copied.map_err(|failed| self.named(copy, failed))?;
        if hash.is_some_and(|hash| hash != copy.content.sha256) {
            return Err(BucketError::Corrupted { object: copy.to.clone() });
        }
        self.progress.sent(copy.content.size);
        self.progress.finished(&copy.to);
        Ok(())
    }

    /// What is to be copied, as it is now.
    async fn source(&self, copy: &Copy) -> Result<Described, BucketError> {
        let client = (self.sources)(&copy.home);
        let lane = Lane::new(&client);
        let key = copy.home.key(&copy.from);
        let answer = lane.send(&head::request(&key)).await;
        self.lane.count(lane.requests());
        let missing = || BucketError::NoObject { home: copy.home.clone(), object: copy.from.clone() };
        answer.map(|answer| Described::read(&answer)).map_err(|failed| {
            if failed.error.is_not_found() { missing() } else { named::of_bucket(&client, &copy.home.bucket, failed) }
        })
    }

    async fn whole(&self, copy: &Copy, found: &Described) -> Result<Option<towpath_core::identifier::Sha256>, Failed> {
        let (what, key) = (What::change(PUT), self.home.key(&copy.to));
        let request = served_with(Request::new(what, Method::PUT, &key), &copy.headers)
            .with("x-amz-metadata-directive", "REPLACE")
            .with("x-amz-checksum-algorithm", "SHA256");
        let request = self.copying(request, copy, found);
        let answer = self.until_read(&request, "CopyObjectResult").await?;
        Ok(answer.checksum.as_deref().and_then(encode::hash))
    }

    async fn in_parts(&self, copy: &Copy, found: &Described) -> Result<(), Failed> {
        let key = self.home.key(&copy.to);
        let begun = InParts::begin(&self.lane, &key, &copy.headers, &copy.content).await?;
        let copied = stream::iter(parts(found.size, self.limits.copied_part))
            .map(|part| self.part(&begun, copy, found, part))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<Stored>>()
            .await;
        match copied {
            Ok(stored) => begun.complete(stored, &copy.content).await,
            Err(failed) => {
                begun.abort().await;
                Err(failed)
            }
        }
    }

    async fn part(&self, begun: &InParts<'_>, copy: &Copy, found: &Described, part: Part) -> Result<Stored, Failed> {
        let range = format!("bytes={}-{}", part.start, part.start + part.length - 1);
        let request = begun.request(Method::PUT, PUT).asking("partNumber", part.number.to_string());
        let request = self.copying(request.with("x-amz-copy-source-range", range), copy, found);
        let copied = self.until_read(&request, "CopyPartResult").await?;
        Ok(Stored { number: part.number, etag: copied.etag, checksum: copied.checksum })
    }

    /// Sends a copy until its answer is a good one: S3 may say that it failed after it has said 200.
    async fn until_read(&self, request: &Request<'_>, root: &str) -> Result<Copied, Failed> {
        let mut attempts = Attempts::new(self.lane.client().patience());
        loop {
            let answer = self.lane.send_once(request).await;
            let read = answer.and_then(|answer| xml::read(request.what(), &answer.body, root, Copied::read));
            match read {
                Ok(copied) => return Ok(copied),
                Err(failed) => self.lane.pause(&mut attempts, failed).await?,
            }
        }
    }

    /// A request that copies from there, what is there as it was found, as long as the bucket is whose it should be.
    fn copying<'r>(&self, request: Request<'r>, copy: &Copy, found: &Described) -> Request<'r> {
        let source = format!("/{}/{}", copy.home.bucket, encode::key(&copy.home.key(&copy.from)));
        let request = request.with("x-amz-copy-source", source);
        let request = match &found.etag {
            Some(etag) => request.with("x-amz-copy-source-if-match", etag),
            None => request,
        };
        match &(self.sources)(&copy.home).place().owner {
            Some(owner) => request.with("x-amz-source-expected-bucket-owner", owner.to_string()),
            None => request,
        }
    }

    fn named(&self, copy: &Copy, failed: Failed) -> BucketError {
        // The source was there when it was looked at, in the state that the copy asks for.
        if failed.is_coded("NoSuchKey") {
            return BucketError::NoObject { home: copy.home.clone(), object: copy.from.clone() };
        }
        if failed.is_coded("PreconditionFailed") {
            return BucketError::Corrupted { object: copy.to.clone() };
        }
        named::of_write(self.lane.client(), &self.home.bucket, &copy.to, failed)
    }
}

/// What S3 says of a copy.
struct Copied {
    etag: String,
    checksum: Option<String>,
}

impl Copied {
    fn read(node: roxmltree::Node<'_, '_>) -> Option<Self> {
        let checksum = xml::text(node, "ChecksumSHA256").map(str::to_owned);
        Some(Self { etag: xml::text(node, "ETag")?.to_owned(), checksum })
    }
}
