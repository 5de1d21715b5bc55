//! Ledger, journal and lease over a strict store: what is written stays, and what is changed is found out.

use std::time::Duration;

use super::*;
use crate::{
    fakes::{MemoryStore, Moment, StoreOperation, VirtualClock},
    identifier::{EnvironmentName, PromotionId},
    ports::{Store as _, StoreKey},
    promotion::Outcome,
};

fn environment() -> EnvironmentName {
    "dev".parse().unwrap()
}

fn id(text: &str) -> PromotionId {
    text.parse().unwrap()
}

/// A record of a promotion, made as an old program would have written it: from JSON.
fn record(promotion: &str, version: &str, outcome: Outcome, revision: u32) -> Record {
    let serving = outcome.is_proven().then(|| {
        serde_json::json!({
            "task_definition": format!("arn:aws:ecs:us-west-2:111111111111:task-definition/api:{revision}"),
            "digest": null, "version": version
        })
    });
    let text = serde_json::json!({
        "schema": 1, "sequence": 0, "previous": null, "timestamp_utc": "2026-01-02T03:04:05Z",
        "environment": "dev", "digest": null, "image_uri": null, "status": "success", "run_id": null,
        "run_attempt": null, "actor": "ada", "repo": null, "workflow": null, "ref": null, "sha": null,
        "promotion": promotion, "kind": "promotion", "app": "shop", "outcome": outcome.name(), "reason": "because",
        "version": version, "commit": "1111111111111111111111111111111111111111",
        "trigger": { "kind": "command-line" }, "decision": null, "fence": 1,
        "components": { "api": {
            "service": { "cluster": "c", "service": "s" }, "image": null, "before": null, "after": null,
            "reused": false, "difference": [], "rollout": null, "smoke": [], "failure": null, "rollback": null,
            "serves": serving, "notes": []
        } },
        "timeline": [], "requested_at": "2026-01-02T03:04:05Z", "duration_ms": 1, "tool_version": "0.1.0"
    });
    serde_json::from_value(text).unwrap()
}

fn release(version: &str) -> crate::release::Release {
    let text = serde_json::json!({
        "schema": 1, "app": "shop", "version": version, "commit": "1111111111111111111111111111111111111111",
        "artifacts": { "api": { "image": format!("registry.example/api@sha256:{}", "a".repeat(64)) } },
        "created_at": "2026-01-02T03:04:05Z", "created_by": "ada"
    });
    serde_json::from_value(text).unwrap()
}

async fn written(store: &MemoryStore) -> Vec<Record> {
    let environment = environment();
    let ledger = Ledger::new(store, &environment);
    for (number, version) in ["1.0.0", "1.1.0", "1.2.0"].into_iter().enumerate() {
        let revision = u32::try_from(number).unwrap() + 1;
        let _record =
            ledger.append(record(&format!("p-{revision}"), version, Outcome::Succeeded, revision)).await.unwrap();
    }
    ledger.records().await.unwrap()
}

/// Changes an object behind the ledger's back.
async fn overwrite(store: &MemoryStore, key: &str, change: impl Fn(&str) -> String) {
    let key: StoreKey = key.parse().unwrap();
    let stored = store.get(&key).await.unwrap().unwrap();
    let text = change(std::str::from_utf8(&stored.bytes).unwrap());
    store.replace(&key, text.as_bytes(), &stored.revision).await.unwrap();
}

fn store() -> MemoryStore {
    MemoryStore::new(&VirtualClock::default())
}

#[tokio::test]
async fn records_are_chained_and_read_back_in_order() {
    let records = written(&store()).await;
    assert_eq!(records.iter().map(|record| record.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(records[0].previous.is_none() && records[1].previous.is_some());
}

#[tokio::test]
async fn a_changed_record_is_detected() {
    for place in ["00000001", "00000003"] {
        let store = store();
        let _records = written(&store).await;
        let key = format!("environments/dev/records/{place}.json");
        overwrite(&store, &key, |text| text.replace("because", "by magic")).await;
        let error = Ledger::new(&store, &environment()).records().await.unwrap_err();
        assert!(error.is_tampered(), "{place}: {error}");
    }
}

#[tokio::test]
async fn a_head_that_lags_behind_by_a_crash_is_no_damage() {
    let store = store();
    let records = written(&store).await;
    let hash = records[1].previous.clone().unwrap();
    overwrite(&store, "environments/dev/head.json", |_| format!(r#"{{"sequence":1,"hash":"{hash}"}}"#)).await;
    let environment = environment();
    let ledger = Ledger::new(&store, &environment);
    assert_eq!(ledger.records().await.unwrap().len(), 3);
    let _record = ledger.append(record("p-4", "1.3.0", Outcome::Succeeded, 4)).await.unwrap();
    assert_eq!(ledger.records().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_missing_newest_record_is_detected() {
    let store = store();
    let _records = written(&store).await;
    overwrite(&store, "environments/dev/head.json", |text| text.replace("\"sequence\":3", "\"sequence\":4")).await;
    assert!(Ledger::new(&store, &environment()).records().await.unwrap_err().is_tampered());
}

#[tokio::test]
async fn what_was_last_proven_survives_a_later_failure() {
    let mut records = written(&store()).await;
    records.push(record("p-4", "1.3.0", Outcome::Stuck, 9));
    let proven = history::last_proven(&records);
    assert_eq!(proven[&"api".parse().unwrap()].serving.task_definition.short(), "api:3");
    let before = history::proven_before(&records, None).unwrap();
    assert_eq!(before.version.as_ref().unwrap().to_string(), "1.1.0");
}

#[tokio::test]
async fn what_is_stuck_goes_back_to_the_newest_proof_itself() {
    let mut records = written(&store()).await;
    let mut stuck = record("p-4", "1.3.0", Outcome::Stuck, 9);
    for component in stuck.components.values_mut() {
        let why = Some("the tasks fail too".to_owned());
        component.rollback =
            Some(RollbackRecord { target: None, by: None, smoke: Vec::new(), stuck: why, diagnosis: None });
    }
    records.push(stuck);
    assert_eq!(history::proven_before(&records, None).unwrap().version.as_ref().unwrap().to_string(), "1.2.0");
    records.push(record("p-5", "1.3.1", Outcome::Succeeded, 10));
    assert_eq!(history::proven_before(&records, None).unwrap().version.as_ref().unwrap().to_string(), "1.2.0");
}

#[tokio::test]
async fn a_proof_upstream_ends_when_the_release_is_replaced_or_taken_back() {
    use crate::policy::Proof;
    let mut records = vec![record("p-1", "1.1.0", Outcome::Succeeded, 1)];
    assert!(matches!(history::proof_of(&records, &release("1.1.0")), Proof::Proven { .. }));
    assert_eq!(history::proof_of(&records, &release("1.2.0")), Proof::NotProven);
    records.push(record("p-2", "1.2.0", Outcome::Succeeded, 2));
    assert!(matches!(history::proof_of(&records, &release("1.1.0")), Proof::Superseded { .. }));
    let mut back = record("p-3", "1.1.0", Outcome::Succeeded, 1);
    back.kind = RecordKind::Restoration;
    records.push(back);
    assert!(matches!(history::proof_of(&records, &release("1.2.0")), Proof::Withdrawn { .. }));
    records.push(record("p-4", "1.1.0", Outcome::RolledBack, 1));
    assert!(matches!(history::proof_of(&records, &release("1.1.0")), Proof::Withdrawn { .. }));
}

/// A release and a restoration of another component replace nothing of this one.
#[test]
fn what_is_about_other_components_leaves_a_proof_upstream_alone() {
    use crate::policy::Proof;
    let elsewhere = |promotion: &str, version: &str, kind: RecordKind| {
        let mut other = record(promotion, version, Outcome::Succeeded, 2);
        let components = std::mem::take(&mut other.components);
        other.components = components.into_values().map(|component| ("mcp".parse().unwrap(), component)).collect();
        other.kind = kind;
        other
    };
    let mut records = vec![record("p-1", "1.1.0", Outcome::Succeeded, 1)];
    records.push(elsewhere("p-2", "2.0.0", records[0].kind));
    records.push(elsewhere("p-3", "1.9.0", RecordKind::Restoration));
    assert!(matches!(history::proof_of(&records, &release("1.1.0")), Proof::Proven { .. }));
    records.push(record("p-4", "1.2.0", Outcome::Succeeded, 2));
    assert!(matches!(history::proof_of(&records, &release("1.1.0")), Proof::Superseded { .. }));
}

#[tokio::test]
async fn a_release_is_written_once() {
    let store = store();
    let releases = Releases::new(&store);
    assert_eq!(releases.create(&release("1.0.0")).await.unwrap(), Creation::Created);
    assert!(matches!(releases.create(&release("1.0.0")).await.unwrap(), Creation::AlreadyThere(_)));
    let mut other = release("1.0.0");
    other.commit = "2222222222222222222222222222222222222222".parse().unwrap();
    let error = releases.create(&other).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "release 1.0.0 exists with other content: it was built from commit 1111111, not 2222222"
    );
    assert!(matches!(releases.get(&"9.9.9".parse().unwrap()).await, Err(ReleasesError::Missing(_))));
}

const TTL: Duration = Duration::from_secs(90);

async fn take(store: &MemoryStore, promotion: &str, take_over: TakeOver) -> Result<Lease, LeaseError> {
    Lease::acquire(store, &environment(), &id(promotion), promotion, TTL, take_over).await
}

#[tokio::test]
async fn a_lease_is_held_by_one_until_it_ends() {
    let clock = VirtualClock::default();
    let store = MemoryStore::new(&clock);
    let first = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    assert!(matches!(take(&store, "p-2", TakeOver::OnlyExpired).await, Err(LeaseError::Held { .. })));
    clock.advance(TTL + Duration::from_secs(1));
    let mut second = take(&store, "p-2", TakeOver::OnlyExpired).await.unwrap();
    assert!(second.fence() > first.fence());
    let mut first = first;
    assert!(matches!(first.ensure(&store, TTL).await, Err(LeaseError::Lost { .. })));
    second.ensure(&store, TTL).await.unwrap();
    second.release(&store, Concluded::Yes).await.unwrap();
    let third = take(&store, "p-3", TakeOver::OnlyExpired).await.unwrap();
    assert_eq!(third.fence(), 3);
}

#[tokio::test]
async fn a_lease_whose_fence_can_grow_no_further_is_damaged() {
    let store = MemoryStore::new(&VirtualClock::default());
    let lease = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    let (key, bytes) = store.contents().pop().unwrap();
    let fence = format!("\"fence\": {}", lease.fence());
    let text = String::from_utf8(bytes).unwrap().replace(&fence, &format!("\"fence\": {}", u64::MAX));
    store.tamper(&key.parse().unwrap(), text.as_bytes());
    assert!(matches!(take(&store, "p-2", TakeOver::OnlyExpired).await, Err(LeaseError::Damaged { .. })));
}

#[tokio::test]
async fn a_lease_that_is_renewed_in_time_is_kept() {
    let clock = VirtualClock::default();
    let store = MemoryStore::new(&clock);
    let mut lease = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    for _ in 0..10 {
        clock.advance(Duration::from_mins(1));
        lease.ensure(&store, Duration::from_secs(45)).await.unwrap();
    }
    assert!(matches!(take(&store, "p-2", TakeOver::OnlyExpired).await, Err(LeaseError::Held { .. })));
    assert!(take(&store, "p-2", TakeOver::Anyway).await.is_ok());
}

/// Nobody else was there: a renewal whose answer was lost must not look like a thief.
#[tokio::test]
async fn a_lease_whose_renewal_was_not_answered_is_still_ours() {
    for moment in [Moment::Before, Moment::After] {
        let clock = VirtualClock::default();
        let store = MemoryStore::new(&clock);
        let mut lease = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
        store.fail(StoreOperation::Replace, 1, moment);
        assert!(matches!(lease.renew(&store).await, Err(LeaseError::Store(_))));
        lease.renew(&store).await.unwrap();
        lease.release(&store, Concluded::Yes).await.unwrap();
        assert!(Lease::look(&store, &environment()).await.unwrap().unwrap().concluded, "{moment:?}");
    }
}

#[tokio::test]
async fn a_lease_that_was_taken_though_nobody_said_so_is_held() {
    let store = store();
    store.fail(StoreOperation::Create, 1, Moment::After);
    let lease = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    assert!(matches!(take(&store, "p-2", TakeOver::OnlyExpired).await, Err(LeaseError::Held { .. })));
    lease.release(&store, Concluded::Yes).await.unwrap();
}

#[tokio::test]
async fn a_lease_that_was_taken_over_cannot_be_renewed() {
    let store = store();
    let mut first = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    let _second = take(&store, "p-2", TakeOver::Anyway).await.unwrap();
    assert!(matches!(first.renew(&store).await, Err(LeaseError::Lost { holder, .. }) if holder == "p-2"));
}

#[tokio::test]
async fn a_promotion_that_is_over_gives_way_and_a_third_one_does_not() {
    let store = MemoryStore::new(&VirtualClock::default());
    let _dead = take(&store, "p-1", TakeOver::OnlyExpired).await.unwrap();
    let next = Lease::succeed(&store, &environment(), &id("p-2"), "p-2", TTL, &id("p-1")).await.unwrap();
    assert_eq!(next.fence(), 2);
    let late = Lease::succeed(&store, &environment(), &id("p-3"), "p-3", TTL, &id("p-1")).await;
    assert!(matches!(late, Err(LeaseError::Held { .. })), "p-2 holds it by now");
}
