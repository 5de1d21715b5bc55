//! One fault: the calls it is for, and what happens to them.
//!
//! It does not count calls: the plan does.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::edit;

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
    /// The first of the matching calls that may be struck, counted from 1; absent means the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// For how many seconds of simulated time after it was added it strikes nothing; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// After how many seconds of simulated time it is over; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
    /// After how many times the fault is over; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Only calls that find this bucket empty are struck; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
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
    /// What an `edit` puts into the answer: a path such as `/services/*/status`, and the value.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// What an `edit` takes out of the answer, as paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// How old a `stale` answer is at least, in seconds of simulated time; absent means the oldest that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<f64>,
    /// What somebody else calls in an `interfere-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<OtherCall>,
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
    /// Not performed, and refused because the credentials have expired. Credentials that are first seen after that are good.
    ExpiredCredentials,
    /// Performed; members of the answer are set and removed.
    Edit,
    /// Performed; answered as the same question was answered before.
    Stale,
    /// Performed; what was asked for is said to be missing.
    Missing,
    /// Performed after somebody else has called something.
    InterfereBefore,
    /// Performed before somebody else calls something, and then answered.
    InterfereAfter,
}

/// A token bucket in simulated time, as AWS throttles with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bucket {
    /// How many calls may come at once.
    pub size: u32,
    /// How many calls a second may come for ever.
    pub per_second: f64,
}

/// A call that somebody else makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OtherCall {
    /// The service, for example `ecs`; absent means that of the struck call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation.
    pub operation: String,
    /// Its input.
    #[serde(default)]
    pub input: Map<String, Value>,
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
            from: None,
            after: None,
            until: None,
            count: None,
            bucket: None,
            status: None,
            code: None,
            message: None,
            delay_ms: None,
            set: Map::new(),
            remove: Vec::new(),
            behind: None,
            call: None,
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let status_is_wrong = self.status.is_some_and(|status| !(200..=599).contains(&status));
        let is_wrong = |seconds: &f64| !(0.0..=LONGEST).contains(seconds);
        let mut paths = self.set.keys().chain(&self.remove);
        match self {
            Self { operation, .. } if operation.is_empty() => Some("`operation` is empty; `*` means any"),
            Self { on, from, .. } if on.contains(&0) || *from == Some(0) => Some("`on` and `from` count from 1"),
            Self { .. } if status_is_wrong => Some("`status` must be between 200 and 599"),
            Self { after, until, behind, .. } if [after, until, behind].into_iter().flatten().any(is_wrong) => {
                Some("`after`, `until` and `behind` must be between 0 and 1000000000 seconds")
            }
            Self { bucket: Some(bucket), .. } if is_wrong(&bucket.per_second) => {
                Some("`per-second` of a bucket must be between 0 and 1000000000")
            }
            Self { kind: FaultKind::Edit, set, remove, .. } if set.is_empty() && remove.is_empty() => {
                Some("an `edit` needs `set` or `remove`")
            }
            Self { .. } if paths.any(|path| !edit::is_path(path)) => {
                Some("a path in `set` and `remove` begins with a slash, as /services/*/status does")
            }
            Self { kind: FaultKind::InterfereBefore | FaultKind::InterfereAfter, call: None, .. } => {
                Some("somebody who interferes needs a `call`")
            }
            Self { .. } => None,
        }
    }
}

/// The longest duration: about thirty years, in seconds.
const LONGEST: f64 = 1e9;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_good: bool) {
        let fault: Fault = toml::from_str(&format!("operation = \"A\"\n{text}")).unwrap();
        assert_eq!(fault.defect().is_none(), is_good, "{text}");
    }

    #[test]
    fn a_fault_that_can_never_strike_is_told() {
        check("kind = \"throttle\"\nbucket = { size = 5, per-second = 0.5 }", true);
        check("kind = \"throttle\"\nbucket = { size = 5, per-second = -1 }", false);
        check("kind = \"throttle\"\non = [0]", false);
        check("kind = \"throttle\"\nfrom = 0", false);
        check("kind = \"throttle\"\nafter = nan", false);
        check("kind = \"edit\"", false);
        check("kind = \"edit\"\nremove = [\"services\"]", false);
        check("kind = \"edit\"\nremove = [\"/services/0/deployments\"]", true);
        check("kind = \"interfere-before\"", false);
        check("kind = \"interfere-before\"\ncall = { operation = \"UpdateService\" }", true);
    }
}
