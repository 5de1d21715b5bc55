//! The Identity port on STS.

use async_trait::async_trait;
use aws_sdk_sts::{Client, operation::get_caller_identity::GetCallerIdentityOutput};
use towpath_core::ports::{CallError, Caller, Identity};

use crate::{
    call::{Call, Nature, Terms},
    fault,
};

/// STS, asked who calls.
#[derive(Clone)]
pub struct StsIdentity {
    client: Client,
    terms: Terms,
}

impl StsIdentity {
    pub(crate) fn new(client: Client, terms: Terms) -> Self {
        Self { client, terms }
    }
}

#[async_trait]
impl Identity for StsIdentity {
    async fn caller(&self) -> Result<Caller, CallError> {
        let call =
            Call { operation: "sts:GetCallerIdentity", nature: Nature::Read, codes: fault::sts, terms: &self.terms };
        let request = self.client.get_caller_identity();
        let answer = call.typed(|wire| request.clone().customize().interceptor(wire).send()).await?;
        caller(&answer).ok_or_else(|| call.unsure("the answer does not say who calls"))
    }
}

fn caller(answer: &GetCallerIdentityOutput) -> Option<Caller> {
    let account = answer.account()?.parse().ok()?;
    let arn = answer.arn()?.to_owned();
    Some(Caller { account, arn })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_an_account_and_an_arn() {
        let whole = GetCallerIdentityOutput::builder().account("111111111111").arn("arn:aws:iam::111111111111:user/a");
        assert_eq!(caller(&whole.clone().build()).unwrap().account.as_str(), "111111111111");
        assert_eq!(caller(&whole.account("none").build()), None);
        assert_eq!(caller(&GetCallerIdentityOutput::builder().build()), None);
    }
}
