//! A lack of capacity: there are no instances, so a script says when nothing can be placed.
//!
//! The wording is AWS's, from its page of service event messages.

use serde::{Deserialize, Serialize};

/// A time in which tasks cannot be placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shortage {
    /// What there is too little of.
    pub kind: ShortageKind,
    /// The service; without it any, and `RunTask` too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// When it begins, in seconds after the deployment's creation; at once for `RunTask`.
    #[serde(default)]
    pub after: f64,
    /// How long it lasts, in seconds; without it for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<f64>,
    /// As many tasks of the deployment, or of the call, can be placed all the same.
    #[serde(default)]
    pub room: u32,
}

/// What there is too little of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShortageKind {
    /// CPU units of container instances.
    Cpu,
    /// Memory of container instances.
    Memory,
    /// A host port that is free.
    Port,
    /// An agent that is connected.
    Agent,
    /// An instance with the attributes that are needed.
    Attribute,
    /// Container instances.
    Instances,
    /// Container instances of a capacity provider.
    CapacityProvider,
    /// Fargate capacity.
    Fargate,
    /// The quota of tasks that run at once.
    Tasks,
    /// The quota of virtual CPUs.
    Vcpus,
    /// The quota of tasks that wait to be provisioned.
    ProvisioningLimit,
    /// ECS's own patience.
    Throttled,
    /// Something inside AWS.
    Internal,
    /// Capacity that a capacity provider is still making: tasks wait as PROVISIONING, and no event tells of it.
    Provisioning,
}

impl ShortageKind {
    /// The event of a service whose task cannot be placed; none where tasks wait in silence.
    pub(crate) fn event(self) -> Option<&'static str> {
        Some(match self {
            Self::Cpu => {
                "was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) has insufficient CPU units available."
            }
            Self::Memory => {
                "was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) has insufficient memory available."
            }
            Self::Port => {
                "was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) is already using a port required by your task."
            }
            Self::Agent => {
                "was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) encountered error \"AGENT\"."
            }
            Self::Attribute => {
                "was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) is missing an attribute required by your task."
            }
            Self::Instances => {
                "was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster."
            }
            Self::CapacityProvider => {
                "was unable to reach steady state. Reason: No Container Instances were found in your capacity provider."
            }
            Self::Fargate => {
                "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone."
            }
            Self::Tasks => {
                "was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently."
            }
            Self::Vcpus => {
                "was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently."
            }
            Self::ProvisioningLimit => {
                "was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded."
            }
            Self::Throttled => "operations are being throttled. Will try again later.",
            Self::Internal => "was unable to place a task. Reason: Internal error.",
            Self::Provisioning => return None,
        })
    }

    /// The reason of a failure of `RunTask`; none where its tasks wait.
    pub(crate) fn failure(self) -> Option<&'static str> {
        Some(match self {
            Self::Cpu => "RESOURCE:CPU",
            Self::Memory => "RESOURCE:MEMORY",
            Self::Port => "RESOURCE:PORTS",
            Self::Agent => "AGENT",
            Self::Attribute => "ATTRIBUTE",
            Self::Instances => "No Container Instances were found in your cluster.",
            Self::Fargate => {
                "Capacity is unavailable at this time. Please try again later or in a different availability zone"
            }
            Self::Tasks => "You've reached the limit on the number of tasks you can run concurrently",
            Self::Vcpus => "You've reached the limit on the number of vCPUs you can run concurrently",
            Self::Throttled | Self::Internal => "Internal error",
            Self::CapacityProvider | Self::ProvisioningLimit | Self::Provisioning => return None,
        })
    }
}
