//! Real task definitions, by other people, each rendered with a new image: nothing else may change.
//!
//! The files are in `tests/task-definitions`, as they were found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;

const IMAGE: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../tests/task-definitions/", $name, ".json")))),*]
    };
}

const VALID: [(&str, &str); 17] = files![
    "aws-samples-firelens-efs",
    "aws-samples-nginx-ec2",
    "aws-samples-wildfly-fargate",
    "ecs-agent-appmesh-plugin-validator",
    "ecs-agent-container-ordering-healthy",
    "ecs-agent-firelens-fluentd",
    "ecs-agent-granular-stop-timeout",
    "ecs-agent-nvidia-gpu",
    "ecs-agent-private-registry-auth-asm-validator-unix",
    "ecs-agent-secrets-environment-variables",
    "ecs-agent-sysctl",
    "ecs-agent-task-efs-vol-write",
    "ecs-agent-tmpfs",
    "envpromote-dev",
    "envpromote-production",
    "envpromote-staging",
    "otel-fargate-sidecar",
];

const INVALID: [(&str, &str); 1] = files!["otel-ec2-sidecar.placeholders"];

fn document(name: &str, text: &str) -> Document {
    Document::parse(text, name).unwrap_or_else(|error| panic!("{error}"))
}

fn container_names(document: &Document) -> Vec<String> {
    document.containers().filter_map(Container::name).map(str::to_owned).collect()
}

/// The new image for one container; placeholders are filled with themselves.
fn rendering(document: &Document, container: &str) -> Rendering {
    let unfilled = match document.render(&Rendering::default()) {
        Err(RenderError::Placeholders { unfilled, .. }) => unfilled,
        other => {
            assert!(other.is_ok(), "{other:?}");
            Vec::new()
        }
    };
    let placeholders = unfilled.into_iter().map(|unfilled| {
        let name = unfilled.placeholder.trim_matches(['{', '}', '$']).to_owned();
        (name, unfilled.placeholder)
    });
    Rendering {
        images: BTreeMap::from([(container.parse().unwrap(), IMAGE.parse().unwrap())]),
        placeholders: placeholders.collect(),
        ..Rendering::default()
    }
}

#[test]
fn rendering_a_real_document_changes_the_image_alone() {
    for (file, text) in VALID {
        let before = document(file, text);
        for name in container_names(&before) {
            let after = before.render(&rendering(&before, &name)).unwrap().document;
            let diff = diff(&before, &after);
            let paths: Vec<_> = diff.changes.iter().map(|change| change.path.clone()).collect();
            assert_eq!(paths, [format!("containerDefinitions[{name}].image")], "{file}");
            assert!(diff.to_string().ends_with(&format!(" -> {IMAGE}")), "{diff}");
        }
    }
}

#[test]
fn the_bytes_of_a_real_document_differ_in_the_image_alone() {
    for (file, text) in VALID {
        let before = document(file, text);
        for (index, name) in container_names(&before).iter().enumerate() {
            let after = before.render(&rendering(&before, name)).unwrap().document;
            let mut expected = before.to_value();
            expected["containerDefinitions"][index]["image"] = Value::from(IMAGE);
            assert_eq!(after.to_request_json(&[]), expected.to_string().into_bytes(), "{file}");
        }
    }
}

#[test]
fn a_real_document_loses_nothing_but_nulls() {
    let mut with_nulls = BTreeSet::new();
    for (file, text) in VALID {
        let raw: Value = serde_json::from_str(text).unwrap();
        let raw = raw.get("taskDefinition").cloned().unwrap_or(raw);
        let document = document(file, text);
        assert!(document.stripped().members.is_empty(), "{file}");
        match document.stripped().nulls {
            0 => assert_eq!(document.to_request_json(&[]), raw.to_string().into_bytes(), "{file}"),
            _ => _ = with_nulls.insert(file),
        }
    }
    assert_eq!(with_nulls, BTreeSet::from(["aws-samples-wildfly-fargate"]));
}

#[test]
fn a_real_document_is_not_refused_before_aws_sees_it() {
    for (file, text) in VALID {
        assert_eq!(document(file, text).problems(), [], "{file}");
    }
}

#[test]
fn words_that_stand_for_roles_are_filled() {
    for (file, text) in VALID.into_iter().filter(|(file, _)| file.starts_with("envpromote")) {
        let placeholders =
            BTreeMap::from([("EXEC_ROLE_ARN_PLACEHOLDER".to_owned(), "arn:aws:iam::111111111111:role/x".to_owned())]);
        let rendered = document(file, text).render(&Rendering { placeholders, ..Rendering::default() }).unwrap();
        assert_eq!(rendered.document.execution_role(), Some("arn:aws:iam::111111111111:role/x"));
        let notices: Vec<_> = rendered.notices.iter().map(ToString::to_string).collect();
        assert_eq!(
            notices,
            [r#"the container "envpromote-ecs" still has the placeholder "REPLACE_AT_DEPLOY_TIME" as its image"#]
        );
    }
}

#[test]
fn placeholders_that_nobody_fills_are_listed() {
    let (file, text) = VALID[16];
    let error = document(file, text).render(&Rendering::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no value is given for the placeholders {{ecsTaskRoleArn}} at taskRoleArn, \
         {{ecsTaskExecutionRoleArn}} at executionRoleArn, {{command}} at containerDefinitions[0].command[0], \
         {{region}} at containerDefinitions[0].logConfiguration.options.awslogs-region, \
         {{region}} at containerDefinitions[1].logConfiguration.options.awslogs-region"
    );
}

#[test]
fn a_placeholder_outside_a_string_has_its_position() {
    for (file, text) in INVALID {
        let error = Document::parse(text, file).unwrap_err();
        assert_eq!(
            error.to_string(),
            "otel-ec2-sidecar.placeholders:42:9: the placeholder `{{command}}` stands outside a string: write it in \
             quotes, \"{{command}}\", so that the file is JSON before it is filled"
        );
    }
}
