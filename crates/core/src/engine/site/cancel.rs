//! A run that is asked to stop, for sites: what visitors may see of the release is said, and where the way back is asked
//! for it is decided.
//!
//! Nothing of the way back is begun: it is several writes and an invalidation, and a site that is half back is worse than
//! one that is whole. The run that resumes finds it decided.

use std::collections::BTreeSet;

use crate::{
    identifier::ComponentName,
    promotion::{Site, SitePhase},
};

use super::super::run::Run;

/// A site that visitors may see something of the release of.
#[derive(Debug, Clone)]
pub(in super::super) struct Begun {
    pub(in super::super) name: ComponentName,
    site: Site,
}

impl Run<'_> {
    /// The sites of which visitors may see something that this promotion has written. A switch that was only asked for
    /// may have written some of it.
    pub(in super::super) fn begun_sites(&self, asked_for: &BTreeSet<ComponentName>) -> Vec<Begun> {
        let is_begun = |name: &ComponentName, site: &Site| {
            site.plan.is_change()
                && match site.phase {
                    SitePhase::Published => asked_for.contains(name),
                    SitePhase::Switched
                    | SitePhase::Live
                    | SitePhase::Proven { .. }
                    | SitePhase::Failed
                    | SitePhase::SwitchedBack => true,
                    SitePhase::Planned
                    | SitePhase::Untouched
                    | SitePhase::RolledBack
                    | SitePhase::Stuck { .. }
                    | SitePhase::Superseded { .. } => false,
                }
        };
        let sites = self.journal.promotion.sites.iter().filter(|(name, site)| is_begun(name, site));
        sites.map(|(name, site)| Begun { name: name.clone(), site: site.clone() }).collect()
    }
}

impl Begun {
    /// Whether it can be decided that it goes back: it has not been yet, and there is something to go back to.
    pub(in super::super) fn may_be_declined(&self) -> bool {
        self.site.plan.target.is_some() && !self.is_going_back()
    }

    fn is_going_back(&self) -> bool {
        matches!(self.site.phase, SitePhase::Failed | SitePhase::SwitchedBack)
    }

    /// What visitors may see, and who goes on with it.
    pub(in super::super) fn left(&self) -> String {
        let seen = self.seen();
        if self.is_going_back() {
            format!("{seen}, and the run that resumes goes on with the way back")
        } else {
            format!("{seen}, and the run that resumes goes on from there")
        }
    }

    /// The same where the way back is asked for.
    pub(in super::super) fn left_to_go_back(&self) -> String {
        let seen = self.seen();
        match (self.is_going_back(), &self.site.plan.target) {
            (true, _) => self.left(),
            (false, Some(_)) => {
                format!("{seen}; that takes several writes to put back, so the run that resumes does it")
            }
            (false, None) => {
                format!("{seen}; nothing is kept that it could go back to, so the run that resumes goes on from there")
            }
        }
    }

    fn seen(&self) -> String {
        let name = &self.name;
        match self.site.phase {
            SitePhase::Switched => {
                format!("{name} has the release's files, and edges may still answer with what was before")
            }
            SitePhase::Live | SitePhase::Proven { .. } => format!("{name} has the release's files"),
            SitePhase::Failed => format!("{name} may still have the release's files"),
            SitePhase::SwitchedBack => {
                format!("{name} has the files from before again, and nobody has proven that visitors get them")
            }
            SitePhase::Published
            | SitePhase::Planned
            | SitePhase::Untouched
            | SitePhase::RolledBack
            | SitePhase::Stuck { .. }
            | SitePhase::Superseded { .. } => {
                format!("{name} may have files of the release among those from before, whole pages each")
            }
        }
    }
}
