//! Why an environment cannot be reached as configured.

use towpath_core::{
    identifier::{AccountId, RoleArn},
    ports::CallError,
};

/// Why an environment cannot be reached as configured.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The role is in another account than the environment, and ECS lets no one in from outside.
    #[error("the role {role} is not in the environment's account {account}")]
    RoleOfAnotherAccount {
        /// The role.
        role: RoleArn,
        /// The environment's account.
        account: AccountId,
    },
    /// It could not be told whose credentials these are, which must be known to decide whether to assume the role.
    #[error("it cannot be told who calls")]
    Caller(#[source] CallError),
}
