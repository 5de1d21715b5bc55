//! What ECS does after our `UpdateService`: observed, judged, and when to look next.

mod budget;
mod configuration;
mod diagnosis;
mod evidence;
mod observation;
mod pause;
mod proof;
mod schedule;
mod watch;

pub use budget::{GiveUp, Tally};
pub use configuration::DeploymentConfiguration;
pub use diagnosis::{
    Cause, CauseKind, Diagnosis, Evidence, Facts, SeenTask, diagnose, diagnosis_markdown, exit_code_in_words, recognise,
};
pub use evidence::{Alarm, AlarmState, LogLine, StoppedContainer, StoppedTask, TargetHealth};
pub use observation::{
    CircuitBreaker, Controller, Deployment, DeploymentStatus, RolloutState, ServiceDeployment, ServiceDeploymentStatus,
    ServiceEvent, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceStatus, ServiceTask, Strategy, TaskContainer,
    Trip,
};
pub use pause::{Pause, PauseWord, TrafficWeights};
pub use proof::{Claim, Others, Proof};
pub use schedule::{Foresight, among_many, jittered, next_look};
pub use watch::{Listing, Look, RolloutEnd, Verdict, Waiting, Watch};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
