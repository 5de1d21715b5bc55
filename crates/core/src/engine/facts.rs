//! Effect Decide: looks up what policy needs to know, and asks it.

use std::collections::BTreeSet;

use crate::{
    identifier::{BranchName, CommitId},
    ledger::{Ledger, history},
    policy::{self, Ancestry, Decision, Facts, Proof, Question, TagStanding, Trigger, TriggerRule, Verdict},
    promotion::{Event, Intent},
};

use super::{
    run::{Halt, Run},
    scans::ScanSearch,
    signatures::SignatureSearch,
};

impl Run<'_> {
    /// Gathers the facts and lets policy decide. Neither going back to what was proven nor a drill is a release's
    /// way: the policy has nothing to say.
    pub(super) async fn decide(&self) -> Result<Vec<Event>, Halt> {
        let decision = match self.journal.promotion.request.intent {
            Intent::Restore { .. } | Intent::Drill { .. } => {
                Decision { verdict: Verdict::Allowed, rule: None, reasons: Vec::new() }
            }
            Intent::Promote { .. } => {
                let facts = self.facts().await?;
                policy::decide(&Question {
                    application: self.application,
                    environment: self.environment,
                    trigger: &self.journal.promotion.request.trigger,
                    release: self.release.as_ref(),
                    facts: &facts,
                    now: self.world.clock.now(),
                })
            }
        };
        Ok(vec![Event::Decided { decision }])
    }

    async fn facts(&self) -> Result<Facts, Halt> {
        let mut facts = Facts::default();
        if let Some(release) = &self.release {
            for branch in self.branches() {
                facts.ancestry.insert(branch.clone(), self.ancestry(&release.commit, branch).await);
            }
            for tag in self.tags() {
                let standing = self.standing(&tag).await;
                facts.tags.insert(tag, standing);
            }
            for upstream in &self.environment.after {
                let records = Ledger::new(&*self.world.store, upstream).records().await;
                let proof = match records {
                    Ok(records) => history::proof_of(&records, release),
                    Err(error) if error.is_tampered() => return Err(Halt::Broken(error.into())),
                    Err(error) => Proof::Unknown { reason: error.to_string() },
                };
                facts.proven.insert(upstream.clone(), proof);
            }
            facts.scans = self.scans().of(release).await;
            facts.signatures = self.signatures().of(release).await;
        }
        if let Trigger::Push { commit, .. } = &self.journal.promotion.request.trigger {
            facts.changed_paths = self.world.source.changed_paths(commit).await.ok();
        }
        Ok(facts)
    }

    fn scans(&self) -> ScanSearch<'_> {
        let call_deadline = self.settings.call_deadline;
        ScanSearch { world: self.world, environment: self.environment, call_deadline, interrupt: self.interrupt }
    }

    fn signatures(&self) -> SignatureSearch<'_> {
        let call_deadline = self.settings.call_deadline;
        SignatureSearch { world: self.world, environment: self.environment, call_deadline }
    }

    /// The branches that any rule of this environment asks about.
    fn branches(&self) -> BTreeSet<&BranchName> {
        let named = self.environment.deploy_on.iter().filter_map(|rule| match rule {
            TriggerRule::Push { branch, .. } => Some(branch),
            TriggerRule::Tag { from, .. } | TriggerRule::Published { from, .. } => from.as_ref(),
            TriggerRule::Dispatch | TriggerRule::CommandLine => None,
        });
        named.chain([&self.application.release.branch]).collect()
    }

    /// The tags that any rule of this environment wants on the trigger's commit.
    fn tags(&self) -> BTreeSet<String> {
        let trigger = &self.journal.promotion.request.trigger;
        self.environment.deploy_on.iter().filter_map(|rule| rule.tag_before(trigger)).collect()
    }

    /// Where a tag stands. A branch of its name does not count.
    async fn standing(&self, tag: &str) -> TagStanding {
        match self.world.source.resolve(&format!("refs/tags/{tag}")).await {
            Ok(commit) => TagStanding::At { commit },
            Err(error) => TagStanding::Unknown { reason: error.to_string() },
        }
    }

    async fn ancestry(&self, commit: &CommitId, branch: &BranchName) -> Ancestry {
        match self.world.source.is_on_branch(commit, branch).await {
            Ok(true) => Ancestry::On,
            Ok(false) => Ancestry::NotOn,
            Err(error) => Ancestry::Unknown { reason: error.to_string() },
        }
    }
}
