//! Faults over loopback: what the client sees, and whether the operation was carried out.
//!
//! Which calls a fault strikes is tested beside the plan.

use std::{sync::Arc, time::Duration};

use crate::support::{Answer, start, try_call};
use serde_json::{Value, json};
use towpath_sim::{
    Simulator,
    faults::{Fault, FaultKind},
};

const CREATE: &str = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";

async fn create(simulator: &Simulator) -> Option<Answer> {
    try_call(simulator, "111111111111", CREATE, &json!({"repositoryName": "shop"})).await
}

/// What a call with a fault is answered, and whether the repository is there afterwards.
async fn check(fault: Fault, expected: Option<(u16, &str)>, is_made: bool) {
    let simulator = start("").await;
    let kind = fault.kind;
    simulator.add_fault(fault);
    let answer = create(&simulator).await;
    let seen = answer.as_ref().map(|answer| {
        let code = answer.json()["__type"].as_str().unwrap_or_default().to_owned();
        (answer.status, code)
    });
    assert_eq!(seen, expected.map(|(status, code)| (status, code.to_owned())), "{kind:?}");
    let call = &simulator.calls()[0];
    assert_eq!((call.fault, call.accepted), (Some(kind), is_made), "{kind:?}");
    assert_eq!(call.status, expected.map(|(status, _)| status), "{kind:?}");
    simulator.clear_faults();
    let again = create(&simulator).await.unwrap().status;
    assert_eq!(again, if is_made { 400 } else { 200 }, "{kind:?}");
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new("CreateRepository", kind)
}

#[tokio::test]
async fn each_kind_is_carried_out_or_not_and_answered_as_it_says() {
    check(fault(FaultKind::Throttle), Some((400, "ThrottlingException")), false).await;
    check(fault(FaultKind::ErrorBefore), Some((500, "ServerException")), false).await;
    check(fault(FaultKind::ErrorAfter), Some((500, "ServerException")), true).await;
    check(fault(FaultKind::DropBefore), None, false).await;
    check(fault(FaultKind::DropAfter), None, true).await;
    let expired = Fault { code: Some("ExpiredTokenException".to_owned()), ..fault(FaultKind::Status) };
    check(expired, Some((400, "ExpiredTokenException")), false).await;
    check(Fault { delay_ms: Some(1), ..fault(FaultKind::Delay) }, Some((200, "")), true).await;
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_holds() {
    let simulator = start("").await;
    simulator.add_fault(fault(FaultKind::Truncate));
    let answer = create(&simulator).await.unwrap();
    let promised: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), promised / 2);
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
}

#[tokio::test]
async fn garbage_is_a_success_that_nobody_can_read() {
    let simulator = start("").await;
    simulator.add_fault(fault(FaultKind::Garbage));
    let answer = create(&simulator).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
}

#[tokio::test]
async fn a_call_hangs_until_the_faults_are_cleared() {
    let simulator = Arc::new(start("").await);
    simulator.add_fault(fault(FaultKind::Hang));
    let hanging = tokio::spawn({
        let simulator = Arc::clone(&simulator);
        async move { create(&simulator).await }
    });
    while simulator.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!simulator.calls()[0].accepted);
    simulator.clear_faults();
    assert_eq!(hanging.await.unwrap().unwrap().status, 200);
    assert!(simulator.calls()[0].accepted);
}
