//! What nobody needs any more is deleted, last of all. Trouble with that is told, and changes nothing else.

use crate::{identifier::ComponentName, promotion::Outcome, site::Deletions};

use super::super::run::Run;

impl Run<'_> {
    /// Deletes what only releases before the kept ones use, once the release is proven.
    pub(in super::super) async fn clean_sites(&mut self, outcome: Outcome) {
        if !outcome.is_proven() || self.keep_lease().await.is_err() {
            return;
        }
        let names: Vec<ComponentName> = self.sites.keys().cloned().collect();
        for name in names {
            if self.journal.promotion.sites.get(&name).is_some_and(|site| site.plan.is_change()) {
                self.clean_site(&name).await;
            }
        }
    }

    async fn clean_site(&self, name: &ComponentName) {
        let (Some(work), Ok(site), Ok(ports)) = (self.sites.get(name), self.site(name), self.site_ports()) else {
            return;
        };
        if let Deletions::Withheld { going, all, limit } = &work.plan.deletions {
            self.trouble(format!(
                "{name}: nothing was deleted: {going} of {all} files would go, and at most {limit} may; \
                 raise `largest-share` if that is right"
            ));
        }
        let objects = work.plan.deletions.objects();
        if objects.is_empty() {
            return;
        }
        match self.bounded("s3:DeleteObject", ports.bucket.delete(&site.home, objects)).await {
            Ok(deleted) if deleted.failed.is_empty() => {}
            Ok(deleted) => {
                let first = deleted.failed.first().map(ToString::to_string).unwrap_or_default();
                self.trouble(format!(
                    "{name}: {} of {} old files could not be deleted, and are tried again with the next release: {first}",
                    deleted.failed.len(),
                    objects.len()
                ));
            }
            Err(error) => self.trouble(format!("{name}: old files could not be deleted: {error}")),
        }
    }
}
