//! What a promotion asks to be done next. The engine does it and feeds back an event.

use crate::identifier::ComponentName;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[must_use = "an effect that is dropped leaves the promotion standing still"]
pub enum Effect {
    /// Gather facts and let policy decide.
    Decide,
    /// Take the right to change the environment.
    Lease,
    /// Verify everything that can be known beforehand, and plan.
    Check,
    /// Bring these components' bytes to the environment's registries and buckets.
    Publish(Vec<ComponentName>),
    /// Make sure that the component's revision exists.
    Register(ComponentName),
    /// Set the component's service to its revision, once; or switch its site.
    Update(ComponentName),
    /// Watch these rollouts until at least one has ended.
    Watch(Vec<ComponentName>),
    /// Find out whether the component, which ECS holds at a hook, may go on.
    Examine(ComponentName),
    /// Tell ECS that the component may go on.
    Answer(ComponentName),
    /// Run the component's smoke checks.
    Smoke(ComponentName),
    /// Put the component's rollback target back, or see ECS doing it.
    RollBack(ComponentName),
    /// Watch the way back, and prove what serves.
    WatchRollback(ComponentName),
    /// Write the record and give the lease back.
    Conclude,
}
