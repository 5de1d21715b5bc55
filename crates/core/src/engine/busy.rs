//! Somebody's rollout that is under way: waited for, refused, or deployed over, as the configuration says.
//!
//! One whose tasks end again and again is deployed over even where rollouts are waited for: the fix must get through.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join;

use crate::{
    config::{Service, WhenBusy},
    identifier::ComponentName,
    promotion::Intent,
    rollout::{Deployment, GiveUp, ServiceSnapshot, Tally},
};

use super::{
    check::{Findings, key},
    preflight::is_busy,
    run::{Halt, Run},
};

/// How long to wait between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What was found out about a service that was busy.
enum Busy {
    Free,
    Still,
    /// Its rollout fails.
    Failing(GiveUp),
}

impl Run<'_> {
    /// What a rollout that is under way means for the promotion.
    pub(super) fn judge_busy(
        &self,
        name: &ComponentName,
        service: &Service,
        primary: &Deployment,
        findings: &mut Findings,
    ) {
        let short = primary.task_definition.short();
        let place = key(service);
        // Whoever goes back to what was proven is in a hurry, and knows that something is wrong.
        let is_restoration = matches!(self.journal.promotion.request.intent, Intent::Restore { .. });
        match service.when_busy {
            _ if self.taken_over.contains_key(name) => {}
            WhenBusy::TakeOver | WhenBusy::Wait if is_restoration || service.when_busy == WhenBusy::TakeOver => {
                let note = format!("the rollout of {short} that is under way in {place} is deployed over");
                findings.taken_over.insert(name.clone(), note);
            }
            WhenBusy::Refuse => findings.add(format!(
                "{name}: a rollout of {short} is under way in {place}; wait until it is over, or set `when-busy`"
            )),
            WhenBusy::Wait | WhenBusy::TakeOver => findings.busy.push(name.clone()),
        }
    }

    fn take_over(&mut self, name: &ComponentName, note: String) {
        self.trouble(format!("{name}: {note}"));
        self.taken_over.insert(name.clone(), note);
    }

    /// Waits until these services are free, or their rollouts fail; what forbids the promotion where that takes too long.
    pub(super) async fn wait_until_free(&mut self, names: &[ComponentName]) -> Result<Option<Vec<String>>, Halt> {
        let began = self.world.clock.now();
        let mut last_contact = began;
        let mut tallies: BTreeMap<ComponentName, Tally> = BTreeMap::new();
        loop {
            let mut waited_for = Vec::new();
            for name in names {
                let tally = tallies.entry(name.clone()).or_default();
                match self.look_at_busy(name, tally).await {
                    Ok(Busy::Free) => {}
                    Ok(Busy::Failing(why)) => {
                        self.take_over(
                            name,
                            format!("the rollout that is under way fails ({why}), so it is deployed over"),
                        );
                    }
                    Ok(Busy::Still) => waited_for.push(name.clone()),
                    Err(error) => {
                        self.endure(&error, last_contact)?;
                        waited_for.push(name.clone());
                        continue;
                    }
                }
                last_contact = self.world.clock.now();
            }
            if waited_for.is_empty() {
                return Ok(None);
            }
            let mut late = Vec::new();
            for name in &waited_for {
                let patience = self.service(name)?.busy_timeout;
                if self.world.clock.now() >= began + patience {
                    late.push(format!(
                        "{name}: a rollout is still under way in {} after {} seconds; wait until it is over, or set `when-busy`",
                        key(self.service(name)?),
                        patience.as_secs()
                    ));
                }
            }
            if !late.is_empty() {
                return Ok(Some(late));
            }
            if self.lease.is_some() {
                self.keep_lease().await?;
            }
            self.trouble(format!("waiting for the rollout that is under way in {}", joined(&waited_for)));
            self.wait(self.jittered(LOOK_EVERY)).await?;
        }
    }

    async fn look_at_busy(&self, name: &ComponentName, tally: &mut Tally) -> Result<Busy, crate::ports::CallError> {
        let Some(service) = self.environment.services.get(name) else {
            return Ok(Busy::Free);
        };
        let place = [key(service)];
        let described = self.read("ecs:DescribeServices", self.world.services.describe(&place));
        let ended = self.read("ecs:DescribeTasks", self.world.services.stopped_tasks(&place[0]));
        let (described, ended) = join(described, ended).await;
        let snapshot: Option<ServiceSnapshot> = described?.pop().flatten();
        let Some((snapshot, primary)) =
            snapshot.and_then(|snapshot| snapshot.primary().cloned().map(|primary| (snapshot, primary)))
        else {
            return Ok(Busy::Free);
        };
        if !is_busy(&snapshot, &primary) {
            return Ok(Busy::Free);
        }
        // Who may not ask for tasks does not know that they fail.
        tally.count(&primary.id, &ended.unwrap_or_default());
        Ok(tally.judge(self.world.clock.now(), &snapshot, &primary).map_or(Busy::Still, Busy::Failing))
    }
}

fn joined(names: &[ComponentName]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
