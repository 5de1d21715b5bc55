//! Whether and how a component is put back: decided from what serves now, never from arithmetic on revisions.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{DeploymentId, TaskDefinitionArn},
    promotion::ComponentPlan,
    rollout::{Deployment, RolloutState, ServiceSnapshot},
};

/// What to do about a component whose release is bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "kebab-case", deny_unknown_fields)]
#[must_use = "a bad release keeps serving while nobody acts on the decision"]
pub enum RollbackDecision {
    /// ECS is putting the target back, or has: send nothing, watch this deployment.
    LeaveToEcs {
        /// The deployment that brings the target back.
        deployment: DeploymentId,
    },
    /// Set the service to the target.
    Update {
        /// The target's revision.
        task_definition: TaskDefinitionArn,
    },
    /// Somebody else deployed over the bad release: theirs must not be undone.
    Superseded {
        /// What they deployed.
        by: TaskDefinitionArn,
    },
    /// ECS says it is rolling back, but what it shows is still the bad release: look again.
    LookAgain,
    /// There is no way back.
    Impossible {
        /// Why.
        why: String,
    },
}

/// Whether ECS has said that it rolls our deployment back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcsRollback {
    /// It has.
    Announced,
    /// It has not.
    NotAnnounced,
}

/// Decides how to put a component back.
///
/// `ours` is our deployment of the bad release; `service` what ECS shows now.
pub fn decide(
    plan: &ComponentPlan,
    ours: &DeploymentId,
    service: Option<&ServiceSnapshot>,
    announced: EcsRollback,
) -> RollbackDecision {
    let Some(target) = &plan.target else {
        return RollbackDecision::Impossible {
            why: "no other release was ever proven here, so there is nothing to go back to".to_owned(),
        };
    };
    let Some(service) = service else {
        return RollbackDecision::Impossible { why: format!("the service {} no longer exists", plan.service) };
    };
    let wanted = &target.serving.task_definition;
    let Some(primary) = service.primary() else {
        return RollbackDecision::Update { task_definition: wanted.clone() };
    };
    match announced {
        _ if primary.id != *ours && primary.task_definition == *wanted => {
            RollbackDecision::LeaveToEcs { deployment: primary.id.clone() }
        }
        EcsRollback::Announced if primary.id == *ours && primary.rollout != Some(RolloutState::Failed) => {
            RollbackDecision::LookAgain
        }
        // ECS went back to something else than what was proven: its last COMPLETED revision is not our target.
        EcsRollback::Announced if primary.id == *ours || is_ecs_choice(plan, primary) => {
            RollbackDecision::Update { task_definition: wanted.clone() }
        }
        EcsRollback::NotAnnounced if primary.id == *ours => {
            RollbackDecision::Update { task_definition: wanted.clone() }
        }
        EcsRollback::Announced | EcsRollback::NotAnnounced => {
            RollbackDecision::Superseded { by: primary.task_definition.clone() }
        }
    }
}

/// Whether ECS chose this primary when it rolled back: it says so, or it is what served before. Anything else was
/// deployed by somebody meanwhile.
fn is_ecs_choice(plan: &ComponentPlan, primary: &Deployment) -> bool {
    let says_so = primary.reason.as_deref().is_some_and(|reason| reason.contains("rolling back to deploymentId"));
    says_so || plan.before.as_ref().is_some_and(|before| before.task_definition == primary.task_definition)
}
