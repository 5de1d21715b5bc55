//! Scans in ECR: basic and enhanced ones, from before anybody knows of them to their end.

use std::time::Duration;

use towpath_core::{
    identifier::{ImageReference, TaggedImage},
    ports::{Answer, Images as _, Scans as _},
    scan::{Found, Report, Severity},
};
use towpath_sim::{Simulator, images::ImageSpec};

use crate::shop::{DEV, aws, shop_that};

const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/scanned";

/// The shop whose images are scanned as they are pushed, with this spec for every scan.
async fn scanning(kind: &str, spec: &str) -> (Simulator, ImageReference) {
    let text = format!(
        "[registry]\nscan-type = \"{kind}\"\n[[repositories]]\nname = \"scanned\"\naccount = \"{DEV}\"\n\
         region = \"us-west-2\"\nscan-on-push = true\n[[scans]]\n{spec}\n"
    );
    let simulator = shop_that(&text).await;
    let image =
        ImageSpec { repository: Some("scanned".to_owned()), tags: vec!["9.0.0".to_owned()], ..ImageSpec::default() };
    simulator.set_image(&image).unwrap();
    let tagged: TaggedImage = format!("{REPOSITORY}:9.0.0").parse().unwrap();
    let digest = aws(&simulator, DEV).await.images().resolve(&tagged).await.unwrap().unwrap();
    (simulator, ImageReference::new(REPOSITORY.parse().unwrap(), digest))
}

async fn ask(simulator: &Simulator, image: &ImageReference) -> Answer {
    aws(simulator, DEV).await.scans().scan(image).await.unwrap()
}

fn ended(answer: Answer) -> Report {
    match answer {
        Answer::Ended(report) => *report,
        Answer::GoesOn(state) => panic!("{state}"),
        Answer::NotThere => panic!("no scan"),
    }
}

const FOUND: &str = r#"counts = { CRITICAL = 1, LOW = 1500 }
findings = [{ name = "CVE-2026-0001", severity = "HIGH", package = "openssl", version = "3.0.1", fixed-in = "3.0.2" }]"#;

#[tokio::test]
async fn a_basic_scan_is_waited_for_and_every_page_of_it_is_read() {
    let (simulator, image) = scanning("basic", FOUND).await;
    assert_eq!(ask(&simulator, &image).await, Answer::GoesOn("IN_PROGRESS".to_owned()));
    simulator.advance(Duration::from_secs(30));
    let report = ended(ask(&simulator, &image).await);
    assert_eq!((report.tool.name.as_str(), &report.image), ("Amazon ECR basic scanning", image.digest()));
    let Found::Findings { findings, .. } = report.found else { panic!() };
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    assert_eq!((of(Severity::Critical), of(Severity::High), of(Severity::Low)), (1, 1, 1500));
    let named = findings.iter().find(|finding| finding.id.as_str() == "CVE-2026-0001").unwrap();
    assert_eq!(named.package.as_ref().map(towpath_core::identifier::PackageName::as_str), Some("openssl"));
}

#[tokio::test]
async fn an_enhanced_scan_is_unknown_then_pending_then_active() {
    let (simulator, image) = scanning("enhanced", &format!("registered-after = 60\n{FOUND}")).await;
    assert_eq!(ask(&simulator, &image).await, Answer::NotThere);
    simulator.advance(Duration::from_mins(1));
    assert_eq!(ask(&simulator, &image).await, Answer::GoesOn("PENDING".to_owned()));
    simulator.advance(Duration::from_secs(30));
    let report = ended(ask(&simulator, &image).await);
    assert_eq!(report.tool.name, "Amazon Inspector");
    let Found::Findings { findings, .. } = report.found else { panic!() };
    let named = findings.iter().find(|finding| finding.id.as_str() == "CVE-2026-0001").unwrap();
    assert_eq!(named.fixed.as_ref().map(towpath_core::scan::InstalledVersion::as_str), Some("3.0.2"));
}

#[tokio::test]
async fn every_other_end_is_a_scan_that_could_not_be() {
    let ends = [
        ("basic", "FAILED"),
        ("basic", "UNSUPPORTED_IMAGE"),
        ("enhanced", "SCAN_ELIGIBILITY_EXPIRED"),
        ("enhanced", "FINDINGS_UNAVAILABLE"),
        ("enhanced", "LIMIT_EXCEEDED"),
        ("enhanced", "IMAGE_ARCHIVED"),
        ("enhanced", "IMAGE_SIZE_EXCEEDED"),
    ];
    for (kind, status) in ends {
        let (simulator, image) = scanning(kind, &format!("takes = 0\nstatus = \"{status}\"")).await;
        let Found::Nothing { why } = ended(ask(&simulator, &image).await).found else { panic!("{status}") };
        assert!(why.starts_with(status), "{why}");
    }
}
