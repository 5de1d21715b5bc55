//! What ECS does after our `UpdateService`: observed, judged, and when to look next.

mod observation;
mod proof;
mod schedule;
mod watch;

pub use observation::{
    Controller, Deployment, DeploymentStatus, RolloutState, ServiceDeployment, ServiceDeploymentStatus, ServiceEvent,
    ServiceKey, ServiceRevision, ServiceSnapshot, ServiceStatus, ServiceTask, Strategy, TaskContainer, Trip,
};
pub use proof::{Claim, Proof};
pub use schedule::next_look;
pub use watch::{Look, RolloutEnd, Verdict, Waiting, Watch};

#[cfg(test)]
mod tests;
