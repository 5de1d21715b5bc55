//! Why a simulator does not start.
//!
//! What is wrong with a scenario's text is [`crate::scenario::ScenarioError`].

use std::{io, net::SocketAddr};

use crate::{state::StateError, world::PopulateError};

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The scenario describes something that the simulated services refuse.
    #[error("cannot make the scenario")]
    Scenario(#[from] PopulateError),
    /// The kept state cannot be used.
    #[error("cannot use the kept state")]
    State(#[from] StateError),
    /// The pace is not a number above zero.
    #[error("a pace of {0} is no pace: it has to be a number above 0")]
    Pace(f64),
}
