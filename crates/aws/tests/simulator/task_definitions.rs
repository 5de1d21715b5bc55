//! Task definitions, registered and read back.

use towpath_core::{
    ports::{Fault, TaskDefinitions as _},
    task_definition::{Document, Tag},
};
use towpath_sim::faults::{Fault as SimFault, FaultKind};

use crate::shop::{PRODUCTION, aws, shop};

#[tokio::test]
async fn what_was_registered_is_read_back_and_is_the_latest() {
    let simulator = shop().await;
    let task_definitions = aws(&simulator, PRODUCTION).await.task_definitions();
    let family = "shop-api-production".parse().unwrap();
    let current = task_definitions.latest(&family).await.unwrap().unwrap();
    assert!(current.is_active);

    let tag = Tag { key: "release".to_owned(), value: "1.1.0".to_owned() };
    let next = Document::from_described(current.document.to_value(), vec![tag]).unwrap();
    let arn = task_definitions.register(&next).await.unwrap();
    assert_ne!(arn, current.arn);
    let read = task_definitions.describe(&arn).await.unwrap().unwrap();
    assert_eq!((&read.arn, read.is_active), (&arn, true));
    assert_eq!(read.document.to_value(), next.to_value());
    assert_eq!(read.document.tags(), next.tags());
    assert_eq!(task_definitions.latest(&family).await.unwrap().unwrap().arn, arn);
    let before = task_definitions.describe(&current.arn).await.unwrap().unwrap();
    assert_eq!(before.document, current.document);
}

#[tokio::test]
async fn what_nobody_registered_is_none() {
    let simulator = shop().await;
    let task_definitions = aws(&simulator, PRODUCTION).await.task_definitions();
    assert_eq!(task_definitions.latest(&"nobody".parse().unwrap()).await.unwrap(), None);
    let arn = format!("arn:aws:ecs:us-west-2:{PRODUCTION}:task-definition/nobody:1");
    assert_eq!(task_definitions.describe(&arn.parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn what_ecs_refuses_is_rejected_in_its_words() {
    let simulator = shop().await;
    let task_definitions = aws(&simulator, PRODUCTION).await.task_definitions();
    let nothing = Document::from_described(serde_json::json!({"family": "shop"}), Vec::new()).unwrap();
    let error = task_definitions.register(&nothing).await.unwrap_err();
    assert_eq!(error.fault, Fault::Rejected, "{error}");
    assert!(error.code.is_some() && !error.message.is_empty(), "{error:?}");
}

#[tokio::test]
async fn a_registration_that_was_carried_out_unheard_is_ambiguous_and_found_by_reading() {
    let simulator = shop().await;
    let task_definitions = aws(&simulator, PRODUCTION).await.task_definitions();
    let family = "shop-api-production".parse().unwrap();
    let current = task_definitions.latest(&family).await.unwrap().unwrap();
    for kind in [FaultKind::DropAfter, FaultKind::ErrorAfter, FaultKind::Truncate, FaultKind::Garbage] {
        simulator.clear_faults();
        simulator.add_fault(SimFault::new("RegisterTaskDefinition", kind));
        let before = task_definitions.latest(&family).await.unwrap().unwrap();
        let error = task_definitions.register(&current.document).await.unwrap_err();
        assert_eq!(error.fault, Fault::Ambiguous, "{kind:?}: {error}");
        let after = task_definitions.latest(&family).await.unwrap().unwrap();
        assert_ne!(after.arn, before.arn, "{kind:?}");
    }
    let registered = simulator.calls().iter().filter(|call| call.operation == "RegisterTaskDefinition").count();
    assert_eq!(registered, 4);
}
