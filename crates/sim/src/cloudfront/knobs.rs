//! The settings of the simulated CloudFront: quotas, and what is a guess.
//!
//! What differs between distributions is in [`super::DistributionSpec`].

use serde::{Deserialize, Serialize};

/// The settings of the simulated CloudFront.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CloudFrontKnobs {
    /// After how many seconds of simulated time an invalidation is `Completed`, or later if a location takes longer. Default 20.
    pub invalidation_seconds: u32,
    /// The most paths without a wildcard that are in progress in one distribution. Default 3000, as AWS has it.
    pub most_paths: usize,
    /// The most paths with a wildcard. Default 15, as AWS has it.
    pub most_wildcards: usize,
    /// How a caller reference that comes again with other paths is refused; AWS names the first in its pages and models neither. Default `already-exists`.
    pub reused_reference: ReusedReference,
    /// The characters that no path may have as they are. That `~` and `'` are among them was reported, not documented.
    pub refused_characters: String,
}

/// How a caller reference that comes again with other paths is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReusedReference {
    /// 400 `InvalidationBatchAlreadyExists`.
    #[default]
    AlreadyExists,
    /// 400 `InvalidArgument`.
    InvalidArgument,
}

impl Default for CloudFrontKnobs {
    fn default() -> Self {
        Self {
            invalidation_seconds: 20,
            most_paths: 3000,
            most_wildcards: 15,
            reused_reference: ReusedReference::default(),
            refused_characters: " \"'<>\\^`{|}~#[]".to_owned(),
        }
    }
}
