//! The demonstration as one document.

use std::path::PathBuf;

use serde::Serialize;
use towpath_core::{
    engine::Report,
    identifier::{EnvironmentName, Version},
    ledger::Record,
    promotion::Outcome,
};

use crate::commands::{ledger::Verified, status::Status};

/// What the demonstration came to.
#[derive(Serialize)]
pub(crate) struct Document {
    /// The promotions, in order.
    pub(super) promotions: Vec<Promotion>,
    /// What serves at the end.
    pub(super) environments: Vec<Status>,
    /// The ledgers, verified.
    pub(super) ledger: Vec<Verified>,
    #[serde(skip)]
    pub(super) history: Vec<History>,
    /// In what it differs from what it should have been.
    pub(crate) departures: Vec<String>,
    /// Where configuration and ledger are.
    pub(super) directory: PathBuf,
}

/// One promotion and its record.
#[derive(Serialize)]
pub(super) struct Promotion {
    pub(super) environment: EnvironmentName,
    pub(super) release: Option<Version>,
    pub(super) outcome: Outcome,
    pub(super) record: Option<Record>,
}

/// An environment's records.
pub(super) struct History {
    pub(super) environment: EnvironmentName,
    pub(super) records: Vec<Record>,
}

impl Promotion {
    pub(super) fn new(report: &Report) -> Self {
        Self {
            environment: report.environment.clone(),
            release: report.state.request.intent.version().cloned(),
            outcome: report.outcome,
            record: report.record.clone(),
        }
    }
}
