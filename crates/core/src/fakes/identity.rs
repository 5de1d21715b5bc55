//! [`FakeIdentity`]: who calls, as a test says.

use std::sync::Mutex;

use async_trait::async_trait;

use crate::{
    identifier::AccountId,
    ports::{CallError, Caller, Identity},
};

use super::mishap::{Mishap, Mishaps, locked};

/// A caller in an account.
#[derive(Debug)]
pub struct FakeIdentity {
    caller: Mutex<Caller>,
    mishaps: Mishaps,
}

impl FakeIdentity {
    /// The role `deployer` of that account.
    pub fn new(account: &AccountId) -> Self {
        let arn = format!("arn:aws:sts::{account}:assumed-role/deployer/towpath");
        Self { caller: Mutex::new(Caller { account: account.clone(), arn }), mishaps: Mishaps::default() }
    }

    /// Makes somebody else the caller.
    pub fn become_caller(&self, caller: Caller) {
        *locked(&self.caller) = caller;
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }
}

#[async_trait]
impl Identity for FakeIdentity {
    async fn caller(&self) -> Result<Caller, CallError> {
        self.mishaps.read("sts:GetCallerIdentity", || Ok(locked(&self.caller).clone())).await
    }
}
