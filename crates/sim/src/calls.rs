//! The log of the calls that were made.
//!
//! It is kept in memory only, holds the last hundred thousand calls, and never the value of a secret.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::sts::Caller;

const MOST: usize = 100_000;
const SECRET_MEMBERS: &[&str] = &["SecretString", "SecretBinary", "WebIdentityToken"];

/// One call and how it was answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Call {
    /// Its number, from 1.
    pub sequence: u64,
    /// When it was made, in simulated time.
    pub time: Timestamp,
    /// The service: `ecs`, `ecr`, `secretsmanager` or `sts`.
    pub service: String,
    /// The operation, for example `UpdateService`.
    pub operation: String,
    /// The account of the caller.
    pub account: String,
    /// The region that the call was made in.
    pub region: String,
    /// The ARN of the caller.
    pub caller: String,
    /// The input, without the values of secrets.
    pub input: Value,
    /// The HTTP status that was answered; `None` if there was no answer.
    pub status: Option<u16>,
    /// The error code that was answered.
    pub error: Option<String>,
    /// Whether the operation was carried out, whatever was answered.
    pub accepted: bool,
    /// The fault that struck the call.
    pub fault: Option<crate::faults::FaultKind>,
    /// `amz-sdk-invocation-id`: the same for every attempt of one call of an SDK.
    pub invocation_id: Option<String>,
}

/// The calls that were made.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    made: u64,
}

impl CallLog {
    /// Notes a call before it is performed, and answers its number.
    pub(crate) fn begin(
        &mut self,
        time: Timestamp,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> u64 {
        self.made += 1;
        if self.calls.len() == MOST {
            self.calls.pop_front();
        }
        self.calls.push_back(Call {
            sequence: self.made,
            time,
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: caller.account.clone(),
            region: caller.region.clone(),
            caller: caller.arn.clone(),
            input: without_secrets(input),
            status: None,
            error: None,
            accepted: false,
            fault: None,
            invocation_id: None,
        });
        self.made
    }

    /// Changes what is known of a call, if it is still in the log.
    pub(crate) fn note(&mut self, sequence: u64, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.sequence == sequence) {
            change(call);
        }
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}

fn without_secrets(input: &Value) -> Value {
    let mut input = input.clone();
    for member in SECRET_MEMBERS {
        if let Some(value) = input.get_mut(*member) {
            *value = json!("***");
        }
    }
    input
}
