//! Bytes that are not in the environment's registry yet, tags that keep what serves, and variables that a release sets.

use std::time::Duration;

use crate::{
    fakes::{Mishap, Outcome as Rollout},
    identifier::{ImageReference, Repository, TagName},
    ports::{CallError, Fault, ImagePresence, Images as _, PublishError},
    promotion::Outcome,
};

use super::{
    executor,
    sabotage::{Lasts, Sabotage, Wrong},
    stage::{CONFIGURATION, Stage, image},
};

const HERE: &str = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/shop";

/// An environment with a registry of its own, in which nothing is yet.
fn elsewhere() -> Stage {
    let own = CONFIGURATION.replace("service = \"api\"\n", &format!("service = \"api\"\nrepository = \"{HERE}\"\n"));
    let stage = Stage::with(&own, &["api"]);
    stage.ports.images.create(&here());
    stage.release("1.2.0", Rollout::Succeeds { after: Duration::from_secs(8) });
    stage
}

fn here() -> Repository {
    HERE.parse().unwrap()
}

fn copied() -> ImageReference {
    ImageReference::new(here(), image("1.2.0").digest().clone())
}

fn presence(stage: &Stage) -> ImagePresence {
    executor::run(stage.ports.images.presence(&copied())).unwrap().unwrap()
}

fn position(stage: &Stage, operation: &str) -> Option<usize> {
    stage.ports.calls().iter().position(|(called, _)| *called == operation)
}

fn tag(text: &str) -> TagName {
    text.parse().unwrap()
}

fn digits(version: &str) -> String {
    image(version).digest().as_str().trim_start_matches("sha256:")[..12].to_owned()
}

#[test]
fn an_image_that_is_elsewhere_is_copied_before_anything_is_registered() {
    let stage = elsewhere();
    stage.ports.sabotage(None);
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(presence(&stage), ImagePresence::Present);
    assert!(position(&stage, "images:copy").unwrap() < position(&stage, "task_definitions:register").unwrap());
    let record = stage.records().pop().unwrap().components.pop_first().unwrap().1;
    assert_eq!((record.image, record.copied_from), (Some(copied()), Some(image("1.2.0"))));
}

#[test]
fn an_image_that_is_here_is_not_copied() {
    let stage = elsewhere();
    stage.ports.images.push(&copied());
    stage.ports.sabotage(None);
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(position(&stage, "images:copy"), None);
    assert_eq!(stage.records().pop().unwrap().components.pop_first().unwrap().1.copied_from, None);
}

#[test]
fn a_copy_that_fails_changes_nothing_and_the_next_run_goes_on() {
    let stage = elsewhere();
    let error = PublishError::Incomplete { image: image("1.2.0"), missing: image("1.0.0").digest().clone() };
    stage.ports.images.refuse(error);
    stage.ports.sabotage(None);
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Errored);
    assert!(report.reason.contains("could not be copied") && report.reason.contains("incomplete"), "{}", report.reason);
    assert_eq!((position(&stage, "task_definitions:register"), position(&stage, "services:update")), (None, None));
    let again = stage.promote("1.2.0", "p-2").unwrap();
    assert_eq!(again.outcome, Outcome::Succeeded, "{}", again.reason);
}

#[test]
fn an_image_that_is_nowhere_is_refused_with_both_places() {
    let stage = elsewhere();
    stage.ports.images.set(&image("1.2.0"), ImagePresence::Missing);
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(report.reason.contains(HERE) && report.reason.contains("us-west-2"), "{}", report.reason);
}

#[test]
fn a_copy_that_never_ends_is_given_up_and_the_next_run_goes_on() {
    let stage = elsewhere();
    let wrong = Wrong::Call(Mishap::Unheard);
    stage.ports.sabotage(Some(Sabotage { place: ("images:copy", 1), lasts: Lasts::Once, wrong }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Errored, "{}", report.reason);
    assert!(report.reason.contains("no answer within 3600 seconds"), "{}", report.reason);
    let again = stage.promote("1.2.0", "p-2").unwrap();
    assert_eq!(again.outcome, Outcome::Succeeded, "{}", again.reason);
}

#[test]
fn what_serves_and_what_would_be_gone_back_to_are_kept_by_tags() {
    let stage = Stage::open();
    stage.release("1.2.0", Rollout::Succeeds { after: Duration::from_secs(8) });
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    for version in ["1.0.0", "1.2.0"] {
        let (image, tag) = (image(version), tag(&format!("deployed-dev-{}", digits(version))));
        assert_eq!(stage.ports.images.tagged(image.repository(), &tag).as_ref(), Some(image.digest()), "{version}");
    }
}

#[test]
fn a_tag_that_may_not_be_set_is_told_and_forbids_nothing() {
    let stage = Stage::open();
    stage.release("1.2.0", Rollout::Succeeds { after: Duration::from_secs(8) });
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let wrong = Wrong::Call(Mishap::NotCarriedOut(denied));
    stage.ports.sabotage(Some(Sabotage { place: ("images:tag", 1), lasts: Lasts::ThatOperation, wrong }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    let told = stage.watcher.troubles();
    assert!(told.iter().any(|trouble| trouble.contains("did not get the tag `deployed-dev-")), "{told:?}");
}

#[test]
fn signatures_that_may_not_be_listed_stay_behind_and_that_is_told() {
    let stage = elsewhere();
    let fault = Fault::Denied { principal: None, action: None, resource: None };
    let operation = "ecr:ListImageReferrers".to_owned();
    stage.ports.images.hide_referrers(CallError { operation, fault, code: None, message: "no".to_owned() });
    stage.ports.sabotage(None);
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    let told = stage.watcher.troubles();
    assert!(
        told.iter().any(|trouble| trouble.contains("signatures, SBOMs") && trouble.contains("ListImageReferrers")),
        "{told:?}"
    );
}

#[test]
fn a_lifecycle_rule_that_may_delete_what_serves_is_told_before_anything_is_changed() {
    let rule = |priority: u32, selection: &str| {
        format!(
            r#"{{"rulePriority":{priority},"selection":{{{selection},"countType":"imageCountMoreThan","countNumber":50}}}}"#
        )
    };
    let (any, own) =
        (rule(2, r#""tagStatus":"any""#), rule(1, r#""tagStatus":"tagged","tagPrefixList":["deployed-"]"#));
    for (rules, is_told) in [(any.clone(), true), (format!("{own},{any}"), false)] {
        let stage = Stage::open();
        stage.release("1.2.0", Rollout::Succeeds { after: Duration::from_secs(8) });
        stage.ports.images.set_lifecycle(image("1.2.0").repository(), &format!(r#"{{"rules":[{rules}]}}"#));
        stage.ports.sabotage(None);
        assert_eq!(stage.promote("1.2.0", "p-1").unwrap().outcome, Outcome::Succeeded);
        let told = stage.watcher.troubles();
        assert_eq!(told.iter().any(|trouble| trouble.contains("rule 2 of the lifecycle policy")), is_told, "{told:?}");
        assert!(position(&stage, "images:lifecycle").unwrap() < position(&stage, "task_definitions:register").unwrap());
    }
}

#[test]
fn whoever_wants_no_tags_gets_none() {
    let stage = Stage::with(&CONFIGURATION.replace("region =", "keep-images = false\nregion ="), &["api"]);
    stage.release("1.2.0", Rollout::Succeeds { after: Duration::from_secs(8) });
    stage.ports.sabotage(None);
    assert_eq!(stage.promote("1.2.0", "p-1").unwrap().outcome, Outcome::Succeeded);
    assert_eq!(position(&stage, "images:tag"), None);
}

#[test]
fn a_release_sets_its_version_in_the_container_and_a_rollback_brings_the_old_one() {
    let variables =
        "service = \"api\"\nvariables = { ECS_DEPLOYMENT_VERSION = \"{version}\", GIT_SHA = \"{commit}\" }\n";
    let stage = Stage::with(&CONFIGURATION.replace("service = \"api\"\n", variables), &["api"]);
    let set = |version: &str, id: &str| {
        stage.release(version, Rollout::Succeeds { after: Duration::from_secs(8) });
        let report = stage.promote(version, id).unwrap();
        assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
        serving_variables(&stage)
    };
    let commit = ("GIT_SHA", "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f");
    assert_eq!(set("1.2.0", "p-1"), [("ECS_DEPLOYMENT_VERSION", "1.2.0"), commit].map(owned));
    assert_eq!(set("1.3.0", "p-2"), [("ECS_DEPLOYMENT_VERSION", "1.3.0"), commit].map(owned));
    assert_eq!(stage.restore("p-3").unwrap().outcome, Outcome::Succeeded);
    assert_eq!(serving_variables(&stage), [("ECS_DEPLOYMENT_VERSION", "1.2.0"), commit].map(owned));
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The variables of the revision that the service is set to, but for the one that it had before.
fn serving_variables(stage: &Stage) -> Vec<(String, String)> {
    let arn = stage.snapshot("api").primary().unwrap().task_definition.clone();
    let described = executor::run(crate::ports::TaskDefinitions::describe(&stage.ports.ecs, &arn));
    let document = described.unwrap().unwrap().unwrap().document.to_value();
    let variables = document["containerDefinitions"][0]["environment"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let pairs = variables.iter().map(|variable| (text(&variable["name"]), text(&variable["value"])));
    pairs.filter(|(name, _)| name != "TOKEN").collect()
}
