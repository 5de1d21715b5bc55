//! The budget that an embedder gives to the environments that it connects to.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use towpath_core::{
    identifier::{AccountId, Region},
    ports::Clock,
};

use super::{
    Category, Share,
    allowance::{Allowance, Meters},
    clock::RealTime,
};

/// How many calls this process may make. Its clones are one budget: give the same to all environments of a process.
///
/// A call waits until there is room for it, in the order in which the calls came. Who gives a waiting call up has sent
/// nothing.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

struct Inner {
    share: Share,
    clock: Arc<dyn Clock>,
    places: Mutex<BTreeMap<(AccountId, Region), Arc<Meters>>>,
}

/// What was made of the budget in one category of an account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The category.
    pub category: Category,
    /// How many calls went out, those included that the SDK repeated.
    pub calls: u64,
    /// How long they waited to go out, all together, to the millisecond.
    pub waited: Duration,
}

impl Budget {
    /// So much of what AWS allows, by this clock, on which waiting may be virtual.
    pub fn new(share: Share, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { share, clock, places: Mutex::default() }))
    }

    /// So much of what AWS allows, in real time.
    pub fn in_real_time(share: Share) -> Self {
        Self::new(share, Arc::new(RealTime::new()))
    }

    /// What was made of it so far; categories without a call are left out.
    pub fn uses(&self) -> Vec<Use> {
        let places = self.places();
        let all = places
            .iter()
            .flat_map(|(place, meters)| meters.all().map(move |(category, meter)| (place, category, meter)));
        let used = all.filter(|(_, _, meter)| meter.calls() > 0);
        used.map(|((account, region), category, meter)| Use {
            account: account.clone(),
            region: region.clone(),
            category,
            calls: meter.calls(),
            waited: meter.waited(),
        })
        .collect()
    }

    pub(crate) fn allowance(&self, account: &AccountId, region: &Region) -> Allowance {
        let make = || Arc::new(Meters::new(self.0.share, Arc::clone(&self.0.clock)));
        let mut places = self.places();
        let meters = places.entry((account.clone(), region.clone())).or_insert_with(make);
        Allowance::of(Arc::clone(meters))
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<(AccountId, Region), Arc<Meters>>> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Budget").field("share", &self.0.share).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt as _, future::join_all};
    use jiff::Timestamp;
    use towpath_core::fakes::VirtualClock;

    use super::*;

    const REGISTER: &str = "ecs:RegisterTaskDefinition";
    const DESCRIBE: &str = "ecs:DescribeServices";

    struct Stage {
        clock: VirtualClock,
        budget: Budget,
    }

    impl Stage {
        fn new(share: Share) -> Self {
            let clock = VirtualClock::default();
            Self { budget: Budget::new(share, Arc::new(clock.clone())), clock }
        }

        fn allowance(&self, account: &str) -> Allowance {
            self.budget.allowance(&account.parse().unwrap(), &"us-west-2".parse().unwrap())
        }

        /// When each of so many calls goes out that all come at once, in seconds, in the order of going out.
        async fn all_at_once(&self, operation: &str, calls: usize) -> Vec<(usize, f64)> {
            let (allowance, began) = (self.allowance("111111111111"), self.clock.now());
            let sent = Mutex::new(Vec::new());
            join_all((0..calls).map(|number| {
                let (allowance, sent) = (allowance.clone(), &sent);
                async move {
                    allowance.take(operation).await;
                    sent.lock().unwrap().push((number, seconds(began, self.clock.now())));
                }
            }))
            .await;
            sent.into_inner().unwrap()
        }
    }

    fn seconds(from: Timestamp, to: Timestamp) -> f64 {
        to.duration_since(from).as_secs_f64()
    }

    #[tokio::test]
    async fn no_window_has_more_calls_than_burst_and_refill_and_none_starves() {
        for (operation, category) in [(DESCRIBE, Category::ServiceRead), (REGISTER, Category::TaskDefinitionModify)] {
            for share in [Share::HALF, Share::WHOLE, "7".parse().unwrap()] {
                let (burst, rate) = (share.of(category.burst()).max(1.0), share.of(category.per_second()));
                let sent = Stage::new(share).all_at_once(operation, 500).await;
                assert_eq!(sent.len(), 500);
                for (first, (_, from)) in sent.iter().enumerate() {
                    for (beside, (_, to)) in sent[first..].iter().enumerate() {
                        let allowed = (to - from).mul_add(rate, burst);
                        let calls = f64::from(u32::try_from(beside).unwrap() + 1);
                        assert!(calls <= allowed + 0.001, "{calls} calls from {from} to {to} at {share}");
                    }
                }
                let (_, last) = sent[499];
                assert!(last <= (500.0 - burst.floor() + 1.0) / rate, "the last at {last} s at {share}");
            }
        }
    }

    #[tokio::test]
    async fn calls_go_out_in_the_order_in_which_they_came() {
        let sent = Stage::new(Share::HALF).all_at_once(DESCRIBE, 300).await;
        assert!(sent.is_sorted_by_key(|(number, _)| *number));
    }

    #[tokio::test]
    async fn who_gives_up_has_taken_nothing_and_holds_nobody_up() {
        let stage = Stage::new(Share::WHOLE);
        stage.all_at_once(REGISTER, 20).await;
        let (allowance, began) = (stage.allowance("111111111111"), stage.clock.now());
        let mut sleeper = Box::pin(allowance.take(REGISTER));
        assert!(sleeper.as_mut().now_or_never().is_none(), "it waits for the token");
        let mut queued = Box::pin(allowance.take(REGISTER));
        let mut last = pin!(allowance.take(REGISTER));
        assert!(queued.as_mut().now_or_never().is_none() && last.as_mut().now_or_never().is_none());
        drop(queued);
        drop(sleeper);
        last.await;
        let waited = seconds(began, stage.clock.now());
        assert!((1.0..=1.26).contains(&waited), "{waited}: the first token is its own");
        assert_eq!(stage.budget.uses()[0].calls, 21);
    }

    #[tokio::test]
    async fn categories_accounts_and_calls_that_nobody_counts_do_not_wait_for_each_other() {
        let stage = Stage::new(Share::HALF);
        stage.all_at_once(REGISTER, 10).await;
        let near = stage.allowance("111111111111");
        assert!(near.take(REGISTER).now_or_never().is_none(), "all is taken");
        assert!(near.take(DESCRIBE).now_or_never().is_some());
        assert!(near.take("sts:GetCallerIdentity").now_or_never().is_some());
        assert!(stage.allowance("222222222222").take(REGISTER).now_or_never().is_some());
        assert!(Allowance::free().take(REGISTER).now_or_never().is_some());
    }

    #[tokio::test]
    async fn what_the_sdk_repeats_is_waited_for_by_the_next() {
        let stage = Stage::new(Share::WHOLE);
        let allowance = stage.allowance("111111111111");
        allowance.take(REGISTER).await;
        allowance.owe(REGISTER, 23);
        let began = stage.clock.now();
        allowance.take(REGISTER).await;
        let waited = seconds(began, stage.clock.now());
        assert!((5.0..=6.26).contains(&waited), "{waited}");
        let used = stage.budget.uses().remove(0);
        assert_eq!((used.category, used.calls), (Category::TaskDefinitionModify, 25));
        assert!(used.waited >= Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_clock_real_time_counts() {
        let budget = Budget::in_real_time(Share::WHOLE);
        let allowance = budget.allowance(&"111111111111".parse().unwrap(), &"us-west-2".parse().unwrap());
        let began = tokio::time::Instant::now();
        for _ in 0..25 {
            allowance.take(REGISTER).await;
        }
        assert!((5.0..=5.3).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
    }
}
