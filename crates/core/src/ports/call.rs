//! What a call to AWS proves when it fails: the one error that all AWS ports share.

use std::time::Duration;

/// A call that did not bring what it was made for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} {}: {message}", fault.verb())]
pub struct CallError {
    /// The operation in AWS's words with its service, for example `ecs:UpdateService`.
    pub operation: String,
    /// What the failure proves.
    pub fault: Fault,
    /// The error code, where AWS gave one.
    pub code: Option<String>,
    /// The message, in AWS's or the transport's words, free of credentials.
    pub message: String,
}

/// What a failed call proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No byte left this machine: nothing was done.
    NotSent,
    /// AWS asked us to slow down: nothing was done.
    Throttled,
    /// The caller may not do it: nothing was done.
    Denied {
        /// Who was denied, where the message says so.
        principal: Option<String>,
        /// What is missing, for example `iam:PassRole`, where the message says so.
        action: Option<String>,
        /// On what, where the message says so.
        resource: Option<String>,
    },
    /// There are no credentials, or they are expired or unknown: nothing was done.
    Unauthenticated,
    /// What the call names does not exist: nothing was done.
    NotFound,
    /// AWS refused it for another reason: nothing was done.
    Rejected,
    /// The request may or may not have been carried out.
    Ambiguous,
    /// A read that was not answered, or not in a form that can be understood. Reading again may help.
    Unanswered {
        /// How long it was waited for, where a time-out ended it.
        waited: Option<Duration>,
    },
}

impl Fault {
    fn verb(&self) -> &'static str {
        match self {
            Self::NotSent => "could not be sent",
            Self::Throttled => "was throttled",
            Self::Denied { .. } => "was denied",
            Self::Unauthenticated => "was not authenticated",
            Self::NotFound => "found nothing",
            Self::Rejected => "was refused",
            Self::Ambiguous => "may or may not have been carried out",
            Self::Unanswered { .. } => "was not answered",
        }
    }
}

impl CallError {
    /// Whether the call may have been carried out all the same.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.fault, Fault::Ambiguous)
    }

    /// Whether the same call may succeed a little later, and nothing was done.
    pub fn is_passing(&self) -> bool {
        matches!(self.fault, Fault::NotSent | Fault::Throttled | Fault::Unanswered { .. })
    }

    /// Whether the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        matches!(self.fault, Fault::Denied { .. })
    }

    /// Whether what was named does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.fault, Fault::NotFound)
    }

    /// Whether the cause lies in who calls: no, expired or insufficient credentials.
    pub fn is_about_the_caller(&self) -> bool {
        matches!(self.fault, Fault::Denied { .. } | Fault::Unauthenticated)
    }
}
