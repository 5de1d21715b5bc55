//! One attempt to bring one release into one environment: a machine per component (one kind for services, one for
//! sites), the promotion as their fold.
//!
//! Pure: it says what happened and what is asked for next. The engine does it.

mod component;
mod effect;
mod event;
mod journal;
mod outcome;
mod plan;
mod request;
mod site;
mod site_plan;
mod state;
mod transition;

pub use component::{Component, ComponentPhase, Failure, FailureKind, MissingPermission};
pub use effect::Effect;
pub use event::{ClearedBy, Event, RestoredBy};
pub use journal::{Entry, JOURNAL_SCHEMA, Journal, JournalError};
pub use outcome::Outcome;
pub use plan::{Base, Change, ComponentPlan, ConfigurationChange, Serving, Target};
pub use request::{Actor, Intent, Request, Run};
pub use site::{Site, SitePhase};
pub use site_plan::{LiveSite, SiteChange, SiteComponentPlan, SiteTarget, Switch};
pub use transition::{IllegalTransition, Phase, Promotion, Stopped};

#[cfg(test)]
mod model;
#[cfg(test)]
mod site_tests;
#[cfg(test)]
mod tests;
