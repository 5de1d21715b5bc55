//! What publishing a manifest would amount to now: read, planned and told. It changes nothing and takes no lease.

use serde::Serialize;

use crate::{
    identifier::ComponentName,
    promotion::LiveSite,
    site::{InvalidationPath, Manifest, PlanSummary, SiteLint, SitePlan, SiteRules, invalidation},
};

use super::super::{
    entry::{Engine, EngineError, PromoteRequest},
    run::{Halt, Run},
};
use super::{check::live, trouble::Trouble, work::Wanted};

/// What publishing a manifest would amount to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use = "a plan changes nothing by itself"]
pub struct SiteOutlook {
    /// What is live by the marker's word.
    pub live: Option<LiveSite>,
    /// The plan in numbers.
    pub summary: PlanSummary,
    /// The plan.
    pub plan: SitePlan,
    /// What edges would be asked to forget; nothing where there is no distribution.
    pub forgotten: Vec<InvalidationPath>,
    /// What is allowed and likely wrong.
    pub lints: Vec<String>,
}

impl Engine<'_> {
    /// What publishing this manifest would amount to now; what forbids it, in words. The manifest need not be kept.
    ///
    /// # Errors
    /// When the store cannot be used, or AWS cannot be asked.
    pub async fn plan_site(
        &self,
        component: &ComponentName,
        manifest: &Manifest,
        asked: PromoteRequest,
    ) -> Result<Result<SiteOutlook, String>, EngineError> {
        let world = self.forgetful();
        let engine = Engine { world: &world, ..*self };
        let run = engine.observation(asked.clone()).await?;
        run.outlook(component, manifest).await.map_err(|halt| self.unplanned(halt, &asked))
    }
}

impl Run<'_> {
    async fn outlook(&self, name: &ComponentName, manifest: &Manifest) -> Result<Result<SiteOutlook, String>, Halt> {
        let settings = self.site(name)?.settings.clone();
        let work = async {
            let begun = self.begun(name, None).await?;
            let wanted = Wanted { manifest: manifest.digest(), begun, settings, runtime: None, is_back: false };
            self.work_from(name, std::sync::Arc::new(manifest.clone()), wanted).await
        };
        let work = match work.await {
            Ok(work) => work,
            Err(Trouble::Finding(why) | Trouble::Ledger(why)) => return Ok(Err(why)),
            Err(Trouble::Call(error)) => return Ok(Err(error.to_string())),
        };
        let edge = work.edge.as_ref();
        Ok(Ok(SiteOutlook {
            live: work.marker.as_ref().map(live),
            summary: PlanSummary::of(&work.plan, manifest),
            forgotten: edge.map(|edge| invalidation(&work.plan, &edge.view, &[])).unwrap_or_default(),
            plan: work.plan,
            lints: SiteRules::lint(manifest).iter().map(SiteLint::to_string).collect(),
        }))
    }
}
