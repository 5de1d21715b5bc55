//! What holds for all observations, likely or not: any order, gaps, values newer than this program, absurd numbers.
//!
//! Ids are not invented twice: that ECS gives two deployments one id is beyond what is meant to be survived in order.

use std::time::Duration;

use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Strategy};

use crate::identifier::Digest;

use super::{
    Strategy as Way,
    tests::{BASE, OURS, at, deployment, sd, sd_arn, service, td, watch},
    *,
};

const THEIRS: &str = "ecs-svc/3";

/// Numbers as they come, and as they never should.
fn count() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..4_u32, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

/// Within minutes of each other, and now and then at an end of time.
fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![8 => (0..900_i64).prop_map(at), 1 => Just(Timestamp::MIN), 1 => Just(Timestamp::MAX)]
}

fn word() -> BoxedStrategy<String> {
    let known = ["rolling back to deploymentId ecs-svc/1.", "unable to stop or start tasks during a deployment", ""];
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), "\\PC{0,12}"].boxed()
}

fn rollout() -> BoxedStrategy<Option<RolloutState>> {
    prop_oneof![
        2 => Just(None),
        3 => Just(Some(RolloutState::InProgress)),
        4 => Just(Some(RolloutState::Completed)),
        1 => Just(Some(RolloutState::Failed)),
        1 => word().prop_map(|word| Some(RolloutState::Unknown(word))),
    ]
    .boxed()
}

fn place() -> impl Strategy<Value = DeploymentStatus> {
    prop_oneof![
        6 => Just(DeploymentStatus::Primary),
        3 => Just(DeploymentStatus::Active),
        1 => word().prop_map(DeploymentStatus::Other),
    ]
}

fn one_deployment(id: &'static str, revision: u32) -> BoxedStrategy<Deployment> {
    let counts = (count(), count(), count(), count());
    let parts = (place(), rollout(), option::of(word()), counts, option::of(time()));
    parts
        .prop_map(move |(status, rollout, reason, (desired, running, pending, failed), created_at)| Deployment {
            status,
            reason,
            desired,
            pending,
            failed,
            created_at,
            ..deployment(id, revision, rollout, running)
        })
        .boxed()
}

fn deployments() -> BoxedStrategy<Vec<Deployment>> {
    let of = |id, revision, share| prop_oneof![share => one_deployment(id, revision).prop_map(Some), 2 => Just(None)];
    (of(OURS, 2, 8), of(BASE, 1, 2), of(THEIRS, 2, 1))
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
        .boxed()
}

fn controller() -> BoxedStrategy<Controller> {
    let strategy = prop_oneof![
        4 => Just(Way::Rolling),
        1 => Just(Way::BlueGreen),
        1 => Just(Way::Canary),
        1 => word().prop_map(Way::Unknown),
    ];
    prop_oneof![
        8 => strategy.prop_map(|strategy| Controller::Ecs { strategy }),
        1 => word().prop_map(Controller::Unknown),
    ]
    .boxed()
}

fn snapshot() -> BoxedStrategy<ServiceSnapshot> {
    let event = (option::of(time()), word()).prop_map(|(at, message)| ServiceEvent { at, message });
    let counts = (count(), count(), count());
    (deployments(), controller(), counts, vec(event, 0..3), any::<bool>())
        .prop_map(|(deployments, controller, (desired, running, pending), events, is_on)| ServiceSnapshot {
            deployments,
            controller,
            desired,
            running,
            pending,
            events,
            circuit_breaker: Some(CircuitBreaker { is_on, rolls_back: is_on }),
            ..service(Vec::new())
        })
        .boxed()
}

fn status() -> BoxedStrategy<ServiceDeploymentStatus> {
    use ServiceDeploymentStatus as Status;
    let known = [
        Status::Pending,
        Status::InProgress,
        Status::StopRequested,
        Status::Stopped,
        Status::RollbackRequested,
        Status::RollbackInProgress,
        Status::RollbackSuccessful,
        Status::RollbackFailed,
    ];
    prop_oneof![4 => select(known.to_vec()), 4 => Just(Status::Successful), 1 => word().prop_map(Status::Unknown)]
        .boxed()
}

fn one_service_deployment(name: &'static str) -> BoxedStrategy<ServiceDeployment> {
    let target = select(vec![None, sd(ServiceDeploymentStatus::Pending).target, base_revision()]);
    let pause = (select(vec!["h-1", "h-2", "h-3"]), option::of(word()), option::of(time()));
    let pauses = vec(pause, 0..3).prop_map(|mut pauses| {
        pauses.sort();
        pauses.dedup_by_key(|(hook, ..)| *hook);
        let pause = |(hook, stage, expires_at): (&str, _, _)| Pause {
            hook: hook.parse().unwrap(),
            stage,
            expires_at,
            then: None,
        };
        pauses.into_iter().map(pause).collect::<Vec<_>>()
    });
    let triggered = select(vec![None, Some(Trip::Nothing), Some(Trip::CircuitBreaker), Some(Trip::Alarm)]);
    (status(), target, pauses, triggered, any::<bool>(), option::of(time()))
        .prop_map(move |(status, target, pauses, triggered, early_success, created_at)| ServiceDeployment {
            arn: sd_arn(name),
            target,
            pauses,
            triggered,
            early_success,
            created_at,
            ..sd(status)
        })
        .boxed()
}

fn base_revision() -> Option<crate::identifier::ServiceRevisionArn> {
    "arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/1".parse().ok()
}

fn listing() -> BoxedStrategy<Listing> {
    let one = |name| option::of(one_service_deployment(name));
    let came = (one("ours"), one("again"), one("before"));
    prop_oneof![
        5 => came.prop_map(|(a, b, c)| Listing::Came([a, b, c].into_iter().flatten().collect())),
        3 => Just(Listing::NotOffered),
        1 => Just(Listing::NotAsked),
    ]
    .boxed()
}

fn looks() -> BoxedStrategy<Vec<Look>> {
    let service = prop_oneof![9 => snapshot().prop_map(Some), 1 => Just(None)];
    let look = (time(), service, listing());
    vec(look.prop_map(|(at, service, service_deployments)| Look { at, service, service_deployments }), 1..5).boxed()
}

fn verdicts(looks: &[Look]) -> Vec<Verdict> {
    let mut watch = watch();
    looks.iter().map(|look| watch.judge(look)).collect()
}

fn claims_success(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Ended(RolloutEnd::Completed { .. }))
}

/// What ECS must have said in the very look that is called a success.
fn is_told_by(look: &Look) -> bool {
    let Some(service) = &look.service else { return false };
    let Some(primary) = service.primary().filter(|primary| primary.id.as_str() == OURS) else { return false };
    // Which one is ours may be known from an earlier look.
    let is_successful =
        |one: &ServiceDeployment| one.status == ServiceDeploymentStatus::Successful && one.arn != sd_arn("before");
    let is_listed = matches!(&look.service_deployments, Listing::Came(all) if all.iter().any(is_successful));
    let by_counts = primary.rollout.is_none() && primary.running == service.desired && service.deployments.len() == 1;
    service.desired > 0 && (is_listed || primary.rollout == Some(RolloutState::Completed) || by_counts)
}

/// The same with everything that has an order the other way round.
fn reversed(looks: &[Look]) -> Vec<Look> {
    let mut looks = looks.to_vec();
    for look in &mut looks {
        if let Some(service) = &mut look.service {
            service.deployments.reverse();
            service.events.reverse();
        }
        if let Listing::Came(all) = &mut look.service_deployments {
            all.reverse();
            for one in all {
                one.pauses.reverse();
            }
        }
    }
    looks
}

/// The same in words that are newer than this program.
fn in_unknown_words(looks: &[Look]) -> Vec<Look> {
    let word = || "NEWER".to_owned();
    let mut looks = looks.to_vec();
    for look in &mut looks {
        for deployment in look.service.iter_mut().flat_map(|service| &mut service.deployments) {
            deployment.rollout = Some(RolloutState::Unknown(word()));
        }
        if let Listing::Came(all) = &mut look.service_deployments {
            for one in all {
                one.status = ServiceDeploymentStatus::Unknown(word());
            }
        }
    }
    looks
}

fn task() -> BoxedStrategy<ServiceTask> {
    let container = (select(vec!["api", "log"]), select(vec![None, Some("good"), Some("good"), Some("bad")]));
    let container = container.prop_map(|(name, digest)| TaskContainer {
        name: name.to_owned(),
        digest: digest.map(|digest| Digest::of(digest.as_bytes())),
    });
    let started_by = select(vec![Some(OURS), Some(OURS), Some(OURS), Some(BASE), Some("api"), None]);
    let status = prop_oneof![4 => Just("RUNNING".to_owned()), 1 => word()];
    (0..4_u32, started_by, 1..3_u32, status, vec(container, 0..3))
        .prop_map(|(number, started_by, revision, last_status, containers)| ServiceTask {
            arn: format!("arn:aws:ecs:us-west-2:111111111111:task/c/{number}").parse().unwrap(),
            started_by: started_by.map(str::to_owned),
            task_definition: td(revision.max(2)),
            last_status,
            containers,
        })
        .boxed()
}

fn prove(tasks: &[ServiceTask], desired: u32, others: Others) -> Proof {
    let claim = Claim {
        deployment: &OURS.parse().unwrap(),
        task_definition: &td(2),
        container: &"api".parse().unwrap(),
        digests: Some(&[Digest::of(b"good")]),
        desired,
        others,
    };
    claim.prove(tasks)
}

/// Leaves one thing out of a task, as an answer may.
fn with_gap(mut task: ServiceTask, gap: usize) -> ServiceTask {
    match gap {
        0 => task.started_by = None,
        1 => task.last_status.clear(),
        2 => task.containers.clear(),
        _ => task.containers.iter_mut().for_each(|container| container.digest = None),
    }
    task
}

fn ended() -> BoxedStrategy<StoppedTask> {
    let code = select(vec![None, Some("TaskFailedToStart"), Some("EssentialContainerExited"), Some("NEWER")]);
    (0..9_u32, code, option::of(word()), option::of(time()), option::of(time()), any::<Option<i32>>())
        .prop_map(|(number, code, reason, started_at, stopped_at, exit_code)| StoppedTask {
            arn: format!("arn:aws:ecs:us-west-2:111111111111:task/c/{number}").parse().unwrap(),
            started_by: Some(OURS.to_owned()),
            task_definition: td(2),
            stop_code: code.map(str::to_owned),
            reason,
            started_at,
            stopped_at,
            containers: vec![StoppedContainer { name: "api".to_owned(), exit_code, reason: None, log: Vec::new() }],
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn success_stands_on_what_the_look_itself_says(looks in looks()) {
        for (look, verdict) in looks.iter().zip(verdicts(&looks)) {
            prop_assert!(!claims_success(&verdict) || is_told_by(look), "{look:?}");
        }
    }

    #[test]
    fn the_order_of_a_list_changes_no_verdict(looks in looks()) {
        prop_assert_eq!(verdicts(&looks), verdicts(&reversed(&looks)));
    }

    #[test]
    fn what_is_told_in_unknown_words_is_no_success(looks in looks()) {
        prop_assert!(!verdicts(&in_unknown_words(&looks)).iter().any(claims_success));
    }

    #[test]
    fn a_gap_is_no_success_where_ecs_gives_a_rollout_state(mut looks in looks(), before in looks()) {
        // Once ECS was seen to give it, an answer without it says nothing, whatever the counts are.
        let in_progress = deployment(OURS, 2, Some(RolloutState::InProgress), 1);
        let shown = Look { at: at(1), service: Some(service(vec![in_progress])), service_deployments: Listing::NotOffered };
        for look in &mut looks {
            look.service_deployments = Listing::NotOffered;
            for deployment in look.service.iter_mut().flat_map(|service| &mut service.deployments) {
                deployment.rollout = None;
            }
        }
        let looks: Vec<Look> = before.into_iter().chain([shown]).chain(looks).collect();
        let after = looks.iter().zip(verdicts(&looks)).rev().take_while(|(look, _)| look.at != at(1));
        for (look, verdict) in after {
            prop_assert!(!claims_success(&verdict), "{look:?}");
        }
    }

    #[test]
    fn the_order_of_tasks_and_containers_proves_nothing_else(tasks in vec(task(), 0..6), desired in 0..3_u32) {
        let mut other: Vec<ServiceTask> = tasks.iter().rev().cloned().collect();
        for task in &mut other {
            task.containers.reverse();
        }
        prop_assert_eq!(prove(&tasks, desired, Others::AreGone), prove(&other, desired, Others::AreGone));
    }

    #[test]
    fn a_gap_in_a_task_proves_no_more(tasks in vec(task(), 1..6), which in 0..6_usize, gap in 0..4_usize, others in select(vec![Others::AreGone, Others::MayLinger])) {
        let mut gapped = tasks.clone();
        let arn = gapped[which % tasks.len()].arn.clone();
        for task in gapped.iter_mut().filter(|task| task.arn == arn) {
            *task = with_gap(task.clone(), gap);
        }
        let count = |proof| match proof { Proof::Proven { tasks } => Some(tasks), Proof::NotYet { .. } | Proof::Wrong { .. } => None };
        let (whole, gapped) = (prove(&tasks, 1, others), prove(&gapped, 1, others));
        // A task that is known to be wrong is the only thing that a gap can hide; then too the others are no less right.
        if !matches!(whole, Proof::Wrong { .. }) {
            prop_assert!(count(gapped) <= count(whole));
        }
    }

    #[test]
    fn no_number_is_too_absurd_to_be_scheduled(snapshot in snapshot(), times in vec((time(), any::<u64>()), 1..4), arbitrary in any::<u64>()) {
        let mut foresight = Foresight::default();
        for (at, seconds) in times {
            foresight.drains_for(Some(Duration::from_secs(seconds)));
            foresight.saw(at, &snapshot, &OURS.parse().unwrap());
            for waiting in [Waiting::NotVisible, Waiting::Starting, Waiting::Settling, Waiting::Draining, Waiting::Failing] {
                let next = jittered(foresight.next_look(at, waiting, Duration::from_secs(seconds)), arbitrary);
                prop_assert!(next <= Duration::from_secs(11) && next >= Duration::from_millis(900), "{next:?}");
            }
        }
        let _longest = jittered(Duration::MAX, arbitrary);
    }

    #[test]
    fn the_order_of_ended_tasks_gives_nothing_up(looks in vec((time(), snapshot()), 1..4), tasks in vec(ended(), 0..9)) {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        let ours = OURS.parse().unwrap();
        let mut last: Vec<StoppedTask> = tasks.clone();
        last.sort_by_key(|task| task.arn.clone());
        last.dedup_by_key(|task| task.arn.clone());
        let reversed: Vec<StoppedTask> = last.iter().rev().cloned().collect();
        for (at, snapshot) in looks {
            one.count(&ours, &last);
            other.count(&ours, &reversed);
            let deployment = snapshot.deployment(&ours).cloned().unwrap_or_else(|| deployment(OURS, 2, None, u32::MAX));
            prop_assert_eq!(one.judge(at, &snapshot, &deployment), other.judge(at, &snapshot, &deployment));
        }
    }
}
