//! CloudFront over loopback: its API, and what viewers get from the edges.
//!
//! The clock stands still between steps, so that every second of a cache is on purpose.

use std::time::Duration;

use towpath_sim::{
    Simulator,
    faults::{Fault, FaultKind},
};

use crate::{
    s3::{code, element, send},
    support::{Answer, request, signed, start},
};

const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"

[[buckets]]
name = "shop"

[[objects]]
bucket = "shop"
key = "site/index.html"
body = "one"
headers = { content-type = "text/html", cache-control = "max-age=60" }

[[objects]]
bucket = "shop"
key = "site/app.js"
body = "app"

[[distributions]]
id = "E1SHOP"
bucket = "shop"
origin-path = "/site"
default-root-object = "index.html"
aliases = ["www.shop.example"]
listen = "127.0.0.1:0"
error-pages = [{ status = 403, page = "/index.html", answer = 200 }]
locations = [{ name = "FRA", lag = 1 }, { name = "SYD", lag = 30 }]

[[distributions]]
id = "E2BARE"
bucket = "shop"
may-list = true
"#;

/// Asks the edge of E1SHOP.
async fn view(simulator: &Simulator, path: &str, headers: &[(&str, &str)]) -> Answer {
    request(simulator, &format!("GET http://e1shop.cloudfront.localhost{path}"), headers, "").await.unwrap()
}

async fn check(simulator: &Simulator, path: &str, expected: (u16, &str, &str)) {
    let answer = view(simulator, path, &[]).await;
    let cache = answer.header("x-cache").unwrap().trim_end_matches(" from cloudfront");
    assert_eq!((answer.status, cache, answer.body.as_str()), expected, "{path}");
}

async fn api(simulator: &Simulator, line: &str, body: &str) -> Answer {
    request(simulator, line, &[("authorization", &signed("111111111111", "cloudfront"))], body).await.unwrap()
}

async fn invalidate(simulator: &Simulator, reference: &str, paths: &[&str]) -> Answer {
    let items = paths.iter().map(|path| format!("<Path>{path}</Path>")).collect::<Vec<_>>().concat();
    let quantity = paths.len();
    let body = format!(
        "<InvalidationBatch><Paths><Quantity>{quantity}</Quantity><Items>{items}</Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>"
    );
    api(simulator, "POST /2020-05-31/distribution/E1SHOP/invalidation", &body).await
}

#[tokio::test]
async fn an_edge_serves_what_it_cached_until_that_is_too_old() {
    let simulator = start(WORLD).await;
    check(&simulator, "/", (200, "Miss", "one")).await;
    send(&simulator, "PUT /shop/site/index.html", &[("cache-control", "max-age=60")], "two").await;
    simulator.advance(Duration::from_secs(59));
    check(&simulator, "/", (200, "Hit", "one")).await;
    assert_eq!(view(&simulator, "/", &[]).await.header("age"), Some("59"));
    // Another path is another entry, even if it is the same object.
    check(&simulator, "/index.html", (200, "Miss", "two")).await;
    simulator.advance(Duration::from_secs(1));
    check(&simulator, "/", (200, "Miss", "two")).await;
    simulator.advance(Duration::from_mins(1));
    check(&simulator, "/", (200, "RefreshHit", "two")).await;
}

#[tokio::test]
async fn a_distribution_has_hosts_and_may_have_an_address() {
    let simulator = start(WORLD).await;
    let (id, address) = &simulator.edges()[0];
    assert_eq!((id.as_str(), address.ip().is_loopback()), ("E1SHOP", true));
    for host in [
        "www.shop.example",
        "de1shop.cloudfront.net",
        "E1SHOP.cloudfront.localhost:80",
        "fra.e1shop.cloudfront.localhost",
    ] {
        let answer = request(&simulator, &format!("GET http://{host}/app.js"), &[], "").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "app"), "{host}");
    }
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let line = b"GET /app.js HTTP/1.1\r\nhost: anywhere\r\nconnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, line).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("app"), "{answer}");
}

#[tokio::test]
async fn an_absent_key_is_a_page_or_an_error() {
    let simulator = start(WORLD).await;
    check(&simulator, "/settings/profile", (200, "Error", "one")).await;
    check(&simulator, "/assets/app.abc.js", (200, "Error", "one")).await;
    assert_eq!(view(&simulator, "/assets/app.abc.js", &[]).await.header("content-type"), Some("text/html"));
    let bare = request(&simulator, "GET http://e2bare.cloudfront.localhost/absent", &[], "").await.unwrap();
    assert_eq!((bare.status, code(&bare)), (404, "NoSuchKey"));
    // The error is cached too: an object that comes is not seen at once.
    send(&simulator, "PUT /shop/site/assets/app.abc.js", &[], "abc").await;
    check(&simulator, "/assets/app.abc.js", (200, "Error", "one")).await;
    simulator.advance(Duration::from_secs(10));
    check(&simulator, "/assets/app.abc.js", (200, "Miss", "abc")).await;
}

#[tokio::test]
async fn an_invalidation_reaches_one_location_after_the_other() {
    let simulator = start(WORLD).await;
    let at = async |location: &str| view(&simulator, "/app.js", &[("x-towpath-sim-location", location)]).await.body;
    assert_eq!((at("FRA").await, at("SYD").await), ("app".to_owned(), "app".to_owned()));
    send(&simulator, "PUT /shop/site/app.js", &[], "new").await;
    let made = invalidate(&simulator, "r1", &["/app.js"]).await;
    assert_eq!((made.status, element(&made, "Status")), (201, Some("InProgress")));
    assert_eq!(at("FRA").await, "app");
    simulator.advance(Duration::from_secs(1));
    assert_eq!((at("FRA").await, at("SYD").await), ("new".to_owned(), "app".to_owned()));
    simulator.advance(Duration::from_secs(29));
    assert_eq!(at("SYD").await, "new");
    let id = element(&made, "Id").unwrap();
    let line = format!("GET /2020-05-31/distribution/E1SHOP/invalidation/{id}");
    assert_eq!(element(&api(&simulator, &line, "").await, "Status"), Some("Completed"));
}

#[tokio::test]
async fn wildcards_reach_what_begins_so_and_nothing_else() {
    let simulator = start(WORLD).await;
    for path in ["/", "/app.js"] {
        view(&simulator, path, &[]).await;
    }
    for paths in [["/app.j*"], ["/%2A"]] {
        assert_eq!(invalidate(&simulator, paths[0], &paths).await.status, 201);
    }
    simulator.advance(Duration::from_secs(2));
    check(&simulator, "/app.js", (200, "Miss", "app")).await;
    check(&simulator, "/", (200, "Hit", "one")).await;
}

#[tokio::test]
async fn invalidations_are_refused_as_aws_refuses_them() {
    let simulator = start(&format!("{WORLD}\n[cloudfront]\nmost-wildcards = 1\n")).await;
    let first = invalidate(&simulator, "r1", &["/a*"]).await;
    let again = invalidate(&simulator, "r1", &["/a*"]).await;
    assert_eq!((again.status, element(&again, "Id")), (201, element(&first, "Id")));
    for (reference, path, expected) in [
        ("r1", "/b", (400, "InvalidationBatchAlreadyExists")),
        ("r2", "/b*", (400, "TooManyInvalidationsInProgress")),
        ("r3", "b", (400, "InvalidArgument")),
        ("r4", "/a~b", (400, "InvalidArgument")),
    ] {
        let refused = invalidate(&simulator, reference, &[path]).await;
        assert_eq!((refused.status, code(&refused)), expected, "{reference} {path}");
    }
    simulator.advance(Duration::from_secs(30));
    assert_eq!(invalidate(&simulator, "r2", &["/b*"]).await.status, 201);
    let absent = api(&simulator, "GET /2020-05-31/distribution/E9", "").await;
    assert_eq!((absent.status, code(&absent)), (404, "NoSuchDistribution"));
}

#[tokio::test]
async fn a_lost_answer_does_not_make_a_second_invalidation() {
    let simulator = start(WORLD).await;
    simulator.add_fault(Fault { count: Some(1), ..Fault::new("CreateInvalidation", FaultKind::ErrorAfter) });
    let lost = invalidate(&simulator, "r1", &["/*"]).await;
    assert_eq!((lost.status, code(&lost)), (503, "ServiceUnavailable"));
    assert_eq!(invalidate(&simulator, "r1", &["/*"]).await.status, 201);
    let made = api(&simulator, "GET /2020-05-31/distribution/E1SHOP/invalidation", "").await;
    assert_eq!(element(&made, "Quantity"), Some("1"));
}

#[tokio::test]
async fn what_a_viewer_understands_is_cached_apart() {
    let simulator = start(WORLD).await;
    let with = async |encoding: &str| {
        view(&simulator, "/app.js", &[("accept-encoding", encoding)]).await.header("x-cache").unwrap().to_owned()
    };
    for (encoding, expected) in
        [("gzip, deflate, br", "Miss"), ("br, gzip", "Hit"), ("gzip", "Miss"), ("br;q=0, gzip", "Hit")]
    {
        assert_eq!(with(encoding).await, format!("{expected} from cloudfront"), "{encoding}");
    }
    let tag = view(&simulator, "/app.js", &[]).await.header("etag").unwrap().to_owned();
    assert_eq!(view(&simulator, "/app.js", &[("if-none-match", &tag)]).await.status, 304);
}

#[tokio::test]
async fn a_distribution_is_made_by_its_configuration() {
    let simulator = start(WORLD).await;
    let config = "<DistributionConfig><CallerReference>c1</CallerReference><Comment>new</Comment><Enabled>true</Enabled><DefaultRootObject>index.html</DefaultRootObject><Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id><DomainName>shop.s3.us-west-2.amazonaws.com</DomainName><OriginPath>/site</OriginPath></Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><MinTTL>0</MinTTL></DefaultCacheBehavior></DistributionConfig>";
    let made = api(&simulator, "POST /2020-05-31/distribution", config).await;
    assert_eq!((made.status, element(&made, "Status")), (201, Some("Deployed")));
    let (id, domain) = (element(&made, "Id").unwrap(), element(&made, "DomainName").unwrap());
    let answer = request(&simulator, &format!("GET http://{domain}/"), &[], "").await.unwrap();
    assert_eq!(answer.body, "one");
    let again = api(&simulator, "POST /2020-05-31/distribution", config).await;
    assert_eq!((again.status, code(&again)), (409, "DistributionAlreadyExists"));
    let config = api(&simulator, &format!("GET /2020-05-31/distribution/{id}/config"), "").await;
    assert_eq!(element(&config, "OriginPath"), Some("/site"));
    let authorization = signed("111111111111", "cloudfront");
    let stale = [("authorization", &*authorization), ("if-match", "E0")];
    let line = format!("PUT /2020-05-31/distribution/{id}/config");
    let refused = request(&simulator, &line, &stale, &config.body).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (412, "PreconditionFailed"));
    let current = [("authorization", &*authorization), ("if-match", config.header("etag").unwrap())];
    let updated = request(&simulator, &line, &current, &config.body.replace("/site", "/other")).await.unwrap();
    assert_eq!((updated.status, element(&updated, "OriginPath")), (200, Some("/other")));
}

#[tokio::test]
async fn objects_and_invalidations_can_be_looked_at() {
    let simulator = start(WORLD).await;
    invalidate(&simulator, "r1", &["/*"]).await;
    let objects = request(&simulator, "GET /_sim/objects", &[], "").await.unwrap().json();
    assert_eq!(objects["objects"][1]["key"], "site/index.html");
    let shown = request(&simulator, "GET /_sim/invalidations", &[], "").await.unwrap().json();
    assert_eq!(
        (&shown["invalidations"][0]["paths"][0], &shown["invalidations"][0]["status"]),
        (&"/*".into(), &"InProgress".into())
    );
}
