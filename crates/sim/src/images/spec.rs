//! An image as a scenario or the control interface describes it.
//!
//! It only says what is wanted; the world pushes it.

use serde::{Deserialize, Serialize};

use super::{
    conduct::{Conduct, HealthAnswer, LogScript},
    fate::Fate,
};
use crate::{fault::AwsError, image::Behaviour};

/// An image to push, or a behaviour to change.
///
/// With `repository`, a manifest is pushed and tagged: the one given, or a made-up one whose digest depends on the
/// repository, the version and the commit alone. With `digest` or `reference`, nothing is pushed: only the behaviour
/// of what they name is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImageSpec {
    /// The ECR repository; made if it is not there.
    pub repository: Option<String>,
    /// The account of the repository; absent means the scenario's default.
    pub account: Option<String>,
    /// The region of the repository; absent means the scenario's default.
    pub region: Option<String>,
    /// The tags to put on the image, moved if they are elsewhere and may be moved.
    pub tags: Vec<String>,
    /// The manifest to push, byte for byte.
    pub manifest: Option<String>,
    /// The digest of an image that somebody else pushes or has pushed.
    pub digest: Option<String>,
    /// A reference outside ECR, for example `nginx:1.27`.
    pub reference: Option<String>,
    /// What usually goes wrong with it, by name.
    pub fate: Option<Fate>,
    /// What the image does once it runs.
    pub behaviour: Behaviour,
    /// What its containers log.
    pub logs: LogScript,
    /// What it answers to a load balancer's check while it is not healthy; 503 without it.
    pub unhealthy_answer: HealthAnswer,
}

/// The longest duration of a behaviour: about thirty years.
const LONGEST: f64 = 1e9;

/// Why an image was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It does not say what it is about, or says it twice.
    #[error("an image needs exactly one of `repository`, `digest` and `reference`")]
    Ambiguous,
    /// Tags or a manifest without a repository to push them to.
    #[error("`tags`, `manifest`, `account` and `region` need a `repository`")]
    NothingToPush,
    /// A duration of its behaviour is not one.
    #[error("`{key}` has to be between 0 and {LONGEST} seconds")]
    Duration {
        /// The key of the behaviour.
        key: &'static str,
    },
    /// The registry refused it.
    #[error("the registry refused image `{repository}`: {}: {}", .error.code, .error.message)]
    Refused {
        /// The repository.
        repository: String,
        /// What the registry answered.
        error: AwsError,
    },
}

impl ImageSpec {
    /// Whether it says what it is about, once.
    pub(crate) fn check(&self) -> Result<(), ImageError> {
        let named = [&self.repository, &self.digest, &self.reference].into_iter().flatten().count();
        let pushes =
            !self.tags.is_empty() || [&self.manifest, &self.account, &self.region].into_iter().any(Option::is_some);
        match (named, &self.repository) {
            (1, None) if pushes => Err(ImageError::NothingToPush),
            (1, _) if self.logs.has_wrong_duration() => Err(ImageError::Duration { key: "logs.every.seconds" }),
            (1, _) => check_durations(&self.behaviour),
            (_, _) => Err(ImageError::Ambiguous),
        }
    }

    /// What it does, and what it shows of itself to others than ECS.
    pub(crate) fn made(&self) -> (Behaviour, Conduct) {
        let mut behaviour = self.behaviour.clone();
        let mut conduct =
            Conduct { logs: self.logs.clone(), unhealthy_answer: self.unhealthy_answer, unpullable: None };
        if let Some(fate) = self.fate {
            fate.befall(&mut behaviour, &mut conduct);
        }
        (behaviour, conduct)
    }
}

fn check_durations(behaviour: &Behaviour) -> Result<(), ImageError> {
    let durations = [
        ("healthy-after", behaviour.healthy_after),
        ("unhealthy-after", behaviour.unhealthy_after),
        ("exit-after", behaviour.exit_after),
        ("stops-after", Some(behaviour.stops_after)),
    ];
    let is_wrong = |seconds: f64| !(0.0..=LONGEST).contains(&seconds);
    match durations.into_iter().find(|(_, seconds)| seconds.is_some_and(is_wrong)) {
        Some((key, _)) => Err(ImageError::Duration { key }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_finite_and_not_negative() {
        for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            let behaviour = Behaviour { stops_after: seconds, ..Behaviour::default() };
            let image = ImageSpec { reference: Some("nginx".to_owned()), behaviour, ..ImageSpec::default() };
            assert_eq!(image.check(), Err(ImageError::Duration { key: "stops-after" }), "{seconds}");
        }
    }
}
