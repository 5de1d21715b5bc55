//! Targets of load balancers: what is read, where it is asked, and what goes wrong.

use std::time::Duration;

use towpath_aws::Aws;
use towpath_core::{
    identifier::TargetGroupArn,
    ports::{CallError, Fault, Targets as _},
    rollout::TargetHealth,
};

use crate::server::{Act, Server, check_unanswered, denial, unanswered};

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/api/0123456789abcdef";

fn group() -> TargetGroupArn {
    GROUP.parse().unwrap()
}

fn answer(operation: &str, result: &str) -> Act {
    let namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
    Act::Text(
        200,
        format!(
            "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result></{operation}Response>"
        ),
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Act {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    Act::Text(status, format!("<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"))
}

fn targets(members: &str) -> Act {
    answer("DescribeTargetHealth", &format!("<TargetHealthDescriptions>{members}</TargetHealthDescriptions>"))
}

fn attributes(members: &str) -> Act {
    answer("DescribeTargetGroupAttributes", &format!("<Attributes>{members}</Attributes>"))
}

async fn health(aws: &Aws) -> Result<Vec<TargetHealth>, CallError> {
    aws.targets().health(&group()).await
}

#[tokio::test]
async fn healthy_unhealthy_and_draining_targets_are_read() {
    let server = Server::start(|_, _| {
        targets(
            "<member><HealthCheckPort>8000</HealthCheckPort><Target><AvailabilityZone>a</AvailabilityZone><Port>8000</Port><Id>10.0.0.1</Id></Target>\
             <TargetHealth><State>healthy</State></TargetHealth></member>\
             <member><Target><Port>8000</Port><Id>10.0.0.2</Id></Target><TargetHealth><Description>Health checks failed with these codes: [503]</Description>\
             <Reason>Target.ResponseCodeMismatch</Reason><State>unhealthy</State></TargetHealth></member>\
             <member><Target><Id>i-0123</Id></Target><TargetHealth><State>unhealthy.draining</State><Reason>Newer.Reason</Reason></TargetHealth></member>",
        )
    })
    .await;
    let read = health(&server.aws().await).await.unwrap();
    let target = |target: &str, port, state: &str, reason: Option<&str>, description: Option<&str>| TargetHealth {
        group: group(),
        target: target.to_owned(),
        port,
        state: state.to_owned(),
        reason: reason.map(str::to_owned),
        description: description.map(str::to_owned),
    };
    let codes = "Health checks failed with these codes: [503]";
    let expected = [
        target("10.0.0.1", Some(8000), "healthy", None, None),
        target("10.0.0.2", Some(8000), "unhealthy", Some("Target.ResponseCodeMismatch"), Some(codes)),
        target("i-0123", None, "unhealthy.draining", Some("Newer.Reason"), None),
    ];
    assert_eq!(read, expected);
}

#[tokio::test]
async fn a_group_without_targets_has_none() {
    let server = Server::start(|_, _| targets("")).await;
    assert_eq!(health(&server.aws().await).await.unwrap(), []);
}

#[tokio::test]
async fn the_group_is_asked_for_in_its_own_region() {
    let server = Server::start(|_, _| targets("")).await;
    health(&server.aws().await).await.unwrap();
    let request = &server.requests()[0];
    let scope = request.header("authorization").unwrap();
    assert!(scope.contains("/eu-central-1/elasticloadbalancing/"), "{scope}");
    assert!(request.text().contains("TargetGroupArn=arn%3Aaws%3Aelasticloadbalancing%3Aeu-central-1"));
    assert!(!request.text().contains("Targets."), "all targets");
}

#[tokio::test]
async fn the_drain_time_is_the_groups_own() {
    let server = Server::start(|_, _| {
        attributes(
            "<member><Key>stickiness.enabled</Key><Value>false</Value></member>\
             <member><Value>17</Value><Key>deregistration_delay.timeout_seconds</Key></member>",
        )
    })
    .await;
    let read = server.aws().await.targets().drain_time(&group()).await.unwrap();
    assert_eq!(read, Duration::from_secs(17));
    assert_eq!(server.operations(), ["DescribeTargetGroupAttributes"]);
}

#[tokio::test]
async fn an_unknown_group_is_not_found() {
    let server = Server::start(|_, _| refusal(400, "TargetGroupNotFound", "One or more target groups not found")).await;
    let aws = server.aws().await;
    let error = health(&aws).await.unwrap_err();
    assert_eq!((error.fault, error.operation.as_str()), (Fault::NotFound, "elasticloadbalancing:DescribeTargetHealth"));
    assert_eq!(aws.targets().drain_time(&group()).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn a_denial_names_principal_action_and_resource() {
    let (message, expected) = denial("elasticloadbalancing:DescribeTargetHealth", GROUP);
    let server = Server::start(move |_, _| refusal(403, "AccessDenied", &message)).await;
    let error = health(&server.aws().await).await.unwrap_err();
    assert_eq!((error.fault, server.requests().len()), (expected, 1));
}

#[tokio::test]
async fn throttled_looks_are_repeated() {
    let server = Server::start(|number, _| match number {
        1..=4 => refusal(400, "Throttling", "Rate exceeded"),
        _ => targets(""),
    })
    .await;
    health(&server.aws().await).await.unwrap();
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn what_is_no_answer_is_unanswered() {
    for act in unanswered() {
        let server = Server::start(move |_, _| act()).await;
        check_unanswered(&health(&server.aws().await).await.unwrap_err());
    }
    let server = Server::start(|_, _| refusal(500, "HealthUnavailable", "Internal error.")).await;
    check_unanswered(&health(&server.aws().await).await.unwrap_err());
    let server = Server::start(|_, _| targets("<member><Target><Id>10.0.0.1</Id></Target></member>")).await;
    check_unanswered(&health(&server.aws().await).await.unwrap_err());
    let server = Server::start(|_, _| {
        attributes("<member><Key>deregistration_delay.timeout_seconds</Key><Value>soon</Value></member>")
    })
    .await;
    check_unanswered(&server.aws().await.targets().drain_time(&group()).await.unwrap_err());
}
