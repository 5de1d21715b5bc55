//! What good configurations come to.

use std::time::Duration;

use crate::{
    config::{Application, LedgerLocation, Service, parse, starter},
    identifier::{BranchName, PredicateType},
    policy::TriggerRule,
    scan::{Origin, Scanner, Severity, Unscanned},
    signature::{Demand, STATEMENTS},
    smoke::{Check, Method},
};

pub(super) const FULL: &str = include_str!("full.toml");

pub(super) const LEAST: &str = r#"
app = "shop"
[environments.dev]
account = "111111111111"
region = "us-west-2"
[components.api]
kind = "service"
cluster = "shop"
service = "api"
"#;

pub(super) fn read(text: &str) -> Application {
    match parse(text, "towpath.toml") {
        Ok(application) => application,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

fn service<'a>(application: &'a Application, environment: &str, component: &str) -> &'a Service {
    let environment = application.environment(&environment.parse().unwrap()).unwrap();
    &environment.services[&component.parse().unwrap()]
}

fn smoke(application: &Application, index: usize) -> &Check {
    &service(application, "dev", "api").smoke[index].0
}

#[test]
fn the_least_configuration_has_careful_defaults() {
    let application = read(LEAST);
    assert_eq!(application.ledger, LedgerLocation::Directory(".towpath".to_owned()));
    assert_eq!(application.release.branch.as_str(), "main");
    assert_eq!(application.release.tags, ["v{version}".parse().unwrap()]);
    let dev = &application.environments[0];
    assert_eq!(dev.deploy_on, [TriggerRule::Dispatch, TriggerRule::CommandLine]);
    assert_eq!((dev.role.as_ref(), dev.soak, dev.after.len()), (None, Duration::ZERO, 0));
    let api = service(&application, "dev", "api");
    assert_eq!(api.container.as_str(), "api");
    assert_eq!((api.rollout_timeout, api.allow_empty, api.smoke.len()), (None, false, 0));
}

#[test]
fn environments_and_components_keep_the_order_of_the_file() {
    let application = read(FULL);
    let environments: Vec<&str> =
        application.environments.iter().map(|environment| environment.name.as_str()).collect();
    assert_eq!(environments, ["dev", "production"]);
    let components: Vec<&str> = application.components.iter().map(|component| component.name.as_str()).collect();
    assert_eq!(components, ["api", "worker", "web"]);
}

#[test]
fn placeholders_are_filled_for_each_environment() {
    let application = read(FULL);
    let dev = service(&application, "dev", "api");
    assert_eq!((dev.cluster.as_str(), dev.service.as_str()), ("shop-dev", "shop-api-dev"));
    assert_eq!(dev.task_definition.as_deref(), Some("ecs/api.json"));
    assert_eq!(dev.repository.as_ref().unwrap().as_str(), "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api");
    assert_eq!(dev.placeholders["REGION"], "us-west-2");
}

#[test]
fn an_environment_overrides_its_components() {
    let application = read(FULL);
    let (dev, production) = (service(&application, "dev", "api"), service(&application, "production", "api"));
    assert_eq!((production.cluster.as_str(), production.service.as_str()), ("shop-production", "api"));
    assert_eq!(
        (dev.placeholders["LOG_LEVEL"].as_str(), production.placeholders["LOG_LEVEL"].as_str()),
        ("debug", "warn")
    );
    assert_eq!(production.placeholders["REGION"], "eu-central-1");
    assert_eq!(dev.rollout_timeout, Some(Duration::from_mins(10)));
    assert_eq!(production.rollout_timeout, Some(Duration::from_mins(20)));
    assert_eq!(production.smoke.len(), 2);
}

#[test]
fn a_tag_must_be_on_the_release_branch_unless_the_rule_says_otherwise() {
    let application = read(FULL);
    let from: Vec<Option<&str>> =
        application.environments[1].deploy_on.iter().map(|rule| rule.from().map(BranchName::as_str)).collect();
    assert_eq!(from, [Some("trunk"), Some("release/1.x"), None]);
    let before: Vec<Option<String>> = application.environments[1]
        .deploy_on
        .iter()
        .map(|rule| rule.same_commit_as().map(ToString::to_string))
        .collect();
    assert_eq!(before, [Some("v{version}".to_owned()), None, None]);
}

#[test]
fn a_smoke_check_keeps_the_release_open_and_flattens_its_expectations() {
    let application = read(FULL);
    let check = smoke(&application, 0);
    assert_eq!(check.url, "https://api.dev.example.com/version?expect={version}");
    let json: Vec<String> = check.json.iter().map(|(path, value)| format!("{path}={value}")).collect();
    assert_eq!(json, ["checks.database=\"up-dev\"", "ports=[80,443]", "version=\"{version}\""]);
    assert_eq!(check.headers["x-commit"], "{commit}");
    assert_eq!(check.contains.as_deref(), Some("{\"version\""));
    assert_eq!((check.method, check.status), (Method::Get, 200));
    assert_eq!((check.interval, check.deadline), (Duration::from_secs(1), Duration::from_mins(1)));
}

#[test]
fn a_check_that_names_the_release_wants_two_answers_in_a_row() {
    let application = read(FULL);
    assert_eq!(smoke(&application, 0).consecutive, 2);
    assert_eq!(smoke(&application, 1).consecutive, 4);
    let plain = format!("{LEAST}[[components.api.smoke]]\nurl = \"https://a.example.com/{{version}}\"\n");
    assert_eq!(smoke(&read(&plain), 0).consecutive, 1);
}

#[test]
fn the_starting_file_is_without_mistakes() {
    let application = read(&starter(&"books".parse().unwrap()));
    assert_eq!(application.app.as_str(), "books");
    let environments: Vec<&str> =
        application.environments.iter().map(|environment| environment.name.as_str()).collect();
    assert_eq!(environments, ["dev", "staging", "production"]);
}

#[test]
fn how_ecs_deploys_becomes_its_own_members() {
    let application = read(FULL);
    let canary = serde_json::json!({
        "strategy": "CANARY", "minimumHealthyPercent": 50, "maximumPercent": 150, "bakeTimeInMinutes": 10,
        "canaryConfiguration": { "canaryPercent": 10, "canaryBakeTimeInMinutes": 5 },
        "alarms": { "alarmNames": ["shop-api-5xx"], "enable": true, "rollback": true },
    });
    let linear = serde_json::json!({
        "strategy": "LINEAR", "linearConfiguration": { "stepPercent": 25, "stepBakeTimeInMinutes": 5 },
    });
    assert_eq!(serde_json::Value::Object(service(&application, "dev", "api").deployment.clone()), canary);
    assert_eq!(serde_json::Value::Object(service(&application, "production", "api").deployment.clone()), linear);
    assert_eq!(service(&application, "dev", "api").smoke_before_traffic.len(), 1);
}

#[test]
fn steps_of_another_strategy_are_a_mistake() {
    let text = format!("{LEAST}deployment = {{ strategy = \"linear\", canary-percent = 5 }}\n");
    let mistakes = parse(&text, "towpath.toml").unwrap_err().to_string();
    assert!(mistakes.contains("is for the strategy `canary`, not for `linear`"), "{mistakes}");
}

#[test]
fn a_recipe_has_its_defaults_and_the_registry_is_the_first_environments() {
    let text = format!("{LEAST}image = {{ repository = \"shop\", context = \"backend/\" }}\n");
    let application = read(&text);
    let recipe = application.components[0].build.clone().unwrap();
    assert_eq!((recipe.context.as_str(), recipe.dockerfile.as_str()), ("backend/", "backend/Dockerfile"));
    assert_eq!(recipe.tags, ["{sha}".parse().unwrap()]);
    assert!(recipe.moving_tags.is_empty() && recipe.platforms.is_empty() && recipe.arguments.is_empty());
    let rules = &application.build;
    assert_eq!((rules.account.as_str(), rules.region.as_str(), rules.tool), ("111111111111", "us-west-2", None));
    assert_eq!((rules.parallel, rules.timeout), (2, Duration::from_hours(1)));
    assert_eq!(read(LEAST).components[0].build, None);
}

#[test]
fn images_are_published_as_the_role_of_an_environment_in_that_account() {
    let role = "role = \"arn:aws:iam::111111111111:role/deployer\"\nregion =";
    let text = LEAST.replacen("region =", role, 1);
    assert_eq!(read(&text).build.role.unwrap().name(), "deployer");
    let elsewhere = format!("{text}[build]\naccount = \"222222222222\"\n");
    assert_eq!(read(&elsewhere).build.role, None);
}

#[test]
fn an_environments_scan_allows_what_is_allowed_everywhere_too() {
    let application = read(FULL);
    assert_eq!(application.environments[0].scan, None);
    let scan = application.environments[1].scan.clone().unwrap();
    let ids: Vec<&str> = scan.allow.iter().map(|allowance| allowance.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2026-1002", "CVE-2026-1001"]);
    assert_eq!((scan.from, scan.unscanned), (Origin::Ecr, Unscanned::Hold));
    assert_eq!((scan.max_age, scan.wait), (Some(Duration::from_hours(7 * 24)), Duration::from_mins(5)));
    assert_eq!(Severity::ALL.map(|severity| scan.maximum.of(severity)), [1, 5, 10, 20, 30, 2].map(Some));
}

#[test]
fn what_is_built_is_judged_in_the_same_words_by_a_scanner_that_is_pinned() {
    let application = read(FULL);
    let scan = application.build.scan.clone().unwrap();
    let ids: Vec<&str> = scan.rules.allow.iter().map(|allowance| allowance.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2026-1002", "CVE-2026-1003"]);
    assert_eq!((scan.run, scan.rules.maximum.of(Severity::Critical)), (Some(Scanner::Trivy), Some(3)));
    let pin = |scanner| application.scanners.pin(scanner).map(|pin| pin.version.to_string());
    assert_eq!((pin(Scanner::Trivy), pin(Scanner::Grype)), (Some("0.68.1".to_owned()), Some("0.104.0".to_owned())));
    assert_eq!(application.scanners.timeout, Duration::from_mins(25));
    let least = read(LEAST);
    assert_eq!((least.build.scan, least.scanners.pin(Scanner::Trivy)), (None, None));
}

#[test]
fn a_scan_without_more_words_lets_nothing_critical_pass_and_nothing_unscanned() {
    let scan = read(&format!("{LEAST}[environments.dev.scan]\n")).environments[0].scan.clone().unwrap();
    assert_eq!((scan.from, scan.unscanned, scan.max_age), (Origin::Reports, Unscanned::Refuse, None));
    assert_eq!((scan.maximum.of(Severity::Critical), scan.maximum.of(Severity::High)), (Some(0), None));
}

#[test]
fn who_must_have_signed_is_read_with_careful_defaults() {
    let application = read(FULL);
    assert_eq!(application.environments[0].signed, None);
    let signed = application.environments[1].signed.as_ref().unwrap();
    let wanted: Vec<String> = signed.by.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(wanted.join("\n"), @"
    the workflow `.github/workflows/release.yml` of acme/shop on GitHub, run for refs/heads/trunk or refs/tags/v*
    the workflow `acme/workflows/.github/workflows/build.yml@refs/tags/v2` of acme/shop on GitHub, run for refs/heads/trunk
    `release@acme.example` by the word of https://accounts.google.com
    the key `trust/cosign.pub`
    ");
    assert_eq!(signed.trusted_root.as_deref(), Some("trust/roots.jsonl"));
    assert_eq!(signed.keys().collect::<Vec<_>>(), [("trust/cosign.pub", false)]);
    let plain = read(&format!("{LEAST}[environments.dev.signed]\nby = [{{ key = \"cosign.pub\" }}]\n"));
    let plain = plain.environments[0].signed.clone().unwrap();
    assert_eq!(plain.by, [Demand::Key { file: "cosign.pub".to_owned(), log: true }]);
    assert_eq!(plain.statements.iter().map(PredicateType::as_str).collect::<Vec<_>>(), STATEMENTS);
    assert_eq!(plain.trusted_root, None);
}
