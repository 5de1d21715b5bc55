//! The end of a promotion, for machines. Members are only added, never changed in meaning.

use jiff::Timestamp;
use serde::Serialize;
use towpath_core::{
    engine::Report,
    identifier::{EnvironmentName, PromotionId, Version},
    ledger::Record,
    promotion::Outcome,
};

use crate::{Exit, hint};

use super::{
    account::{Account, accounts},
    drill::{Drill, drill},
};

/// How a promotion ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Ending {
    /// Where.
    pub(crate) environment: EnvironmentName,
    /// The version that was to serve, where it is known.
    pub(crate) release: Option<Version>,
    /// The promotion.
    pub(crate) promotion: PromotionId,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The exit code.
    pub(crate) exit_code: u8,
    /// Why, for people.
    pub(crate) reason: String,
    /// When to try again, where it was held.
    pub(crate) retry_at: Option<Timestamp>,
    /// What a drill has shown, where it was one.
    pub(crate) drill: Option<Drill>,
    /// What serves, what was changed, and why it went badly.
    pub(crate) components: Vec<Account>,
    /// What to do next, for people.
    pub(crate) next: String,
    /// Why the record could not be written, where it could not.
    pub(crate) unrecorded: Option<String>,
    /// The record.
    pub(crate) record: Option<Record>,
}

/// The document.
pub(crate) fn document(report: &Report) -> Ending {
    Ending {
        environment: report.environment.clone(),
        release: report.state.request.intent.version().cloned(),
        promotion: report.promotion.clone(),
        outcome: report.outcome,
        exit_code: Exit::of_report(report).code(),
        reason: report.reason.clone(),
        retry_at: report.retry_at,
        drill: drill(report),
        components: accounts(report),
        next: hint::after(report),
        unrecorded: report.unrecorded.clone(),
        record: report.record.clone(),
    }
}
