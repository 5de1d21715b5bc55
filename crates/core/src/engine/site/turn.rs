//! Effects that are due together, where sites are among them.

use crate::{
    identifier::ComponentName,
    promotion::{Effect, Event},
};

use super::super::run::{Halt, Run};

impl Run<'_> {
    /// Services are updated side by side. Sites are switched after that, one by one: where an update is refused, no
    /// visitor sees anything of the release.
    pub(in super::super) async fn perform_several(&mut self, effects: &[Effect]) -> Result<Vec<Event>, Halt> {
        let is_switch = |effect: &&Effect| matches!(effect, Effect::Update(name) if self.is_site(name));
        let (switches, others): (Vec<&Effect>, Vec<&Effect>) = effects.iter().partition(is_switch);
        match (others.is_empty(), switches.first()) {
            (true, Some(Effect::Update(site))) => self.switch(&site.clone()).await,
            (true, _) => Err(Halt::Suspend("nothing is to be done".to_owned())),
            (false, _) => {
                let others: Vec<Effect> = others.into_iter().cloned().collect();
                self.perform_together(&others).await
            }
        }
    }

    pub(in super::super) fn is_site(&self, name: &ComponentName) -> bool {
        self.journal.promotion.sites.contains_key(name)
    }
}
