//! Strange requests to S3, CloudFront and the edges: they are answered, whatever they are.
//!
//! A panic would close the connection without an answer.

use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::{exchange, signed, start};

const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"
s3 = { smallest-part = 1 }

[[buckets]]
name = "shop"
versioning = true

[[objects]]
bucket = "shop"
key = "a/b"
body = "0123456789"

[[distributions]]
id = "E1SHOP"
bucket = "shop"
error-pages = [{ status = 403, page = "/a/b", answer = 200 }]
"#;

const PARAMETERS: &[&str] = &[
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "start-after",
    "continuation-token",
    "encoding-type",
    "marker",
    "versions",
    "key-marker",
    "version-id-marker",
    "versionId",
    "uploads",
    "uploadId",
    "partNumber",
    "max-parts",
    "part-number-marker",
    "delete",
    "policy",
    "versioning",
    "location",
    "website",
    "lifecycle",
    "acl",
    "MaxItems",
    "Marker",
];
const HEADERS: &[&str] = &[
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "content-md5",
    "x-amz-checksum-crc32",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-copy-source",
    "x-amz-copy-source-range",
    "x-amz-metadata-directive",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-type",
    "content-encoding",
    "x-amz-meta-a",
    "x-amz-checksum-mode",
    "accept-encoding",
    "x-towpath-sim-location",
];
const PATHS: &[&str] = &[
    "/",
    "/shop",
    "/shop/",
    "/shop/a/b",
    "/shop/a/",
    "/shop//",
    "/none",
    "/none/a",
    "/%ff/%00",
    "/shop/%F0%9F%98%80",
    "/2020-05-31/distribution",
    "/2020-05-31/distribution/E1SHOP",
    "/2020-05-31/distribution/E1SHOP/invalidation",
    "/2020-05-31/distribution/E1SHOP/config",
    "/2020-05-31/distribution/E1SHOP/invalidation/I1",
];

fn value() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "1",
        "2",
        "0",
        "-1",
        "99999999999999999999",
        "url",
        "*",
        "\"x\"",
        "bytes=0-3",
        "bytes=-",
        "bytes=9-2",
        "/shop/a/b",
        "a/",
        "a",
        "AAAAAA==",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "aws-chunked",
        "CRC32",
        "COMPOSITE",
        "FULL_OBJECT",
        "REPLACE",
        "ENABLED",
        "null",
        "x-amz-checksum-crc32",
        "br, gzip;q=0",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => "[ -~]{0,8}"]
}

fn body() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "x",
        "1\r\nx\r\n0\r\n\r\n",
        "<Delete><Object><Key>a/b</Key></Object></Delete>",
        "<Delete/>",
        "<A>",
        "{}",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
        "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
        "{\"Statement\": 5}",
        "<InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/%</Path></Items></Paths><CallerReference>r</CallerReference></InvalidationBatch>",
        "<DistributionConfig><CallerReference>c</CallerReference></DistributionConfig>",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => "[ -~]{0,20}"]
}

#[test]
fn every_request_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let simulator = runtime.block_on(start(WORLD));
    let pick = |of: &'static [&'static str]| prop::sample::select(of.to_vec());
    let requests = (
        pick(&["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]),
        pick(PATHS),
        prop::collection::vec((pick(PARAMETERS), value()), 0..4),
        prop::collection::vec((pick(HEADERS), value()), 0..4),
        pick(&["s3", "cloudfront", ""]),
        body(),
    );
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) });
    let checked = runner.run(&requests, |(method, path, parameters, headers, service, body)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        let host = if service.is_empty() { "http://e1shop.cloudfront.localhost" } else { "" };
        let line = format!("{method} {host}{path}?{}", query.finish());
        let authorization = signed("111111111111", service);
        let mut headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if !service.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let answer = runtime.block_on(exchange(&simulator, &line, &headers, body.as_bytes()));
        let head = String::from_utf8_lossy(&answer);
        let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        prop_assert!((200..=501).contains(&status) && status != 500, "{line} {headers:?} {body}: {head}");
        Ok(())
    });
    checked.unwrap();
}
