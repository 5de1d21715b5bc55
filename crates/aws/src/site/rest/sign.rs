//! Signs requests: AWS's Signature Version 4, with the key of the day kept.
//!
//! The key and the signature itself are `aws-sigv4`'s. Only the canonical request is written here, since that crate's
//! own signing derives the key anew for each request and goes through types that we would have to make for it. The
//! tests hold both against each other.

use std::{
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use jiff::Timestamp;
use towpath_core::identifier::{Region, Sha256};

/// Who signs.
pub(in crate::site) struct Identity {
    pub(in crate::site) key_id: String,
    pub(in crate::site) secret: String,
    pub(in crate::site) token: Option<String>,
    pub(in crate::site) expires: Option<SystemTime>,
    of_the_day: Mutex<Option<OfTheDay>>,
}

/// A signing key, good for one day, one service and one region.
#[derive(Clone)]
struct OfTheDay {
    day: String,
    service: &'static str,
    region: Region,
    key: Vec<u8>,
}

/// What is signed of a request.
pub(in crate::site) struct ToSign<'a> {
    pub(in crate::site) method: &'a str,
    /// The path, escaped.
    pub(in crate::site) path: &'a str,
    /// The query, escaped and sorted.
    pub(in crate::site) query: &'a str,
    /// All headers, their names in lower case and sorted.
    pub(in crate::site) headers: &'a [(&'static str, String)],
    /// The payload's hash, or what stands for it.
    pub(in crate::site) payload: &'a str,
}

/// The form of dates in S3's headers.
pub(in crate::site) fn date(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl Identity {
    pub(in crate::site) fn new(
        key_id: String,
        secret: String,
        token: Option<String>,
        expires: Option<SystemTime>,
    ) -> Self {
        Self { key_id, secret, token, expires, of_the_day: Mutex::new(None) }
    }

    /// The header `authorization` of a request at that time.
    pub(in crate::site) fn authorization(
        &self,
        request: &ToSign<'_>,
        (service, region): (&'static str, &Region),
        at: Timestamp,
    ) -> String {
        let date = date(at);
        let day = &date[..8];
        let (canonical, names) = canonical(request);
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let hash = Sha256::of(canonical.as_bytes());
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash.as_str());
        let signature = calculate_signature(self.key(day, (service, region), at), to_sign.as_bytes());
        let id = &self.key_id;
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    fn key(&self, day: &str, (service, region): (&'static str, &Region), at: Timestamp) -> Vec<u8> {
        let mut kept = self.of_the_day.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) =
            kept.as_ref().filter(|kept| (&*kept.day, kept.service, &kept.region) == (day, service, region))
        {
            return kept.key.clone();
        }
        let made = generate_signing_key(&self.secret, SystemTime::from(at), region.as_str(), service);
        let key = made.as_ref().to_vec();
        *kept = Some(OfTheDay { day: day.to_owned(), service, region: region.clone(), key: key.clone() });
        key
    }
}

/// The canonical request, and the names of its headers.
fn canonical(request: &ToSign<'_>) -> (String, String) {
    let mut canonical = String::with_capacity(512);
    let mut names = String::with_capacity(128);
    let ToSign { method, path, query, headers, payload } = request;
    write!(canonical, "{method}\n{path}\n{query}\n").expect("a string takes everything");
    for (name, value) in *headers {
        canonical.push_str(name);
        canonical.push(':');
        push_trimmed(&mut canonical, value);
        canonical.push('\n');
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name);
    }
    write!(canonical, "\n{names}\n{payload}").expect("a string takes everything");
    (canonical, names)
}

/// Without spaces around it, and with one where there are several.
fn push_trimmed(canonical: &mut String, value: &str) {
    let mut words = value.split(' ').filter(|word| !word.is_empty());
    canonical.extend(words.next());
    for word in words {
        canonical.push(' ');
        canonical.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_sigv4::{
        http_request::{
            PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
            UriPathNormalizationMode, sign,
        },
        sign::v4,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::site::rest::encode;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const ID: &str = "AKIAIOSFODNN7EXAMPLE";

    fn region() -> Region {
        "us-east-1".parse().unwrap()
    }

    /// The request of AWS's documentation, "Examples: Signature Calculations", PUT Object.
    #[test]
    fn the_documented_example_has_its_documented_signature() {
        let identity = Identity::new(ID.to_owned(), SECRET.to_owned(), None, None);
        let payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        let headers = [
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", payload),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        let request = ToSign { method: "PUT", path: "/test%24file.text", query: "", headers: &headers, payload };
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        let authorization = identity.authorization(&request, ("s3", &region()), at);
        let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
        assert!(authorization.ends_with(signature), "{authorization}");
    }

    #[test]
    fn a_key_is_made_for_each_day_and_region() {
        let identity = Identity::new(ID.to_owned(), SECRET.to_owned(), None, None);
        let noon: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let next: Timestamp = "2026-01-02T12:00:00Z".parse().unwrap();
        let first = identity.key("20260101", ("s3", &region()), noon);
        assert_eq!(identity.key("20260101", ("s3", &region()), noon), first);
        assert_ne!(identity.key("20260102", ("s3", &region()), next), first);
        assert_ne!(identity.key("20260101", ("s3", &"eu-west-1".parse().unwrap()), noon), first);
    }

    /// The signature that `aws-sigv4` gives the same request by itself.
    fn theirs(key: &str, query: &str, headers: &[(&'static str, String)], payload: &str, at: Timestamp) -> String {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = Credentials::new(ID, SECRET, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("s3")
            .time(SystemTime::from(at))
            .settings(settings)
            .build()
            .unwrap();
        let address = format!("https://shop.s3.us-east-1.amazonaws.com/{key}?{query}");
        let shown = headers.iter().filter(|(name, _)| !["host", "x-amz-date", "x-amz-content-sha256"].contains(name));
        let shown = shown.map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Precomputed(payload.to_owned());
        let request = SignableRequest::new("PUT", address, shown, body).unwrap();
        sign(request, &params.into()).unwrap().into_parts().1
    }

    proptest! {
        #[test]
        fn signatures_are_those_of_aws_sigv4(
            name in "[a-zA-Z0-9äß~%+&=(),:@!$' /-]{1,40}",
            upload in "[a-zA-Z0-9+/=~ ]{0,20}",
            cache in "[a-z0-9=, ;\"-]{1,40}",
            second in 1_500_000_000_i64..1_900_000_000,
        ) {
            prop_assume!(!cache.trim().is_empty());
            let at = Timestamp::from_second(second).unwrap();
            let (key, query) = (encode::key(&name), format!("partNumber=7&uploadId={}", encode::value(&upload)));
            let payload = Sha256::of(name.as_bytes()).as_str().to_owned();
            let headers = [
                ("cache-control", cache),
                ("host", "shop.s3.us-east-1.amazonaws.com".to_owned()),
                ("x-amz-content-sha256", payload.clone()),
                ("x-amz-date", date(at)),
            ];
            let path = format!("/{key}");
            let request =
                ToSign { method: "PUT", path: &path, query: &query, headers: &headers, payload: &payload };
            let ours = Identity::new(ID.to_owned(), SECRET.to_owned(), None, None)
                .authorization(&request, ("s3", &region()), at);
            let theirs = theirs(&key, &query, &headers, &payload, at);
            prop_assert!(ours.ends_with(&format!("Signature={theirs}")), "{ours} and not {theirs}");
        }
    }
}
