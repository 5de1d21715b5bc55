//! S3 over loopback, byte for byte: what is written, read, listed and refused.
//!
//! Uploads in parts and versions have files of their own.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use towpath_sim::{
    Simulator,
    faults::{Fault, FaultKind},
};

use crate::support::{Answer, exchange, request, signed, start};

/// Two buckets of one account, in two regions, and one of another account.
pub(crate) const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"

[[buckets]]
name = "shop"

[[buckets]]
name = "far"
region = "eu-central-1"

[[buckets]]
name = "other"
account = "222222222222"

[[objects]]
bucket = "shop"
key = "a/index.html"
body = "<html></html>"
headers = { content-type = "text/html; charset=utf-8", cache-control = "no-cache" }
metadata = { release = "1.0.0" }
"#;

/// Sends a request of account 111111111111.
pub(crate) async fn send(simulator: &Simulator, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let authorization = signed("111111111111", "s3");
    let headers: Vec<_> =
        [("authorization", authorization.as_str())].into_iter().chain(headers.iter().copied()).collect();
    request(simulator, line, &headers, body).await.unwrap()
}

/// The code of a refusal, or nothing.
pub(crate) fn code(answer: &Answer) -> &str {
    element(answer, "Code").unwrap_or_default()
}

/// The text of the first element of that name.
pub(crate) fn element<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

async fn check(simulator: &Simulator, line: &str, headers: &[(&str, &str)], body: &str, expected: (u16, &str)) {
    let answer = send(simulator, line, headers, body).await;
    assert_eq!((answer.status, code(&answer)), expected, "{line} {headers:?}");
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_written() {
    let simulator = start(WORLD).await;
    let headers = [
        ("content-type", "text/css"),
        ("cache-control", "max-age=31536000, immutable"),
        ("x-amz-meta-commit", "4f1c2d7a"),
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
    ];
    let put = send(&simulator, "PUT /shop/assets/a%20b%2Bc~.css", &headers, "123456789").await;
    assert_eq!((put.status, put.header("etag")), (200, Some("\"25f9e794323b453885f5181f1b624d0b\"")));
    let get = send(&simulator, "GET /shop/assets/a%20b+c~.css", &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((get.status, get.body.as_str()), (200, "123456789"));
    for (name, value) in headers {
        assert_eq!(get.header(name), Some(value), "{name}");
    }
    assert_eq!(get.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    assert_eq!(get.header("last-modified"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    let head = send(&simulator, "HEAD /shop/assets/a%20b%2Bc~.css", &[], "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.as_str()), (200, Some("9"), ""));
}

#[tokio::test]
async fn the_bucket_may_be_in_the_host() {
    let simulator = start(WORLD).await;
    let answer = send(&simulator, "GET http://shop.localhost/a/index.html", &[], "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "<html></html>"));
}

#[tokio::test]
async fn a_presigned_address_needs_no_header() {
    let simulator = start(WORLD).await;
    let credential = "AKIASIM0111111111111%2F20260302%2Fus-west-2%2Fs3%2Faws4_request";
    let line = format!(
        "GET /shop/a/index.html?X-Amz-Credential={credential}&X-Amz-Signature=00&response-content-type=text/plain"
    );
    let answer = request(&simulator, &line, &[], "").await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain")));
    let older = "GET /shop/a/index.html?AWSAccessKeyId=AKIASIM0111111111111&Signature=00&Expires=1";
    assert_eq!(request(&simulator, older, &[], "").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_part_of_an_object_can_be_read() {
    let simulator = start(WORLD).await;
    let part = send(&simulator, "GET /shop/a/index.html", &[("range", "bytes=1-4")], "").await;
    assert_eq!((part.status, part.body.as_str(), part.header("content-range")), (206, "html", Some("bytes 1-4/13")));
    check(&simulator, "GET /shop/a/index.html", &[("range", "bytes=13-")], "", (416, "InvalidRange")).await;
}

#[tokio::test]
async fn a_read_may_be_conditional() {
    let simulator = start(WORLD).await;
    let head = send(&simulator, "HEAD /shop/a/index.html", &[], "").await;
    let (tag, date) = (head.header("etag").unwrap(), head.header("last-modified").unwrap());
    let line = "GET /shop/a/index.html";
    check(&simulator, line, &[("if-none-match", tag)], "", (304, "")).await;
    check(&simulator, line, &[("if-modified-since", date)], "", (304, "")).await;
    check(&simulator, line, &[("if-none-match", "\"x\""), ("if-modified-since", date)], "", (200, "")).await;
    check(&simulator, line, &[("if-match", "\"x\"")], "", (412, "PreconditionFailed")).await;
    check(
        &simulator,
        line,
        &[("if-match", tag), ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")],
        "",
        (200, ""),
    )
    .await;
}

#[tokio::test]
async fn conditional_writes_are_decided_strictly() {
    let simulator = start(WORLD).await;
    let absent = [("if-none-match", "*")];
    check(&simulator, "PUT /shop/lock", &absent, "mine", (200, "")).await;
    check(&simulator, "PUT /shop/lock", &absent, "yours", (412, "PreconditionFailed")).await;
    let tag = send(&simulator, "HEAD /shop/lock", &[], "").await.header("etag").unwrap().to_owned();
    check(&simulator, "PUT /shop/lock", &[("if-match", &tag)], "renewed", (200, "")).await;
    check(&simulator, "PUT /shop/lock", &[("if-match", &tag)], "stolen", (412, "PreconditionFailed")).await;
    check(&simulator, "PUT /shop/nothing", &[("if-match", &tag)], "x", (404, "NoSuchKey")).await;
    check(&simulator, "PUT /shop/lock", &[("if-none-match", &tag)], "x", (501, "NotImplemented")).await;
    check(&simulator, "DELETE /shop/lock", &[("if-match", &tag)], "", (412, "PreconditionFailed")).await;
    check(&simulator, "DELETE /shop/nothing", &[("if-match", "*")], "", (404, "NoSuchKey")).await;
    assert_eq!(send(&simulator, "GET /shop/lock", &[], "").await.body, "renewed");
    check(&simulator, "DELETE /shop/lock", &[("if-match", "*")], "", (204, "")).await;
}

#[tokio::test]
async fn of_many_who_want_to_be_the_first_one_is() {
    let simulator = Arc::new(start(WORLD).await);
    let mut writes = JoinSet::new();
    for number in 0..16 {
        let (simulator, body) = (Arc::clone(&simulator), number.to_string());
        writes.spawn(async move { send(&simulator, "PUT /shop/lock", &[("if-none-match", "*")], &body).await.status });
    }
    let mut statuses = writes.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1..].iter().all(|status| *status == 412)), (200, true), "{statuses:?}");
}

#[tokio::test]
async fn what_guesses_about_deletions_can_be_set() {
    let simulator = start(&format!("{WORLD}\n[s3]\nabsent-conditional-delete = \"precondition-failed\"\n")).await;
    check(&simulator, "DELETE /shop/nothing", &[("if-match", "*")], "", (412, "PreconditionFailed")).await;
}

#[tokio::test]
async fn a_body_that_is_not_what_is_claimed_is_refused() {
    let simulator = start(WORLD).await;
    let line = "PUT /shop/a.txt";
    check(&simulator, line, &[("x-amz-checksum-crc32", "AAAAAA==")], "123456789", (400, "BadDigest")).await;
    check(&simulator, line, &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], "x", (400, "BadDigest")).await;
    check(&simulator, line, &[("content-md5", "nonsense")], "x", (400, "InvalidDigest")).await;
    check(&simulator, line, &[("x-amz-content-sha256", &"0".repeat(64))], "x", (400, "XAmzContentSHA256Mismatch"))
        .await;
    check(&simulator, "GET /shop/a.txt", &[], "", (404, "NoSuchKey")).await;
}

#[tokio::test]
async fn bodies_in_chunks_are_taken_with_their_trailers() {
    let simulator = start(WORLD).await;
    let headers = [
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = |sum: &str| format!("4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
    check(&simulator, "PUT /shop/a.gz", &headers, &body("y/Q5Jg=="), (200, "")).await;
    let get = send(&simulator, "GET /shop/a.gz", &[], "").await;
    assert_eq!((get.body.as_str(), get.header("content-encoding")), ("123456789", Some("gzip")));
    check(&simulator, "PUT /shop/b.gz", &headers, &body("AAAAAA=="), (400, "BadDigest")).await;
    check(&simulator, "PUT /shop/b.gz", &headers, "4\r\n1234\r\n0\r\n\r\n", (400, "IncompleteBody")).await;
    check(&simulator, "PUT /shop/b.gz", &headers, "9\r\n123456789\r\n0\r\n\r\n", (400, "MalformedTrailerError")).await;
}

#[tokio::test]
async fn buckets_are_made_found_and_removed() {
    let simulator = start(WORLD).await;
    let here =
        "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    check(&simulator, "PUT /new-bucket", &[], "", (400, "IllegalLocationConstraintException")).await;
    check(&simulator, "PUT /new-bucket", &[], here, (200, "")).await;
    check(&simulator, "PUT /new-bucket", &[], here, (409, "BucketAlreadyOwnedByYou")).await;
    check(&simulator, "PUT /other", &[], here, (409, "BucketAlreadyExists")).await;
    check(&simulator, "PUT /No", &[], here, (400, "InvalidBucketName")).await;
    check(&simulator, "DELETE /shop", &[], "", (409, "BucketNotEmpty")).await;
    check(&simulator, "DELETE /new-bucket", &[], "", (204, "")).await;
    check(&simulator, "HEAD /new-bucket", &[], "", (404, "")).await;
    let list = send(&simulator, "GET /", &[], "").await.body;
    assert!(
        list.contains("<Name>shop</Name>") && list.contains("<Name>far</Name>") && !list.contains("other"),
        "{list}"
    );
}

#[tokio::test]
async fn a_bucket_of_another_region_says_which() {
    let simulator = start(WORLD).await;
    let get = send(&simulator, "GET /far/x", &[], "").await;
    assert_eq!((get.status, code(&get)), (301, "PermanentRedirect"));
    assert_eq!(get.header("x-amz-bucket-region"), Some("eu-central-1"));
    let location = send(&simulator, "GET /far?location", &[], "").await;
    assert!(location.body.contains(">eu-central-1<"), "{location:?}");
    let first = signed("111111111111", "s3").replace("us-west-2", "us-east-1");
    let get = request(&simulator, "GET /far/x", &[("authorization", &first)], "").await.unwrap();
    assert_eq!(
        (get.status, code(&get), element(&get, "Region")),
        (400, "AuthorizationHeaderMalformed", Some("eu-central-1"))
    );
}

#[tokio::test]
async fn what_the_scenario_denies_is_denied() {
    let simulator = start(&format!(
        "{WORLD}\n[s3]\ndenials = [{{ actions = [\"s3:PutObject\"], prefix = \"live/\" }}, {{ actions = [\"s3:ListBucket\"] }}]\n"
    ))
    .await;
    check(&simulator, "PUT /shop/live/a", &[], "x", (403, "AccessDenied")).await;
    check(&simulator, "PUT /shop/a", &[], "x", (200, "")).await;
    // Who may not list is not told that a key is absent.
    check(&simulator, "GET /shop/absent", &[], "", (403, "AccessDenied")).await;
    check(&simulator, "GET /other/a", &[], "", (403, "AccessDenied")).await;
}

#[tokio::test]
async fn a_policy_is_obeyed_once_it_is_put() {
    let simulator = start(WORLD).await;
    let policy = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::shop/*"}}"#;
    check(&simulator, "GET /shop?policy", &[], "", (404, "NoSuchBucketPolicy")).await;
    check(&simulator, "PUT /shop?policy", &[], "nonsense", (400, "MalformedPolicy")).await;
    check(&simulator, "PUT /shop?policy", &[], policy, (204, "")).await;
    check(&simulator, "DELETE /shop/a/index.html", &[], "", (403, "AccessDenied")).await;
    assert_eq!(send(&simulator, "GET /shop?policy", &[], "").await.body, policy);
    check(&simulator, "DELETE /shop?policy", &[], "", (204, "")).await;
    check(&simulator, "DELETE /shop/a/index.html", &[], "", (204, "")).await;
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_describes_it() {
    let simulator = start(WORLD).await;
    let source = ("x-amz-copy-source", "/shop/a/index.html");
    check(&simulator, "PUT /shop/copy", &[source], "", (200, "")).await;
    let copy = send(&simulator, "GET /shop/copy", &[], "").await;
    assert_eq!((copy.body.as_str(), copy.header("cache-control")), ("<html></html>", Some("no-cache")));
    let replaced = [source, ("x-amz-metadata-directive", "REPLACE"), ("content-type", "text/plain")];
    check(&simulator, "PUT /shop/copy", &replaced, "", (200, "")).await;
    let copy = send(&simulator, "HEAD /shop/copy", &[], "").await;
    assert_eq!((copy.header("content-type"), copy.header("cache-control")), (Some("text/plain"), None));
    check(&simulator, "PUT /shop/a/index.html", &[source], "", (400, "InvalidRequest")).await;
    check(&simulator, "PUT /shop/copy", &[source, ("if-none-match", "*")], "", (412, "PreconditionFailed")).await;
    let unmatched = [source, ("x-amz-copy-source-if-match", "\"x\"")];
    check(&simulator, "PUT /shop/copy", &unmatched, "", (412, "PreconditionFailed")).await;
    check(&simulator, "PUT /other/copy", &[source], "", (403, "AccessDenied")).await;
    check(&simulator, "PUT /shop/c", &[("x-amz-copy-source", "shop/absent")], "", (404, "NoSuchKey")).await;
}

#[tokio::test]
async fn many_keys_are_deleted_at_once_each_with_its_outcome() {
    let denial = "[s3]\ndenials = [{ actions = [\"s3:DeleteObject\"], prefix = \"kept/\" }]";
    let simulator = start(&format!("{WORLD}\n{denial}\n")).await;
    let keys = ["a/index.html", "absent", "kept/a"].map(|key| format!("<Object><Key>{key}</Key></Object>")).concat();
    let (loud, quiet) = (format!("<Delete>{keys}</Delete>"), format!("<Delete>{keys}<Quiet>true</Quiet></Delete>"));
    check(&simulator, "POST /shop?delete", &[], &loud, (400, "InvalidRequest")).await;
    check(&simulator, "POST /shop?delete", &[("x-amz-checksum-crc32", "AAAAAA==")], &loud, (400, "BadDigest")).await;
    let answer = send(&simulator, "POST /shop?delete", &[("content-md5", "ZggZAA3W4Cekh8PQMpbxnQ==")], &loud).await;
    assert!(answer.body.contains("<Deleted><Key>a/index.html</Key></Deleted><Deleted><Key>absent</Key></Deleted><Error><Key>kept/a</Key><Code>AccessDenied</Code>"), "{answer:?}");
    let answer = send(&simulator, "POST /shop?delete", &[("content-md5", "+8/NlZiOY4goPMmk9WZNjw==")], &quiet).await;
    assert!(answer.body.contains("\"><Error>") && !answer.body.contains("<Deleted>"), "{answer:?}");
    let many = "<Object><Key>x</Key></Object>".repeat(1001);
    let many = format!("<Delete>{many}</Delete>");
    check(
        &simulator,
        "POST /shop?delete",
        &[("content-md5", "l0m9B7udK+DdIAufVgvOeQ==")],
        &many,
        (400, "MalformedXML"),
    )
    .await;
}

#[tokio::test]
async fn a_prefix_takes_so_many_requests_a_second() {
    let simulator = start(&format!("{WORLD}\n[s3]\nwrites-per-second = 2\n")).await;
    for expected in [(200, ""), (200, ""), (503, "SlowDown")] {
        check(&simulator, "PUT /shop/assets/a", &[], "x", expected).await;
    }
    check(&simulator, "PUT /shop/other/a", &[], "x", (200, "")).await;
    simulator.advance(Duration::from_secs(1));
    check(&simulator, "PUT /shop/assets/a", &[], "x", (200, "")).await;
}

#[tokio::test]
async fn faults_strike_before_and_after_the_write() {
    let simulator = start(WORLD).await;
    let once = |kind| simulator.add_fault(Fault { count: Some(1), ..Fault::new("PutObject", kind) });
    once(FaultKind::Throttle);
    check(&simulator, "PUT /shop/x", &[], "x", (503, "SlowDown")).await;
    once(FaultKind::ErrorBefore);
    check(&simulator, "PUT /shop/x", &[], "x", (500, "InternalError")).await;
    check(&simulator, "GET /shop/x", &[], "", (404, "NoSuchKey")).await;
    once(FaultKind::ErrorAfter);
    check(&simulator, "PUT /shop/x", &[], "x", (500, "InternalError")).await;
    check(&simulator, "GET /shop/x", &[], "", (200, "")).await;
    once(FaultKind::DropAfter);
    let headers = [("authorization", &*signed("111111111111", "s3"))];
    assert!(request(&simulator, "PUT /shop/y", &headers, "y").await.is_none());
    check(&simulator, "GET /shop/y", &[], "", (200, "")).await;
    let statuses: Vec<_> = simulator.calls().iter().map(|call| (call.operation.clone(), call.accepted)).collect();
    assert_eq!(statuses.last(), Some(&("GetObject".to_owned(), true)));
}

#[tokio::test]
async fn bodies_break_off_or_are_wrong_on_purpose() {
    let simulator = start(WORLD).await;
    let headers = [("authorization", &*signed("111111111111", "s3"))];
    simulator.add_fault(Fault { count: Some(1), ..Fault::new("GetObject", FaultKind::Truncate) });
    let cut = exchange(&simulator, "GET /shop/a/index.html", &headers, b"").await;
    assert!(cut.ends_with(b"\r\n\r\n<html>"), "{}", String::from_utf8_lossy(&cut));
    simulator.add_fault(Fault { count: Some(1), ..Fault::new("GetObject", FaultKind::Garbage) });
    let wrong = exchange(&simulator, "GET /shop/a/index.html", &headers, b"").await;
    assert!(wrong.ends_with(b"\r\n\r\n\xc3html></html>"), "{}", String::from_utf8_lossy(&wrong));
}

#[tokio::test]
async fn somebody_else_may_write_in_between() {
    let simulator = start(WORLD).await;
    let call =
        serde_json::from_value(serde_json::json!({"operation": "PutObject", "input": {"Body": "theirs"}})).unwrap();
    simulator.add_fault(Fault { call: Some(call), ..Fault::new("PutObject", FaultKind::InterfereBefore) });
    check(&simulator, "PUT /shop/lock", &[("if-none-match", "*")], "mine", (412, "PreconditionFailed")).await;
    assert_eq!(send(&simulator, "GET /shop/lock", &[], "").await.body, "theirs");
}

#[tokio::test]
async fn large_bodies_go_to_the_disk_and_back() {
    let simulator = start(WORLD).await;
    let body = "0123456789abcdef".repeat(100_000);
    check(&simulator, "PUT /shop/large", &[], &body, (200, "")).await;
    let get = send(&simulator, "GET /shop/large", &[], "").await;
    assert!(get.body == body);
    let part = send(&simulator, "GET /shop/large", &[("range", "bytes=-1000000")], "").await;
    assert!(part.body == body[600_000..]);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || towpath_sim::Options { state: Some(folder.path().to_owned()), ..crate::support::options(WORLD) };
    let large = "x".repeat(700_000);
    let simulator = Simulator::start(options()).await.unwrap();
    check(&simulator, "PUT /shop/large", &[], &large, (200, "")).await;
    check(&simulator, "PUT /shop/small", &[], "small", (200, "")).await;
    check(&simulator, "DELETE /shop/a/index.html", &[], "", (204, "")).await;
    simulator.shutdown().await.unwrap();
    let simulator = Simulator::start(options()).await.unwrap();
    assert!(send(&simulator, "GET /shop/large", &[], "").await.body == large);
    assert_eq!(send(&simulator, "GET /shop/small", &[], "").await.body, "small");
    check(&simulator, "GET /shop/a/index.html", &[], "", (404, "NoSuchKey")).await;
}
