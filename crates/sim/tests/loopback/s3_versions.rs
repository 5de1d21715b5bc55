//! S3 over loopback: listings, versions, and uploads in parts.
//!
//! Single objects are in `s3`.

use towpath_sim::Simulator;

use crate::{
    s3::{WORLD, code, element, send},
    support::{Answer, start},
};

async fn put(simulator: &Simulator, key: &str, body: &str) -> Answer {
    let answer = send(simulator, &format!("PUT /shop/{key}"), &[], body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// The texts of every element of that name.
fn all<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    answer.body.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(text, _)| text).collect()
}

#[tokio::test]
async fn a_listing_goes_through_its_pages() {
    let simulator = start(&format!("{WORLD}\n[s3]\npage = 2\n")).await;
    for key in ["b", "a/1", "c%20d", "e"] {
        put(&simulator, key, "x").await;
    }
    let mut keys = Vec::new();
    let mut line = "GET /shop?list-type=2&encoding-type=url".to_owned();
    loop {
        let page = send(&simulator, &line, &[], "").await;
        keys.extend(all(&page, "Key").into_iter().map(str::to_owned));
        let Some(token) = element(&page, "NextContinuationToken") else { break };
        line = format!("GET /shop?list-type=2&encoding-type=url&continuation-token={token}");
    }
    assert_eq!(keys, ["a/1", "a/index.html", "b", "c+d", "e"]);
    let after = send(&simulator, "GET /shop?list-type=2&start-after=b", &[], "").await;
    assert_eq!((all(&after, "Key"), element(&after, "StartAfter")), (vec!["c d", "e"], Some("b")));
    let strange = send(&simulator, "GET /shop?list-type=2&continuation-token=!", &[], "").await;
    assert_eq!((strange.status, code(&strange)), (400, "InvalidArgument"));
}

#[tokio::test]
async fn the_older_listing_goes_by_markers() {
    let simulator = start(&format!("{WORLD}\n[s3]\npage = 1\n")).await;
    for key in ["a/1", "b/1", "c"] {
        put(&simulator, key, "x").await;
    }
    let first = send(&simulator, "GET /shop?delimiter=/", &[], "").await;
    assert_eq!((all(&first, "Key").len(), element(&first, "NextMarker")), (0, Some("a/")));
    let second = send(&simulator, "GET /shop?delimiter=/&marker=a/", &[], "").await;
    assert_eq!((element(&second, "NextMarker"), element(&second, "IsTruncated")), (Some("b/"), Some("true")));
    let third = send(&simulator, "GET /shop?delimiter=/&marker=b/", &[], "").await;
    assert_eq!((all(&third, "Key"), element(&third, "IsTruncated")), (vec!["c"], Some("false")));
}

#[tokio::test]
async fn versions_are_kept_listed_and_removed() {
    let simulator = start(WORLD).await;
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(send(&simulator, "PUT /shop?versioning", &[], enable).await.status, 200);
    let first = put(&simulator, "v", "one").await.header("x-amz-version-id").unwrap().to_owned();
    put(&simulator, "v", "two").await;
    let deleted = send(&simulator, "DELETE /shop/v", &[], "").await;
    assert_eq!((deleted.status, deleted.header("x-amz-delete-marker")), (204, Some("true")));
    let marker = deleted.header("x-amz-version-id").unwrap().to_owned();
    let gone = send(&simulator, "GET /shop/v", &[], "").await;
    assert_eq!((gone.status, code(&gone), gone.header("x-amz-delete-marker")), (404, "NoSuchKey", Some("true")));
    let old = send(&simulator, &format!("GET /shop/v?versionId={first}"), &[], "").await;
    assert_eq!((old.status, old.body.as_str()), (200, "one"));
    let refused = send(&simulator, &format!("GET /shop/v?versionId={marker}"), &[], "").await;
    assert_eq!((refused.status, code(&refused)), (405, "MethodNotAllowed"));
    let list = send(&simulator, "GET /shop?versions&prefix=v", &[], "").await;
    assert_eq!((all(&list, "Version").len(), all(&list, "DeleteMarker").len()), (2, 1));
    assert_eq!(all(&list, "IsLatest"), ["true", "false", "false"]);
    let removed = send(&simulator, &format!("DELETE /shop/v?versionId={marker}"), &[], "").await;
    assert_eq!((removed.status, removed.header("x-amz-delete-marker")), (204, Some("true")));
    assert_eq!(send(&simulator, "GET /shop/v", &[], "").await.body, "two");
}

#[tokio::test]
async fn versions_have_pages_too() {
    let simulator = start(WORLD).await;
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    send(&simulator, "PUT /shop?versioning", &[], enable).await;
    for key in ["v", "v", "v", "w"] {
        put(&simulator, key, "x").await;
    }
    let (mut seen, mut line) = (Vec::new(), "GET /shop?versions&prefix=&max-keys=2".to_owned());
    loop {
        let page = send(&simulator, &line, &[], "").await;
        let entries = all(&page, "Version");
        assert!(entries.len() <= 2, "{page:?}");
        seen.extend(all(&page, "VersionId").into_iter().map(str::to_owned));
        let Some(key) = element(&page, "NextKeyMarker") else { break };
        let id = element(&page, "NextVersionIdMarker").map(|id| format!("&version-id-marker={id}"));
        line = format!("GET /shop?versions&max-keys=2&key-marker={key}{}", id.unwrap_or_default());
        assert!(seen.len() < 20, "it does not end");
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((all, seen.len()), (5, 5));
}

/// Begins an upload of `/shop/big`, and sends its parts.
async fn upload(simulator: &Simulator, headers: &[(&str, &str)], parts: &[&str]) -> (String, Vec<String>) {
    let begun = send(simulator, "POST /shop/big?uploads", headers, "").await;
    let id = element(&begun, "UploadId").unwrap().to_owned();
    let mut tags = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let line = format!("PUT /shop/big?partNumber={}&uploadId={id}", index + 1);
        let answer = send(simulator, &line, &[], part).await;
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    (id, tags)
}

fn listed(tags: &[String]) -> String {
    let part = |(index, tag): (usize, &String)| {
        format!("<Part><PartNumber>{}</PartNumber><ETag>{tag}</ETag></Part>", index + 1)
    };
    let parts: String = tags.iter().enumerate().map(part).collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

const SMALL_PARTS: &str = "[s3]\nsmallest-part = 4\n";

#[tokio::test]
async fn parts_become_one_object() {
    let simulator = start(&format!("{WORLD}\n{SMALL_PARTS}")).await;
    let (id, tags) = upload(&simulator, &[("content-type", "text/css")], &["1234", "56789"]).await;
    let line = format!("POST /shop/big?uploadId={id}");
    let done = send(&simulator, &line, &[], &listed(&tags)).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert!(element(&done, "ETag").unwrap().ends_with("-2&quot;"), "{done:?}");
    // The checksum of the whole is joined from those of the parts: CRC-64/NVME of "123456789".
    assert_eq!(element(&done, "ChecksumCRC64NVME"), Some("rosUhgp5mIg="));
    let get = send(&simulator, "GET /shop/big", &[], "").await;
    assert_eq!((get.body.as_str(), get.header("content-type")), ("123456789", Some("text/css")));
    let part = send(&simulator, "GET /shop/big?partNumber=2", &[], "").await;
    assert_eq!((part.status, part.body.as_str(), part.header("x-amz-mp-parts-count")), (206, "56789", Some("2")));
    let again = send(&simulator, &line, &[], &listed(&tags)).await;
    assert_eq!((again.status, code(&again)), (404, "NoSuchUpload"));
}

#[tokio::test]
async fn a_list_of_parts_is_judged() {
    let simulator = start(&format!("{WORLD}\n{SMALL_PARTS}")).await;
    let (id, tags) = upload(&simulator, &[], &["123", "45678"]).await;
    let line = format!("POST /shop/big?uploadId={id}");
    let check = async |body: String, expected: (u16, &str)| {
        let answer = send(&simulator, &line, &[], &body).await;
        assert_eq!((answer.status, code(&answer)), expected, "{body}");
    };
    check(listed(&tags), (400, "EntityTooSmall")).await;
    check(listed(&[]), (400, "MalformedXML")).await;
    check(listed(&[tags[1].clone()]), (400, "InvalidPart")).await;
    let turned = format!(
        "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>{}</ETag></Part><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        tags[1], tags[0]
    );
    check(turned, (400, "InvalidPartOrder")).await;
    let parts = send(&simulator, &format!("GET /shop/big?uploadId={id}"), &[], "").await;
    assert_eq!(all(&parts, "Size"), ["3", "5"]);
    let uploads = send(&simulator, "GET /shop?uploads", &[], "").await;
    assert_eq!(all(&uploads, "UploadId"), [id.as_str()]);
    assert_eq!(send(&simulator, &format!("DELETE /shop/big?uploadId={id}"), &[], "").await.status, 204);
    check(listed(&tags), (404, "NoSuchUpload")).await;
}

#[tokio::test]
async fn completing_may_be_conditional() {
    let simulator = start(&format!("{WORLD}\n{SMALL_PARTS}")).await;
    let (id, tags) = upload(&simulator, &[], &["1234"]).await;
    put(&simulator, "big", "in the way").await;
    let line = format!("POST /shop/big?uploadId={id}");
    let lost = send(&simulator, &line, &[("if-none-match", "*")], &listed(&tags)).await;
    assert_eq!((lost.status, code(&lost)), (412, "PreconditionFailed"));
    assert_eq!(send(&simulator, &line, &[], &listed(&tags)).await.status, 200);
}

#[tokio::test]
async fn a_part_may_be_copied() {
    let simulator = start(&format!("{WORLD}\n{SMALL_PARTS}")).await;
    let (id, _) = upload(&simulator, &[("x-amz-checksum-algorithm", "SHA256")], &[]).await;
    let source = [("x-amz-copy-source", "/shop/a/index.html"), ("x-amz-copy-source-range", "bytes=1-4")];
    let line = format!("PUT /shop/big?partNumber=1&uploadId={id}");
    let copied = send(&simulator, &line, &source, "").await;
    let tag = element(&copied, "ETag").unwrap().replace("&quot;", "\"");
    let beyond = [source[0], ("x-amz-copy-source-range", "bytes=1-99")];
    assert_eq!(code(&send(&simulator, &line, &beyond, "").await), "InvalidArgument");
    let done = send(&simulator, &format!("POST /shop/big?uploadId={id}"), &[], &listed(&[tag])).await;
    assert!(element(&done, "ChecksumSHA256").unwrap().ends_with("-1"), "{done:?}");
    assert_eq!(send(&simulator, "GET /shop/big", &[], "").await.body, "html");
}
