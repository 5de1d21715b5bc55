//! What ECR's scanners say, in pages and in every state. The answers are written after the API's published shapes.

use serde_json::{Value, json};
use towpath_core::{
    identifier::{Digest, ImageReference},
    ports::{Answer, CallError, Fault, Scans as _},
    scan::{Found, Report, Severity},
};

use crate::server::{Act, Server, check_unanswered, refusal, unanswered};

fn image() -> ImageReference {
    let repository = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api".parse().unwrap();
    ImageReference::new(repository, Digest::of(b"image"))
}

async fn ask(server: &Server) -> Result<Answer, CallError> {
    server.aws().await.scans().scan(&image()).await
}

async fn report(server: &Server) -> Report {
    match ask(server).await.unwrap() {
        Answer::Ended(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn page(status: &str, findings: &Value, next: Option<&str>) -> Value {
    json!({
        "registryId": "111111111111", "repositoryName": "shop-api", "nextToken": next,
        "imageId": {"imageDigest": Digest::of(b"image").as_str()},
        "imageScanStatus": {"status": status, "description": "as ECR says it"},
        "imageScanFindings": findings,
    })
}

fn basic(id: &str, severity: &str) -> Value {
    json!({"name": id, "severity": severity, "uri": "https://example.com", "description": "a made-up fault",
        "attributes": [{"key": "package_version", "value": "3.0.15"}, {"key": "package_name", "value": "openssl"}]})
}

#[tokio::test]
async fn the_findings_of_a_basic_scan_are_read_page_after_page() {
    let server = Server::start(|_, request| {
        let asked = request.json();
        assert_eq!(asked["imageId"], json!({"imageDigest": Digest::of(b"image").as_str()}));
        let counts = json!({"CRITICAL": 1, "LOW": 1});
        let (finding, next) = match asked["nextToken"].as_str() {
            None => (basic("CVE-2026-1001", "CRITICAL"), Some("more")),
            Some(_) => (basic("CVE-2026-1002", "LOW"), None),
        };
        let findings = json!({"imageScanCompletedAt": 1_772_445_600, "vulnerabilitySourceUpdatedAt": 1_772_442_000,
            "findingSeverityCounts": counts, "findings": [finding]});
        Act::Json(200, page("COMPLETE", &findings, next))
    })
    .await;
    let report = report(&server).await;
    assert_eq!(server.requests().len(), 2);
    assert_eq!(report.tool.to_string(), "Amazon ECR basic scanning");
    assert_eq!((report.scanned_at.is_some(), report.database.is_some()), (true, true));
    let Found::Findings { findings, ignored: 0 } = report.found else { panic!() };
    let told: Vec<(&str, &str, Severity)> =
        findings.iter().map(|one| (one.id.as_str(), one.package.as_ref().unwrap().as_str(), one.severity)).collect();
    let expected = [("CVE-2026-1001", "openssl", Severity::Critical), ("CVE-2026-1002", "openssl", Severity::Low)];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_enhanced_scan_holds_while_it_is_active() {
    let finding = |status: &str, id: &str| {
        json!({"severity": "HIGH", "status": status, "title": format!("{id} - openssl"), "type": "PACKAGE_VULNERABILITY",
            "packageVulnerabilityDetails": {"vulnerabilityId": id, "vulnerablePackages": [
                {"name": "openssl", "version": "3.0.15", "fixedInVersion": "3.0.16", "packageManager": "OS"}]}})
    };
    let findings = json!({"findingSeverityCounts": {"HIGH": 1}, "imageScanCompletedAt": 1_772_445_600,
        "enhancedFindings": [finding("ACTIVE", "CVE-1"), finding("SUPPRESSED", "CVE-2"), finding("CLOSED", "CVE-3")]});
    let server = Server::start(move |_, _| Act::Json(200, page("ACTIVE", &findings, None))).await;
    let report = report(&server).await;
    assert_eq!(report.tool.name, "Amazon Inspector");
    let Found::Findings { findings, ignored } = report.found else { panic!() };
    assert_eq!((findings.len(), ignored), (1, 1));
    assert_eq!(findings[0].fixed.as_ref().map(towpath_core::scan::InstalledVersion::as_str), Some("3.0.16"));
}

#[tokio::test]
async fn a_scan_that_is_not_there_or_not_over_is_neither_good_nor_bad() {
    let server = Server::start(|_, _| refusal(400, "ScanNotFoundException", "no scan")).await;
    assert_eq!(ask(&server).await.unwrap(), Answer::NotThere);
    for status in ["PENDING", "IN_PROGRESS"] {
        let server = Server::start(move |_, _| Act::Json(200, page(status, &Value::Null, None))).await;
        assert_eq!(ask(&server).await.unwrap(), Answer::GoesOn(status.to_owned()));
    }
    let server = Server::start(|_, _| Act::Json(200, page("UNSUPPORTED_IMAGE", &Value::Null, None))).await;
    let Found::Nothing { why } = report(&server).await.found else { panic!() };
    assert_eq!(why, "UNSUPPORTED_IMAGE (as ECR says it)");
}

#[tokio::test]
async fn pages_without_end_are_no_answer() {
    let findings = json!({"findings": []});
    let server = Server::start(move |_, _| Act::Json(200, page("COMPLETE", &findings, Some("again")))).await;
    assert!(ask(&server).await.unwrap_err().message.contains("100 pages"));
}

#[tokio::test]
async fn an_image_that_is_missing_or_a_registry_that_does_not_answer_is_an_error() {
    let server = Server::start(|_, _| refusal(400, "ImageNotFoundException", "no image")).await;
    assert_eq!(ask(&server).await.unwrap_err().fault, Fault::NotFound);
    let server = Server::start(|_, _| refusal(400, "AccessDeniedException", "no")).await;
    assert!(ask(&server).await.unwrap_err().is_denied());
    for act in unanswered() {
        let server = Server::start(move |_, _| act()).await;
        check_unanswered(&ask(&server).await.unwrap_err());
    }
}

#[tokio::test]
async fn other_registries_have_no_scanner_that_can_be_asked() {
    let server = Server::start(|_, _| Act::Close).await;
    let image = ImageReference::new("ghcr.io/shop/api".parse().unwrap(), Digest::of(b"image"));
    let error = server.aws().await.scans().scan(&image).await.unwrap_err();
    assert_eq!((error.fault, server.requests().len()), (Fault::Rejected, 0));
}
