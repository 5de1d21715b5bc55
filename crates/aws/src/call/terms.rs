//! What all calls of one environment have in common.

use crate::{Patience, budget::Allowance};

/// The terms on which an environment's calls are made.
#[derive(Clone)]
pub(crate) struct Terms {
    /// How long to wait and how often to try.
    pub(crate) patience: Patience,
    /// What they wait for before they go out.
    pub(crate) allowance: Allowance,
}

impl Terms {
    /// Terms for calls that nobody counts.
    pub(crate) fn uncounted(patience: Patience) -> Self {
        Self { patience, allowance: Allowance::free() }
    }
}
