//! Where something is asked: a bucket, by its name in the host's, as AWS wants it, or in the path, as other servers do;
//! or CloudFront.
//!
//! Endpoints of dual-stack, FIPS, acceleration and access points are not known.

use towpath_core::identifier::{AccountId, Region};

/// Where one bucket is asked, or CloudFront.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::site) struct Place {
    /// The scheme and the authority, for example `https://shop.s3.us-west-2.amazonaws.com`.
    origin: String,
    /// What goes before each key: empty, or a slash and the bucket.
    path: String,
    /// The service's name in signatures.
    pub(in crate::site) service: &'static str,
    /// The region that is signed for.
    pub(in crate::site) region: Region,
    /// The account that S3 is told to expect as the bucket's owner: it refuses everything where that is another.
    pub(in crate::site) owner: Option<AccountId>,
}

impl Place {
    /// The bucket in that region, at `endpoint` where AWS's own is not meant.
    pub(in crate::site) fn new(bucket: &str, region: &Region, endpoint: Option<&str>) -> Self {
        let domain = if region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let (origin, path) = match endpoint {
            Some(endpoint) => (endpoint.trim_end_matches('/').to_owned(), format!("/{bucket}")),
            // The certificate is for one label below S3's name.
            None if bucket.contains('.') => (format!("https://s3.{region}.{domain}"), format!("/{bucket}")),
            None => (format!("https://{bucket}.s3.{region}.{domain}"), String::new()),
        };
        Self { origin, path, service: "s3", region: region.clone(), owner: None }
    }

    /// The same bucket, as long as it is that account's.
    pub(in crate::site) fn owned_by(self, owner: Option<AccountId>) -> Self {
        Self { owner, ..self }
    }

    /// CloudFront, which is in one region of each partition.
    pub(in crate::site) fn of_cloud_front(region: &Region, endpoint: Option<&str>) -> Self {
        let (own, region) = if region.as_str().starts_with("cn-") {
            ("https://cloudfront.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1")
        } else {
            ("https://cloudfront.amazonaws.com", "us-east-1")
        };
        let origin = endpoint.map_or(own, |endpoint| endpoint.trim_end_matches('/')).to_owned();
        let region = region.parse().expect("both are regions");
        Self { origin, path: String::new(), service: "cloudfront", region, owner: None }
    }

    /// The scheme and the authority.
    pub(in crate::site) fn origin(&self) -> &str {
        &self.origin
    }

    /// What the requests' header `host` says: the port stands there unless it is the scheme's own.
    pub(in crate::site) fn host(&self) -> &str {
        let (scheme, rest) = self.origin.split_once("://").unwrap_or(("http", &self.origin));
        let authority = rest.split('/').next().unwrap_or_default();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        authority.strip_suffix(usual).unwrap_or(authority)
    }

    /// The path of an escaped key in a URL; an empty one is the bucket itself.
    pub(in crate::site) fn path(&self, key: &str) -> String {
        let base = self.base();
        match (key, self.path.is_empty()) {
            ("", false) => format!("{base}{}", self.path),
            _ => format!("{base}{}/{key}", self.path),
        }
    }

    /// The path that an endpoint has of its own.
    fn base(&self) -> &str {
        let rest = self.origin.split_once("://").map_or(self.origin.as_str(), |(_, rest)| rest);
        rest.find('/').map_or("", |at| &rest[at..])
    }

    /// The address of a path with its query, both escaped.
    pub(in crate::site) fn address(&self, path: &str, query: &str) -> String {
        let authority = self.origin.strip_suffix(self.base()).unwrap_or(&self.origin);
        if query.is_empty() { format!("{authority}{path}") } else { format!("{authority}{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(bucket: &str, region: &str, endpoint: Option<&str>) -> Place {
        Place::new(bucket, &region.parse().unwrap(), endpoint)
    }

    #[test]
    fn aws_is_asked_at_the_buckets_own_name_and_others_below_theirs() {
        let check = |place: Place, host: &str, address: &str| {
            assert_eq!(place.host(), host);
            assert_eq!(place.address(&place.path("a/b"), ""), address);
        };
        let name = "shop.s3.us-west-2.amazonaws.com";
        check(place("shop", "us-west-2", None), name, "https://shop.s3.us-west-2.amazonaws.com/a/b");
        let dotted = "https://s3.eu-central-1.amazonaws.com/shop.example.com/a/b";
        check(place("shop.example.com", "eu-central-1", None), "s3.eu-central-1.amazonaws.com", dotted);
        let chinese = "shop.s3.cn-north-1.amazonaws.com.cn";
        check(place("shop", "cn-north-1", None), chinese, "https://shop.s3.cn-north-1.amazonaws.com.cn/a/b");
        let near = place("shop", "us-west-2", Some("http://127.0.0.1:9000/"));
        check(near, "127.0.0.1:9000", "http://127.0.0.1:9000/shop/a/b");
        let usual = place("shop", "us-west-2", Some("https://s3.example.com:443"));
        check(usual, "s3.example.com", "https://s3.example.com:443/shop/a/b");
        let below = place("shop", "us-west-2", Some("http://localhost:9000/s3"));
        check(below, "localhost:9000", "http://localhost:9000/s3/shop/a/b");
    }

    #[test]
    fn cloudfront_is_in_one_region_of_each_partition() {
        let check = |region: &str, endpoint, expected: (&str, &str)| {
            let place = Place::of_cloud_front(&region.parse().unwrap(), endpoint);
            assert_eq!((place.address(&place.path("a"), "").as_str(), place.region.as_str()), expected);
        };
        check("eu-west-1", None, ("https://cloudfront.amazonaws.com/a", "us-east-1"));
        check("cn-north-1", None, ("https://cloudfront.cn-northwest-1.amazonaws.com.cn/a", "cn-northwest-1"));
        check("eu-west-1", Some("http://127.0.0.1:1/"), ("http://127.0.0.1:1/a", "us-east-1"));
    }

    #[test]
    fn the_bucket_itself_has_no_key() {
        let near = place("shop", "us-west-2", Some("http://127.0.0.1:9000"));
        assert_eq!(near.address(&near.path(""), "list-type=2"), "http://127.0.0.1:9000/shop?list-type=2");
        let far = place("shop", "us-west-2", None);
        assert_eq!(far.path(""), "/");
    }
}
