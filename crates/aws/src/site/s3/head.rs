//! Looking at one object: its size, its state, what it hashes to, and what it is served with.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use reqwest::Method;
use towpath_core::{
    identifier::Sha256,
    ports::{BucketError, Examined},
    site::{HeaderValue, Headers, Home, SiteObject, SitePath},
};

use super::{
    client::{Answer, Client, Request},
    encode,
    failed::{Failed, What},
    lane::Lane,
    multipart::WHOLE_HASH,
    named,
};

/// An object as S3 describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) size: u64,
    pub(super) etag: Option<String>,
    /// The SHA-256 of its bytes: S3's own where it has one, else the one that was kept beside parts.
    pub(super) sha256: Option<Sha256>,
    pub(super) headers: Option<Headers>,
}

/// The request that describes an object.
pub(super) fn request(key: &str) -> Request<'_> {
    Request::new(What::read("s3:GetObject"), Method::HEAD, key).with("x-amz-checksum-mode", "ENABLED")
}

/// Looks at these files. What is not there is left out.
pub(super) async fn examine(client: &Client, home: &Home, paths: &[SitePath]) -> Result<Vec<Examined>, BucketError> {
    let (lane, found) = (Lane::new(client), Mutex::new(BTreeMap::new()));
    let ran = lane.run(paths, |path| look(&lane, home, path, &found)).await;
    if let Some((_, failed)) = ran.failed.into_iter().next() {
        return Err(named::of_bucket(client, &home.bucket, failed));
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(paths.iter().filter_map(|path| found.remove(path)).collect())
}

async fn look(
    lane: &Lane<'_>,
    home: &Home,
    path: &SitePath,
    all: &Mutex<BTreeMap<SitePath, Examined>>,
) -> Result<(), Failed> {
    let key = home.key(&SiteObject::File(path.clone()));
    let answer = match lane.send(&request(&key)).await {
        Ok(answer) => answer,
        // Without a body, a bucket that is not there looks the same; it was asked before.
        Err(failed) if failed.error.is_not_found() => return Ok(()),
        Err(failed) => return Err(failed),
    };
    let Described { size, sha256, headers, .. } = Described::read(&answer);
    let examined = Examined { path: path.clone(), size, sha256, headers };
    all.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), examined);
    Ok(())
}

impl Described {
    /// What an answer describes.
    pub(super) fn read(answer: &Answer) -> Self {
        let is_etag_of_parts = answer.header("etag").is_some_and(|etag| etag.contains('-'));
        let is_of_parts = answer.header("x-amz-checksum-type") == Some("COMPOSITE") || is_etag_of_parts;
        let own = answer.header("x-amz-checksum-sha256").filter(|_| !is_of_parts).and_then(encode::hash);
        Self {
            size: answer.header("content-length").and_then(|size| size.parse().ok()).unwrap_or(0),
            etag: answer.header("etag").map(str::to_owned),
            sha256: own.or_else(|| answer.header(WHOLE_HASH)?.parse().ok()),
            headers: headers(answer),
        }
    }
}

fn headers(answer: &Answer) -> Option<Headers> {
    let value = |name: &str| answer.header(name).map(str::parse::<HeaderValue>).transpose().ok();
    Some(Headers {
        content_type: value("content-type")??,
        cache_control: value("cache-control")??,
        content_encoding: value("content-encoding")?,
        content_disposition: value("content-disposition")?,
        content_language: value("content-language")?,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{HeaderMap, HeaderName};

    use super::*;

    fn described(headers: &[(&'static str, &str)]) -> Described {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        Described::read(&Answer { headers: map, body: Bytes::new() })
    }

    #[test]
    fn s3s_own_hash_goes_before_the_one_beside_it() {
        let (own, kept) = (Sha256::of(b"own"), Sha256::of(b"kept"));
        let (checksum, kept_text) = (encode::checksum(&own), kept.as_str());
        let check = |headers: &[(&'static str, &str)], expected: Option<&Sha256>| {
            assert_eq!(described(headers).sha256.as_ref(), expected, "{headers:?}");
        };
        check(&[("x-amz-checksum-sha256", &checksum), (WHOLE_HASH, kept_text)], Some(&own));
        check(&[("x-amz-checksum-sha256", &checksum), ("x-amz-checksum-type", "COMPOSITE")], None);
        check(&[("x-amz-checksum-sha256", &checksum), ("etag", "\"0f-2\""), (WHOLE_HASH, kept_text)], Some(&kept));
        check(&[("x-amz-checksum-type", "COMPOSITE"), (WHOLE_HASH, kept_text)], Some(&kept));
        check(&[("x-amz-checksum-sha256", "AAAA-2"), (WHOLE_HASH, kept_text)], Some(&kept));
        check(&[(WHOLE_HASH, "nonsense")], None);
    }

    #[test]
    fn what_has_no_type_or_no_cache_control_is_not_ours() {
        assert_eq!(described(&[("content-type", "text/html")]).headers, None);
        let ours = described(&[("content-type", "text/html"), ("cache-control", "no-cache")]).headers.unwrap();
        assert_eq!(ours.cache_control.as_str(), "no-cache");
        assert_eq!(ours.content_encoding, None);
    }
}
