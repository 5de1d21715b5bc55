//! Strange inputs to every service: they are answered, whatever they are.
//!
//! A panic would close the connection without an answer.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Map, Value, json};

use crate::{scenario::shop, support::try_call};

const ECR: &[&str] = &[
    "CreateRepository",
    "DescribeRepositories",
    "DeleteRepository",
    "PutImage",
    "BatchGetImage",
    "DescribeImages",
    "ListImages",
    "BatchDeleteImage",
    "GetAuthorizationToken",
    "BatchCheckLayerAvailability",
    "GetDownloadUrlForLayer",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
    "PutImageTagMutability",
    "PutLifecyclePolicy",
    "GetLifecyclePolicy",
    "DeleteLifecyclePolicy",
    "StartLifecyclePolicyPreview",
    "GetLifecyclePolicyPreview",
    "StartImageScan",
    "DescribeImageScanFindings",
    "PutRegistryScanningConfiguration",
    "GetRegistryScanningConfiguration",
    "PutImageScanningConfiguration",
    "BatchGetRepositoryScanningConfiguration",
    "DescribeRegistry",
    "PutAccountSetting",
    "GetAccountSetting",
    "SetRepositoryPolicy",
    "GetRepositoryPolicy",
    "DeleteRepositoryPolicy",
];
const SECRETS: &[&str] =
    &["CreateSecret", "DescribeSecret", "GetSecretValue", "PutSecretValue", "ListSecrets", "DeleteSecret"];
const ECS: &[&str] = &[
    "CreateCluster",
    "RegisterTaskDefinition",
    "CreateService",
    "UpdateService",
    "DescribeServices",
    "DescribeTasks",
    "ListTasks",
    "ListServiceDeployments",
    "RunTask",
    "StopTask",
];
const MEMBERS: &[&str] = &[
    "registryId",
    "repositoryName",
    "repositoryNames",
    "imageManifest",
    "imageTag",
    "imageIds",
    "nextToken",
    "maxResults",
    "filter",
    "Name",
    "SecretId",
    "SecretString",
    "SecretBinary",
    "ClientRequestToken",
    "Filters",
    "RecoveryWindowInDays",
    "cluster",
    "service",
    "services",
    "tasks",
    "task",
    "taskDefinition",
    "family",
    "containerDefinitions",
    "desiredCount",
    "count",
];

fn value() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        "shop-api",
        "shop-production",
        "shop-api-production",
        "111111111111",
        "",
        "page-9",
        "arn:aws:ecs:",
        "{\"schemaVersion\":2}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        known.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(
                (prop::sample::select(vec!["imageTag", "imageDigest", "Key", "Values", "name", "image"]), inner),
                0..3
            )
            .prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn target() -> impl Strategy<Value = String> {
    let of = |prefix: &'static str, operations: &[&'static str]| {
        prop::sample::select(operations.to_vec()).prop_map(move |operation| format!("{prefix}.{operation}"))
    };
    prop_oneof![
        of("AmazonEC2ContainerRegistry_V20150921", ECR),
        of("secretsmanager", SECRETS),
        of("AmazonEC2ContainerServiceV20141113", ECS)
    ]
}

#[test]
fn every_input_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let simulator = runtime.block_on(shop());
    let member = (prop::sample::select(MEMBERS.to_vec()), value());
    let call = (target(), prop::collection::vec(member, 0..4));
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) });
    let checked = runner.run(&call, |(target, members)| {
        let input = members.into_iter().fold(json!({}), |mut input, (name, value)| {
            input[name] = value;
            input
        });
        let answer = runtime.block_on(try_call(&simulator, "333333333333", &target, &input));
        simulator.advance(std::time::Duration::from_secs(7));
        prop_assert!(answer.is_some_and(|answer| answer.status < 500), "{target} {input}");
        Ok(())
    });
    checked.unwrap();
}

#[tokio::test]
async fn no_step_of_the_clock_is_too_long() {
    let simulator = shop().await;
    for _ in 0..2 {
        simulator.advance(std::time::Duration::MAX);
    }
    let answer =
        try_call(&simulator, "333333333333", "AmazonEC2ContainerServiceV20141113.ListClusters", &json!({})).await;
    assert_eq!(answer.unwrap().status, 200);
}
