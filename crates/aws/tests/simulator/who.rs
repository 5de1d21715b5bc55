//! Identity, roles and secrets.

use towpath_aws::{Aws, Settings};
use towpath_core::ports::{Identity as _, SecretPresence, Secrets as _};

use crate::shop::{DEV, PRODUCTION, aws, settings, shop};

#[tokio::test]
async fn the_caller_is_whoever_the_keys_belong_to() {
    let simulator = shop().await;
    let caller = aws(&simulator, DEV).await.identity().caller().await.unwrap();
    assert_eq!(caller.account.as_str(), DEV);
    assert!(caller.arn.starts_with("arn:aws:"), "{}", caller.arn);
}

#[tokio::test]
async fn with_a_role_the_caller_is_its_session() {
    let simulator = shop().await;
    let role = format!("arn:aws:iam::{PRODUCTION}:role/shop-deployer");
    let settings = Settings {
        role: Some(role.parse().unwrap()),
        account: PRODUCTION.parse().unwrap(),
        ..settings(&simulator, DEV)
    };
    let caller = Aws::connect(settings).await.unwrap().identity().caller().await.unwrap();
    assert_eq!(caller.account.as_str(), PRODUCTION);
    assert_eq!(caller.arn, format!("arn:aws:sts::{PRODUCTION}:assumed-role/shop-deployer/towpath"));
}

#[tokio::test]
async fn a_secret_is_present_missing_or_being_deleted() {
    let simulator = shop().await;
    let secrets = aws(&simulator, PRODUCTION).await.secrets();
    let arn = |name: &str| format!("arn:aws:secretsmanager:us-west-2:{PRODUCTION}:secret:{name}");
    let check = async |text: String, expected: SecretPresence| {
        let found = secrets.presence(&text.parse().unwrap()).await.unwrap();
        assert_eq!(found, expected, "{text}");
    };
    check(arn("shop/payment-token"), SecretPresence::Present).await;
    check(arn("shop/payment-token:key:AWSCURRENT:"), SecretPresence::Present).await;
    check(arn("shop/other-token"), SecretPresence::Missing).await;
    assert!(simulator.calls().iter().all(|call| call.operation == "DescribeSecret"));

    delete(&simulator.endpoint(), &arn("shop/payment-token")).await;
    check(arn("shop/payment-token"), SecretPresence::BeingDeleted).await;
}

/// Schedules a secret for deletion, which Towpath never does.
async fn delete(endpoint: &str, arn: &str) {
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
    let id = format!("AKIASIM0{PRODUCTION}");
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-west-2"))
        .credentials_provider(Credentials::new(id, "simulated", None, None, "test"))
        .endpoint_url(endpoint)
        .build();
    let client = aws_sdk_secretsmanager::Client::from_conf(config);
    client.delete_secret().secret_id(arn).send().await.unwrap();
}
