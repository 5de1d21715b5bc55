//! What usually goes wrong with an image, by name: each fate fills in behaviour and conduct.
//!
//! What a scenario writes itself goes first where a fate has only a usual value: `fate = "crash"` with an exit code of
//! 3 crashes with 3. The messages are those of Fargate as they were seen by others; the names in them are made up.

use serde::{Deserialize, Serialize};

use super::conduct::{Conduct, HealthAnswer};
use crate::image::Behaviour;

/// What becomes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It exits with code 1 as soon as it runs, or when `exit-after` says.
    Crash,
    /// It exits with code 0 as soon as it runs, or when `exit-after` says.
    ExitsAtOnce,
    /// It is killed with code 137 for want of memory, 10 seconds after its start or when `exit-after` says.
    OutOfMemory,
    /// It becomes healthy after two minutes, or when `healthy-after` says.
    SlowStart,
    /// It never becomes healthy.
    Unhealthy,
    /// It listens on a port that nobody asks: checks time out.
    WrongPort,
    /// It does not stop when it is told to, and is killed.
    IgnoresSigterm,
    /// Its manifest has no image for the platform.
    WrongPlatform,
    /// It was built for another processor and is not labelled so: it cannot be executed.
    ExecFormatError,
    /// It is not in its registry.
    NotFound,
    /// Its registry refuses to give it out.
    Forbidden,
    /// A secret that its task needs does not exist.
    SecretMissing,
    /// Its task may not read a secret that it needs.
    SecretDenied,
}

/// Why an image cannot be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unpullable {
    NotFound,
    Forbidden,
    WrongPlatform,
}

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:simulated";
const NO_SECRET: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret";

impl Fate {
    /// Fills in what the image does and shows.
    pub(super) fn befall(self, behaviour: &mut Behaviour, conduct: &mut Conduct) {
        match self {
            Self::Crash => {
                behaviour.exit_after.get_or_insert(0.0);
                behaviour.exit_code = usual(behaviour.exit_code, &0, 1);
            }
            Self::ExitsAtOnce => {
                behaviour.exit_after.get_or_insert(0.0);
            }
            Self::OutOfMemory => {
                behaviour.exit_after.get_or_insert(10.0);
                behaviour.exit_code = 137;
            }
            Self::SlowStart => behaviour.healthy_after = usual(behaviour.healthy_after, &Some(1.0), Some(120.0)),
            Self::Unhealthy => behaviour.healthy_after = None,
            Self::WrongPort => {
                behaviour.healthy_after = None;
                conduct.unhealthy_answer = HealthAnswer::Timeout;
            }
            // Longer than any stop time-out.
            Self::IgnoresSigterm => behaviour.stops_after = 1e6,
            Self::WrongPlatform => conduct.unpullable = Some(Unpullable::WrongPlatform),
            Self::ExecFormatError => {
                behaviour.exit_after = Some(0.0);
                behaviour.exit_code = 1;
                conduct.logs.start = vec!["exec /usr/local/bin/app: exec format error".to_owned()];
            }
            Self::NotFound => conduct.unpullable = Some(Unpullable::NotFound),
            Self::Forbidden => conduct.unpullable = Some(Unpullable::Forbidden),
            Self::SecretMissing => {
                behaviour.fails_to_start = Some(format!(
                    "{NO_SECRET} {SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
                ));
            }
            Self::SecretDenied => {
                behaviour.fails_to_start = Some(format!(
                    "{NO_SECRET} {SECRET} from secrets manager: AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role/execution/simulated is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET} because no identity-based policy allows the secretsmanager:GetSecretValue action"
                ));
            }
        }
    }
}

impl Unpullable {
    /// The reason that ECS gives.
    pub(super) fn reason(self, reference: &str) -> String {
        let retried = "CannotPullContainerError: pull image manifest has been retried 1 time(s):";
        match self {
            Self::NotFound => format!("{retried} failed to resolve ref {reference}: {reference}: not found"),
            Self::Forbidden => {
                let host = reference.split('/').next().unwrap_or_default();
                format!(
                    "{retried} failed to resolve ref {reference}: pulling from host {host} failed with status code [manifests]: 403 Forbidden"
                )
            }
            Self::WrongPlatform => {
                format!("{retried} image Manifest does not contain descriptor matching platform 'linux/amd64'")
            }
        }
    }
}

/// What was written, or `other` where that is only the default.
fn usual<T: PartialEq>(written: T, default: &T, other: T) -> T {
    if written == *default { other } else { written }
}

#[cfg(test)]
mod tests {
    use super::super::ImageSpec;

    fn check(text: &str, expected: (Option<f64>, i32, Option<f64>)) {
        let spec: ImageSpec = toml::from_str(&format!("reference = \"shop:1\"\n{text}")).unwrap();
        let (behaviour, _) = spec.made();
        assert_eq!((behaviour.exit_after, behaviour.exit_code, behaviour.healthy_after), expected, "{text}");
    }

    #[test]
    fn a_fate_fills_in_what_was_not_written() {
        check("fate = \"crash\"", (Some(0.0), 1, Some(1.0)));
        check("fate = \"crash\"\nbehaviour = { exit-after = 5, exit-code = 3 }", (Some(5.0), 3, Some(1.0)));
        check("fate = \"exits-at-once\"", (Some(0.0), 0, Some(1.0)));
        check("fate = \"out-of-memory\"", (Some(10.0), 137, Some(1.0)));
        check("fate = \"slow-start\"", (None, 0, Some(120.0)));
        check("fate = \"slow-start\"\nbehaviour = { healthy-after = 50 }", (None, 0, Some(50.0)));
        check("fate = \"wrong-port\"", (None, 0, None));
    }

    #[test]
    fn an_unknown_fate_is_refused_with_those_that_there_are() {
        let error = toml::from_str::<ImageSpec>("reference = \"shop:1\"\nfate = \"doom\"").unwrap_err();
        assert!(error.to_string().contains("`exec-format-error`"), "{error}");
    }
}
