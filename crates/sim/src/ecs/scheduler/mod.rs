//! What happens by itself: tasks live and die, deployments progress, fail, complete and roll back.
//!
//! Everything happens at its own due instant, in order, and only depends on the state and the images. Nothing
//! here reads a clock or answers a request.

pub(crate) mod agenda;
pub(crate) mod capacity;
pub(crate) mod launch;
pub(crate) mod loss;
pub(crate) mod rollout;
pub(crate) mod task_life;

mod bookkeeping;
mod cause;
mod completion;
mod hooks;
mod look;
mod monitors;
mod placement;
mod release;
mod rollback;
mod say;
mod staged;

pub(crate) use placement::target_port;
