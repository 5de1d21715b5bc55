//! The demonstration: a shop in three simulated accounts, a good release and a bad one.
//!
//! Everything but AWS is real: engine, ledger, leases, journals, roles, HTTP. It talks to loopback alone, and neither
//! reads nor writes the user's credentials.

mod alone;

mod clock;
mod commits;
mod stage;

mod frontend;
mod stories;
mod story;

mod document;
mod text;

pub(crate) use alone::alone;
pub(crate) use document::Document;
pub(crate) use stage::Stage;
pub(crate) use stories::{STORIES, Story};
pub(crate) use story::{tell, tell_one};
pub(crate) use text::text;

/// The shop as the simulator is told of it.
pub(crate) const SCENARIO: &str = include_str!("scenario.toml");

/// Its configuration, in which `ENDPOINT` stands for the simulator.
const CONFIGURATION: &str = include_str!("towpath.toml");
