//! What holds for every answer: whole ones, and the same with gaps, members that nobody knows, and values of any kind.
//!
//! A rollout that goes on is told in whole answers first; whatever is then left out of it, or said in words that are
//! newer than this program, is no success.

use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, json};
use towpath_core::rollout::{Claim, Listing, Look, Others, Proof, RolloutEnd, Verdict, Watch};

use super::*;

const OURS: &str = "ecs-svc/2";
const ARN: &str = "arn:aws:ecs:us-west-2:111111111111";

/// What is done to a member somewhere in an answer.
#[derive(Debug, Clone)]
enum Harm {
    LeaveOut,
    Put(Value),
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let text = select(vec!["NEWER", "", "ecs-svc/9", "arn:aws:ecs:::", "2025-11-21T21:40:26Z"]).prop_map(Value::from);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        text,
        ".{0,4}".prop_map(Value::from)
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((select(vec!["id", "status", "arn", "name"]), inner), 0..3).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

/// Gaps, words that are newer than this program, and numbers that are absurd: nothing that says a known good word.
fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        3 => Just(Harm::LeaveOut),
        2 => Just(Harm::Put(Value::Null)),
        2 => Just(Harm::Put(json!("NEWER"))),
        1 => select(vec![json!(u64::MAX), json!(-1), json!(1.5e300), json!(4_294_967_295_u64)]).prop_map(Harm::Put),
    ]
}

/// How many members and elements a value has, at any depth.
fn places(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(|member| 1 + places(member)).sum(),
        Value::Array(elements) => elements.iter().map(|element| 1 + places(element)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Does the harm to the member or element with that number.
fn harmed(value: &mut Value, at: &mut usize, harm: &Harm) {
    match value {
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            for name in names {
                if let (0, Harm::LeaveOut) = (*at, harm) {
                    members.remove(&name);
                }
                if let Some(member) = members.get_mut(&name) {
                    harmed_here(member, at, harm);
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                harmed_here(element, at, harm);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn harmed_here(value: &mut Value, at: &mut usize, harm: &Harm) {
    match (*at, harm) {
        (0, Harm::Put(instead)) => *value = instead.clone(),
        (0, Harm::LeaveOut) => *value = Value::Null,
        _ => {}
    }
    // Below zero nothing more is harmed.
    let left = at.checked_sub(1);
    *at = left.unwrap_or(usize::MAX);
    harmed(value, at, harm);
}

fn with_harm(mut value: Value, harms: &[(usize, Harm)]) -> Value {
    for (at, harm) in harms {
        let mut at = at % places(&value).max(1);
        harmed(&mut value, &mut at, harm);
    }
    value
}

/// The same by meaning: the members the other way round, and one that nobody knows in every object.
fn in_other_words(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let reversed = members.iter().rev().map(|(name, member)| (name.clone(), in_other_words(member)));
            reversed.chain([("newerThanUs".to_owned(), json!({"a": [1, null]}))]).collect::<Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().map(in_other_words).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The same with every list the other way round.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), reversed(member))).collect::<Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().rev().map(reversed).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn deployment(id: u32, status: &str, rollout: &str) -> Value {
    json!({"id": format!("ecs-svc/{id}"), "status": status, "taskDefinition": format!("{ARN}:task-definition/shop:{id}"),
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 0, "createdAt": 1_763_000_000 + 100 * id,
        "rolloutState": rollout, "rolloutStateReason": "because"})
}

/// A service all of whose new tasks run, and whose rollout ECS has not closed.
fn service(deployments: &[Value]) -> Value {
    json!({"services": [{"serviceName": "shop", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2, "pendingCount": 0,
        "taskDefinition": format!("{ARN}:task-definition/shop:2"), "deployments": deployments,
        "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200, "strategy": "ROLLING"},
        "events": [{"createdAt": 1_763_000_100, "message": "(service shop) has started 2 tasks."}]}], "failures": []})
}

fn listed(status: &str) -> Value {
    json!({"serviceDeployments": [{"serviceDeploymentArn": format!("{ARN}:service-deployment/c/shop/02"), "status": status,
        "targetServiceRevisionArn": format!("{ARN}:service-revision/c/shop/2"), "createdAt": 1_763_000_200,
        "deploymentCircuitBreaker": {"status": "MONITORING"}}]})
}

/// A rollout in progress, in the answers to both questions: with its old tasks, and after they are gone.
fn in_progress() -> impl Strategy<Value = (Value, Value)> {
    let ours = deployment(2, "PRIMARY", "IN_PROGRESS");
    let both = service(&[ours.clone(), deployment(1, "ACTIVE", "COMPLETED")]);
    let status = select(vec!["PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "STOP_REQUESTED"]);
    (select(vec![both, service(&[ours])]), status.prop_map(listed))
}

fn look(minute: i64, services: &Value, listed: Option<&Value>) -> Option<Look> {
    let service = super::services(services).ok()?.into_values().next();
    let service_deployments = match listed {
        None => Listing::NotOffered,
        Some(listed) => Listing::Came(service_deployments(listed).ok()?),
    };
    Some(Look { at: Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute), service, service_deployments })
}

fn watch() -> Watch {
    let revision = format!("{ARN}:task-definition/shop:2").parse().unwrap();
    Watch::new(OURS.parse().unwrap(), revision, "ecs-svc/1".parse().ok(), Vec::new(), Timestamp::UNIX_EPOCH)
}

fn claims_success(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Ended(RolloutEnd::Completed { .. } | RolloutEnd::Empty))
}

fn running(digest: &Digest) -> Value {
    let task = |number: u32| {
        json!({"taskArn": format!("{ARN}:task/c/{number}"), "startedBy": OURS, "lastStatus": "RUNNING",
            "taskDefinitionArn": format!("{ARN}:task-definition/shop:2"),
            "containers": [{"name": "log", "lastStatus": "RUNNING"}, {"name": "shop", "imageDigest": digest.as_str()}]})
    };
    json!({"tasks": [task(1), task(2)], "failures": []})
}

fn prove(answer: &Value, digest: &Digest) -> Option<Proof> {
    let claim = Claim {
        deployment: &OURS.parse().unwrap(),
        task_definition: &format!("{ARN}:task-definition/shop:2").parse().unwrap(),
        container: &"shop".parse().unwrap(),
        digests: Some(std::slice::from_ref(digest)),
        desired: 2,
        others: Others::AreGone,
    };
    Some(claim.prove(&tasks(answer).ok()?))
}

/// Reads an answer as every one that there is.
fn read_as_all(answer: &Value) -> String {
    let ecs = (
        services(answer),
        service_deployments(answer),
        service_revisions(answer),
        tasks(answer),
        stopped_tasks(answer),
    );
    let others = (task_definition(answer.clone()), log_lines(answer), children(answer), platforms(answer));
    format!("{ecs:?} {others:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_answer_is_too_odd_to_be_read_or_refused(list in vec(any_json(), 0..3), name in select(vec!["services", "serviceDeployments", "serviceRevisions", "tasks", "taskDefinition", "events", "manifests", "tags"]), bare in any_json()) {
        let _refused = read_as_all(&bare);
        let _read = read_as_all(&json!({name: list}));
        let _single = read_as_all(&json!({name: bare}));
    }

    #[test]
    fn no_harm_to_an_answer_makes_it_panic((services, listed) in in_progress(), harms in vec((any::<usize>(), prop_oneof![harm(), any_json().prop_map(Harm::Put)]), 1..6)) {
        for answer in [services, listed, running(&Digest::of(b"image"))] {
            let _read = read_as_all(&with_harm(answer, &harms));
        }
    }

    #[test]
    fn the_order_of_members_and_members_that_nobody_knows_change_nothing((services, listed) in in_progress(), harms in vec((any::<usize>(), harm()), 0..3)) {
        for answer in [services, listed, running(&Digest::of(b"image"))] {
            let answer = with_harm(answer, &harms);
            let configuration = |read: String| read.split("configuration: ").next().unwrap_or_default().to_owned();
            prop_assert_eq!(configuration(read_as_all(&answer)), configuration(read_as_all(&in_other_words(&answer))));
        }
    }

    #[test]
    fn the_order_of_a_list_changes_no_verdict_and_no_proof((services, listed) in in_progress(), harms in vec((any::<usize>(), harm()), 0..4)) {
        let (services, listed) = (with_harm(services, &harms), with_harm(listed, &harms));
        let one = look(3, &services, Some(&listed)).map(|look| watch().judge(&look));
        let other = look(3, &reversed(&services), Some(&reversed(&listed))).map(|look| watch().judge(&look));
        prop_assert_eq!(one, other);
        let digest = Digest::of(b"image");
        let answer = with_harm(running(&digest), &harms);
        prop_assert_eq!(prove(&answer, &digest), prove(&reversed(&answer), &digest));
    }

    #[test]
    fn a_rollout_in_progress_is_no_success_whatever_is_left_out_or_unknown(
        (services, listed) in in_progress(),
        harms in vec(vec((any::<usize>(), harm()), 0..5), 2..6),
        is_offered in any::<bool>(),
    ) {
        let mut watch = watch();
        let offered = is_offered.then_some(&listed);
        let _whole = look(0, &services, offered).map(|look| watch.judge(&look));
        for (minute, harms) in harms.iter().enumerate() {
            let listed = offered.map(|listed| with_harm(listed.clone(), harms));
            let harmed = with_harm(services.clone(), harms);
            let minute = i64::try_from(minute).unwrap() * 2;
            let verdict = look(minute, &harmed, listed.as_ref()).map(|look| watch.judge(&look));
            prop_assert!(!verdict.as_ref().is_some_and(claims_success), "{verdict:?} from {harmed} and {listed:?}");
        }
    }

    #[test]
    fn tasks_prove_nothing_once_something_is_left_out_of_each(harms in vec((any::<usize>(), harm()), 0..4), member in select(vec!["taskArn", "startedBy", "lastStatus", "taskDefinitionArn", "containers"])) {
        let digest = Digest::of(b"image");
        let mut answer = with_harm(running(&digest), &harms);
        for task in answer["tasks"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            task.remove(member);
        }
        let proof = prove(&answer, &digest);
        prop_assert!(!matches!(proof, Some(Proof::Proven { .. })), "{answer}");
    }
}

#[test]
fn whole_answers_are_a_success_so_that_what_is_above_says_something() {
    let done = service(&[deployment(2, "PRIMARY", "COMPLETED")]);
    let verdict = watch().judge(&look(1, &done, Some(&listed("SUCCESSFUL"))).unwrap());
    assert!(claims_success(&verdict), "{verdict:?}");
    let digest = Digest::of(b"image");
    assert_eq!(prove(&running(&digest), &digest), Some(Proof::Proven { tasks: 2 }));
}
