//! Who calls: roles that are assumed, roles that are held already, and credentials that are no good.

use towpath_aws::{AccessKeys, Aws, ConnectError, Settings, Source};
use towpath_core::ports::{Alarms as _, Fault, Identity as _, LogStream, Logs as _, Services as _, Targets as _};

use crate::server::{Act, Request, Server, key, refusal};

const ROLE: &str = "arn:aws:iam::111111111111:role/teams/shop-deployer";

fn caller(arn: &str) -> Act {
    let result = format!("<UserId>A:b</UserId><Account>111111111111</Account><Arn>{arn}</Arn>");
    Act::Text(
        200,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>{result}</GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
    )
}

fn assumed() -> Act {
    let keys = "<AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>";
    let user = format!("<Arn>{}</Arn><AssumedRoleId>A:b</AssumedRoleId>", session());
    Act::Text(
        200,
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>{keys}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

fn session() -> &'static str {
    "arn:aws:sts::111111111111:assumed-role/shop-deployer/towpath"
}

/// A server whose callers are who their keys say.
async fn server() -> Server {
    Server::start(|_, request| match request.operation().as_str() {
        "AssumeRole" => assumed(),
        "GetCallerIdentity" if is_by(request, "ASIAROLE") || is_by(request, "ASIAASSUMED") => caller(session()),
        "GetCallerIdentity" => caller("arn:aws:sts::111111111111:assumed-role/ci/run"),
        _ => refusal(400, "ClusterNotFoundException", "Cluster not found."),
    })
    .await
}

fn is_by(request: &Request, key: &str) -> bool {
    request.header("authorization").unwrap().contains(&format!("Credential={key}/"))
}

fn as_role(server: &Server, key: &str, token: Option<&str>) -> Settings {
    let keys = AccessKeys::new(key, "hush", token.map(str::to_owned));
    Settings { role: Some(ROLE.parse().unwrap()), source: Source::Keys(keys), ..server.settings() }
}

async fn call(settings: Settings) {
    let services = Aws::connect(settings).await.unwrap().services();
    let error = services.describe(&[key("shop", "api")]).await.unwrap_err();
    assert_eq!(error.fault, Fault::NotFound, "{error}");
}

#[tokio::test]
async fn a_user_assumes_the_role_without_being_asked_who_it_is() {
    let server = server().await;
    call(as_role(&server, "AKIAUSER", None)).await;
    assert_eq!(server.operations(), ["AssumeRole", "DescribeServices"]);
    let requests = server.requests();
    let form = String::from_utf8(requests[0].body.clone()).unwrap();
    assert!(form.contains("RoleSessionName=towpath") && form.contains("shop-deployer"), "{form}");
    assert!(requests[0].header("authorization").unwrap().contains("/us-west-2/sts/"), "the regional endpoint");
    assert!(is_by(&requests[1], "ASIAASSUMED"));
}

#[tokio::test]
async fn another_session_assumes_the_role() {
    let server = server().await;
    call(as_role(&server, "ASIAOTHER", Some("token"))).await;
    assert_eq!(server.operations(), ["GetCallerIdentity", "AssumeRole", "DescribeServices"]);
}

#[tokio::test]
async fn a_session_of_the_role_is_used_as_it_is() {
    let server = server().await;
    call(as_role(&server, "ASIAROLE", Some("token"))).await;
    assert_eq!(server.operations(), ["GetCallerIdentity", "DescribeServices"]);
    assert!(is_by(&server.requests()[1], "ASIAROLE"));
}

#[tokio::test]
async fn the_role_is_assumed_once_for_all_adapters() {
    let server = server().await;
    let aws = Aws::connect(as_role(&server, "AKIAUSER", None)).await.unwrap();
    assert_eq!(aws.identity().caller().await.unwrap().arn, session());
    let _unknown = aws.services().describe(&[key("shop", "api")]).await;
    assert_eq!(server.operations(), ["AssumeRole", "GetCallerIdentity", "DescribeServices"]);
}

#[tokio::test]
async fn what_is_asked_beside_ecs_is_asked_as_the_role() {
    let server = server().await;
    let aws = Aws::connect(as_role(&server, "AKIAUSER", None)).await.unwrap();
    let group = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/api/0123456789abcdef";
    let stream = LogStream { region: None, group: "g".to_owned(), stream: "s".to_owned() };
    let _unknown = aws.targets().health(&group.parse().unwrap()).await;
    let _unknown = aws.alarms().look(&["latency".parse().unwrap()]).await;
    let _unknown = aws.logs().last(&stream, 1).await;
    let mut operations = server.operations();
    operations.dedup();
    assert_eq!(operations, ["AssumeRole", "DescribeTargetHealth", "DescribeAlarms", "GetLogEvents"]);
    assert!(server.requests()[1..].iter().all(|request| is_by(request, "ASIAASSUMED")));
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_a_denial() {
    let message = "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/teams/shop-deployer";
    let xml = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    let server = Server::start(move |_, _| Act::Text(403, xml.clone())).await;
    let services = Aws::connect(as_role(&server, "AKIAUSER", None)).await.unwrap().services();
    let error = services.describe(&[key("shop", "api")]).await.unwrap_err();
    let expected = Fault::Denied {
        principal: Some("arn:aws:iam::111111111111:user/ci".to_owned()),
        action: Some("sts:AssumeRole".to_owned()),
        resource: Some(ROLE.to_owned()),
    };
    assert_eq!(error.fault, expected, "{error}");
}

#[tokio::test]
async fn a_role_of_another_account_is_refused_before_anything_is_sent() {
    let server = server().await;
    let mut settings = as_role(&server, "AKIAUSER", None);
    settings.account = "222222222222".parse().unwrap();
    let error = Aws::connect(settings).await.unwrap_err();
    assert!(matches!(error, ConnectError::RoleOfAnotherAccount { .. }));
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn credentials_that_are_no_good_are_said_so_without_being_shown() {
    for code in ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"] {
        let message = "The key AKIATEST1234567890AB is bad.\n\nThe Canonical String for this request should have been\nx-amz-security-token:hush";
        let server = Server::start(move |_, _| refusal(400, code, message)).await;
        let error = server.aws().await.services().describe(&[key("shop", "api")]).await.unwrap_err();
        assert_eq!(error.fault, Fault::Unauthenticated, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hush") && !shown.contains("AKIATEST"), "{shown}");
    }
}

#[tokio::test]
async fn nothing_shows_credentials_for_debugging() {
    let server = server().await;
    let aws = Aws::connect(as_role(&server, "ASIAROLE", Some("hush-token"))).await.unwrap();
    assert!(!format!("{aws:?} {:?}", server.settings()).contains("hush"));
}
