//! The marker: read, and written only in the state that was read.
//!
//! An answer that was lost is settled by reading: whose bytes are there tells whether it was ours that won.

use std::time::Instant;

use bytes::Bytes;
use reqwest::Method;
use tokio::time::sleep;
use towpath_core::{
    identifier::Sha256,
    ports::{BucketError, ETag, MarkerState, PutMarker, StoredMarker},
    site::{Home, SiteObject},
};

use super::{
    attempts::Attempts,
    client::{Answer, Client, Request},
    failed::{Failed, What},
    named,
    upload::PUT,
};

/// The longest marker that is read.
const LONGEST: usize = 16 << 20;

/// The marker, where there is one.
pub(super) async fn read(client: &Client, home: &Home) -> Result<Option<StoredMarker>, BucketError> {
    found(client, home).await.map_err(|failed| named::of_bucket(client, &home.bucket, failed))
}

async fn found(client: &Client, home: &Home) -> Result<Option<StoredMarker>, Failed> {
    let (what, key) = (What::read("s3:GetObject"), home.key(&SiteObject::Marker));
    let request = Request::new(what, Method::GET, &key).expecting(LONGEST);
    match client.send(&request).await {
        Ok(answer) => {
            let etag = etag(&answer).ok_or_else(|| what.unsure("the marker has no ETag"))?;
            Ok(Some(StoredMarker { bytes: answer.body, etag }))
        }
        Err(failed) if failed.is_coded("NoSuchKey") => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// Writes the marker if it is as expected.
pub(super) async fn write(client: &Client, home: &Home, marker: &PutMarker) -> Result<ETag, BucketError> {
    let key = home.key(&SiteObject::Marker);
    let request = request(&key, marker);
    let mut attempts = Attempts::new(client.patience());
    loop {
        let failed = match client.send_once(&request).await {
            Ok(answer) => match etag(&answer) {
                Some(etag) => return Ok(etag),
                None => request.what().unsure("the marker that was written has no ETag"),
            },
            Err(failed) => failed,
        };
        if is_open(&failed) {
            let now = found(client, home).await.map_err(|_| BucketError::Call(failed.error.clone()))?;
            match now {
                Some(now) if now.bytes == marker.bytes => return Ok(now.etag),
                now if !is_as_expected(now.as_ref(), &marker.expected) => {
                    return Err(BucketError::MarkerChanged(home.clone()));
                }
                _ => {}
            }
        }
        // What S3 refused because of the state is worth another attempt where the state is as it should be.
        let passing = Failed { error: settled(&failed), ..failed.clone() };
        let Some(pause) = attempts.after(&passing, Instant::now()) else {
            return Err(named::of_write(client, &home.bucket, &SiteObject::Marker, failed));
        };
        sleep(pause).await;
    }
}

fn request<'a>(key: &'a str, marker: &PutMarker) -> Request<'a> {
    let bytes: Bytes = marker.bytes.clone();
    let hash = Sha256::of(&bytes);
    let request = Request::new(What::change(PUT), Method::PUT, key)
        .with("content-type", "application/json")
        .with("cache-control", "no-store")
        .bringing(bytes, &hash);
    match &marker.expected {
        MarkerState::Absent => request.with("if-none-match", "*"),
        MarkerState::Is(etag) => request.with("if-match", etag.0.as_str()),
    }
}

fn etag(answer: &Answer) -> Option<ETag> {
    answer.header("etag").map(|etag| ETag(etag.to_owned()))
}

/// Whether only reading can tell what is there now.
fn is_open(failed: &Failed) -> bool {
    let is_gone = failed.is_coded("NoSuchKey");
    failed.is_of_condition() || is_gone || failed.error.is_ambiguous()
}

fn is_as_expected(now: Option<&StoredMarker>, expected: &MarkerState) -> bool {
    match (now, expected) {
        (None, MarkerState::Absent) => true,
        (Some(now), MarkerState::Is(etag)) => now.etag == *etag,
        (None, MarkerState::Is(_)) | (Some(_), MarkerState::Absent) => false,
    }
}

/// The failure as one that may pass, where it was for a condition.
fn settled(failed: &Failed) -> towpath_core::ports::CallError {
    if failed.is_of_condition() { What::change(PUT).unsure("").error } else { failed.error.clone() }
}
