//! The settings of the simulated S3: what is a guess, and what goes wrong by itself.
//!
//! Faults on purpose, for single calls, are [`crate::faults`].

use serde::{Deserialize, Serialize};

/// The settings of the simulated S3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct S3Knobs {
    /// How long every request takes at least, in milliseconds of real time; no thread waits. Default 0.
    pub latency_ms: u64,
    /// How many changing requests a second each prefix takes, in simulated time, before it answers 503 `SlowDown`; absent means any number. AWS documents 3,500.
    pub writes_per_second: Option<f64>,
    /// The same for reading requests; AWS documents 5,500.
    pub reads_per_second: Option<f64>,
    /// The status of `DeleteObject` with `If-Match` where there is no such object. AWS's pages say 404 in one place and 412 in another. Default 404.
    pub absent_conditional_delete: AbsentDelete,
    /// How a request for a bucket of another region is refused. Default `as-aws`.
    pub wrong_region: WrongRegion,
    /// The smallest part that may be followed by another one, in bytes. Default 5 MiB, as AWS has it.
    pub smallest_part: u64,
    /// The most entries of a page of a listing. Default 1000, as AWS has it.
    pub page: usize,
    /// What is not allowed, beside what the buckets' policies say.
    pub denials: Vec<Denial>,
}

/// What a conditional deletion of nothing is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentDelete {
    /// 404 `NoSuchKey`.
    #[default]
    NotFound,
    /// 412 `PreconditionFailed`.
    PreconditionFailed,
}

/// How a request for a bucket of another region is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrongRegion {
    /// 400 `AuthorizationHeaderMalformed` for what was signed for us-east-1, 301 `PermanentRedirect` for the rest.
    #[default]
    AsAws,
    /// 301 `PermanentRedirect`.
    Redirect,
    /// 400 `AuthorizationHeaderMalformed`.
    Malformed,
    /// Not at all: it is served.
    Serve,
}

/// What is not allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Denial {
    /// The actions, for example `s3:PutObject` or `s3:Delete*`.
    pub actions: Vec<String>,
    /// The only bucket; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Only keys that begin with this; absent means any, and the bucket itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The only account of callers; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl Default for S3Knobs {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            writes_per_second: None,
            reads_per_second: None,
            absent_conditional_delete: AbsentDelete::default(),
            wrong_region: WrongRegion::default(),
            smallest_part: 5 * 1024 * 1024,
            page: 1000,
            denials: Vec::new(),
        }
    }
}

impl S3Knobs {
    /// What is wrong with them, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let is_rate = |rate: &f64| rate.is_finite() && *rate > 0.0;
        let rates = [self.writes_per_second, self.reads_per_second];
        match self {
            Self { .. } if !rates.iter().flatten().all(is_rate) => {
                Some("`writes-per-second` and `reads-per-second` must be above 0")
            }
            Self { page, .. } if !(1..=1000).contains(page) => Some("`page` must be between 1 and 1000"),
            Self { denials, .. } if denials.iter().any(|denial| denial.actions.is_empty()) => {
                Some("a denial needs `actions`, for example [\"s3:PutObject\"]")
            }
            Self { .. } => None,
        }
    }
}
