//! What an environment says of how it is reached.
//!
//! Nothing here is read from the environment variables; the default chain does that when it is asked for credentials.

use std::{fmt, time::Duration};

use towpath_core::identifier::{AccountId, Region, RoleArn};

use crate::budget::Budget;

/// How one environment is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its region.
    pub region: Region,
    /// Its account.
    pub account: AccountId,
    /// The role to act as; without one, whoever the credentials belong to.
    pub role: Option<RoleArn>,
    /// The name of the role's session, which AWS's audit trail shows. What AWS does not allow in it becomes a hyphen.
    pub session_name: String,
    /// What the requests' user agent names. What AWS does not allow in it becomes a hyphen.
    pub application: String,
    /// The address of all services in place of Amazon's own; `None` leaves it to `AWS_ENDPOINT_URL` and the profile.
    pub endpoint: Option<String>,
    /// Where the credentials come from.
    pub source: Source,
    /// How long to wait and how often to try.
    pub patience: Patience,
    /// How many calls to make. `None` is half of what AWS allows, in real time, counted for this connection alone; or no
    /// limit where the endpoint is on this machine.
    pub budget: Option<Budget>,
}

impl Settings {
    /// The settings of an environment with nothing special about it.
    pub fn new(region: Region, account: AccountId) -> Self {
        Self {
            region,
            account,
            role: None,
            session_name: "towpath".to_owned(),
            application: concat!("towpath-", env!("CARGO_PKG_VERSION")).to_owned(),
            endpoint: None,
            source: Source::DefaultChain,
            patience: Patience::default(),
            budget: None,
        }
    }
}

/// Where credentials come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// AWS's default chain: environment, profile, web identity, container, instance.
    DefaultChain,
    /// These.
    Keys(AccessKeys),
}

/// Credentials. They are never shown.
#[derive(Clone)]
pub struct AccessKeys {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
}

impl AccessKeys {
    /// An access key, with a session token where it is temporary.
    pub fn new(id: impl Into<String>, secret: impl Into<String>, token: Option<String>) -> Self {
        Self { id: id.into(), secret: secret.into(), token }
    }
}

impl fmt::Debug for AccessKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessKeys(not shown)")
    }
}

/// How long to wait for AWS, and how often to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to one attempt, with its connection.
    pub attempt: Duration,
    /// For a read with all attempts that the SDK makes of it.
    pub read: Duration,
    /// How many attempts the SDK makes of a read, the first included.
    pub read_attempts: u32,
    /// How often a throttled call is sent, the first time included.
    pub throttled_attempts: u32,
    /// How often a change is sent of which no byte could leave, the first time included.
    pub unsent_attempts: u32,
    /// The longest first pause before sending again; it doubles, to 20 s, with jitter.
    pub first_pause: Duration,
    /// After how long nothing is sent again.
    pub resend_for: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(30),
            read: Duration::from_mins(2),
            read_attempts: 6,
            throttled_attempts: 10,
            unsent_attempts: 4,
            first_pause: Duration::from_secs(1),
            resend_for: Duration::from_mins(2),
        }
    }
}

impl Patience {
    /// The longest that a change can take from call to result, for a caller whose right to change things ends.
    pub fn longest_change(&self) -> Duration {
        self.resend_for + self.attempt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_never_shown() {
        let keys = AccessKeys::new("AKIAHUSH", "hush", Some("hush".to_owned()));
        let shown = format!("{:?}", Source::Keys(keys));
        assert!(!shown.to_lowercase().contains("hush"), "{shown}");
    }
}
