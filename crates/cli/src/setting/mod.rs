//! What a command works with: options, configuration, ports, who asks and why.

mod context;
mod project;

mod connection;
mod offline;

mod actor;
mod tags;
mod trigger;

mod interrupt;

pub(crate) use actor::{actor, holder, new_promotion};
pub(crate) use connection::{Machine, aws, world};
pub(crate) use connection::{connect, source, world_without_aws};
pub(crate) use context::Context;
pub(crate) use interrupt::Word;
pub(crate) use project::Project;
pub(crate) use tags::version_by_tag;
pub(crate) use trigger::TriggerArgs;
