//! What publishing a site amounts to: what to write in which order, what may go afterwards. It changes nothing itself.
//!
//! Going back is publishing an earlier manifest, planned by the same function.

mod before;

mod wave;

mod publish;

mod deletions;

mod summary;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests_support;

pub use before::{Before, Belief, Extent, Found, Past};
pub use deletions::{Deletions, ShareLimit};
pub use publish::{Aside, Keep, Kept, PlanRefusal, PublishSettings, SitePlan, keeps_large_files, plan, settled};
pub use summary::PlanSummary;
pub use wave::{Change, Wave, WaveKind, Write};
