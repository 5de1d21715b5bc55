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
    Logs,
    LoadBalancing,
}

/// How a service speaks awsQuery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueryDialect {
    /// The only version that it knows.
    pub(crate) version: &'static str,
    /// The namespace of its answers.
    pub(crate) namespace: &'static str,
}

impl Service {
    const ALL: [Self; 7] =
        [Self::Ecs, Self::Ecr, Self::SecretsManager, Self::Sts, Self::CloudWatch, Self::Logs, Self::LoadBalancing];

    /// The name that requests are signed for.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Ecr => "ecr",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
            Self::CloudWatch => "monitoring",
            Self::Logs => "logs",
            Self::LoadBalancing => "elasticloadbalancing",
        }
    }

    /// The names of all services, for people; S3 and `CloudFront` are told apart before any of these.
    pub(crate) fn names() -> String {
        format!("{}, s3, cloudfront", Self::ALL.map(Self::name).join(", "))
    }

    /// What stands before the dot in `X-Amz-Target`, and in the path of smithy's RPC; a service of awsQuery alone has none.
    fn target_prefix(self) -> Option<&'static str> {
        match self {
            Self::Ecs => Some("AmazonEC2ContainerServiceV20141113"),
            Self::Ecr => Some("AmazonEC2ContainerRegistry_V20150921"),
            Self::SecretsManager => Some("secretsmanager"),
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
            Self::Logs => Some("Logs_20140328"),
            Self::Sts | Self::LoadBalancing => None,
        }
    }

    /// How it speaks awsQuery, if it does.
    pub(crate) fn query(self) -> Option<QueryDialect> {
        let (version, namespace) = match self {
            Self::Sts => ("2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
            Self::CloudWatch => ("2010-08-01", "http://monitoring.amazonaws.com/doc/2010-08-01/"),
            Self::LoadBalancing => ("2015-12-01", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"),
            Self::Ecs | Self::Ecr | Self::SecretsManager | Self::Logs => return None,
        };
        Some(QueryDialect { version, namespace })
    }

    /// The content type of its JSON.
    pub(crate) fn json_type(self) -> &'static str {
        match self {
            Self::CloudWatch => "application/x-amz-json-1.0",
            Self::Ecs | Self::Ecr | Self::SecretsManager | Self::Sts | Self::Logs | Self::LoadBalancing => {
                "application/x-amz-json-1.1"
            }
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    pub(crate) fn by_target_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.target_prefix() == Some(prefix))
    }
}
