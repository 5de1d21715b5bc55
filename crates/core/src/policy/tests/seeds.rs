//! Tables from the pipelines that Towpath is to replace, and from their faults.

use crate::policy::{Ancestry, Decision, Proof, TagStanding, Trigger, TriggerRule, Verdict, explain, matrix};

use super::support::{Case, NOW, commit, proven, push, release, tag, tag_rule, time};

/// The contract of sofatutor/llm-proxy: `vX.Y.Z` publishes, `vX.Y.Z-stable` goes to production.
fn llm_proxy() -> Case {
    Case::new(&["v{version}", "v{version}-stable"], vec![tag_rule("v{version}-stable"), TriggerRule::CommandLine])
}

/// The contract of the National Tutoring Observatory: `v\d+.\d+.\d+` on the base branch, to production.
fn observatory() -> Case {
    Case::new(&["v{version}"], vec![tag_rule("v{version}")])
}

fn check(decision: &Decision, verdict: Verdict, rule: Option<&str>) {
    assert_eq!((decision.verdict, decision.rule.as_deref()), (verdict, rule), "{}", explain(decision));
}

#[test]
fn a_stable_tag_goes_to_production_and_names_its_rule() {
    check(
        &llm_proxy().ask("production", &tag("v1.4.0-stable")),
        Verdict::Allowed,
        Some("environments.production.deploy-on[0]"),
    );
}

#[test]
fn a_plain_tag_publishes_only() {
    check(&llm_proxy().ask("production", &tag("v1.4.0")), Verdict::PublishOnly, None);
    check(&llm_proxy().ask("dev", &tag("v1.4.0")), Verdict::PublishOnly, None);
}

#[test]
fn any_other_tag_is_ignored_with_a_message_that_names_the_forms() {
    for other in ["v1.4.0-rc1", "v1.4", "1.4.0", "helm-1.4.0"] {
        check(&llm_proxy().ask("production", &tag(other)), Verdict::Ignored, None);
    }
    insta::assert_snapshot!(explain(&llm_proxy().ask("production", &tag("v1.4.0-rc1"))), @r"
    ignored
      ignore the tag `v1.4.0-rc1` is of none of this application's forms: `v{version}`, `v{version}-stable`; nothing is published or deployed for it
             to do: tag in one of these forms, or add the form to `tags` under [release]
    ");
}

#[test]
fn a_tag_goes_to_production_only_from_the_base_branch() {
    let mut case = observatory();
    check(&case.ask("production", &tag("v1.4.0")), Verdict::Allowed, Some("environments.production.deploy-on[0]"));
    case.ancestry("main", Ancestry::NotOn);
    check(&case.ask("production", &tag("v1.4.0")), Verdict::Refused, Some("environments.production.deploy-on[0]"));
}

/// `grep -q "origin/main"` accepted `origin/main-old` there.
#[test]
fn a_commit_on_main_old_is_not_on_main() {
    let mut case = observatory();
    case.ancestry("main", Ancestry::NotOn);
    case.ancestry("main-old", Ancestry::On);
    check(&case.ask("production", &tag("v1.4.0")), Verdict::Refused, Some("environments.production.deploy-on[0]"));
    case.facts.ancestry.remove(&"main".parse().unwrap());
    check(&case.ask("production", &tag("v1.4.0")), Verdict::Refused, Some("environments.production.deploy-on[0]"));
    check(&case.ask("staging", &push("main-old")), Verdict::Ignored, None);
}

/// Nothing checked in sofatutor/llm-proxy's pipeline that the stable tag stands where the version's tag does, or that
/// there is one.
#[test]
fn a_stable_tag_must_stand_on_the_commit_of_its_versions_tag() {
    let rule = TriggerRule::Tag {
        pattern: "v{version}-stable".parse().unwrap(),
        from: Some("main".parse().unwrap()),
        same_commit_as: Some("v{version}".parse().unwrap()),
    };
    let mut case = Case::new(&["v{version}", "v{version}-stable"], vec![rule]);
    let by = Some("environments.production.deploy-on[0]");
    let stable = tag("v1.4.0-stable");
    check(&case.ask("production", &stable), Verdict::Refused, by);
    let mut stands = |standing| {
        case.facts.tags.insert("v1.4.0".to_owned(), standing);
        case.ask("production", &stable)
    };
    check(&stands(TagStanding::At { commit: commit('a') }), Verdict::Allowed, by);
    let elsewhere = explain(&stands(TagStanding::At { commit: commit('b') }));
    assert!(elsewhere.contains("refuse the tag `v1.4.0` is on commit bbbbbbb, and this is aaaaaaa"), "{elsewhere}");
    let missing =
        explain(&stands(TagStanding::Unknown { reason: "v1.4.0 is not known to this repository".to_owned() }));
    assert!(
        missing.contains("refuse the tag `v1.4.0` was not found") && missing.contains("git fetch origin tag"),
        "{missing}"
    );
    let text = matrix(&case.application).to_text();
    assert!(text.contains("only if commit on main, and on the commit of v{version}, and proven in staging"), "{text}");
}

/// A shallow clone made every tag but the tip's fail there, and said nothing of the reason.
#[test]
fn what_a_shallow_clone_cannot_tell_is_refused_with_the_way_out() {
    let mut case = observatory();
    case.ancestry("main", Ancestry::Unknown { reason: "the clone is shallow".to_owned() });
    insta::assert_snapshot!(explain(&case.ask("production", &tag("v1.4.0"))), @"
    refused by environments.production.deploy-on[0]
      ok     the tag `v1.4.0` may bring a release here
      refuse whether the commit is on `main` cannot be told: the clone is shallow
             to do: make the whole history of `main` available, for example with `fetch-depth: 0` at checkout, or `git fetch --unshallow origin main`
      ok     trigger and release name the same commit, aaaaaaa
      ok     tag and release name the same version, 1.4.0
      ok     the release has an artifact for each of the environment's components (1)
      ok     proven in staging since 2026-03-01T12:00:00Z by promotion p-1
      ok     it has served in staging for 1d, and must for 30m
    ");
}

#[test]
fn whoever_is_refused_learns_every_reason_at_once() {
    let mut case = llm_proxy();
    case.release = Some(release("1.3.0", 'b'));
    case.ancestry("main", Ancestry::NotOn);
    case.prove("staging", Proof::NotProven);
    if let Some(release) = case.release.as_mut() {
        release.artifacts.clear();
    }
    insta::assert_snapshot!(explain(&case.ask("production", &tag("v1.4.0-stable"))), @"
    refused by environments.production.deploy-on[0]
      ok     the tag `v1.4.0-stable` may bring a release here
      refuse commit bbbbbbb is not on `main`
             to do: tag or release a commit that is on `main`
      refuse the trigger names commit aaaaaaa, and the release was built from bbbbbbb
             to do: bring the release that was built from aaaaaaa
      refuse the tag names version 1.4.0, and the release is 1.3.0
             to do: bring release 1.4.0, or tag the commit with the release's version
      refuse the release has no artifact for `api`
             to do: a release never changes: create a new one that has an image for `api`
      refuse release 1.3.0 is not proven in staging
             to do: run `towpath promote staging --release 1.3.0` first
    ");
}

#[test]
fn a_push_deploys_where_its_branch_and_a_changed_path_fit() {
    let mut case = llm_proxy();
    check(&case.ask("dev", &push("main")), Verdict::Allowed, Some("environments.dev.deploy-on[0]"));
    check(&case.ask("dev", &push("feature/x")), Verdict::Ignored, None);
    case.facts.changed_paths = Some(vec!["docs/a.md".to_owned()]);
    check(&case.ask("dev", &push("main")), Verdict::Ignored, Some("environments.dev.deploy-on[0]"));
    check(&case.ask("staging", &push("main")), Verdict::Allowed, Some("environments.staging.deploy-on[0]"));
    case.facts.changed_paths = None;
    check(&case.ask("dev", &push("main")), Verdict::Allowed, Some("environments.dev.deploy-on[0]"));
}

#[test]
fn a_pull_request_never_deploys() {
    for environment in ["dev", "staging", "production"] {
        check(&llm_proxy().ask(environment, &Trigger::PullRequest { number: 7 }), Verdict::Ignored, None);
    }
}

#[test]
fn a_person_is_refused_where_no_rule_lists_people() {
    let case = llm_proxy();
    check(&case.ask("dev", &Trigger::CommandLine), Verdict::Refused, None);
    check(&case.ask("production", &Trigger::Dispatch), Verdict::Refused, None);
    check(
        &case.ask("production", &Trigger::CommandLine),
        Verdict::Allowed,
        Some("environments.production.deploy-on[1]"),
    );
}

#[test]
fn a_release_that_has_not_soaked_is_held_and_told_until_when() {
    let mut case = llm_proxy();
    case.prove("staging", proven("2026-03-02T11:50:00Z"));
    let until = time("2026-03-02T12:20:00Z");
    let rule = Some("environments.production.deploy-on[1]");
    check(&case.ask("production", &Trigger::CommandLine), Verdict::Held { until }, rule);
    case.prove("staging", proven("2026-03-02T11:30:00Z"));
    check(&case.ask("production", &Trigger::CommandLine), Verdict::Allowed, rule);
}

#[test]
fn a_release_that_was_replaced_upstream_before_it_soaked_is_refused() {
    let mut case = llm_proxy();
    let replaced = |until: &str| Proof::Superseded {
        since: time("2026-03-02T10:00:00Z"),
        until: time(until),
        promotion: "p-1".parse().unwrap(),
        by: "1.5.0".parse().unwrap(),
    };
    let rule = Some("environments.production.deploy-on[1]");
    case.prove("staging", replaced("2026-03-02T10:10:00Z"));
    check(&case.ask("production", &Trigger::CommandLine), Verdict::Refused, rule);
    case.prove("staging", replaced("2026-03-02T10:30:00Z"));
    check(&case.ask("production", &Trigger::CommandLine), Verdict::Allowed, rule);
}

#[test]
fn a_release_that_was_rolled_back_upstream_is_refused() {
    let mut case = llm_proxy();
    case.prove("staging", Proof::Withdrawn { at: time(NOW), promotion: "p-2".parse().unwrap() });
    check(
        &case.ask("production", &Trigger::CommandLine),
        Verdict::Refused,
        Some("environments.production.deploy-on[1]"),
    );
}

#[test]
fn a_stable_tag_on_another_commit_than_the_release_is_refused() {
    let case = llm_proxy();
    let moved = Trigger::Tag { tag: "v1.4.0-stable".to_owned(), commit: commit('c') };
    check(&case.ask("production", &moved), Verdict::Refused, Some("environments.production.deploy-on[0]"));
}

#[test]
fn without_a_release_the_trigger_alone_is_judged() {
    let mut case = llm_proxy();
    case.release = None;
    insta::assert_snapshot!(explain(&case.ask("dev", &push("main"))), @"
    allowed by environments.dev.deploy-on[0]
      ok     a push to `main` may bring a release here
      ok     `backend/src/main.rs` changed, which `backend/**` matches
      open   there is no release yet, so its commit, version and artifacts were not checked
             to do: create one with `towpath release create`
    ");
}

#[test]
fn a_published_release_counts_where_a_rule_says_so() {
    let published = Trigger::Published { tag: "v1.4.0".to_owned(), commit: commit('a') };
    check(&observatory().ask("production", &published), Verdict::PublishOnly, None);
    let rule = TriggerRule::Published { pattern: "v{version}".parse().unwrap(), from: None, same_commit_as: None };
    let case = Case::new(&["v{version}"], vec![rule]);
    check(&case.ask("production", &published), Verdict::Allowed, Some("environments.production.deploy-on[0]"));
    check(&case.ask("production", &tag("v1.4.0")), Verdict::PublishOnly, None);
}

#[test]
fn the_matrix_shows_every_trigger_against_every_environment() {
    insta::assert_snapshot!(matrix(&llm_proxy().application).to_text(), @"
                              dev           staging       production
    push to main              deploy-on[0]  deploy-on[0]  ignored
    push to another branch    ignored       ignored       ignored
    tag v{version}            publish only  publish only  publish only
    tag v{version}-stable     publish only  publish only  deploy-on[0]
    tag of another form       ignored       ignored       ignored
    pull request              ignored       ignored       ignored
    workflow started by hand  refused       deploy-on[1]  refused
    command line              refused       refused       deploy-on[1]

    environments.dev.deploy-on[0]: only if backend/** changed
    environments.production.deploy-on[0]: only if commit on main, and proven in staging, and served there for 30m
    environments.production.deploy-on[1]: only if proven in staging, and served there for 30m
    environments.staging.deploy-on[0]: only if proven in dev, and served there for 30m
    environments.staging.deploy-on[1]: only if proven in dev, and served there for 30m
    ");
}

#[test]
fn a_decision_is_kept_and_read_again() {
    let decision = llm_proxy().ask("production", &tag("v1.4.0-stable"));
    let text = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
    let mut case = llm_proxy();
    case.prove("staging", proven(NOW));
    let held = case.ask("production", &tag("v1.4.0-stable"));
    insta::assert_snapshot!(serde_json::to_string(&held.verdict).unwrap(), @r#"{"kind":"held","until":"2026-03-02T12:30:00Z"}"#);
}
