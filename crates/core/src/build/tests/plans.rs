//! What is built of which configuration.

use std::collections::BTreeSet;

use crate::{
    build::{BuildPlan, Checkout},
    config::{Application, parse},
};

const HEAD: &str = r#"
app = "shop"
[environments.dev]
account = "111111111111"
region = "us-west-2"
"#;

fn application(components: &str) -> Application {
    match parse(&format!("{HEAD}{components}"), "towpath.toml") {
        Ok(application) => application,
        Err(mistakes) => panic!("{mistakes}"),
    }
}

fn component(name: &str, image: &str) -> String {
    format!(
        "[components.{name}]\nkind = \"service\"\ncluster = \"shop\"\nservice = \"{name}\"\nimage = {{ {image} }}\n"
    )
}

fn checkout(branch: Option<&str>) -> Checkout {
    Checkout {
        version: "1.4.0".parse().unwrap(),
        commit: "0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8".parse().unwrap(),
        committed_at: "2026-03-02T12:00:00Z".parse().unwrap(),
        branch: branch.map(|branch| branch.parse().unwrap()),
        source: None,
    }
}

fn plan(components: &str, branch: Option<&str>) -> Result<BuildPlan, String> {
    let plan = BuildPlan::new(&application(components), checkout(branch), &BTreeSet::new());
    plan.map_err(|error| error.to_string())
}

/// What of a plan matters here, a line a component.
fn lines(plan: &BuildPlan) -> String {
    let line = |build: &crate::build::ComponentBuild| {
        let request = &build.request;
        let texts =
            |all: &[crate::identifier::TagName]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let arguments: Vec<String> = request.arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{} {} {} -> {} tags {} moving {} args {}",
            request.component,
            request.context,
            request.dockerfile,
            build.repository,
            texts(&build.tags),
            texts(&build.moving_tags),
            arguments.join(" ")
        )
    };
    plan.components.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_component_has_its_own_dockerfile_and_suffix_in_one_repository() {
    let web = component("web", r#"repository = "shop", context = ".", tags = ["{version}"], moving-tags = ["latest"]"#);
    let worker = component(
        "worker",
        r#"repository = "shop", context = ".", dockerfile = "workers/Dockerfile", tags = ["{version}-{component}"], build-args = { ROLE = "{component}-{commit}" }"#,
    );
    let plan = plan(&format!("{web}{worker}"), Some("main")).unwrap();
    insta::assert_snapshot!(lines(&plan), @"
    web . Dockerfile -> 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop tags 1.4.0 moving latest args GIT_SHA=0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8 VERSION=1.4.0
    worker . workers/Dockerfile -> 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop tags 1.4.0-worker moving  args GIT_SHA=0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8 ROLE=worker-0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8 VERSION=1.4.0
    ");
}

#[test]
fn one_tag_for_two_images_is_refused() {
    let both = ["web", "worker"].map(|name| component(name, r#"repository = "shop", context = ".""#));
    let refused = plan(&both.concat(), None).unwrap_err();
    insta::assert_snapshot!(refused, @"nothing can be built: `web` and `worker` would both be 111111111111.dkr.ecr.us-west-2.amazonaws.com/shop:0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8");
    let itself = component("web", r#"repository = "shop", context = ".", tags = ["{sha7}"], moving-tags = ["{sha7}"]"#);
    assert!(plan(&itself, None).unwrap_err().contains("`web` and `web`"));
}

#[test]
fn a_component_is_built_or_given() {
    let built = component("web", r#"repository = "web", context = ".""#);
    let other = component("proxy", r#"repository = "proxy""#);
    let application = application(&format!("{built}{other}"));
    let error = BuildPlan::new(&application, checkout(None), &BTreeSet::new()).unwrap_err();
    assert!(error.to_string().contains("`proxy` has no `image.context`"), "{error}");
    let given = BTreeSet::from(["proxy".parse().unwrap()]);
    let plan = BuildPlan::new(&application, checkout(None), &given).unwrap();
    assert_eq!(plan.components.len(), 1);
}

#[test]
fn a_tag_that_needs_a_branch_is_left_out_where_none_is_known() {
    let web = component("web", r#"repository = "web", context = ".", tags = ["{branch}-{sha7}", "{sha}"]"#);
    let (on, off) = (plan(&web, Some("main")).unwrap(), plan(&web, None).unwrap());
    assert_eq!((on.components[0].tags.len(), on.components[0].without_branch.len()), (2, 0));
    assert_eq!((off.components[0].tags.len(), off.components[0].without_branch.len()), (1, 1));
}
