//! Which bucket and key an address names: in the path, or with the bucket in the host.
//!
//! A host that is no name of S3 leaves the bucket to the path.

use hyper::{HeaderMap, Uri, header::HOST};

use crate::rest::Target;

/// A bucket and a key; either may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Address {
    pub(super) fn read(uri: &Uri, headers: &HeaderMap, target: &Target) -> Self {
        let path = target.path.strip_prefix('/').unwrap_or(&target.path);
        // A target that names its host goes before the header, as HTTP has it.
        let named = uri.authority().map(hyper::http::uri::Authority::as_str);
        let host = named.or_else(|| headers.get(HOST)?.to_str().ok()).unwrap_or_default();
        if let Some(bucket) = bucket_of_host(host) {
            return Self { bucket: bucket.to_owned(), key: path.to_owned() };
        }
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        Self { bucket: bucket.to_owned(), key: key.to_owned() }
    }
}

/// The bucket of `shop.localhost`, `shop.s3.localhost` or `shop.s3.us-west-2.amazonaws.com`, with or without a port.
pub(crate) fn bucket_of_host(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Some(before) = name.strip_suffix(".localhost") {
        let is_service = before == "s3" || before.starts_with("s3.");
        let bucket = before.split_once(".s3").map_or(before, |(bucket, _)| bucket);
        return (!is_service).then_some(bucket);
    }
    let before = name.strip_suffix(".amazonaws.com")?;
    let (bucket, service) = before.split_once(".s3")?;
    (service.is_empty() || service.starts_with(['.', '-'])).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, path: &str, bucket: &str, key: &str) {
        let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        let uri: Uri = path.parse().unwrap();
        let address = Address::read(&uri, &headers, &Target::of(&uri));
        assert_eq!((address.bucket.as_str(), address.key.as_str()), (bucket, key), "{host} {path}");
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        check("127.0.0.1:4599", "/shop/a/b%20c", "shop", "a/b c");
        check("127.0.0.1:4599", "/shop/", "shop", "");
        check("localhost", "/", "", "");
        check("shop.localhost:4599", "/a/b", "shop", "a/b");
        check("shop.s3.localhost:4599", "/", "shop", "");
        check("s3.localhost", "/shop/a", "shop", "a");
        check("shop.s3.us-west-2.amazonaws.com", "/a", "shop", "a");
        check("s3.us-west-2.amazonaws.com", "/shop/a", "shop", "a");
        check("www.shop.s3.amazonaws.com", "//a", "www.shop", "/a");
    }
}
