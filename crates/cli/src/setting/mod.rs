//! What a command works with: options, configuration, ports, who asks and why.

mod context;
mod project;

mod connection;
mod offline;
mod scanner;
mod site;

mod actor;
mod checkout;
mod tags;
mod trigger;

mod interrupt;

pub(crate) use actor::{actor, holder, new_promotion};
pub(crate) use checkout::{changed, checkout};
pub(crate) use connection::{Machine, aws, publisher, world};
pub(crate) use connection::{connect, source, world_without_aws};
pub(crate) use context::Context;
pub(crate) use interrupt::Word;
pub(crate) use project::Project;
pub(crate) use scanner::{logins, scanner};
pub(crate) use site::{AtHand, build_site, directory_of, files_in, gather_site};
pub(crate) use tags::version_or_of_commit;
pub(crate) use trigger::TriggerArgs;
