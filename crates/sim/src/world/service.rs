//! The services that the simulator speaks for.
//!
//! A service that is not here is refused, never half answered.

/// A simulated AWS service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Ecs,
    Ecr,
    SecretsManager,
    Sts,
    CloudWatch,
}

impl Service {
    const ALL: [Self; 5] = [Self::Ecs, Self::Ecr, Self::SecretsManager, Self::Sts, Self::CloudWatch];

    /// The name that requests are signed for.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Ecr => "ecr",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
            Self::CloudWatch => "monitoring",
        }
    }

    /// What stands before the dot in `X-Amz-Target`; STS has no such header.
    fn target_prefix(self) -> Option<&'static str> {
        match self {
            Self::Ecs => Some("AmazonEC2ContainerServiceV20141113"),
            Self::Ecr => Some("AmazonEC2ContainerRegistry_V20150921"),
            Self::SecretsManager => Some("secretsmanager"),
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
            Self::Sts => None,
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    pub(crate) fn by_target_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.target_prefix() == Some(prefix))
    }
}
