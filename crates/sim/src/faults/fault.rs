//! One fault: the calls it is for, and what happens to them.
//!
//! It does not count calls: the plan does.

use serde::{Deserialize, Serialize};

/// A fault, as a scenario or the control interface describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// The API operation, for example `UpdateService`; `*` means any.
    pub operation: String,
    /// What happens.
    pub kind: FaultKind,
    /// The only service, for example `ecs`; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The only account; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The only region; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Which of the matching calls, counted from 1 since the fault was added; empty means every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<u64>,
    /// After how many times the fault is over; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The HTTP status of `status` faults (default 400) and of the `error-…` ones (default 500).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error code that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How long a `delay` lasts, in milliseconds of real time (default 1000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

/// What a fault does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Not performed; answered with the service's throttling error.
    Throttle,
    /// Not performed; answered with a server error.
    ErrorBefore,
    /// Performed; answered with a server error all the same.
    ErrorAfter,
    /// Not performed; the connection is closed without an answer.
    DropBefore,
    /// Performed; the connection is closed without an answer.
    DropAfter,
    /// Held without an answer until the faults are cleared; then performed and answered, if the client still waits.
    Hang,
    /// Performed and answered after a while.
    Delay,
    /// Performed; the answer breaks off in the middle of its body.
    Truncate,
    /// Performed; the answer is a success whose body is not what it should be.
    Garbage,
    /// Not performed; answered with the given status, code and message.
    Status,
}

impl Fault {
    /// A fault of `kind` on every call of `operation`.
    pub fn new(operation: &str, kind: FaultKind) -> Self {
        Self {
            operation: operation.to_owned(),
            kind,
            service: None,
            account: None,
            region: None,
            on: Vec::new(),
            count: None,
            status: None,
            code: None,
            message: None,
            delay_ms: None,
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let status_is_wrong = self.status.is_some_and(|status| !(200..=599).contains(&status));
        match self {
            Self { operation, .. } if operation.is_empty() => Some("`operation` is empty; `*` means any"),
            Self { on, .. } if on.contains(&0) => Some("`on` counts from 1"),
            Self { .. } if status_is_wrong => Some("`status` must be between 200 and 599"),
            Self { .. } => None,
        }
    }
}
