//! What the tests of policy build on: an application with three environments, and short ways to ask.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    build::BuildRules,
    config::{
        Application, Component, Environment, LedgerLocation, OnCancel, OnPause, OnTimeout, ReleaseRules, Service,
        WhenBusy,
    },
    identifier::CommitId,
    policy::{Ancestry, Decision, Facts, Proof, Question, Trigger, TriggerRule, decide},
    release::{Artifact, RELEASE_SCHEMA, Release},
    scan::Scanners,
};

pub(super) const NOW: &str = "2026-03-02T12:00:00Z";

/// Asks about one release, and remembers nothing.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) application: Application,
    pub(super) release: Option<Release>,
    pub(super) facts: Facts,
}

impl Case {
    /// dev after nothing, staging after dev, production after staging; `tags` and production's rules as given.
    pub(super) fn new(tags: &[&str], production: Vec<TriggerRule>) -> Self {
        let dev =
            vec![TriggerRule::Push { branch: "main".parse().unwrap(), paths: vec!["backend/**".parse().unwrap()] }];
        let staging =
            vec![TriggerRule::Push { branch: "main".parse().unwrap(), paths: Vec::new() }, TriggerRule::Dispatch];
        let environments = vec![
            environment("dev", &[], dev),
            environment("staging", &["dev"], staging),
            environment("production", &["staging"], production),
        ];
        Self { application: application(tags, environments), release: Some(release("1.4.0", 'a')), facts: facts() }
    }

    pub(super) fn ask(&self, environment: &str, trigger: &Trigger) -> Decision {
        decide(&Question {
            application: &self.application,
            environment: self.application.environment(&environment.parse().unwrap()).unwrap(),
            trigger,
            release: self.release.as_ref(),
            facts: &self.facts,
            now: time(NOW),
        })
    }

    pub(super) fn prove(&mut self, environment: &str, proof: Proof) {
        self.facts.proven.insert(environment.parse().unwrap(), proof);
    }

    pub(super) fn ancestry(&mut self, branch: &str, ancestry: Ancestry) {
        self.facts.ancestry.insert(branch.parse().unwrap(), ancestry);
    }
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn commit(letter: char) -> CommitId {
    letter.to_string().repeat(40).parse().unwrap()
}

pub(super) fn tag(tag: &str) -> Trigger {
    Trigger::Tag { tag: tag.to_owned(), commit: commit('a') }
}

pub(super) fn push(branch: &str) -> Trigger {
    Trigger::Push { branch: branch.parse().unwrap(), commit: commit('a') }
}

pub(super) fn tag_rule(pattern: &str) -> TriggerRule {
    TriggerRule::Tag { pattern: pattern.parse().unwrap(), from: Some("main".parse().unwrap()), same_commit_as: None }
}

pub(super) fn proven(since: &str) -> Proof {
    Proof::Proven { since: time(since), promotion: "p-1".parse().unwrap() }
}

/// The good case: on main, everything changed, proven everywhere for a day.
fn facts() -> Facts {
    let proof = proven("2026-03-01T12:00:00Z");
    Facts {
        ancestry: BTreeMap::from([("main".parse().unwrap(), Ancestry::On)]),
        changed_paths: Some(vec!["backend/src/main.rs".to_owned()]),
        scans: BTreeMap::new(),
        signatures: BTreeMap::new(),
        tags: BTreeMap::new(),
        proven: BTreeMap::from([("dev".parse().unwrap(), proof.clone()), ("staging".parse().unwrap(), proof)]),
    }
}

fn application(tags: &[&str], environments: Vec<Environment>) -> Application {
    Application {
        app: "shop".parse().unwrap(),
        ledger: LedgerLocation::Directory(".towpath".to_owned()),
        release: ReleaseRules {
            branch: "main".parse().unwrap(),
            tags: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
        },
        build: BuildRules {
            tool: None,
            account: "111111111111".parse().unwrap(),
            region: "us-west-2".parse().unwrap(),
            role: None,
            pull_from: Vec::new(),
            attest: Vec::new(),
            parallel: 1,
            timeout: Duration::from_mins(1),
            scan: None,
        },
        scanners: Scanners { trivy: None, grype: None, timeout: Duration::from_mins(1) },
        environments,
        components: vec![Component {
            name: "api".parse().unwrap(),
            site: None,
            image_repository: None,
            build: None,
            needs: Vec::new(),
        }],
    }
}

fn environment(name: &str, after: &[&str], deploy_on: Vec<TriggerRule>) -> Environment {
    Environment {
        name: name.parse().unwrap(),
        account: "111111111111".parse().unwrap(),
        region: "us-west-2".parse().unwrap(),
        role: None,
        after: after.iter().map(|upstream| upstream.parse().unwrap()).collect(),
        soak: if after.is_empty() { Duration::ZERO } else { Duration::from_mins(30) },
        deploy_on,
        on_cancel: OnCancel::Leave,
        drill: false,
        keep_images: true,
        scan: None,
        signed: None,
        services: BTreeMap::from([("api".parse().unwrap(), service(name))]),
        sites: BTreeMap::new(),
    }
}

fn service(environment: &str) -> Service {
    Service {
        cluster: format!("shop-{environment}").parse().unwrap(),
        service: "api".parse().unwrap(),
        container: "api".parse().unwrap(),
        task_definition: None,
        placeholders: BTreeMap::new(),
        variables: BTreeMap::new(),
        repository: None,
        rollout_timeout: None,
        on_timeout: OnTimeout::Leave,
        when_busy: WhenBusy::Wait,
        busy_timeout: Duration::from_mins(10),
        on_pause: OnPause::Leave,
        deployment: serde_json::Map::new(),
        allow_empty: false,
        smoke: Vec::new(),
        smoke_before_traffic: Vec::new(),
    }
}

pub(super) fn release(version: &str, letter: char) -> Release {
    let image = format!("localhost:5000/shop-api@sha256:{}", "0".repeat(64));
    Release {
        schema: RELEASE_SCHEMA,
        app: "shop".parse().unwrap(),
        version: version.parse().unwrap(),
        commit: commit(letter),
        artifacts: BTreeMap::from([("api".parse().unwrap(), Artifact::Image(image.parse().unwrap()))]),
        created_at: time(NOW),
        created_by: "ci".to_owned(),
        attestations: BTreeMap::new(),
    }
}
