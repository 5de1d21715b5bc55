//! What a run of the engine comes back with.

use crate::{
    identifier::{EnvironmentName, PromotionId},
    ledger::Record,
    promotion::{Outcome, Promotion},
};

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a run whose report is not read may have failed"]
pub struct Report {
    /// The environment.
    pub environment: EnvironmentName,
    /// The promotion.
    pub promotion: PromotionId,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: String,
    /// When to try again, where it was held.
    pub retry_at: Option<jiff::Timestamp>,
    /// The promotion as its events made it.
    pub state: Promotion,
    /// Its record, where one could be written.
    pub record: Option<Record>,
    /// What could not be written, where something could not: the ledger is behind the truth.
    pub unrecorded: Option<String>,
}
