//! One run: what it knows, and every next step that it may take. Modelled after `engine`.

use std::rc::Rc;

use crate::{
    rollback::{EcsRollback, RollbackDecision, decide},
    rollout::RolloutEnd,
};

use super::{
    super::{
        Component, ComponentPhase, Effect, Event, FailureKind, Promotion, RestoredBy,
        tests::{bring, decision, failed, name, plan, td},
    },
    world::{Flying, Held, Release, Standing, World, id, revision},
};
use crate::policy::Verdict;

/// Where a run is between two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// About to do what is outstanding.
    Ready,
    /// The lease was renewed to send this.
    Renewed(Release),
    /// It was sent; no answer yet.
    Sent(Release),
    /// No answer will come: reading tells.
    Doubtful(Release),
}

/// A run: it dies with all of this.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) promotion: Rc<Promotion>,
    /// Events that could not be written.
    pub(super) unsettled: Vec<Rc<Event>>,
    /// How many events it knows to be written.
    pub(super) written: usize,
    pub(super) fence: u64,
    pub(super) is_resumed: bool,
    /// Whether it last went on to a change without renewing its lease, the store being gone: only a way back does.
    pub(super) is_blind: bool,
    pub(super) at: At,
}

/// World, journal and runs.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) world: World,
    /// How many events are written.
    pub(super) written: usize,
    /// What the written events make: the journal, replayed.
    pub(super) persisted: Rc<Promotion>,
    pub(super) runs: Vec<Run>,
}

/// What a step of a run makes of the state; nothing where it can only wait.
type Steps = Vec<State>;

impl State {
    /// All steps of that run.
    pub(super) fn steps(&self, index: usize) -> Steps {
        let run = &self.runs[index];
        match run.at {
            At::Ready => match run.promotion.outstanding().first() {
                Some(effect) => self.perform(index, effect),
                None => vec![self.without(index)],
            },
            At::Renewed(release) => vec![self.sent(index, release)],
            At::Sent(release) => self.answered(index, release),
            At::Doubtful(release) => self.settled(index, release),
        }
    }

    fn without(&self, index: usize) -> Self {
        let mut next = self.clone();
        next.runs.remove(index);
        next
    }

    fn with(&self, index: usize, at: At) -> Self {
        let mut next = self.clone();
        next.runs[index].at = at;
        next
    }

    fn component(&self, index: usize) -> Option<&Component> {
        self.runs[index].promotion.components.values().next()
    }

    /// Takes an event in, and writes it where the store is there. Where another run wrote first, this one ends.
    pub(super) fn happened(&self, index: usize, event: Event) -> Steps {
        let mut next = self.clone();
        let is_patient = self.runs[index].promotion.may_have_changed() || matches!(event, Event::Failed { .. });
        if self.world.is_store_gone && !is_patient {
            return vec![self.without(index)];
        }
        let run = &mut next.runs[index];
        run.at = At::Ready;
        let mut promotion = (*run.promotion).clone();
        let applied = promotion.apply(&event);
        assert!(applied.is_ok(), "{event:?} while {:?}", promotion.components);
        run.promotion = Rc::new(promotion);
        run.unsettled.push(Rc::new(event));
        if self.world.is_store_gone {
            return vec![next];
        }
        if run.written != self.written {
            return vec![self.without(index)];
        }
        let mut persisted = (*self.persisted).clone();
        for event in run.unsettled.drain(..) {
            persisted.apply(&event).expect("what a run took in can be replayed");
            next.written += 1;
        }
        run.written = next.written;
        assert_eq!(*run.promotion, persisted, "replaying the journal is the live state");
        next.persisted = Rc::clone(&run.promotion);
        vec![next]
    }

    /// Whether the lease is this run's as far as it can see; a run that is judging or going back asks no more of a store
    /// that is gone.
    fn may_go_on(&self, index: usize, is_patient: bool) -> bool {
        if self.world.is_store_gone {
            return is_patient;
        }
        self.world.lease.is_some_and(|lease| lease.fence == self.runs[index].fence)
    }

    fn perform(&self, index: usize, effect: &Effect) -> Steps {
        let run = &self.runs[index];
        let needs_lease = !matches!(effect, Effect::Decide | Effect::Lease | Effect::Conclude);
        if needs_lease && !self.may_go_on(index, run.promotion.may_have_changed()) {
            return vec![self.without(index)];
        }
        match effect {
            Effect::Decide => self.happened(index, decision(Verdict::Allowed)),
            Effect::Lease => self.take_lease(index),
            Effect::Check => self.check(index),
            Effect::Register(component) => {
                let (component, revision) = (component.clone(), revision(Release::New));
                self.happened(index, Event::Registered { component, revision, reused: false })
            }
            Effect::Update(_) => self.update(index),
            Effect::Watch(_) => self.watch(index),
            Effect::Smoke(_) => self.smoke(index),
            Effect::RollBack(_) => self.roll_back(index),
            Effect::WatchRollback(_) => self.watch_back(index),
            Effect::Conclude => self.conclude(index),
            Effect::Publish(_) | Effect::Examine(_) | Effect::Answer(_) => {
                unreachable!("nothing has to be copied and nothing pauses here")
            }
        }
    }

    fn take_lease(&self, index: usize) -> Steps {
        if self.world.is_store_gone {
            return vec![self.without(index)];
        }
        let mut next = self.clone();
        let fence = self.world.lease.map_or(1, |lease| lease.fence + 1);
        next.world.lease = Some(Held { fence, is_free: false });
        next.runs[index].fence = fence;
        next.happened(index, Event::Leased { fence })
    }

    fn check(&self, index: usize) -> Steps {
        if self.world.serves(Release::Old) {
            let mut plan = plan("api", bring(), true, &[]);
            plan.base_deployment = Some(id(self.world.primary));
            return self.happened(index, Event::Checked { plans: vec![plan], sites: Vec::new() });
        }
        self.happened(index, Event::CheckRefused { findings: vec!["somebody is at work".to_owned()] })
    }

    /// A resumed run reads first; what was sent before and is under way is waited for.
    fn update(&self, index: usize) -> Steps {
        if self.runs[index].is_resumed { self.settled(index, Release::New) } else { self.renewed(index, Release::New) }
    }

    fn renewed(&self, index: usize, release: Release) -> Steps {
        let is_failing = release == Release::Old;
        if !self.may_go_on(index, is_failing) {
            return vec![self.without(index)];
        }
        let mut next = self.with(index, At::Renewed(release));
        next.runs[index].is_blind = self.world.is_store_gone;
        if let (Some(lease), false) = (&mut next.world.lease, self.world.is_store_gone) {
            lease.is_free = false;
        }
        vec![next]
    }

    fn sent(&self, index: usize, release: Release) -> Self {
        let mut next = self.with(index, At::Sent(release));
        let Run { fence, is_blind, .. } = self.runs[index];
        next.world.flying.push(Flying { release, fence, is_blind });
        next
    }

    /// The answer comes once the call has arrived.
    fn answered(&self, index: usize, release: Release) -> Steps {
        let fence = self.runs[index].fence;
        let is_under_way = self.world.flying.iter().any(|one| one.fence == fence && one.release == release);
        if is_under_way { Vec::new() } else { self.settled(index, release) }
    }

    /// Reads whether the call was carried out; while one may still be under way, nobody can say that it was not.
    fn settled(&self, index: usize, release: Release) -> Steps {
        let world = &self.world;
        let Some(component) = self.component(index) else {
            return Vec::new();
        };
        let base = component.plan.base_deployment.as_ref();
        let is_forward = release == Release::New;
        let of_it = world.came.iter().skip(1).rev().find(|one| one.0 == release && Some(&id(**one)) != base);
        // ECS may have gone back to the base by itself meanwhile: setting what is set starts nothing.
        let is_back = !is_forward && world.primary.0 == release && Some(&id(world.primary)) == base;
        if let Some(ours) = of_it.or(is_back.then_some(&world.primary)) {
            return self.happened(index, applied(is_forward, id(*ours)));
        }
        let before = if is_forward { base.cloned() } else { component.deployment.clone() };
        if before.is_some_and(|before| id(world.primary) != before) && world.primary.0 == Release::Theirs {
            let by = Some(revision(world.primary.0));
            return self.happened(index, Event::Superseded { component: name("api"), by });
        }
        if world.flying.iter().any(|one| one.release == release) {
            return Vec::new();
        }
        self.renewed(index, release)
    }

    fn watch(&self, index: usize) -> Steps {
        let world = &self.world;
        let Some(ours) = self.component(index).and_then(|component| component.deployment.clone()) else {
            return Vec::new();
        };
        let component = name("api");
        let primary = id(world.primary);
        match world.standing {
            Standing::Complete if primary == ours => {
                self.happened(index, Event::RolledOut { component, end: None, tasks: 2 })
            }
            Standing::GivenUp if primary == ours => {
                let end = RolloutEnd::Stopped { reason: "breaker".to_owned() };
                self.happened(index, failed(&component, FailureKind::Rollout, Some(end)))
            }
            Standing::Rolling | Standing::ComingBack if primary == ours => Vec::new(),
            _ if world.primary == world.came[0] => {
                let end = RolloutEnd::RolledBack { reason: "breaker".to_owned(), to: None };
                self.happened(index, failed(&component, FailureKind::Rollout, Some(end)))
            }
            Standing::Rolling | Standing::Complete | Standing::GivenUp | Standing::ComingBack => self.replaced(index),
        }
    }

    /// Another deployment is primary; a resumed run that finds its rollback target there goes on with the way back.
    fn replaced(&self, index: usize) -> Steps {
        let component = name("api");
        if self.runs[index].is_resumed && self.world.primary.0 == Release::Old {
            return self.happened(index, failed(&component, FailureKind::Rollout, None));
        }
        self.happened(index, Event::Superseded { component, by: Some(revision(self.world.primary.0)) })
    }

    /// The checks, then whether the deployment is still ours.
    fn smoke(&self, index: usize) -> Steps {
        let ours = self.component(index).and_then(|component| component.deployment.clone());
        if ours != Some(id(self.world.primary)) {
            return self.replaced(index);
        }
        let component = name("api");
        if !self.world.is_good {
            return self.happened(index, failed(&component, FailureKind::Smoke, None));
        }
        // Where somebody's deployment came and ECS took it back, ours may be on its way to be complete again: it ran all
        // the while.
        let runs_ours = self.world.primary.0 == Release::New && self.world.steady == self.world.primary;
        assert!(runs_ours, "smoke is claimed of what serves: {:?}", self.world);
        self.happened(index, Event::SmokePassed { component, results: Vec::new() })
    }

    fn roll_back(&self, index: usize) -> Steps {
        let Some(component) = self.component(index) else {
            return Vec::new();
        };
        let Some(ours) = component.deployment.clone() else {
            return self.happened(index, Event::RolledBack { component: name("api"), results: Vec::new() });
        };
        let announced = match component.rollout {
            Some(RolloutEnd::RolledBack { .. }) => EcsRollback::Announced,
            _ => EcsRollback::NotAnnounced,
        };
        match decide(&component.plan, &ours, Some(&self.world.snapshot()), announced) {
            RollbackDecision::LeaveToEcs { deployment } => {
                let by = RestoredBy::Ecs;
                let began = Event::RollbackBegan { component: name("api"), by, deployment, revision: None };
                self.happened(index, began)
            }
            RollbackDecision::Superseded { by } => {
                self.happened(index, Event::Superseded { component: name("api"), by: Some(by) })
            }
            RollbackDecision::Impossible { why } => self.happened(index, Event::Stuck { component: name("api"), why }),
            RollbackDecision::LookAgain => Vec::new(),
            RollbackDecision::Update { task_definition } => {
                assert_eq!(task_definition, td(1), "only what was proven is gone back to");
                if self.runs[index].is_resumed {
                    self.settled(index, Release::Old)
                } else {
                    self.renewed(index, Release::Old)
                }
            }
        }
    }

    fn watch_back(&self, index: usize) -> Steps {
        let world = &self.world;
        let Some(ComponentPhase::RollingBack { deployment, .. }) = self.component(index).map(|one| &one.phase) else {
            return Vec::new();
        };
        let component = name("api");
        if id(world.primary) != *deployment && world.primary.0 != Release::Theirs {
            let why = "ECS gave the way back up".to_owned();
            return self.happened(index, Event::Stuck { component, why });
        }
        if id(world.primary) != *deployment {
            let by = Some(revision(world.primary.0));
            return self.happened(index, Event::Superseded { component, by });
        }
        match world.standing {
            Standing::Rolling | Standing::ComingBack => Vec::new(),
            Standing::GivenUp => self.happened(index, Event::Stuck { component, why: "it failed too".to_owned() }),
            Standing::Complete => {
                assert!(world.serves(Release::Old), "what is called back serves: {world:?}");
                self.happened(index, Event::RolledBack { component, results: Vec::new() })
            }
        }
    }

    /// Record, last event, lease. Where the store is gone, all that stays open.
    fn conclude(&self, index: usize) -> Steps {
        let run = &self.runs[index];
        if self.world.is_store_gone || !self.may_go_on(index, false) && self.world.lease.is_some() && run.fence > 0 {
            return vec![self.without(index)];
        }
        let outcome = run.promotion.outcome();
        let concluded = self.happened(index, Event::Concluded { outcome, record: Some(1) });
        let mut ended = Vec::new();
        for mut next in concluded {
            let is_mine = next.world.lease.is_some_and(|lease| lease.fence == run.fence);
            if let (Some(lease), true) = (&mut next.world.lease, is_mine) {
                lease.is_free = true;
            }
            next.runs.retain(|other| other.fence != run.fence);
            ended.push(next);
        }
        ended
    }
}

fn applied(is_forward: bool, deployment: crate::identifier::DeploymentId) -> Event {
    let component = name("api");
    if is_forward {
        Event::UpdateAccepted { component, deployment }
    } else {
        Event::RollbackBegan { component, by: RestoredBy::Towpath, deployment, revision: None }
    }
}
