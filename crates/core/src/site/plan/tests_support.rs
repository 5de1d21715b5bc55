//! Plans for tests elsewhere.

use crate::site::{FileClass, fixtures::manifest};

use super::{Before, Extent, Past, PublishSettings, SitePlan, plan};

/// A plan that writes nothing.
pub(in crate::site) fn nothing_to_do() -> SitePlan {
    let live = manifest(&[("index.html", FileClass::Entry, 1)]);
    let before = Before { history: vec![Past { manifest: &live, extent: Extent::Whole }], ..Before::default() };
    plan(&live, &before, &PublishSettings::default()).unwrap()
}
