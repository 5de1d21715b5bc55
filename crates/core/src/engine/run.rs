//! One run: performs what the promotion asks for until nothing is outstanding, or the run must stop.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::{Either, join_all, select};
use jiff::Timestamp;

use crate::{
    config::{Application, Environment, Service},
    identifier::{ComponentName, ImageReference, PromotionId, Sha256, TaskDefinitionArn},
    ledger::{Concluded, Lease, LeaseError},
    ports::{CallError, Fault},
    promotion::{Component, Effect, Event, Failure, FailureKind, Journal, JournalError, MissingPermission, Outcome},
    release::Release,
    rollout::{Pause, jittered},
    task_definition::Document,
};

use super::{
    call,
    entry::EngineError,
    looks::Following,
    notice::{Notice, Observer},
    report::Report,
    site::Work,
    world::{Interrupt, Settings, World},
};

/// How long calls may fail in a row before contact counts as lost.
pub(super) const CONTACT_LOST: Duration = Duration::from_mins(5);

/// How many components are registered, updated, smoked or diagnosed at once.
pub(super) const AT_ONCE: usize = 16;

/// One run over one promotion.
pub(super) struct Run<'a> {
    pub(super) application: &'a Application,
    pub(super) environment: &'a Environment,
    pub(super) world: &'a World,
    pub(super) settings: &'a Settings,
    pub(super) observer: &'a dyn Observer,
    pub(super) interrupt: &'a Interrupt,
    /// The release to bring; none when a recorded revision is gone back to.
    pub(super) release: Option<Release>,
    pub(super) journal: Journal,
    pub(super) lease: Option<Lease>,
    /// Whether another run began this promotion: what was asked for may have been done already.
    pub(super) is_resumed: bool,
    /// Documents as the check rendered them, so that they need not be rendered again.
    pub(super) documents: BTreeMap<ComponentName, Document>,
    /// What is known of rollouts that are under way.
    pub(super) rollouts: BTreeMap<ComponentName, Following>,
    /// Components whose service is deployed over although somebody's rollout is under way there.
    pub(super) taken_over: BTreeMap<ComponentName, String>,
    /// What is known of sites, and what is to be written; forgotten when something may have been written.
    pub(super) sites: BTreeMap<ComponentName, Work>,
    /// When this run began.
    pub(super) began_at: Timestamp,
    /// What was paused when this run began: a person's word is about these alone.
    pub(super) paused_at_first: Vec<(ComponentName, Pause)>,
    /// Since when nothing could be learned of what is paused.
    pub(super) lost_since: Mutex<Option<Timestamp>>,
    /// Components whose update this run has asked for.
    pub(super) asked_for: Mutex<BTreeSet<ComponentName>>,
    /// Images that got their tag in this run, or were refused it: many components may have the same one.
    pub(super) kept: Mutex<BTreeSet<ImageReference>>,
    /// When ECS's success, or contact, is no longer waited for to be proven.
    pub(super) unproven_until: BTreeMap<ComponentName, Timestamp>,
    /// When each rollout's end is no longer waited for.
    pub(super) deadlines: BTreeMap<ComponentName, Timestamp>,
    /// When each rollout is looked at next.
    pub(super) next_looks: BTreeMap<ComponentName, Timestamp>,
    /// How many effects that are outstanding had their turn and came to nothing.
    pub(super) passed_over: usize,
}

/// Why a run ends before its promotion does.
#[derive(Debug)]
pub(super) enum Halt {
    /// Nobody can say how it stands, or nothing more can be done now. It can be resumed.
    Suspend(String),
    /// Somebody asked the run to stop.
    Interrupted,
    /// Another run goes on with it, or took the lease.
    Overtaken(String),
    /// The journal or the store cannot be worked with.
    Broken(EngineError),
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Overtaken { .. } => Self::Overtaken(error.to_string()),
            JournalError::Store(_)
            | JournalError::Tampered { .. }
            | JournalError::Illegal { .. }
            | JournalError::Refused(_) => Self::Broken(error.into()),
        }
    }
}

impl From<LeaseError> for Halt {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Lost { .. } | LeaseError::Held { .. } => Self::Overtaken(error.to_string()),
            LeaseError::Store(_) | LeaseError::Damaged { .. } => Self::Broken(error.into()),
        }
    }
}

impl Run<'_> {
    /// Performs what is outstanding until the promotion is over or the run must stop.
    pub(super) async fn drive(mut self) -> Result<Report, EngineError> {
        match self.steps().await {
            Ok(report) => Ok(report),
            Err(Halt::Suspend(why)) => Ok(self.suspend(Outcome::Inconclusive, why).await),
            Err(Halt::Interrupted) => {
                let how = self.cancel().await;
                Ok(self.suspend(Outcome::Interrupted, how).await)
            }
            Err(Halt::Overtaken(why)) => Ok(self.report(Outcome::Inconclusive, why, None, None)),
            // Before anything was changed, an error is just that; afterwards it must say that the end is open.
            Err(Halt::Broken(error)) if !self.journal.promotion.may_have_changed() => {
                self.give_back(Concluded::No).await;
                Err(error)
            }
            Err(Halt::Broken(error)) => Ok(self.suspend(Outcome::Inconclusive, error.chain()).await),
        }
    }

    async fn steps(&mut self) -> Result<Report, Halt> {
        loop {
            let effects = self.journal.promotion.outstanding();
            if effects == [Effect::Conclude] {
                return self.conclude().await;
            }
            if self.interrupt.is_given() {
                return Err(Halt::Interrupted);
            }
            let batch = turn(effects, self.passed_over);
            let events = self.perform_or_stop(&batch).await?;
            self.passed_over = if events.is_empty() { self.passed_over + batch.len() } else { 0 };
            for event in events {
                self.happened(event).await?;
            }
        }
    }

    /// Performs these effects, side by side where there are several, and returns what happened.
    pub(super) async fn perform(&mut self, effects: &[Effect]) -> Result<Vec<Event>, Halt> {
        match effects {
            [Effect::Decide] => self.decide().await,
            [Effect::Lease] => self.take_lease().await,
            [Effect::Check] => self.check().await,
            [Effect::Publish(components)] => self.publish(components).await,
            [Effect::Watch(components)] => self.watch(components).await,
            [Effect::RollBack(site)] if self.is_site(site) => self.switch_back(site).await,
            [Effect::WatchRollback(site)] if self.is_site(site) => self.watch_switch_back(site).await,
            [Effect::RollBack(component)] => self.roll_back(component).await,
            [Effect::WatchRollback(component)] => self.watch_rollback(component).await,
            several => self.perform_several(several).await,
        }
    }

    pub(super) async fn perform_together(&mut self, effects: &[Effect]) -> Result<Vec<Event>, Halt> {
        if effects.iter().any(|effect| matches!(effect, Effect::Register(_) | Effect::Update(_) | Effect::Answer(_))) {
            // Nothing is changed before what led to it is written.
            self.journal.settle(&*self.world.store).await?;
            self.renew_lease().await?;
        } else {
            self.keep_lease().await?;
        }
        let run = &*self;
        let each = join_all(effects.iter().map(|effect| async move {
            match effect {
                Effect::Register(component) => run.register(component).await,
                Effect::Update(component) => run.update(component).await,
                Effect::Smoke(site) if run.is_site(site) => run.smoke_site(site).await,
                Effect::Smoke(component) => run.smoke(component).await,
                Effect::Examine(component) => run.examine(component).await,
                Effect::Answer(component) => run.answer_pause(component).await,
                Effect::Decide
                | Effect::Lease
                | Effect::Check
                | Effect::Publish(_)
                | Effect::Watch(_)
                | Effect::RollBack(_)
                | Effect::WatchRollback(_)
                | Effect::Conclude => Err(Halt::Suspend(format!("{effect:?} cannot be done beside others"))),
            }
        }))
        .await;
        // What did happen is journaled even where a neighbour could not be told.
        let mut events = Vec::new();
        let mut halt = None;
        for result in each {
            match result {
                Ok(more) => events.extend(more),
                Err(reason) => halt = halt.or(Some(reason)),
            }
        }
        match halt {
            Some(halt) if events.is_empty() => Err(halt),
            Some(halt) => {
                for event in events {
                    self.happened(event).await?;
                }
                Err(halt)
            }
            None => Ok(events),
        }
    }

    /// Journals an event and tells it. A way back goes on even where the journal cannot be written now.
    pub(super) async fn happened(&mut self, event: Event) -> Result<(), Halt> {
        let (store, now) = (&*self.world.store, self.world.clock.now());
        if self.journal.promotion.may_have_changed() || matches!(event, Event::Failed { .. }) {
            self.journal.append_or_keep(store, event.clone(), now).await?;
            if self.journal.unsettled() > 0 {
                self.trouble("the journal cannot be written now; what was changed is judged and, where it is bad, put back all the same".to_owned());
            }
        } else {
            self.journal.append(store, event.clone(), now).await?;
        }
        if let Event::Continued { component } = &event {
            self.forgive_pause(component, now);
        }
        self.observer.notice(Notice::Happened {
            promotion: self.journal.promotion.request.id.clone(),
            environment: self.environment.name.clone(),
            phase: self.journal.promotion.phase().name().to_owned(),
            event: Box::new(event),
        });
        Ok(())
    }

    /// The time for which ECS waited at a hook is none of the rollout's.
    fn forgive_pause(&mut self, component: &ComponentName, now: Timestamp) {
        let Some(paused) = self.journal.last_of(component, "paused") else {
            return;
        };
        // What went by before this run is in no deadline of it.
        let since = self.began_at.max(paused);
        let paused = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if let Some(deadline) = self.deadlines.get_mut(component) {
            *deadline += paused;
        }
    }

    /// Something was learned of what is paused.
    pub(super) fn in_contact(&self) {
        *self.lost_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Nothing could be learned of what is paused, which is borne for a while.
    pub(super) fn out_of_contact(&self, why: String) -> Result<(), Halt> {
        let now = self.world.clock.now();
        let since = *self.lost_since.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(now);
        if now >= since + CONTACT_LOST {
            return Err(Halt::Suspend(why));
        }
        self.trouble(why);
        Ok(())
    }

    fn is_failing(&self) -> bool {
        self.journal.promotion.is_failing()
    }

    /// Takes the lease for this promotion.
    async fn take_lease(&mut self) -> Result<Vec<Event>, Halt> {
        let mut taken = self.acquire().await;
        if let Err(LeaseError::Held { promotion, .. }) = &taken
            && self.is_over(promotion).await?
        {
            taken = self.succeed(&promotion.clone()).await;
        }
        match taken {
            Ok(fence) => Ok(vec![Event::Leased { fence }]),
            Err(LeaseError::Held { holder, until, promotion, .. }) => {
                Ok(vec![Event::LeaseHeld { holder: format!("{holder} is at work here ({promotion})"), until }])
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether that promotion has its last event: a holder that died before it gave the lease back has nothing more to
    /// do with it.
    async fn is_over(&self, promotion: &PromotionId) -> Result<bool, Halt> {
        let journal = Journal::load(&*self.world.store, &self.environment.name, promotion).await?;
        Ok(journal.is_some_and(|journal| journal.promotion.outstanding().is_empty()))
    }

    pub(super) async fn acquire(&mut self) -> Result<u64, LeaseError> {
        let (store, settings) = (&*self.world.store, self.settings);
        let request = &self.journal.promotion.request;
        let (place, id, holder) = (&request.environment, &request.id, &settings.holder);
        let lease = Lease::acquire(store, place, id, holder, settings.lease_ttl, settings.take_over).await?;
        Ok(self.hold(lease))
    }

    async fn succeed(&mut self, over: &PromotionId) -> Result<u64, LeaseError> {
        let (store, settings) = (&*self.world.store, self.settings);
        let request = &self.journal.promotion.request;
        let (place, id, holder) = (&request.environment, &request.id, &settings.holder);
        let lease = Lease::succeed(store, place, id, holder, settings.lease_ttl, over).await?;
        Ok(self.hold(lease))
    }

    fn hold(&mut self, lease: Lease) -> u64 {
        let fence = lease.fence();
        self.lease = Some(lease);
        fence
    }

    /// Makes sure that more of the lease is left than any call may take.
    pub(super) async fn keep_lease(&mut self) -> Result<(), Halt> {
        let needed = self.settings.call_deadline + Duration::from_secs(5);
        let Some(lease) = &mut self.lease else {
            return Err(Halt::Overtaken("the lease is not held".to_owned()));
        };
        let kept = lease.ensure(&*self.world.store, needed).await;
        self.kept(kept, self.journal.promotion.may_have_changed())
    }

    /// Before a change: makes sure that nobody took the lease meanwhile, however much of it should be left.
    pub(super) async fn renew_lease(&mut self) -> Result<(), Halt> {
        let Some(lease) = &mut self.lease else {
            return Err(Halt::Overtaken("the lease is not held".to_owned()));
        };
        let renewed = lease.renew(&*self.world.store).await;
        self.kept(renewed, self.is_failing())
    }

    /// Neither judging what was changed nor the way back waits for an unreachable store; a lease that somebody else has
    /// taken stops both.
    fn kept(&self, kept: Result<(), LeaseError>, is_patient: bool) -> Result<(), Halt> {
        match kept {
            Ok(()) => Ok(()),
            Err(LeaseError::Store(error)) if is_patient => {
                self.trouble(format!("the lease cannot be renewed now: {error}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for a read; gives it up at its deadline, since not every port has time-outs of its own.
    pub(super) async fn read<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, CallError>> + Send,
    ) -> Result<T, CallError> {
        call::read(&*self.world.clock, self.settings.call_deadline, operation, call).await
    }

    /// The same wait, a little shorter or longer: runs that began together do not ask together for ever.
    pub(super) fn jittered(&self, wait: Duration) -> Duration {
        let text = format!("{} {}", self.journal.promotion.request.id, self.world.clock.now());
        let hash = Sha256::of(text.as_bytes());
        let digits = hash.to_string();
        jittered(wait, digits.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default())
    }

    /// Waits, unless the run is asked to stop.
    pub(super) async fn wait(&self, duration: Duration) -> Result<(), Halt> {
        match select(self.world.clock.sleep(duration), Box::pin(self.interrupt.given())).await {
            Either::Left(_) => Ok(()),
            Either::Right(_) => Err(Halt::Interrupted),
        }
    }

    /// Lets the effect be tried again a little later, under a lease that is looked after anew, unless nothing has
    /// happened for long.
    pub(super) async fn again(&self, why: String) -> Result<Vec<Event>, Halt> {
        let newest = self.journal.newest().unwrap_or_else(|| self.world.clock.now());
        if self.world.clock.now() >= newest + CONTACT_LOST {
            return Err(Halt::Suspend(why));
        }
        self.trouble(why);
        self.wait(Duration::from_secs(3)).await?;
        Ok(Vec::new())
    }

    pub(super) fn trouble(&self, message: String) {
        self.observer.notice(Notice::Trouble { message });
    }

    /// The component as the promotion has it.
    pub(super) fn component(&self, name: &ComponentName) -> Result<&Component, Halt> {
        let component = self.journal.promotion.components.get(name);
        component.ok_or_else(|| Halt::Suspend(format!("`{name}` is no component of this promotion")))
    }

    /// The component's settings here.
    pub(super) fn service(&self, name: &ComponentName) -> Result<&Service, Halt> {
        let service = self.environment.services.get(name);
        service.ok_or_else(|| Halt::Suspend(format!("`{name}` is no longer configured in {}", self.environment.name)))
    }

    pub(super) fn revision(&self, name: &ComponentName) -> Result<TaskDefinitionArn, Halt> {
        let revision = self.component(name)?.revision.clone();
        revision.ok_or_else(|| Halt::Suspend(format!("`{name}` has no revision yet")))
    }

    /// A suspended run: says so in the journal and the ledger as far as they can be reached, and gives the lease back.
    async fn suspend(&mut self, outcome: Outcome, why: String) -> Report {
        let (store, now) = (&*self.world.store, self.world.clock.now());
        let event = Event::Suspended { why: why.clone() };
        if let Err(error) = self.journal.append_or_keep(store, event, now).await {
            self.trouble(format!("the journal cannot be written: {error}"));
        }
        let (record, unrecorded) = self.record(outcome, &why).await;
        self.give_back(Concluded::No).await;
        self.report(outcome, why, record, unrecorded)
    }

    pub(super) async fn give_back(&mut self, concluded: Concluded) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        if let Err(error) = lease.release(&*self.world.store, concluded).await {
            self.trouble(format!("the lease could not be given back: {error}; it ends by itself"));
        }
    }
}

/// As many of these as are done at once: who begins a great many changes waits for most of them in AWS's queue, past every
/// deadline. So many had their turn and came to nothing: they let the others go first, so that none waits for ever behind
/// them.
fn turn(mut effects: Vec<Effect>, passed_over: usize) -> Vec<Effect> {
    let first = passed_over.checked_rem(effects.len()).unwrap_or(0);
    effects.rotate_left(first);
    effects.truncate(AT_ONCE);
    effects
}

/// The failure that a refused call amounts to.
pub(super) fn failure(kind: FailureKind, error: &CallError) -> Failure {
    let kind = if error.is_about_the_caller() { FailureKind::Credentials } else { kind };
    let missing = match &error.fault {
        Fault::Denied { action: Some(action), resource, .. } => {
            Some(MissingPermission { action: action.clone(), resource: resource.clone() })
        }
        Fault::Denied { action: None, .. }
        | Fault::NotSent
        | Fault::Throttled
        | Fault::Unauthenticated
        | Fault::NotFound
        | Fault::Rejected
        | Fault::Ambiguous
        | Fault::Unanswered { .. } => None,
    };
    Failure { missing, ..Failure::new(kind, error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examine(number: usize) -> Effect {
        Effect::Examine(format!("c{number}").parse().unwrap())
    }

    #[test]
    fn what_waits_at_a_hook_keeps_nobody_behind_it_from_its_turn() {
        let check = |held: usize, passed_over: usize, first: usize, turns: usize| {
            let batch = turn((0..held).map(examine).collect(), passed_over);
            assert_eq!((batch.first(), batch.len()), (Some(&examine(first)), turns));
        };
        check(17, 0, 0, 16);
        check(17, 16, 16, 16);
        check(17, 32, 15, 16);
        check(40, 32, 32, 16);
        check(3, 3, 0, 3);
        assert_eq!(turn(Vec::new(), 5), []);
    }
}
