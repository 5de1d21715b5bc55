//! A run dies at every write of a promotion, before and after it takes effect; the next run ends in a true state with a
//! true record. Store writes are the journal's events, the lease, the records and their head.

use std::sync::Arc;

use towpath_core::{engine::EngineError, ledger::TakeOver, promotion::Outcome};
use towpath_tests::{Death, MortalStore, Stage};

/// Runs a promotion that dies then; whether it did, or ended before.
async fn die(stage: &Stage, environment: &str, version: &str, death: Death) -> bool {
    let environment = stage.environment(environment).unwrap();
    let mut world = stage.world(environment).await.unwrap();
    let (store, died) = MortalStore::new(Arc::clone(&stage.store), death);
    world.store = Arc::new(store);
    let version = version.parse().unwrap();
    let engine = stage.engine(environment, &world);
    let run = engine.promote(&version, stage.request("p-mortal").unwrap());
    tokio::select! {
        biased;
        _ = run => false,
        () = died.notified() => true,
    }
}

/// What a person does next: resume where something is open, then promote again.
async fn go_on(stage: &mut Stage, environment: &str, version: &str) -> Vec<Outcome> {
    stage.settings.take_over = TakeOver::Anyway;
    let mut outcomes = Vec::new();
    let place = stage.environment(environment).unwrap();
    let world = stage.world(place).await.unwrap();
    match stage.engine(place, &world).resume().await {
        Ok(report) => {
            assert_eq!(report.unrecorded, None);
            outcomes.push(report.outcome);
        }
        Err(EngineError::NothingOpen(_)) => {}
        Err(error) => panic!("{error:?}"),
    }
    let updates = stage.accepted("UpdateService").len();
    assert!(updates <= 2, "one update forward and one back, however many runs it took: {updates}");
    outcomes.push(stage.promote_as(environment, version, "p-again").await.unwrap().outcome);
    outcomes
}

async fn check_good(death: Death) -> bool {
    let mut stage = Stage::open().await.unwrap();
    let died = die(&stage, "dev", "1.1.0", death).await;
    let outcomes = go_on(&mut stage, "dev", "1.1.0").await;
    let last = *outcomes.last().unwrap();
    assert!(last.is_proven(), "{death:?}: {outcomes:?}");
    assert!(stage.accepted("UpdateService").len() <= 1, "{death:?}: one UpdateService in all");
    assert_eq!(stage.accepted("RegisterTaskDefinition").len(), 1, "{death:?}: one revision in all");
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.1.0"), "{death:?}");
    let records = stage.records("dev").await.unwrap();
    assert!(records.last().unwrap().outcome.is_proven(), "{death:?}");
    let promised: Vec<_> = records.iter().filter(|record| record.outcome == Outcome::Succeeded).collect();
    assert_eq!(promised.len(), 1, "{death:?}: the success is told once: {outcomes:?}");
    died
}

async fn check_bad(death: Death) -> bool {
    // Production would ask for proof upstream: the bad image is bad in dev instead.
    let scenario = towpath_tests::SCENARIO.replace("account = \"333333333333\"\nstatus = 500", "status = 500");
    let mut stage = Stage::with(&scenario, Stage::configuration()).await.unwrap();
    let died = die(&stage, "dev", "1.2.0", death).await;
    let outcomes = go_on(&mut stage, "dev", "1.2.0").await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::RolledBack), "{death:?}: {outcomes:?}");
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"), "{death:?}");
    let records = stage.records("dev").await.unwrap();
    assert_eq!(records.last().unwrap().outcome, Outcome::RolledBack);
    died
}

async fn every_death(check: impl AsyncFn(Death) -> bool) -> usize {
    for number in 1..200 {
        let before = check(Death::Before(number)).await;
        let after = check(Death::After(number)).await;
        if !before && !after {
            return number - 1;
        }
    }
    panic!("a promotion writes less than 200 objects");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_that_dies_at_any_write_is_gone_on_with() {
    let deaths = every_death(check_good).await;
    assert!(deaths >= 12, "only {deaths} writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_dies_at_any_write_is_gone_on_with() {
    let deaths = every_death(check_bad).await;
    assert!(deaths >= 14, "only {deaths} writes");
}
