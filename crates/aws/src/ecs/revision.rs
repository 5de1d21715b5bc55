//! A service revision in ECS's JSON.

use serde_json::Value;
use towpath_core::{
    identifier::{ContainerName, Digest},
    rollout::ServiceRevision,
};

use crate::json::{self, Unreadable};

/// Reads an element of `serviceRevisions`.
pub(crate) fn service_revision(value: &Value) -> Result<ServiceRevision, Unreadable> {
    let images = json::list(value, "containerImages")?.iter().map(image);
    Ok(ServiceRevision {
        arn: json::required_parsed(value, "serviceRevisionArn", "a service revision's ARN")?,
        task_definition: json::required_parsed(value, "taskDefinition", "a task definition's ARN")?,
        images: images.collect::<Result<_, _>>()?,
    })
}

fn image(value: &Value) -> Result<(ContainerName, Option<Digest>), Unreadable> {
    let container = json::required_parsed(value, "containerName", "a container's name")?;
    Ok((container, json::parsed(value, "imageDigest", "a digest")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_may_not_be_resolved_yet() {
        let digest = Digest::of(b"image");
        let read = service_revision(&json!({
            "containerImages": [
                {"image": "x", "containerName": "api", "imageDigest": digest.as_str()},
                {"containerName": "proxy", "image": "y"},
            ],
            "taskDefinition": "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:7",
            "serviceRevisionArn": "arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/01",
        }))
        .unwrap();
        let images: Vec<(&str, Option<&Digest>)> =
            read.images.iter().map(|(container, digest)| (container.as_str(), digest.as_ref())).collect();
        assert_eq!(images, [("api", Some(&digest)), ("proxy", None)]);
    }
}
