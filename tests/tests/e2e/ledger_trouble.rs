//! The lease, the ledger and the journal in trouble: a holder that lost the lease stops, a way back does not wait for
//! the ledger, and what was tampered with is not built upon.

use std::{sync::Arc, time::Duration};

use towpath_core::{
    engine::{EngineError, Interrupt, Notice, Observer},
    fakes::{MemoryStore, VirtualClock},
    ledger::{Lease, TakeOver},
    ports::{Store, StoreKey},
    promotion::{Event, Outcome},
};
use towpath_tests::{SCENARIO, Stage};

/// Does something once, when an event of that name is journaled.
struct When<F>(&'static str, F);

impl<F: Fn() + Send + Sync> Observer for When<F> {
    fn notice(&self, notice: Notice) {
        if let Notice::Happened { event, .. } = notice
            && event.name() == self.0
        {
            self.1();
        }
    }
}

/// The shop on a store that a test can disconnect and tamper with.
async fn stage_on(scenario: &str) -> (Stage, Arc<MemoryStore>) {
    let mut stage = Stage::with(scenario, Stage::configuration()).await.unwrap();
    let clock = VirtualClock::at(stage.simulator.now());
    let store = Arc::new(MemoryStore::new(&clock));
    for (key, bytes) in contents(&*stage.store).await {
        store.create(&key, &bytes).await.unwrap();
    }
    stage.store = Arc::clone(&store) as Arc<dyn Store>;
    (stage, store)
}

async fn contents(store: &dyn Store) -> Vec<(StoreKey, Vec<u8>)> {
    let mut all = Vec::new();
    for key in store.list(&"releases".parse().unwrap()).await.unwrap() {
        let bytes = store.get(&key).await.unwrap().unwrap().bytes;
        all.push((key, bytes));
    }
    all
}

fn bad_in_dev() -> String {
    SCENARIO.replace("account = \"333333333333\"\nstatus = 500", "status = 500")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_somebody_works_on_is_held_not_queued() {
    let stage = Stage::open().await.unwrap();
    let dev = "dev".parse().unwrap();
    let other = "p-other".parse().unwrap();
    let ttl = Duration::from_mins(1);
    let _lease = Lease::acquire(&*stage.store, &dev, &other, "bob", ttl, TakeOver::OnlyExpired).await.unwrap();
    let report = stage.promote("dev", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Held, "{}", report.reason);
    assert!(report.reason.contains("bob") && report.retry_at.is_some(), "{}", report.reason);
    assert!(stage.simulator.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_lost_its_lease_stops_before_its_next_change() {
    let stage = Stage::open().await.unwrap();
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let store = Arc::clone(&stage.store);
    let steal = move || {
        let dev = "dev".parse().unwrap();
        let thief = "p-thief".parse().unwrap();
        let ttl = Duration::from_mins(1);
        let taken = Lease::acquire(&*store, &dev, &thief, "thief", ttl, TakeOver::Anyway);
        let _lease = futures_util::FutureExt::now_or_never(taken).unwrap().unwrap();
    };
    let mut engine = stage.engine(environment, &world);
    let observer = When("checked", steal);
    engine.observer = &observer;
    // The lease is short, so that the run must renew it before it changes anything.
    let mut settings = stage.settings.clone();
    settings.lease_ttl = Duration::from_secs(100);
    engine.settings = &settings;
    let report = engine.promote(&"1.1.0".parse().unwrap(), stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive);
    assert!(report.reason.contains("thief"), "{}", report.reason);
    assert!(stage.accepted("UpdateService").is_empty() && stage.accepted("RegisterTaskDefinition").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_does_not_wait_for_an_unreachable_ledger() {
    let (stage, store) = stage_on(&bad_in_dev()).await;
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let mut engine = stage.engine(environment, &world);
    let cut = Arc::clone(&store);
    let observer = When("rolled-out", move || cut.disconnect());
    engine.observer = &observer;
    let report = engine.promote(&"1.2.0".parse().unwrap(), stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.unrecorded.is_some(), "what could not be written is said");
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"));
    store.reconnect();
    // The next run finds the promotion open, and ends it from what really serves.
    let mut settings = stage.settings.clone();
    settings.take_over = TakeOver::Anyway;
    let mut engine = stage.engine(environment, &world);
    engine.settings = &settings;
    let report = engine.resume().await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 2, "one forward, one back, over both runs");
    assert_eq!(stage.records("dev").await.unwrap().last().unwrap().outcome, Outcome::RolledBack);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_stops_the_next_promotion_before_anything_happens() {
    let (stage, store) = stage_on(SCENARIO).await;
    assert_eq!(stage.promote("dev", "1.1.0").await.unwrap().outcome, Outcome::Succeeded);
    let key: StoreKey = "environments/dev/records/00000001.json".parse().unwrap();
    let text = String::from_utf8(store.get(&key).await.unwrap().unwrap().bytes).unwrap();
    store.tamper(&key, text.replace("ada", "eve").as_bytes());
    stage.simulator.clear_calls();
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let engine = stage.engine(environment, &world);
    let error = engine.promote(&"1.2.0".parse().unwrap(), stage.request("p-2").unwrap()).await.unwrap_err();
    assert!(error.is_tampered(), "{error:?}");
    assert!(stage.accepted("UpdateService").is_empty());
    // Nor does another environment believe it.
    let error = stage.promote("staging", "1.1.0").await.unwrap_err();
    assert!(error.downcast_ref::<EngineError>().is_some_and(EngineError::is_tampered), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_journal_is_not_resumed() {
    let (mut stage, store) = stage_on(SCENARIO).await;
    let environment = stage.environment("dev").unwrap().clone();
    let world = stage.world(&environment).await.unwrap();
    let interrupt = Interrupt::when(std::future::ready(()));
    let mut engine = stage.engine(&environment, &world);
    engine.interrupt = &interrupt;
    let report = engine.promote(&"1.1.0".parse().unwrap(), stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Interrupted);
    assert!(stage.simulator.calls().is_empty());
    let key: StoreKey = "environments/dev/journals/p-1/000001.json".parse().unwrap();
    let text = String::from_utf8(store.get(&key).await.unwrap().unwrap().bytes).unwrap();
    store.tamper(&key, text.replace("1.1.0", "1.2.0").as_bytes());
    stage.settings.take_over = TakeOver::Anyway;
    let error = stage.engine(&environment, &world).resume().await.map(|report| report.outcome);
    // Interrupted before it was admitted, it holds no lease, so nothing is open; a journal that is read is verified.
    match error {
        Err(EngineError::NothingOpen(_)) => {}
        Err(error) => assert!(error.is_tampered(), "{error:?}"),
        Ok(outcome) => panic!("a tampered journal was resumed: {outcome}"),
    }
    let loaded = towpath_core::promotion::Journal::load(&*store, &environment.name, &"p-1".parse().unwrap()).await;
    assert!(loaded.unwrap_err().is_tampered());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_rollout_is_left_as_it_is_and_resumed() {
    let stage = Stage::open().await.unwrap();
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let (abort, given) = futures_util::future::AbortHandle::new_pair();
    let interrupt = Interrupt::when(async move {
        let _ended = futures_util::future::Abortable::new(std::future::pending::<()>(), given).await;
    });
    let mut engine = stage.engine(environment, &world);
    engine.interrupt = &interrupt;
    let observer = When("update-accepted", move || abort.abort());
    engine.observer = &observer;
    let report = engine.promote(&"1.1.0".parse().unwrap(), stage.request("p-1").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Interrupted, "{}", report.reason);
    assert_eq!(report.record.as_ref().unwrap().outcome, Outcome::Interrupted);
    let error = stage.promote("dev", "1.1.0").await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(EngineError::Unfinished { .. })), "{error:?}");
    let report = stage.engine(environment, &world).resume().await.unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 1);
    let resumed = |entry: &&towpath_core::promotion::Entry| matches!(entry.happened, Event::Resumed { .. });
    let journal =
        towpath_core::promotion::Journal::load(&*stage.store, &environment.name, &"p-1".parse().unwrap()).await;
    assert_eq!(journal.unwrap().unwrap().entries.iter().filter(resumed).count(), 1);
}
