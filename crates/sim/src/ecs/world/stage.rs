//! The stages of a deployment that shifts traffic.
//!
//! Only their names and their order; what happens in them is in `scheduler::staged`.

use serde::{Deserialize, Serialize};

/// A stage of a deployment that shifts traffic, written as AWS writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Revisions of deployments that never ended are taken away first.
    ReconcileService,
    /// Nothing of the new revision runs yet.
    PreScaleUp,
    /// The new revision's tasks are started.
    ScaleUp,
    /// They run and have no traffic.
    PostScaleUp,
    /// Test traffic moves to the new revision.
    TestTrafficShift,
    /// It has moved.
    PostTestTrafficShift,
    /// Before each step of the production traffic.
    PreProductionTrafficShift,
    /// A step of the production traffic, and the pause after it.
    ProductionTrafficShift,
    /// All production traffic has moved.
    PostProductionTrafficShift,
    /// Both revisions run, in case that something comes to light.
    BakeTime,
    /// The old revision's tasks are stopped.
    CleanUp,
}

impl Stage {
    /// All of them in order.
    pub(crate) const ALL: [Self; 11] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    /// The stage of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// Whether traffic moves in it, so that nobody may pause there.
    pub(crate) fn is_shift(self) -> bool {
        matches!(self, Self::TestTrafficShift | Self::ProductionTrafficShift)
    }

    /// The stage that answers show for it: `lifecycleStage` has no value for the pause before a step.
    pub(crate) fn shown(self) -> Self {
        match self {
            Self::PreProductionTrafficShift => Self::PostTestTrafficShift,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_found_by_its_name_and_written_by_it() {
        for stage in Stage::ALL {
            assert_eq!(Stage::named(stage.as_str()), Some(stage));
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.as_str());
        }
    }
}
