//! The categories in which ECS counts calls, and what it lets each have.
//!
//! Source: the page on request throttling in the ECS API reference. Only what Towpath calls is here.

/// A category of ECS's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Reading services.
    ServiceRead,
    /// Changing services.
    ServiceModify,
    /// Service deployments. To stop or continue one is in no list; it is a guess that it counts here.
    ServiceDeployment,
    /// Service revisions.
    ServiceRevision,
    /// Reading tasks.
    ClusterResourceRead,
    /// Reading task definitions.
    TaskDefinitionRead,
    /// Registering task definitions.
    TaskDefinitionModify,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ServiceRead,
        Self::ServiceModify,
        Self::ServiceDeployment,
        Self::ServiceRevision,
        Self::ClusterResourceRead,
        Self::TaskDefinitionRead,
        Self::TaskDefinitionModify,
    ];

    /// How many calls may go out at once.
    pub fn burst(self) -> u32 {
        match self {
            Self::ServiceRead | Self::ClusterResourceRead => 100,
            Self::ServiceModify | Self::ServiceDeployment | Self::ServiceRevision | Self::TaskDefinitionRead => 50,
            Self::TaskDefinitionModify => 20,
        }
    }

    /// How many more may go out each second.
    pub fn per_second(self) -> u32 {
        match self {
            Self::ServiceRead
            | Self::ServiceDeployment
            | Self::ServiceRevision
            | Self::ClusterResourceRead
            | Self::TaskDefinitionRead => 20,
            Self::ServiceModify => 5,
            Self::TaskDefinitionModify => 1,
        }
    }

    /// Where an operation counts, by its name with its service; `None` where nobody counts here.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        Some(match operation {
            "ecs:DescribeServices" | "ecs:ListServices" => Self::ServiceRead,
            "ecs:UpdateService" => Self::ServiceModify,
            "ecs:ListServiceDeployments"
            | "ecs:DescribeServiceDeployments"
            | "ecs:StopServiceDeployment"
            | "ecs:ContinueServiceDeployment" => Self::ServiceDeployment,
            "ecs:DescribeServiceRevisions" => Self::ServiceRevision,
            "ecs:ListTasks" | "ecs:DescribeTasks" => Self::ClusterResourceRead,
            "ecs:DescribeTaskDefinition" => Self::TaskDefinitionRead,
            "ecs:RegisterTaskDefinition" => Self::TaskDefinitionModify,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of ECS's operations in this crate's adapters.
    fn called() -> Vec<&'static str> {
        let sources = [include_str!("../ecs/services.rs"), include_str!("../ecs/task_definitions.rs")];
        let quoted = sources.into_iter().flat_map(|source| source.split('"'));
        quoted.filter(|text| text.starts_with("ecs:")).collect()
    }

    #[test]
    fn every_call_to_ecs_counts() {
        assert!(called().len() >= 10, "{:?}", called());
        for operation in called() {
            assert!(Category::of(operation).is_some(), "{operation}");
        }
    }

    #[test]
    fn calls_to_others_do_not() {
        for operation in ["sts:GetCallerIdentity", "ecr:DescribeImages", "logs:GetLogEvents"] {
            assert_eq!(Category::of(operation), None, "{operation}");
        }
    }
}
