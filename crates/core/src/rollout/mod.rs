//! What ECS does after our `UpdateService`: observed, judged, and when to look next.

mod observation;

pub use observation::{
    Controller, Deployment, DeploymentStatus, RolloutState, ServiceDeployment, ServiceDeploymentStatus, ServiceEvent,
    ServiceKey, ServiceRevision, ServiceSnapshot, ServiceStatus, ServiceTask, Strategy, TaskContainer, Trip,
};
