//! Building images: what to build, under which names, and what to think of what was built.
//!
//! It runs nothing: the [`Builder`](crate::ports::Builder) port does, and the engine brings both together.

mod platform;
mod rules;
mod tag;

mod checkout;
mod label;
mod plan;

mod content;
mod layout;

mod gate;

#[cfg(test)]
mod tests;

pub use checkout::{Checkout, SourceAddress};
pub use content::{Content, ContentError, Descriptor, Kind};
pub use gate::{Admission, GateName, PublishVerdict, Ruling, admit};
pub use layout::read as read_layout;
pub use plan::{BuildPlan, ComponentBuild, PlanError, PlanProblem};
pub use rules::{ArgumentTemplate, Attest, BuildRules, Recipe, Tool};
pub use tag::{ImageTagPattern, TagWord};
