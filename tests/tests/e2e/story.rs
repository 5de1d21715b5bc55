//! The main job: a good release rises through three environments; a bad one is put back; the ledger tells the truth.

use towpath_core::{ledger::RecordKind, promotion::Outcome};
use towpath_tests::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_rises_and_a_bad_one_is_put_back() {
    let stage = Stage::open().await.unwrap();
    for environment in ["dev", "staging", "production"] {
        let report = stage.promote(environment, "1.1.0").await.unwrap();
        assert_eq!(report.outcome, Outcome::Succeeded, "{environment}: {}", report.reason);
        let (status, body) = stage.serves(environment, "/version").await.unwrap();
        assert_eq!(status, 200);
        assert!(body.contains("1.1.0"), "{body}");
    }
    for environment in ["dev", "staging"] {
        let report = stage.promote(environment, "1.2.0").await.unwrap();
        assert_eq!(report.outcome, Outcome::Succeeded, "{environment}: {}", report.reason);
    }
    stage.simulator.clear_calls();
    let report = stage.promote("production", "1.2.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("500"), "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 2, "one forward, one back");
    assert!(stage.serves("production", "/version").await.unwrap().1.contains("1.1.0"));

    let records = stage.records("production").await.unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.kind, record.outcome)).collect();
    assert_eq!(
        told,
        [
            (RecordKind::Adoption, Outcome::Adopted),
            (RecordKind::Promotion, Outcome::Succeeded),
            (RecordKind::Promotion, Outcome::RolledBack),
        ]
    );
    assert_ne!(records[0].digest, records[1].digest, "the baseline is what served, not what was on its way");
    assert_eq!((&records[0].sha, records[0].digest.is_some()), (&None, true));
    let serves = records[2].components.values().next().unwrap().serves.clone().unwrap();
    assert_eq!(serves.version.unwrap().to_string(), "1.1.0");
}
