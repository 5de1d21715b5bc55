//! Every kind of mistake, with its place and its remedy.

use proptest::prelude::*;

use crate::config::parse;

use super::values::{FULL, LEAST};

/// The mistakes of the least configuration with one text in the place of another.
pub(super) fn with(from: &str, to: &str) -> String {
    assert!(LEAST.contains(from), "{from}");
    mistakes(&LEAST.replacen(from, to, 1))
}

/// The mistakes of the least configuration with more after it.
pub(super) fn and(more: &str) -> String {
    mistakes(&format!("{LEAST}{more}"))
}

fn mistakes(text: &str) -> String {
    match parse(text, "towpath.toml") {
        Ok(_) => "no mistake".to_owned(),
        Err(mistakes) => mistakes.to_string(),
    }
}

#[test]
fn an_unknown_key_is_shown_with_the_nearest_right_one() {
    insta::assert_snapshot!(with("account =", "acount ="), @"towpath.toml:4:1: environments.dev: unknown key `acount`; did you mean `account`?");
    insta::assert_snapshot!(with("region =", "shoe_size = 1\nregion ="), @"towpath.toml:5:1: environments.dev: unknown key `shoe_size`; known here: `account`, `region`, `role`, `after`, `soak`, `deploy-on`, `components`, `on-cancel`, `drill`, `keep-images`, `scan`, `signed`");
}

#[test]
fn wrong_types_are_named_with_the_way_to_write_it() {
    insta::assert_snapshot!(with("\"111111111111\"", "111111111111"), @r#"towpath.toml:4:11: environments.dev.account: expected a text, found a whole number; put it in quotes: `account = "111111111111"`"#);
    insta::assert_snapshot!(with("app = \"shop\"", "app = [\"shop\"]"), @r#"towpath.toml:2:7: app: expected a text, found a list; write an application name, for example `app = "shop"`"#);
    insta::assert_snapshot!(with("kind =", "allow-empty = \"no\"\nneeds = \"x\"\nkind ="), @r#"
    towpath.toml:7:15: components.api.allow-empty: expected `true` or `false`, found a text; write `true` or `false`, without quotes
    towpath.toml:8:9: components.api.needs: expected a list of texts, found a text; write a list, for example `needs = ["api"]`
    "#);
    insta::assert_snapshot!(with("region =", "deploy-on = { push = \"main\" }\nregion ="), @"towpath.toml:5:13: environments.dev.deploy-on: expected a list of tables, found a table; write a list of tables, each with one of `push`, `tag`, `published`, `dispatch`, `command-line`");
    insta::assert_snapshot!(with("app =", "release = 1\napp ="), @"towpath.toml:2:11: release: expected a table, found a whole number; write it as `[release]`");
    insta::assert_snapshot!(with("app =", "release = { tags = [1] }\napp ="), @r#"towpath.toml:2:21: release.tags[0]: expected a text, found a whole number; write a list, for example `tags = ["v{version}"]`"#);
}

#[test]
fn malformed_values_are_named_with_their_rule() {
    insta::assert_snapshot!(with("\"us-west-2\"", "\"US West\""), @"towpath.toml:5:10: environments.dev.region: `US West` is not a region; use a region's code, for example us-west-2");
    insta::assert_snapshot!(with("[environments.dev]", "[environments.Dev]"), @"towpath.toml:3:15: environments.Dev: `Dev` is not an environment name; use 1 to 63 lowercase letters, digits and hyphens, beginning with a letter");
    insta::assert_snapshot!(with("region =", "role = \"deployer\"\nregion ="), @"towpath.toml:5:8: environments.dev.role: `deployer` is not a role; use `arn:aws:iam::ACCOUNT:role/NAME`");
    insta::assert_snapshot!(with("region =", "role = \"arn:aws:iam::999999999999:role/x\"\nregion ="), @"towpath.toml:5:8: environments.dev.role: the role is in account 999999999999, and the environment in 111111111111; name a role of the environment's account");
    insta::assert_snapshot!(with("cluster = \"shop\"", "cluster = \"shop!{environment}\""), @"towpath.toml:8:11: components.api.cluster: `shop!dev` is not a cluster name; use 1 to 255 letters, digits, hyphens and underscores; not an ARN");
}

#[test]
fn durations_are_more_than_nothing() {
    insta::assert_snapshot!(and("rollout-timeout = \"0s\""), @"towpath.toml:10:19: components.api.rollout-timeout: `0s` is not a duration; use whole numbers with d, h, m or s, the longest unit first, more than nothing and at most 366d, for example 90s, 30m or 1h30m");
    insta::assert_snapshot!(and("rollout-timeout = \"-5m\""), @"towpath.toml:10:19: components.api.rollout-timeout: `-5m` is not a duration; use whole numbers with d, h, m or s, the longest unit first, more than nothing and at most 366d, for example 90s, 30m or 1h30m");
    insta::assert_snapshot!(and("rollout-timeout = 30"), @r#"towpath.toml:10:19: components.api.rollout-timeout: expected a text, found a whole number; write a duration, for example `rollout-timeout = "30m"`"#);
}

#[test]
fn what_is_missing_is_named_where_it_should_be() {
    insta::assert_snapshot!(mistakes(""), @r#"
    towpath.toml:1:1: missing `app`; write an application name, for example `app = "shop"`
    towpath.toml:1:1: missing `environments`; write `[environments.staging]`
    towpath.toml:1:1: missing `components`; write `[components.api]`
    "#);
    insta::assert_snapshot!(mistakes("app = \"shop\"\nenvironments = {}\n[components]\n"), @"
    towpath.toml:2:1: environments: `environments` is empty; write `[environments.staging]`
    towpath.toml:3:2: components: `components` is empty; write `[components.api]`
    ");
    insta::assert_snapshot!(with("cluster = \"shop\"\n", ""), @"towpath.toml:6:13: components.api: missing `cluster` in environment dev; add it here, or under [environments.dev.components.api]");
}

#[test]
fn references_must_lead_somewhere() {
    insta::assert_snapshot!(with("region =", "after = [\"staging\"]\nregion ="), @"towpath.toml:5:10: environments.dev.after[0]: no environment is called `staging`; there is `dev`");
    insta::assert_snapshot!(and("needs = [\"apy\"]"), @"towpath.toml:10:10: components.api.needs[0]: no component is called `apy`; did you mean `api`?");
    insta::assert_snapshot!(and("[environments.dev.components.web]\nservice = \"web\""), @"towpath.toml:10:30: environments.dev.components.web: no component is called `web`; there is `api`");
}

#[test]
fn circles_are_shown() {
    insta::assert_snapshot!(with("region =", "after = [\"dev\"]\nregion ="), @"towpath.toml:5:10: environments.dev.after[0]: goes in a circle: dev -> dev; remove one of them");
    let three = r#"
app = "shop"
[environments]
dev = { account = "111111111111", region = "us-west-2", after = ["production"] }
staging = { account = "222222222222", region = "us-west-2", after = ["dev"] }
production = { account = "333333333333", region = "us-west-2", after = ["staging", "dev"] }
[components]
api = { kind = "service", cluster = "c", service = "api", needs = ["web"] }
web = { kind = "service", cluster = "c", service = "web", needs = ["api"] }
"#;
    insta::assert_snapshot!(mistakes(three), @"
    towpath.toml:5:70: environments.staging.after[0]: goes in a circle: dev -> production -> staging -> dev; remove one of them
    towpath.toml:6:84: environments.production.after[1]: goes in a circle: dev -> production -> dev; remove one of them
    towpath.toml:9:68: components.web.needs[0]: goes in a circle: api -> web -> api; remove one of them
    ");
}

#[test]
fn nothing_is_said_twice() {
    insta::assert_snapshot!(with("app =", "release = { tags = [\"v{version}\", \"v{version}\"] }\napp ="), @"towpath.toml:2:35: release.tags[1]: `v{version}` is listed twice; remove it once");
    insta::assert_snapshot!(with("region =", "deploy-on = [{ dispatch = true }, { dispatch = true }]\nregion ="), @"towpath.toml:5:35: environments.dev.deploy-on[1]: the same trigger is listed twice; remove it once");
    insta::assert_snapshot!(and("[environments.dev]\naccount = \"1\""), @"
    towpath.toml:10:15: duplicate key; name each key and each table once
    towpath.toml:11:1: duplicate key; name each key and each table once
    ");
}

#[test]
fn one_ecs_service_belongs_to_one_component_of_one_environment() {
    insta::assert_snapshot!(and("[components.web]\nkind = \"service\"\ncluster = \"shop\"\nservice = \"api\""), @"towpath.toml:13:11: components.web.service: web in dev is the same ECS service as api in dev: `api` in cluster `shop`; use `{environment}` or `{component}` in a name, or another account or region");
}

#[test]
fn placeholders_are_known_and_in_their_place() {
    insta::assert_snapshot!(with("\"api\"", "\"api-{enviroment}\""), @"towpath.toml:9:11: components.api.service: unknown placeholder `{enviroment}`; did you mean `{environment}`?");
    insta::assert_snapshot!(with("\"api\"", "\"api-{stage}\""), @"towpath.toml:9:11: components.api.service: unknown placeholder `{stage}`; use one of `{environment}`, `{app}`, `{component}`, `{account}`, `{region}`");
    insta::assert_snapshot!(with("\"api\"", "\"api-{version}\""), @"towpath.toml:9:11: components.api.service: placeholder `{version}` is not known here; it is known only in smoke checks (`url`, `json`, `headers`, `contains`), in `variables` and in `build-args`");
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"https://a/{x}\"\njson = { a = [\"{verison}\"] }"), @"
    towpath.toml:11:7: components.api.smoke[0].url: unknown placeholder `{x}`; use one of `{environment}`, `{app}`, `{component}`, `{account}`, `{region}`, `{version}`, `{commit}`
    towpath.toml:12:8: components.api.smoke[0].json: unknown placeholder `{verison}`; did you mean `{version}`?
    ");
}

#[test]
fn smoke_checks_are_possible() {
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"/version\""), @"towpath.toml:11:7: components.api.smoke[0].url: `/version` is not an absolute URL; begin with `https://` or `http://` and a host; no user, password, spaces or fragment");
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"https://a/\"\nmethod = \"HEAD\"\ncontains = \"x\""), @r#"towpath.toml:13:12: components.api.smoke[0].contains: an answer to HEAD has no body; use `method = "GET"`"#);
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"https://a/\"\nmethod = \"POST\"\nstatus = 20"), @"
    towpath.toml:12:10: components.api.smoke[0].method: `POST` is not a method of a smoke check; use `GET` or `HEAD`: a check changes nothing
    towpath.toml:13:10: components.api.smoke[0].status: number out of range; write a whole number from 100 to 599
    ");
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"https://a/\"\ndeadline = \"3s\""), @"towpath.toml:10:1: components.api.smoke[0].attempt-timeout: 5s is longer than the `deadline`, 3s; make the deadline longer, or this shorter");
    insta::assert_snapshot!(and("[[components.api.smoke]]\nurl = \"https://a/\"\njson = { at = 2026-01-01 }\nheaders = { \"a b\" = \"x\" }"), @r#"
    towpath.toml:12:8: components.api.smoke[0].json: holds a value that JSON has not; use texts, numbers, `true`, `false`, lists and tables of these; a date or time goes in quotes
    towpath.toml:13:13: components.api.smoke[0].headers."a b": `a b` is not a header name; use letters, digits and hyphens
    "#);
}

#[test]
fn triggers_are_one_of_their_kinds_and_can_fire() {
    let deploy_on = |rules: &str| with("region =", &format!("deploy-on = {rules}\nregion ="));
    insta::assert_snapshot!(deploy_on("[]"), @"towpath.toml:5:13: environments.dev.deploy-on: an empty list lets nothing deploy here; list a trigger, or leave the key out for the default");
    insta::assert_snapshot!(deploy_on("[{ pusch = \"main\" }, { branch = \"main\" }, \"push\"]"), @"
    towpath.toml:5:14: environments.dev.deploy-on[0]: names no trigger; did you mean `push`?
    towpath.toml:5:34: environments.dev.deploy-on[1]: names no trigger; write one of `push`, `tag`, `published`, `dispatch`, `command-line`
    towpath.toml:5:55: environments.dev.deploy-on[2]: expected a table, found a text; write a list of tables, each with one of `push`, `tag`, `published`, `dispatch`, `command-line`
    ");
    insta::assert_snapshot!(deploy_on("[{ push = \"main\", tag = \"v{version}\" }]"), @"towpath.toml:5:14: environments.dev.deploy-on[0]: names more than one trigger; write one table for each");
    insta::assert_snapshot!(deploy_on("[{ tag = \"v{version}-stable\" }, { tag = \"v1\", paths = [] }]"), @"
    towpath.toml:5:22: environments.dev.deploy-on[0].tag: no tag of the form `v{version}-stable` makes a release; add it to `tags` under [release]
    towpath.toml:5:53: environments.dev.deploy-on[1].tag: `v1` is not a tag pattern; use `{version}` exactly once, for example `v{version}-stable`; `{version}-{prerelease}` for pre-releases
    towpath.toml:5:59: environments.dev.deploy-on[1]: unknown key `paths`; known here: `tag`, `from`, `same-commit-as`
    ");
    insta::assert_snapshot!(deploy_on("[{ dispatch = false }]"), @"towpath.toml:5:27: environments.dev.deploy-on[0].dispatch: `false` says nothing; leave the entry out: what is not listed may not deploy");
    insta::assert_snapshot!(deploy_on("[{ push = \"main\", paths = [\"/backend\"] }]"), @"towpath.toml:5:40: environments.dev.deploy-on[0].paths[0]: `/backend` is not a glob over paths; write it from the repository's root, without a leading `/`, `./` or `!`, brackets closed, for example `backend/**`");
}

#[test]
fn soak_time_needs_somewhere_to_serve_first() {
    insta::assert_snapshot!(with("region =", "soak = \"30m\"\nregion ="), @"towpath.toml:5:8: environments.dev.soak: there is nowhere to serve first: `after` names no environment; add `after`, or remove `soak`");
}

#[test]
fn an_environments_repository_agrees_with_the_components() {
    insta::assert_snapshot!(and("image = { repository = \"shop-api\" }\nrepository = \"ghcr.io/acme/other-shop-api\""), @"towpath.toml:11:14: components.api.repository: `ghcr.io/acme/other-shop-api` does not end with `shop-api`, the component's `image.repository`; make them agree, or remove `image.repository`");
}

#[test]
fn what_a_later_version_does_is_not_ignored_silently() {
    insta::assert_snapshot!(with("app =", "ledger = \"s3://shop/towpath\"\napp ="), @"towpath.toml:2:10: ledger: `s3://shop/towpath` is not a ledger that this version supports; use `file:PATH`: ledgers in S3 come with a later version, and nothing would be kept there");
    insta::assert_snapshot!(with("region =", "freeze = []\napproval = { environment = \"production\" }\nregion ="), @"
    towpath.toml:5:1: environments.dev.freeze: `freeze` is not supported in this version; remove it: no freeze window would be kept, and Towpath ignores nothing silently
    towpath.toml:6:1: environments.dev.approval: `approval` is not supported in this version; remove it: no approval would be asked for, and Towpath ignores nothing silently
    ");
    insta::assert_snapshot!(and("image = { repository = \"shop-api\" }\nmigrate = { command = [\"x\"] }"), @"
    towpath.toml:11:1: components.api.migrate: `migrate` is not supported in this version; remove it: no migration would be run, and Towpath ignores nothing silently
    ");
}

#[test]
fn broken_toml_is_shown_with_its_place() {
    insta::assert_snapshot!(mistakes("app = shop\n[environments.dev\n"), @"
    towpath.toml:1:7: string values must be quoted, expected literal string; correct the TOML here: https://toml.io
    towpath.toml:2:18: unclosed table, expected `]`; correct the TOML here: https://toml.io
    ");
}

#[test]
fn all_mistakes_are_reported_at_once_and_in_the_order_of_the_file() {
    let text = FULL
        .replace("region =", "regoin =")
        .replace("\"1h30m\"", "\"soon\"")
        .replace("kind = \"service\"", "kind = \"lambda\"");
    insta::assert_snapshot!(mistakes(&text), @"
    towpath.toml:11:1: build: unknown key `regoin`; did you mean `region`?
    towpath.toml:20:1: environments.dev: unknown key `regoin`; did you mean `region`?
    towpath.toml:26:1: environments.production: unknown key `regoin`; did you mean `region`?
    towpath.toml:28:8: environments.production.soak: `soon` is not a duration; use whole numbers with d, h, m or s, the longest unit first, more than nothing and at most 366d, for example 90s, 30m or 1h30m
    towpath.toml:60:8: components.api.kind: `lambda` is not a kind of component; use `service` or `site`
    towpath.toml:112:8: components.worker.kind: `lambda` is not a kind of component; use `service` or `site`
    ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}a-z=.\"\n 0-9é-]{0,80}") {
        prop_assert!(parse(&text, "f").is_err());
    }

    #[test]
    fn no_change_of_one_place_makes_it_panic(at in 0..FULL.len(), with in "[\\[\\]{}a-z=.\"\n 0-9é-]{0,3}") {
        let parts = FULL.get(..at).zip(FULL.get(at + 1..));
        let text = parts.map(|(before, after)| format!("{before}{with}{after}")).unwrap_or_default();
        if let Err(mistakes) = parse(&text, "f") {
            prop_assert!(!mistakes.as_slice().is_empty());
        }
    }
}

#[test]
fn what_is_built_must_be_published_and_what_is_not_has_no_recipe() {
    insta::assert_snapshot!(with("kind =", "image = { context = \".\" }\nkind ="), @"towpath.toml:7:21: components.api.image.context: what is built here is published nowhere; add `repository` beside it");
    insta::assert_snapshot!(with("kind =", "image = { repository = \"shop\", platforms = [\"linux/arm64\"] }\nkind ="), @"towpath.toml:7:32: components.api.image.platforms: nothing is built without `context`; add `context`, or remove this");
}

#[test]
fn an_image_is_built_once_for_every_environment_and_keeps_no_secret() {
    let image =
        |more: &str| with("kind =", &format!("image = {{ repository = \"shop\", context = \".\", {more} }}\nkind ="));
    insta::assert_snapshot!(image("build-args = { STAGE = \"{environment}\" }"), @"towpath.toml:7:70: components.api.image.build-args.STAGE: placeholder `{environment}` is not known here; an image is built once, for every environment: give it in the task definition");
    insta::assert_snapshot!(image("build-args = { NPM_TOKEN = \"x\" }"), @"towpath.toml:7:62: components.api.image.build-args.NPM_TOKEN: `NPM_TOKEN` is not a build argument that everybody may read; build arguments stay readable in the image: use `secrets` with `RUN --mount=type=secret`");
    insta::assert_snapshot!(image("build-args = { VERSION = \"1\" }"), @"towpath.toml:7:62: components.api.image.build-args.VERSION: `VERSION` is not a build argument of one's own; remove it: Towpath gives it its value");
    insta::assert_snapshot!(image("secrets = { npm = \"NPM TOKEN\" }"), @"towpath.toml:7:65: components.api.image.secrets.npm: `NPM TOKEN` is not an environment variable's name; use letters, digits and underscores, not beginning with a digit");
    insta::assert_snapshot!(image("secrets = { \"npm,src=/etc/passwd\" = \"NPM\" }"), @r#"towpath.toml:7:59: components.api.image.secrets."npm,src=/etc/passwd": `npm,src=/etc/passwd` is not a secret's id; use 1 to 63 letters, digits, dots, hyphens and underscores, beginning with a letter or digit"#);
}

#[test]
fn tags_that_stay_are_of_one_build() {
    let image =
        |more: &str| with("kind =", &format!("image = {{ repository = \"shop\", context = \".\", {more} }}\nkind ="));
    insta::assert_snapshot!(image("tags = [\"latest\"]"), @"towpath.toml:7:55: components.api.image.tags[0]: `latest` would be the tag of more than one build; add `{sha}`, `{sha7}` or `{version}` to it, or move it to `moving-tags`");
    insta::assert_snapshot!(image("tags = [\"{sah}\"]"), @"towpath.toml:7:55: components.api.image.tags[0]: `{sah}` is not a form of image tags; use letters, digits, dots, hyphens and underscores with `{sha}`, `{sha7}`, `{branch}`, `{version}` or `{component}`, for example `{branch}-latest`");
    insta::assert_snapshot!(image("platforms = [\"linux\"]"), @"towpath.toml:7:60: components.api.image.platforms[0]: `linux` is not a platform; use `OS/ARCHITECTURE`, for example `linux/arm64`");
}

#[test]
fn images_are_published_in_the_account_of_the_role() {
    insta::assert_snapshot!(and("[build]\nrole = \"arn:aws:iam::222222222222:role/x\""), @"towpath.toml:11:8: build.role: the role is in account 222222222222, and images are published in 111111111111; name a role of that account");
    insta::assert_snapshot!(and("[build]\ntool = \"kaniko\"\nparallel = 0\npull-from = [\"ghcr.io/a/b\"]"), @"
    towpath.toml:11:8: build.tool: `kaniko` is not a program that builds images; use `docker-buildx`, `docker`, `podman` or `buildah`
    towpath.toml:12:12: build.parallel: number out of range; write a whole number from 1 to 16
    towpath.toml:13:14: build.pull-from[0]: `ghcr.io/a/b` is not an ECR repository; use a private ECR repository with its registry, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`
    ");
}

#[test]
fn a_tag_is_held_against_another_form_that_makes_releases() {
    let rule = |before: &str| {
        let rule = format!("deploy-on = [{{ tag = \"v{{version}}\", same-commit-as = \"{before}\" }}]\nregion =");
        with("region =", &rule)
    };
    insta::assert_snapshot!(rule("v{version}"), @"towpath.toml:5:53: environments.dev.deploy-on[0].same-commit-as: a tag is always on its own commit; name the form of another tag");
    insta::assert_snapshot!(rule("rc-{version}"), @"towpath.toml:5:53: environments.dev.deploy-on[0].same-commit-as: no tag of the form `rc-{version}` makes a release; add it to `tags` under [release]");
}

#[test]
fn what_is_allowed_has_an_end_and_is_looked_at_somewhere() {
    let entry = "id = \"CVE-1\"\nreason = \"not reachable\"\nexpires = \"2026-12-31\"\n";
    let everywhere = |entry: &str| and(&format!("[environments.dev.scan]\n[[scan.allow]]\n{entry}"));
    assert_eq!(everywhere(entry), "no mistake");
    insta::assert_snapshot!(everywhere(&entry.replace("expires = \"2026-12-31\"\n", "")), @r#"towpath.toml:11:1: scan.allow[0]: missing `expires`; write a date, for example `expires = "2026-12-31"`"#);
    insta::assert_snapshot!(everywhere(&entry.replace("2026-12-31", "2026-02-30")), @"towpath.toml:14:11: scan.allow[0].expires: `2026-02-30` is not a date; use a day that exists, for example `2026-12-31`");
    insta::assert_snapshot!(everywhere(&entry.replace("not reachable", "-")), @"towpath.toml:13:10: scan.allow[0].reason: `-` is not a reason; say why in a sentence, on one line and at most 500 characters");
    insta::assert_snapshot!(and(&format!("[[scan.allow]]\n{entry}")), @"towpath.toml:10:3: scan: no environment looks at scans; add `[environments.NAME.scan]` where images must have been scanned, or remove this");
    insta::assert_snapshot!(and("[environments.dev.scan]\nwait = \"5m\"\n"), @r#"towpath.toml:11:8: environments.dev.scan.wait: only a scan of ECR's is waited for; remove it, or add `from = "ecr"`"#);
    insta::assert_snapshot!(and("[build.scan]\nfrom = \"trivy\"\n"), @"towpath.toml:11:8: build.scan.from: no version of trivy is pinned; add `[scan.trivy]` with the `version` that may be run");
    insta::assert_snapshot!(and("[scan.trivy]\nversion = \"v0.68\"\nsha256 = \"00\"\n"), @"
    towpath.toml:11:11: scan.trivy.version: `v0.68` is not a version; use semantic versioning without a leading `v` and without build metadata, for example 1.4.0 or 1.4.0-rc.1
    towpath.toml:12:10: scan.trivy.sha256: `00` is not a SHA-256 hash; use 64 lowercase hexadecimal digits
    ");
    insta::assert_snapshot!(and("[environments.dev.scan]\nmaximum = { critical = -1, severe = 2 }\nfrom = \"trivy\"\n"), @"
    towpath.toml:11:24: environments.dev.scan.maximum.critical: number out of range; write a whole number from 0 to 100000
    towpath.toml:11:28: environments.dev.scan.maximum: unknown key `severe`; known here: `critical`, `high`, `medium`, `low`, `negligible`, `unknown`
    towpath.toml:12:8: environments.dev.scan.from: `trivy` is not where findings come from; use `reports` or `ecr`
    ");
}
