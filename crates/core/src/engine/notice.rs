//! What an engine tells while it works: consumed by people's text, machines' NDJSON and annotations alike.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{ComponentName, EnvironmentName, PromotionId, TaskArn},
    promotion::Event,
    rollout::{ServiceEvent, Waiting},
};

/// Something that somebody may want to see while it happens. Never a source of truth: journal and record are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Notice {
    /// An event was journaled.
    Happened {
        /// The promotion.
        promotion: PromotionId,
        /// Where.
        environment: EnvironmentName,
        /// The phase that the promotion is in now.
        phase: String,
        /// The event.
        event: Box<Event>,
    },
    /// A rollout was looked at.
    Looked {
        /// The component.
        component: ComponentName,
        /// Why there is no verdict yet.
        waiting: Waiting,
        /// How many tasks of the watched deployment run.
        running: u32,
        /// How many it wants.
        desired: u32,
        /// How many of its tasks failed in a row, as ECS counts.
        failed: u32,
    },
    /// ECS told people something of a service whose rollout is watched.
    Said {
        /// The component.
        component: ComponentName,
        /// What, and when.
        event: ServiceEvent,
    },
    /// A task of a rollout that is watched has ended and failed.
    TaskFailed {
        /// The component.
        component: ComponentName,
        /// The task.
        task: TaskArn,
        /// Why, in ECS's words.
        why: String,
    },
    /// A smoke check was tried.
    Tried {
        /// The component.
        component: ComponentName,
        /// The address.
        url: String,
        /// Which attempt.
        attempt: u32,
        /// What it brought, in words.
        result: String,
    },
    /// Files of a site are on their way. At most one in a second, and none where all are there within one.
    Carried {
        /// The component.
        component: ComponentName,
        /// How many files are there.
        files: u64,
        /// Of how many that are to be written now.
        of_files: u64,
        /// How many bytes were sent, or copied.
        bytes: u64,
        /// Of how many.
        of_bytes: u64,
    },
    /// A passing trouble; the run goes on.
    Trouble {
        /// What.
        message: String,
    },
}

/// Whoever wants to see notices.
pub trait Observer: Send + Sync {
    /// Takes a notice. Must be quick and must not fail.
    fn notice(&self, notice: Notice);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Notice) {}
}
