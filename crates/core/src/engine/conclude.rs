//! Effect Conclude: the record is written, the journal closed, the lease given back.

use std::time::Duration;

use crate::{
    identifier::{ComponentName, TaskDefinitionArn},
    ledger::{
        ComponentRecord, Concluded, Ledger, LedgerError, RECORD_SCHEMA, Record, RecordKind, RollbackRecord, SeedStatus,
        TimelineEntry,
    },
    promotion::{Change, Component, ComponentPhase, ComponentPlan, Event, Intent, Outcome, Serving, Stopped},
};

use crate::smoke::CheckTemplate;

use super::{
    report::Report,
    run::{Halt, Run},
};

impl Run<'_> {
    /// Writes the record, then the last event, then gives the lease back.
    pub(super) async fn conclude(&mut self) -> Result<Report, Halt> {
        let outcome = self.journal.promotion.outcome();
        self.clean_sites(outcome).await;
        let reason = self.reason(outcome);
        let (record, unrecorded) = self.record(outcome, &reason).await;
        let event = Event::Concluded { outcome, record: record.as_ref().map(|record| record.sequence) };
        let settled = self.settle().await;
        // What is not told in the ledger stays open: the run that resumes it writes the record.
        let open = match unrecorded.or(settled) {
            Some(why) => Some(why),
            None => self.happened(event).await.err().map(|halt| format!("the journal could not be closed: {halt:?}")),
        };
        self.give_back(if open.is_none() { Concluded::Yes } else { Concluded::No }).await;
        Ok(self.report(outcome, reason, record, open))
    }

    /// Writes what could not be written on the way; why not, where it still cannot.
    async fn settle(&mut self) -> Option<String> {
        let attempts = 3;
        for attempt in 1..=attempts {
            match self.journal.settle(&*self.world.store).await {
                Ok(()) => return None,
                Err(error) if attempt == attempts => {
                    return Some(format!("the journal could not be written: {error}"));
                }
                Err(_) => self.world.clock.sleep(Duration::from_secs(1)).await,
            }
        }
        None
    }

    pub(super) fn report(
        &self,
        outcome: Outcome,
        reason: String,
        record: Option<Record>,
        unrecorded: Option<String>,
    ) -> Report {
        let promotion = &self.journal.promotion;
        let retry_at = match &promotion.stopped {
            Some(Stopped::Held { until, .. }) => *until,
            Some(Stopped::Decision | Stopped::Check { .. } | Stopped::Failure(_)) | None => None,
        };
        Report {
            environment: self.environment.name.clone(),
            promotion: promotion.request.id.clone(),
            outcome,
            reason,
            retry_at,
            state: promotion.clone(),
            record,
            unrecorded,
        }
    }

    /// Appends the record; what went wrong with that is returned, not hidden. A record that a run before this one
    /// wrote just before it died is found, not written again.
    pub(super) async fn record(&mut self, outcome: Outcome, reason: &str) -> (Option<Record>, Option<String>) {
        let record = self.full_record(outcome, reason);
        let mut failed = String::new();
        for _ in 0..3 {
            match self.append_once(record.clone()).await {
                Ok(record) => return (Some(record), None),
                Err(error) => {
                    failed = super::entry::EngineError::from(error).chain();
                    self.world.clock.sleep(Duration::from_secs(1)).await;
                }
            }
        }
        self.trouble(format!("the record could not be written: {failed}"));
        (None, Some(failed))
    }

    async fn append_once(&self, record: Record) -> Result<Record, LedgerError> {
        let ledger = Ledger::new(&*self.world.store, &self.environment.name);
        let last = ledger.records().await?.pop();
        match last {
            Some(last) if is_told(&last, &record) => Ok(last),
            Some(_) | None => ledger.append(record).await,
        }
    }

    pub(super) async fn append_record(&self, record: Record) -> Result<Record, LedgerError> {
        Ledger::new(&*self.world.store, &self.environment.name).append(record).await
    }

    fn full_record(&self, outcome: Outcome, reason: &str) -> Record {
        let mut record = self.blank_record(outcome, reason);
        record.components = self
            .journal
            .promotion
            .components
            .iter()
            .map(|(name, component)| (name.clone(), self.component_record(component, outcome)))
            .collect();
        record.with_sites(self.site_records(outcome))
    }

    /// A record of this promotion without components.
    pub(super) fn blank_record(&self, outcome: Outcome, reason: &str) -> Record {
        let promotion = &self.journal.promotion;
        let request = &promotion.request;
        let now = self.world.clock.now();
        let run = request.actor.run.as_ref();
        let (kind, version, commit) = match &request.intent {
            Intent::Promote { version, commit } => (RecordKind::Promotion, Some(version.clone()), Some(commit.clone())),
            Intent::Restore { version, .. } => {
                let commit = self.release.as_ref().map(|release| release.commit.clone());
                (RecordKind::Restoration, version.clone(), commit)
            }
            // A drill says nothing about the release that it spoils a copy of.
            Intent::Drill { .. } => (RecordKind::Drill, None, None),
        };
        let image = self.first_image();
        Record {
            schema: RECORD_SCHEMA,
            sequence: 0,
            previous: None,
            timestamp_utc: now,
            environment: request.environment.clone(),
            digest: image.as_ref().map(|image| image.digest().clone()),
            image_uri: image,
            status: SeedStatus::from(outcome),
            run_id: run.map(|run| run.id),
            run_attempt: run.map(|run| run.attempt),
            actor: request.actor.name.clone(),
            repo: run.map(|run| run.repository.clone()),
            workflow: run.map(|run| run.workflow.clone()),
            reference: run.map(|run| run.reference.clone()),
            sha: commit.as_ref().map(ToString::to_string).or_else(|| run.map(|run| run.sha.clone())),
            promotion: request.id.clone(),
            kind,
            app: request.app.clone(),
            outcome,
            reason: reason.to_owned(),
            version,
            commit,
            trigger: request.trigger.clone(),
            decision: promotion.decision.clone(),
            fence: promotion.fence,
            components: std::collections::BTreeMap::new(),
            sites: std::collections::BTreeMap::new(),
            timeline: self.timeline(),
            requested_at: request.requested_at,
            duration_ms: u64::try_from(now.duration_since(request.requested_at).as_millis()).unwrap_or_default(),
            tool_version: self.settings.tool_version.clone(),
        }
    }

    fn first_image(&self) -> Option<crate::identifier::ImageReference> {
        let release = self.release.as_ref().filter(|_| !self.journal.promotion.request.intent.is_drill())?;
        self.application.components.iter().find_map(|component| release.image(&component.name)).cloned()
    }

    fn timeline(&self) -> Vec<TimelineEntry> {
        let entries = self.journal.entries.iter();
        entries
            .map(|entry| TimelineEntry {
                at: entry.at,
                event: entry.happened.name().to_owned(),
                component: entry.happened.component().cloned(),
            })
            .collect()
    }

    fn component_record(&self, component: &Component, outcome: Outcome) -> ComponentRecord {
        let plan = &component.plan;
        ComponentRecord {
            service: plan.service.clone(),
            image: plan.image.clone(),
            copied_from: component.published.and(plan.publish_from.clone()),
            before: plan.before.clone(),
            after: component.revision.clone(),
            reused: component.reused,
            difference: match &plan.change {
                Change::Register { difference, .. } => difference.clone(),
                Change::Nothing | Change::Use { .. } => Vec::new(),
            },
            rollout: component.rollout.clone(),
            smoke: component.smoke.clone(),
            smoke_before_traffic: component.smoke_before_traffic.clone(),
            failure: component.failure.clone(),
            diagnosis: component.diagnosis.clone(),
            rollback: rollback_record(component),
            serves: self.serves(component, outcome),
            notes: plan.notes.clone(),
        }
    }

    /// What serves, only where it is proven.
    fn serves(&self, component: &Component, outcome: Outcome) -> Option<Serving> {
        match &component.phase {
            ComponentPhase::Proven { tasks } if *tasks > 0 && outcome.is_proven() => {
                let before = component.plan.before.as_ref().map(|before| &before.task_definition);
                Some(Serving {
                    task_definition: component.revision.as_ref().or(before)?.clone(),
                    digest: component.plan.image.as_ref().map(|image| image.digest().clone()),
                    version: self.journal.promotion.request.intent.version().cloned(),
                })
            }
            ComponentPhase::RolledBack { .. } => component.goes_back_to(),
            ComponentPhase::Proven { .. }
            | ComponentPhase::Planned
            | ComponentPhase::Registered
            | ComponentPhase::RollingOut
            | ComponentPhase::Paused { .. }
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
            | ComponentPhase::Failed
            | ComponentPhase::Untouched
            | ComponentPhase::RollingBack { .. }
            | ComponentPhase::Stuck { .. }
            | ComponentPhase::Superseded { .. } => None,
        }
    }

    /// Why it ended so, in one sentence for people.
    fn reason(&self, outcome: Outcome) -> String {
        let promotion = &self.journal.promotion;
        if let Some(stopped) = &promotion.stopped {
            return match stopped {
                Stopped::Held { why, .. } => why.clone(),
                Stopped::Check { findings } => findings.join("; "),
                Stopped::Failure(failure) => failure.message.clone(),
                Stopped::Decision => promotion.decision.as_ref().map_or_else(String::new, |decision| {
                    let reasons: Vec<String> = decision.reasons.iter().map(ToString::to_string).collect();
                    reasons.join("; ")
                }),
            };
        }
        let components = promotion.components.iter();
        let services = components.filter_map(|(name, component)| trouble_of(name, component));
        let sites = promotion.sites.iter().filter_map(|(name, site)| super::site::trouble_of(name, site));
        let failures: Vec<String> = services.chain(sites).collect();
        if !failures.is_empty() {
            return failures.join("; ");
        }
        match outcome {
            Outcome::Succeeded => format!("rolled out, {}; {}", self.proof_words(), self.smoke_words()),
            Outcome::Unchanged => format!("it served already; {}; {}", self.proof_words(), self.smoke_words()),
            Outcome::Unverified => super::site::unverified(promotion),
            Outcome::Refused
            | Outcome::Ignored
            | Outcome::Held
            | Outcome::Errored
            | Outcome::Unauthorized
            | Outcome::RolledBack
            | Outcome::Stuck
            | Outcome::Inconclusive
            | Outcome::Interrupted
            | Outcome::Superseded
            | Outcome::Adopted => outcome.name().to_owned(),
        }
    }
}

impl Run<'_> {
    /// What shows that the release serves.
    fn proof_words(&self) -> &'static str {
        let promotion = &self.journal.promotion;
        match (promotion.components.is_empty(), promotion.sites.is_empty()) {
            (_, true) => "every running task proven by digest",
            (true, false) => "what visitors get proven by hash",
            (false, false) => "every running task proven by digest, and what visitors get by hash",
        }
    }

    /// What was smoked, for people: checks that do not exist have not passed.
    fn smoke_words(&self) -> String {
        let promotion = &self.journal.promotion;
        let services = promotion.components.values().map(|component| component.smoke.len());
        let checks: usize = services.chain(promotion.sites.values().map(|site| site.smoke.len())).sum();
        let words = match checks {
            0 => "no smoke check is configured".to_owned(),
            1 => "the smoke check passed".to_owned(),
            several => format!("{several} smoke checks passed"),
        };
        let services = self.environment.services.values();
        let asks_for_version = services.flat_map(|service| &service.smoke).any(CheckTemplate::names_release);
        if asks_for_version { words } else { format!("{words}; no smoke check asks for the version") }
    }
}

fn trouble_of(name: &ComponentName, component: &Component) -> Option<String> {
    let failure = component.failure.as_ref().map(|failure| failure.message.clone());
    match &component.phase {
        ComponentPhase::Stuck { why } => Some(format!(
            "{name}: {}",
            [failure, Some(why.clone())].into_iter().flatten().collect::<Vec<_>>().join("; ")
        )),
        ComponentPhase::Superseded { by } => Some(format!("{name}: {}", replaced_by(component, by.as_ref()))),
        ComponentPhase::Planned
        | ComponentPhase::Registered
        | ComponentPhase::RollingOut
        | ComponentPhase::Paused { .. }
        | ComponentPhase::Cleared { .. }
        | ComponentPhase::RolledOut { .. }
        | ComponentPhase::Proven { .. }
        | ComponentPhase::Failed
        | ComponentPhase::Untouched
        | ComponentPhase::RollingBack { .. }
        | ComponentPhase::RolledBack { .. } => failure.map(|failure| format!("{name}: {failure}")),
    }
}

/// By what a component was replaced. Our own revision under a deployment of somebody else is not ours to claim.
fn replaced_by(component: &Component, by: Option<&TaskDefinitionArn>) -> String {
    match by {
        Some(by) if component.revision.as_ref() == Some(by) => format!(
            "replaced by another deployment of the same revision {}: it brings this release, but it was not proven here",
            by.short()
        ),
        Some(by) => format!("replaced by {}", by.short()),
        None => "replaced by somebody's deployment".to_owned(),
    }
}

fn rollback_record(component: &Component) -> Option<RollbackRecord> {
    let (by, stuck) = match &component.phase {
        ComponentPhase::RolledBack { by } | ComponentPhase::RollingBack { by, .. } => (Some(*by), None),
        ComponentPhase::Stuck { why } => (None, Some(why.clone())),
        ComponentPhase::Planned
        | ComponentPhase::Registered
        | ComponentPhase::RollingOut
        | ComponentPhase::Paused { .. }
        | ComponentPhase::Cleared { .. }
        | ComponentPhase::RolledOut { .. }
        | ComponentPhase::Proven { .. }
        | ComponentPhase::Failed
        | ComponentPhase::Untouched
        | ComponentPhase::Superseded { .. } => return None,
    };
    Some(RollbackRecord {
        target: component.plan.target.clone(),
        by,
        smoke: component.smoke_after_rollback.clone(),
        stuck,
        diagnosis: component.diagnosis_of_rollback.clone(),
    })
}

/// Whether the record was written before: by a run that died just then, or by a call whose answer was lost.
fn is_told(last: &Record, record: &Record) -> bool {
    let is_same = last.promotion == record.promotion && last.outcome == record.outcome;
    is_same && (record.outcome.is_final() || last.timestamp_utc == record.timestamp_utc)
}

/// The record of a component whose serving state is taken as the baseline.
pub(super) fn adoption(plan: &ComponentPlan) -> ComponentRecord {
    ComponentRecord {
        service: plan.service.clone(),
        image: None,
        copied_from: None,
        before: plan.before.clone(),
        after: None,
        reused: true,
        difference: Vec::new(),
        rollout: None,
        smoke: Vec::new(),
        smoke_before_traffic: Vec::new(),
        failure: None,
        diagnosis: None,
        rollback: None,
        serves: plan.target.as_ref().map(|target| target.serving.clone()),
        notes: plan.notes.clone(),
    }
}
