//! The Identity port: who calls.

use async_trait::async_trait;

use crate::identifier::AccountId;

use super::CallError;

/// Who calls, as AWS sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The principal's ARN.
    pub arn: String,
}

/// Who we are to AWS.
#[async_trait]
pub trait Identity: Send + Sync {
    /// The caller that all other ports of this environment call as.
    async fn caller(&self) -> Result<Caller, CallError>;
}
