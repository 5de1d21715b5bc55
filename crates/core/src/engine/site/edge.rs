//! What edges are told, and the wait until they have forgotten.
//!
//! A site is never put back because edges could not be told: its files are right, and the run can be resumed.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    identifier::{ComponentName, InvalidationId},
    ports::{CdnError, InvalidationStatus},
    promotion::{Event, Site, SitePhase},
    site::{InvalidationPath, InvalidationReference, everything, invalidation},
};

use super::super::run::{CONTACT_LOST, Halt, Run};
use super::work::{Edge, Work};

/// How long it is tried to tell the edges.
const TELLING: Duration = Duration::from_mins(10);
/// How long edges may take to forget. CloudFront says minutes.
const FORGETTING: Duration = Duration::from_mins(30);
/// How often it is looked whether they have, at first.
pub(in super::super) const LOOK_EVERY: Duration = Duration::from_secs(5);
/// And in the end: what takes long takes longer.
const LOOK_SELDOM: Duration = Duration::from_secs(30);

impl Run<'_> {
    /// Tells the edges what they must forget; nothing where they have nothing of it. `is_in_doubt` where nobody knows
    /// what a run before this one has written: then it is the whole site.
    pub(super) async fn invalidate(
        &self,
        name: &ComponentName,
        work: &Work,
        reference: &InvalidationReference,
        is_in_doubt: bool,
    ) -> Result<Option<InvalidationId>, Halt> {
        let (Some(edge), Some(id)) = (&work.edge, &self.site(name)?.distribution) else {
            return Ok(None);
        };
        let paths = paths(work, edge, is_in_doubt);
        if paths.is_empty() {
            return Ok(None);
        }
        let (cdn, began) = (&self.site_ports()?.cdn, self.world.clock.now());
        let mut pause = Duration::from_secs(2);
        loop {
            let asked = cdn.invalidate(id, reference, &paths);
            match self.bounded("cloudfront:CreateInvalidation", asked).await {
                Ok(invalidation) => return Ok(Some(invalidation.id)),
                // The run before this one has told them, in other words: how they were configured since.
                Err(CdnError::ReferenceTaken(_)) => return Ok(None),
                Err(error) if error.is_passing() && self.world.clock.now() < began + TELLING => {
                    self.trouble(format!("{name}: {error}"));
                }
                Err(error) => return Err(Halt::Suspend(untold(id.as_str(), &paths, &error))),
            }
            self.wait(pause).await?;
            pause = (pause * 2).min(Duration::from_mins(1));
        }
    }

    /// Looks whether the edges of these sites have forgotten; one event for each that has.
    pub(in super::super) async fn look_at_sites(&mut self, names: &[ComponentName]) -> Result<Vec<Event>, Halt> {
        let mut events = Vec::new();
        for name in names {
            let site = self.site_state(name)?.clone();
            let since = self.journal.last_of(name, "switched");
            if self.has_forgotten(name, &site, since).await? {
                events.push(Event::WentLive { component: name.clone() });
            }
        }
        Ok(events)
    }

    /// Watches sites until at least one of them has something to tell.
    pub(in super::super) async fn watch_sites(&mut self, names: &[ComponentName]) -> Result<Vec<Event>, Halt> {
        loop {
            self.keep_lease().await?;
            let events = self.look_at_sites(names).await?;
            if !events.is_empty() {
                return Ok(events);
            }
            let newest = names.iter().filter_map(|name| self.journal.last_of(name, "switched")).max();
            self.wait(self.next_look(newest)).await?;
        }
    }

    /// How long to wait until the next look, so long after the edges were told.
    pub(super) fn next_look(&self, since: Option<Timestamp>) -> Duration {
        let elapsed = since.map(|since| self.world.clock.now().duration_since(since));
        let elapsed = elapsed.and_then(|elapsed| Duration::try_from(elapsed).ok()).unwrap_or_default();
        (elapsed / 8).clamp(LOOK_EVERY, LOOK_SELDOM)
    }

    /// Whether the edges have forgotten what was before.
    pub(super) async fn has_forgotten(
        &self,
        name: &ComponentName,
        site: &Site,
        since: Option<Timestamp>,
    ) -> Result<bool, Halt> {
        let switch = match site.phase {
            SitePhase::SwitchedBack => site.switch_back.as_ref(),
            SitePhase::Planned
            | SitePhase::Published
            | SitePhase::Switched
            | SitePhase::Live
            | SitePhase::Proven { .. }
            | SitePhase::Failed
            | SitePhase::Untouched
            | SitePhase::RolledBack
            | SitePhase::Stuck { .. }
            | SitePhase::Superseded { .. } => site.switch.as_ref(),
        };
        let settings = self.site(name)?;
        let invalidation = switch.and_then(|switch| switch.invalidation.as_ref());
        let (Some(id), Some(invalidation), true) = (&settings.distribution, invalidation, settings.wait) else {
            return Ok(true);
        };
        let now = self.world.clock.now();
        // What went by before this run is none of its patience.
        let since = since.unwrap_or(now).max(self.began_at);
        let looked = self.site_ports()?.cdn.invalidation(id, invalidation);
        match self.bounded("cloudfront:GetInvalidation", looked).await {
            Ok(found) if found.status == InvalidationStatus::Completed => return Ok(true),
            Ok(_) => {}
            Err(error) if error.is_passing() && now < since + FORGETTING + CONTACT_LOST => {
                self.trouble(format!("{name}: {error}"));
            }
            Err(error) => return Err(Halt::Suspend(format!("{name}: {error}"))),
        }
        if now >= since + FORGETTING {
            return Err(Halt::Suspend(format!(
                "the files of {name} are live, and the invalidation {invalidation} is not over after {} minutes",
                FORGETTING.as_secs() / 60
            )));
        }
        Ok(false)
    }
}

fn paths(work: &Work, edge: &Edge, is_in_doubt: bool) -> Vec<InvalidationPath> {
    if is_in_doubt { vec![everything(&edge.view)] } else { invalidation(&work.plan, &edge.view, &work.besides()) }
}

/// What is to be done where edges could not be told.
fn untold(distribution: &str, paths: &[InvalidationPath], error: &CdnError) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("'{path}'")).collect();
    format!(
        "the files are live, and edges may still answer with what was before: {error}; resume the promotion, or run \
         aws cloudfront create-invalidation --distribution-id {distribution} --paths {}",
        paths.join(" ")
    )
}
